#!/usr/bin/env python3
"""Holds `vetset check` to what was counted in real datasets by other means, and to silence on clean ones.

    VETSET=build/vetset VETSET_DATA=../shared/data tests/judges/known_flaws.py

The numbers come from the page beside the data, which were counted with NumPy, Pillow and pycocotools.
"""

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("VETSET") or "vetset"
DATA = pathlib.Path(os.environ.get("VETSET_DATA") or ROOT.parent / "shared/data")

failures = []


def check(path, *flags):
    done = subprocess.run([PROGRAM, "check", str(DATA / path), "--json", *flags], capture_output=True, text=True, timeout=120)
    if done.returncode not in (0, 1):
        failures.append(f"{path}: exit {done.returncode}: {done.stderr.strip()}")
        return None
    return json.loads(done.stdout)


def expect(what, found, expected):
    if found != expected:
        failures.append(f"{what}: found {found!r}, expected {expected!r}")


def counts(report):
    c = report["counts"]
    return c["images"], c["annotations"], c["categories"]


def of(report, code):
    return [f for f in report["findings"] if f["code"] == code]


def noisy(report):
    """Rules whose warnings touch more than 0.5 % of the objects, by code."""
    limit = 0.005 * report["counts"]["annotations"]
    warnings = [f["code"] for f in report["findings"] if f["severity"] == "warning"]
    return sorted(code for code in set(warnings) if warnings.count(code) > limit)


def rice_pest():
    r = check("rice-pest")
    if r is None:
        return
    expect("rice-pest: images, objects, classes", counts(r), (253, 367, 7))
    mixed = [f for f in of(r, "FMT422") if f["severity"] == "error"]
    expect("rice-pest: label files with boxes and polygons", len({f["file"] for f in mixed}), 2)
    other = [f for f in of(r, "FMT422") if f["severity"] == "warning"]
    expect("rice-pest: label files of polygons alone", [f["message"].split()[0] for f in other], ["2"])
    expect("rice-pest: no exact duplicate across splits", len(of(r, "LEA301")), 0)
    expect("rice-pest: what the trainer sees", [c["line"] for c in r["consumers"]],
           ["Ultralytics 8.4.190 reads 251/253 images, 363/367 objects"])


def cells_yolo():
    r = check("cells-yolo")
    if r is None:
        return
    expect("cells-yolo: images, objects, classes", counts(r), (38, 3947, 1))
    expect("cells-yolo: findings besides the paths of data.yaml", [f for f in r["findings"] if f["code"] not in ("FMT417", "FMT418")], [])
    expect("cells-yolo: absolute Windows paths", {f["file"] for f in r["findings"]}, {"data.yaml"})


def chess_coco():
    r = check("chess-coco")
    if r is None:
        return
    expect("chess-coco: images, objects, classes", counts(r), (87, 762, 14))
    expect("chess-coco: unused classes", [f["class"] for f in of(r, "LBL110")], ["pieces", "bishop"])
    expect("chess-coco: images without boxes", len(of(r, "LBL111")), 1)
    expect("chess-coco: no exact duplicate", len(of(r, "LEA301")), 0)
    expect("chess-coco: errors and warnings", (r["totals"]["errors"], r["totals"]["warnings"]), (0, 0))


def coco_eval():
    r = check("coco-eval/instances_val2014_100.json")
    if r is None:
        return
    expect("coco-eval: images and objects", counts(r)[:2], (100, 839))
    expect("coco-eval: errors", r["totals"]["errors"], 0)
    expect("coco-eval: rules that are noisy on clean data", noisy(r), [])
    expect("coco-eval: rules not run without images", {x["code"] for x in r["rules"] if "not_run" in x},
           {"FMT404", "FMT405", "FMT406", "FMT419", "FMT420", "LEA301"})


def coco_edge():
    r = check("coco-edge/healthcheck_bad.json")
    if r is None:
        return
    expect("coco-edge: an unknown image and an unknown class", len(of(r, "FMT402")), 2)
    expect("coco-edge: an image id and an annotation id given twice", len(of(r, "FMT403")), 2)


def labelbox():
    r = check("labelbox/coco/instances.json")
    if r is None:
        return
    expect("labelbox: images and objects", counts(r)[:2], (10, 62))
    expect("labelbox: errors", r["totals"]["errors"], 0)


def main():
    if not DATA.is_dir():
        print("skipped 6: VETSET_DATA")
        return 0
    for judge in (rice_pest, cells_yolo, chess_coco, coco_eval, coco_edge, labelbox):
        judge()
    for failure in failures:
        print(failure)
    print(f"6 datasets, {len(failures)} differences")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
