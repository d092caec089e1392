#!/usr/bin/env python3
"""Asks pycocotools, and torchvision where it is there, whether two COCO documents say the same.

    python coco_judge.py SOURCE.json OUTPUT.json [--images FOLDER] [--loads-only]

Every record is compared as pycocotools holds it, and every mask as it rasterises it. `--loads-only` takes one document that came
from another format: it must load, and every annotation must give a mask or a box. Prints one line a question; exit status 0 only
if every answer is yes. Knows nothing of vetset.
"""
import argparse
import contextlib
import importlib.util
import os
import sys


def load(path: str):
    from pycocotools.coco import COCO

    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        return COCO(path)


def same_number(a, b) -> bool:
    """Equal, of one type, and NaN equals NaN."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same_number(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same_number, a, b))
    return type(a) is type(b) and (a == b or (a != a and b != b))


def mask_of(coco, annotation: dict):
    """The mask's bytes, or how pycocotools refuses it."""
    try:
        return coco.annToMask(annotation).tobytes()
    except Exception as refusal:  # whatever a loader throws is its verdict
        return type(refusal).__name__


def shaped(annotation: dict) -> bool:
    return bool(annotation.get("segmentation"))


def compare(source, output) -> list[tuple[str, bool]]:
    answers = []
    for table in ("images", "categories", "annotations", "licenses"):
        a, b = source.dataset.get(table, []), output.dataset.get(table, [])
        answers.append((f"{len(a)} {table}, equal and in order", same_number(a, b)))
    tables = {"images", "categories", "annotations", "licenses"}
    rest = [{k: v for k, v in c.dataset.items() if k not in tables} for c in (source, output)]
    answers.append(("all other keys equal", same_number(*rest)))
    pairs = list(zip(source.dataset.get("annotations", []), output.dataset.get("annotations", []), strict=False))
    masks = [(mask_of(source, a), mask_of(output, b)) for a, b in pairs if shaped(a) or shaped(b)]
    answers.append((f"{len(masks)} masks equal to the pixel", all(a == b for a, b in masks)))
    return answers


def accept(coco) -> list[tuple[str, bool]]:
    annotations = coco.dataset.get("annotations", [])
    known = all(a["image_id"] in coco.imgs and a["category_id"] in coco.cats for a in annotations)
    masks = [mask_of(coco, a) for a in annotations if shaped(a)]
    return [
        (f"{len(annotations)} annotations name images and categories that are there", known),
        (f"{len(masks)} masks decode", all(isinstance(m, bytes) for m in masks)),
        ("every annotation of an image with a size has a box or a caption",
         all(len(a.get("bbox", [])) == 4 or "caption" in a for a in annotations if coco.imgs[a["image_id"]].get("width"))),
    ]


def torchvision_loads(path: str, folder: str) -> list[tuple[str, bool]]:
    if not all(importlib.util.find_spec(name) for name in ("torchvision", "pycocotools")):
        return []
    from torchvision.datasets import CocoDetection

    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        dataset = CocoDetection(folder, path)
    sizes = [(dataset.coco.imgs[i]["width"], dataset.coco.imgs[i]["height"]) for i in dataset.ids]
    opened = [dataset[k][0].size for k in range(len(dataset))]
    return [(f"torchvision opens {len(opened)} images of the sizes stated", opened == sizes)]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("documents", nargs="+")
    parser.add_argument("--images")
    parser.add_argument("--loads-only", action="store_true")
    options = parser.parse_args()
    loaded = [load(path) for path in options.documents]
    answers = accept(loaded[0]) if options.loads_only else compare(*loaded)
    if options.images:
        answers += torchvision_loads(options.documents[-1], options.images)
    for question, yes in answers:
        print("yes" if yes else "NO ", question)
    return 0 if all(yes for _, yes in answers) else 1


if __name__ == "__main__":
    sys.exit(main())
