#!/usr/bin/env python3
"""Trains on a sealed folder as far as it changes one: Ultralytics itself caches labels and images, and saves a picture anew that it
takes for damaged. vetset verify must name all of the first as litter of its maker, and the picture as changed; vetset restore puts it all back.

    VETSET=build/release/vetset .venv-judges/bin/python tests/judges/training_judge.py
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("VETSET", ROOT / "build/release/vetset")).resolve()
LOAD = """
import sys, yaml, pathlib
from ultralytics.cfg import get_cfg
from ultralytics.data.dataset import YOLODataset
root = pathlib.Path(sys.argv[1])
names = yaml.safe_load((root / "data.yaml").read_text())["names"]
names = names if isinstance(names, dict) else dict(enumerate(names))
YOLODataset(img_path=str(root / "images/train"), data={"names": names, "channels": 3, "nc": len(names)}, task="detect", imgsz=64,
            augment=False, cache="disk", hyp=get_cfg())
"""


def verify(folder):
    done = subprocess.run([PROGRAM, "verify", folder, "--json"], capture_output=True, text=True)
    return done.returncode, json.loads(done.stdout)


def main():
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work) / "street"
        shutil.copytree(ROOT / "samples/street", folder)
        damaged = min((folder / "images/train").glob("*.jpg"), key=lambda p: p.name)
        damaged.write_bytes(damaged.read_bytes() + b"\0\0")  # does not end in the marker that ends a JPEG
        subprocess.run([PROGRAM, "seal", folder], check=True, stdout=subprocess.DEVNULL)
        shutil.copytree(folder, pathlib.Path(work) / "copy")
        before = {p for p in folder.rglob("*") if p.is_file()}
        subprocess.run([sys.executable, "-c", LOAD, str(folder)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       cwd=work, env={**os.environ, "YOLO_CONFIG_DIR": work, "YOLO_OFFLINE": "true"})
        left = {p for p in folder.rglob("*") if p.is_file()} - before
        status, seen = verify(folder)
        litter = [line for line in seen["lines"] if line["code"] == "W_LITTER"]
        wrong = [line for line in seen["lines"] if line["code"].startswith("E_")]
        assert len(left) > 10 and len(litter) == 1, (len(left), litter)
        assert litter[0]["words"].startswith(f"maker=Ultralytics, {len(left)} files"), litter
        assert status == 1 and [line["where"] for line in wrong] == [str(damaged.relative_to(folder))], wrong
        assert wrong[0]["code"] in ("E_SIZE", "E_DIGEST") and "Ultralytics" in wrong[0]["words"], wrong
        subprocess.run([PROGRAM, "restore", folder, "--from", pathlib.Path(work) / "copy", "--clean"], check=True, stdout=subprocess.DEVNULL)
        status, seen = verify(folder)
        assert status == 0 and not [line for line in seen["lines"] if line["code"] != "OK"], seen
        assert {p for p in folder.rglob("*") if p.is_file()} == before
        print(f"Ultralytics left {len(left)} files in a sealed folder and saved one picture anew: each is told as what it is, and put back")


if __name__ == "__main__":
    main()
