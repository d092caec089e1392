"""The real Ultralytics loader on a folder: what it reads, image by image, as JSON.

Runs in its own environment (requirements-ultralytics.txt) as a separate process. The loader may rewrite images and
leaves caches, so it works on a copy. Usage: ultralytics_judge.py FOLDER [--task detect] [--split train=PATH ...]
"""

import argparse
import contextlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("YOLO_OFFLINE", "True")
os.environ.setdefault("YOLO_VERBOSE", "False")


def quiet_import():
    with contextlib.redirect_stdout(sys.stderr):
        from ultralytics.data import utils
        from ultralytics.utils import YAML

        utils.check_font = lambda *a, **k: None  # would fetch a font
    return utils, YAML


def judge(folder: Path, task: str, splits: dict[str, str]) -> dict:
    utils, yaml = quiet_import()
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "dataset"
        shutil.copytree(folder, copy)
        for path in copy.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        file = copy / "data.yaml"
        if splits:
            data = yaml.load(file)
            data.pop("path", None)
            for key in ("train", "val", "test"):
                data.pop(key, None)
            data.update(splits)
            yaml.save(file, data)
        try:
            with contextlib.redirect_stdout(sys.stderr):
                data = utils.check_det_dataset(str(file), autodownload=False)
        except Exception as error:  # the loader stops: that is an answer
            return {"refused": f"{type(error).__name__}: {str(error).splitlines()[0]}"}
        return {"refused": "", "images": read_images(utils, data, task, copy)}


def read_images(utils, data: dict, task: str, root: Path) -> dict:
    from ultralytics.data.base import BaseDataset

    points, numbers = data.get("kpt_shape", (0, 0)) or (0, 0)
    images = {}
    for key in ("train", "val", "test"):
        if not data.get(key):
            continue
        lister = BaseDataset.__new__(BaseDataset)
        lister.prefix, lister.fraction = "", 1.0
        try:
            files = BaseDataset.get_img_files(lister, data[key])
        except FileNotFoundError:
            continue
        for image, label in zip(files, utils.img2label_paths(files)):
            name = str(Path(image).relative_to(root)) if Path(image).is_relative_to(root) else image
            if name in images:
                continue
            before = Path(image).read_bytes() if Path(image).is_file() else b""
            result = utils.verify_image_label(
                (image, label, "", task == "pose", len(data["names"]), points, numbers, False)
            )
            after = Path(image).read_bytes() if Path(image).is_file() else b""
            images[name] = {
                "read": result[0] is not None,
                "objects": len(result[1]) if result[0] is not None else 0,
                "rewritten": before != after,
                "message": result[-1].replace(str(root) + "/", ""),
            }
    return images


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--task", default="detect")
    parser.add_argument("--split", action="append", default=[])
    args = parser.parse_args()
    splits = dict(s.split("=", 1) for s in args.split)
    for folder in args.folder:
        print(json.dumps(judge(folder, args.task, splits), sort_keys=True))


if __name__ == "__main__":
    main()
