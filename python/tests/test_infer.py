"""infer from Python: the files of the program, its record, progress, and what it refuses."""

import json
import pathlib

import pytest
import vetset

pytest.importorskip("onnxruntime")
MODEL = pathlib.Path(__file__).resolve().parents[2] / "samples/models/street.onnx"


def test_predictions_of_a_dataset_can_be_evaluated(street, tmp_path):
    told = []
    done = vetset.infer(MODEL, street, tmp_path / "found", batch=4, progress=lambda *step: told.append(step))
    assert done.files == ["results.json"] and done["images"] == 73 and done["found"] > 0
    assert not done and any("street_0045.jpg" in line for line in done.problems)
    assert json.loads(pathlib.Path(done.path).read_text())["model"]["file"] == "street.onnx"
    assert told and not (tmp_path / "found.journal").exists()
    assert vetset.evaluate(street, tmp_path / "found").lines
    with pytest.raises(vetset.Error, match="found"):
        vetset.infer(MODEL, street, tmp_path / "found")


def test_shards_part_the_images(street, tmp_path):
    dataset = vetset.open(street)
    parts = [vetset.infer(MODEL, dataset, tmp_path / f"part-{i}", shard=(i, 2)) for i in range(2)]
    assert [p["images"] for p in parts] == [37, 36] and parts[0]["data"]["shards"] == 2
    with pytest.raises(vetset.Error, match="expected I/N"):
        vetset.infer(MODEL, dataset, tmp_path / "x", shard="2/2")


def test_labels_of_a_format_come_with_a_proof_and_the_record(street, tmp_path):
    done = vetset.infer(MODEL, street, tmp_path / "look", to="coco", accept="all", shard="0/8")
    assert done.proof is not None and done.proof.verdict in ("exact", "declared")
    record = json.loads((tmp_path / "look.inference.json").read_text())
    assert record == dict(done) and not (tmp_path / "look.journal").exists()
    predicted = vetset.open(tmp_path / "look")
    assert len(predicted.annotations) == done["found"] and predicted.annotations.score is not None


def test_a_model_that_is_none_is_refused(street, tmp_path):
    (tmp_path / "x.onnx").write_bytes(b"no model")
    with pytest.raises(vetset.Error):
        vetset.infer(tmp_path / "x.onnx", street, tmp_path / "out")
    with pytest.raises(vetset.Error, match="batch is 0"):
        vetset.infer(MODEL, street, tmp_path / "out", batch=0)
