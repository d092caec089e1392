#!/usr/bin/env python3
"""Holds vetset's COCO evaluation to pycocotools itself, number by number as 64-bit integers.

    PYTHONPATH=build/release/python .venv-judges/bin/python tests/judges/coco_eval_judge.py [--count 300] [--seed 1]

Random sets of boxes, masks and keypoints, made to hurt: ties, ids of 0, repeated and huge ids, crowds, odd areas, custom
thresholds and limits. Strict mode must give the same arrays, matches and figures, and refuse what the reference raises
on; corrected mode those of the same set with its faults taken out by hand. Boundaries are those of OpenCV's erosion, in
the reference's own evaluation of masks. Then the real set of $VETSET_DATA.
"""
import argparse
import contextlib
import copy
import io
import json
import math
import os
import pathlib
import random
import sys
import warnings

import cv2
import numpy as np
from pycocotools import mask as masks
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

import vetset
from vetset import _core

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(os.environ.get("VETSET_DATA") or ROOT.parent / "shared/data")
BOX, MASK, POINTS, SCORE, AREA, CROWD = 1, 2, 4, 8, 16, 32   # Said
IS_CROWD, IGNORE, NO_POINTS = 1, 2, 4                        # Mark
NONE = 0xFFFFFFFF
SIDE = 200   # of every image, in pixels
MASKED = ("segm", "boundary")
failures = []


class Case:
    """A ground truth, results, and the parameters that are not the usual ones."""

    def __init__(self):
        self.kind, self.truth, self.results, self.loaded = "bbox", {}, [], True
        self.images = self.categories = self.max_dets = self.areas = self.ious = self.recalls = self.sigmas = None
        self.use_cats = 1


# -- making sets ----------------------------------------------------------------------------------------------------

def random_box(r, fine):
    if fine:
        return [r.uniform(0, 150), r.uniform(0, 150), r.uniform(0, 60), r.uniform(0, 60)]
    return [r.choice([0, 8, 16, 32, 40]), r.choice([0, 8, 16, 32]), r.choice([0, 8, 16, 32, 64, 96]), r.choice([0, 16, 32, 32, 96])]


def near(r, box, fine):
    moved = list(box)
    for _ in range(r.choice([0, 0, 1, 1, 2])):
        moved[r.randrange(4)] += r.uniform(-12, 12) if fine else r.choice([-16, -8, 8, 16])
    return [moved[0], moved[1], max(0, moved[2]), max(0, moved[3])]


def mask_of(box):
    bitmap = np.zeros((SIDE, SIDE), np.uint8, order="F")
    x, y, w, h = (int(v) for v in box)
    bitmap[max(0, y):max(0, y + h), max(0, x):max(0, x + w)] = 1
    if w > 6 and h > 6:
        bitmap[max(0, y) + h // 2, max(0, x) + w // 3] = 0   # a hole, so that it is no box
    return masks.encode(bitmap)


def points_of(r, box, count, visible):
    points = []
    for _ in range(count):
        v = r.choice([0, 1, 2, 2]) if visible else 0
        points += [box[0] + r.choice([0, .25, .5, 1]) * box[2], box[1] + r.choice([0, .25, .5, 1]) * box[3], v]
    return points


def ids_of(r, count):
    style = r.choice(["rising", "rising", "rising", "shuffled", "zero", "repeated", "huge", "negative"])
    ids = list(range(1, count + 1))
    if style == "shuffled":
        r.shuffle(ids)
    if style == "zero":
        ids = list(range(count))
    if style == "repeated":
        ids = [r.randint(1, max(1, count)) for _ in ids]
    if style == "huge":
        ids = [2 ** 53 + i for i in ids]
    if style == "negative":
        ids = [i - count // 2 for i in ids]
    return ids


def random_case(r):
    case = Case()
    case.kind = r.choice(["bbox"] * 5 + ["segm"] * 3 + ["keypoints"] * 2 + ["boundary"])
    fine = r.random() < .4
    image_ids = r.sample(range(0, 50), r.randint(1, 6))
    category_ids = r.sample(range(0, 20), r.randint(1, 4))
    points = r.choice([17, 17, 5]) if case.kind == "keypoints" else 0
    if points == 5:
        case.sigmas = np.array([r.uniform(.02, .12) for _ in range(5)])
    objects, results = [], []
    for _ in range(r.choice([0, 1, 3, 8, 20, 40])):
        box = random_box(r, fine)
        area = r.choice([box[2] * box[3], box[2] * box[3], 1024, 9216, 0, 1e10, 2e10, r.uniform(0, 20000)])
        obj = {"image_id": r.choice(image_ids), "category_id": r.choice(category_ids), "bbox": box, "area": area,
               "iscrowd": int(r.random() < .15)}
        if r.random() < .1:
            obj["ignore"] = r.choice([0, 1])
        objects.append(obj)
    flaw = r.choice([None] * 12 + ["no crowd", "no area", "other image", "other category", "copies"])
    for obj in objects:
        if flaw == "no crowd" and r.random() < .2:
            del obj["iscrowd"]
        if flaw == "no area" and r.random() < .2:
            del obj["area"]
        if flaw == "other image" and r.random() < .3:
            obj["image_id"] = 999
        if flaw == "other category" and r.random() < .3:
            obj["category_id"] = 999
    if flaw == "copies":
        objects = [copy.deepcopy(o) for o in objects for _ in range(2)]
    for obj, number in zip(objects, ids_of(r, len(objects))):
        obj["id"] = number
        if case.kind in MASKED:
            obj["segmentation"] = mask_of(obj["bbox"])
        if points:
            obj["keypoints"] = points_of(r, obj["bbox"], points, r.random() < .8)
            obj["num_keypoints"] = r.choice([0, 3, sum(v > 0 for v in obj["keypoints"][2::3])])
    scores = r.choice([[.5], [.1, .9], [0, -0.0, 1, .25], None, None])
    odd_score = r.choice([None] * 9 + [math.nan, math.inf, -math.inf])
    for _ in range(r.choice([0, 1, 2, 5, 20, 60, 150])):
        like = r.choice(objects) if objects and r.random() < .8 else None
        box = near(r, like["bbox"], fine) if like else random_box(r, fine)
        image = like["image_id"] if like and r.random() < .9 and like["image_id"] != 999 else r.choice(image_ids)
        result = {"image_id": image, "category_id": like["category_id"] if like and r.random() < .8 else r.choice(category_ids),
                  "score": r.choice(scores) if scores else r.random()}
        if odd_score is not None and r.random() < .1:
            result["score"] = odd_score
        if case.kind == "bbox":
            result["bbox"] = box
        if case.kind in MASKED:
            result["segmentation"] = mask_of(box)
        if points:
            result["keypoints"] = (list(like["keypoints"]) if like and r.random() < .5 else points_of(r, box, points, True))
            for i in range(0, len(result["keypoints"]), 3):
                result["keypoints"][i] += r.choice([0, 0, 1, r.uniform(-6, 6)])
        results.append(result)
    if results and r.random() < .03:
        del r.choice(results)["score"]
    if case.kind != "bbox":
        with_box = r.choice(["none", "none", "all", "after the first"])
        for n, result in enumerate(results):
            if with_box == "all" or (with_box == "after the first" and n):
                result["bbox"] = random_box(r, fine)
    if results and r.random() < .15:   # by hand, not by loadRes: ids and areas of their own
        case.loaded = False
        for result, number in zip(results, ids_of(r, len(results))):
            result["id"] = number
            result["area"] = r.choice([100, 1024, 5000, 9216, 20000])
            result["iscrowd"] = 0
            result.setdefault("bbox", [0, 0, 1, 1])
    case.truth = {"images": [{"id": i, "height": SIDE, "width": SIDE} for i in image_ids],
                  "categories": [{"id": i, "name": str(i)} for i in category_ids], "annotations": objects}
    case.results = results
    random_parameters(r, case, image_ids, category_ids)
    return case


def random_parameters(r, case, image_ids, category_ids):
    if r.random() < .5:
        return
    if r.random() < .3:
        case.images = r.sample(image_ids, r.randint(1, len(image_ids)))
    if r.random() < .3:
        case.categories = r.sample(category_ids, r.randint(1, len(category_ids)))
    if r.random() < .5:
        case.max_dets = sorted(r.choice([1, 2, 3, 5, 10, 20, 100, 300]) for _ in range(r.choice([1, 2, 3, 3, 3, 4])))
        if r.random() < .1:
            case.max_dets[0] = 0
    if r.random() < .4:
        case.areas = [(label, low, low + r.choice([0, 500, 1024, 1e4, 1e10]))
                      for label, low in zip(["all", "small", "medium", "large", "odd"], r.choices([0, 0, 512, 1024, 9216], k=r.randint(1, 5)))]
    if r.random() < .4:
        case.ious = r.sample([0, .1, .25, .3, 1 / 3, .5, .55, .6, .65, .7, .75, .8, .85, .9, .95, .99, 1, 1.5, 1e-3, .501], r.randint(1, 20))
        if r.random() < .7:
            case.ious.sort()
    if r.random() < .3:
        case.recalls = r.sample([0, .1, .2, .25, 1 / 3, .35, .5, .51, .75, .9, 1, 1.2], r.randint(1, 12))
        if r.random() < .7:
            case.recalls.sort()
    case.use_cats = int(r.random() < .7)


# -- the two sides --------------------------------------------------------------------------------------------------

@contextlib.contextmanager
def silence():
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def index_of(document):
    coco = COCO()
    coco.dataset = document
    coco.createIndex()
    return coco


def edge_of(mask):
    bitmap = masks.decode(mask)
    distance = max(1, int(round(.02 * math.hypot(*bitmap.shape))))
    eroded = cv2.erode(cv2.copyMakeBorder(bitmap, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0), np.ones((3, 3), np.uint8), iterations=distance)
    return masks.encode(np.asfortranarray(bitmap - eroded[1:-1, 1:-1]))


class BoundaryEval(COCOeval):
    """Of masks, with the overlaps of boundary-iou-api: the smaller of masks' and boundaries', that of masks for crowds."""

    def computeIoU(self, image, category):
        ious = super().computeIoU(image, category)
        if len(ious) == 0:
            return ious
        p = self.params
        category_ids = [category] if p.useCats else p.catIds
        gt = [g for c in category_ids for g in self._gts[image, c]]
        dt = [d for c in category_ids for d in self._dts[image, c]]
        order = np.argsort([-d["score"] for d in dt], kind="mergesort")[:p.maxDets[-1]]
        crowd = np.array([int(g["iscrowd"]) for g in gt])
        edges = masks.iou([edge_of(dt[i]["segmentation"]) for i in order], [edge_of(g["segmentation"]) for g in gt], crowd)
        ious[:, crowd == 0] = np.minimum(ious, edges)[:, crowd == 0]
        return ious


def reference(case):
    """The reference's COCOeval after accumulate, its figures (None where it raises there), or what it raised."""
    case = copy.deepcopy(case)
    with silence():
        truth = index_of(case.truth)
        try:
            if case.loaded:
                found = truth.loadRes(case.results)
            else:
                found = index_of({"images": case.truth["images"], "categories": case.truth["categories"], "annotations": case.results})
            judge = BoundaryEval(truth, found, "segm") if case.kind == "boundary" else COCOeval(truth, found, case.kind)
            p = judge.params
            if case.images is not None:
                p.imgIds = case.images
            if case.categories is not None:
                p.catIds = case.categories
            if case.max_dets is not None:
                p.maxDets = case.max_dets
            if case.areas is not None:
                p.areaRngLbl, p.areaRng = [a[0] for a in case.areas], [list(a[1:]) for a in case.areas]
            if case.ious is not None:
                p.iouThrs = np.array(case.ious, float)
            if case.recalls is not None:
                p.recThrs = np.array(case.recalls, float)
            if case.sigmas is not None:
                p.kpt_oks_sigmas = case.sigmas
            p.useCats = case.use_cats
            judge.evaluate()
            judge.accumulate()
        except (KeyError, IndexError, AssertionError, ValueError) as error:
            return error, None
        try:
            judge.summarize()
            return judge, [float(s) for s in judge.stats]
        except IndexError:
            return judge, None


def columns_of(records, case, images, categories, truth):
    """What vetset takes of records: columns, and nothing that pycocotools made of them."""
    n = len(records)
    place = lambda numbers, key: np.array([numbers.get(a[key], NONE) for a in records], np.uint32)
    columns = {"image": place(images, "image_id"), "category": place(categories, "category_id")}
    boxes = [a.get("bbox") or [0, 0, 0, 0] for a in records]
    columns["box"] = np.array(boxes, float).reshape(n, 4)
    said, marks = np.zeros(n, np.uint8), np.zeros(n, np.uint8)
    for i, a in enumerate(records):
        for key, bit in (("bbox", BOX), ("segmentation", MASK), ("keypoints", POINTS), ("score", SCORE), ("area", AREA), ("iscrowd", CROWD)):
            said[i] |= bit if key in a else 0
        marks[i] |= IS_CROWD if a.get("iscrowd") else 0
        marks[i] |= IGNORE if a.get("ignore") else 0
        marks[i] |= NO_POINTS if a.get("num_keypoints", 1) == 0 else 0
    columns["said"], columns["marks"] = said, marks
    if truth or not case.loaded:
        columns["id"] = np.array([a["id"] for a in records], np.int64)
        columns["area"] = np.array([a.get("area", math.nan) for a in records], float)
    if not truth:
        columns["score"] = np.array([a.get("score", math.nan) for a in records], float)
    if case.kind in MASKED:
        columns["mask"] = [a["segmentation"]["counts"] for a in records]
        columns["mask_size"] = np.array([a["segmentation"]["size"] for a in records], np.uint32).reshape(n, 2)
    if case.kind == "keypoints":
        columns["keypoints"] = np.array([a["keypoints"] for a in records], float)
    return columns


def asked(case, mode):
    """Arguments of the engine, and the ids behind its numbers."""
    images = sorted(set(case.images if case.images is not None else [i["id"] for i in case.truth["images"]]))
    categories = sorted(set(case.categories if case.categories is not None else [c["id"] for c in case.truth["categories"]]))
    if not case.use_cats and case.categories is not None:
        categories = case.categories   # the reference sorts them only where they count
    image_numbers, category_numbers = ({v: n for n, v in enumerate(ids)} for ids in (images, categories))
    settings = {"iou_type": case.kind, "mode": mode, "use_categories": bool(case.use_cats)}
    if case.max_dets is not None:
        settings["max_detections"] = sorted(case.max_dets)
    if case.areas is not None:
        settings["areas"] = case.areas
    if case.ious is not None:
        settings["iou_thresholds"] = case.ious
    if case.recalls is not None:
        settings["recall_thresholds"] = case.recalls
    if case.sigmas is not None:
        settings["sigmas"] = case.sigmas
    truth = columns_of(case.truth["annotations"], case, image_numbers, category_numbers, True)
    found = columns_of(case.results, case, image_numbers, category_numbers, False)
    return (truth, found, len(images), len(categories), settings), images, categories


def bits(values):
    return np.ascontiguousarray(values, np.float64).view(np.int64)


def compare_arrays(what, got, judge):
    for name in ("precision", "recall", "scores"):
        theirs, ours = judge.eval[name], got[name]
        if theirs.shape != ours.shape:
            failures.append(f"{what}: {name} has the shape {ours.shape}, expected {theirs.shape}")
            continue
        differ = bits(theirs + 0.0) != bits(ours + 0.0)
        differ &= ~(np.isnan(theirs) & np.isnan(ours))
        if differ.any():
            at = tuple(int(i) for i in np.argwhere(differ.reshape(theirs.shape))[0])
            failures.append(f"{what}: {differ.sum()} values of {name} differ, first {at}: {ours[at]!r}, expected {theirs[at]!r}")


def sums_are_whole():
    """Whether this NumPy adds long arrays in pairs throughout, as releases from 2 on; before, 8,192 numbers at a time."""
    whole = lambda v: np.add.reduce(v) if len(v) <= 8192 else whole(v[:len(v) // 2 // 8 * 8]) + whole(v[len(v) // 2 // 8 * 8:])
    return all(np.add.reduce(values) == whole(values) for values in np.random.default_rng(3).random((20, 30000)))


def compare_figures(what, got, figures, whole=sums_are_whole()):
    ours = [line["value"] for line in got["lines"]]
    # The arrays are equal to the bit; their means are too, where NumPy adds as vetset does.
    same = [v.hex() for v in ours] == [v.hex() for v in figures]
    if not same and (whole or not np.allclose(ours, figures, rtol=1e-15, atol=0)):
        failures.append(f"{what}: figures are {ours}, expected {figures}")


def exp_of_numpy(case):
    """Similarities of keypoints differ in the last bit from NumPy's, which has an exp of its own."""
    return {"rtol": 1e-14, "atol": 1e-300} if case.kind == "keypoints" else {"rtol": 0, "atol": 0}


def compare_matches(what, r, arguments, images, categories, case, judge):
    """Some of evalImgs."""
    opened = _core.evaluated_images(*arguments)
    areas = len(judge.params.areaRng)
    keys = categories if case.use_cats else [-1]
    for _ in range(6):
        i, k, a = r.randrange(len(images)), r.randrange(len(keys)), r.randrange(areas)
        theirs, ours = judge.evalImgs[(k * areas + a) * len(images) + i], opened.at(i, k, a)
        if (theirs is None) != (ours is None):
            failures.append(f"{what}: image {i}, class {k}: {ours}, expected {theirs}")
            return
        if theirs is None:
            continue
        ids = lambda records, rows, given: [records[n]["id"] if given else int(n) + 1 for n in rows]
        pairs = [("dtMatches", ours["prediction_matches"]), ("gtMatches", ours["truth_matches"]),
                 ("gtIgnore", ours["truth_ignored"]), ("dtIgnore", ours["prediction_ignored"]),
                 ("gtIds", ids(case.truth["annotations"], ours["truth"], True)),
                 ("dtIds", ids(case.results, ours["predictions"], not case.loaded))]
        for name, value in pairs:
            if not np.array_equal(np.asarray(theirs[name], float), np.asarray(value, float)):
                failures.append(f"{what}: {name} of image {i}, class {k}, range {a}: {value}, expected {theirs[name]}")
                return
        overlaps = judge.ious[images[i], keys[k]]
        if len(overlaps) and not np.allclose(overlaps, ours["overlaps"], **exp_of_numpy(case)):
            failures.append(f"{what}: overlaps of image {i}, class {k}: {ours['overlaps']}, expected {overlaps}")
            return


def strict(what, r, case):
    judge, figures = reference(case)
    arguments, images, categories = asked(case, "strict")
    try:
        got = _core.evaluate_arrays(*arguments, threads=r.choice([1, 2]))
    except vetset.Error as error:
        if not isinstance(judge, Exception):
            failures.append(f"{what}: refused ({error}), and pycocotools evaluates")
        return "refused"
    if isinstance(judge, Exception):
        # Of masks, it draws those of images that it does not know too.
        if not (case.kind in MASKED and judge.args == (999,)):
            failures.append(f"{what}: evaluated, and pycocotools raises {judge!r}")
        return "refused"
    compare_arrays(what, got, judge)
    compare_figures(what, got, figures or [])
    compare_matches(what, r, arguments, images, categories, case, judge)
    return "evaluated"


def without_faults(case):
    """The same with what the table of quirks calls a fault taken out by hand; nothing where that cannot be done so."""
    case = copy.deepcopy(case)
    known = {c["id"] for c in case.truth["categories"]}
    if not case.results or any("score" in result and math.isnan(result["score"]) for result in case.results):
        return None
    if case.kind == "keypoints" and not case.use_cats:
        return None
    for n, obj in enumerate(case.truth["annotations"]):
        obj["id"] = n + 1
        obj.setdefault("iscrowd", 0)
        if "area" not in obj:
            return None
        if obj.get("ignore") and not obj["iscrowd"]:
            if case.kind == "keypoints":
                obj["num_keypoints"] = 0
            else:
                obj["area"] = -1.0   # outside every range
    for n, result in enumerate(case.results):
        if "score" not in result or result["category_id"] not in known:
            return None
        if not case.loaded:
            result["id"] = n + 1
        elif case.kind in MASKED:
            result.pop("bbox", None)
    return case


def corrected(what, case):
    clean = without_faults(case)
    if clean is None:
        return
    judge, _ = reference(clean)
    arguments, _, _ = asked(case, "corrected")
    if isinstance(judge, Exception):
        failures.append(f"{what}: pycocotools raises {judge!r} where faults are taken out")
        return
    compare_arrays(what + ", corrected", _core.evaluate_arrays(*arguments), judge)


# -- real data ------------------------------------------------------------------------------------------------------

FIGURES = {
    "bbox": [0.504581, 0.696973, 0.572982, 0.585626, 0.519400, 0.501398, 0.386813, 0.593680, 0.595353, 0.639811, 0.566421, 0.564291],
    "segm": [0.319545, 0.562288, 0.298927, 0.387374, 0.310183, 0.326934, 0.268230, 0.415449, 0.416839, 0.469450, 0.376759, 0.381472],
}


def real_data():
    folder = DATA / "coco-eval"
    if not folder.is_dir():
        print("skipped 2: VETSET_DATA")
        return
    printed = [line.strip() for line in (folder / "val2014_fake_eval_res.txt").read_text().splitlines() if "Average" in line]
    for kind in ("bbox", "segm"):
        case = Case()
        case.kind = kind
        case.truth = json.loads((folder / "instances_val2014_100.json").read_text())
        case.results = json.loads((folder / f"instances_val2014_fake{kind}100_results.json").read_text())
        if kind == "segm":
            with silence():
                coco = index_of(case.truth)
            for obj in case.truth["annotations"]:
                obj["segmentation"] = coco.annToRLE(obj)
                if isinstance(obj["segmentation"]["counts"], list):
                    obj["segmentation"] = masks.frPyObjects(obj["segmentation"], *obj["segmentation"]["size"])
            for side in (case.truth["annotations"], case.results):
                for record in side:
                    counts = record["segmentation"]["counts"]
                    record["segmentation"]["counts"] = counts.encode() if isinstance(counts, str) else counts
        r = random.Random(7)
        strict(f"coco-eval {kind}", r, case)
        got = _core.evaluate_arrays(*asked(case, "strict")[0])
        ours = [round(line["value"], 6) for line in got["lines"]]
        if ours != FIGURES[kind]:
            failures.append(f"coco-eval {kind}: figures are {ours}, expected {FIGURES[kind]}")
        for line in got["lines"]:
            if " ".join(line["text"].split()) not in [" ".join(p.split()) for p in printed]:
                failures.append(f"coco-eval {kind}: the authors did not print {line['text']!r}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--count", type=int, default=300)
    arguments.add_argument("--seed", type=int, default=1)
    asked_for = arguments.parse_args()
    outcomes = {"evaluated": 0, "refused": 0}
    for seed in range(asked_for.seed, asked_for.seed + asked_for.count):
        r = random.Random(seed)
        case = random_case(r)
        what = f"seed {seed}, {case.kind}"
        outcomes[strict(what, r, case)] += 1
        corrected(what, case)
        if len(failures) > 20:
            break
    real_data()
    print("\n".join(failures[:20]))
    print(f"{sum(outcomes.values())} random sets, {outcomes['refused']} of them refused by both; {len(failures)} disagreements")
    return 1 if failures or outcomes["evaluated"] == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
