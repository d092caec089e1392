#!/usr/bin/env python3
"""Holds CVAT and Label Studio against other people's readers: Datumaro reads the CVAT that vetset writes, and vetset the CVAT
that Datumaro writes; Label Studio's own converter reads the tasks that vetset writes.

    VETSET=build/release/vetset .venv-tools/bin/python tests/judges/tools_peers_judge.py

Pictures are not copied: one of a pixel stands for each, since Datumaro asks whether they are there. Prints a line a journey and
`N passed, N failed`.
"""
import base64
import json
import pathlib
import sys
import tempfile
import urllib.parse
import warnings
import xml.etree.ElementTree as ElementTree

warnings.filterwarnings("ignore")
import datumaro
from label_studio_sdk.converter import Converter

from judging import DATA, ROOT, VETSET, finish, run, say
from tools_judge import coco_boxes, same


PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def convert(source, target, to):
    done = run(VETSET, "convert", source, target, "--to", to, "--accept", "all", "--images", "none", "--json")
    return say(done.returncode == 0, f"{source.name} → {to}", f"exit {done.returncode}: {done.stderr.strip() or done.stdout[-500:]}")


def by_datumaro(folder):
    """(file name, label, box) of what Datumaro reads of CVAT."""
    for image in ElementTree.parse(folder / "annotations.xml").getroot().iter("image"):
        path = folder / "images" / image.get("name")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PIXEL)
    found = []
    dataset = datumaro.Dataset.import_from(str(folder), "cvat")
    labels = dataset.categories()[datumaro.AnnotationType.label]
    for item in dataset:
        for a in item.annotations:
            if a.type in (datumaro.AnnotationType.bbox, datumaro.AnnotationType.polygon):
                found.append((pathlib.PurePath(item.media.path).name, labels[a.label].name, tuple(a.get_bbox())))
    return dataset, found


def by_converter(folder, out):
    """The same of what Label Studio's converter makes of tasks: COCO."""
    converter = Converter((folder / "label_config.xml").read_text(), project_dir=str(folder), download_resources=False)
    converter.convert_to_coco(str(folder / "tasks.json"), str(out), is_dir=False)
    document = json.loads((out / "result.json").read_text())
    names = {c["id"]: c["name"] for c in document["categories"]}
    images = {i["id"]: pathlib.PurePath(urllib.parse.unquote(i["file_name"])).name for i in document["images"]}
    return [(images[a["image_id"]], names[a["category_id"]], tuple(a["bbox"])) for a in document["annotations"]]


def journeys(source, work):
    coco, cvat, studio = (work / f"{source.name}-{to}" for to in ("coco", "cvat", "labelstudio"))
    if not convert(source, coco, "coco"):
        return
    expected = coco_boxes(coco)
    if convert(source, cvat, "cvat"):
        dataset, found = by_datumaro(cvat)
        same(f"Datumaro reads {source.name} as CVAT", found, expected, 0.01)
        theirs, back = work / f"{source.name}-theirs", work / f"{source.name}-back"
        dataset.export(str(theirs), "cvat")
        if convert(theirs, back, "coco"):
            same(f"vetset reads {source.name} as Datumaro writes CVAT", coco_boxes(back), expected, 0.01)
    if convert(source, studio, "labelstudio"):
        same(f"Label Studio's converter reads {source.name}", by_converter(studio, work / f"{source.name}-out"), expected, 1e-3)


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        journeys(ROOT / "samples/street", work)
        if not DATA.is_dir():
            print("skipped 14: VETSET_DATA")
        else:
            for name in ("chess-coco", "bccd"):
                journeys(DATA / name, work)
    return finish()


if __name__ == "__main__":
    sys.exit(main())
