#!/usr/bin/env python3
"""`vetset split` beside scikit-learn's StratifiedGroupKFold and iterative-stratification, on a dataset cut from clips.

    VETSET=build/release/vetset tests/judges/split_judge.py

20,000 images in about 1,500 clips of very unlike lengths, 40 labels of a long tail that a clip is inclined to, 80/10/10. Two figures
each: how far the labels of val and test are from their share on average, and how many clips are in more than one split. vetset is to
leak none and to stay within 3 %."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy
from iterstrat.ml_stratifiers import MultilabelStratifiedKFold
from sklearn.model_selection import StratifiedGroupKFold

IMAGES, LABELS, TARGET = 20_000, 40, 0.03


def made(seed):
    """The clip of each image, and a row of 0 and 1 by label."""
    draw = numpy.random.default_rng(seed)
    clips, rows = [], []
    common = 0.5 / numpy.arange(1, LABELS + 1) ** 1.1
    while len(rows) < IMAGES:
        size = min(IMAGES - len(rows), 400, int(3.2 * (1 + draw.pareto(1.25))))
        inclined = numpy.where(draw.random(LABELS) < 0.35, numpy.minimum(0.95, common * 2.2), common * 0.35)
        clip = clips[-1] + 1 if clips else 0
        clips += [clip] * size
        rows += list(draw.random((size, LABELS)) < inclined)
    return numpy.array(clips), numpy.array(rows).astype(int)


def deviation(rows, of):
    """Mean over labels of |count - share| / share in val and test."""
    total = rows.sum(axis=0)
    return numpy.mean([abs(rows[of == s].sum(axis=0) - 0.1 * total) / (0.1 * total) for s in (1, 2)])


def leaked(clips, of):
    return sum(len(set(of[clips == clip])) > 1 for clip in set(clips))


def by_folds(folds):
    """Of ten folds the first is val, the second test."""
    of = numpy.zeros(IMAGES, int)
    for k, (_, held) in enumerate(folds):
        if k < 2:
            of[held] = k + 1
    return of


def by_vetset(clips, rows, folder):
    images = [{"id": i + 1, "file_name": f"{i:05}.jpg", "width": 64, "height": 64, "clip": f"clip {clip}"} for i, clip in enumerate(clips)]
    annotations = [{"id": k + 1, "image_id": int(i) + 1, "category_id": int(label) + 1, "bbox": [1, 1, 9, 9], "area": 81, "iscrowd": 0}
                   for k, (i, label) in enumerate(zip(*rows.nonzero()))]
    source = folder / "clips.json"
    source.write_text(json.dumps({"images": images, "annotations": annotations,
                                  "categories": [{"id": c + 1, "name": f"label {c}"} for c in range(LABELS)]}))
    subprocess.run([os.environ["VETSET"], "split", source, "-o", folder / "out", "--group-by", "attribute:clip", "--images", "none", "--quiet"],
                   check=True, stdout=subprocess.DEVNULL)
    of = numpy.full(IMAGES, -1)
    for k, name in enumerate(("train", "val", "test")):
        for image in json.loads((folder / f"out/annotations/instances_{name}.json").read_text())["images"]:
            of[int(pathlib.Path(image["file_name"]).stem)] = k
    assert (of >= 0).all(), "every image is in a split"
    return of


def main():
    bad = False
    for seed in (1, 2):
        clips, rows = made(seed)
        rarest = numpy.array([max(row.nonzero()[0], default=-1) for row in rows])
        with tempfile.TemporaryDirectory() as folder:
            ours = by_vetset(clips, rows, pathlib.Path(folder))
        found = {
            "vetset": ours,
            "StratifiedGroupKFold": by_folds(StratifiedGroupKFold(10, shuffle=True, random_state=seed).split(rows, rarest, clips)),
            "iterative-stratification": by_folds(MultilabelStratifiedKFold(n_splits=10, shuffle=True, random_state=seed).split(rows, rows)),
        }
        for name, of in found.items():
            print(f"seed {seed}  {name:26} mean deviation {deviation(rows, of):.4f}  clips in several splits {leaked(clips, of):5}")
        bad |= deviation(rows, ours) > TARGET or leaked(clips, ours) > 0
        bad |= deviation(rows, ours) > deviation(rows, found["StratifiedGroupKFold"])
    print("vetset is off or leaks" if bad else f"vetset leaks nothing and stays within {TARGET:.0%}")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
