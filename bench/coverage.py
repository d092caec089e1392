#!/usr/bin/env python3
"""Measures what coverage costs: t-way combinations of many images, and neighbours in embeddings. CPU seconds, peak memory.

    python bench/coverage.py                                      a million images, 12 factors of 6 levels, t = 1 to 3
    python bench/coverage.py --images '' --neighbours 20000,100000

Builds bench/coverage/coverage.cpp with g++ and the sources that it needs.
"""
import argparse
import os
import platform
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("check/contract_tuples", "dataset/nearest_embedded", "dataset/embedding_distances", "base/pool", "base/result")


def measure(program, *arguments):
    """What it prints, and its peak in MB."""
    child = subprocess.Popen([program, *map(str, arguments)], stdout=subprocess.PIPE, text=True)
    text = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"coverage {' '.join(map(str, arguments))} ended with {child.returncode}")
    return text.split(), usage.ru_maxrss / 1024


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--images", default="1000000")
    options.add_argument("--factors", type=int, default=12)
    options.add_argument("--levels", type=int, default=6)
    options.add_argument("--neighbours", default="20000", help="images of 512 numbers")
    chosen = options.parse_args()
    numbers = lambda text: [int(n) for n in text.split(",") if n]
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "coverage"
        subprocess.run(["g++", "-std=c++20", "-O2", "-march=x86-64-v2", "-ffp-contract=off", f"-I{ROOT}", "-o", program, ROOT / "bench/coverage/coverage.cpp",
                        *(ROOT / "vetset" / f"{s}.cpp" for s in SOURCES), "-lpthread"], check=True)
        print(f"{platform.machine()}, {os.cpu_count()} processors\n\n| images | factors | t | combinations seen | of | CPU s | peak MB |\n|--:|--:|--:|--:|--:|--:|--:|")
        for images in numbers(chosen.images):
            for strength in (1, 2, 3):
                (covered, valid, cpu), peak = measure(program, "tuples", images, chosen.factors, chosen.levels, strength)
                print(f"| {images:,} | {chosen.factors} × {chosen.levels} | {strength} | {covered} | {valid} | {cpu} | {peak:.0f} |", flush=True)
        print("\n| images, 512 numbers | million pairs a CPU second | CPU s | peak MB |\n|--:|--:|--:|--:|")
        for images in numbers(chosen.neighbours):
            (_, pairs, cpu), peak = measure(program, "neighbours", images, 512, 1)
            print(f"| {images:,} | {pairs} | {cpu} | {peak:.0f} |", flush=True)


if __name__ == "__main__":
    main()
