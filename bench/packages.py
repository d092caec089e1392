#!/usr/bin/env python3
"""What sealing, packing and verifying cost: vetset beside model-signing, BagIt and DVC on the same folder, from the page cache.

    python bench/packages.py --name packages                                    20,000 images of about 51 kB, and tables of 100,000 and 1,000,000 samples
    python bench/packages.py --images 2000 --samples 20000 --repeats 1 --peers ''   a quick look

The images are random bytes between a JPEG's first and last two, as no compression and no copy detection shall help anybody; beside them lies one COCO file
with a box an image. Each tool is a process of its own with its files in memory (--scratch, default /dev/shm); what it changes is put back between its turns, on nobody's account.
CPU is that of the process and its children (wait4), its start included. Rates are of the images' bytes by CPU seconds. Tools take turns, and the median counts.
Large packages have no images: their figures are those of the tables. It needs a release build of vetset, and installs the peers into .cache/bench/<name> unless --peers-bin names
a folder that has their programs. --vetset-python names an interpreter that has the module, for the rows that open a package and take samples at random.
"""
import argparse
import json
import os
import platform
import random
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from peers import CACHE, ROOT, Peer, install
from pixels import anonymous, measure

NEEDS = {"model-signing": Peer("model-signing", ("model-signing==1.1.1",), ()), "bagit": Peer("bagit", ("bagit==1.9.0",), ("setuptools<81",)),
         "dvc": Peer("dvc", ("dvc==3.67.1",), ())}
PROGRAMS = {"model-signing": "model_signing", "bagit": "bagit.py", "dvc": "dvc"}
AIMS = {"verify": "1.05 GB and 20,000 files", "pack": "0.5 GB", "verify shards": "0.65 GB"}
RANDOM_ACCESS = """
import random, sys, time
import vetset
began = time.perf_counter(); package = vetset.Package(sys.argv[1]); opened = time.perf_counter() - began
samples = package.samples; draw = random.Random(3); rows = [draw.randrange(len(samples)) for _ in range(200)]
for row in rows: samples[row]
took = []
for row in rows:
    began = time.perf_counter(); samples[row]; took.append(time.perf_counter() - began)
print(opened * 1e3, sorted(took)[len(took) // 2] * 1e3)
"""


def make_images(folder: Path, count: int, size: int) -> int:
    """Images and a COCO file of them; the images' bytes."""
    draw, total = random.Random(7), 0
    (folder / "images").mkdir(parents=True)
    for i in range(count):
        body = draw.randbytes(int(size * (0.5 + draw.random())) - 4)
        (folder / "images" / f"{i:012}.jpg").write_bytes(b"\xff\xd8" + body + b"\xff\xd9")
        total += len(body) + 4
    make_labels(folder / "annotations.json", count, 1)
    return total


def make_labels(path: Path, images: int, boxes: int) -> None:
    draw = random.Random(8)
    with open(path, "w") as out:
        out.write('{"images":[')
        out.write(",".join(f'{{"id":{i + 1},"file_name":"images/{i:012}.jpg","width":640,"height":480}}' for i in range(images)))
        out.write('],"annotations":[')
        for i in range(images * boxes):
            box = f"[{draw.randrange(600) / 2},{draw.randrange(400) / 2},{draw.randrange(10, 300)},{draw.randrange(10, 200)}]"
            out.write(f'{"," if i else ""}{{"id":{i + 1},"image_id":{i // boxes + 1},"category_id":{i % 80 + 1},"bbox":{box},"area":1200,"iscrowd":0}}')
        out.write('],"categories":[' + ",".join(f'{{"id":{c + 1},"name":"class {c}"}}' for c in range(80)) + "]}")


class Bench:
    def __init__(self, options: argparse.Namespace, scratch: Path):
        self.options, self.scratch, self.log = options, scratch, scratch / "log"
        self.environment = {**os.environ, "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1", "DVC_NO_ANALYTICS": "1"}
        self.vetset = str(Path(shutil.which(str(options.vetset)) or options.vetset).resolve())
        self.rows: dict[str, dict] = {}

    def quietly(self, *command: str | Path) -> None:
        done = subprocess.run([str(word) for word in command], cwd=self.scratch, env=self.environment, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{shlex.join(map(str, command))}: {done.stderr or done.stdout}")

    def run(self, title: str, command: list[str], prepare=None, cwd: Path | None = None) -> None:
        """One turn of a row."""
        if prepare:
            prepare()
        before = os.getcwd()
        os.chdir(cwd or self.scratch)
        try:
            seen = measure(command, self.log, self.environment)
        finally:
            os.chdir(before)
        self.rows.setdefault(title, {"turns": []})["turns"].append(seen)
        print(f"{title}: {seen['cpu']:.2f} CPU s, {seen['wall']:.2f} s, {seen['peak_mb']:.0f} MB, status {seen['status']}", flush=True)

    def program(self, peer: str) -> list[str]:
        if self.options.peers_bin:
            return [str(Path(self.options.peers_bin) / PROGRAMS[peer])]
        return [str(NEEDS[peer].home / "bin" / PROGRAMS[peer])]

    def clear(self, *names: str) -> None:
        for name in names:
            path = self.scratch / name
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)

    def files(self, peers: list[str]) -> None:
        """Sealing and verifying a folder of files; packing it, and verifying the shards."""
        o, s = self.options, self.scratch
        images, key = s / "images", s / "team.key"
        self.quietly(self.vetset, "key", "new", key)
        self.quietly("openssl", "ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", s / "peer.key")
        self.quietly("openssl", "ec", "-in", s / "peer.key", "-pubout", "-out", s / "peer.pub")
        seal = [self.vetset, "seal", str(images), "--key", str(key), "--quiet"]
        pack = [self.vetset, "pack", str(images), "-o", str(s / "packed"), "--layout", "shards", "--key", str(key), "--quiet"]
        for _ in range(o.repeats):
            self.run("seal", [*seal, "--threads", "1"], lambda: self.clear("images/.vetset"))
            for threads in (1, 2):
                self.run(f"verify, threads: {threads}", [self.vetset, "verify", str(images), "--key", str(key) + ".pub", "--threads", str(threads)])
            for threads in (1, 2):
                self.run(f"pack to shards, threads: {threads}", [*pack, "--threads", str(threads)], lambda: self.clear("packed", "packed.proof.json"))
            for threads in (1, 2):
                self.run(f"verify shards, threads: {threads}", [self.vetset, "verify", str(s / "packed"), "--key", str(key) + ".pub", "--threads", str(threads)])
            oms = list((s / "packed").rglob("package.oms.sig"))
            self.rows["pack to shards, threads: 1"]["signature"] = oms[0].stat().st_size if oms else 0
            self.rows["pack to shards, threads: 1"]["shards"] = len(list((s / "packed" / "media").glob("*.tar")))
            oms = list((images / ".vetset").rglob("package.oms.sig"))
            self.rows["seal"]["signature"] = oms[0].stat().st_size if oms else 0
            self.clear("packed", "packed.proof.json", "images/.vetset")
            self.turn_of_peers(peers, images)

    def turn_of_peers(self, peers: list[str], images: Path) -> None:
        s = self.scratch
        if "model-signing" in peers:
            tool, signature = self.program("model-signing"), s / "model.sig"
            self.run("model_signing sign", [*tool, "sign", "key", str(images), "--private_key", str(s / "peer.key"), "--signature", str(signature)])
            self.rows["model_signing sign"]["signature"] = signature.stat().st_size if signature.exists() else 0
            self.run("model_signing verify", [*tool, "verify", "key", str(images), "--signature", str(signature), "--public_key", str(s / "peer.pub")])
        if "bagit" in peers:
            tool = self.program("bagit")
            shutil.copytree(images, s / "bag")
            self.run("bagit create", [*tool, "--sha256", "--quiet", str(s / "bag")])
            self.run("bagit validate", [*tool, "--validate", "--quiet", str(s / "bag")])
            self.clear("bag")
        if "dvc" in peers:
            work = s / "dvc"
            work.mkdir()
            shutil.copytree(images, work / "images")
            subprocess.run([*self.program("dvc"), "init", "--no-scm", "--quiet"], cwd=work, env=self.environment, check=True)
            self.run("dvc add", [*self.program("dvc"), "add", "--quiet", "images"], cwd=work)
            self.clear("dvc")

    def tables(self, samples: int, boxes: int) -> None:
        """What a large package takes to pack and to verify, without its images."""
        s, labels, packed = self.scratch, self.scratch / "large.json", self.scratch / "large"
        subprocess.run([sys.executable, __file__, "--make-labels", str(labels), str(samples), str(boxes)], check=True)
        name = f"{samples:,} samples, {boxes} {'box' if boxes == 1 else 'boxes'} each"
        read = measure([self.vetset, "stats", str(labels), "--threads", "1"], self.log, self.environment)
        self.run(f"pack tables: {name}", [self.vetset, "pack", str(labels), "-o", str(packed), "--layout", "external", "--quiet", "--threads", "1"])
        self.rows[f"pack tables: {name}"]["dataset_mb"] = read["peak_mb"]
        self.run(f"verify tables: {name}", [self.vetset, "verify", str(packed), "--threads", "1"])
        self.rows[f"verify tables: {name}"]["samples"] = samples
        if self.options.vetset_python:
            done = subprocess.run([str(self.options.vetset_python), "-c", RANDOM_ACCESS, str(packed)], cwd=s, env=self.environment, capture_output=True, text=True)
            words = done.stdout.split()
            self.rows[f"verify tables: {name}"]["random"] = [float(word) for word in words] if len(words) == 2 else (done.stderr.strip().splitlines() or ["no message"])[-1][:200]
        self.clear("large", "large.proof.json", "large.json")


def middle(row: dict) -> dict:
    return {key: statistics.median(turn[key] for turn in row["turns"]) for key in ("cpu", "wall", "peak_mb")} | {"status": max(abs(turn["status"]) for turn in row["turns"]),
                                                                                                                "message": row["turns"][-1]["message"]}


def table(result: dict) -> str:
    size, images = result["bytes"] / 1e9, result["images"]
    lines = [f"# {result['name']}", "", f"`{result['command']}`", "", f"{images:,} images, {size:.2f} GB, in memory; {result['machine']}", "",
             "| job | CPU s | GB a CPU s | files a CPU s | wall s | peak MB | signature |", "|---|--:|--:|--:|--:|--:|--:|"]
    rows = {title: row | middle(row) for title, row in result["rows"].items()}
    for title, row in rows.items():
        if " tables: " in title:
            continue
        if row["status"]:
            lines.append(f"| {title} | failed: {row['message']} | | | | | |")
            continue
        signature = f"{row['signature']:,} B" if row.get("signature") else ""
        lines.append(f"| {title} | {row['cpu']:.2f} | {size / row['cpu']:.2f} | {images / row['cpu']:,.0f} | {row['wall']:.2f} | {row['peak_mb']:.0f} | {signature} |")
    lines += ["", "| large packages | CPU s | peak MB | beyond 64 MB, B a sample | beyond reading the labels, MB | open, ms | a random sample, ms |", "|---|--:|--:|--:|--:|--:|--:|"]
    for title, row in rows.items():
        if " tables: " not in title:
            continue
        if row["status"]:
            lines.append(f"| {title} | failed: {row['message']} | | | | | |")
            continue
        beyond = f"{max(row['peak_mb'] - 64, 0) * 1e6 / row['samples']:.0f}" if "samples" in row else ""
        more = f"{row['peak_mb'] - row['dataset_mb']:.0f}" if "dataset_mb" in row else ""
        opened, sample = [f"{value:.2f}" for value in row["random"]] if isinstance(row.get("random"), list) else (row.get("random", ""), "")
        lines.append(f"| {title} | {row['cpu']:.2f} | {row['peak_mb']:.0f} | {beyond} | {more} | {opened} | {sample} |")
    lines += ["", "Aims, a CPU second: verify " + AIMS["verify"] + "; pack " + AIMS["pack"] + "; verify shards " + AIMS["verify shards"] + ". Verifying takes at most 64 MB and 120 B a sample with a box each."]
    for job in ("verify", "pack to shards", "verify shards"):
        one, two = rows.get(f"{job}, threads: 1"), rows.get(f"{job}, threads: 2")
        if one and two:
            lines.append(f"{job.capitalize()} with two threads: {two['cpu'] / one['cpu']:.2f} of the CPU of one, {two['wall'] / one['wall']:.2f} of the time.")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", default="packages", help="the run's folder below bench/runs")
    parser.add_argument("--images", type=int, default=20_000)
    parser.add_argument("--size", type=int, default=51_500, help="bytes of an image, about")
    parser.add_argument("--samples", default="100000,1000000", help="sizes of packages without images, with commas between; empty for none")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peers", default=",".join(NEEDS), help="names with commas between; empty for none")
    parser.add_argument("--peers-bin", type=Path, default=None, help="a folder that has their programs")
    parser.add_argument("--scratch", type=Path, default=Path("/dev/shm"))
    parser.add_argument("--vetset", type=Path, default=ROOT / "build/release/vetset")
    parser.add_argument("--vetset-python", type=Path, default=None)
    parser.add_argument("--make-labels", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make_labels:
        make_labels(Path(options.make_labels[0]), int(options.make_labels[1]), int(options.make_labels[2]))
        return 0
    peers = [name for name in options.peers.split(",") if name]
    for name in peers:
        if not options.peers_bin and (problem := install(NEEDS[name])):
            print(f"set-up of {CACHE / name}: {problem}", file=sys.stderr)
            return 2
    with tempfile.TemporaryDirectory(prefix="vetset-packages-", dir=options.scratch) as scratch:
        bench = Bench(options, Path(scratch))
        size = make_images(Path(scratch) / "images", options.images, options.size)
        bench.files(peers)
        bench.clear("images")
        for samples in filter(None, options.samples.split(",")):
            bench.tables(int(samples), 1)
        if options.samples:
            bench.tables(int(options.samples.split(",")[0]), 7)
    result = {"name": options.name, "command": "python bench/packages.py " + shlex.join(anonymous(word) for word in sys.argv[1:]), "images": options.images, "bytes": size,
              "machine": f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}", "rows": bench.rows}
    for row in bench.rows.values():
        for turn in row["turns"]:
            turn["message"] = turn["message"] if turn["status"] else ""
    run = ROOT / "bench/runs" / options.name
    run.mkdir(parents=True, exist_ok=True)
    (run / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    (run / "table.md").write_text(table(result))
    print(table(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
