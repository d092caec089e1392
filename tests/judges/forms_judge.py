#!/usr/bin/env python3
"""Every form of a package of real datasets: packed as files, as shards and as one file, and sealed, it is signed, verified
and unpacked, and says the same; and plain Python gets every identity from the tables and images of each form alone.
Where Ultralytics is at hand, its own loader goes over a sealed folder: what it did is named, and put back.

    VETSET=build/release/vetset .venv-judges/bin/python tests/judges/forms_judge.py
"""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pyarrow.parquet

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import identity_twin as twin  # noqa: E402
import package_rows  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(os.environ.get("VETSET_DATA", ROOT.parent / "shared/data"))
PROGRAM = str(pathlib.Path(shutil.which(os.environ.get("VETSET", "vetset")) or sys.exit("expected the program in $VETSET or on PATH")).resolve())
SOURCES = [ROOT / "samples/street", ROOT / "samples/street-coco", DATA / "bccd", DATA / "chess-coco", DATA / "rice-pest",
           DATA / "coco-eval/instances_val2014_100.json"]


def vetset(*command, folder, expect=0):
    done = subprocess.run([PROGRAM, *map(str, command)], cwd=folder, capture_output=True, text=True)
    if done.returncode != expect:
        sys.exit(f"FAIL  vetset {' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def bytes_of_image(package, sample):
    """As the tables say where it is: in a shard, or a file; where a package has no images, where they lay."""
    if sample["media"] is None:
        return (package / package_rows.text(sample["source"])).read_bytes()
    if sample["shard"] is not None:
        with open(package / sample["shard"], "rb") as shard:
            shard.seek(sample["shard_offset"])
            return shard.read(sample["media_size"])
    return (package / package_rows.text(sample["media"])).read_bytes()


def twin_ids(tables, media):
    """labels_id and dataset_id, from tables below one folder and images below another; digests taken anew."""
    with tempfile.TemporaryDirectory() as name:
        rows, lines = pathlib.Path(name) / "rows", pathlib.Path(name) / "media"
        with open(rows, "wb") as out:
            out.writelines(package_rows.rows_of(tables))
        with open(lines, "w", encoding="ascii") as out:
            for sample in pyarrow.parquet.read_table(tables / "tables/samples.parquet").to_pylist():
                if sample["media_sha256"] is None:
                    continue
                pixels = bytes_of_image(media, sample)
                digest = hashlib.sha256(pixels).hexdigest()
                assert digest == sample["media_sha256"] and len(pixels) == sample["media_size"], sample["sample_id"]
                key = package_rows.string(package_rows.text(sample["sample_id"]))
                out.write(f"{digest} {len(pixels)} {json.dumps(key)}\n")
        printed = subprocess.run([sys.executable, ROOT / "tests/judges/identity_twin.py", rows, "--media", lines], check=True,
                                 stdout=subprocess.PIPE, text=True).stdout
    return dict(line.split(" ", 1) for line in printed.splitlines())


def check_manifest(folder, manifest_path):
    """Its own canonical form, ids that follow from it, and the digests of all that it lists."""
    raw = (folder / manifest_path).read_bytes()
    manifest = json.loads(raw)
    assert twin.jcs(manifest).encode() == raw, "the manifest is its own canonical form"
    labels = {k: v for k, v in manifest["dataset"].items() if k != "media"}
    assert twin.identity("vetset/dataset/1\n", manifest["dataset"]) == manifest["dataset_id"]
    assert twin.identity("vetset/labels/1\n", labels) == manifest["labels_id"]
    for f in manifest["files"]:
        data = (folder / f["path"]).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (f["sha256"], f["size"]), f["path"]
    return manifest


def check_authored(folder):
    """The label files that a seal keeps are those of the folder, put together by pyarrow."""
    kept = {}
    for row in pyarrow.parquet.read_table(folder / ".vetset/tables/authored.parquet").to_pylist():
        content = package_rows.text(row["content"])
        parts = kept.setdefault(row["path"], [])
        assert row["part"] == len(parts)
        parts.append(package_rows.base64.b64decode(content) if isinstance(content, package_rows.Bytes) else content.encode())
    manifest = json.loads((folder / ".vetset/vetset.json").read_text())
    assert sorted(kept) == sorted(f["path"] for f in manifest["files"] if f["role"] == "label")
    for path, parts in kept.items():
        assert b"".join(parts) == (folder / path).read_bytes(), path
    return len(kept)


def judge(source, scratch):
    says = json.loads(vetset("identity", source, "--json", folder=scratch))
    ids = {}
    for form, options in {"files": ["--layout", "files"], "shards": ["--layout", "shards"],
                          "tar": ["--layout", "shards", "--single-file"], "external": ["--layout", "external"]}.items():
        package = scratch / (form if form != "tar" else "one.tar")
        vetset("pack", source, "-o", package, *options, "--key", "k", "--version", "1.0.0", "--name", "judged", folder=scratch)
        assert vetset("verify", package, "--key", "k.pub", folder=scratch).splitlines()[-1].startswith("VERIFIED"), form
        unpacked = scratch / f"{form}-again"
        images = ["--images-dir", source] if form == "external" and pathlib.Path(source).is_dir() else []
        vetset("unpack", package, unpacked, "--accept", "all", *images, folder=scratch)
        again = json.loads(vetset("identity", unpacked, "--json", folder=scratch))
        opened = package
        if form == "tar":
            opened = scratch / "opened"
            opened.mkdir()
            subprocess.run(["tar", "-xf", package, "-C", opened], check=True)
        manifest = check_manifest(opened, "vetset.json")
        assert manifest["labels_id"] == says["labels_id"], (form, "the package says what the source said")
        if source.is_dir():
            assert again["labels_id"] == says["labels_id"] or source.name in ROUGH, (form, "what is unpacked says it again")
        ids[form] = twin_ids(opened, source if form == "external" else opened)
        assert ids[form] == {name: manifest[name] for name in ("labels_id", "dataset_id")}, (form, "the twin")
        for gone in {package, unpacked, opened}:
            shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    if source.is_dir():
        sealed = scratch / "sealed"
        shutil.copytree(source, sealed)
        vetset("seal", sealed, "--key", "k", folder=scratch)
        assert vetset("verify", sealed, "--key", "k.pub", folder=scratch).splitlines()[-1].startswith("VERIFIED")
        manifest = check_manifest(sealed, ".vetset/vetset.json")
        ids["sealed"] = twin_ids(sealed / ".vetset", sealed)
        assert ids["sealed"] == {name: manifest[name] for name in ("labels_id", "dataset_id")}, "the twin"
        check_authored(sealed)
        shutil.rmtree(sealed)
    assert len({tuple(sorted(i.items())) for i in ids.values()}) == 1, ids
    print(f"ok    {source.name}: {', '.join(ids)}: signed, verified, unpacked; the twin has the same ids")


# Label files that hold lines which are no labels: they are read as such, and not written as they stood.
ROUGH = set()


def train():
    """Ultralytics' own dataset class over a sealed sample with a JPEG that bytes follow, as it does before an epoch."""
    os.environ["YOLO_VERBOSE"] = "False"
    try:
        from ultralytics.cfg import get_cfg
        from ultralytics.data.build import build_yolo_dataset
        from ultralytics.data.utils import check_det_dataset
    except ImportError:
        print("skipped 1: Ultralytics")
        return
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        street = scratch / "street"
        shutil.copytree(ROOT / "samples/street", street)
        broken = sorted((street / "images/train").glob("*.jpg"))[1]
        broken.write_bytes(broken.read_bytes() + b"\0\0")  # which its verify_image writes anew
        vetset("key", "new", "k", folder=scratch)
        vetset("pack", "street", "-o", "street.pkg", folder=scratch)
        vetset("seal", "street", "--key", "k", folder=scratch)
        before = pathlib.Path.cwd()
        os.chdir(street)  # its `path: .`
        configuration = check_det_dataset(str(street / "data.yaml"), autodownload=False)
        for part in ("train", "val"):
            dataset = build_yolo_dataset(get_cfg(overrides={"imgsz": 64}), configuration[part], 4, configuration, mode="val")
            for i in range(3):
                dataset[i]
        os.chdir(before)
        told = vetset("verify", "street", folder=scratch, expect=1)
        assert "W_LITTER" in told and "maker=Ultralytics" in told, told
        image = f"images/train/{broken.name}"
        assert any(line.startswith(("L0 E_SIZE", "L1 E_DIGEST")) and image in line and "Ultralytics" in line for line in told.splitlines()), told
        vetset("restore", "street", "--from", "street.pkg", "--clean", folder=scratch)
        assert vetset("verify", "street", "--key", "k.pub", folder=scratch).splitlines()[-1].startswith("VERIFIED")
        assert "W_LITTER" not in vetset("verify", "street", folder=scratch)
    print("ok    Ultralytics left a cache and wrote a JPEG anew: both are named, restore puts the folder back")


def main():
    train()
    found = [s for s in SOURCES if s.exists()]
    if len(found) < len(SOURCES):
        print(f"skipped {len(SOURCES) - len(found)}: VETSET_DATA")
    for source in found:
        with tempfile.TemporaryDirectory() as name:
            vetset("key", "new", "k", folder=name)
            judge(source, pathlib.Path(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
