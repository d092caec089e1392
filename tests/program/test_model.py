"""vetset model, from outside: exit statuses, JSON by its schema, contracts that are not overwritten."""
import json
import os

import jsonschema
import pytest
from conftest import ROOT

MODELS = ROOT / "samples/models"
RUNTIME = os.environ.get("VETSET_ORT_LIB") or next(map(str, ROOT.glob(".venv/lib/python3*/site-packages/onnxruntime/capi")), "")


def told(vetset, *arguments, status=0):
    done = vetset(*arguments, "--json")
    assert done.returncode == status, done.stderr
    document = json.loads(done.stdout)
    schema = json.loads((ROOT / f"docs/schema/model-{arguments[1]}-v1.json").read_text())
    jsonschema.validate(document, schema, cls=jsonschema.Draft202012Validator)
    return document


def test_a_model_is_inspected_without_a_runtime(vetset):
    document = told(vetset, "model", "inspect", MODELS / "street.onnx")
    assert document["guess"]["preset"] == "ultralytics/detect"
    assert document["guess"]["names"][5] == "traffic light"
    assert document["gaps"] == []
    assert told(vetset, "model", "inspect", MODELS / "faulty.onnx")["gaps"][0]["needed"]


def test_a_fault_is_status_1_and_a_missing_runtime_is_told(vetset):
    assert [f["name"] for f in told(vetset, "model", "check", MODELS / "faulty.onnx", status=1)["faults"]][0] == "weights-not-finite"
    document = told(vetset, "model", "check", MODELS / "street.onnx")
    assert document["runtime"] or "pip install onnxruntime" in document["no_runtime"]


@pytest.mark.skipif(not RUNTIME, reason="ONNX Runtime")
def test_a_model_is_opened_in_the_runtime_that_is_named(vetset):
    document = told(vetset, "model", "check", MODELS / "street.onnx", "--runtime", RUNTIME)
    assert document["runtime"].startswith("ONNX Runtime 1.")
    assert document["providers"] == ["cpu"]


def test_a_runtime_that_is_named_and_not_there_is_an_error(vetset):
    done = vetset("model", "check", MODELS / "street.onnx", "--runtime", "/nowhere/libonnxruntime.so")
    assert done.returncode == 2
    assert b"there is no such library" in done.stderr


def test_a_contract_is_written_once(vetset):
    done = vetset("model", "spec", MODELS / "street.onnx", "--from-package", ROOT / "samples/street", "-o", "model.yaml")
    assert done.returncode == 0, done.stderr
    assert "class_0" not in (vetset.folder / "model.yaml").read_text()
    again = vetset("model", "spec", MODELS / "street.onnx", "-o", "model.yaml")
    assert again.returncode == 1 and b"exists already" in again.stderr
    document = told(vetset, "model", "spec", MODELS / "street.onnx")
    assert document["preset"] == "ultralytics/detect" and document["contract"]["resize"]["width"] == 64


def test_what_is_no_model_is_refused(vetset):
    (vetset.folder / "picture.onnx").write_bytes(b"\xff\xd8\xff\xe0 not a model")
    done = vetset("model", "inspect", "picture.onnx")
    assert done.returncode == 2 and b"not protobuf" in done.stderr
    assert vetset("model", "bake", MODELS / "street.onnx").returncode == 2
    assert vetset("model", "spec", MODELS / "faulty.onnx").returncode == 2
