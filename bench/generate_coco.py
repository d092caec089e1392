#!/usr/bin/env python3
"""Writes a COCO instances file that is statistically like train2017, and the same labels as a YOLO set. Needs numpy alone.

    python bench/generate_coco.py --out full.json                                        118,287 images, 860,001 annotations, ~450 MB
    python bench/generate_coco.py --images 11829 --annotations 86000 --out tenth.json    ~45 MB
      --yolo DIR     the boxes as a YOLO set too: data.yaml, labels/train/*.txt, images/train/*.jpg (flat JPEGs of the right size)
      --boxes-only   no segmentation
      --no-crowds    polygons only

The same seed gives the same bytes. As in train2017: key order and separators; sparse image ids that are the file names; 80 categories
with ids 1–90 and gaps; about 1% of the images without annotations; a long tail of categories; polygons of 20–60 points with two
decimals, 8% of them in two or three parts; 1% crowds as uncompressed run lengths; annotation ids in no order.
"""
import argparse
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

NAMES = tuple(n.replace("_", " ") for n in """person bicycle car motorcycle airplane bus train truck boat traffic_light fire_hydrant stop_sign
parking_meter bench bird cat dog horse sheep cow elephant bear zebra giraffe backpack umbrella handbag tie suitcase frisbee skis snowboard
sports_ball kite baseball_bat baseball_glove skateboard surfboard tennis_racket bottle wine_glass cup fork knife spoon bowl banana apple
sandwich orange broccoli carrot hot_dog pizza donut cake chair couch potted_plant bed dining_table toilet tv laptop mouse remote keyboard
cell_phone microwave oven toaster sink refrigerator book clock vase scissors teddy_bear hair_drier toothbrush""".split())
SUPER = ("person", "vehicle", "outdoor", "animal", "accessory", "sports", "kitchen", "food", "furniture", "electronic")
CATEGORY_IDS = tuple(i for i in range(1, 91) if i not in {12, 26, 29, 30, 45, 66, 68, 69, 71, 83})
SIZES = ((640, 480, 25), (640, 427, 14), (480, 640, 9), (640, 426, 7), (427, 640, 6), (640, 425, 4), (500, 375, 7), (640, 428, 3), (425, 640, 2),
         (375, 500, 3), (640, 640, 2), (612, 612, 2), (640, 424, 2), (333, 500, 1), (500, 333, 2), (640, 360, 3), (426, 640, 3), (640, 429, 1),
         (640, 478, 1), (640, 512, 1), (500, 400, 1), (640, 320, 1))
BATCH = 8192
LINKS_A_FILE = 20000        # file systems limit the hard links to one file


@dataclass
class Images:
    ids: np.ndarray
    sizes: np.ndarray       # width, height

    def name(self, k: int) -> str:
        return f"{self.ids[k]:012d}"


def choose_images(rng: np.random.Generator, count: int) -> Images:
    ids = rng.choice(np.arange(1, max(581930, 2 * count)), count, replace=False)
    weights = np.array([s[2] for s in SIZES], float)
    return Images(ids, np.array([s[:2] for s in SIZES])[rng.choice(len(SIZES), count, p=weights / weights.sum())])


def annotations_per_image(rng: np.random.Generator, total: int, images: int) -> np.ndarray:
    weights = rng.gamma(1.05, 1.0, images)
    weights[rng.random(images) < 0.0086] = 0.0
    counts = np.floor(weights / weights.sum() * total).astype(np.int64)
    rest = rng.choice(np.flatnonzero(weights), total - int(counts.sum()))
    return counts + np.bincount(rest, minlength=images)


def category_weights(rng: np.random.Generator) -> np.ndarray:
    tail = 1.0 / np.arange(3, 82) ** 0.9
    weights = np.empty(80)
    weights[0] = tail.sum() * 0.44
    weights[rng.permutation(np.arange(1, 80))] = tail
    return weights / weights.sum()


def decimals(values: np.ndarray) -> list[str]:
    """Numbers of two decimals as their shortest text, as Python's json writes them."""
    return list(map(repr, values.tolist()))


def image_records(rng: np.random.Generator, images: Images):
    n = len(images.ids)
    day, hour, minute = rng.integers(1, 29, n).tolist(), rng.integers(0, 24, n).tolist(), rng.integers(0, 60, (n, 2)).tolist()
    licence, flickr = rng.integers(1, 9, n).tolist(), rng.integers(10**9, 10**10 - 1, n).tolist()
    for k, (number, (width, height)) in enumerate(zip(images.ids.tolist(), images.sizes.tolist())):
        yield (f'{{"license": {licence[k]},"file_name": "{number:012d}.jpg","coco_url": "http://images.example.org/train2017/{number:012d}.jpg",'
               f'"height": {height},"width": {width},"date_captured": "2013-11-{day[k]:02d} {hour[k]:02d}:{minute[k][0]:02d}:{minute[k][1]:02d}",'
               f'"flickr_url": "http://farm9.example.org/8186/{flickr[k]}_a0e1c4b2d5_z.jpg","id": {number}}}')


class Outlines:
    """Star-shaped polygons for a batch of boxes, all points in one array; ring r has points starts[r] … starts[r + 1]."""

    def __init__(self, rng: np.random.Generator, x, y, width, height):
        count = len(x)
        points = np.clip(np.round(rng.gamma(4.0, 2.6, count) + 16), 20, 60).astype(np.int64)
        self.parts = 1 + (rng.random(count) < 0.08).astype(np.int64) + (rng.random(count) < 0.02)
        owner = np.repeat(np.arange(count), self.parts)
        self.first_ring = np.concatenate([[0], np.cumsum(self.parts)])
        part = np.arange(len(owner)) - self.first_ring[owner]
        length = np.where(part == 0, points[owner], np.maximum(4, points[owner] // 3))
        self.starts = np.concatenate([[0], np.cumsum(length)])
        ring = np.repeat(np.arange(len(owner)), length)
        o = owner[ring]
        angle = (np.arange(len(ring)) - self.starts[ring] + rng.random(len(ring)) * 0.6) * (2 * np.pi / length[ring])
        radius = 0.72 + 0.28 * rng.random(len(ring))
        self.x = np.round(x[o] + width[o] * (part[ring] + 0.5 + 0.5 * radius * np.cos(angle)) / self.parts[o], 2)
        self.y = np.round(y[o] + height[o] * (0.5 + 0.5 * radius * np.sin(angle)), 2)
        following = np.arange(1, len(ring) + 1)
        following[self.starts[1:] - 1] = self.starts[:-1]
        cross = np.add.reduceat(self.x * self.y[following] - self.x[following] * self.y, self.starts[:-1])
        self.area = np.round(np.add.reduceat(np.abs(cross) * 0.5, self.first_ring[:-1]), 5)
        first_point = self.starts[self.first_ring[:-1]]
        low = [np.minimum.reduceat(v, first_point) for v in (self.x, self.y)]
        high = [np.maximum.reduceat(v, first_point) for v in (self.x, self.y)]
        self.boxes = np.stack([low[0], low[1], np.round(high[0] - low[0], 2), np.round(high[1] - low[1], 2)], axis=1)
        self.text = decimals(np.stack([self.x, self.y], axis=1).ravel())

    def segmentation(self, k: int) -> str:
        rings = range(int(self.first_ring[k]), int(self.first_ring[k + 1]))
        return "[" + ",".join("[" + ",".join(self.text[2 * self.starts[r]:2 * self.starts[r + 1]]) + "]" for r in rings) + "]"


def crowd(rng: np.random.Generator, box: list[int], width: int, height: int) -> tuple[str, int]:
    x, y, w, h = box
    columns = np.arange(x, min(x + w, width - 1))
    ragged = max(1, int(h * 0.3))
    top = y + rng.integers(0, ragged, len(columns))
    bottom = np.minimum(np.maximum(top + 1, y + h - rng.integers(0, ragged, len(columns))), height)
    edges = np.stack([columns * height + top, columns * height + bottom], axis=1).ravel()
    counts = np.diff(np.concatenate([[0], edges, [width * height]]))
    return '{"counts": [' + ",".join(map(str, counts.tolist())) + f'],"size": [{height},{width}]}}', int((bottom - top).sum())


class Annotations:
    def __init__(self, rng: np.random.Generator, images: Images, total: int, segmented: bool, crowds: bool):
        self.rng, self.images, self.segmented = rng, images, segmented
        self.owner = np.repeat(np.arange(len(images.ids)), annotations_per_image(rng, total, len(images.ids)))
        rng.shuffle(self.owner)
        self.count = len(self.owner)
        self.ids = rng.permutation(np.arange(1, int(self.count * 2.5) + 1))[:self.count]
        self.category = rng.choice(80, self.count, p=category_weights(rng))
        self.crowded = (rng.random(self.count) < 0.01) & (segmented and crowds)
        self.boxes = np.empty((self.count, 4))

    def batches(self):
        for start in range(0, self.count, BATCH):
            yield ",".join(self.records(start, min(start + BATCH, self.count)))

    def records(self, start: int, end: int) -> list[str]:
        rng, n = self.rng, end - start
        width, height = self.images.sizes[self.owner[start:end]].astype(float).T
        w, h = np.clip(width * rng.beta(0.9, 3.2, n), 4, width - 2), np.clip(height * rng.beta(0.9, 2.8, n), 4, height - 2)
        x, y = rng.random(n) * (width - w - 1), rng.random(n) * (height - h - 1)
        boxes = np.round(np.stack([x, y, w, h], axis=1), 2)
        areas = np.round(boxes[:, 2] * boxes[:, 3], 4).tolist()
        outlines = None
        if self.segmented:
            outlines = Outlines(rng, x, y, w, h)
            crowded = self.crowded[start:end, None]
            boxes, areas = np.where(crowded, np.floor(boxes), outlines.boxes), outlines.area.tolist()
        self.boxes[start:end] = boxes
        images, categories, ids = (v.tolist() for v in (self.images.ids[self.owner[start:end]], self.category[start:end], self.ids[start:end]))
        rows = []
        for k, box in enumerate(boxes.tolist()):
            segmentation, area, number, flag = "", areas[k], ids[k], 0
            if self.crowded[start + k]:
                text, area = crowd(rng, [int(v) for v in box], int(width[k]), int(height[k]))
                segmentation, number, flag = f'"segmentation": {text},', 900000000000 + number, 1
            elif outlines:
                segmentation = f'"segmentation": {outlines.segmentation(k)},'
            rows.append(f'{{{segmentation}"area": {area!r},"iscrowd": {flag},"image_id": {images[k]},"bbox": [{box[0]!r},{box[1]!r},{box[2]!r},{box[3]!r}],'
                        f'"category_id": {CATEGORY_IDS[categories[k]]},"id": {number}}}')
        return rows


def all_categories() -> str:
    return ",".join(f'{{"supercategory": "{SUPER[k // 8]}","id": {CATEGORY_IDS[k]},"name": "{NAMES[k]}"}}' for k in range(80))


def write_coco(path: Path, rng: np.random.Generator, images: Images, annotations: Annotations, categories: str | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", buffering=1 << 22) as file:
        file.write('{"info": {"description": "Synthetic COCO-like set","url": "http://example.org","version": "1.0","year": 2017,'
                   '"contributor": "bench/generate_coco.py","date_created": "2017/09/01"},"licenses": [')
        file.write(",".join(f'{{"url": "http://example.org/licenses/{k}.0/","id": {k},"name": "Licence {k}"}}' for k in range(1, 9)))
        file.write('],"images": [')
        file.write(",".join(image_records(rng, images)))
        file.write('],"annotations": [')
        for k, batch in enumerate(annotations.batches()):
            file.write("," * (k > 0) + batch)
        file.write('],"categories": [')
        file.write(categories or all_categories())
        file.write("]}")


def write_yolo(root: Path, images: Images, annotations: Annotations) -> None:
    sizes = images.sizes[annotations.owner]
    centre = (annotations.boxes[:, :2] + annotations.boxes[:, 2:] / 2) / sizes
    extent = annotations.boxes[:, 2:] / sizes
    rows: list[list[str]] = [[] for _ in images.ids]
    kept = ~annotations.crowded
    for image, category, (x, y), (w, h) in zip(annotations.owner[kept].tolist(), annotations.category[kept].tolist(), centre[kept].tolist(), extent[kept].tolist()):
        rows[image].append(f"{category} {x:.6f} {y:.6f} {w:.6f} {h:.6f}\n")
    labels = root / "labels" / "train"
    labels.mkdir(parents=True, exist_ok=True)
    for k, text in enumerate(rows):
        (labels / f"{images.name(k)}.txt").write_text("".join(text))
    write_stubs(root / "images" / "train", images)
    names = "".join(f"  {k}: {name}\n" for k, name in enumerate(NAMES))
    (root / "data.yaml").write_text(f"path: .\ntrain: images/train\nnc: 80\nnames:\n{names}")


def write_stubs(folder: Path, images: Images) -> None:
    """A flat JPEG for each image: one file a size, and hard links to it."""
    folder.mkdir(parents=True, exist_ok=True)
    first: dict[tuple[int, int], tuple[Path, int]] = {}
    for k, (width, height) in enumerate(images.sizes.tolist()):
        path = folder / f"{images.name(k)}.jpg"
        path.unlink(missing_ok=True)
        source, links = first.get((width, height), (None, LINKS_A_FILE))
        if links >= LINKS_A_FILE:
            path.write_bytes(grey_jpeg(width, height))
            first[width, height] = path, 1
        else:
            os.link(source, path)
            first[width, height] = source, links + 1


def grey_jpeg(width: int, height: int) -> bytes:
    """A baseline JPEG of one component in which every block says that nothing changes."""
    def segment(marker: int, data: bytes) -> bytes:
        return b"\xff" + bytes([marker]) + (len(data) + 2).to_bytes(2, "big") + data
    bits = 2 * ((width + 7) // 8) * ((height + 7) // 8)
    scan = bytes(bits // 8) + (bytes([0xFF >> bits % 8]) if bits % 8 else b"")
    frame = bytes([8]) + height.to_bytes(2, "big") + width.to_bytes(2, "big") + bytes([1, 1, 0x11, 0])
    return (b"\xff\xd8" + segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0") + segment(0xDB, bytes([0]) + bytes([8]) * 64) + segment(0xC0, frame)
            + segment(0xC4, bytes([0x00, 1, *[0] * 15, 0])) + segment(0xC4, bytes([0x10, 1, *[0] * 15, 0]))
            + segment(0xDA, bytes([1, 1, 0x00, 0, 63, 0])) + scan + b"\xff\xd9")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=118287)
    parser.add_argument("--annotations", type=int, default=860001)
    parser.add_argument("--boxes-only", action="store_true")
    parser.add_argument("--no-crowds", action="store_true")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--yolo", type=Path)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    images = choose_images(rng, options.images)
    annotations = Annotations(rng, images, options.annotations, segmented=not options.boxes_only, crowds=not options.no_crowds)
    write_coco(options.out, rng, images, annotations)
    print(f"{options.out.name}: {len(images.ids)} images, {annotations.count} annotations, {options.out.stat().st_size / 1e6:.1f} MB")
    if options.yolo:
        write_yolo(options.yolo, images, annotations)
        print(f"{options.yolo.name}: {len(images.ids)} label files, {int((~annotations.crowded).sum())} rows")


if __name__ == "__main__":
    main()
