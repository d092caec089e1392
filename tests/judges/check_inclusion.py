#!/usr/bin/env python3
"""Checks a proof of inclusion against a signed manifest, with nothing but Python: docs/guide/trust.md.

    tests/judges/check_inclusion.py proof.json vetset.json
"""
import hashlib
import json
import sys


def h(data):
    return hashlib.sha256(data).digest()


def root(row, index, rows, path):
    """RFC 9162 §2.1.3.2."""
    assert 0 <= index < rows, "no such place"
    digest, last = h(b"\0" + row.encode()), rows - 1
    for beside in map(bytes.fromhex, path):
        assert last, "the path is too long"
        if index & 1 or index == last:
            digest = h(b"\1" + beside + digest)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            digest = h(b"\1" + digest + beside)
        index, last = index >> 1, last >> 1
    assert not last, "the path is too short"
    return digest.hex()


def check(proof, raw):
    assert proof["package_id"] == "sha256:" + hashlib.sha256(raw).hexdigest(), "of another package"
    dataset = json.loads(raw)["dataset"]
    for row in proof["rows"]:
        of, count = (dataset["media"], "count") if row["table"] == "media" else (dataset["tables"][row["table"]], "rows")
        assert row["rows"] == of[count], "not so many rows"
        assert root(row["row"], row["index"], row["rows"], row["path"]) == of["root"].removeprefix("sha256:"), "another root"
        said = json.loads(row["row"])
        assert (said[0] if row["table"] == "media" else said["sample_id"]) == proof["sample"], "of another sample"
    assert any(row["table"] == "samples" for row in proof["rows"]), "no sample"


if __name__ == "__main__":
    check(json.load(open(sys.argv[1], encoding="utf-8")), open(sys.argv[2], "rb").read())
    print("holds")
