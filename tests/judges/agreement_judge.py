#!/usr/bin/env python3
"""Holds the agreement of raters against other people's code.

    VETSET=build/release/vetset .venv-judges/bin/python tests/judges/agreement_judge.py [--count N]

Random ratings with gaps are written as COCO and given to `vetset agreement`. Krippendorff's alpha must be that of the
`krippendorff` package, of all values and of each against the others; Cohen's kappa that of scikit-learn; Fleiss' kappa
that of its formula, in a few lines that know nothing of vetset. Boxes of two raters are paired by SciPy's
linear_sum_assignment, and alpha of the pairs is the package's, with a table of 1 - IoU for its distance. All to 1e-12.
Prints a line a question and `N passed, N failed`.
"""
import argparse
import itertools
import json
import pathlib
import random
import sys
import tempfile

import krippendorff
import numpy
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import cohen_kappa_score

from judging import VETSET, finish, run, say

NEAR = 1e-12


def agreement(folder, images, annotations, classes):
    path = pathlib.Path(folder) / "votes.json"
    document = {"images": [{"id": i, "file_name": f"{i}.jpg", "width": 1000, "height": 800} for i in range(images)],
                "annotations": annotations, "categories": [{"id": c + 1, "name": f"c{c}"} for c in range(classes)]}
    path.write_text(json.dumps(document))
    done = run(VETSET, "agreement", path, "--json", "--draws", "20")
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr


def same(ours, theirs):
    """Equal, or neither is a number."""
    missing = theirs is None or not numpy.isfinite(theirs)
    return ours is None if missing else ours is not None and abs(ours - theirs) < NEAR


def alpha(table, **how):
    try:
        return krippendorff.alpha(reliability_data=table, **how)
    except ValueError:  # one value alone
        return None


def fleiss(table):
    """Over the units with the most ratings (Fleiss 1971)."""
    columns = [[v for v in column if not numpy.isnan(v)] for column in table.T]
    most = max(len(c) for c in columns)
    if most < 2:
        return None
    counts = numpy.array([[c.count(v) for v in range(20)] for c in columns if len(c) == most], float)
    observed = ((counts ** 2).sum(1) - most).mean() / (most * (most - 1))
    expected = ((counts.sum(0) / counts.sum()) ** 2).sum()
    return None if expected == 1 else (observed - expected) / (1 - expected)


def ask_classes(dice, folder, n):
    raters, units, values = dice.randint(2, 6), dice.randint(12, 60), dice.randint(2, 6)
    gaps, noise = dice.choice([0, 0.2, 0.5]), dice.random()
    table = numpy.full((raters, units), numpy.nan)
    annotations = []
    for unit in range(units):
        truth = dice.randrange(values)
        for rater in range(raters):
            if dice.random() < gaps:
                continue
            table[rater, unit] = dice.randrange(values) if dice.random() < noise else truth
            annotations.append({"id": len(annotations), "image_id": unit, "category_id": int(table[rater, unit]) + 1,
                                "attributes": {"annotator": f"r{rater}"}})
    seen = agreement(folder, units, annotations, values)
    if isinstance(seen, str) or not seen["about"]:
        say(max((~numpy.isnan(table)).sum(0)) < 2, f"{n}: nothing to compare", seen)
        return
    about = seen["about"][0]
    paired = table[:, (~numpy.isnan(table)).sum(0) > 1]
    theirs = alpha(table, level_of_measurement="nominal") if len(set(paired[~numpy.isnan(paired)])) > 1 else None
    say(about["what"] == "image class" and same(about["alpha"], theirs), f"{n}: alpha of {raters} raters, {units} units",
        (about["alpha"], theirs))
    for of in about["classes"]:
        one = numpy.where(numpy.isnan(table), numpy.nan, table == int(of["name"][1:]))
        theirs = alpha(one, level_of_measurement="nominal") if of["ratings"] < (~numpy.isnan(paired)).sum() else None
        if not same(of["alpha"], theirs):
            say(False, f"{n}: alpha of {of['name']}", (of["alpha"], theirs))
    say(same(about["fleiss"]["kappa"], fleiss(table)), f"{n}: Fleiss' kappa", (about["fleiss"], fleiss(table)))
    wrong = []
    for pair in seen["pairs"]:
        a, b = table[int(pair["first"][1:])], table[int(pair["second"][1:])]
        both = ~numpy.isnan(a) & ~numpy.isnan(b)
        x, y = a[both].astype(int), b[both].astype(int)
        theirs = cohen_kappa_score(x, y) if len(set(x) | set(y)) > 1 else None
        if pair["units"] != both.sum() or not same(pair["kappa"], theirs):
            wrong.append((pair, theirs))
    say(not wrong, f"{n}: Cohen's kappa of {len(seen['pairs'])} pairs", wrong)


def iou(a, b):
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / (a[2] * a[3] + b[2] * b[3] - width * height)


def paired(first, second):
    """Pairs of boxes of two raters, and those that stay alone, as values: (box or None, box or None)."""
    costs = numpy.full((len(first), len(second)), 2.0)
    for i, k in itertools.product(range(len(first)), range(len(second))):
        overlap = iou(first[i][1], second[k][1])
        if overlap >= 0.5:
            costs[i, k] = 1 - overlap + 0.5 * (first[i][0] != second[k][0])
    rows, columns = linear_sum_assignment(costs)
    pairs = [(int(i), int(k)) for i, k in zip(rows, columns) if costs[i, k] < 2]
    alone = [(i, None) for i in range(len(first)) if i not in {p[0] for p in pairs}]
    return pairs + alone + [(None, k) for k in range(len(second)) if k not in {p[1] for p in pairs}]


def ask_boxes(dice, folder, n):
    images, classes = dice.randint(10, 20), 3
    annotations, columns, boxes = [], [], []
    for image in range(images):
        drawn = {"a": [], "b": []}
        for _ in range(dice.randint(1, 5)):
            at = [dice.uniform(0, 300), dice.uniform(0, 300), dice.uniform(60, 200), dice.uniform(60, 200)]
            truth = dice.randrange(classes)
            for rater in drawn:
                if dice.random() < 0.15:
                    continue
                box = [v + dice.uniform(-12, 12) for v in at]
                said = dice.randrange(classes) if dice.random() < 0.3 else truth
                drawn[rater].append((said, box))
                annotations.append({"id": len(annotations), "image_id": image, "category_id": said + 1, "bbox": box,
                                    "attributes": {"annotator": rater}})
        if not drawn["a"] or not drawn["b"]:  # who drew nothing is not known to have looked
            continue
        for i, k in paired(drawn["a"], drawn["b"]):
            columns.append([None if i is None else drawn["a"][i], None if k is None else drawn["b"][k]])
            boxes += [of for of in columns[-1] if of is not None]
    seen = agreement(folder, images, annotations, classes)
    about = {of["what"]: of for of in seen["about"]} if isinstance(seen, dict) else {}
    if not about:
        say(False, f"{n}: boxes", seen)
        return
    values = numpy.array([[classes if of is None else of[0] for of in column] for column in columns], float).T
    found = numpy.where(values == classes, numpy.nan, values)
    for what, table in (("object", values), ("object class", found)):
        theirs = alpha(table, level_of_measurement="nominal")
        say(same(about[what]["alpha"], theirs), f"{n}: alpha of {what}, {len(columns)} of them", (about[what]["alpha"], theirs))
    # Values are numbers of boxes; the last one is that there is none.
    places, table = {id(of): at for at, of in enumerate(boxes)}, []
    for column in columns:
        table.append([len(boxes) if of is None else places[id(of)] for of in column])
    scaled = [[b[0] / 1000, b[1] / 800, b[2] / 1000, b[3] / 800] for _, b in boxes]
    apart = numpy.ones((len(boxes) + 1, len(boxes) + 1))
    for i, k in itertools.product(range(len(boxes)), repeat=2):
        apart[i, k] = 0 if i == k else 1 - iou(scaled[i], scaled[k])
    apart[-1, -1] = 0
    theirs = krippendorff.alpha(reliability_data=numpy.array(table, float).T, value_domain=list(range(len(boxes) + 1)),
                                level_of_measurement=lambda v1, v2, i1, i2, n_v, dtype=float: apart[i1, i2])
    ours = about["box"]["alpha"]
    say(same(ours, theirs), f"{n}: alpha of {len(boxes)} boxes", (ours, theirs))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=40, help="random sets of ratings; half as many of boxes")
    arguments = parser.parse_args()
    dice = random.Random(8)
    with tempfile.TemporaryDirectory() as folder:
        for n in range(arguments.count):
            ask_classes(dice, folder, n)
        for n in range(arguments.count // 2):
            ask_boxes(dice, folder, n)
    return finish()


if __name__ == "__main__":
    sys.exit(main())
