#!/usr/bin/env python3
"""Asks 31 yes-or-no questions about what a COCO → COCO conversion kept.

    python adversarial_checks.py SOURCE.json OUTPUT.json

Written for tests/fixtures/adversarial_coco.py; knows nothing of vetset. pycocotools is asked where it can be imported, else its
constructor's demands are checked. Exit status 0 only if every answer is yes.
"""
import contextlib
import json
import os
import sys


class Document:
    def __init__(self, path: str):
        self.path = path
        with open(path, encoding="utf-8") as file:
            self.json = json.load(file)
        self.images, self.categories, self.annotations = (self.json.get(k) or [] for k in ("images", "categories", "annotations"))
        self.image_names = {i.get("id"): i.get("file_name") for i in self.images}
        self.category_names = {c.get("id"): c.get("name") for c in self.categories}

    def link(self, annotation: dict) -> tuple:
        return self.image_names.get(annotation.get("image_id")), self.category_names.get(annotation.get("category_id"))


def decoded(segmentation) -> bytes | None:
    """One byte a pixel, column by column; None for what is not run lengths or does not fill its size."""
    if not isinstance(segmentation, dict):
        return None
    counts = segmentation["counts"]
    if isinstance(counts, str):
        numbers, value, shift = [], 0, 0
        for character in counts:
            code = ord(character) - 48
            value |= (code & 0x1F) << shift
            shift += 5
            if not code & 0x20:
                value -= (1 << shift) if code & 0x10 else 0
                numbers.append(value + (numbers[-2] if len(numbers) > 2 else 0))
                value = shift = 0
        counts = numbers
    height, width = segmentation["size"]
    mask = b"".join(bytes([k % 2]) * count for k, count in enumerate(counts))
    return bytes([height % 256, width % 256]) + mask if len(mask) == height * width else None


def loads(document: Document) -> bool:
    try:
        from pycocotools.coco import COCO
    except ImportError:
        return (all("id" in i for i in document.images) and all("id" in c for c in document.categories)
                and all({"id", "image_id", "category_id"} <= set(a) for a in document.annotations))
    try:
        with open(os.devnull, "w") as null, contextlib.redirect_stdout(null):
            coco = COCO(document.path)
            for annotation in coco.loadAnns(coco.getAnnIds()):
                if annotation.get("segmentation"):
                    coco.annToMask(annotation)
    except Exception:
        return False
    return True


def partner(source: Document, annotation: dict, output: Document) -> dict:
    """The output's annotation on the same image and category with the nearest box, whatever its id; {} if there is none."""
    same = [a for a in output.annotations if output.link(a) == source.link(annotation) and a.get("bbox")]
    return min(same, key=lambda a: sum(abs(x - y) for x, y in zip(a["bbox"], annotation["bbox"])), default={})


def extra_keys(source, output) -> bool:
    """Whether the output's record says something under a key that the source's record does not have."""
    if isinstance(output, dict):
        return not isinstance(source, dict) or any(k not in source or extra_keys(source[k], output[k]) for k in output)
    if isinstance(output, list) and output and isinstance(output[0], dict):
        return not isinstance(source, list) or len(output) > len(source) or any(map(extra_keys, source, output))
    return False


def answers(source: Document, output: Document) -> list[tuple[str, bool]]:
    s, o = source.json, output.json
    info = o.get("info") or {}
    images = {i.get("file_name"): i for i in output.images}
    categories = {c.get("name"): c for c in output.categories}
    pairs = [(a, partner(source, a, output)) for a in source.annotations]
    known = {"info", "licenses", "images", "annotations", "categories"}

    def images_keep(key: str) -> bool:
        return all(key not in i or images.get(i["file_name"], {}).get(key, "absent") == i[key] for i in source.images)

    def categories_keep(*keys: str) -> bool:
        return all(k not in c or categories.get(c["name"], {}).get(k) == c[k] for c in source.categories for k in keys)

    def keep(key: str) -> bool:
        return all(key not in a or b.get(key, "absent") == a[key] for a, b in pairs)

    def rasters(wanted: int) -> bool:
        masks = [(decoded(a["segmentation"]), decoded(b.get("segmentation"))) for a, b in pairs
                 if isinstance(a["segmentation"], dict) and a["iscrowd"] == wanted]
        return bool(masks) and all(x is not None and x == y for x, y in masks)
    unknown_image_keys = {k for i in source.images for k in i} - {"id", "file_name", "width", "height", "license", "coco_url", "flickr_url", "date_captured"}
    unknown_info = set(s["info"]) - {"description", "version", "year", "contributor", "url", "date_created"}
    polygons = [(a, b) for a, b in pairs if isinstance(a["segmentation"], list)]

    def invented() -> bool:
        if any(k not in s for k in o) or extra_keys(s["info"], info) or extra_keys(s["licenses"], o.get("licenses") or []):
            return True
        if any(len(o.get(k) or []) > len(s[k]) for k in ("images", "categories", "annotations", "licenses")):
            return True
        if any(info.get(k) not in ("", None, s["info"].get(k)) for k in info):
            return True
        by_name = {i["file_name"]: i for i in source.images}
        return (any(extra_keys(by_name.get(n), i) for n, i in images.items())
                or any(extra_keys({c["name"]: c for c in source.categories}.get(n), c) for n, c in categories.items())
                or any(extra_keys(a, b) for a, b in pairs if b)
                or any(x.get("name") not in {y["name"] for y in s["licenses"]} for x in o.get("licenses") or []))

    return [
        ("loads in pycocotools", loads(output)),
        ("unknown top-level key", all(o.get(k) == s[k] for k in set(s) - known)),
        ("description", info.get("description") == s["info"]["description"]),
        ("unknown key in info", all(info.get(k) == s["info"][k] for k in unknown_info)),
        ("licences", o.get("licenses") == s["licenses"]),
        ("image ids", images_keep("id")),
        ("image order", [i.get("file_name") for i in output.images] == [i["file_name"] for i in source.images]),
        ("image names", sorted(map(str, images)) == sorted(i["file_name"] for i in source.images)),
        ("image sizes", images_keep("width") and images_keep("height")),
        ("licence of each image", images_keep("license")),
        ("coco_url", images_keep("coco_url")),
        ("unknown key of an image", all(images_keep(k) for k in unknown_image_keys)),
        ("category ids", categories_keep("id")),
        ("category names and order", [c.get("name") for c in output.categories] == [c["name"] for c in source.categories]),
        ("supercategory", categories_keep("supercategory")),
        ("keypoint names and skeleton", categories_keep("keypoints", "skeleton")),
        ("category colour", categories_keep("color")),
        ("annotation links", sorted(map(str, map(output.link, output.annotations))) == sorted(map(str, map(source.link, source.annotations)))),
        ("annotation ids", keep("id")),
        ("annotation order", [output.link(a) for a in output.annotations] == [source.link(a) for a in source.annotations]),
        ("boxes exact", keep("bbox")),
        ("areas exact", keep("area")),
        ("polygons exact", all(b.get("segmentation", "absent") == a["segmentation"] for a, b in polygons)),
        ("mask with a hole", rasters(0)),
        ("crowd mask", rasters(1)),
        ("iscrowd", keep("iscrowd")),
        ("keypoints", keep("keypoints") and keep("num_keypoints")),
        ("attributes", keep("attributes")),
        ("track_id", keep("track_id")),
        ("score", keep("score")),
        ("nothing invented", not invented()),
    ]


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    results = answers(Document(sys.argv[1]), Document(sys.argv[2]))
    for name, yes in results:
        print(f"{'yes' if yes else 'NO ':3}  {name}")
    kept = sum(yes for _, yes in results)
    print(f"{kept}/{len(results)}")
    return 0 if kept == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
