#!/usr/bin/env python3
"""`vetset evaluate` beside pycocotools: the arrays equal as 64-bit integers, what the reference refuses refused by name.

    VETSET=build/release/vetset .venv-judges/bin/python tests/judges/evaluate_judge.py [--count 100]

Real results with the figures their authors printed, hand-made corner cases, one case for each known fault of the reference, and random
sets of boxes, masks and keypoints, all read from files by both."""
import argparse
import contextlib
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy
from pycocotools import mask as masks
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

VETSET = os.environ["VETSET"]
DATA = pathlib.Path(os.environ.get("VETSET_DATA", "../shared/data"))
BOXES = [.504581, .696973, .572982, .585626, .519400, .501398, .386813, .593680, .595353, .639811, .566421, .564291]
MASKS = [.319545, .562288, .298927, .387374, .310183, .326934, .268230, .415449, .416839, .469450, .376759, .381472]
failed = []


def check(name, good, detail=""):
    if not good:
        failed.append(name)
        print(f"FAIL {name}: {detail}")


def reference(truth, results, iou, limits=None, classes=True):
    """precision, recall, scores and the twelve figures; or what was raised."""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            gt = COCO(str(truth))
            run = COCOeval(gt, gt.loadRes(str(results)), iou)
            run.params.useCats = int(classes)
            if limits:
                run.params.maxDets = limits
            run.evaluate()
            run.accumulate()
            run.summarize()
        except Exception as error:
            return error
    return {"precision": run.eval["precision"], "recall": run.eval["recall"], "scores": run.eval["scores"], "stats": run.stats}


def vetset(truth, results, iou, folder, *more):
    arrays = folder / "arrays"
    done = subprocess.run([VETSET, "evaluate", str(truth), str(results), "--iou-type", iou, "--arrays", str(arrays), *more],
                          capture_output=True, text=True)
    if done.returncode:
        return done, None
    return done, {name: numpy.load(arrays / f"{iou}-{name}.npy") for name in ("precision", "recall", "scores")}


def printed(done):
    return [line.rsplit(" = ", 1)[1] for line in done.stdout.splitlines() if " = " in line and "Average" in line]


def same(name, truth, results, iou, folder, limits=None, classes=True):
    """Strict mode gives the reference's arrays and print."""
    more = ["--coco", "strict"] + (["--max-dets", ",".join(map(str, limits))] if limits else []) + ([] if classes else ["--class-agnostic"])
    expected = reference(truth, results, iou, limits, classes)
    done, found = vetset(truth, results, iou, folder, *more)
    if isinstance(expected, Exception):
        return check(name, done.returncode == 2 and done.stderr.startswith("vetset: "), f"{expected!r} against {done}")
    if found is None:
        return check(name, False, done.stderr)
    for array, values in found.items():
        wanted = numpy.ascontiguousarray(expected[array])
        if wanted.shape != values.shape:
            return check(name, False, f"{array}: shape {values.shape}, expected {wanted.shape}")
        apart = int((wanted.view(numpy.int64) != values.view(numpy.int64)).sum())
        check(name, apart == 0, f"{array}: {apart} of {values.size} values differ")
    check(name, printed(done) == [f"{v:0.3f}" for v in expected["stats"]], printed(done))
    return expected["stats"]


def write(folder, truth, results):
    (folder / "truth.json").write_text(json.dumps(truth))
    (folder / "results.json").write_text(results if isinstance(results, str) else json.dumps(results))
    return folder / "truth.json", folder / "results.json"


def real(folder):
    """Figures to six digits are those of the data's README."""
    truth = DATA / "coco-eval/instances_val2014_100.json"
    if not truth.exists():
        return print("skipped 5: VETSET_DATA")
    for iou, kind, figures in (("bbox", "bbox", BOXES), ("segm", "segm", MASKS), ("bbox", "segm", None)):
        stats = same(f"coco-eval {kind} by {iou}", truth, DATA / f"coco-eval/instances_val2014_fake{kind}100_results.json", iou, folder)
        if figures:
            check(f"coco-eval {kind} figures", numpy.abs(stats - figures).max() < 1e-6, stats)
    for name in ("", "edge_", "zero_"):
        same(f"coco-edge {name}", DATA / f"coco-edge/{name}gt.json", DATA / f"coco-edge/{name}dt.json", "bbox", folder)


def table():
    """Two images, two objects each, and results that equal them: then one thing is changed."""
    boxes = [[10, 10, 50, 50], [100, 10, 50, 50]]
    truth = {"images": [{"id": i, "file_name": f"{i}.jpg", "width": 200, "height": 200} for i in (1, 2)],
             "categories": [{"id": 1, "name": "thing"}],
             "annotations": [{"id": 2 * i + k + 1, "image_id": i + 1, "category_id": 1, "bbox": box, "area": 2500, "iscrowd": 0}
                             for i in (0, 1) for k, box in enumerate(boxes)]}
    results = [{"image_id": a["image_id"], "category_id": 1, "bbox": a["bbox"], "score": s}
               for a, s in zip(truth["annotations"], (.9, .8, .7, .6))]
    return truth, results


def known_faults(folder):
    """The reference's value, and what corrected mode makes of it: a figure, or words of the refusal."""
    def ids(*numbers):
        return lambda gt, dt: [a.update(id=n) for a, n in zip(gt["annotations"], numbers)]

    def each(**values):
        return lambda gt, dt: [a.update(values) for a in gt["annotations"]]

    def without(key):
        return lambda gt, dt: [a.pop(key) for a in gt["annotations"]]

    cases = [("nothing", None, 1.0, "1.000", None),
             ("id 0", ids(0, 1, 2, 3), .564356, "1.000", "zero_id"),
             ("ids twice", ids(5, 5, 6, 7), .564356, "1.000", "duplicate_id"),
             ("ids beyond 2^53", ids(2**53, 2**53 + 1, 2**53 + 2, 2**53 + 3), 1.0, "1.000", "big_id"),
             ("no iscrowd", without("iscrowd"), KeyError, "1.000", "missing_crowd"),
             ("no area", without("area"), KeyError, "1.000", "missing_area"),
             ("all ignored", each(ignore=1), 1.0, "-1.000", "ignore_overwritten"),
             ("no results", lambda gt, dt: dt.clear(), IndexError, "0.000", "no_predictions"),
             ("NaN score", lambda gt, dt: dt[3].update(score=float("nan")), 1.0, "is not a number", "nan_score"),
             ("infinite score", lambda gt, dt: dt[3].update(score=float("inf")), None, "1.000", "infinite_score"),
             ("unknown image", lambda gt, dt: dt[3].update(image_id=9), AssertionError, None, None),
             ("unknown class", lambda gt, dt: dt[3].update(category_id=9), None, None, "unknown_category"),
             ("no score", lambda gt, dt: dt[3].pop("score"), KeyError, None, None),
             ("no image_id", lambda gt, dt: dt[3].pop("image_id"), KeyError, None, None),
             ("box of three", lambda gt, dt: dt[3].update(bbox=[1, 2, 3]), IndexError, None, None),
             ("box of words", lambda gt, dt: dt[3].update(bbox=list("abcd")), TypeError, None, None)]
    for name, change, expected, corrected, quirk in cases:
        truth, results = table()
        if change:
            change(truth, results)
        files = write(folder, truth, results)
        there = reference(*files, "bbox")
        if isinstance(expected, type):
            check(name, isinstance(there, expected), f"the reference gave {there!r}")
        elif expected is not None:
            check(name, abs(there["stats"][0] - expected) < 1e-6, there)
        same(name, *files, "bbox", folder)
        done, _ = vetset(*files, "bbox", folder, "--coco", "corrected")
        if corrected and corrected[-1].isdigit():
            check(f"{name}, corrected", done.returncode == 0 and printed(done)[0] == corrected, done)
            check(f"{name}, quirk", quirk is None or quirk in done.stdout, done.stdout)
        elif corrected:
            check(f"{name}, corrected", done.returncode == 2 and corrected in done.stderr, done)
        else:
            check(f"{name}, corrected", done.returncode == 0, done)
    for side in (0, 1):
        truth, results = files = table()
        for one in truth["annotations"]:
            x, y, w, h = one["bbox"]
            one["segmentation"] = [[x, y, x + w, y, x + w, y + h, x, y + h]]
        one = (truth["annotations"], results)[side][0]
        one["segmentation"] = [one["bbox"]]
        files = write(folder, *files)
        check("polygon of four", isinstance(reference(*files, "segm"), TypeError))
        same("polygon of four", *files, "segm", folder)
        done, _ = vetset(*files, "segm", folder, "--coco", "corrected")
        check("polygon of four, corrected", done.returncode == 0 and (side or "polygon_of_four" in done.stdout), done)
    truth, results = table()
    same("limits of detections", *write(folder, truth, results), "bbox", folder, limits=[1, 10, 300])
    same("one class", *write(folder, truth, results), "bbox", folder, classes=False)


def blob(draw, size):
    """A mask of a few rectangles, with holes now and then."""
    height, width = size
    pixels = numpy.zeros((height, width), numpy.uint8, order="F")
    for k in range(draw.integers(1, 4)):
        y, x = draw.integers(0, height - 1), draw.integers(0, width - 1)
        pixels[y:y + draw.integers(1, height), x:x + draw.integers(1, width)] = 0 if k == 2 else 1
    return pixels


def compressed(pixels):
    text = masks.encode(pixels)
    return {"size": text["size"], "counts": text["counts"].decode()}


def random_set(draw, kind):
    """Ids that are large, small, repeated and unsorted; scores with ties; crowds; objects without detections."""
    images = [{"id": int(i), "file_name": f"{k}.jpg", "width": int(draw.integers(8, 60)), "height": int(draw.integers(8, 60))}
              for k, i in enumerate(draw.choice(10**6, draw.integers(1, 6), replace=False))]
    classes = [int(c) for c in draw.choice(90, draw.integers(1, 5), replace=False)]
    truth = {"images": images, "annotations": [], "categories": [{"id": c, "name": f"c{c}"} for c in classes]}
    results = []
    numbers = draw.permutation(200) + (0 if draw.random() < .2 else 1)
    for k in range(draw.integers(1, 30)):
        image = images[draw.integers(len(images))]
        width, height = image["width"], image["height"]
        box = [float(v) for v in numpy.round(draw.random(4) * [width, height, width / 2, height / 2], draw.integers(0, 4))]
        one = {"id": int(numbers[k]), "image_id": image["id"], "category_id": classes[draw.integers(len(classes))], "bbox": box,
               "area": float(numpy.round(draw.random() ** 3 * 12000, 2)) if kind == "keypoints" else box[2] * box[3],
               "iscrowd": int(draw.random() < .1)}
        pixels = blob(draw, (height, width))
        points = numpy.round(draw.random((17, 3)) * [width, height, 0], 1)
        points[:, 2] = draw.integers(0, 3, 17)
        if kind == "segm":
            one["segmentation"] = compressed(pixels)
            one["area"] = float(masks.area(masks.encode(pixels)))
        if kind == "keypoints":
            one["keypoints"] = points.ravel().tolist()
            one["num_keypoints"] = int((points[:, 2] > 0).sum())
        truth["annotations"].append(one)
        for _ in range(draw.integers(0, 4)):
            shifted = [float(v) for v in numpy.round(numpy.array(box) + draw.normal(0, 2, 4), 2)]
            guess = {"image_id": image["id"], "category_id": one["category_id"] if draw.random() < .8 else classes[0],
                     "score": float(numpy.round(draw.random(), draw.choice([1, 2, 17])))}
            if kind == "bbox":
                guess["bbox"] = [shifted[0], shifted[1], abs(shifted[2]), abs(shifted[3])]
            if kind == "segm":
                moved = numpy.asfortranarray(numpy.roll(pixels, draw.integers(0, 3), axis=draw.integers(2)))
                guess["segmentation"] = compressed(moved)
            if kind == "keypoints":
                guess["keypoints"] = [float(v) for v in numpy.round(points + draw.normal(0, 1, (17, 3)), 2).ravel()]
            results.insert(draw.integers(len(results) + 1), guess)
    if kind == "segm" and draw.random() < .5:
        for guess in results:
            guess["bbox"] = [float(v) for v in masks.toBbox(masks.frPyObjects([guess["segmentation"]], 1, 1)[0]
                             if isinstance(guess["segmentation"]["counts"], list) else
                             {"size": guess["segmentation"]["size"], "counts": guess["segmentation"]["counts"].encode()})]
    return truth, results


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--count", type=int, default=100)
    count = arguments.parse_args().count
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        real(folder)
        known_faults(folder)
        for seed in range(count):
            draw = numpy.random.default_rng(seed)
            kind = ("bbox", "segm", "keypoints")[seed % 3]
            files = write(folder, *random_set(draw, kind))
            same(f"random {kind} {seed}", *files, kind, folder, classes=draw.random() < .8)
    print(f"{len(failed)} failed" + (": " + ", ".join(failed[:10]) if failed else f", {count} random sets, all equal"))
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
