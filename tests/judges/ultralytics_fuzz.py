"""Random label files with every fault, read by the real Ultralytics loader and by `vetset check`: they must agree.

Usage: ultralytics_fuzz.py VETSET [--count 200] [--seed 1], in the environment of requirements-ultralytics.txt.
Each dataset holds one image, so that totals speak of it alone.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

JUDGE = Path(__file__).with_name("ultralytics_judge.py")


def number(r: random.Random) -> str:
    kind = r.random()
    if kind < 0.8:
        return f"{r.random():.{r.randint(1, 17)}f}"
    odd = ["0", "1", "1.0", "1.005", "1.01", "1.011", "-0.005", "-0.01", "-0.02", "-0.0", "5e-1", ".5", "1.", "+0.5",
           "nan", "inf", "-inf", "1_0", "0x1", "word", "0,5", "", "1e-400", "007", "1e39"]
    return r.choice(odd if kind > 0.93 else odd[:14])


def row(r: random.Random, points: int, columns: int) -> str:
    words = [r.choice(["0", "1", "2", "0", "1", "1.0", "0.5", "-1", "3", "80"] if r.random() < 0.15 else ["0", "1", "2"])]
    choice = r.random()
    if columns and choice < 0.7:
        count = columns - 1
    elif choice < 0.75:
        count = 4
    else:
        count = r.choice([3, 5, 6, 8, 6, 10, 7, 12, 2, 0])
    words += [number(r) if r.random() < 0.3 else f"{r.uniform(0.1, 0.9):.6f}" for _ in range(count)]
    return r.choice([" ", " ", " ", "\t", "  ", "\u00a0"] if r.random() < 0.1 else [" "]).join(words)


def label(r: random.Random, columns: int) -> bytes | None:
    kind = r.random()
    if kind < 0.05:
        return None
    if kind < 0.1:
        return r.choice([b"", b"\n", b"  \n\n", b"\xef\xbb\xbf"])
    outline = r.random() < 0.3 and not columns
    rows = []
    for _ in range(r.randint(1, 6)):
        if outline and r.random() < 0.9:
            rows.append(" ".join(["0"] + [f"{r.random():.4f}" for _ in range(2 * r.randint(3, 7))]))
        elif r.random() < 0.75:
            count = (columns or 5) - 1
            rows.append(" ".join([str(r.randint(0, 2))] + [f"{r.uniform(0.05, 0.95):.6f}" for _ in range(count)]))
        else:
            rows.append(row(r, 0, columns))
    while r.random() < 0.3:
        rows.append(r.choice(rows))
    end = r.choice(["\n", "\n", "\n", "\r\n", "\r", "\n\n", "\v", "\u2028"] if r.random() < 0.3 else ["\n"])
    data = (r.choice(["", "", "", "\ufeff"]) + end.join(rows) + r.choice(["", end, end + " "])).encode()
    return data + b"\xff" if r.random() < 0.02 else data


def make(folder: Path, r: random.Random) -> None:
    (folder / "images").mkdir(parents=True)
    (folder / "labels").mkdir()
    pose = r.random() < 0.25
    points = [r.randint(1, 3), r.choice([2, 3])] if pose else None
    columns = 5 + points[0] * points[1] if pose else 0
    text = "train: images\nval: images\nnames: [a, b, c]\n" + (f"kpt_shape: {points}\n" if pose else "")
    (folder / "data.yaml").write_text(text)
    image = folder / "images" / r.choice(["a.jpg", "a.png", "a.JPG", "b.c.jpg"])
    size = (r.choice([9, 10, 40]), r.choice([9, 10, 30])) if r.random() < 0.2 else (40, 30)
    picture = Image.new("RGB", size, (r.randint(0, 255), 80, 90))
    exif = Image.Exif()
    if r.random() < 0.2:
        exif[274] = r.randint(1, 8)
    picture.save(image, exif=exif.tobytes())
    fault = r.random()
    if fault < 0.05:
        image.write_bytes(image.read_bytes()[: r.randint(0, 60)])
    elif fault < 0.08:
        image.write_bytes(image.read_bytes() + b"\0\0after")
    data = label(r, columns)
    if data is not None:
        (folder / "labels" / (image.name.rsplit(".", 1)[0] + ".txt")).write_bytes(data)
    (folder / "task").write_text("pose" if pose else "detect")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("vetset")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    differing = 0
    with tempfile.TemporaryDirectory() as scratch:
        folders = [Path(scratch) / f"{i:04}" for i in range(args.count)]
        for i, folder in enumerate(folders):
            make(folder, random.Random(args.seed * 1_000_003 + i))
        truth = {}
        for task in ("detect", "pose"):
            chosen = [f for f in folders if (f / "task").read_text() == task]
            if not chosen:
                continue
            out = subprocess.run([sys.executable, JUDGE, "--task", task, *chosen], capture_output=True, text=True, check=True)
            truth.update(zip(chosen, map(json.loads, out.stdout.splitlines())))
        for folder in folders:
            (folder / "task").unlink()
            out = subprocess.run([args.vetset, "check", str(folder), "--json"], capture_output=True, text=True)
            ours = json.loads(out.stdout)["consumers"][0]
            (theirs,) = truth[folder]["images"].values()
            rewritten = any(e["kind"] == "file_rewritten" for e in ours["effects"])
            seen = (ours["images_read"] == 1, ours["objects_read"], rewritten)
            real = (theirs["read"], theirs["objects"], theirs["rewritten"])
            if seen != real:
                differing += 1
                labels = [p.read_bytes() for p in (folder / "labels").iterdir()]
                print(f"{folder.name}: real {real}, vetset {seen}: {theirs['message']!r} {ours['effects']} {labels}")
    print(f"{args.count - differing} of {args.count} agree")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
