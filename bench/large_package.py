#!/usr/bin/env python3
"""What opening a large package and reading single samples of it cost, in a process of its own.

    python bench/large_package.py --vetset build/release/vetset [--samples 1000000] [--boxes 2] [--keep FOLDER]

A package of three images is packed by vetset; its tables are then grown to --samples rows by pyarrow, in row groups of the same size, with images of 200
bytes in shards of 64 MiB, listed in a manifest. So the tables have the columns and the encoding of real ones, and nothing has to be packed for minutes.
Each figure is the median of --runs processes; wall-clock and CPU milliseconds. It needs pyarrow, and a Python that has vetset (PYTHONPATH).
"""
import argparse
import hashlib
import json
import pathlib
import statistics
import subprocess
import sys
import tarfile
import tempfile

import pyarrow
import pyarrow.parquet

READ = """
import random, resource, sys, time
import vetset
def timed(work):
    wall, cpu = time.perf_counter(), time.process_time()
    value = work()
    return value, (time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3
def median(times):
    return sorted(times)[len(times) // 2]
package, *opened = timed(lambda: vetset.Package(sys.argv[1]))
samples, draw = package.samples, random.Random(3)
rows = [draw.randrange(len(samples)) for _ in range(2000)]
_, *first = timed(lambda: samples[rows[0]].bytes())
_, *touched = timed(lambda: [samples[i] for i in range(0, len(samples), 65_536)])
warm = [timed(lambda: samples[row].bytes()) for row in rows]
keys = [samples[row].key for row in rows]
by_key = [timed(lambda: samples[key]) for key in keys]
_, *marks = timed(lambda: samples[rows[0]].annotations.boxes)
near = [timed(lambda: samples[rows[0] // 1000 * 1000 + i].annotations.boxes) for i in range(200)]
print(*opened, *first, *touched, median([w for _, w, _ in warm]), max(w for _, w, _ in warm), median([w for _, w, _ in by_key]), *marks,
      median([w for _, w, _ in near]), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
COLUMNS = ("open", "open, CPU", "first sample", "first sample, CPU", "all row groups", "all row groups, CPU", "a sample's bytes", "slowest of 2,000",
           "a sample by key", "first annotations", "first annotations, CPU", "annotations of its neighbours")


def seed(vetset, folder):
    """A package of three images, whose tables are to be grown."""
    source = folder / "source"
    source.mkdir()
    images = [{"id": i, "file_name": f"{i:012}.jpg", "width": 640, "height": 480} for i in range(3)]
    marks = [{"id": i, "image_id": i, "category_id": 1, "bbox": [10.25, 20.5, 30, 40], "area": 1200, "iscrowd": 0} for i in range(3)]
    (source / "instances.json").write_text(json.dumps({"images": images, "annotations": marks, "categories": [{"id": 1, "name": "thing"}]}))
    for image in images:
        (source / image["file_name"]).write_bytes(image["file_name"].encode() * 8)
    subprocess.run([vetset, "pack", source, "-o", folder / "seed.pkg", "--layout", "shards"], check=True, stdout=subprocess.DEVNULL)
    return folder / "seed.pkg"


def write_shards(folder, count):
    """Members of 200 bytes, in the order of their rows: shard, offset, digest of each."""
    places, shard, file, at = [], "", None, 0
    for i in range(count):
        if file is None or at >= 64 << 20:
            if file is not None:
                file.write(b"\0" * 1024)
                file.close()
            shard, at = f"media/m-{i:016x}.tar", 0
            file = open(folder / shard, "wb", 1 << 20)
        image = hashlib.sha256(b"%d" % i).digest() * 6 + b"12345678"
        header = tarfile.TarInfo(f"{i:016x}.jpg")
        header.size, header.mode = len(image), 0o644
        file.write(header.tobuf(tarfile.USTAR_FORMAT) + image.ljust(512, b"\0"))
        places.append((shard, at + 512, hashlib.sha256(image).hexdigest()))
        at += 1024
    file.write(b"\0" * 1024)
    file.close()
    return places


def grow(package, table, count, columns):
    """The first row of a table, `count` times, with other values in some columns."""
    path = package / "tables" / f"{table}.parquet"
    first = pyarrow.parquet.read_table(path).slice(0, 1)
    arrays = [pyarrow.array(columns[f.name], f.type) if f.name in columns else
              pyarrow.chunked_array([pyarrow.repeat(first[f.name][0], count)]) for f in first.schema]
    pyarrow.parquet.write_table(pyarrow.table(arrays, schema=first.schema), path, row_group_size=131_072, compression="zstd",
                                data_page_version="1.0", write_page_checksum=True)


def make(vetset, folder, count, boxes):
    package = seed(vetset, folder)
    for shard in (package / "media").iterdir():
        shard.unlink()
    places = write_shards(package, count)
    names = [f"{i:012}.jpg" for i in range(count)]
    grow(package, "samples", count, {
        "sample_id": names, "path": names, "source": names, "id": [str(i) for i in range(count)],
        "media": [f"{shard}/{i:016x}.jpg" for i, (shard, _, _) in enumerate(places)], "shard": [p[0] for p in places],
        "shard_offset": [p[1] for p in places], "media_size": [200] * count, "media_sha256": [p[2] for p in places]})
    marks = count * boxes
    grow(package, "annotations", marks, {
        "ann_id": [str(i) for i in range(marks)], "id": [str(i) for i in range(marks)], "sample_id": [names[i // boxes] for i in range(marks)],
        "x": [float(i % 600) for i in range(marks)], "order": list(range(marks))})
    manifest = json.loads((package / "vetset.json").read_text())
    listed = [{"path": str(p.relative_to(package)), "role": "media" if p.suffix == ".tar" else "table", "size": p.stat().st_size,
               "sha256": hashlib.file_digest(open(p, "rb"), "sha256").hexdigest()}
              for p in package.rglob("*") if p.is_file() and p.suffix in (".tar", ".parquet")]
    manifest["files"] = sorted(listed, key=lambda f: f["path"].encode())
    (package / "vetset.json").write_text(json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
    return package


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vetset", default="build/release/vetset")
    parser.add_argument("--samples", type=int, default=1_000_000)
    parser.add_argument("--boxes", type=int, default=2)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--keep", type=pathlib.Path, help="make the package here, or take the one that is here")
    parser.add_argument("--python", default=sys.executable, help="one that has vetset")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or pathlib.Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        package = folder / "seed.pkg"
        if not package.exists():
            make(pathlib.Path(options.vetset).resolve(), folder, options.samples, options.boxes)
        runs = []
        for _ in range(options.runs):
            out = subprocess.run([options.python, "-c", READ, package], check=True, capture_output=True, text=True).stdout
            runs.append([float(word) for word in out.split()])
        print(f"{options.samples:,} samples, {options.samples * options.boxes:,} annotations; median of {options.runs} runs, ms")
        for name, values in zip(COLUMNS, zip(*runs)):
            print(f"{name:32}{statistics.median(values):10.3f}")
        print(f"{'peak memory':32}{statistics.median(run[-1] for run in runs):10.0f} MB")


if __name__ == "__main__":
    main()
