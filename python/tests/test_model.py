"""A model from Python: answers are those of vetset infer, each step alone gives the same, arrays are not copied; and a
record of training code is replayed."""

import json
import pathlib
import shutil
import threading

import numpy as np
import pytest
import vetset
from conftest import ROOT
from vetset import parity

pytest.importorskip("onnxruntime")
SAMPLE = ROOT / "samples/models/street.onnx"


@pytest.fixture
def model(tmp_path):
    return vetset.Model(shutil.copy(SAMPLE, tmp_path / "street.onnx"))


@pytest.fixture
def images(street):
    return sorted(street.rglob("images/val/*.jpg"))[:6]


def same(a, b):
    return a["labels"] == b["labels"] and (a["boxes"] == b["boxes"]).all() and (a["scores"] == b["scores"]).all()


def test_the_contract_is_there_as_a_dict(model):
    assert model.spec["task"] == "detect" and len(model.classes) == 8 and model.digest.startswith("sha256:")
    assert "no contract lies beside" in model.notes[0] and model.providers == ["cpu"]


def test_a_path_its_bytes_and_a_list_of_them_have_one_answer(model, images):
    first = model.predict(images[0])
    assert len(first.scores) > 0 and set(first.labels) <= set(model.classes) and first.boxes.dtype == np.float32
    assert same(first, model.predict(str(images[0]))) and same(first, model.predict(images[0].read_bytes()))
    assert all(same(a, model.predict(p)) for a, p in zip(model.predict(images), images, strict=True))
    with pytest.raises(AttributeError, match="no masks; it has image, scores, labels, boxes"):
        first.masks


def test_pixels_are_what_their_file_is(model, images):
    image = pytest.importorskip("PIL.Image")
    pixels = np.asarray(image.open(images[0]).convert("RGB"))
    assert same(model.predict(pixels), model.predict(images[0]))


def test_the_steps_one_by_one_are_the_whole(model, images):
    tensor, placement = model.preprocess(images[0])
    outputs = model.run(tensor)
    answer = model.predict(images[0])
    assert same(answer, model.postprocess(outputs, placement)) and same(answer, model.postprocess(list(outputs.values()), placement))


def test_outputs_are_not_copied_and_outlive_the_model(images):
    model = vetset.Model(SAMPLE)
    output = model.run(model.preprocess(images[0])[0])["output0"]
    before = output.copy()
    assert output.base is not None  # a view of the runtime's memory
    del model
    assert (output == before).all()


def test_a_dataset_gives_predictions_that_evaluate_and_check_take(model, street):
    found = model.predict(street)
    assert len(found) == 71 and len(found.problems) == 2
    assert any("ends in the middle" in why for why in found.problems.values())
    opened = model.predict(vetset.open(street), threads=2)
    assert list(found) == list(opened) and all(same(found[p], opened[p]) for p in found)
    path = next(iter(found))
    assert same(found[path], model.predict(street / path))
    results = [{"image_id": path, "category_id": model.classes.index(label), "score": float(score),
                "bbox": [float(box[0]), float(box[1]), float(box[2] - box[0]), float(box[3] - box[1])]}
               for path, answer in found.items()
               for box, label, score in zip(answer.boxes, answer.labels, answer.scores, strict=True)]
    assert (vetset.evaluate(street, found).stats == vetset.evaluate(street, results).stats).all()
    assert vetset.check(street, predictions=found).counts["LBL130"] > 0


def test_threads_share_one(model, images):
    expected = model.predict(images)
    found = [None] * len(images)

    def work(n):
        found[n] = model.predict(images[n])

    threads = [threading.Thread(target=work, args=(n,)) for n in range(len(images))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(same(a, b) for a, b in zip(expected, found, strict=True))


def test_what_cannot_be_is_refused_in_words(model, images, tmp_path):
    with pytest.raises(TypeError, match="uint8"):
        model.predict(np.zeros((4, 4, 3), np.float32))
    with pytest.raises(vetset.Error, match="no image"):
        model.predict(b"nothing of the kind")
    with pytest.raises(TypeError, match="without gaps"):
        model.run(np.zeros((1, 3, 128, 64), np.float32)[:, :, ::2])
    with pytest.raises(vetset.Error, match="float64"):
        model.run(np.zeros((1, 3, 64, 64)))
    with pytest.raises(vetset.Error, match="expected output0, too"):
        model.postprocess({"another": np.zeros(3, np.float32)}, model.preprocess(images[0])[1])
    with pytest.raises(vetset.Error, match="no preset 'ultralytic/detect'"):
        vetset.Model(SAMPLE, preset="ultralytic/detect")
    with pytest.raises(vetset.Error) as raised:
        vetset.Model(tmp_path / "none.onnx")
    assert raised.value.code == "not_found"


# Parity.


def steps(model):
    """Training code, as far as the sample has any: the same steps, in three functions."""

    def prepare(path):
        stages = vetset.Preprocess(model.spec_file).stages(path)
        return {"pixels": stages["pixels"], "resized": stages["resized"], "input": stages["input"], "placement": stages["placement"]}

    return prepare, model.run, lambda outputs, prepared: model.postprocess(outputs, prepared["placement"])


@pytest.fixture
def written(model, tmp_path):
    model.spec_file = tmp_path / "contract.yaml"
    model.spec_file.write_text(model.yaml)
    return model


def test_a_record_of_the_same_steps_is_the_same(written, street, tmp_path):
    parity.record(tmp_path / "record", street, *steps(written), most=10, tensors=4)
    done = parity.check(written.path, tmp_path / "record")
    assert done and done.broken is None and done["input"].equal >= 9 and done["answers"].other == 0
    record = json.loads((tmp_path / "record/record.json").read_text())
    assert record["made_with"]["numpy"] == np.__version__
    assert any("refused" in image for image in record["images"])  # the damaged file of the sample
    assert sum("file" in image.get("input", {}) for image in record["images"]) in (3, 4)


@pytest.mark.parametrize(("change", "stage"), [
    (("colour: rgb", "colour: bgr"), "input"), (("pad: [114, 114, 114]", "pad: [0, 0, 0]"), "resized"),
    (("iou_threshold: 0.7", "iou_threshold: 0.1"), "answers"), (("filter: bilinear", "filter: nearest"), "resized"),
])
def test_a_contract_that_is_another_one_is_told_by_its_stage(written, street, tmp_path, change, stage):
    parity.record(tmp_path / "record", sorted(street.rglob("images/val/*.jpg"))[:6], *steps(written))
    text = written.spec_file.read_text()
    assert change[0] in text
    (tmp_path / "other.yaml").write_text(text.replace(*change))
    done = parity.check(written.path, tmp_path / "record", spec=tmp_path / "other.yaml")
    assert not done and done.broken == stage
    first = done[stage].first
    assert first.image.endswith(".jpg") and first.here != first.there


def test_a_record_is_whole_or_not_at_all(written, images, tmp_path):
    prepare, run, _ = steps(written)
    for finish, message in ((lambda o, p: {"boxes": []}, "expected scores and labels"), (lambda o, p: [], "expected a dict"),
                            (lambda o, p: {"scores": [1.0], "labels": [0], "boxes": []}, "boxes has 0 rows; expected 1")):
        with pytest.raises(vetset.Error, match=message):
            parity.record(tmp_path / "record", images, prepare, run, finish)
        assert not list(tmp_path.glob("record*"))
    with pytest.raises(vetset.Error, match="expected 'input' among them"):
        parity.record(tmp_path / "record", images, lambda path: {"x": 1}, run, lambda o, p: {})
    (tmp_path / "record").mkdir()
    with pytest.raises(vetset.Error, match="exists already"):
        parity.record(tmp_path / "record", images, prepare, run, lambda o, p: {})


def test_the_golden_set_has_what_is_rare(street):
    chosen = parity.golden_set(street, 8)
    assert len(chosen) == 8 and any("cut off" in covers for _, covers in chosen)
    assert all(pathlib.Path(path).is_file() for path, _ in chosen)
