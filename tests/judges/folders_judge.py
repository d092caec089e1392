#!/usr/bin/env python3
"""Class folders and Darknet lists that vetset wrote, in the eyes of others: torchvision's ImageFolder, the classify dataset of
Ultralytics, and a Darknet reader of twenty lines that shares nothing with vetset.

    VETSET=build/release/vetset JUDGES=.venv-judges/bin/python tests/judges/folders_judge.py

Prints a line a question and `N passed, N failed`.
"""
import filecmp
import json
import os
import pathlib
import sys
import tempfile

from judging import DATA, JUDGES, ROOT, VETSET, finish, run, say


def convert(source, target, to, *flags):
    done = run(VETSET, "convert", source, target, "--to", to, "--json", *flags)
    what = f"{source.name} → {target.name} {' '.join(flags)}".strip()
    if not say(done.returncode == 0, what, f"exit {done.returncode}: {done.stderr.strip() or done.stdout[-500:]}"):
        return None
    return json.loads(done.stdout)


def coco_view(folder, work):
    """What vetset says is in a folder, through COCO: classes in order, and the classes of each image."""
    out = work / (folder.name + "-view")
    done = run(VETSET, "convert", folder, out, "--to", "coco", "--images", "none", "--accept", "all")
    if done.returncode != 0:
        say(False, f"{folder.name} → coco", done.stderr)
        return [], {}
    classes, images = [], {}
    for document in sorted(out.rglob("*.json")):
        data = json.loads(document.read_text())
        if "images" not in data:
            continue
        classes = [c["name"] for c in data["categories"]]
        names = {c["id"]: c["name"] for c in data["categories"]}
        path = {i["id"]: i["file_name"] for i in data["images"]}
        for a in data["annotations"]:
            images.setdefault(path[a["image_id"]], []).append((names[a["category_id"]], a.get("bbox")))
    return classes, images


TORCHVISION = """
import json, sys
from torchvision.datasets import ImageFolder
root = sys.argv[1]
d = ImageFolder(root)
print(json.dumps({"classes": d.classes, "samples": [[p[len(root) + 1:], i] for p, i in d.samples]}))
"""
ULTRALYTICS = """
import contextlib, json, os, sys
os.environ["YOLO_OFFLINE"] = "True"
with contextlib.redirect_stdout(sys.stderr):
    from pathlib import Path
    from ultralytics.cfg import get_cfg
    from ultralytics.data.dataset import ClassificationDataset
    from ultralytics.data.utils import check_cls_dataset
    root = sys.argv[1]
    data = check_cls_dataset(root)
    found = {}
    for split in ("train", "val", "test"):
        if not data.get(split):
            continue
        args = get_cfg(overrides={"task": "classify", "imgsz": 64})
        d = ClassificationDataset(str(data[split]), args=args, augment=False)
        found[split] = [[str(Path(s[0]).relative_to(root)), int(s[1])] for s in d.samples]
print(json.dumps({"names": list(data["names"].values()), "splits": found}))
"""


def torchvision_agrees(root, prefix, view, name):
    """One root of class folders: a split, or the whole."""
    done = run(JUDGES, "-c", TORCHVISION, root)
    if done.returncode != 0:
        return say(False, f"torchvision on {name}", done.stderr[-400:])
    real = json.loads(done.stdout)
    spelled = pathlib.Path(root).parent / "class-names.json" if prefix else pathlib.Path(root) / "class-names.json"
    names = json.loads(spelled.read_text()) if spelled.is_file() else {}
    theirs = {prefix + path: [names.get(real["classes"][index], real["classes"][index])] for path, index in real["samples"]}
    listed = spelled.with_name("images-elsewhere.txt")
    absent = listed.read_text().splitlines() if listed.is_file() else []
    ours = {path: [c for c, _ in tags] for path, tags in view.items() if path.startswith(prefix) and path not in absent}
    folders = sorted(p.name for p in pathlib.Path(root).iterdir() if p.is_dir())
    say(real["classes"] == folders, f"torchvision numbers the {len(folders)} classes of {name} by their folders")
    return say(theirs == ours, f"torchvision reads {len(theirs)} images of {name} with the same classes",
               f"{len(ours)} here; first other: {next((p for p in theirs if theirs[p] != ours.get(p)), '')}")


def ultralytics_agrees(root, view, name):
    done = run(JUDGES, "-c", ULTRALYTICS, root)
    if done.returncode != 0:
        return say(False, f"Ultralytics on {name}", done.stderr[-400:])
    real = json.loads(done.stdout)
    theirs = {p: real["names"][i] for split in real["splits"].values() for p, i in split}
    ours = {path: tags[0][0] for path, tags in view.items() if tags}
    return say(theirs == ours, f"Ultralytics reads {len(theirs)} images of {name} with the same classes",
               f"{len(ours)} here; first other: {next((p for p in theirs if theirs[p] != ours.get(p)), '')}")


def darknet(folder):
    """Started in the folder itself: classes, and the rows of each listed image."""
    keys = dict(line.split(" = ", 1) for line in (folder / "obj.data").read_text().splitlines())
    classes = (folder / keys["names"]).read_text().splitlines()
    rows = {}
    for key in keys:
        if not keys[key].endswith(".txt"):
            continue
        for image in (folder / keys[key]).read_text().splitlines():
            label = (folder / image).with_suffix(".txt")
            lines = label.read_text().split("\n") if label.is_file() else []
            rows[image] = [line.split() for line in lines if line.strip()]
            for row in rows[image]:
                assert len(row) == 5 and 0 <= int(row[0]) < len(classes), (image, row)
    assert len(classes) == int(keys["classes"])
    return classes, rows


def darknet_agrees(source, target):
    """The same multiset of rows, image by image, as in the YOLO folder that it was made of."""
    try:
        classes, rows = darknet(target)
    except (AssertionError, KeyError, ValueError, OSError) as e:
        return say(False, f"a Darknet reader on {target.name}", repr(e))
    theirs = {pathlib.Path(p).stem: r for p, r in rows.items()}
    want = {}
    for label in source.rglob("*.txt"):
        if "labels" in label.parts:
            want[label.stem] = [line.split() for line in label.read_text().splitlines() if line.strip()]
    unlike = [stem for stem in want if len(want[stem]) != len(theirs.get(stem, []))
              or any(len(w) == 5 and g != w for g, w in zip(theirs[stem], want[stem]))]
    return say(want and not unlike and sum(map(len, want.values())) == sum(map(len, theirs.values())),
               f"a Darknet reader finds {sum(map(len, theirs.values()))} rows of {len(theirs)} images in {target.name}, digit for digit",
               f"{len(want)} label files; {unlike[:3]}")


def same_files(a, b, what):
    names = [sorted(str(p.relative_to(f)) for p in f.rglob("*") if p.is_file()) for f in (a, b)]
    unlike = [n for n in names[0] if n in names[1] and not filecmp.cmp(a / n, b / n, shallow=False)]
    say(names[0] == names[1] and not unlike, f"{what}: {len(names[0])} files identical to the byte", str(unlike[:3]))


def count(source, expected):
    counts = json.loads(run(VETSET, "check", source, "--json").stdout)["counts"]
    found = (counts["images"], counts["annotations"], counts["categories"])
    say(found == expected, f"{source.name}: {found[0]} images, {found[1]} labels, {found[2]} classes", f"expected {expected}")


def class_folders(name, expected, splits, work):
    source, same = DATA / name, work / name
    count(source, expected)
    if not convert(source, same, "imagefolder"):
        return
    same_files(source, same, f"{name} → imagefolder")
    _, view = coco_view(same, work)
    if not splits:
        torchvision_agrees(same, "", view, name)
    for split in splits:
        torchvision_agrees(same / split, split + "/", view, f"{name}/{split}")


def weak_labels(work):
    """Objects become classes of images: split folders that Ultralytics trains on."""
    source, there = ROOT / "samples/street", work / "street-folders"
    if convert(source, there, "imagefolder", "--accept", "objects=tag,classes=split"):
        _, view = coco_view(there, work)
        for split in sorted(p for p in there.iterdir() if p.is_dir() and any(q.is_dir() for q in p.iterdir())):
            torchvision_agrees(split, split.name + "/", view, f"{there.name}/{split.name}")


def made(work):
    """Both layouts with every class in every split, as Ultralytics wants them."""
    from struct import pack
    from zlib import compress, crc32

    def png(value):
        def chunk(kind, data):
            return pack(">I", len(data)) + kind + data + pack(">I", crc32(kind + data))
        rows = b"".join(b"\0" + bytes([value, 40, 90]) * 32 for _ in range(32))
        return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", pack(">IIBBBBB", 32, 32, 8, 2, 0, 0, 0))
                + chunk(b"IDAT", compress(rows)) + chunk(b"IEND", b""))
    source, value = work / "made", 0
    for split in ("train", "val", "test"):
        for name in ("class_10", "class_2", "Zebra", "été", "two words"):
            for k in range(2):
                path = source / split / name / f"{split}-{k}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(png(value := value + 1))
    there = work / "made-again"
    if convert(source, there, "imagefolder"):
        same_files(source, there, "made → imagefolder")
        classes, view = coco_view(there, work)
        say(classes == sorted(classes), "classes are in the order of their names")
        for split in ("train", "val", "test"):
            torchvision_agrees(there / split, split + "/", view, f"made/{split}")
        ultralytics_agrees(there, view, "made")


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        made(work)
        weak_labels(work)
        if convert(ROOT / "samples/street", work / "street-darknet", "darknet", "--accept", "all"):
            darknet_agrees(ROOT / "samples/street", work / "street-darknet")
        if not DATA.is_dir():
            print("skipped 7: VETSET_DATA")
        else:
            for name, expected in (("imagenet_dataset", (4, 3, 2)), ("imagenet_subsets_dataset", (12, 9, 2)),
                                   ("yolo_dataset/strict", (1, 2, 10))):
                count(DATA / "datumaro-assets" / name, expected)
            class_folders("sign-digits", (603, 603, 10), (), work)
            class_folders("clothing", (362, 362, 10), ("train", "validation"), work)
            for name, expected in (("cells-yolo", (38, 3947, 1)), ("rice-pest", (253, 367, 7))):
                count(DATA / name, expected)
                there, again, back = (work / f"{name}-{k}" for k in ("darknet", "darknet-again", "yolo"))
                if convert(DATA / name, there, "darknet", "--accept", "all") and convert(there, again, "darknet"):
                    same_files(there, again, f"{name} as Darknet")
                    darknet_agrees(DATA / name, there)
                    convert(there, back, "yolo")
    return finish()


if __name__ == "__main__":
    sys.exit(main())
