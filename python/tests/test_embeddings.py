"""Embeddings from Python: arrays and files, judged by NumPy."""

import shutil

import pytest
import vetset

np = pytest.importorskip("numpy")


@pytest.fixture(name="pets")
def class_folders(tmp_path):
    """150 training and 30 test images, each a noise of its own."""
    root = tmp_path / "pets"
    noise = np.random.default_rng(3)
    for split, count in (("train", 150), ("test", 30)):
        (root / split / "cat").mkdir(parents=True)
        for k in range(count):
            (root / split / "cat" / f"{k:03}.ppm").write_bytes(b"P6 16 16 255\n" + noise.bytes(768))
    return vetset.open(root)


def rows_for(dataset, dimension=64):
    """Random rows; the first five test images lie beside training images."""
    random = np.random.default_rng(7)
    paths = list(dataset.images.path)
    rows = random.normal(size=(len(paths), dimension)).astype(np.float32)
    train = [k for k, path in enumerate(paths) if path.startswith("train/")]
    test = [k for k, path in enumerate(paths) if path.startswith("test/")]
    rows[test[:5]] = rows[train[10:15]] + random.normal(scale=0.05, size=(5, dimension))
    return rows, paths, train, test


def expected_pairs(rows, paths, train, test):
    """What NumPy finds in doubles: nearest of training, below the first percentile of training's own."""
    unit = rows.astype(np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    inside = 1 - unit[train] @ unit[train].T
    np.fill_diagonal(inside, np.inf)
    bound = np.sort(inside.min(axis=1))[len(train) // 100]
    across = 1 - unit[test] @ unit[train].T
    nearest = across.argmin(axis=1)
    below = [k for k in range(len(test)) if across[k, nearest[k]] < bound]
    return {(paths[train[nearest[k]]], paths[test[k]]): 1 - across[k, nearest[k]] for k in below}


def pairs_of(found):
    pyarrow = pytest.importorskip("pyarrow")
    pairs = {}
    for row in pyarrow.table(found).to_pylist():
        if row["kind"] == "embedding":
            pairs[tuple(sorted((row["first"], row["second"]), reverse=True))] = row["score"]
    return pairs


def test_pairs_are_those_that_numpy_finds(pets):
    rows, paths, train, test = rows_for(pets)
    expected = expected_pairs(rows, paths, train, test)
    assert len(expected) >= 5
    options = {"near": "basic", "kinds": "embedding", "cache": False}
    for given in (rows, rows.astype(np.float64), np.asfortranarray(rows)):
        found = pairs_of(pets.near_duplicates(embeddings=given, **options))
        assert found.keys() == expected.keys()
        assert all(abs(found[pair] - expected[pair]) < 1e-5 for pair in expected)


def test_a_file_says_what_the_array_says(pets, tmp_path):
    rows, paths, train, test = rows_for(pets)
    expected = expected_pairs(rows, paths, train, test).keys()
    order = np.random.default_rng(1).permutation(len(paths))
    for kind, fortran in (("<f4", False), ("<f8", True)):
        file = tmp_path / f"rows{kind[1:]}.npy"
        stored = rows[order].astype(kind)
        np.save(file, np.asfortranarray(stored) if fortran else stored)
        file.with_suffix(".txt").write_text("".join(paths[k] + "\n" for k in order))
        report = pets.check("LEA314", embeddings=file, config="none")
        assert_told(report, expected)
    report = pets.check("LEA314", embeddings=rows[order], embeddings_paths=[paths[k] for k in order], config="none")
    assert_told(report, expected)


def test_a_parquet_table_names_its_images(pets, tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows, paths, train, test = rows_for(pets)
    expected = expected_pairs(rows, paths, train, test).keys()
    lists = pyarrow.list_(pyarrow.float32()), pyarrow.list_(pyarrow.float32(), 64), pyarrow.large_list(pyarrow.float64())
    for kind in lists:
        table = pyarrow.table({"path": paths[::-1], "embedding": pyarrow.array(rows[::-1].tolist(), kind)})
        parquet.write_table(table, tmp_path / "rows.parquet")
        assert_told(pets.check("LEA314", embeddings=tmp_path / "rows.parquet", config="none"), expected)
    parquet.write_table(table.rename_columns(["path", "numbers"]), tmp_path / "rows.parquet")
    with pytest.raises(vetset.Error, match="no column of lists of floats called one of embedding"):
        pets.check("LEA314", embeddings=tmp_path / "rows.parquet")


def assert_told(report, expected):
    told = [finding.message for finding in report.findings]
    assert any(f"{len(expected)} of 30 images outside training" in message for message in told), told
    for _, image in expected:
        assert any(image in message for message in told)


def test_what_is_no_embedding_is_said(pets, tmp_path):
    rows, *_ = rows_for(pets)
    with pytest.raises(vetset.Error, match="has 3 rows, and the dataset 180 images"):
        pets.check(embeddings=rows[:3])
    with pytest.raises(vetset.Error, match="an array of floats of two dimensions"):
        pets.check(embeddings=rows[0])
    with pytest.raises(vetset.Error, match="row 4 .* holds a NaN"):
        broken = rows.copy()
        broken[4, 2] = np.nan
        pets.check(embeddings=broken)
    np.save(tmp_path / "whole.npy", np.arange(6).reshape(3, 2))
    with pytest.raises(vetset.Error, match="of type '<i8', expected little-endian floats"):
        pets.check(embeddings=tmp_path / "whole.npy")
    np.save(tmp_path / "objects.npy", np.array([[{}]], dtype=object))
    with pytest.raises(vetset.Error, match="Python objects"):
        pets.check(embeddings=tmp_path / "objects.npy")
    with pytest.raises(vetset.Error, match="give both"):
        pets.check(embeddings_paths=["a"])
    shutil.copy(tmp_path / "whole.npy", tmp_path / "rows.bin")
    with pytest.raises(vetset.Error, match="expected embeddings as .npy"):
        pets.check(embeddings=tmp_path / "rows.bin")
