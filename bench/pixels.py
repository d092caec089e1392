#!/usr/bin/env python3
"""What one look at every pixel costs: vetset scan, its peers, and the least work there is, which is to decode the luma of each JPEG and forget it.

    python bench/pixels.py --name pixels                                1,000 photos of 500x375, about 80 kB each
    python bench/pixels.py --photos 200 --repeats 1 --peers imagehash   a quick look

Photos: crops without noise of their own from the photos below VETSET_DATA (chess-coco, clothing, dedup-ukbench, rice-pest), at the quality that gives
them about that size; the same seed gives the same pictures. Each tool is a process of its own that goes over the folder once, on one core where it can be
told to. vetset measures everything (bytes, pixels and coefficients hashed, EXIF, 20 fingerprints, 12 measures of quality) and remembers nothing; what the
peers measure is said in JOBS. CPU is that of the process and its children (wait4), less what the same process takes for 16 photos: imports are not
charged to anybody. Tools take turns, and the median counts.

It needs g++ and libjpeg-turbo for the limit, a release build of vetset, and the peers, which it installs into .cache/bench/pixels (NEEDS) unless
--peers-python names an interpreter that has them.
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
import time
from pathlib import Path

from peers import CACHE, ROOT, Peer, install

NEEDS = Peer("pixels", ("pillow==10.3.0", "numpy==1.26.4", "ImageHash==4.3.2", "imagededup==0.3.3.post2", "cleanvision==0.3.7", "fastdup==2.54",
                        "pdqhash==0.2.8", "--no-binary=pdqhash"), ())
DATA = Path(os.environ.get("VETSET_DATA") or ROOT.parent / "shared/data")
SETS = ("chess-coco", "clothing", "dedup-ukbench", "rice-pest")
WIDTH, HEIGHT, BYTES = 500, 375, 105_000
FEW = 16  # photos of the run that shows what starting costs
GOALS = {"cleanvision": 8, "imagededup": 3, "fastdup": 8}  # times faster, at least
AGAINST_LIMIT, THREADS_COST = 0.5, 1.08

JOBS = {
    "cleanvision": "all its issues: exact and near copies, dark, light, blurry, low information, odd sizes",
    "imagededup": "PHash of every image",
    "imagehash": "phash of every image",
    "pdqhash": "PDQ of every image, read by Pillow",
    "fastdup": "its run without a model's weights of ours: features and nearest neighbours",
}



def anonymous(word: str) -> str:
    """An argument without the paths of this machine."""
    return word.rsplit("/", 1)[-1] if word.startswith("/") else word


def job(name: str, folder: str) -> None:
    """What a peer does, in its own process."""
    paths = sorted(Path(folder).glob("*.jpg"))
    if name == "cleanvision":
        from cleanvision import Imagelab
        Imagelab(data_path=folder).find_issues(n_jobs=1, verbose=False)
    elif name == "imagededup":
        from imagededup.methods import PHash
        done = PHash(verbose=False).encode_images(image_dir=folder, num_enc_workers=0)
        assert len(done) == len(paths)
    elif name == "imagehash":
        import imagehash
        from PIL import Image
        for path in paths:
            imagehash.phash(Image.open(path))
    elif name == "pdqhash":
        import numpy
        import pdqhash
        from PIL import Image
        for path in paths:
            pdqhash.compute(numpy.asarray(Image.open(path).convert("RGB")))
    elif name == "fastdup":
        import fastdup
        with tempfile.TemporaryDirectory() as work:
            fastdup.create(input_dir=folder, work_dir=work).run(num_threads=1, verbose=False)


def make_photos(folder: str, count: int) -> None:
    from PIL import Image

    draw = random.Random(5)
    large = []
    for name in SETS:
        for path in sorted((DATA / name).rglob("*.jpg")):
            try:
                with Image.open(path) as image:
                    large += [path] if min(image.size) >= 420 else []
            except OSError:
                continue  # some of these sets hold broken files on purpose
    if not large:
        sys.exit(f"no photos below {DATA}: say VETSET_DATA")
    for n in range(count):
        image = Image.open(draw.choice(large)).convert("RGB")
        if min(image.size) > 900:
            image = image.resize((image.width // 2, image.height // 2))
        scale = max(1.0, (WIDTH + 1) / image.width, (HEIGHT + 1) / image.height)
        if scale > 1:
            image = image.resize((round(image.width * scale), round(image.height * scale)))
        left, top = draw.randint(0, image.width - WIDTH), draw.randint(0, image.height - HEIGHT)
        image = image.crop((left, top, left + WIDTH, top + HEIGHT))
        path = Path(folder) / f"photo_{n:05}.jpg"
        for quality in (80, 86, 90, 93, 95, 97, 98):
            image.save(path, quality=quality, subsampling=2)
            if path.stat().st_size >= BYTES:
                break


def measure(command: list[str], log: Path, environment: dict[str, str]) -> dict:
    with open(log, "wb") as sink:
        begin = time.perf_counter()
        pid = os.posix_spawn(command[0], command, environment, file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), (os.POSIX_SPAWN_DUP2, sink.fileno(), 1), (os.POSIX_SPAWN_DUP2, sink.fileno(), 2)])
        _, status, usage = os.wait4(pid, 0)
    lines = log.read_text(errors="replace").strip().splitlines()
    return {"cpu": usage.ru_utime + usage.ru_stime, "wall": time.perf_counter() - begin, "peak_mb": usage.ru_maxrss * 1024 / 1e6,
            "status": os.waitstatus_to_exitcode(status), "message": lines[-1][:200] if lines else ""}


def table(result: dict) -> str:
    photos = result["photos"]
    limit = result["tools"]["limit"]["cpu"]
    one = result["tools"]["vetset"]["cpu"]
    lines = [f"# {result['name']}", "", f"`{result['command']}`", "",
             f"{photos} photos of {WIDTH}x{HEIGHT}, {result['bytes'] / photos / 1000:.0f} kB each; {result['machine']}", "",
             "| tool | what it does | CPU s, start left out | images a CPU s | of the limit | vetset is faster | peak MB |", "|---|---|--:|--:|--:|--:|--:|"]
    for name, seen in result["tools"].items():
        what = {"limit": "decodes luma, and forgets it", "vetset": "everything, one thread", "vetset, 2 threads": "the same"}.get(name) or JOBS[name]
        if seen["status"]:
            lines.append(f"| {name} | {what} | failed: {seen['message']} | | | | |")
            continue
        times = "" if name == "limit" or name.startswith("vetset") else f"{seen['cpu'] / one:.1f}×"
        lines.append(f"| {name} | {what} | {seen['cpu']:.2f} | {photos / seen['cpu']:.0f} | {limit / seen['cpu']:.2f} | {times} | {seen['peak_mb']:.0f} |")
    two = result["tools"]["vetset, 2 threads"]["cpu"] / one
    lines += ["", f"Aims: {AGAINST_LIMIT} of the limit: {limit / one:.2f}. Two threads at most {THREADS_COST} of one's CPU: {two:.3f}."]
    for name, times in GOALS.items():
        if name in result["tools"] and not result["tools"][name]["status"]:
            lines[-1] += f" {times}× {name}: {result['tools'][name]['cpu'] / one:.1f}×."
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", default="pixels", help="the run's folder below bench/runs")
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peers", default=",".join(JOBS), help="names with commas between; empty for none")
    parser.add_argument("--peers-python", type=Path, default=None, help="an interpreter that has them")
    parser.add_argument("--vetset", type=Path, default=ROOT / "build/release/vetset")
    parser.add_argument("--job", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--make", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        job(*options.job)
        return 0
    if options.make:
        make_photos(options.make[0], int(options.make[1]))
        return 0
    if not options.peers_python and (problem := install(NEEDS)):
        print(f"set-up of {CACHE / NEEDS.name}: {problem}", file=sys.stderr)
        return 2
    python = str(options.peers_python or NEEDS.python)
    run = ROOT / "bench/runs" / options.name
    run.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="vetset-pixels-") as scratch:
        photos, decode = Path(scratch) / "photos", str(Path(scratch) / "decode")
        photos.mkdir()
        subprocess.run(["g++", "-std=c++20", "-O2", "-o", decode, str(ROOT / "bench/limits/decode.cpp"), "-ljpeg"], check=True)
        subprocess.run([python, __file__, "--make", str(photos), str(options.photos)], check=True)
        vetset = str(Path(shutil.which(str(options.vetset)) or options.vetset).resolve())
        scan = [vetset, "scan", str(photos), "--from", "imagefolder", "--no-cache", "--quiet", "--threads"]
        tools = {"limit": [decode, str(photos)], "vetset": [*scan, "1"], "vetset, 2 threads": [*scan, "2"]}
        tools |= {name: [python, __file__, "--job", name, str(photos)] for name in options.peers.split(",") if name}
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        turns: dict[str, list[dict]] = {name: [] for name in tools}
        for turn in range(options.repeats):
            for name, command in tools.items():
                if turn == 0 or (turns[name][0]["status"] == 0 and turns[name][0]["cpu"] < 60):
                    turns[name].append(measure(command, Path(scratch) / "log", environment))
                    print(f"{name}: {turns[name][-1]['cpu']:.2f} CPU s, status {turns[name][-1]['status']}", flush=True)
        size = sum(path.stat().st_size for path in photos.iterdir())
        started: dict[str, float] = {}
        few = Path(scratch) / "few"
        few.mkdir()
        for path in sorted(photos.iterdir())[:FEW]:
            shutil.copy(path, few)
        for name, command in tools.items():
            started[name] = measure([word.replace(str(photos), str(few)) for word in command], Path(scratch) / "log", environment)["cpu"]
        for name, seen in turns.items():
            for one in seen:  # what a photo takes, times the photos
                one["start"] = started[name]
                one["cpu"] = max(one["cpu"] - started[name], 1e-3) * options.photos / (options.photos - FEW)
    result = {"name": options.name, "command": "python bench/pixels.py " + shlex.join(anonymous(word) for word in sys.argv[1:]), "photos": options.photos, "bytes": size,
              "machine": f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}",
              "tools": {name: {**seen[0], **{key: statistics.median(one[key] for one in seen) for key in ("cpu", "wall", "peak_mb")}}
                        for name, seen in turns.items()}}
    for seen in result["tools"].values():
        seen["message"] = seen["message"] if seen["status"] else ""
    (run / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    (run / "table.md").write_text(table(result))
    print(table(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
