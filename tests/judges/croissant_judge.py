"""mlcroissant loads the records, boxes, splits and pictures of packages, and they are those of the tables.

    VETSET=build/release/vetset .venv-readers/bin/python tests/judges/croissant_judge.py

Each package is loaded by a process of its own with an empty cache: mlcroissant remembers files by name alone.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
VETSET = str(pathlib.Path(os.environ.get("VETSET", ROOT / "build/release/vetset")).resolve())
DATA = pathlib.Path(os.environ.get("VETSET_DATA", ROOT.parent / "shared/data"))
REAL = ["bccd", "chess-coco", "rice-pest", "coco-eval/instances_val2014_100.json"]


def plain(value):
    """A record's value as the table has it: mlcroissant gives text as bytes."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value


def load(package):
    """In a process of its own: what mlcroissant makes of a package, compared with its tables."""
    import mlcroissant
    import pyarrow.parquet as pq

    def table(name):
        path = package / f"tables/{name}.parquet"
        return pq.read_table(path).to_pylist() if path.exists() else []

    dataset = mlcroissant.Dataset(jsonld=str(package / "croissant.json"))
    issues = dataset.metadata.ctx.issues
    assert not issues.errors, issues.report()
    sets = {s.id for s in dataset.metadata.record_sets}

    def records(name):
        return [{k.split("/", 1)[1]: plain(v) for k, v in r.items()} for r in dataset.records(name)]

    samples, objects, classes = table("samples"), table("annotations"), table("categories")
    names = {c["category_id"]: c["name"] for c in classes}
    assert [r["sample_id"] for r in records("samples")] == [s["sample_id"] for s in samples]
    assert [r["name"] for r in records("categories")] == [c["name"] for c in classes]
    loaded = records("annotations")
    assert len(loaded) == len(objects)
    for got, row in zip(loaded, objects):
        for key in ("ann_id", "sample_id", "category_id", "kind", "x", "y", "width", "height", "area", "score", "crowd", "polygon"):
            assert got[key] == row[key], (key, got[key], row[key])
        assert got.get("category") == names.get(row["category_id"])
    splits = {s["split_id"]: s["name"] for s in table("splits")}
    members = sorted((m["split_id"], m["sample_id"]) for m in table("memberships"))
    if splits:
        assert {r["split_id"]: r["name"] for r in records("splits")} == splits
        of_records = records("memberships")
        assert sorted((r["split_id"], r["sample_id"]) for r in of_records) == members
        assert all(r["split"] == splits[r["split_id"]] for r in of_records)
    pictures = 0
    with_media = {s["sample_id"]: s for s in samples if s["media"]}
    assert ("images" in sets) == bool(with_media), sets
    for record in records("images") if with_media else []:
        row = with_media.pop(record["sample_id"])
        assert record["splits"] == row["splits"]
        assert record["image"].size == (row["width"], row["height"]), record["sample_id"]
        pictures += 1
    assert not with_media, list(with_media)[:3]
    print(json.dumps({"samples": len(samples), "objects": len(objects), "classes": len(classes), "splits": len(splits),
                      "memberships": len(members), "pictures": pictures}))


def judge(source, layout, scratch):
    name = f"{pathlib.Path(source).stem}-{layout}"
    package = scratch / name
    packs = [package, scratch / f"{name}-again"]
    for i, target in enumerate(packs):
        done = subprocess.run([VETSET, "pack", str(source), "-o", str(target), "--layout", layout, "--name", "judged",
                               "--threads", str(i + 1)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    metadata = [(p / "croissant.json").read_bytes() for p in packs]
    assert metadata[0] == metadata[1], "two packs of one dataset have other metadata"
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run([sys.executable, __file__, "--load", str(package)], capture_output=True, text=True,
                              env=dict(os.environ, CROISSANT_CACHE=cache))
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    print(f"ok  {name:34} " + ", ".join(f"{count} {what}" for what, count in found.items()), flush=True)

    # A digest that is not the manifest's: mlcroissant refuses to load it, and vetset says that the two differ.
    changed = json.loads(metadata[0])
    entry = next(d for d in changed["distribution"] if d["@id"] == "tables/samples.parquet")
    entry["sha256"] = "0" * 64
    (package / "croissant.json").write_text(json.dumps(changed))
    verified = subprocess.run([VETSET, "verify", str(package)], capture_output=True, text=True).stdout
    assert "W_CROISSANT_DRIFT" in verified and "tables/samples.parquet" in verified, verified
    shutil.rmtree(package)
    shutil.rmtree(packs[1])
    return found


def main():
    if sys.argv[1:2] == ["--load"]:
        return load(pathlib.Path(sys.argv[2]))
    sources = [ROOT / "samples/street-coco"]  # the other sample has images that nobody opens
    there = [DATA / name for name in REAL if (DATA / name).exists()]
    if len(there) < len(REAL):
        print(f"skipped {len(REAL) - len(there)}: VETSET_DATA")
    with tempfile.TemporaryDirectory() as scratch:
        for source in sources + there:
            for layout in ("files", "shards"):
                judge(source, layout, pathlib.Path(scratch))
    return 0


if __name__ == "__main__":
    sys.exit(main())
