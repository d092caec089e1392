"""Small datasets, made here by plain Python so that nothing of vetset's own has a hand in them."""

import json
import pathlib
import shutil
import struct
import zlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def png(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\x7f" * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture
def coco(tmp_path):
    """Two images; a polygon, a crowd, a box that reaches past its image, a box alone."""
    folder = tmp_path / "coco"
    folder.mkdir()
    images = [
        {"id": 7, "file_name": "a.png", "width": 40, "height": 30},
        {"id": 3, "file_name": "ü b.png", "width": 20, "height": 20},
    ]
    for image in images:
        (folder / image["file_name"]).write_bytes(png(image["width"], image["height"]))
    annotations = [
        {"id": 11, "image_id": 7, "category_id": 5, "bbox": [1, 2, 10, 10], "area": 50, "iscrowd": 0,
         "segmentation": [[1, 2, 11, 2, 11, 12]]},
        {"id": 12, "image_id": 7, "category_id": 9, "bbox": [0, 0, 40, 1], "area": 40, "iscrowd": 1,
         "segmentation": {"size": [30, 40], "counts": [0] + [1, 29] * 40}},
        {"id": 13, "image_id": 3, "category_id": 5, "bbox": [15.5, 4, 10, 2.25], "area": 22.5, "iscrowd": 0},
    ]
    categories = [{"id": 5, "name": "cat"}, {"id": 9, "name": "dog", "supercategory": "animal"}]
    document = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "instances.json").write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    return folder


@pytest.fixture
def street(tmp_path):
    """A copy of the sample that comes with the source."""
    return pathlib.Path(shutil.copytree(ROOT / "samples/street", tmp_path / "street"))


@pytest.fixture(scope="session")
def large(tmp_path_factory):
    """A document that takes a while to read: 400,000 polygons."""
    path = tmp_path_factory.mktemp("large") / "large.json"
    with open(path, "w") as out:
        out.write('{"images": [')
        out.write(",".join(f'{{"id":{i},"file_name":"{i}.png","width":640,"height":480}}' for i in range(4000)))
        out.write('], "categories": [{"id":1,"name":"thing"}], "annotations": [')
        ring = ",".join(f"{10 + k % 7}.25,{20 + k % 5}.5" for k in range(12))
        for i in range(400_000):
            out.write(f'{"," if i else ""}{{"id":{i},"image_id":{i % 4000},"category_id":1,"bbox":[10.25,20.5,6,4],'
                      f'"area":12.5,"iscrowd":0,"segmentation":[[{ring}]]}}')
        out.write("]}")
    return path
