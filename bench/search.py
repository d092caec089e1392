#!/usr/bin/env python3
"""Measures the exact search for near fingerprints: CPU seconds and peak memory by size, radius, threads and kernel.

    python bench/search.py                     a million codes
    python bench/search.py --counts 10000000 --radii 31 --kernels avx512     ten million: minutes, and about 1 GB

Builds bench/search/search.cpp with g++ and the sources of the search. Codes are random but for a tenth that have a near copy.
"""
import argparse
import os
import platform
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def build(folder: Path) -> Path:
    program = folder / "search"
    sources = [ROOT / "bench/search/search.cpp", *sorted((ROOT / "vetset/scan").glob("neighbours*.cpp")),
               ROOT / "vetset/base/pool.cpp", ROOT / "vetset/base/result.cpp"]
    subprocess.run(["g++", "-std=c++20", "-O2", "-march=x86-64-v2", f"-I{ROOT}", "-o", program, *sources, "-lpthread"], check=True)
    return program


def measure(program: Path, *arguments: str) -> tuple[list[str], float] | None:
    """What it prints, and its peak in MB; nothing where the processor lacks the kernel."""
    child = subprocess.Popen([program, *arguments], stdout=subprocess.PIPE, text=True)
    text = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode == 3:
        return None
    if child.returncode != 0:
        raise SystemExit(f"search {' '.join(arguments)} ended with {child.returncode}")
    return text.split(), usage.ru_maxrss / 1024


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--counts", default="100000,1000000")
    options.add_argument("--radii", default="31,47")
    options.add_argument("--threads", default="1,2")
    options.add_argument("--kernels", default="avx512,avx2,plain")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program = build(Path(folder))
        print(f"{platform.machine()}, {os.cpu_count()} processors\n")
        print("| codes | radius | threads | kernel | pairs | hubs | CPU s | peak MB |\n|--:|--:|--:|---|--:|--:|--:|--:|")
        for count in chosen.counts.split(","):
            for radius in chosen.radii.split(","):
                for kernel in chosen.kernels.split(","):
                    for threads in chosen.threads.split(","):
                        if found := measure(program, count, radius, threads, kernel):
                            (pairs, hubs, cpu), peak = found
                            print(f"| {count} | {radius} | {threads} | {kernel} | {pairs} | {hubs} | {cpu} | {peak:.0f} |", flush=True)


if __name__ == "__main__":
    main()
