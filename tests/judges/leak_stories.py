#!/usr/bin/env python3
"""Replicas of leaks that were found in public datasets: drawn anew, leaked in the same way and in the same share. Every planted leak has to be found, a
new split has to leave none, and its check has to say so.

    VETSET=build/release/vetset .venv-judges/bin/python tests/judges/leak_stories.py

What the stories are like: RIAWELC (each test image is byte for byte one of training), CIFAR-10 (3.3 % of the test images have a near-duplicate in
training), PlantSeg (groups of copies, saved again, some of them across splits), LIVECell (duplicates inside training, some in validation, too),
HSLVision (98 % of the evaluation frames are of a recording that training has, seen by their names and content).
"""
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image, ImageEnhance

PROGRAM = os.environ.get("VETSET", "vetset")
CLASSES = ("a", "b")


def picture(draw, width=160, height=120):
    """Soft shapes of several sizes: as much to recognise as a photo has."""
    levels = sum(np.asarray(Image.fromarray(draw.integers(0, 256, (knots, knots + 2, 3), dtype=np.uint8)).resize((width, height), Image.BICUBIC), float) / weight
                 for knots, weight in ((4, 2.0), (9, 4.0), (20, 4.0)))
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


def jpeg(image, quality=90):
    held = io.BytesIO()
    image.save(held, "JPEG", quality=quality)
    return held.getvalue()


class Story:
    """A dataset of class folders in the making, and which evaluation images leak."""

    def __init__(self, folder, seed):
        self.folder, self.draw, self.leaks, self.count = folder, np.random.default_rng(seed), set(), 0

    def put(self, split, data, leaks=False, name=None):
        path = f"{split}/{CLASSES[self.count % 2]}/{name or f'{self.draw.integers(1 << 40):x}'}.jpg"
        self.count += 1
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_bytes(data)
        if leaks:
            self.leaks.add(path)

    def fresh(self, split, count):
        made = [picture(self.draw) for _ in range(count)]
        for image in made:
            self.put(split, jpeg(image))
        return made


def riawelc(story):
    for image in story.fresh("train", 120):
        story.put("test", jpeg(image), leaks=True)


def cifar(story):
    for image in story.fresh("train", 150)[:5]:
        story.put("test", jpeg(ImageEnhance.Brightness(image).enhance(0.85), 60), leaks=True)
    story.fresh("test", 145)


def plantseg(story):
    made = story.fresh("train", 120)
    for n, image in enumerate(made[:20]):
        story.put("test", jpeg(image, 90 if n % 2 else 55), leaks=True)
    for image in made[20:40]:
        story.put("train", jpeg(image, 70))
    story.fresh("test", 40)


def livecell(story):
    made = story.fresh("train", 100)
    for image in made[:30]:
        story.put("train", jpeg(image))
    for image in made[:12]:
        story.put("val", jpeg(image), leaks=True)
    story.fresh("val", 30)


def hslvision(story):
    for recording in range(10):
        begin, end = picture(story.draw), picture(story.draw)
        for frame in range(20):
            split = "train" if frame % 5 else ("val" if recording % 2 else "test")
            story.put(split, jpeg(Image.blend(begin, end, 0.5 * frame / 20)), leaks=split != "train", name=f"game{recording}_{frame:04}")
    story.fresh("train", 40)
    story.fresh("test", 1)


def run(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=600,
                          env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"})


def evaluation_images(check):
    """The evaluation images that the leaks of a check touch."""
    return {path for cluster in check["clusters"]["first"] for path in cluster["paths"] if not path.startswith("train/")}


def judge(name, tell, folder):
    story = Story(folder / name, 7)
    tell(story)
    seen = run("split", story.folder, "--check", "--json", "--no-cache")
    check = json.loads(seen.stdout)
    found = evaluation_images(check)
    recall = len(found & story.leaks) / len(story.leaks)
    parted = run("split", story.folder, "-o", folder / f"{name}-parted", "--no-cache", "--quiet")
    again = run("split", folder / f"{name}-parted", "--check", "--no-cache")
    right = seen.returncode == 1 and recall == 1 and found == story.leaks and parted.returncode == 0 and again.returncode == 0
    print(f"{'ok  ' if right else 'FAIL'} {name:10} {story.count:4} images, {len(story.leaks):3} leak, {len(found & story.leaks):3} found: recall {recall:.3f}, "
          f"{len(found - story.leaks)} others; split anew: check exits {again.returncode}")
    if not right:
        print(sorted(story.leaks ^ found)[:5], seen.stderr[-500:], parted.stderr[-500:], again.stdout[-500:])
    return right


def main():
    with tempfile.TemporaryDirectory() as folder:
        results = [judge(tell.__name__, tell, pathlib.Path(folder)) for tell in (riawelc, cifar, plantseg, livecell, hslvision)]
    print(f"{sum(results)} of {len(results)} stories")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
