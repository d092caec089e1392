#!/usr/bin/env python3
"""Holds what `vetset check --for pycocotools|torchvision` says to the libraries themselves, object by object.

    VETSET=build/release/vetset .venv-judges/bin/python tests/judges/consumers_judge.py [--count 60]

Real sets where $VETSET_DATA has them, and documents, VOC folders and class folders made to be read wrongly.
"""
import argparse
import contextlib
import io
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

from PIL import Image
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from torchvision.datasets import CocoDetection, ImageFolder, VOCDetection

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("VETSET") or "vetset"
DATA = pathlib.Path(os.environ.get("VETSET_DATA") or ROOT.parent / "shared/data")
failures, asked = [], 0


def said(path, consumer):
    """What vetset says: images and objects read, why it stops, its effects as text."""
    done = subprocess.run([PROGRAM, "check", str(path), "--for", consumer, "--json"], capture_output=True, text=True, timeout=120)
    if done.returncode == 2 and "annotations.json:1:" in done.stderr:
        return (0, 0), done.stderr, ""   # broken off: nobody reads it
    if done.returncode not in (0, 1):
        failures.append(f"{path}: {consumer}: exit {done.returncode}: {done.stderr.strip()}")
        return None
    view = json.loads(done.stdout)["consumers"][0]
    words = " | ".join(e["what"] for e in view["effects"])
    return (view["images_read"], view["objects_read"]), view.get("refused") or "", words


def compare(what, path, consumer, found):
    """`found`: images and objects that were read, whether nothing was, and words that must (or, after '!', must not) be said."""
    global asked
    asked += 1
    view = said(path, consumer)
    if view is None:
        return
    counts, refused, words = view
    images, objects, stopped, phrases = found
    if stopped and (refused or "no JSON" in words or counts == (0, 0)):
        counts = (images, objects)
    if counts != (images, objects):
        failures.append(f"{what}: {consumer} reads {images} images and {objects} objects, vetset says {counts} ({refused}{words})")
    for phrase in phrases:
        if (phrase.lstrip("!") in words + refused) == phrase.startswith("!"):
            failures.append(f"{what}: {consumer}: expected {phrase!r} in {refused}{words!r}")


@contextlib.contextmanager
def silence():
    with contextlib.redirect_stdout(io.StringIO()):
        yield


def evaluation_stops(coco):
    """The key that an evaluation of boxes fails on, with a detection in every place; empty: it does not."""
    detections = COCO()
    detections.dataset = {"images": coco.dataset["images"], "categories": coco.dataset["categories"], "annotations": [
        {"id": 1_000_000 + n, "image_id": i, "category_id": c, "bbox": [0, 0, 5, 5], "area": 25, "iscrowd": 0, "score": 0.5}
        for n, (i, c) in enumerate((i, c) for i in coco.imgs for c in coco.cats)]}
    detections.createIndex()
    evaluation = COCOeval(coco, detections, "bbox")
    try:
        evaluation.evaluate()
    except KeyError as error:
        return str(error)
    return ""


def pycocotools_reads(path):
    try:
        with silence():
            coco = COCO(str(path))
            ids = coco.getAnnIds(imgIds=sorted(coco.getImgIds()), catIds=sorted(coco.getCatIds()))
            if not coco.cats:
                return 0, 0, True, []
            loaded = {id(a) for a in coco.loadAnns(ids) if a["image_id"] in coco.imgs and a["category_id"] in coco.cats}
            stops = evaluation_stops(coco)
    except Exception:
        return 0, 0, True, []
    reached = [a for a in coco.dataset["annotations"] if id(a) in loaded]
    expected = [("" if any(k not in a for a in reached) else "!") + f"without '{k}'" for k in ("area", "iscrowd")]
    if bool(stops) != any(not e.startswith("!") for e in expected):
        failures.append(f"{path}: an evaluation stops with {stops!r}, expected by {expected}")
    return len(coco.imgs), len(loaded), False, expected


def coco_detection_reads(path, root):
    try:
        with silence():
            dataset = CocoDetection(str(root), str(path))
    except Exception:
        return 0, 0, True, []
    images, objects = 0, set()
    for n in range(len(dataset)):
        try:
            _, target = dataset[n]
        except Exception:
            continue
        images += 1
        objects |= {id(a) for a in target}
    return images, len(objects), False, []


def image_folder_reads(roots):
    images, stopped = 0, False
    for root in roots:
        try:
            dataset = ImageFolder(str(root))
        except FileNotFoundError:
            stopped = True
            continue
        for n in range(len(dataset)):
            with contextlib.suppress(Exception):
                dataset[n]
                images += 1
    return images, images, stopped and images == 0, []


def voc_reads(folder):
    """VOCDetection over a folder that holds ImageSets, by a link where it looks for its development kit."""
    samples = {}
    with tempfile.TemporaryDirectory() as scratch:
        for year, sets in (("2012", ("train", "val", "trainval")), ("2007", ("test",))):
            place = pathlib.Path(scratch) / "VOCdevkit" / f"VOC{year}"
            place.parent.mkdir(exist_ok=True)
            place.symlink_to(folder.resolve())
            for image_set in sets:
                try:
                    dataset = VOCDetection(scratch, year=year, image_set=image_set)
                except FileNotFoundError:
                    continue
                for n, image in enumerate(dataset.images):
                    name = os.path.basename(image)
                    samples[name] = None
                    with contextlib.suppress(Exception):
                        samples[name] = len(dataset[n][1]["annotation"].get("object", []))
    read = [n for n in samples.values() if n is not None]
    return len(read), sum(read), not read, []


# Documents made to be read wrongly.

def random_document(draw):
    def key(most):
        value = draw.choice([*range(most)])
        return draw.choice([value] * 30 + [float(value), str(value), value == 1])
    kinds = draw.random()
    some = (lambda most: draw.randrange(most)) if kinds < 0.7 else key
    images = [{"id": some(9), "file_name": f"{draw.randrange(8)}.png", "width": 20, "height": 16} for _ in range(draw.randrange(1, 8))]
    categories = [{"id": n, "name": f"c{n}"} for n in range(draw.choice([0, 1, 2, 3, 3, 3]))]
    annotations = []
    for _ in range(draw.randrange(12)):
        a = {"id": some(14), "image_id": some(9), "category_id": some(3), "bbox": [1, 1, 5, 5], "area": 25, "iscrowd": 0}
        for name in ("area", "iscrowd", "category_id", "image_id", "id"):
            if draw.random() < (0.08 if name in ("area", "iscrowd") else 0.005):
                del a[name]
        annotations.append(a)
    text = json.dumps({"images": images, "annotations": annotations, "categories": categories})
    if draw.random() < 0.04:
        text = text[:-draw.randrange(1, 5)]
    if draw.random() < 0.04:
        text = "\ufeff" + text
    return text


def judge_documents(count):
    draw = random.Random(7)
    for n in range(count):
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            for name in range(6):
                Image.new("RGB", (20, 16), (name * 20, 0, 0)).save(folder / f"{name}.png")
            path = folder / "annotations.json"
            path.write_text(random_document(draw))
            compare(f"document {n}", path, "pycocotools", pycocotools_reads(path))
            compare(f"document {n}", path, "torchvision", coco_detection_reads(path, folder))


def judge_masks():
    """Segmentations that annToMask stops at, and those that it does not."""
    cases = {"usual": [[1, 1, 9, 1, 9, 9]], "empty": [], "boxes": [[1, 1, 9, 9]], "flat": [1, 1, 9, 1, 9, 9], "null": None,
             "short": [[1, 1]], "run lengths": {"size": [16, 20], "counts": [10, 5, 305]}}
    for name, value in cases.items():
        with tempfile.TemporaryDirectory() as scratch:
            path = pathlib.Path(scratch) / "a.json"
            common = {"image_id": 1, "category_id": 1, "bbox": [1, 1, 8, 8], "area": 64, "iscrowd": 0}
            path.write_text(json.dumps({"images": [{"id": 1, "file_name": "a.png", "width": 20, "height": 16}], "categories": [{"id": 1, "name": "c"}],
                                        "annotations": [{"id": 1, "segmentation": cases["usual"], **common}, {"id": 2, "segmentation": value, **common}]}))
            with silence():
                coco = COCO(str(path))
            words = []
            try:
                coco.annToMask(coco.anns[2])
                words.append("!without an outline or mask")
            except Exception:
                words.append("without an outline or mask")
            compare(f"segmentation {name}", path, "pycocotools", (1, 2, False, words))


def judge_folders():
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        for split, classes in (("train", ("cat", "dog", "owl")), ("val", ("cat", "owl"))):
            for name in classes:
                (folder / split / name / "deep").mkdir(parents=True)
                for n, extension in enumerate(("jpg", "PNG", "gif", "webp")):
                    Image.new("RGB", (20, 16)).save(folder / split / name / f"{n}.{extension}")
                Image.new("RGB", (20, 16)).save(folder / split / name / "deep" / "d.jpeg")
        (folder / "train/cat/note.txt").write_text("no image")
        (folder / "train/cat/broken.jpg").write_bytes(b"no image at all, whatever its name says")
        images, objects, stopped, _ = image_folder_reads([folder / "train", folder / "val"])
        train, val = ImageFolder(folder / "train").class_to_idx, ImageFolder(folder / "val").class_to_idx
        assert train["owl"] != val["owl"]
        compare("class folders", folder, "torchvision", (images, objects, stopped, ["class 'owl' is number 1 here and 2 in train"]))


def judge_voc():
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        for part in ("Annotations", "JPEGImages", "ImageSets/Main"):
            (folder / part).mkdir(parents=True)
        for n, extension in enumerate(("jpg", "jpg", "png", "jpg")):
            Image.new("RGB", (20, 16)).save(folder / "JPEGImages" / f"{n}.{extension}")
            box = "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox>"
            objects = f"<object><name>cat</name>{box}</object>" * n
            (folder / "Annotations" / f"{n}.xml").write_text(
                f"<annotation><filename>{n}.{extension}</filename><size><width>20</width><height>16</height><depth>3</depth></size>{objects}</annotation>")
        (folder / "Annotations/3.xml").unlink()
        (folder / "ImageSets/Main/train.txt").write_text("0\n1 \n2\n")
        (folder / "ImageSets/Main/val.txt").write_text("3\n4")
        compare("VOC folder", folder, "torchvision", voc_reads(folder))


def judge_real():
    if not DATA.is_dir():
        print("skipped 5: VETSET_DATA")
        return
    for name in ("coco-eval/instances_val2014_100.json", "coco-edge/healthcheck_bad.json", "labelbox/coco/instances.json"):
        compare(name, DATA / name, "pycocotools", pycocotools_reads(DATA / name))
    for folder in ("clothing", "sign-digits"):
        roots = [DATA / folder] if folder == "sign-digits" else sorted((DATA / folder).iterdir())
        compare(folder, DATA / folder, "torchvision", image_folder_reads(roots))
    compare("bccd", DATA / "bccd", "torchvision", voc_reads(DATA / "bccd"))
    splits = [coco_detection_reads(DATA / "chess-coco" / s / "_annotations.coco.json", DATA / "chess-coco" / s) for s in ("valid", "test")]
    compare("chess-coco", DATA / "chess-coco", "torchvision", (sum(s[0] for s in splits), sum(s[1] for s in splits), False, []))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--count", type=int, default=60)
    chosen = arguments.parse_args()
    judge_documents(chosen.count)
    judge_masks()
    judge_folders()
    judge_voc()
    judge_real()
    for failure in failures:
        print(failure)
    print(f"{asked} views, {len(failures)} differences")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
