#!/usr/bin/env python3
"""cleanlab 2.9 on the same input: thresholds, confident joint, scores and what is flagged; and what is other by intent.

Usage: label_scores_judge.py PROGRAM [--count N], where PROGRAM is label_scores_print. With VETSET_DATA also the real
probabilities of label-errors, of which people looked at a hundred labels.

Other by intent, and shown here:
- cleanlab rounds the calibrated joint; vetset keeps fractions, which add up to the labels.
- cleanlab counts one label of a class that no label is of; vetset counts none.
- cleanlab also flags labels for a class that is less probable than the one given, where n(i, j) asks for more than there
  are; vetset flags only where another class is more probable.
- cleanlab's scores of boxes change with the image's size and with other images; vetset's do not.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from cleanlab.count import compute_confident_joint, get_confident_thresholds
from cleanlab.filter import find_label_issues
from cleanlab.object_detection.rank import get_label_quality_scores as box_scores
from cleanlab.rank import get_label_quality_scores
from sklearn.metrics import average_precision_score

TOLERANCE = 1e-6


def learn(program, values, labels):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        values.astype("<f4").tofile(folder / "values")
        labels.astype("<u4").tofile(folder / "labels")
        command = [program, "classes", folder / "values", folder / "labels", str(values.shape[1])]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    width = values.shape[1]
    numbers = [np.array(line.split()[1:], dtype=float) for line in lines[:3]]
    rows = np.array([line.split() for line in lines[3:]], dtype=float)
    return {"thresholds": numbers[0], "counts": numbers[1].reshape(width, width), "joint": numbers[2].reshape(width, width),
            "given": rows[:, 0], "other": rows[:, 1], "proposed": rows[:, 2].astype(int), "flagged": rows[:, 3] == 1,
            "score": rows[:, 4]}


def random_case(rng):
    """Labels with noise between some classes, and a model that is more or less sure; ties and empty classes too."""
    width = int(rng.choice([2, 3, 5, 10, 40]))
    count = int(rng.integers(width * 3, 1500))
    meant = rng.integers(width - (rng.random() < 0.2 and width > 2), size=count)
    labels = np.where(rng.random(count) < rng.uniform(0, 0.4), (meant + rng.integers(1, 3, size=count)) % width, meant)
    logits = rng.normal(size=(count, width)) * rng.uniform(0.2, 2)
    logits[np.arange(count), meant] += rng.uniform(0, 6)
    values = np.exp(logits - logits.max(axis=1, keepdims=True))
    values /= values.sum(axis=1, keepdims=True)
    if rng.random() < 0.3:
        values = np.round(values * 8) / 8 + 1e-3
        values /= values.sum(axis=1, keepdims=True)
    return values.astype(np.float32), labels


def compare(program, values, labels):
    """What does not agree, in words; how often it is other by intent."""
    own = learn(program, values, labels)
    present = np.bincount(labels, minlength=values.shape[1]) > 0
    complaints = []

    def agree(what, mine, theirs, tolerance=TOLERANCE):
        if mine.shape != theirs.shape or not np.all(np.abs(mine - theirs) <= tolerance):
            complaints.append(f"{what}: {np.abs(mine - theirs).max()} apart")

    wide = values.astype(np.float64)
    agree("thresholds", own["thresholds"], np.asarray(get_confident_thresholds(labels, wide)))
    theirs = compute_confident_joint(labels, wide, calibrate=False).astype(float)
    theirs[~present] = 0
    near = np.abs(wide - (own["thresholds"] - TOLERANCE)).min(axis=1) < 1e-7  # a rounding decides
    if np.abs(own["counts"] - theirs).sum() > 2 * near.sum():
        complaints.append(f"confident joint: {np.abs(own['counts'] - theirs).sum():.0f} counts apart")
    agree("joint by class", own["joint"].sum(axis=1), np.bincount(labels, minlength=values.shape[1]).astype(float))
    agree("self-confidence", own["given"], get_label_quality_scores(labels, wide, method="self_confidence"))
    agree("normalised margin", 1 - own["score"], get_label_quality_scores(labels, wide, method="normalized_margin"))
    flagged = find_label_issues(labels, wide, n_jobs=1)
    # Of labels with one margin either may be taken; rounding a row of the joint gives or takes one label a pair of
    # classes; what is at a threshold counts or does not.
    least = {k: own["score"][flagged & (labels == k)].min(initial=2) for k in set(labels)}
    tied = own["score"] >= np.array([least[k] for k in labels]) - TOLERANCE
    more = own["flagged"] & ~flagged & ~tied
    if more.sum() > values.shape[1] ** 2 + 2 * near.sum() or np.any(own["flagged"] & (own["given"] >= own["other"])):
        complaints.append(f"flagged: {more.sum()} more than cleanlab's {flagged.sum()}")
    return complaints, own, flagged


def same_boxes(program, boxes, classes, seen, kinds, sure):
    lines = ["image"]
    lines += [f"g {b[0]!r} {b[1]!r} {b[2]!r} {b[3]!r} {c} 0" for b, c in zip(boxes.tolist(), classes)]
    lines += [f"p {b[0]!r} {b[1]!r} {b[2]!r} {b[3]!r} {c} {s!r}" for b, c, s in zip(seen.tolist(), kinds, sure.tolist())]
    text = subprocess.run([program, "boxes"], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True).stdout
    return np.concatenate([np.array(line.split()[1:], dtype=float) for line in text.splitlines()])


def scales(program):
    """The same picture at three sizes: ours stay, cleanlab's do not."""
    boxes, classes = np.array([[10.0, 10, 40, 30], [80, 20, 30, 30]]), np.array([0, 1])
    seen, kinds, sure = np.array([[22.0, 18, 40, 30], [300, 200, 30, 40]]), np.array([0, 1]), np.array([0.98, 0.97])
    mine, theirs = [], []
    for by in (0.25, 1.0, 4.0):
        mine.append(same_boxes(program, boxes * by, classes, seen * by, kinds, sure))
        corners = [np.hstack([b[:, :2], b[:, :2] + b[:, 2:]]) * by for b in (boxes, seen)]
        rows = np.hstack([corners[1], sure[:, None]])
        theirs.append(box_scores([{"bboxes": corners[0], "labels": classes}],
                                 [np.array([rows[kinds == k] for k in (0, 1)])], verbose=False)[0])
    complaints = []
    if max(np.abs(m - mine[0]).max() for m in mine) > TOLERANCE:
        complaints.append("scores of boxes change with the scale")
    if max(theirs) - min(theirs) < TOLERANCE:
        complaints.append("cleanlab's scores no longer change with the scale: say so no more")
    return complaints


def reviewed(program, data):
    """MNIST's hundred labels that five people each looked at: wrong where fewer than three kept them."""
    folder = pathlib.Path(data) / "label-errors"
    if not folder.is_dir():
        print("  skipped 1: VETSET_DATA")
        return []
    values = np.load(folder / "mnist_test_set_pyx.npy")
    labels = np.load(folder / "mnist_test_set_original_labels.npy").astype(int)
    entries = json.loads((folder / "mnist_mturk.json").read_text())
    ids = np.array([e["id"] for e in entries])
    wrong = np.array([e["mturk"]["given"] < 3 for e in entries])
    complaints, own, _ = compare(program, values.astype(np.float32), labels)
    mine = own["score"][ids]
    theirs = {}
    for method in ("self_confidence", "normalized_margin", "confidence_weighted_entropy"):
        for adjusted in (False, True):
            if not (adjusted and method == "confidence_weighted_entropy"):
                scores = get_label_quality_scores(labels, values, method=method, adjust_pred_probs=adjusted)
                theirs[method + (", adjusted" if adjusted else "")] = 1 - scores[ids]
    best = max(theirs, key=lambda name: average_precision_score(wrong, theirs[name]))
    rng = np.random.default_rng(0)
    gains = []
    for _ in range(2000):
        drawn = rng.integers(len(ids), size=len(ids))
        if wrong[drawn].any():
            gains.append(average_precision_score(wrong[drawn], mine[drawn]) - average_precision_score(wrong[drawn], theirs[best][drawn]))
    low, high = np.percentile(gains, [2.5, 97.5])

    def precision(scores, k):
        return wrong[np.argsort(-scores, kind="stable")[:k]].mean()

    print(f"  label-errors, {wrong.sum()} of {len(wrong)} wrong: AUPRC {average_precision_score(wrong, mine):.4f}, cleanlab's best "
          f"{average_precision_score(wrong, theirs[best]):.4f} ({best}); difference {low:+.4f} to {high:+.4f} (95 %, paired)")
    for k in (10, 15, 25):
        print(f"  precision at {k}: {precision(mine, k):.2f}, cleanlab's {precision(theirs[best], k):.2f}")
        if precision(mine, k) < precision(theirs[best], k) - 1e-9:
            complaints.append(f"label-errors: precision at {k} below cleanlab's")
    if high < -1e-3 or average_precision_score(wrong, mine) < average_precision_score(wrong, theirs[best]) - 1e-3:
        complaints.append("label-errors: AUPRC below cleanlab's best")
    return complaints


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--count", type=int, default=60)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    complaints = scales(args.program)
    labels = flagged = same = 0
    for seed in range(args.count):
        values, given = random_case(np.random.default_rng(seed))
        found, own, theirs = compare(args.program, values, given)
        complaints += [f"case {seed} ({values.shape[0]} × {values.shape[1]}): {text}" for text in found]
        labels, flagged, same = labels + len(given), flagged + theirs.sum(), same + (theirs & own["flagged"]).sum()
    print(f"  {args.count} cases, {labels} labels; of {flagged} that cleanlab flags, vetset flags {same}")
    complaints += reviewed(args.program, os.environ.get("VETSET_DATA", "../shared/data"))
    print("\n".join(complaints) if complaints else "  cleanlab agrees, but for what is other by intent")
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main())
