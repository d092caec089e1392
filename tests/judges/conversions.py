#!/usr/bin/env python3
"""Converts real and adversarial datasets between COCO and YOLO, and asks other people's loaders about the results.

    VETSET=build/release/vetset JUDGES=.venv-judges/bin/python tests/judges/conversions.py

Each journey must end proved; pycocotools and torchvision must load what is COCO, the Ultralytics loader what is YOLO, and they
must agree with what vetset says. Prints a line a journey and `N passed, N failed`.
"""
import filecmp
import json
import pathlib
import sys
import tempfile

from judging import DATA, JUDGES, ROOT, VETSET, finish, run, say


def convert(source, target, to, *flags):
    """Converts with the usual answers; the proof, or None after saying why not."""
    done = run(VETSET, "convert", source, target, "--to", to, "--json", *flags)
    what = f"{source.name} → {to} {' '.join(flags)}".strip()
    if done.returncode != 0:
        say(False, what, f"exit {done.returncode}: {done.stderr.strip() or done.stdout[-500:]}")
        return None
    say(True, what)
    return json.loads(done.stdout)


def documents(folder):
    """The COCO documents below a folder, panoptic ones left out; or the one document."""
    if folder.is_file():
        return [folder]
    found = []
    for path in sorted(folder.rglob("*.json")):
        text = path.read_bytes()
        if b'"images"' in text and b'"annotations"' in text and b'"segments_info"' not in text:
            found.append(path)
    return found


def pycocotools_compares(source, target):
    for before, after in zip(documents(source), documents(target), strict=True):
        done = run(JUDGES, ROOT / "tests/judges/coco_judge.py", before, after)
        say(done.returncode == 0, f"pycocotools: {before.name} comes back the same", done.stdout[-800:] + done.stderr[-400:])


def pycocotools_loads(target, images=None):
    for document in documents(target):
        flags = ["--images", images] if images else []
        done = run(JUDGES, ROOT / "tests/judges/coco_judge.py", "--loads-only", *flags, document)
        say(done.returncode == 0, f"pycocotools loads {document.name}", done.stdout[-800:] + done.stderr[-400:])


def ultralytics_agrees(folder, name):
    """What the real loader reads is what vetset says it reads, image by image in sum and object by object in number."""
    task = "pose" if "kpt_shape" in (folder / "data.yaml").read_text() else "detect"
    done = run(JUDGES, ROOT / "tests/judges/ultralytics_judge.py", folder, "--task", task)
    if done.returncode != 0:
        return say(False, f"Ultralytics on {name}", done.stderr[-800:])
    real = json.loads(done.stdout)
    if real["refused"]:
        return say(False, f"Ultralytics on {name}", real["refused"])
    images = real["images"].values()
    theirs = (sum(i["read"] for i in images), len(images), sum(i["objects"] for i in images))
    view = json.loads(run(VETSET, "check", folder, "--json").stdout)["consumers"][0]
    ours = (view["images_read"], view["images"], view["objects_read"])
    return say(theirs == ours, f"Ultralytics reads of {name}: {theirs[0]}/{theirs[1]} images, {theirs[2]} objects", f"vetset says {ours}")


def same_label_files(source, target):
    labels = [p.relative_to(source) for p in sorted(source.rglob("*.txt")) if "labels" in p.parts]
    unlike = [str(p) for p in labels if not (target / p).is_file() or not filecmp.cmp(source / p, target / p, shallow=False)]
    say(labels and not unlike, f"{source.name} → yolo: {len(labels)} label files identical to the byte", ", ".join(unlike[:3]))


def coco_journeys(source, work, yolo=True):
    same = work / f"{source.stem}-coco"
    if convert(source, same, "coco"):
        pycocotools_compares(source, same)
    if yolo:
        there = work / f"{source.stem}-yolo"
        if convert(source, there, "yolo", "--accept", "all"):
            images = sum(1 for p in there.rglob("*") if "images" in p.parts and p.is_file())
            if images:
                ultralytics_agrees(there, f"{source.stem} as YOLO")


def yolo_journeys(source, work):
    same = work / f"{source.name}-yolo"
    if convert(source, same, "yolo"):
        same_label_files(source, same)
    there = work / f"{source.name}-coco"
    if convert(source, there, "coco"):
        pycocotools_loads(there)
        back = work / f"{source.name}-back"
        convert(there, back, "yolo", "--accept", "all")


def adversarial(work):
    made = work / "adversarial"
    run(sys.executable, ROOT / "tests/fixtures/adversarial_coco.py", made)
    for case in sorted(p for p in made.iterdir() if p.is_dir()):
        out = work / f"adversarial-{case.name}"
        if convert(case, out, "coco"):
            pycocotools_compares(case, out)
        if case.name == "many":
            done = run(JUDGES, ROOT / "tests/judges/adversarial_checks.py", documents(case)[0], documents(out)[0])
            say(done.returncode == 0, f"adversarial: {done.stdout.strip().splitlines()[-1]} questions answered yes", done.stdout)
        convert(case, work / f"adversarial-{case.name}-yolo", "yolo", "--accept", "all")


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        adversarial(work)
        coco_journeys(ROOT / "samples/street-coco", work)
        yolo_journeys(ROOT / "samples/street", work)
        if not DATA.is_dir():
            print("skipped 9: VETSET_DATA")
        else:
            assets = DATA / "datumaro-assets"
            for name in ("chess-coco", "labelbox/coco"):
                coco_journeys(DATA / name, work)
            for document in ("coco-eval/instances_val2014_100.json", "coco-edge/edge_gt.json", "coco-edge/gt.json",
                             "coco-edge/healthcheck_bad.json"):
                coco_journeys(DATA / document, work, yolo="bad" not in document)
            for name in ("coco", "coco_instances", "coco_person_keypoints", "coco_captions", "coco_roboflow", "mmdet_coco"):
                convert(assets / "coco_dataset" / name, work / f"datumaro-{name}", "coco")
            convert(assets / "roboflow_dataset/coco", work / "datumaro-roboflow", "yolo", "--accept", "all")
            convert(assets / "roboflow_dataset/yolo", work / "datumaro-roboflow-yolo", "coco", "--accept", "all")
            for name in ("rice-pest", "cells-yolo"):
                yolo_journeys(DATA / name, work)
    return finish()


if __name__ == "__main__":
    sys.exit(main())
