"""Masks under the names that pycocotools gives them; tests/judges/mask_judge.py compares them with its own."""

import numpy as np
import pytest
from vetset.pycocotools import mask

PICTURE = np.array([[0, 1, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1]], dtype=np.uint8)  # counts 3 2 1 1 4 1


def test_a_picture_comes_back_from_its_mask():
    coded = mask.encode(PICTURE)
    assert coded == mask.frPyObjects({"size": [3, 4], "counts": [3, 2, 1, 1, 4, 1]}, 3, 4)
    assert coded["size"] == [3, 4] and type(coded["counts"]) is bytes
    assert np.array_equal(mask.decode(coded), PICTURE)
    assert mask.decode([coded, coded]).shape == (3, 4, 2) and mask.decode([coded]).flags.f_contiguous
    assert mask.encode(np.stack([PICTURE, 1 - PICTURE], axis=2))[0] == coded
    assert mask.encode(PICTURE.astype(bool)) == coded


def test_areas_and_boxes_have_the_types_of_pycocotools():
    coded = mask.encode(PICTURE)
    assert mask.area(coded) == 4 and mask.area(coded).dtype == np.uint32
    assert mask.area([coded, coded]).tolist() == [4, 4]
    assert mask.toBbox(coded).tolist() == [1, 0, 3, 3] and mask.toBbox([coded]).shape == (1, 4)
    assert mask.toBbox(mask.encode(PICTURE * 0)).tolist() == [0, 0, 0, 0]


def test_masks_are_united_and_compared():
    left, right = mask.frPyObjects([[0, 0, 2, 0, 2, 3, 0, 3], [1, 0, 4, 0, 4, 3, 1, 3]], 3, 4)
    assert mask.area(mask.merge([left, right])) == 12
    assert mask.area(mask.merge([left, right], intersect=True)) == 3
    assert mask.iou([left], [right, right], [0, 1]).tolist() == [[3 / 12, 3 / 6]]
    assert mask.iou([], [right], [0]) == []
    assert mask.iou([[0, 0, 2, 2]], np.array([[1.0, 0, 2, 2]]), [0]).tolist() == [[2 / 6]]


def test_a_boundary_is_what_lies_near_the_outside():
    coded = mask.encode(np.ones((5, 5), np.uint8))
    assert mask.area(mask.boundary(coded)) == 16


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: mask.decode({"size": [2, 5], "counts": b"56"}), ValueError, "make 11 pixels, expected at most 2x5"),
        (lambda: mask.area({"size": [2, 5], "counts": [5, 5]}), TypeError, "frPyObjects makes them of a list"),
        (lambda: mask.area({"size": [-1, 5], "counts": b""}), ValueError, "two whole numbers from 0"),
        (lambda: mask.frPyObjects([[0, 0, 1, 1, 2, 2]], 2**16, 2**16), ValueError, "fewer than 4294967296"),
        (lambda: mask.encode(PICTURE.astype(float)), ValueError, "uint8 or bool, found float64"),
        (lambda: mask.merge({}), TypeError, "expected a list of masks, found a dict"),
        (lambda: mask.frPyObjects({"size": [1, 2], "counts": [-1, 3]}, 1, 2), ValueError, "from 0 to 4294967295"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(call, error, words):
    with pytest.raises(error, match=words):
        call()
