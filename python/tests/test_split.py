"""Splits as arrays of rows, and the check of splits."""

import pathlib
import shutil

import numpy
import pytest

import vetset

SAMPLES = pathlib.Path(__file__).resolve().parent.parent.parent / "samples"


def test_indices_are_rows_of_the_images_and_part_them():
    ds = vetset.open(SAMPLES / "street-coco").split("50/25/25", seed=7, near="none")
    parts = {name: ds.indices(name) for name in ("train", "val", "test")}
    assert all(part.dtype == numpy.int64 for part in parts.values())
    assert sorted(numpy.concatenate(list(parts.values()))) == list(range(len(ds.images)))
    sizes = {entry["name"]: entry["images"] for entry in ds.report.splits}
    assert {name: len(part) for name, part in parts.items()} == sizes
    of = {int(image): ds.splits.name[split] for image, split in zip(ds.memberships.image, ds.memberships.split)}
    assert all(of[int(row)] == name for name, part in parts.items() for row in part)
    with pytest.raises(KeyError, match="train, val, test"):
        ds.indices("dev")


def test_folds_are_each_tested_on_once():
    ds = vetset.open(SAMPLES / "street-coco").split(folds=3, near="none")
    folds = ds.folds()
    assert len(folds) == 3
    rows = set(range(len(ds.images)))
    for learned, tested in folds:
        assert set(learned) | set(tested) == rows and not set(learned) & set(tested)
    assert sorted(numpy.concatenate([tested for _, tested in folds])) == sorted(rows)
    with pytest.raises(ValueError, match="several splits"):
        vetset.open(SAMPLES / "street-coco").folds()


def test_a_split_of_ours_holds_and_a_planted_copy_does_not(tmp_path):
    out = tmp_path / "out"
    vetset.open(SAMPLES / "street-coco").split("50/50", names=["train", "test"], cache=False).convert(
        out, to="yolo", accept="all"
    )
    check = vetset.open(out).split_check(cache=False)
    assert check and check.holds and check["lock"]["search"] == "same"
    image = next((out / "images" / "train").iterdir())
    shutil.copy(image, out / "images" / "test" / ("again" + image.suffix))
    leaks = vetset.open(out).split_check(cache=False)
    assert not leaks
    assert [cluster["example"]["kind"] for cluster in leaks.clusters] == ["bytes"]
    assert "1 clusters leak" in repr(leaks)
    with pytest.raises(vetset.Error, match="near is one of"):
        vetset.open(out).split_check(near="deep")


def test_factors_pins_and_the_search_are_said_in_the_statement(tmp_path):
    pins = tmp_path / "pins.csv"
    pins.write_text("street_02.jpg,val\n")
    ds = vetset.open(SAMPLES / "street-coco").split(
        "50/50", near="views", radius=31, cache=False, pin=pins, stratify=["class", "stem-prefix:_0"]
    )
    assert ds.report["pinned"] == 1
    assert ds.report["search"]["detector"]["radius"] == 31
    assert [factor["key"] for factor in ds.report["factors"]] == ["stem-prefix:_0"]
    paths = list(ds.images.path)
    assert next(k for k, path in enumerate(paths) if path.endswith("street_02.jpg")) in ds.indices("val")
