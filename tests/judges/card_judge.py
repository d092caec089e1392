"""Bills of materials are what their standards say: CycloneDX 1.7 by its own schema, SPDX 3.0.1 by the model's bindings.

    VETSET=build/release/vetset .venv-readers/bin/python tests/judges/card_judge.py
"""
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from spdx_python_model import v3_0_1 as spdx

ROOT = pathlib.Path(__file__).resolve().parents[2]
VETSET = str(pathlib.Path(os.environ.get("VETSET", ROOT / "build/release/vetset")).resolve())
DATA = pathlib.Path(os.environ.get("VETSET_DATA", ROOT.parent / "shared/data"))
REAL = ["bccd", "chess-coco", "rice-pest", "cells-yolo", "coco-eval/instances_val2014_100.json", "sign-digits"]
ANSWERS = """
[dataset]
description = "Streets <b>drawn</b> & \\"quoted\\""
creators = ["Street Works"]
homepage = "https://example.org/street"
published = 2026-03-01
[collection]
process = "drawn by a script"
[use]
biases = ["no night", "no snow"]
[people]
sensitive = "none"
personal_kinds = ["faces"]
[rights]
licence = "CC-BY-4.0"
confidentiality = "clear"
"""


def vetset(*arguments):
    done = subprocess.run([VETSET, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, (arguments, done.stderr)
    return done.stdout


def cyclonedx(source, *more):
    text = vetset("card", source, "--as", "cyclonedx", "--no-check", *more)
    problem = JsonStrictValidator(SchemaVersion.V1_7).validate_str(text)
    assert problem is None, problem
    return json.loads(text)


def spdx3(source, *more):
    text = vetset("card", source, "--as", "spdx", "--no-check", "--today", "2026-11-23", *more)
    objects = spdx.SHACLObjectSet()
    spdx.JSONLDDeserializer().read(io.BytesIO(text.encode()), objects)
    objects.link()
    assert not objects.missing_ids, objects.missing_ids
    package, = objects.foreach_type(spdx.dataset_DatasetPackage)
    relations = [r.relationshipType.rsplit("/", 1)[1] for r in objects.foreach_type(spdx.Relationship)]
    assert relations.count("hasDeclaredLicense") == 1 and relations.count("hasConcludedLicense") == 1, relations
    # What is written again by the bindings says the same.
    again = io.BytesIO()
    spdx.JSONLDSerializer().write(objects, again)
    assert len(json.loads(again.getvalue())["@graph"]) == len(json.loads(text)["@graph"])
    return package, objects


def main():
    there = [DATA / name for name in REAL if (DATA / name).exists()]
    if len(there) < len(REAL):
        print(f"skipped {len(REAL) - len(there)}: VETSET_DATA")
    for source in [ROOT / "samples/street", ROOT / "samples/street-coco", *there]:
        stats = json.loads(vetset("stats", source, "--json"))["counts"]
        bill = cyclonedx(source)["metadata"]["component"]
        counted = {p["name"]: p["value"] for p in bill["data"][0]["contents"]["properties"]}
        assert counted["vetset:images"] == str(stats["images"]) and counted["vetset:objects"] == str(stats["annotations"])
        assert spdx3(source)[0].dataset_datasetSize == stats["images"]
        print(f"ok  {source.name:34} {stats['images']} images", flush=True)

    with tempfile.TemporaryDirectory() as scratch:
        package, answers = pathlib.Path(scratch) / "street.pkg", pathlib.Path(scratch) / "card.toml"
        answers.write_text(ANSWERS)
        vetset("pack", ROOT / "samples/street-coco", "-o", package, "--answers", answers, "--epoch", 1767225600)
        manifest = json.loads((package / "vetset.json").read_text())
        assert manifest["rights"]["spdx"] == "CC-BY-4.0", manifest["rights"]
        bill = cyclonedx(package)
        component = bill["metadata"]["component"]
        assert component["licenses"] == [{"license": {"id": "CC-BY-4.0"}}]
        assert component["description"] == 'Streets <b>drawn</b> & "quoted"'
        listed = {c["name"]: c["hashes"][0]["content"] for c in bill["components"]}
        assert listed == {f["path"]: f["sha256"] for f in manifest["files"] if f["role"] != "media"}
        dataset, objects = spdx3(package)
        assert list(dataset.dataset_knownBias) == ["no night", "no snow"] and dataset.builtTime.year == 2026
        document, = objects.foreach_type(spdx.SpdxDocument)
        assert any(str(p).endswith("dataset") for p in document.profileConformance)
        print("ok  a package with answers")
    return 0


if __name__ == "__main__":
    sys.exit(main())
