#!/usr/bin/env python3
"""Runs every test there is, stage by stage, and says how each went.

    tests/run.py                 all stages (make test)
    tests/run.py --soak          the long form of those that have one (make soak)
    tests/run.py --only a,b      some stages; --list names them

A stage is a command that exits 0. Its output goes to build/test-logs/<stage>.log and is shown where it fails.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv/bin/python"
JOBS = str(os.cpu_count() or 2)
LOGS = ROOT / "build/test-logs"


def configure(preset):
    return f"cmake --preset {preset} -DPython_EXECUTABLE={PYTHON}"


def build(preset, *targets):
    wanted = "".join(f" --target {t}" for t in targets)
    return f"{configure(preset)} && cmake --build build/{preset} -j {JOBS}{wanted}"


def module():
    """The Python module beside the release build."""
    return f"{configure('release')} -DVETSET_PYTHON=ON && cmake --build build/release -j {JOBS} --target _core"


def stages(soak):
    """Name, what it shows, shell command. In the order of how soon a mistake would show."""
    laws = "10000" if soak else "1000"
    fuzz_seconds = "1800" if soak else "60"
    release = "build/release/vetset"
    judges = ".venv-judges/bin/python"
    return [
        ("format", "the code is formatted",
         f"git ls-files '*.cpp' '*.h' | xargs {ROOT}/.venv/bin/clang-format --dry-run -Werror"),
        ("layers", "rooms include only what they may; the table of quirks is that of the code",
         f"{PYTHON} tests/layers.py && {PYTHON} tests/metrics_page.py"),
        ("release", "C++ tests as users run the code, laws over random datasets",
         f"{build('release')} && VETSET_LAW_SEEDS={laws} build/release/vetset_tests"),
        ("pages", "every page's commands print what the page says", f"VETSET={release} {PYTHON} tests/pages.py"),
        ("program", "the program from outside: exit codes, interruption, terminals",
         f"VETSET={release} {PYTHON} -m pytest -q tests/program"),
        ("known-flaws", "counts and known flaws of real datasets", f"VETSET={release} {PYTHON} tests/judges/known_flaws.py"),
        ("identity", "an independent twin recomputes the identities", f"VETSET={release} {PYTHON} tests/judges/identity_judge.py"),
        ("package-judge", "openssl, sha256sum and cosign agree with a seal", f"VETSET={release} {PYTHON} tests/judges/package_judge.py"),
        ("pack", "pyarrow, DuckDB, pandas and Polars read the tables of packages; a twin recomputes the identity from them",
         f"VETSET={release} {judges} tests/judges/pack_judge.py"),
        ("package-forms", "real datasets in every form of a package; a twin has their ids; Ultralytics trains, restore puts back",
         f"VETSET={release} {judges} tests/judges/forms_judge.py"),
        ("signatures", "model_signing, cosign and openssl verify our signatures and see what was changed; we verify theirs",
         f"VETSET={release} .venv-signing/bin/python tests/judges/signature_judge.py"),
        ("evidence", "openssl, DuckDB, hashlib and pycocotools find the claims of packages a second way",
         f"VETSET={release} {judges} tests/judges/evidence_judge.py"),
        ("readers", "mlcroissant loads records, boxes, splits and pictures of packages; CycloneDX and SPDX take their cards",
         f"VETSET={release} .venv-readers/bin/python tests/judges/croissant_judge.py && VETSET={release} .venv-readers/bin/python tests/judges/card_judge.py"),
        ("split-judge", "splits leak less and are more even than scikit-learn's and iterative-stratification's",
         f"VETSET={release} {judges} tests/judges/split_judge.py"),
        ("conversions", "real and adversarial data, converted; pycocotools, torchvision and Ultralytics read it and agree",
         f"VETSET={release} JUDGES={judges} {PYTHON} tests/judges/conversions.py"),
        ("folders", "torchvision, Ultralytics and an independent Darknet reader agree about class folders and lists",
         f"VETSET={release} JUDGES={judges} {PYTHON} tests/judges/folders_judge.py"),
        ("voc-judge", "VOC and tables of boxes, real and converted; torchvision, ElementTree and pycocotools read them and agree",
         f"VETSET={release} JUDGES={judges} {PYTHON} tests/judges/voc_judge.py"),
        ("oriented", "oriented boxes, DOTA and COCO results: Ultralytics, pycocotools and an independent reader agree",
         f"VETSET={release} JUDGES={judges} {PYTHON} tests/judges/obb_judge.py"),
        ("evaluate", "pycocotools' arrays and figures, as 64-bit integers, from the same files; its known faults by name",
         f"VETSET={release} {judges} tests/judges/evaluate_judge.py --count {'10000' if soak else '300'}"),
        ("coco-scripts", "scripts written for pycocotools print, keep and raise the same with vetset.pycocotools",
         f"{module()} && PYTHONPATH=build/release/python {judges} tests/judges/pycocotools_judge.py --count {'600' if soak else '60'}"),
        ("evaluate-arrays", "columns in Python, random ones made to hurt: pycocotools' arrays and matches, OpenCV's boundaries",
         f"{module()} && PYTHONPATH=build/release/python {judges} tests/judges/coco_eval_judge.py --count {'10000' if soak else '300'}"),
        ("all-pairs", "every real dataset into every format: proved, or refused by name",
         f"VETSET={release} {PYTHON} tests/judges/all_pairs.py"),
        ("training-judge", "after Ultralytics was in a sealed folder, verify names what it left and what it changed",
         f"VETSET={release} {judges} tests/judges/training_judge.py"),
        ("ultralytics-fuzz", "mutated label sets: the real Ultralytics loader agrees image by image",
         f"{judges} tests/judges/ultralytics_fuzz.py {release} --count {'2000' if soak else '150'}"),
        ("consumers", "pycocotools and torchvision themselves read what check says they read",
         f"VETSET={release} {judges} tests/judges/consumers_judge.py --count {'1000' if soak else '100'}"),
        ("masks", "pycocotools and OpenCV agree about every bit of masks",
         f"{module()} && PYTHONPATH=build/release/python {judges} tests/judges/mask_judge.py --count {'50000' if soak else '3000'}"),
        ("image-headers", "Pillow agrees about every image header",
         f"{PYTHON} tests/judges/probe_judge.py build/release/probe_print $VETSET_DATA"),
        ("image-samples", "Pillow agrees about every sample of every image, real and drawn in every kind and depth",
         f"{judges} tests/judges/decode_judge.py build/release/decode_print $VETSET_DATA"),
        ("pdq", "pdqhash agrees about every bit of PDQ hashes",
         f"{judges} tests/judges/pdq_judge.py build/release/pdq_print"),
        ("wheel", "the wheel works outside the checkout, beside another pyarrow and without one",
         f"{PYTHON} tests/wheel.py"),
        ("sanitizers", "C++ tests under ASan and UBSan, built by clang without a warning",
         f"{build('fuzz')} && VETSET_LAW_SEEDS={'300' if soak else '25'} build/fuzz/vetset_tests"),
        ("fuzz", "one target drives every reader, writer and proof; kept corpora are replayed first",
         f"{PYTHON} fuzz/run.py --seconds {fuzz_seconds}{' --strict' if soak else ''}"),
        ("tsan", "threads under ThreadSanitizer", f"{build('tsan', 'vetset_tests')} && build/tsan/vetset_tests -tc='*thread*,*pool*'"),
    ]


def run_stage(name, command, environment):
    log = LOGS / f"{name}.log"
    began = time.monotonic()
    with open(log, "wb") as out:
        code = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT,
                              env=environment, stdin=subprocess.DEVNULL).returncode
    return code, time.monotonic() - began, log


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--soak", action="store_true")
    arguments.add_argument("--only", default="")
    arguments.add_argument("--list", action="store_true")
    chosen = arguments.parse_args()
    all_stages = stages(chosen.soak)
    if chosen.list:
        for name, what, _ in all_stages:
            print(f"{name:18} {what}")
        return 0
    wanted = [w for w in chosen.only.split(",") if w]
    unknown = [w for w in wanted if w not in [name for name, _, _ in all_stages]]
    if unknown:
        print(f"no stage is called {unknown[0]}; --list names them", file=sys.stderr)
        return 2

    LOGS.mkdir(parents=True, exist_ok=True)
    environment = dict(os.environ, VETSET_DATA=os.environ.get("VETSET_DATA", str(ROOT.parent / "shared/data")), LC_ALL="C.UTF-8")
    failed, passed = [], 0
    for name, what, command in all_stages:
        if wanted and name not in wanted:
            continue
        code, seconds, log = run_stage(name, command, environment)
        print(f"{'ok  ' if code == 0 else 'FAIL'} {name:18} {seconds:7.1f} s  {what}", flush=True)
        for line in log.read_text(errors="replace").splitlines():
            if line.startswith("skipped "):
                print(f"       {line}", flush=True)
        if code == 0:
            passed += 1
            continue
        failed.append(name)
        tail = log.read_text(errors="replace").splitlines()[-60:]
        print("\n".join("     | " + line for line in tail), flush=True)
    print(f"stages: {passed} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
