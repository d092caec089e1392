"""vetset infer, from outside: killed anywhere it goes on, and what it says is the same for any number of threads."""
import hashlib
import json
import os
import shutil
import signal
import time

import jsonschema
import pytest
from conftest import ROOT

MODEL = ROOT / "samples/models/street.onnx"
RUNTIME = os.environ.get("VETSET_ORT_LIB") or next(map(str, ROOT.glob(".venv/lib/python3*/site-packages/onnxruntime/capi")), "")
pytestmark = pytest.mark.skipif(not RUNTIME, reason="ONNX Runtime")


@pytest.fixture
def infer(vetset, street):
    shutil.copy(MODEL, vetset.folder / "street.onnx")

    def run(*arguments, status=6):  # two of the sample's images cannot be read
        done = vetset("infer", "street.onnx", "street", "--runtime", RUNTIME, *arguments)
        assert done.returncode == status, done.stderr.decode()
        return done

    return run


def results(vetset, name="out"):
    return (vetset.folder / name / "results.json").read_bytes()


def test_results_are_by_path_and_the_record_says_of_what_they_are(vetset, infer):
    infer("-o", "out", "--json")
    rows = json.loads(results(vetset))
    assert len(rows) > 100 and {"image_id", "category_id", "bbox", "score"} == set(rows[0])
    record = json.loads((vetset.folder / "out.inference.json").read_text())
    schema = json.loads((ROOT / "docs/schema/inference-v1.json").read_text())
    jsonschema.validate(record, schema, cls=jsonschema.Draft202012Validator)
    assert record["model"]["sha256"] == hashlib.sha256(MODEL.read_bytes()).hexdigest()
    assert record["images"] == 73 and record["problems"] == 2 and record["found"] == len(rows)
    assert not (vetset.folder / "out.journal").exists()


def test_predictions_feed_evaluate_and_check(vetset, infer):
    infer("-o", "out")
    assert vetset("evaluate", "street", "out", "--split", "val").returncode == 0
    assert b"overlooked-object" in vetset("check", "street", "--predictions", "out").stdout


def test_any_number_of_threads_and_any_batch_that_a_model_takes_give_the_same_bytes(vetset, infer):
    for threads in ("1", "2", "7"):
        infer("-o", f"out{threads}", "--threads", threads)
    assert results(vetset, "out1") == results(vetset, "out2") == results(vetset, "out7")


def test_shards_are_the_whole(vetset, infer):
    infer("-o", "whole")
    rows = json.loads(results(vetset, "whole"))
    parts = []
    for i in range(3):
        done = vetset("infer", "street.onnx", "street", "--runtime", RUNTIME, "-o", f"part{i}", "--shard", f"{i}/3")
        assert done.returncode in (0, 6)
        parts += json.loads(results(vetset, f"part{i}"))
    assert sorted(map(json.dumps, parts)) == sorted(map(json.dumps, rows))


@pytest.mark.parametrize("after", [0.0, 0.02, 0.05, 0.1, 0.2])
def test_killed_anywhere_it_goes_on_to_the_same_bytes(vetset, infer, after):
    infer("-o", "whole")
    killed = vetset.start("infer", "street.onnx", "street", "--runtime", RUNTIME, "-o", "out", "--threads", "2")
    time.sleep(after)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    if not (vetset.folder / "out").exists():
        infer("-o", "out")
    assert results(vetset) == results(vetset, "whole")
    assert [p.name for p in vetset.folder.iterdir() if "vetset-" in p.name] == []


def test_a_journal_of_another_run_is_not_continued(vetset, infer):
    (vetset.folder / "out.journal").write_text('{"journal":1}\n')
    done = infer("-o", "out", status=2)
    assert b"another run" in done.stderr


def test_labels_of_another_format_carry_score_and_model(vetset, infer):
    infer("-o", "look", "--to", "cvat", "--accept", "all")
    assert b"<box" in next((vetset.folder / "look").rglob("*.xml")).read_bytes()
    assert (vetset.folder / "look.inference.json").exists()
    assert (vetset.folder / "look.proof.json").exists()


def test_a_contract_of_another_model_is_refused(vetset, infer):
    assert vetset("model", "spec", "street.onnx", "-o", "street.yaml").returncode == 0
    text = (vetset.folder / "street.yaml").read_text()
    (vetset.folder / "street.yaml").write_text(text.replace("model_sha256: ", "model_sha256: " + "0" * 64 + "  # "))
    done = vetset("infer", "street.onnx", "street", "--runtime", RUNTIME, "-o", "out")
    assert done.returncode != 0 and b"its contract is for 000000" in done.stderr
    assert not (vetset.folder / "out").exists()


@pytest.mark.parametrize("shard", ["3/3", "x", "1", "-1/2", "1/0"])
def test_a_shard_that_is_none_is_told(infer, shard):
    assert b"expected I/N" in infer("-o", "out", f"--shard={shard}", status=2).stderr
