#!/usr/bin/env python3
"""Draws the project's sample datasets: samples/street (YOLO, with faults planted on purpose) and samples/street-coco (COCO, without).

    python samples/make_street.py [DIRECTORY]        needs numpy and Pillow; the default directory is this file's own

The same Pillow gives the same bytes. Every planted fault is listed in street/FAULTS.md, which this script writes too.
"""
import io
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from street_objects import KEYPOINTS, SKELETON, person, traffic_light
from street_outline import polygons, run_lengths
from street_scene import SCALE, Seen, Street

NAMES = ("person", "bicycle", "car", "bus", "truck", "traffic light", "Traffic Light", "scooter")
SPLITS = {"train": 48, "val": 14, "test": 10}
LEAST_SHARE, LEAST_SIDE = 0.25, 3.0        # what is hidden more, or smaller, is not labelled
JPEG_QUALITY = 50
EXIF_ORIENTATION, ROTATE_TO_SHOW = 0x0112, 6


@dataclass
class Frame:
    """A picture of the YOLO set with its rows; no rows (None) means no label file."""
    split: str
    name: str
    data: bytes
    rows: list[str] | None
    things: list[Seen]

    def find(self, wanted: str) -> int | None:
        return next((k for k, s in enumerate(self.things) if s.placed.thing.name == wanted), None)


def encoded(image: Image.Image, kind: str, orientation: int | None = None) -> bytes:
    out = io.BytesIO()
    if kind == "png":
        image.save(out, "PNG", optimize=True)
    elif orientation is None:
        image.save(out, "JPEG", quality=JPEG_QUALITY, optimize=True)
    else:
        exif = Image.Exif()
        exif[EXIF_ORIENTATION] = orientation
        image.save(out, "JPEG", quality=JPEG_QUALITY, optimize=True, exif=exif)
    return out.getvalue()


def labelled(seen: list[Seen]) -> list[Seen]:
    def large_enough(s: Seen) -> bool:
        if not s.visible.any() or s.share() < LEAST_SHARE:
            return False
        x0, y0, x1, y1 = s.box()
        return min(x1 - x0, y1 - y0) >= LEAST_SIDE
    return [s for s in seen if large_enough(s)]


def row(category: int, values: list[float]) -> str:
    return f"{category} " + " ".join(f"{v:.6f}" for v in values)


def box_row(category: int, box: tuple[float, float, float, float], width: int, height: int) -> str:
    x0, y0, x1, y1 = box
    return row(category, [(x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (x1 - x0) / width, (y1 - y0) / height])


def box_rows(things: list[Seen], size: tuple[int, int]) -> list[str]:
    return [box_row(NAMES.index(s.placed.thing.name), s.box(), *size) for s in things]


def draw_frame(split: str, name: str, seed: int, kind: str, **scene) -> Frame:
    street = Street(seed, **scene)
    image, seen = street.render()
    things = labelled(seen)
    return Frame(split, f"{name}.{kind}", encoded(image, kind), box_rows(things, image.size), things)


class Planter:
    """Gives each fault a picture of its own that has what the fault needs."""

    def __init__(self, frames: list[Frame]):
        self.frames, self.used, self.faults = sorted(frames, key=lambda f: int(f.name[7:11]) * 31 % 73), set(), []

    def pick(self, split: str, wanted: str = "", suits=lambda frame, k: True) -> tuple[Frame, int]:
        for frame in self.frames:
            k = frame.find(wanted) if wanted else 0
            if frame.split == split and frame.name.endswith(".jpg") and id(frame) not in self.used and k is not None and suits(frame, k):
                self.used.add(id(frame))
                return frame, k
        raise SystemExit(f"no picture of {split} is left that shows: {wanted or 'anything'}")

    def note(self, code: str, place: str, what: str) -> None:
        self.faults.append((code, place, what))


def plant(frames: list[Frame]) -> list[tuple[str, str, str]]:
    p = Planter(frames)

    source, _ = p.pick("train", "car")
    copy, _ = p.pick("val")
    copy.data, copy.rows, copy.things = source.data, list(source.rows), source.things
    p.note("LEA301", f"images/train/{source.name}, images/val/{copy.name}", "the same file in two splits, with the same labels")

    source, k = p.pick("train", "truck")
    copy, _ = p.pick("train")
    copy.data, copy.rows, copy.things = source.data, list(source.rows), source.things
    copy.rows[k] = f"{NAMES.index('bus')}" + copy.rows[k][1:]
    p.note("LBL101", f"images/train/{source.name}, images/train/{copy.name}", f"the same file twice; row {k + 1} says truck in one and bus in the other")

    renamed = []
    for split in ("val", "val", "test"):
        frame, _ = p.pick(split, "traffic light")
        frame.rows = ["6" + r[1:] if r.startswith("5 ") else r for r in frame.rows]
        renamed.append(f"labels/{split}/{Path(frame.name).stem}.txt")
    p.note("LBL109", "data.yaml", f"classes 5 and 6 are one class in two spellings; the second is used in {', '.join(renamed)}")

    frame, k = p.pick("train", "car", lambda f, k: f.things[k].box()[2] < 250 and f.things[k].box()[2] - f.things[k].box()[0] > 40)
    x0, y0, x1, y1 = frame.things[k].box()
    frame.rows[k] = box_row(2, (336 - (x1 - x0), y0, 336, y1), 320, 240)
    p.note("FMT407", label_of(frame), f"row {k + 1}: the box ends 16 pixels beyond the right edge")

    frame, k = p.pick("train", "bus")
    outline = max(polygons(frame.things[k].visible, SCALE, tolerance=1.2), key=len)
    frame.rows[k] = row(3, [v / (240 if j % 2 else 320) for j, v in enumerate(outline)])
    p.note("FMT422", label_of(frame), f"row {k + 1} is a polygon of {len(outline) // 2} points, the other rows are boxes")

    frame, _ = p.pick("train")
    frame.data = frame.data[:len(frame.data) * 11 // 20]
    p.note("FMT419", f"images/train/{frame.name}", "the file ends in the middle of the picture")

    frame, _ = p.pick("train")
    street = Street(9001, width=240, height=320, palette=0, view="avenue")
    image, seen = street.render()
    frame.things = labelled(seen)
    frame.rows = box_rows(frame.things, image.size)
    frame.data = encoded(image.transpose(Image.Transpose.ROTATE_90), "jpg", ROTATE_TO_SHOW)
    p.note("FMT406", f"images/train/{frame.name}", "stored as 320 × 240 with EXIF orientation 6, shown as 240 × 320; the labels are in the shown frame")

    frame, _ = p.pick("train", "bicycle")
    frame.name = "fährrad_日本.jpg"
    p.note("–", f"images/train/{frame.name}", "a name beyond ASCII (composed form): no fault, but it must come through whole")

    frame, _ = p.pick("train")
    frame.rows = None
    p.note("LBL111", f"images/train/{frame.name}", "no label file, though there is something to see")

    frame, _ = p.pick("train")
    street = Street(9002, palette=1, view="kerb")
    street.placed.clear()
    frame.data, frame.rows, frame.things = encoded(street.render()[0], "jpg"), [], []
    p.note("–", label_of(frame), "an empty label file for a street that is empty: declared as such, no fault")

    frame, _ = p.pick("train")
    frame.rows.append(frame.rows[0])
    p.note("LBL105", label_of(frame), f"row {len(frame.rows)} repeats row 1")

    frame, k = p.pick("train", "person")
    parts = frame.rows[k].split()
    frame.rows[k] = " ".join([*parts[:3], "0.000000", parts[4]])
    p.note("FMT408", label_of(frame), f"row {k + 1}: a box without width")

    p.note("LBL110", "data.yaml", "class 7, scooter, is never used")
    p.note("FMT404", "labels/train/street_0099.txt", "a label file without a picture")

    frame, _ = p.pick("train")
    frame.rows.append(box_row(2, (201, 132, 203, 134), 320, 240))
    p.note("LBL112", label_of(frame), f"row {len(frame.rows)}: an object of 2 × 2 pixels")

    frame, _ = p.pick("train")
    image, seen = Street(9003, palette=0, view="kerb").render()
    frame.data, frame.things = encoded(image, "png"), labelled(seen)
    frame.rows = box_rows(frame.things, image.size)
    p.note("FMT420", f"images/train/{frame.name}", "a PNG file under the name of a JPEG")
    return p.faults


def label_of(frame: Frame) -> str:
    return f"labels/{frame.split}/{Path(frame.name).stem}.txt"


def make_yolo(root: Path) -> None:
    frames = []
    for split, count in SPLITS.items():
        for _ in range(count):
            number = len(frames) + 1
            frames.append(draw_frame(split, f"street_{number:04d}", number, "png" if number % 16 == 0 else "jpg"))
    faults = plant(frames)
    for frame in frames:
        write(root / "images" / frame.split / frame.name, frame.data)
        if frame.rows is not None:
            write(root / label_of(frame), "".join(r + "\n" for r in frame.rows).encode())
    write(root / "labels/train/street_0099.txt", b"2 0.412500 0.620833 0.206250 0.104167\n")
    names = "".join(f"  {k}: {name}\n" for k, name in enumerate(NAMES))
    write(root / "data.yaml", f"path: .\ntrain: images/train\nval: images/val\ntest: images/test\nnc: {len(NAMES)}\nnames:\n{names}".encode())
    table = "".join(f"| {code} | {' and '.join(f'`{x}`' for x in place.split(', '))} | {what} |\n" for code, place, what in faults)
    write(root / "FAULTS.md", f"""# What is wrong with this dataset

{len(frames)} drawn streets in {len(SPLITS)} splits, labelled with boxes; drawn by `samples/make_street.py`. These faults were planted, one to a picture:

| rule | where | what |
|---|---|---|
{table}
A dash marks what looks like a fault and is none.
""".encode())


# --- COCO ---------------------------------------------------------------------------------------------------------------------------
COCO_IDS = {"person": 1, "bicycle": 2, "car": 3, "bus": 6, "truck": 8, "traffic light": 10}
SUPER = {"person": "person", "traffic light": "outdoor"}
SMALL = {"width": 240, "height": 180}
COCO_SEEDS = (101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112)
CROWD_IN, PARTS_IN = 3, 6


def envelope(rings: list[list[float]]) -> list[float]:
    xs, ys = [v for r in rings for v in r[::2]], [v for r in rings for v in r[1::2]]
    return [min(xs), min(ys), round(max(xs) - min(xs), 2), round(max(ys) - min(ys), 2)]


def ring_area(ring: list[float]) -> float:
    xs, ys = np.array(ring[::2]), np.array(ring[1::2])
    return abs(float(np.dot(xs, np.roll(ys, -1)) - np.dot(ys, np.roll(xs, -1)))) / 2


def keypoints_of(seen: Seen) -> list[float]:
    out: list[float] = []
    for point in seen.placed.thing.keypoints:
        x, y = seen.placed.at(point)
        row_at, column_at = int(y * SCALE), int(x * SCALE)
        rows, columns = seen.visible.shape
        if not (0 <= row_at < rows and 0 <= column_at < columns):
            out += [0, 0, 0]
        else:
            out += [round(x, 1), round(y, 1), 2 if seen.visible[row_at, column_at] else 1]
    return out


def coco_annotation(seen: Seen, number: int, image_id: int) -> dict | None:
    rings = polygons(seen.visible, SCALE, tolerance=0.6)
    if not rings:
        return None
    thing = seen.placed.thing
    annotation = {"id": number, "image_id": image_id, "category_id": COCO_IDS[thing.name], "bbox": envelope(rings),
                  "area": round(sum(map(ring_area, rings)), 4), "segmentation": rings, "iscrowd": 0}
    if thing.keypoints and seen.placed.scale > 14 and seen.share() > 0.6:
        points = keypoints_of(seen)
        annotation |= {"keypoints": points, "num_keypoints": sum(v > 0 for v in points[2::3])}
    return annotation | {"attributes": {**thing.traits, "hidden": round(1 - seen.share(), 2)}}


def crowd_annotation(crowd: list[Seen], number: int, image_id: int) -> dict:
    cells = np.any([s.visible for s in crowd], axis=0)
    height, width = SMALL["height"], SMALL["width"]
    mask = cells.reshape(height, SCALE, width, SCALE).sum(axis=(1, 3)) * 2 > SCALE * SCALE
    rows, columns = np.flatnonzero(mask.any(axis=1)).tolist(), np.flatnonzero(mask.any(axis=0)).tolist()
    return {"id": number, "image_id": image_id, "category_id": 1,
            "bbox": [columns[0], rows[0], columns[-1] + 1 - columns[0], rows[-1] + 1 - rows[0]], "area": int(mask.sum()),
            "segmentation": {"size": [height, width], "counts": run_lengths(mask)}, "iscrowd": 1}


def make_coco(root: Path) -> None:
    images, annotations = [], []
    for k, seed in enumerate(COCO_SEEDS):
        street = Street(seed, **SMALL, palette=(0, 0, 1, 0, 2, 0, 1, 0, 3, 2, 0, 1)[k], view="avenue" if k % 4 == 1 else "kerb")
        gathered = []
        if k == CROWD_IN:
            far = min(p.y for p in street.placed if p.thing.name == "person")
            for j in range(16):
                street.place(person(street.rng), 62 + j * 4.6 + street.rng.uniform(-1.5, 1.5), far + street.rng.uniform(-1, 2), 9.5)
                gathered.append(street.placed[-1].thing)
        if k == PARTS_IN:
            front = max((p for p in street.placed if p.thing.name in ("car", "bus", "truck") and 60 < p.x < 180), key=lambda p: p.y)
            street.place(traffic_light(street.rng), front.x + 4, 168, 14.0)
        image, seen = street.render()
        kind = "png" if k % 5 == 4 else "jpg"
        name, image_id = f"street_{k + 1:02d}.{kind}", 1000 + (k * 37) % 89
        write(root / "images" / name, encoded(image, kind))
        images.append({"id": image_id, "file_name": name, **SMALL, "license": 1, "date_captured": f"2026-03-{k + 1:02d} 0{k % 8 + 1}:15:00",
                       "light": street.palette.name, "view": street.view})
        for s in labelled([s for s in seen if s.placed.thing not in gathered]):
            annotation = coco_annotation(s, 501 + len(annotations), image_id)
            if annotation:
                annotations.append(annotation)
        if gathered:
            annotations.append(crowd_annotation([s for s in seen if s.placed.thing in gathered], 501 + len(annotations), image_id))
    categories = [{"id": number, "name": name, "supercategory": SUPER.get(name, "vehicle")} for name, number in COCO_IDS.items()]
    categories[0] |= {"keypoints": list(KEYPOINTS), "skeleton": [list(bone) for bone in SKELETON]}
    document = {
        "info": {"description": "Drawn streets", "version": "1.0", "year": 2026, "contributor": "vetset", "date_created": "2026-03-01"},
        "licenses": [{"id": 1, "name": "Apache License 2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"}],
        "drawing": {"script": "samples/make_street.py", "cells_per_pixel": SCALE},
        "images": images, "annotations": annotations, "categories": categories}
    assert any(len(a["segmentation"]) > 1 for a in annotations if not a["iscrowd"]), "one thing is seen in two parts"
    write(root / "annotations" / "instances_train.json", (json.dumps(document, separators=(",", ":")) + "\n").encode())


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def main() -> int:
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    for name, make in (("street", make_yolo), ("street-coco", make_coco)):
        shutil.rmtree(home / name, ignore_errors=True)
        make(home / name)
        files = [f for f in (home / name).rglob("*") if f.is_file()]
        print(f"{name}: {len(files)} files, {sum(f.stat().st_size for f in files) / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
