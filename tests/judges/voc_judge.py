#!/usr/bin/env python3
"""Holds VOC and tables of boxes to others' readers: torchvision's VOCDetection, ElementTree, csv, pycocotools.

    VETSET=build/release/vetset JUDGES=.venv-judges/bin/python tests/judges/voc_judge.py

What vetset writes must load, and every name and box must be what an independent reading of the source says. Prints a line a
journey and `N passed, N failed`. `--torchvision FOLDER LIST` is the part that runs where torchvision is.
"""
import csv
import filecmp
import json
import pathlib
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

from judging import DATA, JUDGES, ROOT, VETSET, finish, run, say


def convert(source, target, to, *flags):
    done = run(VETSET, "convert", source, target, "--to", to, "--accept", "all", *flags)
    name = f"{source.name} → {to} {' '.join(flags)}".strip()
    return say(done.returncode == 0, name, f"exit {done.returncode}: {done.stderr.strip() or done.stdout[-500:]}")


def boxes_of_xml(folder):
    """Objects by the name of the file, as ElementTree reads them: name and the four numbers."""
    found = {}
    for path in sorted(folder.rglob("*.xml")):
        root = ElementTree.parse(path).getroot()
        if root.tag != "annotation":
            continue
        found[path.stem] = [
            (o.findtext("name"), *(float(o.find("bndbox").findtext(k)) for k in ("xmin", "ymin", "xmax", "ymax")))
            for o in root.findall("object")]
    return found


def boxes_of_csv(path, label="class"):
    found = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            stem = pathlib.PurePosixPath(row["filename"]).stem
            found.setdefault(stem, []).append((row[label], *(float(row[k]) for k in ("xmin", "ymin", "xmax", "ymax"))))
    return found


def boxes_of_coco(folder):
    found = {}
    for path in sorted(folder.rglob("*.json")):
        document = json.loads(path.read_text())
        names = {c["id"]: c["name"] for c in document["categories"]}
        stems = {i["id"]: pathlib.PurePosixPath(i["file_name"]).stem for i in document["images"]}
        for stem in stems.values():
            found.setdefault(stem, [])
        for a in document["annotations"]:
            x, y, w, h = a["bbox"]
            found[stems[a["image_id"]]].append((names[a["category_id"]], x, y, x + w, y + h))
    return found


def same_boxes(a, b, within=1e-6):
    """Nothing, or the first difference. Images without an object may be left out."""
    for stem in sorted(set(a) | set(b)):
        one, two = a.get(stem, []), b.get(stem, [])
        if len(one) != len(two):
            return f"{stem}: {len(one)} and {len(two)} objects"
        for x, y in zip(sorted(one), sorted(two), strict=True):
            if x[0] != y[0] or any(abs(p - q) > within for p, q in zip(x[1:], y[1:], strict=True)):
                return f"{stem}: {x} and {y}"
    return ""


def agree(a, b, what):
    difference = same_boxes(a, b)
    say(not difference, f"{what}: {sum(map(len, a.values()))} boxes", difference)


def torchvision_reads(folder):
    """Each list of the folder through torchvision; what it reads by image."""
    found = {}
    for path in sorted((folder / "ImageSets/Main").glob("*.txt")):
        done = run(JUDGES, __file__, "--torchvision", folder, path.stem)
        if done.returncode != 0:
            say(False, f"torchvision loads {folder.name}, {path.stem}", done.stderr[-500:])
            continue
        found.update({stem: [tuple(box) for box in boxes] for stem, boxes in json.loads(done.stdout).items()})
    return found


def torchvision_part(folder, image_set):
    import torchvision
    root = pathlib.Path(tempfile.mkdtemp()) / "VOCdevkit"
    root.mkdir()
    (root / "VOC2012").symlink_to(pathlib.Path(folder).absolute())
    inner = "VOC2012"
    dataset_class = torchvision.datasets.VOCDetection
    if image_set not in ("train", "val", "trainval"):  # torchvision knows these words alone
        listed = pathlib.Path(folder) / "ImageSets/Main" / f"{image_set}.txt"
        copy = root.parent / "other/VOCdevkit" / inner
        (copy / "ImageSets/Main").mkdir(parents=True)
        (copy / "ImageSets/Main/train.txt").write_text(listed.read_text())
        for name in ("Annotations", "JPEGImages"):
            (copy / name).symlink_to((pathlib.Path(folder) / name).absolute())
        root, image_set = root.parent / "other/VOCdevkit", "train"
    dataset = dataset_class(str(root.parent), year="2012", image_set=image_set)
    found = {}
    for image, target in dataset:
        annotation = target["annotation"]
        size = annotation["size"]
        assert image.size == (int(size["width"]), int(size["height"])), annotation["filename"]
        found[pathlib.PurePosixPath(annotation["filename"]).stem] = [
            (o["name"], *(float(o["bndbox"][k]) for k in ("xmin", "ymin", "xmax", "ymax")))
            for o in annotation.get("object", [])]
    print(json.dumps(found))


def same_tree(source, target, what):
    differing = [str(p.relative_to(target)) for p in sorted(target.rglob("*"))
                 if p.is_file() and not ((source / p.relative_to(target)).is_file()
                                         and filecmp.cmp(p, source / p.relative_to(target), shallow=False))]
    say(not differing, f"{what}: every file byte for byte", differing)


def main():
    if not (DATA / "bccd").is_dir():
        print("skipped 1: VETSET_DATA")
        return 0
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="vetset-voc-"))
    bccd, raccoon = DATA / "bccd", DATA / "raccoon"
    source = boxes_of_xml(bccd)
    say(sum(map(len, source.values())) == 4888, "bccd has 4,888 objects", sum(map(len, source.values())))
    flat = sum(1 for boxes in source.values() for b in boxes if b[1] == b[3] or b[2] == b[4])
    shown = json.loads(run(VETSET, "check", bccd, "--json", "--select", "FMT408").stdout)
    told = sum(1 for f in shown["findings"] if f["code"] == "FMT408")
    say(flat == told == 2, "two of them have no area, and check finds those", f"{flat} and {told}")

    if convert(bccd, scratch / "bccd", "voc"):
        same_tree(bccd, scratch / "bccd", "bccd")
        agree(source, torchvision_reads(scratch / "bccd"), "torchvision reads bccd")
    if convert(bccd, scratch / "bccd-coco", "coco"):
        agree(source, boxes_of_coco(scratch / "bccd-coco"), "bccd as COCO")
        for document in sorted((scratch / "bccd-coco").rglob("*.json")):
            done = run(JUDGES, ROOT / "tests/judges/coco_judge.py", "--loads-only", document)
            say(done.returncode == 0, f"pycocotools loads {document.name}", done.stdout[-300:] + done.stderr[-300:])
        if convert(scratch / "bccd-coco", scratch / "bccd-back", "voc"):
            agree(source, boxes_of_xml(scratch / "bccd-back"), "COCO → VOC")
            agree(source, torchvision_reads(scratch / "bccd-back"), "torchvision reads COCO → VOC")
            for name in ("train", "val", "test"):
                lists = [(f / f"ImageSets/Main/{name}.txt").read_text() for f in (bccd, scratch / "bccd-back")]
                say(lists[0] == lists[1], f"{name}.txt is the same list")
            if convert(scratch / "bccd-back", scratch / "bccd-coco2", "coco"):
                agree(source, boxes_of_coco(scratch / "bccd-coco2"), "COCO → VOC → COCO")
    agree(source, boxes_of_csv(bccd / "test.csv", "cell_type"), "bccd's XML and CSV say the same")
    if convert(bccd / "test.csv", scratch / "bccd-from-csv", "voc"):
        agree(source, boxes_of_xml(scratch / "bccd-from-csv"), "CSV → VOC")
    if convert(bccd, scratch / "bccd-csv", "csv"):
        together = {}
        for path in sorted((scratch / "bccd-csv").glob("*.csv")):
            together.update(boxes_of_csv(path))
        agree(source, together, "VOC → CSV")

    source = boxes_of_xml(raccoon)
    say(sum(map(len, source.values())) == 217, "raccoon has 217 boxes")
    agree(source, boxes_of_csv(raccoon / "data/raccoon_labels.csv"), "raccoon's XML and CSV say the same")
    if convert(raccoon, scratch / "raccoon", "voc"):
        same_tree(raccoon, scratch / "raccoon", "raccoon")
    if convert(raccoon, scratch / "raccoon-tables", "csv", "--from", "csv"):
        same_tree(raccoon, scratch / "raccoon-tables", "raccoon's tables")
    if convert(raccoon, scratch / "raccoon-voc", "voc", "--from", "csv"):
        agree(source, boxes_of_xml(scratch / "raccoon-voc"), "raccoon, CSV → VOC: nothing doubled")
        agree(source, torchvision_reads(scratch / "raccoon-voc"), "torchvision reads raccoon from CSV")

    if convert(DATA / "cells-yolo", scratch / "cells", "voc"):
        boxes = boxes_of_xml(scratch / "cells")
        say(sum(map(len, boxes.values())) == 3947, "cells-yolo → VOC: 3,947 boxes", sum(map(len, boxes.values())))
        agree(boxes, torchvision_reads(scratch / "cells"), "torchvision reads cells-yolo as VOC")
    if convert(DATA / "chess-coco", scratch / "chess", "voc"):
        agree(boxes_of_coco(DATA / "chess-coco"), boxes_of_xml(scratch / "chess"), "chess-coco → VOC")
    for folder in ("voc_dataset/voc_dataset1", "voc_dataset/voc_dataset2", "voc_dataset/voc_dataset3", "roboflow_dataset/voc",
                   "kaggle_dataset/relaxed_voc1", "kaggle_dataset/relaxed_voc2"):
        place = DATA / "datumaro-assets" / folder
        if convert(place, scratch / place.name, "voc", "--from", "voc"):
            same_tree(place, scratch / place.name, folder)
    return finish()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--torchvision"]:
        torchvision_part(*sys.argv[2:4])
    else:
        sys.exit(main())
