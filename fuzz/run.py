#!/usr/bin/env python3
"""Replays the kept corpora, then fuzzes for a while from them and from seeds made of the shipped fixtures.

    fuzz/run.py --seconds 60 [--program build/fuzz/fuzz/fuzz_all] [--jobs 2] [--strict]

What is kept must also convert without an undeclared loss; what is found anew must so only with --strict, since a timed run finds
something else on every machine. A crash, a hang (10 s an input) or more than 2 GB ends it with the input kept in build/fuzz-findings; a fixed one belongs
in fuzz/corpus/ with a telling name. Run-length masks and image decoders have targets of their own, which get a sixth of the
time each, and packages one that gets a third; the decoders begin with the pictures of fuzz/images, packages with fuzz/packages.
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


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seconds", type=int, default=60)
    arguments.add_argument("--program", default=str(ROOT / "build/fuzz/fuzz/fuzz_all"))
    arguments.add_argument("--jobs", type=int, default=1)
    arguments.add_argument("--strict", action="store_true")
    chosen = arguments.parse_args()
    kept = sorted(p for p in (ROOT / "fuzz/corpus").glob("*") if p.is_file())
    findings = ROOT / "build/fuzz-findings"
    findings.mkdir(parents=True, exist_ok=True)
    common = ["-timeout=10", "-rss_limit_mb=2048", f"-artifact_prefix={findings}/"]

    with tempfile.TemporaryDirectory() as work:
        seeds = pathlib.Path(work) / "seeds"
        grown = pathlib.Path(work) / "grown"
        seeds.mkdir()
        grown.mkdir()
        print(f"{len(kept)} kept inputs, {make_seeds(seeds)} seeds", flush=True)
        replayed = [str(p) for p in kept + sorted(seeds.iterdir())]
        strict = dict(os.environ, VETSET_FUZZ_STRICT="1")
        if replayed and subprocess.run([chosen.program, *common, *replayed], env=strict).returncode != 0:
            return 1
        if chosen.seconds == 0:
            return 0
        masks = pathlib.Path(chosen.program).with_name("fuzz_masks")
        if subprocess.run([masks, *common, f"-max_total_time={max(1, chosen.seconds // 6)}", "-max_len=600"]).returncode != 0:
            return 1
        images = pathlib.Path(chosen.program).with_name("fuzz_images")
        pictures = pathlib.Path(work) / "pictures"
        pictures.mkdir()
        if subprocess.run([images, *common, f"-max_total_time={max(1, chosen.seconds // 6)}", "-max_len=8192", str(pictures),
                           str(ROOT / "fuzz/images")]).returncode != 0:
            return 1
        parcels = pathlib.Path(work) / "parcels"
        parcels.mkdir()
        sent = pathlib.Path(chosen.program).with_name("fuzz_packages")
        if subprocess.run([sent, *common, f"-max_total_time={max(1, chosen.seconds // 3)}", "-max_len=65536",
                           f"-dict={ROOT / 'fuzz/words.dict'}", str(parcels), str(ROOT / "fuzz/packages")]).returncode != 0:
            return 1
        return subprocess.run([
            chosen.program, *common, f"-max_total_time={chosen.seconds}", "-max_len=65536", f"-fork={chosen.jobs}",
            "-print_final_stats=1", f"-dict={ROOT / 'fuzz/words.dict'}", str(grown), str(seeds), str(ROOT / "fuzz/corpus"),
        ], env=strict if chosen.strict else None).returncode


if __name__ == "__main__":
    sys.exit(main())
