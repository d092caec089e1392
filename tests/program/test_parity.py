"""vetset parity, from outside: exit codes, the document, and what is told of a record that is damaged."""
import json
import os
import shutil

import jsonschema
import pytest
from conftest import ROOT

RUNTIME = os.environ.get("VETSET_ORT_LIB") or next(map(str, ROOT.glob(".venv/lib/python3*/site-packages/onnxruntime/capi")), "")
pytestmark = pytest.mark.skipif(not RUNTIME, reason="ONNX Runtime")


@pytest.fixture
def parity(vetset):
    shutil.copy(ROOT / "samples/models/street.onnx", vetset.folder / "street.onnx")
    shutil.copytree(ROOT / "samples/parity", vetset.folder / "record")
    return lambda *arguments: vetset("parity", "street.onnx", "record", "--runtime", RUNTIME, *arguments)


def document(done):
    told = json.loads(done.stdout)
    schema = json.loads((ROOT / "docs/schema/parity-v1.json").read_text())
    jsonschema.validate(told, schema, cls=jsonschema.Draft202012Validator)
    return told


def test_what_other_code_recorded_is_what_happens_here(parity):
    done = parity("--json")
    told = document(done)
    assert done.returncode == 0 and told["same"] and told["broken"] is None
    assert [s["other"] for s in told["stages"]] == [0] * 5
    assert [s["equal"] for s in told["stages"][:3]] == [5] * 3  # bit for bit: OpenCV, Ultralytics, PyTorch


def test_another_contract_is_told_with_place_and_values(vetset, parity):
    assert vetset("model", "spec", "street.onnx", "-o", "street.yaml").returncode == 0
    text = (vetset.folder / "street.yaml").read_text()
    (vetset.folder / "other.yaml").write_text(text.replace("filter: bilinear", "filter: area"))
    done = parity("--spec", "other.yaml", "--json")
    told = document(done)
    assert done.returncode == 1 and told["broken"] == "resized"
    first = told["stages"][1]["first"]
    assert first["image"] == "street_0049.jpg" and first["place"].startswith("row ") and first["here"] != first["there"]
    assert told["stages"][2]["other"] == 5 and told["stages"][4]["other"] == 0  # the steps behind are not blamed


def test_a_picture_or_values_that_were_changed_are_no_record(vetset, parity):
    values = vetset.folder / "record/values/0000-input.npy"
    whole = values.read_bytes()
    values.write_bytes(whole[:-1] + b"\x7f")
    done = parity()
    assert done.returncode == 4 and b"does not hold the values whose digest is in record.json" in done.stderr
    values.write_bytes(whole)
    picture = vetset.folder / "record/images/0001.jpg"
    picture.write_bytes(picture.read_bytes() + b"x")
    done = parity()
    assert done.returncode == 4 and b"is not the file whose digest" in done.stderr


def test_what_is_no_record_is_told(vetset, parity):
    (vetset.folder / "record/record.json").unlink()
    assert b"expected a folder that vetset.parity.record wrote" in parity().stderr
    assert b"expected a number of 0 or more" in parity("--outputs", "much").stderr
