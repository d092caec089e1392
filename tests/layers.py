#!/usr/bin/env python3
"""Holds the code to the rooms of ARCHITECTURE.md: who may include whom, and where third-party headers may stand."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MAY = {
    "base": "",
    "dataset": "base",
    "image": "base dataset",  # of dataset only facts.h and pixel_facts.h, the structs it fills
    "formats": "base dataset image",
    "scan": "base dataset image",
    "runtime": "base image",
    "transform": "base dataset formats",
    "convert": "base dataset formats",
    "check": "base dataset image",
    "split": "base dataset",
    "package": "base dataset formats",
    "evaluate": "base dataset",
    "infer": "base dataset formats runtime",
    "serve": "base image runtime",
}
THIRD_PARTY = re.compile(r"#include <(simdjson|yaml-cpp|pugixml|toml\+\+|fmt|CLI|arrow|parquet|openssl|zip\.h|utf8proc|sqlite3|xxhash|spng|webp|jpeglib|turbojpeg|gif_lib|tiffio|libheif|openjpeg|nanobind|doctest)[/.>]")
STANDARD_OUT = re.compile(r"#include <(regex|iostream)>")


def complaints(path):
    text = path.read_text()
    place = path.relative_to(ROOT)
    room = place.parts[1] if len(place.parts) > 2 else None
    for included in re.findall(r'#include "vetset/([\w/]+)\.h"', text):
        other = included.split("/")[0]
        if room is None or other == room:
            continue
        if other == included or other not in MAY[room].split():
            yield f"{place}: {room}/ may not include vetset/{included}.h"
        if room == "image" and other == "dataset" and included not in ("dataset/facts", "dataset/pixel_facts"):
            yield f"{place}: image/ takes only facts.h and pixel_facts.h from dataset/"
    if path.suffix == ".h" and (found := THIRD_PARTY.search(text)):
        yield f"{place}: third-party header <{found[1]}> in a header"
    if found := STANDARD_OUT.search(text):
        yield f"{place}: <{found[1]}> stays out"
    if len(text.splitlines()) > 600:
        yield f"{place}: longer than 600 lines"


def defined_twice(files):
    """Two types of one name: their inline functions are one symbol, and the linker takes either for both."""
    places = {}
    for path in files:
        inside = []
        for line in path.read_text().splitlines():
            if opened := re.match(r"namespace( [\w:]+)? \{", line):
                inside.append((opened[1] or "").strip())
            elif line.startswith("}  // namespace") and inside:
                inside.pop()
            elif "" not in inside and (found := re.match(r"(?:struct|class|enum class) (\w+)(?: final)?(?: :[^;{]*)? \{", line)):
                places.setdefault("::".join([*inside, found[1]]), []).append(path.relative_to(ROOT).as_posix())
    return [f"{name} is defined in {' and in '.join(where)}" for name, where in sorted(places.items()) if len(where) > 1]


def main():
    files = sorted(p for p in (ROOT / "vetset").rglob("*") if p.suffix in (".h", ".cpp"))
    bad = [line for path in files for line in complaints(path)] + defined_twice(files)
    print("\n".join(bad) if bad else f"{len(files)} files keep to their rooms")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
