#!/usr/bin/env python3
"""Every real dataset into every format: proved, or refused by name; and back again, where it was proved exact.

    VETSET=build/release/vetset VETSET_DATA=... tests/judges/all_pairs.py [--verbose]

The counts that a proof says are held to those that independent scripts found. An undeclared loss (exit 3) or a failure
(exit 2) is a failure here. Prints a line a dataset and `N passed, N failed`.
"""
import concurrent.futures
import json
import pathlib
import sys
import tempfile

from judging import DATA, VETSET, run


# path below the data, images and objects as counted by the scripts beside the data; None: not counted there
SETS = {
    "bccd": (364, 4888),
    "bccd/test.csv": (None, 4888),
    "raccoon": (200, 217),
    "raccoon/data/raccoon_labels.csv": (200, 217),
    "rice-pest": (253, 367),
    "cells-yolo": (38, 3947),
    "chess-coco": (87, 762),
    "sign-digits": (603, 603),
    "clothing": (362, 362),
    "dota-sample": (None, 4),
    "coco-eval/instances_val2014_100.json": (100, 839),
    "coco-eval/instances_val2014_fakebbox100_results.json": (99, 734),
    "snippets/gluoncv-741-zero-origin.xml": (None, None),
    "snippets/mmdetection-804-no-area.json": (None, None),
}
# What the other format of one dataset must be, and how `diff` may answer: 0 equal, 1 with the difference named.
TWINS = [("bccd", "bccd/test.csv"), ("raccoon", "raccoon/data/raccoon_labels.csv")]


def one(source, target, folder):
    """What became of a dataset in a format: the word for it and, where it went wrong, why."""
    out = folder / f"{source.replace('/', '_')}-{target}"
    done = run(VETSET, "convert", DATA / source, out, "--to", target, "--accept", "all", "--images", "none", "--json")
    if done.returncode == 1 and not done.stdout and done.stderr.startswith("vetset: "):
        return "refused", None, done.stderr.strip()
    if done.returncode not in (0, 1) or not done.stdout:
        return "failed", None, f"exit {done.returncode}: {done.stderr.strip() or done.stdout[-300:]}"
    proof = json.loads(done.stdout)
    if done.returncode == 1:
        return "failed", proof, f"'{proof['verdict']}' after --accept all"
    images, objects = SETS[source]
    for what, wanted in (("images", images), ("annotations", objects)):
        if wanted is not None and proof["before"][what] != wanted:
            return "failed", proof, f"{proof['before'][what]} {what}, expected {wanted}"
    if proof["verdict"] not in ("exact", "declared"):
        return "failed", proof, f"verdict {proof['verdict']}"
    return proof["verdict"], proof, ""


def main():
    verbose = "--verbose" in sys.argv
    if not DATA.is_dir():
        print(f"skipped {len(SETS)}: VETSET_DATA")
        return 0
    targets = [f["id"] for f in json.loads(run(VETSET, "formats", "--json").stdout)]
    passed = failed = 0
    with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ThreadPoolExecutor(2) as pool:
        folder = pathlib.Path(scratch)
        futures = {(s, t): pool.submit(one, s, t, folder) for s in SETS for t in targets}
        for source in SETS:
            words = []
            for target in targets:
                verdict, _, why = futures[source, target].result()
                if verdict == "failed":
                    failed += 1
                    print(f"FAIL {source} → {target}: {why}")
                    continue
                passed += 1
                words.append(f"{target} {verdict}")
                if verbose and why:
                    print(f"     {source} → {target}: {why}")
            print(f"ok   {source}: {', '.join(words)}", flush=True)
    for a, b in TWINS:
        done = run(VETSET, "diff", DATA / a, DATA / b, "--no-images")
        named = done.returncode == 0 or (done.returncode == 1 and done.stdout.count("\n") > 3)
        passed, failed = passed + named, failed + (not named)
        print(f"{'ok  ' if named else 'FAIL'} diff {a} {b}: {'equal' if done.returncode == 0 else 'differs'}", done.stderr.strip())
        if verbose:
            print(done.stdout)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
