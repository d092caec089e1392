#!/usr/bin/env python3
"""Converts real datasets to CVAT and Label Studio and reads the results with ElementTree and json alone; reads real exports of
both tools the same way and asks whether vetset says the same boxes.

    VETSET=build/release/vetset tests/judges/tools_judge.py

Prints a line a journey and `N passed, N failed`.
"""
import json
import math
import pathlib
import sys
import tempfile
import urllib.parse
import xml.etree.ElementTree as ElementTree

from judging import DATA, ROOT, VETSET, finish, run, say


def envelope(points):
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)


def turned(x, y, w, h, degrees, about):
    """The corners of a box that turns clockwise on the screen about a point."""
    a = math.radians(degrees)
    out = []
    for px, py in ((x, y), (x + w, y), (x + w, y + h), (x, y + h)):
        dx, dy = px - about[0], py - about[1]
        out.append((about[0] + dx * math.cos(a) - dy * math.sin(a), about[1] + dx * math.sin(a) + dy * math.cos(a)))
    return out


def cvat_boxes(folder):
    """(file name, label, box) of every box, polygon and turned box, by the XML alone."""
    found = []
    for document in sorted(folder.glob("*.xml")):
        for image in ElementTree.parse(document).getroot().iter("image"):
            for shape in image:
                if shape.tag == "box":
                    left, top, right, bottom = (float(shape.get(k)) for k in ("xtl", "ytl", "xbr", "ybr"))
                    middle = (left + right) / 2, (top + bottom) / 2
                    box = envelope(turned(left, top, right - left, bottom - top, float(shape.get("rotation", 0)), middle))
                elif shape.tag == "polygon":
                    box = envelope([tuple(map(float, p.split(","))) for p in shape.get("points").split(";")])
                else:
                    continue
                found.append((pathlib.PurePath(image.get("name")).name, shape.get("label"), box))
    return found


def labelstudio_boxes(document):
    """The same of every rectangle and polygon that an annotator drew, by the JSON alone."""
    found = []
    for task in json.loads(document.read_text()):
        reference = urllib.parse.unquote(task["data"]["image"])
        for one in task["annotations"]:
            for result in one["result"]:
                value, w, h = result["value"], result.get("original_width"), result.get("original_height")
                if result["type"] == "rectanglelabels":
                    x, y = value["x"] * w / 100, value["y"] * h / 100
                    corners = turned(x, y, value["width"] * w / 100, value["height"] * h / 100, value.get("rotation", 0), (x, y))
                    found.append((pathlib.PurePath(reference).name, value["rectanglelabels"][0], envelope(corners)))
                elif result["type"] == "polygonlabels":
                    points = [(px * w / 100, py * h / 100) for px, py in value["points"]]
                    found.append((pathlib.PurePath(reference).name, value["polygonlabels"][0], envelope(points)))
    return found


def coco_boxes(folder):
    """The same of COCO documents, crowds left out."""
    found = []
    for path in sorted([folder] if folder.is_file() else folder.rglob("*.json")):
        text = json.loads(path.read_text())
        if not isinstance(text, dict) or "annotations" not in text:
            continue
        names = {c["id"]: c["name"] for c in text["categories"]}
        images = {i["id"]: i["file_name"] for i in text["images"]}
        for a in text["annotations"]:
            if "bbox" in a and not a.get("iscrowd"):
                found.append((pathlib.PurePath(images[a["image_id"]]).name, names[a["category_id"]], tuple(a["bbox"])))
    return found


def same(what, ours, theirs, tolerance=1e-6):
    """Whether two lists hold the same boxes; order means nothing."""
    key = lambda row: (row[0], row[1], [round(n, 3) for n in row[2]])
    ours, theirs = sorted(ours, key=key), sorted(theirs, key=key)
    far = [(a, b) for a, b in zip(ours, theirs) if a[:2] != b[:2] or max(abs(x - y) for x, y in zip(a[2], b[2])) > tolerance]
    say(len(ours) == len(theirs) > 0 and not far, f"{what}: {len(theirs)} boxes", f"{len(ours)} and {len(theirs)}, {far[:2]}")


def convert(source, target, to):
    done = run(VETSET, "convert", source, target, "--to", to, "--accept", "all", "--json")
    say(done.returncode == 0, f"{source.name} → {to}", f"exit {done.returncode}: {done.stderr.strip() or done.stdout[-500:]}")
    return done.returncode == 0


def journeys(source, work):
    """To both tools and back; COCO in between is what other judges vouch for."""
    coco = work / f"{source.name}-coco"
    if not convert(source, coco, "coco"):
        return
    expected = coco_boxes(coco)
    for tool, boxes in (("cvat", cvat_boxes), ("labelstudio", lambda folder: labelstudio_boxes(folder / "tasks.json"))):
        there, back = work / f"{source.name}-{tool}", work / f"{source.name}-{tool}-back"
        if convert(source, there, tool):
            same(f"{source.name} as {tool}", expected, boxes(there))
            if convert(there, back, "coco"):
                same(f"{source.name} from {tool}", coco_boxes(back), expected)


def exports(work):
    """Real exports of the tools, as vetset reads them."""
    for source in (DATA / "datumaro-assets/cvat_dataset/for_images/export_project",):
        there = work / f"{source.name}-read"
        if convert(source, there, "cvat"):
            same(f"{source.name} comes back", cvat_boxes(there), cvat_boxes(source))
    for name in ("data", "data_obb", "data_polygons"):
        source, work_in = DATA / f"label-studio/test_export_yolo/{name}.json", work / name
        work_in.mkdir()
        (work_in / "tasks.json").write_bytes(source.read_bytes())
        there = work / f"{name}-coco"
        if convert(work_in, there, "coco"):
            same(f"Label Studio's {name}.json", coco_boxes(there), labelstudio_boxes(source), 1e-3)


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        journeys(ROOT / "samples/street", work)
        if not DATA.is_dir():
            print("skipped 31: VETSET_DATA")
        else:
            for name in ("chess-coco", "bccd"):
                journeys(DATA / name, work)
            exports(work)
    return finish()


if __name__ == "__main__":
    sys.exit(main())
