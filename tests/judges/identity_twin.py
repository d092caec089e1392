#!/usr/bin/env python3
"""Recomputes the identity of a dataset from its canonical text alone, with nothing of vetset: docs/identity.md is all
that this file was written from.

    identity_twin.py [--media FILE] [ROWS]

ROWS (default: standard input) has one record a line, "table TAB row". FILE has a line for each sample with a media file,
"sha256 SPACE bytes SPACE sample_id", the last as it stands in the sample's row. Prints labels_id, and dataset_id where the media are given. Refuses rows that are not their own canonical form,
keys that repeat, and tables that are not sorted.
"""
import argparse
import base64
import hashlib
import json
import math
import sys

TABLES = ["dataset", "splits", "licences", "categories", "samples", "annotations", "tracks", "relations", "memberships",
          "unread"]
KEYS = {"dataset": "id", "splits": "split_id", "licences": "licence_id", "categories": "category_id",
        "samples": "sample_id", "annotations": "ann_id", "tracks": "track_id"}


def number(value):
    """ECMAScript's Number::toString."""
    if value == 0:
        if math.copysign(1, value) < 0:
            raise ValueError("a bare -0")
        return "0"
    sign, value = ("-", -value) if value < 0 else ("", value)
    mantissa, exponent = f"{value!r}e0".split("e")[:2]
    digits = mantissa.replace(".", "").lstrip("0")
    point = len(mantissa.split(".")[0].lstrip("0")) + int(exponent)
    if mantissa.startswith("0."):
        point -= len(mantissa) - 2 - len(mantissa[2:].lstrip("0"))
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = "." + digits[1:] if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{tail}e{point - 1:+d}"


def jcs(value):
    """RFC 8785."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (int, float)):
        if not math.isfinite(float(value)):
            raise ValueError("a bare number that is not finite")
        return number(float(value))
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ",".join(map(jcs, value)) + "]"
    keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
    return "{" + ",".join(f"{jcs(key)}:{jcs(value[key])}" for key in keys) + "}"


def no_repeated_keys(members):
    keys = [key for key, _ in members]
    if len(set(keys)) != len(keys):
        raise ValueError("a key that repeats")
    return dict(members)


def merkle(rows):
    """RFC 6962, section 2.1."""
    level = [hashlib.sha256(b"\0" + row).digest() for row in rows]
    if not level:
        return hashlib.sha256(b"").hexdigest()
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\1" + a + b).digest() for a, b in zip(level[::2], level[1::2])]
        level = pairs + level[len(level) - len(level) % 2:]
    return level[0].hex()


def key_bytes(value):
    if isinstance(value, dict):
        return base64.b64decode(value["$bytes"])
    return value.encode()


def read_tables(lines):
    tables = {}
    for count, line in enumerate(lines, 1):
        where = f"line {count}"
        table, tab, row = line.rstrip(b"\n").partition(b"\t")
        name = table.decode()
        if not tab or name not in TABLES:
            sys.exit(f"{where}: expected a table and a row, found {line[:60]!r}")
        if tables and TABLES.index(name) < TABLES.index(list(tables)[-1]):
            sys.exit(f"{where}: table {name} comes too late")
        try:
            value = json.loads(row, object_pairs_hook=no_repeated_keys)
            if jcs(value).encode() != row:
                raise ValueError(f"not its own canonical form, which is {jcs(value)[:200]}")
        except ValueError as error:
            sys.exit(f"{where}: {error}")
        key = key_bytes(value[KEYS[name]]) if name in KEYS else row
        rows = tables.setdefault(name, {"keys": [], "rows": [], "columns": set()})
        if rows["keys"] and (key < rows["keys"][-1] or (name in KEYS and key == rows["keys"][-1])):
            sys.exit(f"{where}: key {key!r} does not come after {rows['keys'][-1]!r}")
        rows["keys"].append(key)
        rows["rows"].append(row)
        rows["columns"].update(value)
    return tables


def document_of(tables):
    document = {"schema": 1, "tables": {}}
    for name, table in tables.items():
        schema = jcs(sorted(table["columns"])).encode()
        document["tables"][name] = {"key": [KEYS[name]] if name in KEYS else [], "rows": len(table["rows"]),
                                    "root": merkle(table["rows"]), "schema": hashlib.sha256(schema).hexdigest()}
    return document


def media_of(path, samples):
    rows, total = [], 0
    with open(path, "rb") as lines:
        for line in lines:
            digest, size, sample = line.decode().rstrip("\n").split(" ", 2)
            sample = json.loads(sample)
            if key_bytes(sample) not in samples:
                sys.exit(f"{path}: {sample!r} is no sample")
            rows.append(jcs([sample, digest, int(size)]).encode())
            total += int(size)
    return {"bytes": total, "count": len(rows), "root": merkle(sorted(rows))}


def identity(domain, document):
    return "sha256:" + hashlib.sha256((domain + jcs(document)).encode()).hexdigest()


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("rows", nargs="?")
    arguments.add_argument("--media")
    options = arguments.parse_args()
    with open(options.rows, "rb") if options.rows else sys.stdin.buffer as lines:
        tables = read_tables(lines)
    document = document_of(tables)
    print("labels_id", identity("vetset/labels/1\n", document))
    if options.media:
        samples = set(tables["samples"]["keys"]) if "samples" in tables else set()
        print("dataset_id", identity("vetset/dataset/1\n", document | {"media": media_of(options.media, samples)}))


if __name__ == "__main__":
    main()
