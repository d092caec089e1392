#!/usr/bin/env python3
"""Asks other people's code about oriented boxes and about COCO results that vetset wrote.

    VETSET=build/release/vetset JUDGES=.venv-judges/bin/python tests/judges/obb_judge.py

DOTA files are read by a reader of a few lines below, which knows nothing of vetset; YOLO labels by Ultralytics' own loader, whose
corners and classes must be those; results by pycocotools, whose values must be those of the source. `obb_judge.py --inside …` is
the part that runs where those are installed. Prints a line a question and `N passed, N failed`.
"""
import contextlib
import filecmp
import json
import os
import pathlib
import random
import sys
import tempfile

from judging import DATA, JUDGES, VETSET, finish, run, say


def convert(source, target, to, *flags):
    done = run(VETSET, "convert", source, target, "--to", to, *flags)
    return say(done.returncode == 0, f"{source.name} → {to} {' '.join(flags)}".strip(), done.stdout + done.stderr)


def dota(folder):
    """Image stem → rows of (eight numbers, class, difficult). A reader of its own."""
    found = {}
    for path in sorted(folder.rglob("*.txt")):
        if not any(part.startswith("labelTxt") for part in path.parts):
            continue
        rows = found.setdefault(path.stem, [])
        for line in path.read_text().splitlines():
            words = line.split()
            if not words or line.startswith(("imagesource:", "gsd:")):
                continue
            rows.append(([float(w) for w in words[:8]], words[8], words[9] if len(words) > 9 else "0"))
    return found


def write_dota(folder, seed, images):
    """Turned rectangles inside images of several sizes."""
    from math import cos, radians, sin
    dice = random.Random(seed)
    for n in range(images):
        width, height = dice.choice([(320, 200), (200, 320), (257, 257), (641, 359)])
        split = folder / ("val" if n % 3 == 2 else "train")
        for part in ("images", "labelTxt"):
            (split / part).mkdir(parents=True, exist_ok=True)
        write_png(split / f"images/P{n:04}.png", width, height)
        lines = ["imagesource:GoogleEarth", f"gsd:{dice.random():.12f}"]
        for _ in range(dice.randrange(5)):
            w, h, a = dice.uniform(8, 60), dice.uniform(8, 40), radians(dice.uniform(0, 360))
            x, y = dice.uniform(60, width - 60), dice.uniform(60, height - 60)
            corners = [(x + u * w / 2 * cos(a) - v * h / 2 * sin(a), y + u * w / 2 * sin(a) + v * h / 2 * cos(a))
                       for u, v in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
            numbers = " ".join(f"{c:.1f}" for p in corners for c in p)
            lines.append(f"{numbers} {dice.choice(['ship', 'plane', 'small-vehicle'])} {dice.randrange(2)}")
        (split / f"labelTxt/P{n:04}.txt").write_text("\n".join(lines) + "\n")


def write_png(path, width, height):
    import struct
    import zlib

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x80" * width for _ in range(height))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) +
                     chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def same_files(a, b):
    names = [p.relative_to(a) for p in a.rglob("*") if p.is_file()]
    return [str(n) for n in names if not (b / n).is_file() or not filecmp.cmp(a / n, b / n, shallow=False)]


def inside(*arguments):
    """Runs the part below in the judges' environment; its answer."""
    done = run(JUDGES, __file__, "--inside", *arguments)
    return json.loads(done.stdout) if done.returncode == 0 else {"error": done.stderr[-1200:]}


def oriented(work):
    source = work / "aerial"
    write_dota(source, 7, 24)
    truth = dota(source)
    same, there, back, upright = work / "same", work / "yolo", work / "back", work / "upright"
    if convert(source, same, "dota"):
        say(not same_files(source, same), "DOTA → DOTA is the same to the byte", same_files(source, same))
    if not convert(source, there, "yolo"):
        return
    read = inside("yolo", there)
    say("error" not in read and len(read) == len(truth), f"Ultralytics reads {len(truth)} images for OBB", read)
    names = ["plane", "ship", "small-vehicle"]  # DOTA's order
    worst, count = 0.0, 0
    for stem, rows in truth.items():
        theirs = read.get(stem, [])
        if len(theirs) != len(rows):
            say(False, f"{stem}: {len(rows)} objects", theirs)
            continue
        for (corners, name, _), (cls, points) in zip(rows, theirs, strict=True):
            worst = max(worst, *(abs(a - b) for a, b in zip(corners, points, strict=True)))
            count += names[cls] == name
    total = sum(len(r) for r in truth.values())
    say(count == total, f"{total} classes are those of the rows", count)
    say(worst < 1e-3, f"corners agree within {worst:.2g} px, in single precision")
    check = run(VETSET, "check", there, "--json")
    view = json.loads(check.stdout)["consumers"][0]
    say(view["task"] == "obb" and view["objects_read"] == total, "vetset says what the trainer reads for OBB", view)
    if convert(there, back, "dota"):
        again = dota(back)
        say({s: [(n, len(c)) for c, n, _ in r] for s, r in again.items()} == {s: [(n, len(c)) for c, n, _ in r] for s, r in truth.items()},
            "DOTA → YOLO → DOTA keeps classes and order")
        off = max((abs(a - b) for s in truth for (c, _, _), (e, _, _) in zip(truth[s], again[s], strict=True)
                   for a, b in zip(c, e, strict=True)), default=0)
        say(off < 1e-9, f"and corners within {off:.2g} px")
    if convert(source, upright, "coco", "--accept", "rotated=envelope"):
        boxes = inside("coco", *sorted(upright.rglob("*.json")))
        expected = sorted([min(c[0::2]), min(c[1::2]), max(c[0::2]) - min(c[0::2]), max(c[1::2]) - min(c[1::2])]
                          for rows in truth.values() for c, _, _ in rows)
        say(len(boxes) == len(expected) and all(abs(p - q) < 1e-9 for a, b in zip(sorted(boxes), expected, strict=True) for p, q in zip(a, b)),
            "pycocotools reads the envelopes", boxes)


def results(work):
    for truth, predictions in (("coco-eval/instances_val2014_100.json", "coco-eval/instances_val2014_fakebbox100_results.json"),
                               ("coco-eval/instances_val2014_100.json", "coco-eval/instances_val2014_fakesegm100_results.json"),
                               ("coco-edge/gt.json", "coco-edge/dt.json"), ("coco-edge/edge_gt.json", "coco-edge/edge_dt.json")):
        source = DATA / predictions
        target = work / source.stem
        if not convert(source, target, "coco-results"):
            continue
        written = next(target.rglob("*.json"))
        answer = inside("results", DATA / truth, source, written)
        say(answer.get("equal") is True, f"pycocotools loads {source.name} the same, {answer.get('results')} results", answer)
        again = json.loads(written.read_text())
        say(again == json.loads(source.read_text()), f"{source.name}: every value as it was")


def judge_yolo(folder):
    os.environ["YOLO_VERBOSE"] = "False"
    with contextlib.redirect_stdout(sys.stderr):
        from ultralytics.data import utils
        from ultralytics.data.dataset import YOLODataset
    import shutil
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        copy = pathlib.Path(scratch) / "set"
        shutil.copytree(folder, copy)
        for path in copy.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        with contextlib.redirect_stdout(sys.stderr):
            utils.check_font = lambda *a, **k: None
            data = utils.check_det_dataset(str(copy / "data.yaml"), autodownload=False)
            for split in ("train", "val"):
                for label in YOLODataset(img_path=data[split], data=data, task="obb", augment=False).labels:
                    height, width = label["shape"]
                    found[pathlib.Path(label["im_file"]).stem] = [
                        [int(c[0]), [float(v) * (width if k % 2 == 0 else height) for k, v in enumerate(s.reshape(-1))]]
                        for c, s in zip(label["cls"], label["segments"] or [], strict=True)]
    return found


def judge_coco(*documents):
    from pycocotools.coco import COCO
    boxes = []
    with contextlib.redirect_stdout(sys.stderr):
        for document in documents:
            boxes += [a["bbox"] for a in COCO(document).dataset["annotations"]]
    return boxes


def judge_results(truth, before, after):
    from pycocotools.coco import COCO
    with contextlib.redirect_stdout(sys.stderr):
        coco = COCO(truth)
        loaded = [coco.loadRes(path).dataset["annotations"] for path in (before, after)]
    # loadRes may hold boxes of masks as arrays
    plain = [[{k: v.tolist() if hasattr(v, "tolist") else v for k, v in a.items()} for a in one] for one in loaded]
    return {"equal": repr(plain[0]) == repr(plain[1]), "results": len(plain[1])}


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        oriented(work)
        if DATA.is_dir():
            convert(DATA / "dota-sample", work / "dota-sample", "yolo")
            results(work)
        else:
            print("skipped 9: VETSET_DATA")
    return finish()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        ask = {"yolo": judge_yolo, "coco": judge_coco, "results": judge_results}[sys.argv[2]]
        print(json.dumps(ask(*sys.argv[3:])))
        sys.exit(0)
    sys.exit(main())
