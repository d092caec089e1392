#!/usr/bin/env python3
"""Writes a ground truth like val2017 and detections of a detector's density, for the bench of evaluation. Needs numpy and pycocotools.

    python bench/generate_eval.py --out DIR                  5,000 images, 36,781 objects, 559,387 detections; 20 s, 580 MB
    python bench/generate_eval.py --out DIR --share 0.1      a tenth

The same seed gives the same bytes. What it writes:
    truth.json           polygons, 1.2% crowds as run lengths, 80 categories with a long tail; 41% small, 34% medium, 24% large objects
    boxes.json           detections as Ultralytics rounds them: boxes of two decimals, scores of five
    boxes-sparse.json    the 35,797 best of them; scores as Python writes a 32-bit float
    masks.json           the same detections as compressed run lengths with a box; scores as above
    masks-nobox.json     the same without `bbox`
    masks-sparse.json    the 35,797 best of them, with a box
    keypoints-truth.json, keypoints.json    12,260 persons of 17 points, 122,217 detections with a box
    ties-truth.json, ties.json              600 images, 66,574 detections whose scores have two decimals

Images, names and the long tail are those of generate_coco.py. Objects are smooth outlines, a tenth in two parts, with as many points as
COCO's have for their size. A detection is an object's box moved, three to eight of them an object, the first near and with a high score,
the others further off and lower, one in eight of another class; or background of a class the image has, or of any. An image's detections
stand together, the best first.
"""
import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from generate_coco import CATEGORY_IDS, Images, annotations_per_image, category_weights, choose_images, crowd, decimals, write_coco

IMAGES, OBJECTS, DETECTIONS, SPARSE = 5000, 36781, 559387, 35797
PERSONS, POSES = 12260, 122217
TIED_IMAGES, TIED_OBJECTS, TIED_DETECTIONS = 600, 4414, 66574
CROWDS = 0.012
WAVES = 5                                   # of an outline around its circle
SMALL, MEDIUM = 32.0**2, 96.0**2
SHARES = (0.414, 0.343, 0.243)
POINTS = ("nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist",
          "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle")
POSE = np.array([[.50, .08], [.53, .06], [.47, .06], [.57, .08], [.43, .08], [.66, .22], [.34, .22], [.74, .38], [.26, .38], [.78, .52],
                 [.22, .52], [.60, .54], [.40, .54], [.61, .75], [.39, .75], [.62, .95], [.38, .95]])
SIGMAS = np.array([.26, .25, .25, .35, .35, .79, .79, .72, .72, .62, .62, 1.07, 1.07, .87, .87, .89, .89]) / 10
BATCH = 8192


@dataclass
class Shapes:
    """How far an outline is from its middle, by angle: a circle and waves of it."""
    height: np.ndarray      # [n, WAVES]
    phase: np.ndarray

    @staticmethod
    def random(rng: np.random.Generator, count: int) -> "Shapes":
        order = np.arange(1, WAVES + 1)
        return Shapes(rng.normal(0, 0.26, (count, WAVES)) / order, rng.random((count, WAVES)) * 2 * np.pi)

    def near(self, rng: np.random.Generator, source: np.ndarray) -> "Shapes":
        count = len(source)
        order = np.arange(1, WAVES + 1)
        return Shapes(self.height[source] + rng.normal(0, 0.06, (count, WAVES)) / order, self.phase[source] + rng.normal(0, 0.15, (count, WAVES)))

    def part(self, begin: int, end: int) -> "Shapes":
        return Shapes(self.height[begin:end], self.phase[begin:end])


def rings(rng: np.random.Generator, shapes: Shapes, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Outlines that fill the unit square: x, y of all points, which outline they are of, and where each begins."""
    starts = np.concatenate([[0], np.cumsum(points)])
    owner = np.repeat(np.arange(len(points)), points)
    angle = (np.arange(starts[-1]) - starts[owner] + rng.random(starts[-1]) * 0.5) * (2 * np.pi / points[owner])
    radius = np.ones(starts[-1])
    for k in range(WAVES):
        radius += shapes.height[owner, k] * np.cos((k + 1) * angle + shapes.phase[owner, k])
    radius = np.maximum(radius, 0.2)
    out = []
    for v in (radius * np.cos(angle), radius * np.sin(angle)):
        low, high = np.minimum.reduceat(v, starts[:-1]), np.maximum.reduceat(v, starts[:-1])
        out.append((v - low[owner]) / (high - low)[owner])
    return out[0], out[1], owner, starts


def shoelace(x: np.ndarray, y: np.ndarray, starts: np.ndarray) -> np.ndarray:
    following = np.arange(1, len(x) + 1)
    following[starts[1:] - 1] = starts[:-1]
    return np.abs(np.add.reduceat(x * y[following] - x[following] * y, starts[:-1])) * 0.5


def wanted_areas(rng: np.random.Generator, count: int, image_area: np.ndarray) -> np.ndarray:
    kind = rng.choice(3, count, p=SHARES)
    low = np.choose(kind, [30.0, SMALL, MEDIUM])
    high = np.choose(kind, [SMALL, MEDIUM, np.maximum(0.7 * image_area, 2 * MEDIUM)])
    skew = np.choose(kind, [0.7, 1.0, 1.0])
    return low * (high / low) ** (rng.random(count) ** skew)


def place(rng: np.random.Generator, area: np.ndarray, sizes: np.ndarray, aspect: float = 0.0) -> np.ndarray:
    """Boxes of about these areas, somewhere in their images. `aspect`: the logarithm of width by height that is usual."""
    width, height = sizes.astype(float).T
    w = np.clip(np.sqrt(area * np.exp(rng.normal(aspect, 0.5, len(area)))), 3, width - 2)
    h = np.clip(area / w, 3, height - 2)
    w = np.clip(area / h, 3, width - 2)
    return np.stack([rng.random(len(area)) * (width - w - 1), rng.random(len(area)) * (height - h - 1), w, h], axis=1)


class Truth:
    """Objects with outlines; what write_coco asks for the annotations."""

    def __init__(self, rng: np.random.Generator, images: Images, total: int, persons: bool = False):
        self.rng, self.images, self.persons = rng, images, persons
        self.owner = np.repeat(np.arange(len(images.ids)), annotations_per_image(rng, total, len(images.ids)))
        rng.shuffle(self.owner)
        self.count = total
        self.ids = rng.permutation(np.arange(1, 25 * total))[:total]
        self.category = np.zeros(total, np.int64) if persons else rng.choice(80, total, p=category_weights(rng))
        self.crowded = np.zeros(total, bool)
        self.crowded[rng.choice(total, round(CROWDS * total), replace=False)] = True
        self.shapes = Shapes.random(rng, total)
        sizes = images.sizes[self.owner]
        area = wanted_areas(rng, total, sizes.prod(axis=1).astype(float))
        count = np.clip(np.exp(rng.normal(np.log(3.4 * area**0.24), 0.35)).astype(np.int64), 4, 300)
        self.x, self.y, point_of, self.starts = rings(rng, self.shapes, count)
        boxes = place(rng, area / shoelace(self.x, self.y, self.starts), sizes, aspect=-0.7 if persons else 0.0)
        self.boxes = np.round(np.where(self.crowded[:, None], np.floor(boxes), boxes), 2)
        self.x = np.round(self.boxes[point_of, 0] + self.x * self.boxes[point_of, 2], 2)
        self.y = np.round(self.boxes[point_of, 1] + self.y * self.boxes[point_of, 3], 2)
        self.area = np.round(shoelace(self.x, self.y, self.starts), 4)
        self.divided = (rng.random(total) < 0.1) & (count >= 12)
        if persons:
            self.pose = self.boxes[:, None, :2] + (POSE + rng.normal(0, 0.05, (total, 17, 2))) * self.boxes[:, None, 2:]
            seen = rng.random((total, 17)) < rng.beta(2.5, 1.2, total)[:, None]
            seen &= (rng.random(total) > 0.42)[:, None] & ~self.crowded[:, None]
            self.visible = np.where(seen, np.where(rng.random((total, 17)) < 0.85, 2, 1), 0)

    def batches(self):
        for start in range(0, self.count, BATCH):
            yield ",".join(map(self.record, range(start, min(start + BATCH, self.count))))

    def record(self, k: int) -> str:
        width, height = self.images.sizes[self.owner[k]].tolist()
        box, number, area = self.boxes[k].tolist(), int(self.ids[k]), float(self.area[k])
        points = ""
        if self.persons:
            visible = self.visible[k].tolist()
            flat = [str(v) for (x, y), s in zip(np.floor(self.pose[k]).clip(0).astype(int).tolist(), visible) for v in ((x, y, s) if s else (0, 0, 0))]
            points = f'"num_keypoints": {sum(s > 0 for s in visible)},"keypoints": [{",".join(flat)}],'
        if self.crowded[k]:
            text, area = crowd(self.rng, [int(v) for v in box], width, height)
            number += 900000000000
        else:
            text = "[" + ",".join("[" + ",".join(decimals(np.stack([self.x[a:b], self.y[a:b]], axis=1).ravel())) + "]" for a, b in self.parts(k)) + "]"
        return (f'{{"segmentation": {text},{points}"area": {area!r},"iscrowd": {int(self.crowded[k])},"image_id": {self.images.ids[self.owner[k]]},'
                f'"bbox": [{box[0]!r},{box[1]!r},{box[2]!r},{box[3]!r}],"category_id": {CATEGORY_IDS[self.category[k]]},"id": {number}}}')

    def parts(self, k: int) -> list[tuple[int, int]]:
        """The outline, or two halves of it as where something stands before the object."""
        a, b = int(self.starts[k]), int(self.starts[k + 1])
        middle = (a + b) // 2
        return [(a, middle), (middle, b)] if self.divided[k] else [(a, b)]


class Detections:
    def __init__(self, rng: np.random.Generator, truth: Truth, total: int):
        images = truth.images
        repeats = np.minimum(1 + rng.poisson(4.2, truth.count), 8)
        source = np.repeat(np.arange(truth.count), repeats)
        rank = np.arange(len(source)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        rank += np.where(rng.random(truth.count) < 0.12, 3, 0)[source]          # not found well by any
        hits = len(source)
        other = total - hits
        if other < 0:
            raise SystemExit(f"{total} detections are too few for {truth.count} objects")
        busy = 6.0 + np.bincount(truth.owner, minlength=len(images.ids)) + rng.gamma(2.0, 4.0, len(images.ids))
        image = np.concatenate([truth.owner[source], rng.choice(len(images.ids), other, p=busy / busy.sum())])
        sizes = images.sizes[image]
        near = np.where(rank == 0, rng.gamma(2.0, 0.018, hits), rng.gamma(3.0, 0.06, hits))
        x, y, w, h = truth.boxes[source].T
        grow = np.exp(rng.normal(0, 1, (hits, 2)) * near[:, None])
        moved = np.stack([x + w * rng.normal(0, 1, hits) * near, y + h * rng.normal(0, 1, hits) * near, w * grow[:, 0], h * grow[:, 1]], axis=1)
        empty = place(rng, wanted_areas(rng, other, sizes[hits:].prod(axis=1).astype(float)) / 0.6, sizes[hits:])
        boxes = np.concatenate([moved, empty])
        low = np.clip(boxes[:, :2], 0, sizes - 2)
        high = np.clip(boxes[:, :2] + boxes[:, 2:], low + 1, sizes)
        boxes = np.concatenate([low, high - low], axis=1)

        weights = np.bincount(truth.category, minlength=80) + 1.0
        anything = rng.choice(80, total, p=weights / weights.sum())
        first = np.full(len(images.ids), -1)
        first[truth.owner] = truth.category
        there = first[image]
        category = np.where((rng.random(total) < 0.55) & (there >= 0), there, anything)
        category[:hits] = np.where(rng.random(hits) < 0.125, anything[:hits], truth.category[source])
        if truth.persons:
            category[:] = 0
        score = np.empty(total)
        sure = np.where(rng.random(hits) < 0.8, rng.beta(4.0, 1.5, hits), 0.5 * rng.random(hits))
        score[:hits] = np.where(rank == 0, sure * np.exp(-near), 0.001 * 700 ** (rng.random(hits) ** 1.5))
        score[hits:] = 0.001 * 600 ** (rng.random(other) ** 2.2)
        score = np.clip(score, 0.001, 0.999)

        order = np.lexsort((np.arange(total), -score, images.ids[image]))
        self.images, self.truth, self.count = images, truth, total
        self.image, self.category, self.score, self.boxes = image[order], category[order], score[order], np.round(boxes[order], 2)
        self.source = np.concatenate([source, np.full(other, -1)])[order]
        self.near = np.concatenate([near, np.zeros(other)])[order]
        self.best = np.sort(np.argsort(-self.score, kind="stable")[:round(total * SPARSE / DETECTIONS)])

    def heads(self, chosen: np.ndarray) -> list[str]:
        categories = np.array(CATEGORY_IDS)[self.category[chosen]].tolist()
        return [f'{{"image_id": {i}, "category_id": {c}' for i, c in zip(self.images.ids[self.image[chosen]].tolist(), categories)]

    def box_texts(self, chosen: np.ndarray) -> list[str]:
        return [f', "bbox": [{x!r}, {y!r}, {w!r}, {h!r}]' for x, y, w, h in self.boxes[chosen].tolist()]

    def score_texts(self, chosen: np.ndarray, digits: int | None) -> list[str]:
        score = self.score[chosen]
        values = score.astype(np.float32).astype(float) if digits is None else np.round(score, digits)
        return [f', "score": {s!r}}}' for s in values.tolist()]

    def write_boxes(self, path: Path, chosen: np.ndarray, digits: int | None) -> None:
        write_list(path, (map("".join, zip(self.heads(part), self.box_texts(part), self.score_texts(part, digits))) for part in pieces(chosen)))

    def write_masks(self, folder: Path, rng: np.random.Generator) -> None:
        """Three files of one drawing: all with boxes, all without, the best with boxes."""
        shapes = self.truth.shapes.near(rng, self.source)
        fresh = np.flatnonzero(self.source < 0)
        new = Shapes.random(rng, len(fresh))
        shapes.height[fresh], shapes.phase[fresh] = new.height, new.phase
        best = np.zeros(self.count, bool)
        best[self.best] = True
        with open(folder / "masks.json", "w", buffering=1 << 22) as full, open(folder / "masks-nobox.json", "w", buffering=1 << 22) as bare, \
                open(folder / "masks-sparse.json", "w", buffering=1 << 22) as sparse:
            files = (full, bare, sparse)
            first = [True, True, True]

            def put(k: int, rows: list[str]) -> None:
                if rows:
                    files[k].write(("[" if first[k] else ", ") + ", ".join(rows))
                    first[k] = False
            for part in pieces(np.arange(self.count)):
                masks = self.mask_texts(rng, shapes.part(part[0], part[-1] + 1), part)
                heads, boxes, scores = self.heads(part), self.box_texts(part), self.score_texts(part, None)
                scores = [s[:-1] for s in scores]
                with_box = list(map("".join, zip(heads, boxes, scores, masks)))
                put(0, with_box)
                put(1, list(map("".join, zip(heads, scores, masks))))
                put(2, [row for row, wanted in zip(with_box, best[part].tolist()) if wanted])
            for file in files:
                file.write("]")

    def mask_texts(self, rng: np.random.Generator, shapes: Shapes, chosen: np.ndarray) -> list[str]:
        from pycocotools import mask
        boxes = self.boxes[chosen]
        points = np.clip(8 + 2.5 * boxes[:, 2:].prod(axis=1) ** 0.25, 12, 64).astype(np.int64)
        x, y, owner, starts = rings(rng, shapes, points)
        outline = np.stack([boxes[owner, 0] + x * boxes[owner, 2], boxes[owner, 1] + y * boxes[owner, 3]], axis=1).ravel().tolist()
        texts = []
        for k, (width, height) in enumerate(self.images.sizes[self.image[chosen]].tolist()):
            counts = mask.frPyObjects([outline[2 * starts[k]:2 * starts[k + 1]]], height, width)[0]["counts"].decode().replace("\\", "\\\\")
            texts.append(f', "segmentation": {{"size": [{height}, {width}], "counts": "{counts}"}}}}')
        return texts

    def write_keypoints(self, path: Path, rng: np.random.Generator) -> None:
        pose = self.boxes[:, None, :2] + (POSE + rng.normal(0, 0.05, (self.count, 17, 2))) * self.boxes[:, None, 2:]
        hits = np.flatnonzero(self.source >= 0)
        sources = self.source[hits]
        scale = np.sqrt(self.truth.area[sources])[:, None, None] * SIGMAS[None, :, None] * (0.5 + 6.0 * self.near[hits])[:, None, None]
        pose[hits] = self.truth.pose[sources] + rng.normal(0, 1, (len(hits), 17, 2)) * scale
        sure = np.round(np.clip(rng.beta(5, 1.5, (self.count, 17)) * (0.3 + 0.7 * self.score[:, None]), 0, 1), 3)
        numbers = np.concatenate([np.round(pose, 2), sure[:, :, None]], axis=2).reshape(self.count, 51)

        def rows(part: np.ndarray):
            texts = (f', "keypoints": [{", ".join(map(repr, row))}]' for row in numbers[part].tolist())
            return map("".join, zip(self.heads(part), self.box_texts(part), texts, self.score_texts(part, None)))
        write_list(path, map(rows, pieces(np.arange(self.count))))


def pieces(chosen: np.ndarray) -> list[np.ndarray]:
    return [chosen[k:k + BATCH] for k in range(0, len(chosen), BATCH)]


def write_list(path: Path, parts) -> None:
    with open(path, "w", buffering=1 << 22) as file:
        for k, rows in enumerate(parts):
            file.write(("[", ", ")[k > 0] + ", ".join(rows))
        file.write("]")


def say(path: Path, what: str) -> None:
    print(f"{path.name:22} {path.stat().st_size / 1e6:8.1f} MB  {what}", flush=True)


def person_category() -> str:
    names = ",".join(f'"{n}"' for n in POINTS)
    return f'{{"supercategory": "person","id": 1,"name": "person","keypoints": [{names}],"skeleton": [[16,14],[14,12],[17,15],[15,13],[12,13]]}}'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--share", type=float, default=1.0, help="of the full size")
    parser.add_argument("--seed", type=int, default=17)
    options = parser.parse_args()
    folder, share = options.out, options.share
    folder.mkdir(parents=True, exist_ok=True)
    streams = [np.random.default_rng([options.seed, k]) for k in range(4)]

    def size(full: int) -> int:
        return round(full * share)

    images = choose_images(streams[0], size(IMAGES))
    truth = Truth(streams[0], images, size(OBJECTS))
    write_coco(folder / "truth.json", streams[0], images, truth)
    say(folder / "truth.json", f"{len(images.ids)} images, {truth.count} objects, {int(truth.crowded.sum())} crowds")
    found = Detections(streams[0], truth, size(DETECTIONS))
    found.write_boxes(folder / "boxes.json", np.arange(found.count), 5)
    say(folder / "boxes.json", f"{found.count} detections")
    found.write_boxes(folder / "boxes-sparse.json", found.best, None)
    say(folder / "boxes-sparse.json", f"{len(found.best)} detections")

    few = choose_images(streams[1], size(TIED_IMAGES))
    tied = Truth(streams[1], few, size(TIED_OBJECTS))
    write_coco(folder / "ties-truth.json", streams[1], few, tied)
    say(folder / "ties-truth.json", f"{len(few.ids)} images, {tied.count} objects")
    tied_found = Detections(streams[1], tied, size(TIED_DETECTIONS))
    tied_found.write_boxes(folder / "ties.json", np.arange(tied_found.count), 2)
    say(folder / "ties.json", f"{tied_found.count} detections")

    people = Truth(streams[2], images, size(PERSONS), persons=True)
    write_coco(folder / "keypoints-truth.json", streams[2], images, people, person_category())
    say(folder / "keypoints-truth.json", f"{people.count} persons, {int((people.visible.max(axis=1) > 0).sum())} with points")
    poses = Detections(streams[2], people, size(POSES))
    poses.write_keypoints(folder / "keypoints.json", streams[2])
    say(folder / "keypoints.json", f"{poses.count} detections")

    found.write_masks(folder, streams[3])
    for name in ("masks.json", "masks-nobox.json", "masks-sparse.json"):
        say(folder / name, f"{len(found.best) if 'sparse' in name else found.count} detections")


if __name__ == "__main__":
    main()
