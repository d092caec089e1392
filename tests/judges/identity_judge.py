#!/usr/bin/env python3
"""Holds vetset to its own specification: identity_twin.py, which knows docs/identity.md and nothing of vetset, must get the
same ids from the canonical rows and from the image files.

    VETSET=build/release/vetset tests/judges/identity_judge.py
"""
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("VETSET", "vetset")
DATA = pathlib.Path(os.environ.get("VETSET_DATA", ROOT.parent / "shared/data"))
IMAGES = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".gif", ".tif", ".tiff"}
SAMPLES = ["street", "street-coco"]
SETS = ["rice-pest", "cells-yolo", "chess-coco", "coco-eval/instances_val2014_100.json", "coco-edge", "labelbox/coco"]


def vetset(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], check=True, stdout=subprocess.PIPE).stdout


def table_of(rows, wanted):
    for line in rows.read_bytes().split(b"\n"):
        table, _, row = line.partition(b"\t")
        if table == wanted:
            yield json.loads(row)


def file_of(sample, splits, files):
    """The one file that ends as the sample's path does, or has its name; of several, the one in a folder of its split."""
    path = pathlib.PurePosixPath(sample["path"])
    found = [file for file in files if file.parts[-len(path.parts):] == path.parts]
    found = found or [file for file in files if file.name == path.name]
    if len(found) > 1:
        found = [file for file in found if splits & set(file.parts)]
    if len(found) != 1:
        raise SystemExit(f"{path}: {len(found)} files could be meant")
    return found[0]


def media_lines(folder, rows):
    splits = {}
    for row in table_of(rows, b"memberships"):
        splits.setdefault(row["sample_id"], set()).add(row["split_id"])
    files = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in IMAGES]
    for sample in table_of(rows, b"samples"):
        key = sample["sample_id"]
        data = file_of(sample, splits.get(key, set()), files).read_bytes()
        yield f"{hashlib.sha256(data).hexdigest()} {len(data)} {json.dumps(key)}\n"


def twin_ids(source, scratch, with_media):
    rows = scratch / "rows"
    rows.write_bytes(vetset("identity", source, "--rows"))
    command = [sys.executable, ROOT / "tests/judges/identity_twin.py", rows]
    if with_media:
        (scratch / "media").write_text("".join(media_lines(source, rows)), encoding="ascii")
        command += ["--media", scratch / "media"]
    lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    return dict(line.split(" ", 1) for line in lines)


def agree(source):
    said = json.loads(vetset("identity", source, "--json"))
    with tempfile.TemporaryDirectory() as scratch:
        twin = twin_ids(source, pathlib.Path(scratch), said["dataset_id"] is not None)
    ours = {name: said[name] for name in ("labels_id", "dataset_id") if said[name] is not None}
    if ours == twin:
        print(f"ok    {source.name}: {', '.join(ours)}")
        return True
    print(f"FAIL  {source}: vetset says {ours}, the twin {twin}")
    return False


def main():
    sources = [ROOT / "samples" / name for name in SAMPLES]
    found = [DATA / name for name in SETS if (DATA / name).exists()]
    if len(found) < len(SETS):
        print(f"skipped {len(SETS) - len(found)}: VETSET_DATA")
    results = [agree(source) for source in sources + found]
    print(f"{sum(results)} of {len(results)} agree")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
