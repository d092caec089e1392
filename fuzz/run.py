#!/usr/bin/env python3
"""Replays the kept corpora, then fuzzes from them and from seeds made of the shipped fixtures.

    fuzz/run.py --runs 6000                    the same inputs each time: what the tests run
    fuzz/run.py --seconds 1800 [--jobs 2]      new ones each time: what the soak runs
                [--strict] [--build build/fuzz/fuzz]

What is kept must also convert without an undeclared loss; what is found anew must so only with --strict. A crash, a hang
(10 s an input) or more than 2 GB ends it with the input kept in build/fuzz-findings; a fixed one belongs in fuzz/corpus/
with a telling name. The targets: readers, writers and proofs (fuzz_all), packages, models and libraries, requests to a server, what happens
before a network, image decoders and run-length masks;
each says below how its share compares with the first one's.
"""
import argparse
import os
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SEED_LIMIT = 60_000  # bytes; larger fixtures teach a fuzzer little


def packed(folder, only=lambda path: True):
    """A folder in the form that the target takes: two bytes of choices, then "@@ path" and the file's bytes."""
    out = bytearray(b"\x00\x00")
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and only(p)):
        out += b"@@ " + str(path.relative_to(folder)).encode() + b"\n" + path.read_bytes()
    return bytes(out)


def sample_subset(folder, stems):
    """A few images of the sample with their labels, so that a seed stays small."""
    return packed(folder, lambda p: p.suffix == ".yaml" or p.stem in stems)


def make_seeds(target):
    seeds = []
    for case in sorted(ROOT.glob("tests/fixtures/*/*")):
        if case.is_dir():
            seeds.append((f"{case.parent.name}-{case.name}", packed(case)))
    for sample in sorted((ROOT / "samples").glob("street*")):
        if not sample.is_dir():
            continue
        stems = sorted(p.stem for p in sample.rglob("*.jpg"))
        random.Random(1).shuffle(stems)
        seeds.append((sample.name, sample_subset(sample, set(stems[:4]))))
        for document in sample.rglob("*.json"):
            seeds.append((f"{sample.name}-document", b"\x01\x00" + document.read_bytes()))
    for name, data in seeds:
        if len(data) <= SEED_LIMIT:
            (target / name).write_bytes(data)
    return len(list(target.iterdir()))


def targets(work):
    """Name, share of the time, runs for each of the first one's, longest input, dictionary or not, folders of inputs."""
    kept = ROOT / "fuzz"
    return [
        ("fuzz_masks", 1 / 6, 10, 600, False, []),
        ("fuzz_models", 1 / 6, 6, 16384, False, [kept / "models"]),
        ("fuzz_requests", 1 / 6, 6, 4096, False, [kept / "requests"]),
        ("fuzz_preprocess", 1 / 12, 2, 300, False, []),
        ("fuzz_images", 1 / 6, 3, 8192, False, [kept / "images"]),
        ("fuzz_packages", 1 / 3, 6, 65536, True, [kept / "packages"]),
        ("fuzz_all", 1, 1, 65536, True, [kept / "corpus", work / "seeds"]),
    ]


def fuzz(program, chosen, common, share, runs, longest, words, folders, work, environment):
    """One target, until its runs or its seconds are over. Gives its exit status."""
    flags = [*common, f"-max_len={longest}", *([f"-dict={ROOT / 'fuzz/words.dict'}"] if words else [])]
    grown = work / f"grown-{program.name}"
    grown.mkdir()
    if chosen.runs:
        inputs = work / f"inputs-{program.name}"  # by name: the order of a folder is not the same everywhere
        inputs.write_text(",".join(str(p) for folder in folders for p in sorted(folder.iterdir()) if p.is_file()))
        flags += ["-seed=1", f"-runs={chosen.runs * runs}", *([f"-seed_inputs=@{inputs}"] if folders else []), str(grown)]
    else:
        forked = [f"-fork={chosen.jobs}"] if program.name == "fuzz_all" else []
        flags += [f"-max_total_time={max(1, round(chosen.seconds * share))}", *forked, str(grown), *map(str, folders)]
    return subprocess.run([program, *flags], env=environment).returncode


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=0)
    arguments.add_argument("--seconds", type=int, default=0)
    arguments.add_argument("--build", type=pathlib.Path, default=ROOT / "build/fuzz/fuzz")
    arguments.add_argument("--jobs", type=int, default=1)
    arguments.add_argument("--strict", action="store_true")
    chosen = arguments.parse_args()
    kept = sorted(p for p in (ROOT / "fuzz/corpus").glob("*") if p.is_file())
    findings = ROOT / "build/fuzz-findings"
    findings.mkdir(parents=True, exist_ok=True)
    common = ["-timeout=10", "-rss_limit_mb=2048", "-verbosity=0", f"-artifact_prefix={findings}/"]

    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        seeds = work / "seeds"
        seeds.mkdir()
        print(f"{len(kept)} kept inputs, {make_seeds(seeds)} seeds", flush=True)
        strict = dict(os.environ, VETSET_FUZZ_STRICT="1")
        replayed = [str(p) for p in kept + sorted(seeds.iterdir())]
        if subprocess.run([chosen.build / "fuzz_all", *common, *replayed], env=strict).returncode != 0:
            return 1
        if not chosen.runs and not chosen.seconds:
            return 0
        for name, *how in targets(work):
            if fuzz(chosen.build / name, chosen, common, *how, work, strict if chosen.strict else None) != 0:
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
