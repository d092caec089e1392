#!/usr/bin/env python3
"""What it costs to turn JPEG files into a network's input: vetset, and what Python programs do for the same tensor.

    python bench/preprocess.py --peers-python PYTHON                 30 photos of 640x427, quality 75, 4:2:0
    python bench/preprocess.py --peers-python PYTHON --repeats 3     a quick look

PYTHON has numpy, pillow and opencv-python-headless, and those of simplejpeg, torch with torchvision and ultralytics that are to be compared. Photos are
crops of those below VETSET_DATA, or drawn where there are none. Each job runs alone in one thread, over all photos in memory; vetset's is
`preprocess_print`, which does what `vetset infer` and `vetset.Preprocess` do. CPU seconds of the process count, not the clock; jobs take turns, and the
least of their repeats stands. Before it is timed, a peer's tensor is compared with vetset's.
"""
import argparse
import io
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("VETSET_DATA") or ROOT.parent / "shared/data")
SETS = ("chess-coco", "clothing", "dedup-ukbench", "rice-pest")
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
LETTERBOX = "version: 1\nresize: {fit: letterbox, width: 640, height: 640}\ninput: {divide: true}\n"
SMALLER = LETTERBOX.replace("640", "416")
CLASSIFY = ("version: 1\nresize: {fit: short_side, short_side: 256, crop_width: 224, crop_height: 224, arithmetic: pillow, pad: [0, 0, 0]}\n"
            f"input: {{divide: true, mean: {list(MEAN)}, std: {list(STD)}}}\n")
CONTRACTS = {"decode": None, "letterbox 640": LETTERBOX, "letterbox 416": SMALLER, "classify 224": CLASSIFY}
IMAGES_A_SECOND = {"decode": 2050, "letterbox 640": 900}  # on two cores


def photos(count):
    """Bytes of JPEG files, and whether they are of real photos."""
    import numpy
    from PIL import Image

    files = [p for s in SETS for p in sorted((DATA / s).rglob("*.jpg"))[:400]] if DATA.is_dir() else []
    made = []
    for path in files[:: max(1, len(files) // (3 * count))]:
        if "corrupt" in path.name or len(made) == count:
            continue
        with Image.open(path) as image:
            if len(made) < count and image.mode == "RGB" and min(image.size) >= 300:
                made.append(image.resize((640, 427)))
    real = len(made) == count
    while len(made) < count:
        y, x = numpy.mgrid[0:427, 0:640]
        draw = numpy.random.default_rng(len(made))
        planes = [128 + 90 * numpy.sin(x / (7 + c)) * numpy.cos(y / (9 - c)) + draw.normal(0, 8, x.shape) for c in range(3)]
        made.append(Image.fromarray(numpy.clip(numpy.stack(planes, 2), 0, 255).astype(numpy.uint8)))
    out = []
    for image in made:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=75, subsampling=2)
        out.append(file.getvalue())
    return out, real


class Vetset:
    """preprocess_print, asked one thing after another."""

    def __init__(self, program):
        self.run = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, words, data=b""):
        self.run.stdin.write(f"{words} {len(data)}\n".encode() + data)
        self.run.stdin.flush()
        answer = self.run.stdout.readline().decode().split()
        body = self.run.stdout.read(int(answer[-1]))
        if answer[0] == "error":
            sys.exit(body.decode())
        return answer[:-1], body

    def milliseconds(self, job, files):
        if CONTRACTS[job]:
            self.ask("spec", CONTRACTS[job].encode())
        verb = "time" if CONTRACTS[job] else "decode"
        return sum(int(self.ask(f"{verb} 3", file)[0][0]) for file in files) / len(files) / 1e6


def peers():
    """Job, name and function of every way that this interpreter has."""
    import cv2
    import numpy
    from PIL import Image

    cv2.setNumThreads(1)
    by = {"OpenCV": lambda file: cv2.imdecode(numpy.frombuffer(file, numpy.uint8), cv2.IMREAD_COLOR)}
    yield "decode", "OpenCV", by["OpenCV"]
    yield "decode", "Pillow", lambda file: Image.open(io.BytesIO(file)).load()
    try:
        import simplejpeg

        by["simplejpeg"] = lambda file: simplejpeg.decode_jpeg(file, "BGR")
        yield "decode", "simplejpeg", by["simplejpeg"]
    except ImportError:
        pass

    def letterbox(decode, size, blob):
        def run(file):
            image = decode(file)
            height, width = image.shape[:2]
            factor = min(size / height, size / width)
            sides = round(width * factor), round(height * factor)
            if (width, height) != sides:
                image = cv2.resize(image, sides)
            top, left = (size - sides[1]) // 2, (size - sides[0]) // 2
            image = cv2.copyMakeBorder(image, top, size - sides[1] - top, left, size - sides[0] - left, cv2.BORDER_CONSTANT, value=(114, 114, 114))
            if blob:  # another last bit: it multiplies
                return cv2.dnn.blobFromImage(image, 1 / 255, swapRB=True)
            tensor = numpy.ascontiguousarray(image[:, :, ::-1].transpose(2, 0, 1)[None]).astype(numpy.float32)
            tensor /= 255
            return tensor
        return run

    for name, decode in by.items():
        for size in (640, 416):
            yield f"letterbox {size}", f"{name}, NumPy", letterbox(decode, size, False)
            yield f"letterbox {size}", f"{name}, blobFromImage", letterbox(decode, size, True)
    try:
        import torch
        from torchvision import io as files
        from torchvision import transforms

        torch.set_num_threads(1)
        yield "decode", "torchvision", lambda file: files.decode_jpeg(torch.frombuffer(bytearray(file), dtype=torch.uint8))
        steps = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), transforms.Normalize(MEAN, STD)])
        yield "classify 224", "torchvision, Pillow", lambda file: steps(Image.open(io.BytesIO(file)))[None].numpy()
        from ultralytics.data.augment import LetterBox

        def ultralytics(size):
            box = LetterBox((size, size), auto=False)

            def run(file):
                planes = numpy.ascontiguousarray(box(image=by["OpenCV"](file))[:, :, ::-1].transpose(2, 0, 1)[None])
                tensor = torch.from_numpy(planes).float()
                tensor /= 255
                return tensor.numpy()
            return run

        for size in (640, 416):
            yield f"letterbox {size}", "Ultralytics", ultralytics(size)
    except ImportError:
        pass


def peer_main(program, count, repeats):
    """Everything, in the interpreter that has the peers; prints JSON."""
    import numpy

    files, real = photos(count)
    vetset = Vetset(program)
    ways = list(peers())
    least, apart = {}, {}
    for job, name, run in ways:
        if CONTRACTS[job]:
            vetset.ask("spec", CONTRACTS[job].encode())
            body = vetset.ask("input", files[0])[1]
            apart[job, name] = float(numpy.abs(numpy.frombuffer(body, numpy.float32) - numpy.asarray(run(files[0])).ravel()).max())
    for _ in range(repeats):
        for job in CONTRACTS:
            least[job, "vetset"] = min(least.get((job, "vetset"), 1e9), vetset.milliseconds(job, files))
        for job, name, run in ways:
            began = time.process_time()
            for file in files:
                run(file)
            least[job, name] = min(least.get((job, name), 1e9), (time.process_time() - began) / len(files) * 1e3)
    rows = [{"job": job, "way": name, "ms": round(ms, 4), "apart": apart.get((job, name))} for (job, name), ms in least.items()]
    print(json.dumps({"rows": rows, "bytes": sum(map(len, files)) // len(files), "photos": count, "real": real}))


def table(result):
    lines = ["| job | way | CPU ms an image | images/s on two cores | beside vetset | greatest difference |", "|---|---|---|---|---|---|"]
    for job in CONTRACTS:
        rows = sorted((r for r in result["rows"] if r["job"] == job), key=lambda r: r["ms"])
        ours = next(r["ms"] for r in rows if r["way"] == "vetset")
        for r in rows:
            apart = "" if r["apart"] is None else f"{r['apart']:.2g}"
            lines.append(f"| {job} | {r['way']} | {r['ms']:.3f} | {2000 / r['ms']:,.0f} | {r['ms'] / ours:.2f} | {apart} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=ROOT / "build/release/preprocess_print", type=Path)
    parser.add_argument("--peers-python", default=sys.executable)
    parser.add_argument("--photos", type=int, default=30)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--name", help="write bench/runs/NAME")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        return peer_main(options.program, options.photos, options.repeats)
    done = subprocess.run([options.peers_python, __file__, "--inside", "--program", options.program.absolute(), "--photos", str(options.photos),
                           "--repeats", str(options.repeats)], stdout=subprocess.PIPE, check=True)
    result = json.loads(done.stdout.splitlines()[-1])
    shown = table(result)
    kind = "real photos, resized" if result["real"] else "drawn pictures"
    shown += f"\n\n{result['photos']} {kind}, 640x427, quality 75, 4:2:0, {result['bytes'] / 1000:.0f} kB each; one thread; the least of {options.repeats}."
    for job, goal in IMAGES_A_SECOND.items():
        ours = next(2000 / r["ms"] for r in result["rows"] if r["job"] == job and r["way"] == "vetset")
        shown += f"\n{job}: {ours:,.0f} images/s on two cores, wanted {goal:,}: {'yes' if ours >= goal else 'no'}."
    print(shown)
    if options.name:
        folder = ROOT / "bench/runs" / options.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "table.md").write_text(shown + "\n")
        result["machine"] = {"processor": platform.machine(), "python": platform.python_version()}
        (folder / "result.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
