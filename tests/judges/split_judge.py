#!/usr/bin/env python3
"""`vetset split` beside scikit-learn's StratifiedGroupKFold and iterative-stratification, on a dataset cut from clips.

    VETSET=build/release/vetset tests/judges/split_judge.py

20,000 images in about 1,500 clips of very unlike lengths, 40 labels of a long tail that a clip is inclined to, 80/10/10. Two figures
each: how far the labels of val and test are from their share on average, and how many clips are in more than one split. vetset is to
leak none and to stay within 3 %.

Then pictures, drawn here and copied as public datasets were: whole test sets that are files of train, resized and recoded copies,
mirrored ones, brighter ones, frames of one recording on both sides. `vetset split --check` is to find every one, with the pair and nothing else; a split of our own is to
tear none apart and to pass the check, where the others, who know of no copies, tear many."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy
import PIL.Image
import PIL.ImageEnhance
import PIL.ImageOps
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


def picture(draw):
    """Blots of colour, large and small: no two alike."""
    layers = [PIL.Image.fromarray(draw.integers(0, 256, (n, n, 3), dtype=numpy.uint8)).resize((160, 120), PIL.Image.Resampling.BICUBIC)
              for n in (4, 9, 24)]
    return PIL.Image.blend(PIL.Image.blend(layers[0], layers[1], 0.5), layers[2], 0.3)


#: As the stories were: what became of the copy.
STORIES = {
    "the same file": lambda image: image,
    "recoded": lambda image: image,
    "resized": lambda image: image.resize((120, 90), PIL.Image.Resampling.LANCZOS),
    "brighter": lambda image: PIL.ImageEnhance.Brightness(image).enhance(1.2),
    "mirrored": PIL.ImageOps.mirror,
    "grey": lambda image: image.convert("L").convert("RGB"),
}


def made_pictures(folder, copies, alone):
    """A folder of classes in train and test, `copies` of each story across both; pairs of their paths."""
    draw = numpy.random.default_rng(5)
    pairs = []
    names = iter(draw.permutation(100_000))
    for split in ("train", "test"):
        for kind in ("a", "b"):
            (folder / split / kind).mkdir(parents=True)
    for k in range(alone):
        picture(draw).save(folder / ("train", "test")[k % 4 == 0] / "ab"[k % 2] / f"{next(names)}.jpg", quality=92)
    for story, change in STORIES.items():
        for k in range(copies):
            image = picture(draw)
            first = folder / "train" / "ab"[k % 2] / f"{next(names)}.jpg"
            second = folder / "test" / "ab"[k % 2] / f"{next(names)}.jpg"
            image.save(first, quality=92)
            if story == "the same file":
                second.write_bytes(first.read_bytes())
            else:
                change(image).save(second, quality=75)
            pairs.append((story, first.relative_to(folder).as_posix(), second.relative_to(folder).as_posix()))
    return pairs


def judge_pictures(folder):
    pairs = made_pictures(folder / "set", copies=12, alone=160)
    checked = subprocess.run([os.environ["VETSET"], "split", folder / "set", "--check", "--json", "--no-cache"], stdout=subprocess.PIPE)
    check = json.loads(checked.stdout)
    found = {frozenset(cluster["paths"]) for cluster in check["clusters"]["first"]}
    planted = {frozenset(pair[1:]) for pair in pairs}
    for story in STORIES:
        mine = [frozenset(pair[1:]) for pair in pairs if pair[0] == story]
        print(f"{story:16} found {sum(pair in found for pair in mine)} of {len(mine)}")
    print(f"clusters that nobody planted: {len(found - planted)}; exit status {checked.returncode}")
    bad = found != planted or checked.returncode != 1

    subprocess.run([os.environ["VETSET"], "split", folder / "set", "-o", folder / "ours", "--no-cache", "--quiet", "--accept", "all"],
                   check=True, stdout=subprocess.DEVNULL)
    places = {}
    for path in (folder / "ours").rglob("*.jpg"):
        places.setdefault(path.read_bytes(), set()).add(path.relative_to(folder / "ours").parts[0])
    ours = sum(len(places[(folder / "set" / a).read_bytes()] | places[(folder / "set" / b).read_bytes()]) > 1 for _, a, b in pairs)
    again = subprocess.run([os.environ["VETSET"], "split", folder / "ours", "--check", "--json", "--no-cache"], stdout=subprocess.PIPE)
    held = json.loads(again.stdout)
    paths = sorted(path.relative_to(folder / "set").as_posix() for path in (folder / "set").rglob("*.jpg"))
    labels = numpy.array([path.split("/")[1] == "b" for path in paths]).astype(int)
    for name, folds in {
        "StratifiedGroupKFold": StratifiedGroupKFold(10, shuffle=True, random_state=1).split(labels, labels, numpy.arange(len(paths))),
        "iterative-stratification": MultilabelStratifiedKFold(n_splits=10, shuffle=True, random_state=1).split(labels, numpy.eye(2)[labels]),
    }.items():
        of = numpy.zeros(len(paths), int)
        for k, (_, tested) in enumerate(folds):
            if k < 2:
                of[tested] = k + 1
        place = dict(zip(paths, of))
        print(f"{name:26} pairs of copies torn apart {sum(place[a] != place[b] for _, a, b in pairs)} of {len(pairs)}")
    print(f"{'vetset':26} pairs of copies torn apart {ours} of {len(pairs)}; check says {held['holds']}, search {held['lock']['search']}")
    return bad or ours > 0 or again.returncode != 0 or held["lock"]["search"] != "same"


def judge_recordings(folder, recordings=6, frames=8):
    """Every fourth frame of each recording is in test, the others in train: each is to be found as one sequence, by names and pixels;
    equal names of other pictures are none."""
    draw = numpy.random.default_rng(6)
    planted = set()
    for split in ("train", "test"):
        (folder / split / "a").mkdir(parents=True)
    for r in range(recordings):
        scene, paths = picture(draw).resize((480, 360)), []
        for k in range(frames):
            path = folder / ("train", "test")[k % 4 == 3] / "a" / f"rec{r}_{k:04}.jpg"
            scene.crop((12 * k, 20, 12 * k + 320, 260)).save(path, quality=85)
            paths.append(path.relative_to(folder).as_posix())
        planted.add(frozenset(paths))
    for k in range(2 * frames):
        picture(draw).save(folder / ("train", "test")[k % 4 == 3] / "a" / f"shot_{k:04}.jpg", quality=85)
    checked = subprocess.run([os.environ["VETSET"], "split", folder, "--check", "--json", "--no-cache"], stdout=subprocess.PIPE)
    found = {frozenset(cluster["paths"]) for cluster in json.loads(checked.stdout)["clusters"]["first"]}
    rules = subprocess.run([os.environ["VETSET"], "check", folder, "--pixels", "--select", "LEA308", "--json", "--no-cache"],
                           stdout=subprocess.PIPE)
    named = rules.stdout.count(b"is of one sequence")
    print(f"{'recordings':16} found {len(found & planted)} of {recordings}, told as sequences {named}; others {len(found - planted)}")
    return found != planted or named != recordings


def judge_crops(folder, copies=8):
    """Crops of 0.8 of the side, taken anywhere, which the tier full is to find: a picture that is rich in corners."""
    draw = numpy.random.default_rng(7)
    planted = set()
    for split in ("train", "test"):
        (folder / split / "a").mkdir(parents=True)
    for k in range(3 * copies):
        noise = PIL.Image.fromarray(draw.integers(0, 256, (60, 80, 3), dtype=numpy.uint8)).resize((320, 240), PIL.Image.Resampling.BICUBIC)
        image, path = PIL.Image.blend(picture(draw).resize((320, 240)), noise, 0.4), folder / "train" / "a" / f"{draw.integers(1 << 30)}.jpg"
        image.save(path, quality=92)
        if k < copies:
            left, top = int(draw.integers(0, 64)), int(draw.integers(0, 48))
            crop = folder / "test" / "a" / f"{draw.integers(1 << 30)}.jpg"
            image.crop((left, top, left + 256, top + 192)).save(crop, quality=85)
            planted.add(frozenset(p.relative_to(folder).as_posix() for p in (path, crop)))
    checked = subprocess.run([os.environ["VETSET"], "split", folder, "--check", "--near", "full", "--json", "--no-cache"],
                             stdout=subprocess.PIPE)
    found = {frozenset(cluster["paths"]) for cluster in json.loads(checked.stdout)["clusters"]["first"]}
    print(f"{'free crops':16} found {len(found & planted)} of {copies}; others {len(found - planted)}")
    return found != planted


def main():
    with tempfile.TemporaryDirectory() as folder:
        bad = judge_pictures(pathlib.Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        bad |= judge_recordings(pathlib.Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        bad |= judge_crops(pathlib.Path(folder))
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
