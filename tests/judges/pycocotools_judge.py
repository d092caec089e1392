#!/usr/bin/env python3
"""Runs scripts that were written for pycocotools, once with it and once with vetset.pycocotools, and compares everything.

    PYTHONPATH=build/release/python .venv-judges/bin/python tests/judges/pycocotools_judge.py [--count N]

The text of a script is the same but for the package that it imports. Compared are what it prints (times aside), the arrays
of `eval` bit for bit, `stats`, every record of `evalImgs`, every matrix of `ious`, and what a script leaves in `seen`. Random
sets have crowds, ties, unsorted and missing ids, empty images, masks as polygons and run lengths, keypoints; real ones come
from VETSET_DATA. Knows nothing of vetset but the name of its package.
"""
import argparse
import contextlib
import copy
import importlib.util
import io
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import numpy as np

REFERENCE, OURS = "pycocotools", "vetset.pycocotools"
TIMES = re.compile(r"t=\d+\.\d\d?s")


# Random sets.

def polygon(draw, box):
    x, y, w, h = box
    corners = [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
    jitter = [c + draw.uniform(-2, 2) for corner in corners for c in corner]
    return jitter if draw.random() < 0.8 else jitter + [x + w / 2, y + h / 2]


def encoded(draw, box, height, width, lists=True):
    from pycocotools import mask

    bitmap = np.zeros((height, width), dtype=np.uint8, order="F")
    x, y, w, h = (max(0, int(v)) for v in box)
    bitmap[y:y + h, x:x + w] = 1
    for _ in range(draw.randrange(4)):
        bitmap[draw.randrange(height), draw.randrange(width)] ^= 1
    run = mask.encode(bitmap)
    if lists and draw.random() < 0.2:  # counts as a list
        counts, value, length = [], 0, 0
        for v in bitmap.ravel(order="F"):
            if v != value:
                counts.append(length)
                value, length = v, 0
            length += 1
        return {"size": [height, width], "counts": counts + [length]}
    return {"size": [height, width], "counts": run["counts"].decode()}


def keypoints(draw, box):
    x, y, w, h = box
    points = []
    for _ in range(17):
        seen = draw.choice([0, 1, 2, 2])
        points += [round(draw.uniform(x, x + w), 1), round(draw.uniform(y, y + h), 1), seen] if seen else [0, 0, 0]
    return points


def nudged(draw, points, by):
    return [v if i % 3 == 2 else round(v + draw.uniform(-by, by), 2) for i, v in enumerate(points)]


def moved(draw, box, by):
    return [round(v + draw.uniform(-by, by), draw.choice([0, 1, 6])) if i < 2 else max(0.5, v + draw.uniform(-by, by))
            for i, v in enumerate(box)]


def random_set(seed, task):
    """A ground truth and results. Ids are scattered, scores tie, some images and classes have nothing."""
    draw = random.Random(seed)
    image_ids = draw.sample(range(1, 500), draw.randrange(2, 12))
    category_ids = draw.sample(range(1, 60), draw.randrange(1, 5))
    images = [{"id": i, "file_name": f"{i}.jpg", "height": draw.randrange(60, 120), "width": draw.randrange(60, 120)}
              for i in image_ids]
    annotations, results = [], []
    ids = draw.sample(range(1, 10_000), 400)
    for image in images:
        for _ in range(draw.choice([0, 1, 3, 8, 14])):
            box = [draw.uniform(0, 50), draw.uniform(0, 50), draw.choice([4, 12, 32, 50]) + draw.random(), draw.uniform(3, 50)]
            if draw.random() < 0.3:
                box = [float(int(v)) for v in box]
            crowd = int(draw.random() < 0.1)
            ann = {"id": ids.pop(), "image_id": image["id"], "category_id": draw.choice(category_ids), "bbox": box,
                   "area": draw.choice([box[2] * box[3], 1024, 1024.0, 9216]) if draw.random() < 0.3 else box[2] * box[3],
                   "iscrowd": crowd}
            if draw.random() < 0.1:
                ann["ignore"] = 1
            if task == "segm":
                ann["segmentation"] = (encoded(draw, box, image["height"], image["width"])
                                       if crowd or draw.random() < 0.2 else [polygon(draw, box) for _ in range(draw.choice([1, 1, 2]))])
            if task == "keypoints":
                ann["keypoints"] = keypoints(draw, box)
                ann["num_keypoints"] = sum(v > 0 for v in ann["keypoints"][2::3])
            annotations.append(ann)
            for _ in range(draw.choice([0, 1, 1, 2])):
                by = draw.choice([0, 1, 6, 20])
                category = ann["category_id"] if draw.random() < 0.9 else draw.choice(category_ids)
                results.append((image, category, moved(draw, box, by), nudged(draw, ann.get("keypoints", []), by / 4)))
        for _ in range(draw.choice([0, 0, 2, 6])):
            box = [draw.uniform(0, 50) for _ in range(3)] + [draw.uniform(3, 40)]
            results.append((image, draw.choice(category_ids), box, keypoints(draw, box)))
    if not results:
        results.append((images[0], category_ids[0], [1.0, 2.0, 30.0, 20.5], keypoints(draw, [1.0, 2.0, 30.0, 20.5])))
    draw.shuffle(results)
    found = []
    for image, category, box, points in results:
        record = {"image_id": image["id"], "category_id": category, "score": draw.choice([0.5, 0.25, round(draw.random(), 3), draw.random()])}
        if task == "bbox":
            record["bbox"] = box
        elif task == "segm":
            record["segmentation"] = encoded(draw, box, image["height"], image["width"], lists=False)
            if seed % 3 == 0:
                record["bbox"] = box
        else:
            record["keypoints"] = points
        found.append(record)
    truth = {"info": {"description": f"set {seed}"}, "images": images, "annotations": annotations,
             "categories": [{"id": c, "name": f"class {c}", "supercategory": "thing"} for c in category_ids]}
    return truth, found


# Scripts. `PACKAGE` is replaced; `truth` and `results` are paths, `task` the type. What they put into `seen` is compared.

USUAL = """
from PACKAGE.coco import COCO
from PACKAGE.cocoeval import COCOeval
gt = COCO(truth)
dt = gt.loadRes(results)
E = COCOeval(gt, dt, task)
E.evaluate(); E.accumulate(); E.summarize()
"""
HEAD = USUAL.rsplit("\nE.evaluate()", 1)[0] + "\n"
RUN = "E.evaluate(); E.accumulate(); E.summarize()\n"
SCRIPTS = {
    "the usual three calls": USUAL,
    "results as a list of dicts": HEAD.replace("loadRes(results)", "loadRes(json.load(open(results)))") + RUN,
    "dicts changed after loading": HEAD + """
for ann in gt.dataset['annotations'][::3]:
    ann['iscrowd'] = 1
for ann in gt.anns.values():
    ann['ignore'] = 1
for ann in list(dt.anns.values())[::4]:
    ann['score'] = 0.125
for ann in gt.dataset['annotations'][1::4]:
    ann['area'] = 10.5
gt.dataset['annotations'] = gt.dataset['annotations'][:-1]
gt.createIndex()
""" + RUN,
    "results changed by who gave them": HEAD.replace("loadRes(results)", "loadRes(given)").replace(
        "gt = COCO", "given = json.load(open(results)); gt = COCO") + """
for ann in given[::3]:
    ann['score'] = 0.5
seen['given'] = [sorted(ann) for ann in given], [ann['area'] if task != 'segm' else int(ann['area']) for ann in given]
""" + RUN,
    "the index": """
from PACKAGE.coco import COCO
gt = COCO(truth)
gt.info()
ids = sorted(gt.getImgIds())
seen['ids'] = gt.getAnnIds(), gt.getCatIds(), ids, gt.getAnnIds(imgIds=ids[:2]), gt.getAnnIds(ids[0])
seen['some'] = gt.getAnnIds(catIds=gt.getCatIds()[:1], iscrowd=False), gt.getAnnIds(areaRng=[100, 1000])
seen['cats'] = gt.getCatIds(catNms=[gt.loadCats(gt.getCatIds())[0]['name']]), gt.getCatIds(supNms='thing'), gt.getCatIds(catIds=gt.getCatIds()[:1])
seen['imgs'] = sorted(gt.getImgIds(catIds=gt.getCatIds()[:1])), sorted(gt.getImgIds(imgIds=ids[:3], catIds=gt.getCatIds()[:1]))
seen['loaded'] = gt.loadAnns(gt.getAnnIds()), gt.loadCats(gt.getCatIds()), gt.loadImgs(ids), gt.loadImgs(ids[0])
seen['held'] = gt.dataset, gt.anns, gt.imgs, gt.cats, dict(gt.imgToAnns), dict(gt.catToImgs)
dt = gt.loadRes(results)
seen['dt'] = dt.getAnnIds(), dt.dataset['images'], dt.dataset['categories'], dt.dataset['info'], list(dt.dataset), dt.loadAnns(dt.getAnnIds())
if task == 'segm':
    seen['masks'] = [gt.annToRLE(a) for a in gt.anns.values()], [gt.annToMask(a) for a in gt.anns.values()]
""",
    "an object made by hand": """
from PACKAGE.coco import COCO
from PACKAGE.cocoeval import COCOeval
gt = COCO()
gt.dataset = json.load(open(truth))
gt.createIndex()
dt = COCO()
dt.dataset = {'images': gt.dataset['images'], 'categories': gt.dataset['categories'],
              'annotations': gt.loadRes(results).dataset['annotations']}
dt.createIndex()
E = COCOeval(gt, dt, task)
""" + RUN,
    "ids that are texts": """
from PACKAGE.coco import COCO
from PACKAGE.cocoeval import COCOeval
document, found = json.load(open(truth)), json.load(open(results))
for record in document['images']:
    record['id'] = f"image {record['id']}"
for record in document['categories']:
    record['id'] = f"class {record['id']}"
for record in document['annotations'] + found:
    record['image_id'], record['category_id'] = f"image {record['image_id']}", f"class {record['category_id']}"
json.dump(document, open(truth + '.texts', 'w'))
gt = COCO(truth + '.texts')
dt = gt.loadRes(found)
E = COCOeval(gt, dt, task)
""" + RUN,
    "parameters": HEAD + """
E.params.imgIds = E.params.imgIds[::2] + [E.params.imgIds[0], 100_000]
E.params.catIds = E.params.catIds[:2][::-1]
E.params.iouThrs = np.array([.3, .5, .75])
E.params.recThrs = np.linspace(0, 1, 11)
E.params.areaRng = [[0, 1e10], [0, 400], [400, 1e10]]
E.params.areaRngLbl = ['all', 'small', 'large']
E.params.maxDets = [3, 1, 2] if task != 'keypoints' else [20]
""" + RUN,
    "limits alone": HEAD + "E.params.maxDets = [1, 10, 300]\n" + RUN,
    "one threshold, as a list": HEAD + "E.params.iouThrs = [.5]\n" + RUN,
    "thresholds that fall": HEAD + "E.params.iouThrs = np.array([.75, .5])\nE.params.recThrs = [1, .5, 0]\n" + RUN,
    "without categories": HEAD + "E.params.useCats = 0\n" + RUN,
    "an unsorted choice of categories, without them": HEAD + "E.params.useCats = 0\nE.params.catIds = E.params.catIds[::-1][:2]\n" + RUN,
    "two evaluations": HEAD + RUN + "E.params.maxDets = [1, 5, 100] if task != 'keypoints' else [20]\n" + RUN,
    "accumulated for less": HEAD + """
import copy
E.evaluate()
p = copy.deepcopy(E.params)
p.imgIds = p.imgIds[:2]
p.maxDets = p.maxDets[-1:]
p.areaRng = p.areaRng[:1]
E.accumulate(p)
seen['less'] = E.eval['precision'], E.eval['recall'], E.eval['scores'], E.eval['counts']
E.accumulate(); E.summarize()
""",
    "records of images, changed": HEAD + """
E.evaluate()
for record in E.evalImgs:
    if record is not None and len(record['gtIds']):
        record['gtIgnore'][0] = 1
E.accumulate(); E.summarize()
""",
    "records of images, as other code merges them": HEAD + """
E.evaluate()
images = np.asarray(E.evalImgs).reshape(-1, len(E.params.areaRng), len(E.params.imgIds))
E.evalImgs = list(images.flatten())
E.accumulate(); E.summarize()
""",
    "image by image, as DETR does": HEAD + """
import copy
p = E.params
p.imgIds, p.catIds, p.maxDets = list(np.unique(p.imgIds)), list(np.unique(p.catIds)), sorted(p.maxDets)
E._prepare()
compute = E.computeOks if task == 'keypoints' else E.computeIoU
E.ious = {(i, c): compute(i, c) for i in p.imgIds for c in p.catIds}
E.evalImgs = [E.evaluateImg(i, c, a, p.maxDets[-1]) for c in p.catIds for a in p.areaRng for i in p.imgIds]
E._paramsEval = copy.deepcopy(E.params)
E.accumulate(); E.summarize()
""",
    "a subclass": """
from PACKAGE.coco import COCO
from PACKAGE.cocoeval import COCOeval, Params
class Mine(COCOeval):
    def _prepare(self):
        super()._prepare()
        for records in self._gts.values():
            for record in records:
                record['ignore'] = record['ignore'] or record['area'] < 200
    def evaluateImg(self, imgId, catId, aRng, maxDet):
        record = super().evaluateImg(imgId, catId, aRng, maxDet)
        if record is not None:
            record['extra'] = len(record['dtIds'])
        return record
gt = COCO(truth)
E = Mine(gt, gt.loadRes(results), task)
""" + RUN,
    "what evaluate leaves": HEAD + "E.evaluate()\n" + """
seen['sides'] = [(k, [(a['id'], a['ignore']) for a in v]) for k, v in sorted(E._gts.items()) if v]
seen['dts'] = [(k, [(a['id'], a['score'], a['area']) for a in v]) for k, v in sorted(E._dts.items()) if v]
seen['one'] = [E.computeOks(i, c) if task == 'keypoints' else E.computeIoU(i, c) for i in E.params.imgIds for c in E.params.catIds]
E.accumulate(); E.summarize()
""",
    "kept and read again": HEAD.replace("gt = COCO(truth)", "import pickle\ngt = pickle.loads(pickle.dumps(COCO(truth)))")
    + RUN + "E = pickle.loads(pickle.dumps(E))\n",
    "deprecated masks": HEAD + "E.params.useSegm = int(task == 'segm')\n" + RUN,
    "an early summary": HEAD + "E.summarize()\n",
    "two limits": HEAD + "E.params.maxDets = [1, 10]\n" + RUN,
    "another number of points": HEAD + "E.params.kpt_oks_sigmas = np.ones(5)\n" + RUN,
    "nothing evaluated": HEAD + "E.accumulate()\n",
    "an unknown type": HEAD + "COCOeval(gt, dt, 'boxes')\n",
    "no results": HEAD.replace("loadRes(results)", "loadRes([])"),
    "an unknown image": HEAD.replace("loadRes(results)", "loadRes([dict(json.load(open(results))[0], image_id=-5)])"),
    "results that are no list": HEAD.replace("loadRes(results)", "loadRes(truth)"),
    "a truth that is a list": "from PACKAGE.coco import COCO\nCOCO(results)\n",
    "a file that is not there": "from PACKAGE.coco import COCO\nCOCO(truth + '.no')\n",
    "a file that is no JSON": "from PACKAGE.coco import COCO\nopen(truth + '.bad', 'w').write('{\"images\": [')\nCOCO(truth + '.bad')\n",
    "no iscrowd": HEAD + "for a in gt.dataset['annotations']:\n    del a['iscrowd']\n" + RUN,
    "no area": HEAD + "for a in gt.dataset['annotations']:\n    del a['area']\n" + RUN,
    "no scores": HEAD.replace("loadRes(results)", "loadRes([{k: v for k, v in r.items() if k != 'score'} for r in json.load(open(results))])") + RUN,
    "ids from 0, and twice": HEAD + """
for n, a in enumerate(gt.dataset['annotations']):
    a['id'] = n // 2
gt.createIndex()
""" + RUN,
    "scores that are not numbers, or infinite": HEAD + """
for n, a in enumerate(dt.dataset['annotations']):
    a['score'] = [float('nan'), float('inf'), a['score'], a['score'], -float('inf')][n % 5]
""" + RUN,
    "an empty set of results made by hand": HEAD + """
dt = COCO()
dt.dataset = {'images': gt.dataset['images'], 'categories': gt.dataset['categories'], 'annotations': []}
dt.createIndex()
E = COCOeval(gt, dt, task)
""" + RUN,
}
ONLY = {
    "deprecated masks": ("bbox", "segm"),
    "another number of points": ("keypoints",),
}
ARRAY = HEAD.replace("loadRes(results)", "loadRes(np.array([[r['image_id'], *r['bbox'], r['score'], r['category_id']] for r in json.load(open(results))]))")
BOX_SCRIPTS = {
    "an array of results": ARRAY + RUN,
    "an array of results, looked at": ARRAY + "seen['dt'] = dt.anns, dt.dataset\n" + RUN,
    "an array of single precision": ARRAY.replace("json.load(open(results))]))", "json.load(open(results))]).astype(np.float32))") + RUN,
    "an array of six columns": ARRAY.replace(", r['category_id']]", "]"),
    "numbers of NumPy in the dicts": HEAD.replace("loadRes(results)", "loadRes([dict(r, bbox=np.array(r['bbox'], dtype=np.float32), "
                                                  "score=np.float32(r['score'])) for r in json.load(open(results))])") + RUN,
    "masks of boxes": HEAD.replace("COCOeval(gt, dt, task)", "COCOeval(gt, dt, 'segm')") + """
for a in gt.dataset['annotations']:
    x, y, w, h = a['bbox']
    a['segmentation'] = [[x, y, x, y + h, x + w, y + h, x + w, y]]
""" + RUN,
}
MASK_SCRIPTS = {
    "boxes of masks": HEAD.replace("COCOeval(gt, dt, task)", "COCOeval(gt, dt, 'bbox')") + RUN,
    "sizes changed after loading": HEAD + """
for image in gt.imgs.values():
    image['height'] -= 7
for a in gt.dataset['annotations']:
    if type(a['segmentation']) is not list:
        a['segmentation'] = [[1, 1, 20, 1, 20, 20.5, 3, 18]]
for a in dt.dataset['annotations']:
    image = gt.imgs[a['image_id']]
    a['segmentation'] = [[3, 1, 24, 1, 20, 20.5, 3, 18, 2, 2]]
dt.imgs.update(gt.imgs)
""" + RUN,
}


# One script with one package.

def run(script, package, names):
    """What a script printed, and what it left; an exception by its type."""
    space = {"np": np, "json": json, "seen": {}, **names}
    out = io.StringIO()
    raised = None
    with contextlib.redirect_stdout(out), np.errstate(all="ignore"):
        try:
            exec(compile(script.replace("PACKAGE", package), f"<{package}>", "exec"), space)
        except Exception as error:
            raised = error
    return space, TIMES.sub("t=…s", out.getvalue()), raised


def same(a, b, where, wrong):
    """Equal in content, numbers to the last bit; differences are told."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        a, b = np.asarray(a), np.asarray(b)
        if a.shape != b.shape:
            wrong.append(f"{where}: shapes {a.shape} and {b.shape}")
        elif a.dtype == b.dtype == np.float64:
            if a.tobytes() != b.tobytes():
                differ = np.flatnonzero(a.ravel().view(np.int64) != b.ravel().view(np.int64))
                wrong.append(f"{where}: {len(differ)} of {a.size} differ, first {a.ravel()[differ[0]]!r} and {b.ravel()[differ[0]]!r}")
        elif a.dtype.kind != b.dtype.kind or not np.array_equal(a, b):
            wrong.append(f"{where}: {a!r} and {b!r}")
    elif isinstance(a, dict) and isinstance(b, dict):
        if list(a) != list(b):
            wrong.append(f"{where}: keys {list(a)[:8]} and {list(b)[:8]}")
        for key in set(a) & set(b):
            same(a[key], b[key], f"{where}[{key!r}]", wrong)
    elif isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        if len(a) != len(b):
            wrong.append(f"{where}: {len(a)} and {len(b)} values")
        for n, (x, y) in enumerate(zip(a, b, strict=False)):
            same(x, y, f"{where}[{n}]", wrong)
    elif not (a == b or (a != a and b != b)) or isinstance(a, (dict, list, tuple, str, bytes)) != isinstance(b, (dict, list, tuple, str, bytes)):
        wrong.append(f"{where}: {a!r} and {b!r}")


def close(a, b, where, wrong):
    """Similarities of keypoints may differ in the last digit: the exponential function is not the same everywhere."""
    if np.shape(a) != np.shape(b) or not np.allclose(a, b, rtol=1e-12, atol=0, equal_nan=True):
        wrong.append(f"{where}: {a!r} and {b!r}")


def compared(script, names, task):
    (theirs, printed, refusal), (ours, printed_by_us, our_refusal) = (run(script, package, copy.deepcopy(names)) for package in (REFERENCE, OURS))
    wrong: list[str] = []
    if type(refusal) is not type(our_refusal):
        wrong.append(f"raised {refusal!r} and {our_refusal!r}")
    if printed != printed_by_us:
        pairs = zip(printed.splitlines() + ["(end)"], printed_by_us.splitlines() + ["(end)"], strict=False)
        wrong.append("prints " + " | ".join(next((p for p in pairs if p[0] != p[1]), ("?", "?"))))
    for key in theirs["seen"]:
        if task == "keypoints" and key == "one":
            for n, (a, b) in enumerate(zip(theirs["seen"][key], ours["seen"].get(key, []), strict=False)):
                close(a, b, f"seen one {n}", wrong)
        else:
            same(theirs["seen"][key], ours["seen"].get(key), f"seen {key}", wrong)
    a, b = theirs.get("E"), ours.get("E")
    if a is None or b is None or refusal is not None:
        return wrong
    for key in ("precision", "recall", "scores", "counts"):
        same(a.eval[key], b.eval[key], f"eval[{key!r}]", wrong)
    same(a.stats, b.stats, "stats", wrong)
    same(list(a.evalImgs), list(b.evalImgs), "evalImgs", wrong)
    same(list(a.ious), list(b.ious), "keys of ious", wrong)
    for key in a.ious:
        (close if a.params.iouType == "keypoints" else same)(a.ious[key], b.ious[key], f"ious[{key}]", wrong)
    same(vars(a.params), vars(b.params), "params", wrong)
    return wrong


def write(folder, truth, found):
    paths = {"truth": str(folder / "truth.json"), "results": str(folder / "results.json")}
    for path, document in zip(paths.values(), (truth, found), strict=True):
        pathlib.Path(path).write_text(json.dumps(document))
    return paths


def judge_random(seeds, tell):
    scripts = 0
    for seed in range(seeds):
        task = ("bbox", "segm", "keypoints")[seed % 3]
        with tempfile.TemporaryDirectory() as folder:
            names = {**write(pathlib.Path(folder), *random_set(seed, task)), "task": task}
            chosen = {**SCRIPTS, **{"bbox": BOX_SCRIPTS, "segm": MASK_SCRIPTS}.get(task, {})}
            for title, script in chosen.items():
                if task in ONLY.get(title, (task,)):
                    scripts += 1
                    tell(f"set {seed}, {task}: {title}", compared(script, names, task))
    return scripts


def judge_fast(tell):
    """The usual scripts must go the fast way, or nothing is gained."""
    for task in ("bbox", "segm", "keypoints"):
        with tempfile.TemporaryDirectory() as folder:
            names = {**write(pathlib.Path(folder), *random_set({"bbox": 0, "segm": 1, "keypoints": 2}[task] + 30, task)), "task": task}
            for title in ("the usual three calls", "results as a list of dicts", "dicts changed after loading"):
                space, _, _ = run(SCRIPTS[title], OURS, names)
                kept = type(space["E"].evalImgs).__name__
                tell(f"{task}: {title} goes the fast way", [] if kept == "Images" else [f"evalImgs is a {kept}"])
                if title == "the usual three calls" and task != "keypoints":
                    made = [name for name in ("gt", "dt") if "_anns" in vars(space[name])]
                    tell(f"{task}: {title} makes no dicts", [f"of {made}"] if made else [])


TORCHVISION = """
import contextlib, json, os, sys
if sys.argv[2] == "ours":
    import vetset
    vetset.init_as_pycocotools()
from torchvision.datasets import CocoDetection
with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
    dataset = CocoDetection(".", sys.argv[1])
print(json.dumps([dataset.ids, [dataset._load_target(i) for i in dataset.ids], type(dataset.coco).__module__.split(".")[0]]))
"""


def judge_torchvision(tell):
    """Code of others that imports pycocotools, with ours in its place."""
    if importlib.util.find_spec("torchvision") is None:
        print("skipped 1: torchvision")
        return
    with tempfile.TemporaryDirectory() as folder:
        path = write(pathlib.Path(folder), *random_set(4, "segm"))["truth"]
        theirs, ours = (subprocess.run([sys.executable, "-c", TORCHVISION, path, whose], check=True, capture_output=True, text=True).stdout
                        for whose in ("theirs", "ours"))
    theirs, ours = json.loads(theirs), json.loads(ours)
    wrong = [] if (theirs.pop(), ours.pop()) == ("pycocotools", "vetset") else ["the packages are not those that were asked for"]
    same(theirs, ours, "CocoDetection", wrong)
    tell("torchvision's CocoDetection holds the same targets", wrong)


def judge_real(tell):
    data = pathlib.Path(os.environ.get("VETSET_DATA", pathlib.Path(__file__).resolve().parents[3] / "shared/data")) / "coco-eval"
    if not data.is_dir():
        print("skipped 2: VETSET_DATA")
        return
    for task in ("bbox", "segm"):
        names = {"truth": str(data / "instances_val2014_100.json"), "task": task,
                 "results": str(data / f"instances_val2014_fake{task}100_results.json")}
        for title in ("the usual three calls", "results as a list of dicts", "parameters", "without categories"):
            tell(f"coco-eval, {task}: {title}", compared(SCRIPTS[title], names, task))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--count", type=int, default=60)
    chosen = options.parse_args()
    failed, asked = [], 0

    def tell(question, wrong):
        nonlocal asked
        asked += 1
        if wrong:
            failed.append(question)
            print("NO ", question)
            for line in wrong[:4]:
                print("      " + line[:300])

    judge_fast(tell)
    judge_random(chosen.count, tell)
    judge_torchvision(tell)
    judge_real(tell)
    print(f"{asked - len(failed)} of {asked} scripts agree with pycocotools")
    return 1 if failed or asked == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
