"""Sizes, types and orientations of all images below a folder as Pillow sees them, against `vetset`'s own reading.

Usage: probe_judge.py PROBE FOLDER, where PROBE prints "path<TAB>type<TAB>width<TAB>height<TAB>orientation<TAB>status" for
each path on its standard input (tests/judges/probe_print.cpp).
"""

import subprocess
import sys
import warnings
from pathlib import Path

from PIL import Image

SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".jp2", ".ico"}
TYPES = {"JPEG": "jpeg", "MPO": "mpo", "PNG": "png", "BMP": "bmp", "DIB": "bmp", "GIF": "gif", "TIFF": "tiff",
         "WEBP": "webp", "PPM": "pnm", "JPEG2000": "jp2", "ICO": "ico"}


def pillow(path: str) -> tuple:
    try:
        with Image.open(path) as image:
            orientation = image.getexif().get(274, 0) if image.format in {"JPEG", "MPO", "PNG", "WEBP"} else None
            return TYPES.get(image.format, image.format), *image.size, orientation
    except Exception:
        return ("none",)


def main() -> int:
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None
    if not Path(sys.argv[2]).is_dir():
        print("skipped 1: VETSET_DATA")
        return 0
    paths = [str(p) for p in sorted(Path(sys.argv[2]).rglob("*")) if p.suffix.lower() in SUFFIXES and p.is_file()]
    out = subprocess.run([sys.argv[1]], input="\n".join(paths) + "\n", capture_output=True, text=True, check=True).stdout
    differing = 0
    for line in out.splitlines():
        path, kind, width, height, orientation, status = line.split("\t")
        theirs = pillow(path)
        ours = (kind, int(width), int(height), int(orientation)) if status in {"ok", "truncated"} else ("none",)
        if theirs[-1] is None:
            theirs, ours = theirs[:3], ours[:3]
        if theirs[-1] == 1 and ours[-1] == 0:  # Pillow takes an upright photo from XMP too
            theirs = ours
        if theirs != ours:
            differing += 1
            print(f"{path}: Pillow {theirs}, vetset {ours} ({status})")
    print(f"{len(paths) - differing} of {len(paths)} agree")
    return 1 if differing or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
