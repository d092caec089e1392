#!/usr/bin/env python3
"""Runs every test there is, stage by stage, and says how each went.

    tests/run.py                 all stages (make test)
    tests/run.py --soak          the long form of those that have one (make soak)
    tests/run.py --only a,b      some stages; --list names them

A stage is a command that exits 0. Its output goes to build/test-logs/<stage>.log and is shown where it fails. Stages
that only look at what others built run side by side, as many as there are cores; what is printed keeps the order.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv/bin/python"
JOBS = str(os.cpu_count() or 2)
LOGS = ROOT / "build/test-logs"
ALONE = {"format", "layers", "release", "program", "wheel", "sanitizers", "fuzz", "tsan"}  # they use every core themselves
TELLING = re.compile(r"ERROR|SUMMARY|FAILED|FAIL\b|fuzz: |error:|runtime error|Traceback|Error: | in vetset::")


def configure(preset):
    return f"cmake --preset {preset} -DPython_EXECUTABLE={PYTHON}"


def build(preset, *targets):
    wanted = "".join(f" --target {t}" for t in targets)
    return f"{configure(preset)} && cmake --build build/{preset} -j {JOBS}{wanted}"


def module():
    """The Python module beside the release build; one stage at a time."""
    return (f"(flock 9; {configure('release')} -DVETSET_PYTHON=ON && cmake --build build/release -j {JOBS} --target _core)"
            " 9>build/release/.module.lock")


def stages(soak):
    """Name, what it shows, shell command. In the order of how soon a mistake would show."""
    laws = "10000" if soak else "500"
    fuzzing = "--seconds 1800 --strict" if soak else "--runs 6000"
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
         f"VETSET={release} {PYTHON} -m pytest -q -n {JOBS} tests/program"),
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
        ("leak-stories", "replicas of leaks that public datasets had: each is found, and none is in a new split",
         f"VETSET={release} {judges} tests/judges/leak_stories.py"),
        ("agreement-judge", "krippendorff, scikit-learn and SciPy agree about raters",
         f"VETSET={release} {judges} tests/judges/agreement_judge.py --count {'400' if soak else '40'}"),
        ("coverage-judge", "pandas, itertools, SciPy and scikit-learn agree about slices, combinations and drift",
         f"VETSET={release} {judges} tests/judges/coverage_judge.py --count {'60' if soak else '6'}"),
        ("conversions", "real and adversarial data, converted; pycocotools, torchvision and Ultralytics read it and agree",
         f"VETSET={release} JUDGES={judges} {PYTHON} tests/judges/conversions.py"),
        ("folders", "torchvision, Ultralytics and an independent Darknet reader agree about class folders and lists",
         f"VETSET={release} JUDGES={judges} {PYTHON} tests/judges/folders_judge.py"),
        ("voc-judge", "VOC and tables of boxes, real and converted; torchvision, ElementTree and pycocotools read them and agree",
         f"VETSET={release} JUDGES={judges} {PYTHON} tests/judges/voc_judge.py"),
        ("labelling-tools", "CVAT and Label Studio, real and converted: independent readers, Datumaro and Label Studio's converter find every box where it was",
         f"VETSET={release} {PYTHON} tests/judges/tools_judge.py && VETSET={release} .venv-tools/bin/python tests/judges/tools_peers_judge.py"),
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
        ("preprocess", "Pillow, OpenCV, PyTorch, torchvision and Ultralytics agree about decoded pixels, resized ones and input tensors",
         f"{judges} tests/judges/preprocess_judge.py build/release/preprocess_print --count {'3000' if soak else '200'}"),
        ("postprocess", "Ultralytics and torchvision agree about detections, keypoints, rotated boxes and masks of raw outputs; FastestDet and YuNet find what their authors' code finds",
         f"{judges} tests/judges/postprocess_judge.py build/release/postprocess_print --count {'2000' if soak else '100'}"),
        ("pdq", "pdqhash agrees about every bit of PDQ hashes",
         f"{judges} tests/judges/pdq_judge.py build/release/pdq_print"),
        ("label-scores", "cleanlab agrees about thresholds, joints and scores of labels; what is other by intent is named",
         f".venv-labels/bin/python tests/judges/label_scores_judge.py build/release/label_scores_print --count {'600' if soak else '60'}"),
        ("runtime", "ONNX Runtime in Python gives the same bits as vetset's own session, for every type and for real models",
         f"{PYTHON} tests/judges/runtime_judge.py build/release/session_print"),
        ("serve-judge", "tritonclient asks vetset serve for all it can ask: bits of ONNX Runtime in Python, as JSON and as bytes; the protocol's own examples",
         f"VETSET={release} .venv-serving/bin/python tests/judges/serve_judge.py"),
        ("report", "Chromium opens HTML reports: no request, no complaint; search, themes, keyboard, names, contrast, paper",
         f"VETSET={release} {PYTHON} tests/judges/report_judge.py"),
        ("wheel", "the wheel works outside the checkout, beside another pyarrow and without one",
         f"{PYTHON} tests/wheel.py"),
        ("sanitizers", "C++ tests under ASan and UBSan, built by clang without a warning",
         f"{build('fuzz')} && VETSET_LAW_SEEDS={'300' if soak else '10'} build/fuzz/vetset_tests"),
        ("fuzz", "one target drives every reader, writer and proof; kept corpora are replayed first",
         f"{PYTHON} fuzz/run.py {fuzzing}"),
        ("tsan", "threads under ThreadSanitizer", f"{configure('tsan')}{' -DVETSET_ROOMS=' if soak else ''} && cmake --build build/tsan -j {JOBS} --target vetset_tests && build/tsan/vetset_tests -tc='*thread*,*pool*'"),
    ]


def run_stage(name, command, environment):
    log = LOGS / f"{name}.log"
    began = time.monotonic()
    with open(log, "wb") as out:
        code = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT,
                              env=environment, stdin=subprocess.DEVNULL).returncode
    return code, time.monotonic() - began, log


def groups_of(chosen):
    """Stages that may run side by side; one that may not is a group of its own."""
    group = []
    for stage in chosen:
        if stage[0] not in ALONE:
            group.append(stage)
            continue
        if group:
            yield group
        yield [stage]
        group = []
    if group:
        yield group


def report(name, what, code, seconds, log):
    """Says how a stage went; of one that failed the lines that say why come first, then its end. Gives whether it passed."""
    print(f"{'ok  ' if code == 0 else 'FAIL'} {name:18} {seconds:7.1f} s  {what}", flush=True)
    lines = log.read_text(errors="replace").splitlines()
    for line in lines:
        if line.startswith("skipped "):
            print(f"       {line}", flush=True)
    if code != 0:
        print("\n".join("     | " + line[:200] for line in [l for l in lines if TELLING.search(l)][:12] + ["…"] + lines[-12:]), flush=True)
    return code == 0


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
    chosen_stages = [stage for stage in all_stages if not wanted or stage[0] in wanted]
    failed = []
    for group in groups_of(chosen_stages):
        with concurrent.futures.ThreadPoolExecutor(int(JOBS)) as pool:
            for (name, what, _), run in [(stage, pool.submit(run_stage, stage[0], stage[2], environment)) for stage in group]:
                if not report(name, what, *run.result()):
                    failed.append(name)
    passed = len(chosen_stages) - len(failed)
    print(f"stages: {passed} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
