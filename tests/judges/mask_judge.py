#!/usr/bin/env python3
"""Holds vetset.pycocotools.mask to pycocotools.mask, and boundaries to erosion by OpenCV, bit for bit.

    PYTHONPATH=build/release/python .venv-judges/bin/python tests/judges/mask_judge.py [--count 3000] [--seed 1] [--speed]

Strings must be equal, areas, boxes and bitmaps too, and overlaps as 64-bit integers. --speed prints figures instead.
"""
import argparse
import math
import random
import sys
import time

import cv2
import numpy as np
import pycocotools.mask as theirs
from pycocotools import __file__ as theirs_at
from vetset.pycocotools import mask as ours

failures, compared = [], {}


def same(what, a, b, about):
    compared[what] = compared.get(what, 0) + 1
    if a != b and len(failures) < 20:
        failures.append(f"{what}: ours {a!r}, theirs {b!r}, of {about!r}")


def bits(array):
    """All that an array is: its type, shape and bytes, whatever the order it is kept in."""
    array = np.asarray(array)
    return str(array.dtype), array.shape, array.tobytes("F")


def size(rng):
    kind = rng.random()
    if kind < 0.1:
        return rng.randint(1, 300), 1
    if kind < 0.2:
        return 1, rng.randint(1, 300)
    if kind < 0.25:
        return rng.choice([(1, 1), (1, 2), (2, 1), (3, 3)])
    return rng.randint(1, 400 if kind < 0.6 else 60), rng.randint(1, 400 if kind < 0.6 else 60)


def coordinate(rng, side):
    kind = rng.random()
    if kind < 0.35:
        return rng.uniform(0, side)
    if kind < 0.5:
        return float(rng.randint(-2, side + 2))
    if kind < 0.65:
        return round(rng.uniform(-1, side + 1) * 10) / 10   # on the grid of five, and between its points
    if kind < 0.75:
        return round(rng.uniform(-1, side + 1), 2)
    if kind < 0.85:
        return rng.uniform(-3 * side, 4 * side)
    if kind < 0.95:
        return rng.choice([0, -0.1, -0.3, -0.5, 0.1, 0.5, side, side - 0.1, side + 0.1, side - 0.5, -1e-9, side / 2])
    return rng.uniform(-20000, 20000)


def ring(rng, h, w):
    kind = rng.random()
    points = [(coordinate(rng, w), coordinate(rng, h)) for _ in range(rng.choice([3, 3, 3, 4, 5, 6, 8, 12, 30]))]
    if kind < 0.3:   # as people draw: around a middle
        x, y, r = rng.uniform(0, w), rng.uniform(0, h), rng.uniform(0.2, max(h, w))
        n = rng.randint(3, 60)
        points = [(x + r * rng.uniform(.5, 1) * math.cos(6.2832 * i / n), y + r * rng.uniform(.5, 1) * math.sin(6.2832 * i / n)) for i in range(n)]
    elif kind < 0.4:   # the same corner again
        points = [p for p in points for _ in range(rng.randint(1, 3))]
    elif kind < 0.5:   # a line, there and back
        points += points[::-1]
    elif kind < 0.6:   # right angles
        a, b = points[0], points[1]
        points = [a, (b[0], a[1]), b, (a[0], b[1])]
    flat = [float(v) for p in points for v in p]
    return flat + ([3.0] if rng.random() < 0.05 else [])   # a number without a partner


def bitmap(rng, h, w):
    kind = rng.random()
    if kind < 0.1:
        return np.zeros((h, w), np.uint8, order="F")
    if kind < 0.2:
        return np.ones((h, w), np.uint8, order="F")
    made = np.zeros((h, w), np.uint8, order="F")
    if kind < 0.3:
        made[rng.randrange(h), rng.randrange(w)] = 1
        return made
    if kind < 0.6:
        values = np.random.default_rng(rng.randrange(2**32)).random((h, w))
        return np.asfortranarray((values < rng.choice([0.02, 0.3, 0.5, 0.97])).astype(np.uint8))
    for _ in range(rng.randint(1, 4)):
        y, x = rng.randrange(h), rng.randrange(w)
        made[y:y + rng.randint(1, h), x:x + rng.randint(1, w)] = rng.choice([1, 1, 1, 0])
    return made


def judge_shapes(rng, count):
    for _ in range(count):
        h, w = size(rng)
        rings = [ring(rng, h, w) for _ in range(rng.choice([1, 1, 1, 2, 5]))]
        drawn, expected = ours.frPyObjects(rings, h, w), theirs.frPyObjects(rings, h, w)
        same("polygons", drawn, expected, (rings, h, w))
        same("union of polygons", ours.merge(drawn), theirs.merge(expected), (rings, h, w))
        same("one polygon", ours.frPyObjects(rings, h, w)[:1], theirs.frPyObjects(rings[:1], h, w), (rings, h, w))
        boxes = np.array([[coordinate(rng, w), coordinate(rng, h), coordinate(rng, w), coordinate(rng, h)] for _ in range(3)])
        same("boxes", ours.frPyObjects(boxes, h, w), theirs.frPyObjects(boxes, h, w), (boxes, h, w))


def any_masks(rng, h, w, n):
    """Masks from all sides: of bitmaps, polygons, and lists of counts that have zeros in them."""
    made = []
    for _ in range(n):
        kind = rng.random()
        if kind < 0.5:
            made.append(theirs.encode(bitmap(rng, h, w)))
        elif kind < 0.85 or h * w < 100:   # theirs writes beyond its memory where zeros make more counts than pixels
            made.append(theirs.frPyObjects([ring(rng, h, w)], h, w)[0])
        else:
            cuts = sorted(rng.choices(range(h * w + 1), k=rng.randint(0, 6)))
            counts = [b - a for a, b in zip([0, *cuts], [*cuts, h * w])]
            given = {"counts": counts, "size": [h, w]}
            same("lists of counts", ours.frPyObjects(given, h, w), theirs.frPyObjects(given, h, w), given)
            made.append(theirs.frPyObjects(given, h, w))
    return made


def has_pixels(mask):
    return int(theirs.area(mask)) > 0


def judge_masks(rng, count):
    for _ in range(count):
        h, w = size(rng)
        pictures = [bitmap(rng, h, w) for _ in range(2)]
        stacked = np.asfortranarray(np.stack(pictures, axis=2))
        same("encode", ours.encode(stacked), theirs.encode(stacked), (h, w))
        same("encode one", ours.encode(pictures[0]), theirs.encode(stacked)[0], (h, w))
        detections, objects = any_masks(rng, h, w, rng.randint(1, 4)), any_masks(rng, h, w, rng.randint(1, 4))
        if rng.random() < 0.1:
            objects.append(any_masks(rng, h + 1, w, 1)[0])
        if rng.random() < 0.3:
            objects.append(detections[0])
        same("decode", bits(ours.decode(detections)), bits(theirs.decode(detections)), detections)
        same("area", bits(ours.area(objects)), bits(theirs.area(objects)), objects)
        # Around a mask without pixels that has runs of ones, theirs is a box of 2^32.
        solid = [m for m in objects if has_pixels(m) or len(m["counts"]) < 3]
        if solid:
            same("toBbox", bits(ours.toBbox(solid)), bits(theirs.toBbox(solid)), solid)
            same("toBbox of one", bits(ours.toBbox(solid[0])), bits(theirs.toBbox(solid[0])), solid)
        intersect = rng.random() < 0.5
        same("merge", ours.merge(detections, intersect), theirs.merge(detections, intersect), (detections, intersect))
        same("merge of sizes", ours.merge(objects, intersect), theirs.merge(objects, intersect), (objects, intersect))
        crowd = [rng.random() < 0.3 for _ in objects]
        same("overlap of masks", bits(ours.iou(detections, objects, crowd)), bits(theirs.iou(detections, objects, crowd)),
             (detections, objects, crowd))
        boxes = [np.array([[coordinate(rng, 50), coordinate(rng, 50), abs(coordinate(rng, 50)), abs(coordinate(rng, 50))]
                           for _ in range(rng.randint(1, 4))]) for _ in range(2)]
        crowd = [rng.random() < 0.3 for _ in boxes[1]]
        same("overlap of boxes", bits(ours.iou(*boxes, crowd)), bits(theirs.iou(*boxes, crowd)), (boxes, crowd))


def eroded_boundary(mask, ratio):
    """Boundary IoU's definition (Cheng et al., 2021), as its authors compute it."""
    h, w = mask.shape
    times = max(1, int(round(ratio * math.sqrt(h**2 + w**2))))
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    return mask - cv2.erode(padded, np.ones((3, 3), np.uint8), iterations=times)[1:-1, 1:-1]


def judge_boundaries(rng, count):
    for _ in range(count):
        h, w = size(rng)
        if rng.random() < 0.5:
            mask = bitmap(rng, h, w)
        else:
            mask = theirs.decode(theirs.merge(theirs.frPyObjects([ring(rng, h, w) for _ in range(2)], h, w)))
        ratio = rng.choice([0.02, 0.02, 0.005, 0.1, 0.3])
        expected = theirs.encode(np.asfortranarray(eroded_boundary(mask, ratio)))
        same("boundary", ours.boundary(ours.encode(mask), ratio), expected, (h, w, ratio))


def raised(call):
    try:
        call()
    except Exception as e:
        return e
    return None


def judge_refusals():
    """What theirs refuses, ours refuses in words; and what would crash or be nonsense there."""
    mask = {"size": [2, 5], "counts": b"55"}
    polygon = [[1, 1, 4, 1, 4, 4]]
    both = {
        "more pixels than its size": lambda m: m.decode({"size": [2, 5], "counts": b"56"}),
        "no size": lambda m: m.area({"counts": b"55"}),
        "counts as a list": lambda m: m.area({"size": [2, 5], "counts": [5, 5]}),
        "an empty list of polygons": lambda m: m.frPyObjects([], 4, 4),
        "a point": lambda m: m.frPyObjects([[1, 2]], 4, 4),
        "text": lambda m: m.frPyObjects("polygon", 4, 4),
        "text among numbers": lambda m: m.frPyObjects([[1, 2, 3, 4, 5, "a"]], 4, 4),
        "a size below 0": lambda m: m.frPyObjects(polygon, -1, 4),
        "one mask to merge": lambda m: m.merge(mask),
        "too few marks of crowds": lambda m: m.iou([mask], [mask], []),
        "masks and boxes": lambda m: m.iou([mask], [[1, 2, 3, 4]], [0]),
        "boxes of three numbers": lambda m: m.iou([[1, 2, 3]], [[1, 2, 3]], [0]),
        "floats for a bitmap": lambda m: m.encode(np.zeros((2, 2, 1), order="F")),
    }
    for what, call in both.items():
        same("refused", (what, bool(raised(lambda: call(ours)))), (what, bool(raised(lambda: call(theirs)))), what)
    own = {
        "a count below 0": lambda: ours.frPyObjects({"counts": [-1, 3], "size": [1, 2]}, 1, 2),
        "a count that is no number": lambda: ours.frPyObjects({"counts": [math.nan, 3], "size": [1, 2]}, 1, 2),
        "a character beyond 'o'": lambda: ours.area({"size": [2, 5], "counts": b"~~"}),
        "an end within a count": lambda: ours.area({"size": [2, 5], "counts": b"P"}),
        "a count below 0 in text": lambda: ours.area({"size": [2, 5], "counts": b"O"}),
        "a size of 2^32": lambda: ours.frPyObjects(polygon, 2**16, 2**16),
        "a size of 2^70": lambda: ours.area({"size": [2**70, 1], "counts": b""}),
        "several sizes in one array": lambda: ours.decode([mask, {"size": [1, 2], "counts": b"2"}]),
        "two dimensions of points": lambda: ours.frPyObjects([np.zeros((5, 2))], 4, 4),
        "None": lambda: ours.decode(None),
    }
    for what, call in own.items():
        error = raised(call)
        same("refused by ours", (what, isinstance(error, (ValueError, TypeError, OverflowError))), (what, True), repr(error))
    # Coordinates that no integer holds: theirs takes all memory.
    huge = [[-1e300, -1e300, 1e300, -1e300, 1e300, 1e300, -1e300, 1e300]]
    same("huge coordinates", int(ours.area(ours.frPyObjects(huge, 5, 7)[0])), 35, huge)
    for odd in (math.nan, math.inf, -math.inf):
        same("no number", int(ours.area(ours.frPyObjects([[0, 0, 9, 0, 9, odd]], 5, 7)[0])), 0, odd)


def rate(what, unit, number, call):
    best = min(timed(call) for _ in range(3))
    return f"{what:22} {number / best:14,.0f} {unit}/s"


def timed(call):
    began = time.process_time()
    call()
    return time.process_time() - began


def speed(rng):
    h, w, n = 480, 640, 2000
    rings = []
    for _ in range(n):
        x, y, r, corners = rng.uniform(0, w), rng.uniform(0, h), rng.uniform(5, 120), rng.randint(20, 60)
        rings.append([v for i in range(corners) for v in
                      (x + r * rng.uniform(.8, 1) * math.cos(6.2832 * i / corners), y + r * rng.uniform(.8, 1) * math.sin(6.2832 * i / corners))])
    masks = theirs.frPyObjects(rings, h, w)
    half, other = masks[:500], masks[500:1000]
    crowd = [0] * len(other)
    pictures = theirs.decode(masks[:100])
    for name, m in (("vetset", ours), ("pycocotools", theirs)):
        print(name)
        print(rate("polygons drawn", "polygons", n, lambda: m.frPyObjects(rings, h, w)))
        print(rate("strings to areas", "masks", n, lambda: m.area(masks)))
        print(rate("strings to boxes", "masks", n, lambda: m.toBbox(masks)))
        print(rate("overlaps", "pairs", 250_000, lambda: m.iou(half, other, crowd)))
        print(rate("merged", "masks", n, lambda: m.merge(masks)))
        print(rate("encoded", "bitmaps", 100, lambda: m.encode(pictures)))
        print(rate("decoded", "bitmaps", 100, lambda: m.decode(masks[:100])))
    cropped = [theirs.decode(m) for m in masks[:200]]
    print(rate("boundary, vetset", "masks", 200, lambda: [ours.boundary(m) for m in masks[:200]]))
    print(rate("boundary, OpenCV", "masks", 200, lambda: [eroded_boundary(m, 0.02) for m in cropped]))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--count", type=int, default=3000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--speed", action="store_true")
    chosen = arguments.parse_args()
    rng = random.Random(chosen.seed)
    assert ours.__file__ != theirs_at
    if chosen.speed:
        speed(rng)
        return 0
    judge_shapes(rng, chosen.count)
    judge_masks(rng, chosen.count)
    judge_boundaries(rng, chosen.count // 3)
    judge_refusals()
    for failure in failures:
        print(failure[:2000])
    print(", ".join(f"{n} {what}" for what, n in compared.items()))
    print(f"{sum(compared.values())} compared, {'differences' if failures else 'no difference'}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
