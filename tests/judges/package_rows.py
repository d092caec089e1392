#!/usr/bin/env python3
"""The canonical rows of a package, from its Parquet tables alone, read by pyarrow: docs/package-format.md and
docs/identity.md are all that this file was written from. identity_twin.py recomputes the identity from what it prints.

    package_rows.py PACKAGE > ROWS
"""
import base64
import json
import math
import pathlib
import re
import sys

import pyarrow.parquet

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import identity_twin as twin  # noqa: E402

FLAGS = ["crowd", "difficult", "occluded", "truncated", "outside", "ignore", "group_of", "depiction", "inside", "verified",
         "negative", "generated", "keyframe", "locked"]
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def number(value):
    value = float(value)
    if math.isnan(value):
        return {"$num": "NaN"}
    if math.isinf(value):
        return {"$num": "Infinity" if value > 0 else "-Infinity"}
    return {"$num": "-0"} if value == 0 and math.copysign(1, value) < 0 else value


def whole(digits):
    """A whole number as it was spelled: digits that a double would not print stay a string."""
    value = float(digits)
    if abs(int(digits)) <= 2 ** 53 - 1:
        return number(value)
    return value if math.isfinite(value) and twin.number(value) == digits else digits


class Bytes(str):
    """A text that is not UTF-8, as its base64."""


def text(cell):
    """What a cell says: bytes that are not UTF-8 stand in it as base64."""
    if cell is None or not cell.startswith("$bytes:"):
        return cell
    raw = base64.b64decode(cell[7:], validate=True)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return Bytes(cell[7:])


def string(value):
    return {"$bytes": str(value)} if isinstance(value, Bytes) else value


def json_value(cell):
    """A JSON text in canonical terms."""
    return json.loads(text(cell), parse_int=whole, parse_float=lambda t: number(float(t)),
                      parse_constant=lambda word: number(float(word.replace("Infinity", "inf"))))


def attributes(cell):
    """[[key, value], …], sorted by key; only the top level is a list of pairs."""
    decoder = json.JSONDecoder()
    source, found = text(cell), []
    at = source.index("{") + 1
    while True:
        at = re.compile(r"[\s,]*").match(source, at).end()
        if source[at] == "}":
            break
        key, at = decoder.raw_decode(source, at)
        at = re.compile(r"\s*:\s*").match(source, at).end()
        _, end = decoder.raw_decode(source, at)
        found.append([key, json_value(source[at:end])])
        at = end
    return sorted(found, key=lambda pair: pair[0].encode())


def own(cell):
    """What a format keeps for itself, in whatever words."""
    try:
        return json_value(cell)
    except ValueError:
        return string(text(cell))


def residue(row):
    said = ([own(row["own"])] if row.get("own") else []) + [json_value(r) for r in row["residue"] or []]
    return said[0] if len(said) == 1 else said or None


def authored(cell):
    tokens = re.split(r"[ \t-\r]+", text(cell).strip(" \t\n\v\f\r"))
    return [number(float(t)) if NUMBER.fullmatch(t) else t for t in tokens if t]


def shapes(row):
    if row["shapes"] is not None:
        return json_value(row["shapes"])
    found = []
    rings = lambda lists: [[number(n) for n in ring] for ring in lists]  # noqa: E731
    if row["polygon"] is not None:
        found.append({"kind": "polygon", "rings": rings(row["polygon"])} | ({"holes": row["holes"]} if row["holes"] else {}))
    if row["polyline"] is not None:
        found.append({"kind": "polyline", "rings": rings(row["polyline"])})
    if row["mask_counts"] is not None:
        found.append({"counts": row["mask_counts"], "kind": "mask", "size": [row["mask_height"], row["mask_width"]]})
    if row["keypoints"] is not None:
        found.append({"kind": "keypoints", "numbers": [number(n) for n in row["keypoints"]]} | ({"two": True} if row["two"] else {}))
    if row["numbers"] is not None:
        found.append({"kind": "numbers", "numbers": [number(n) for n in row["numbers"]]})
    return found or None


def annotation(row):
    out = {"flags": {flag: row[flag] for flag in FLAGS if row[flag] is not None} or None}
    for name in ("area", "score"):
        out[name] = None if row[name] is None else number(row[name])
    for name in ("group", "track"):
        out[name] = None if row[name] is None else [json_value(row[name])]
    for name in ("texts", "dangling"):
        out[name] = None if row[name] is None else json_value(row[name])
    if row["authored"] is not None:
        out["authored"] = authored(row["authored"])
    else:
        out["box"] = [number(row[side]) for side in ("x", "y", "width", "height")] if row["box_origin"] == "stated" else None
        out["shapes"] = shapes(row)
    return out


PLAIN = {  # columns that are the row's as they stand
    "dataset": [], "splits": ["name", "role", "folder", "keys", "categories", "split_id"],
    "licences": ["licence_id", "name", "url", "split_id", "order"],
    "categories": ["category_id", "name", "supercategory", "keypoints", "skeleton", "flip", "points", "two", "order"],
    "samples": ["sample_id", "path", "state", "licence_id"],
    "annotations": ["ann_id", "sample_id", "category_id", "kind", "layer", "order"],
    "tracks": ["track_id", "category_id", "video_id"], "relations": ["from_id", "to_id", "type", "directed"],
    "memberships": ["split_id", "sample_id", "order"], "unread": ["file", "order", "text"]}


def cell(value):
    if isinstance(value, str):
        return string(text(value))
    return [cell(v) for v in value] if isinstance(value, list) else value


def canonical(table, row):
    out = {name: cell(row[name]) for name in PLAIN[table]}
    if table == "dataset":
        out |= {"id": "dataset", "layers": cell(row["layers"])}
    elif row.get("id") is not None:
        out["id"] = [json_value(row["id"])]
    if table == "annotations":
        out |= annotation(row)
    if table == "samples" and row["size_origin"] == "stated":
        out |= {"width": row["width"], "height": row["height"]}
    if table == "splits" and row["info"] is not None:
        out["info"] = json_value(row["info"])
    if table == "tracks" and row["states"] is not None:
        out["states"] = json_value(row["states"])
    if row.get("attributes") is not None:
        out["attributes"] = attributes(row["attributes"])
    if "residue" in row:
        out["residue"] = residue(row)
    # A token may be null, which is not the same as not being there.
    return {k: v[0] if k in ("group", "track") or (k == "id" and isinstance(v, list)) else v for k, v in out.items() if v is not None}


def rows_of(package):
    for table in twin.TABLES:
        path = pathlib.Path(package) / "tables" / f"{table}.parquet"
        if not path.exists():
            continue
        rows = []
        for row in pyarrow.parquet.read_table(path).to_pylist():
            value = canonical(table, row)
            line = twin.jcs(value).encode()
            rows.append((twin.key_bytes(value[twin.KEYS[table]]) if table in twin.KEYS else line, line))
        for _, line in sorted(rows):
            yield table.encode() + b"\t" + line + b"\n"


if __name__ == "__main__":
    for printed in rows_of(sys.argv[1]):
        sys.stdout.buffer.write(printed)
