"""What a model said, as NumPy arrays: looked into where they lie, and told clearly where they cannot be."""

import json

import pytest
import vetset

np = pytest.importorskip("numpy")


def resident():
    """Bytes of memory of this process that are its own."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("RssAnon"))


def peak_of(work):
    """How much the process grew while it worked, at most."""
    import threading

    before, highest, done = resident(), [0], threading.Event()

    def watch():
        while not done.wait(0.002):
            highest[0] = max(highest[0], resident() - before)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
    finally:
        done.set()
        watcher.join()
    return highest[0]


@pytest.fixture(scope="module", name="folders")
def class_folders(tmp_path_factory):
    """6,000 images of 40 classes, named and not drawn."""
    path = tmp_path_factory.mktemp("many") / "many.json"
    images = [{"id": n, "file_name": f"{n}.png", "width": 10, "height": 10} for n in range(6000)]
    categories = [{"id": k, "name": f"class {k}"} for k in range(40)]
    annotations = [{"id": n, "image_id": n, "category_id": n % 40, "bbox": [1, 1, 4, 4], "area": 16, "iscrowd": 0} for n in range(6000)]
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    return vetset.open(path)


def rows(count=6000, classes=40, dtype=np.float32):
    given = np.full((count, classes), 0.1 / (classes - 1), dtype)
    given[np.arange(count), np.arange(count) % classes] = 0.9
    return given


def test_probabilities_are_looked_into_where_they_lie(folders):
    """Columns that nobody has labels of would be an error; so width is bought by rows of 4 MiB that a copy would double."""
    options = {"select": "LBL12", "images": False, "config": "none", "out_of_fold": True}
    size = 96 << 20
    wide = vetset._core.Given()
    big = np.zeros((size // 4 // 40, 40), np.float32)
    big[:] = 1 / 40  # every page is there before it is measured
    assert peak_of(lambda: wide.set_probabilities(big, None, None, None)) < size // 8
    given = rows()
    given.flags.writeable = False
    assert folders.check(probabilities=given, **options).ok


def test_embeddings_are_looked_into_where_they_lie():
    size = 96 << 20
    big = np.ones((size // 4 // 64, 64), np.float32)
    given = vetset._core.Given()
    assert peak_of(lambda: given.set_embeddings(big, None)) < size // 8


def test_predictions_are_looked_into_where_they_lie():
    count = 2_000_000
    columns = {"image_id": np.zeros(count, np.int64), "category_id": np.zeros(count, np.int64),
               "bbox": np.ones((count, 4)), "score": np.full(count, 0.5)}
    held = []
    grown = peak_of(lambda: held.append(vetset._predictions.columns_of(columns).rows()))
    assert grown < columns["bbox"].nbytes // 2  # numbers of images and classes alone, not the boxes


def test_what_comes_out_is_the_memory_of_the_dataset(folders):
    box = folders.annotations.box
    again = folders.annotations.box
    assert box.__array_interface__["data"] == again.__array_interface__["data"] and not box.flags.owndata
    given = rows()
    seen = []

    @vetset.rule("ACME001", summary="s")
    def looks(tables):
        seen.append((tables.probabilities.__array_interface__["data"], tables.annotations.box.__array_interface__["data"]))
        return ()

    folders.check("ACME", rules=[looks], probabilities=given, images=False, config="none")
    assert seen == [(given.__array_interface__["data"], box.__array_interface__["data"])]


def test_other_floats_are_converted_and_say_the_same(folders):
    options = {"select": "LBL12", "images": False, "config": "none", "out_of_fold": True}
    given = rows()
    given[7] = np.roll(given[7], 3)
    first = folders.check(probabilities=given, **options)
    assert len(first.findings) >= 1
    for other in (given.astype(np.float64), np.asfortranarray(given), given.tolist()):
        assert [f.message for f in folders.check(probabilities=other, **options).findings] == [f.message for f in first.findings]


@pytest.mark.parametrize("given, said", [
    (lambda: rows().astype(np.int64), "probabilities: expected .* an array of floats of two dimensions.*; found one of int64"),
    (lambda: rows()[0], r"found one of shape \(40\)"),
    (lambda: rows()[:, :, None], r"found one of shape \(6000, 40, 1\)"),
    (lambda: [[0.1], [0.1, 0.2]], "inhomogeneous|found one of object"),
    (lambda: 7, "found int"),
    (lambda: rows(5999), "5.?999 rows"),
    (lambda: np.where(np.arange(6000)[:, None] == 17, np.nan, rows()).astype(np.float32), "row 17.*NaN"),
    (lambda: rows() * 2, "row 0"),
    (lambda: rows()[:, ::-1], "order"),
])
def test_what_cannot_be_taken_is_said(folders, given, said):
    with pytest.raises(vetset.Error, match=said):
        folders.check(probabilities=given(), images=False, config="none")


def test_words_without_what_they_speak_of_are_said(folders):
    with pytest.raises(vetset.Error, match="give predictions or probabilities"):
        folders.check(out_of_fold=True)
    with pytest.raises(vetset.Error, match="speak of probabilities"):
        folders.check(probabilities_paths=["a"])
    with pytest.raises(vetset.Error, match="in row|score"):
        folders.check(predictions={"image_id": [0], "category_id": [0], "bbox": [[1, 1, 4, 4]], "score": [float("nan")]}, config="none")
    with pytest.raises(vetset.Error):
        folders.check(predictions={"image_id": [99999], "category_id": [0], "bbox": [[1, 1, 4, 4]], "score": [0.5]}, config="none")
