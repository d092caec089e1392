"""Columns are views into the dataset: nothing is copied, nothing can be written, and a view keeps what it looks at."""

import gc

import numpy as np
import pytest
import vetset

ROW = 56  # bytes of one annotation in the core


def address(array):
    return array.__array_interface__["data"][0]


def test_values_are_those_of_the_file(coco):
    ds = vetset.open(coco)
    a = ds.annotations
    assert a.box.tolist() == [[1, 2, 10, 10], [0, 0, 40, 1], [15.5, 4, 10, 2.25]]
    assert a.image.tolist() == [0, 0, 1] and a.category.tolist() == [0, 1, 0]
    assert a.id.tolist() == [11, 12, 13] and a.area.tolist() == [50, 40, 22.5]
    assert a.score is None
    assert a.flag("crowd").tolist() == [0, 1, 0] and a.flag("occluded").tolist() == [-1, -1, -1]
    assert [vetset.kinds[k] for k in a.kind] == ["polygon", "mask", "box"]
    assert ds.images.width.tolist() == [40, 20] and ds.images.id.tolist() == [7, 3]
    assert list(ds.images.path) == ["a.png", "ü b.png"] and ds.images.path[-1] == "ü b.png"
    assert list(ds.categories.name) == ["cat", "dog"]
    assert (len(ds.images), len(a), len(ds.categories)) == (2, 3, 2)
    assert ds.memberships.image.tolist() == [0, 1]


def test_annotations_are_looked_at_where_they_lie(coco):
    ds = vetset.open(coco)
    a = ds.annotations
    assert a.box.strides == (ROW, 8) and a.image.strides == (ROW,) and a.kind.strides == (ROW,)
    assert address(a.image) - address(a.box) == 32, "the image's row stands behind the four numbers of the box"
    assert address(a.box) == address(ds.annotations.box) == address(vetset.Dataset(ds._source, "again").annotations.box)
    assert np.may_share_memory(a.box, a.category)
    assert address(a.area) == address(a.area) and a.area.strides == (8,)


def test_nothing_can_be_written(coco):
    ds = vetset.open(coco)
    for array in (ds.annotations.box, ds.annotations.image, ds.annotations.area, ds.images.width, ds.annotations.id):
        assert not array.flags.writeable and not array.flags.owndata
        with pytest.raises(ValueError):
            array[0] = 1
        with pytest.raises(ValueError):
            array.flags.writeable = True


def test_a_view_keeps_what_it_looks_at(large):
    ds = vetset.open(large)
    box = ds.annotations.box
    first, last = box[0].tolist(), box[-1].tolist()
    del ds
    gc.collect()
    other = [np.full(len(box) * ROW // 8, -1.0) for _ in range(3)]  # would reuse the memory if it had been given back
    assert box[0].tolist() == first and box[-1].tolist() == last
    del other


def test_texts_keep_what_they_look_at(large):
    path = vetset.open(large).images.path
    gc.collect()
    assert path[0] == "0.png" and path[3999] == "3999.png"


def test_an_empty_dataset_has_empty_columns(tmp_path):
    (tmp_path / "empty.json").write_text('{"images": [], "annotations": [], "categories": []}')
    ds = vetset.open(tmp_path / "empty.json", format="coco")
    assert ds.annotations.box.shape == (0, 4) and ds.images.width.shape == (0,) and ds.annotations.area is None
    assert list(ds.images.path) == []


def test_texts_are_a_sequence(coco):
    path = vetset.open(coco).images.path
    assert path[0:2] == ["a.png", "ü b.png"] and path[::-1] == ["ü b.png", "a.png"] and len(path) == 2
    for wrong in (2, -3):
        with pytest.raises(IndexError):
            path[wrong]


def test_an_unknown_mark_names_the_known_ones(coco):
    with pytest.raises(vetset.Error, match="known are: crowd") as raised:
        vetset.open(coco).annotations.flag("crowded")
    assert raised.value.code == "usage"
