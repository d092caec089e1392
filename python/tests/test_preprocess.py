"""The steps before a network, from Python: the same tensor from a file, its bytes and its pixels, and what is refused."""

import io
import threading

import numpy as np
import pytest
import vetset


def pixels(width=50, height=40, seed=1):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_the_tensor_is_what_numpy_makes_of_the_pixels():
    array = pixels()
    contract = {"resize": {"fit": "none"}, "input": {"divide": True, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}}
    expected = (array.astype(np.float32) / np.float32(255) - np.array([0.485, 0.456, 0.406], np.float32)) / np.array([0.229, 0.224, 0.225], np.float32)
    made = vetset.preprocess(array, contract)
    assert made.shape == (1, 3, 40, 50) and made.dtype == np.float32
    assert (made[0] == expected.transpose(2, 0, 1)).all()


def test_a_path_its_bytes_and_its_pixels_are_the_same(tmp_path):
    image = pytest.importorskip("PIL.Image")
    file = io.BytesIO()
    image.fromarray(pixels()).save(file, "PNG")
    (tmp_path / "a.png").write_bytes(file.getvalue())
    prepare = vetset.Preprocess("ultralytics/detect", resize={"width": 96, "height": 64})
    for given in (file.getvalue(), tmp_path / "a.png", str(tmp_path / "a.png")):
        assert (prepare(given) == prepare(pixels())).all()


@pytest.mark.parametrize("kind", ["float32", "float16", "uint8"])
def test_arrays_are_of_the_type_that_the_contract_states(kind):
    made = vetset.preprocess(pixels(), {"resize": {"fit": "none"}, "input": {"type": kind, "scale": 0.25, "layout": "nhwc"}})
    assert made.dtype == np.dtype(kind) and made.shape == (1, 40, 50, 3)
    assert (made == (pixels().astype(np.float32) * np.float32(0.25)).round().astype(kind) if "int" in kind else made <= 64).all()


def test_arrays_outlive_what_made_them():
    made = vetset.Preprocess("ultralytics/detect")(pixels())
    copy = made.copy()
    for seed in range(5):
        vetset.preprocess(pixels(seed=seed), "ultralytics/detect")
    assert (made == copy).all()


def test_threads_share_one():
    prepare = vetset.Preprocess("ultralytics/detect", resize={"width": 96, "height": 96})
    expected = [prepare(pixels(seed=n)) for n in range(8)]
    found = [None] * 8

    def work(n):
        found[n] = prepare(pixels(seed=n))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((a == b).all() for a, b in zip(expected, found, strict=True))


def test_a_contract_is_known_by_its_digest(tmp_path):
    prepare = vetset.Preprocess("torchvision/classify")
    (tmp_path / "model.yaml").write_text(prepare.yaml)
    assert vetset.Preprocess(tmp_path / "model.yaml").digest == prepare.digest
    assert vetset.Preprocess("torchvision/classify", resize={"short_side": 232}).digest != prepare.digest
    with pytest.raises(TypeError, match="only presets"):
        vetset.Preprocess(tmp_path / "model.yaml", resize={"width": 1})


def test_what_cannot_be_is_refused():
    prepare = vetset.Preprocess("ultralytics/detect")
    with pytest.raises(vetset.Error, match="no image"):
        prepare(b"nothing of the kind")
    with pytest.raises(vetset.Error, match="without pixels"):
        prepare(np.zeros((0, 3, 3), np.uint8))
    with pytest.raises(ValueError, match="height x width"):
        prepare(np.zeros((3, 3, 4), np.uint8))
    with pytest.raises(TypeError, match="uint8"):
        prepare(np.zeros((3, 3, 3), np.float32))
    with pytest.raises(vetset.Error, match="no preset 'ultralytic/detect'"):
        vetset.Preprocess("ultralytic/detect")
    with pytest.raises(vetset.Error, match="pillow has no filter area"):
        vetset.Preprocess({"resize": {"fit": "stretch", "width": 9, "height": 9, "arithmetic": "pillow", "filter": "area"}})
