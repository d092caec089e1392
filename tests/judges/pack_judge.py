#!/usr/bin/env python3
"""Packages, read by tools that know nothing of vetset: pyarrow (an older one than wrote them), DuckDB, pandas and Polars
agree with counts and values taken from the source files themselves; the identity is recomputed from the tables; GNU tar,
sha256sum and Pillow find the images; and what is unpacked has the label files of the source, to the byte.

    VETSET=build/release/vetset .venv-judges/bin/python tests/judges/pack_judge.py
"""
import contextlib
import hashlib
import io
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

import duckdb
import pandas
import polars
import pyarrow.parquet
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import package_rows  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(os.environ.get("VETSET_DATA", ROOT.parent / "shared/data"))
PROGRAM = str(pathlib.Path(shutil.which(os.environ.get("VETSET", "vetset")) or sys.exit("expected the program in $VETSET or on PATH")).resolve())
COCO = [ROOT / "samples/street-coco", DATA / "chess-coco", DATA / "coco-eval/instances_val2014_100.json"]
YOLO = [ROOT / "samples/street", DATA / "cells-yolo", DATA / "rice-pest"]


def vetset(*command):
    done = subprocess.run([PROGRAM, *map(str, command)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"FAIL  vetset {' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def table(package, name):
    return package / "tables" / f"{name}.parquet"


def counts(package):
    """Rows and sums of the same columns by four readers, which must agree to the bit of an exact sum."""
    path = table(package, "annotations")
    exact = lambda values: math.fsum(v for v in values if v is not None and v == v)  # noqa: E731
    arrow = pyarrow.parquet.read_table(path).to_pydict()
    frame, lazy = pandas.read_parquet(path), polars.read_parquet(path)
    rows = duckdb.sql(f"SELECT x, width, crowd, polygon FROM read_parquet('{path}')").fetchall()
    seen = {
        "pyarrow": (len(arrow["x"]), exact(arrow["x"]), exact(arrow["width"]), arrow["crowd"].count(True), sum(len(p) for p in arrow["polygon"] if p is not None)),
        "pandas": (len(frame), exact(frame.x.tolist()), exact(frame.width.tolist()), sum(v is True for v in frame.crowd), sum(len(p) for p in frame.polygon if p is not None)),
        "polars": (lazy.height, exact(lazy["x"]), exact(lazy["width"]), int(lazy["crowd"].cast(polars.Boolean).sum() or 0), sum(len(p) for p in lazy["polygon"] if p is not None)),
        "duckdb": (len(rows), exact(r[0] for r in rows), exact(r[1] for r in rows), sum(r[2] is True for r in rows), sum(len(r[3]) for r in rows if r[3] is not None))}
    assert len(set(seen.values())) == 1, seen
    return arrow


def same_as_coco(source, package, arrow):
    """Every annotation of the documents, by its id, against its row."""
    documents = [source] if source.is_file() else sorted(p for p in source.rglob("*.json") if "annotations" in json.loads(p.read_text()))
    rows = {}
    for i, token in enumerate(arrow["id"]):
        rows.setdefault(token, []).append(i)
    categories = dict(zip(*(pyarrow.parquet.read_table(table(package, "categories"))[c].to_pylist() for c in ("category_id", "name"))))
    samples = dict(zip(*(pyarrow.parquet.read_table(table(package, "samples"))[c].to_pylist() for c in ("sample_id", "path"))))
    total = 0
    for document in documents:
        said = json.loads(document.read_text())
        names = {c["id"]: c["name"] for c in said["categories"]}
        files = {i["id"]: i["file_name"] for i in said["images"]}
        for a in said["annotations"]:
            total += 1
            assert any(
                [arrow[side][i] for side in ("x", "y", "width", "height")] == a["bbox"]
                and arrow["area"][i] == a.get("area") and arrow["crowd"][i] == (bool(a["iscrowd"]) if "iscrowd" in a else None)
                and categories[arrow["category_id"][i]] == names[a["category_id"]] and samples[arrow["sample_id"][i]] == files[a["image_id"]]
                and (not isinstance(a.get("segmentation"), list) or arrow["shapes"][i] or not a["segmentation"] or arrow["polygon"][i] == a["segmentation"])
                for i in rows[json.dumps(a["id"])]), a
    assert total == len(arrow["id"])
    return total


def same_as_yolo(source, package, arrow, unpacked):
    """Every line of every label file is the authored text of a row, and the files come back to the byte."""
    files = sorted(p for p in source.rglob("labels/**/*.txt"))
    lines = sorted(line for p in files for line in p.read_text().splitlines() if line.strip())
    unread = table(package, "unread")
    kept = pyarrow.parquet.read_table(unread)["text"].to_pylist() if unread.exists() else []
    texts = sorted([package_rows.text(t) for t in arrow["authored"]] + [k for k in kept if k.strip()])
    assert [t.strip() for t in texts] == [line.strip() for line in lines], "authored text is the label files' lines"
    for p in files:
        assert (unpacked / p.relative_to(source)).read_bytes() == p.read_bytes(), p
    return len(lines)


def check_images(source, package):
    """The images, by the samples table alone: from the shard at the offset, and by tar."""
    samples = pyarrow.parquet.read_table(table(package, "samples")).to_pylist()
    count = 0
    for s in samples:
        if s["media"] is None:
            continue
        with open(package / s["shard"], "rb") as shard:
            shard.seek(s["shard_offset"])
            pixels = shard.read(s["media_size"])
        assert hashlib.sha256(pixels).hexdigest() == s["media_sha256"]
        assert pixels == (source / s["source"]).read_bytes()
        member = s["media"].removeprefix(s["shard"] + "/")
        with tarfile.open(package / s["shard"]) as tar:
            assert tar.extractfile(member).read() == pixels
        Image.open(io.BytesIO(pixels)).verify() if count == 0 else None
        count += 1
    for shard in package.glob("media/*.tar"):
        subprocess.run(["tar", "-tf", shard], check=True, stdout=subprocess.DEVNULL)
    return count


def check_manifest(package, folder):
    manifest = json.loads((package / "vetset.json").read_bytes())
    (folder / "SHA256SUMS").write_text("".join(f"{f['sha256']}  {f['path']}\n" for f in manifest["files"]), encoding="utf-8")
    subprocess.run(["sha256sum", "--strict", "--quiet", "-c", folder / "SHA256SUMS"], cwd=package, check=True)
    return manifest


def twin_id(package, folder):
    rows = folder / "rows"
    with open(rows, "wb") as out:
        out.writelines(package_rows.rows_of(package))
    printed = subprocess.run([sys.executable, ROOT / "tests/judges/identity_twin.py", rows], check=True, stdout=subprocess.PIPE, text=True).stdout
    return printed.split()[1]


def judge(source, yolo):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        package, unpacked = folder / "set.pkg", folder / "again"
        vetset("pack", source, "-o", package, "--layout", "shards")
        vetset("verify", package)
        manifest = check_manifest(package, folder)
        assert twin_id(package, folder) == manifest["labels_id"], "labels_id from the tables alone"
        arrow = counts(package)
        images = check_images(source, package) if source.is_dir() else 0
        vetset("unpack", package, unpacked, "--accept", "all")
        rows = same_as_yolo(source, package, arrow, unpacked) if yolo else same_as_coco(source, package, arrow)
        again = json.loads(vetset("identity", unpacked, "--json"))
        if not yolo and source.is_dir():
            assert again["labels_id"] == manifest["labels_id"], "what is unpacked says the same"
        print(f"ok    {source.name}: {rows} rows by pyarrow, DuckDB, pandas and Polars, {images} images, labels_id")


def check_guide():
    """The Python of the guide does what its comments say."""
    page = (ROOT / "docs/guide/packages.md").read_text(encoding="utf-8")
    blocks = [b.split("```")[0] for b in page.split("```python\n")[1:]]
    with tempfile.TemporaryDirectory() as name:
        vetset("pack", ROOT / "samples/street-coco", "-o", pathlib.Path(name) / "street.pkg", "--layout", "shards")
        os.chdir(name)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            for block in blocks:
                exec(compile(block, "docs/guide/packages.md", "exec"), {})  # noqa: S102
        os.chdir(ROOT)
    for line in ("person", "[]", "0 ['hidden', 'shirt']", "12 images of 12"):
        assert f"\n{line}\n" in "\n" + printed.getvalue(), printed.getvalue()
    print(f"ok    docs/guide/packages.md: {len(blocks)} blocks of Python")


def main():
    check_guide()
    found = [(s, False) for s in COCO if s.exists()] + [(s, True) for s in YOLO if s.exists()]
    missing = len(COCO) + len(YOLO) - len(found)
    if missing:
        print(f"skipped {missing}: VETSET_DATA")
    for source, yolo in found:
        judge(source, yolo)
    return 0


if __name__ == "__main__":
    sys.exit(main())
