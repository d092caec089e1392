"""Slices from Python: the same document as the program's."""
import json
import random

import pytest
import vetset


@pytest.fixture
def nights(tmp_path):
    draw = random.Random(1)
    images, annotations, found = [], [], []
    for i in range(400):
        night = i % 3 == 0
        images.append({"id": i, "file_name": f"{i}.jpg", "width": 100, "height": 80,
                       "attributes": {"light": "night" if night else "day", "camera": draw.choice("ab")}})
        bus = draw.random() < (.8 if night else .2)
        annotations.append({"id": i, "image_id": i, "category_id": 2 if bus else 1, "bbox": [10, 10, 20, 20], "area": 400, "iscrowd": 0})
        missed = draw.random() < (.7 if night else .1)
        found.append({"image_id": i, "category_id": 2 if bus else 1, "bbox": [70, 50, 20, 20] if missed else [10, 10, 20, 20], "score": .9})
    path = tmp_path / "nights.json"
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "car"}, {"id": 2, "name": "bus"}]}))
    return path, found


def test_slices_of_labels(nights):
    told = vetset.slices(nights[0], pixels=False)
    assert told["errors"] is None
    first = told["labels"]["of"][0]["labels"]["slices"][0]
    assert {one["factor"] for one in first["where"]} == {"image.attribute.light"}
    assert "labels" in repr(told)


def test_slices_of_errors(nights):
    told = vetset.open(nights[0]).slices(predictions=nights[1], out_of_fold=True, pixels=False, top=1, depth=1)
    (worst,) = told["errors"]["slices"]
    assert worst["where"] == [{"factor": "image.attribute.light", "level": "night"}] and worst["chance"] <= .05
    assert told["labels"] is None


def test_a_word_that_is_no_factor_is_an_error(nights):
    with pytest.raises(vetset.Error, match="no factor is called"):
        vetset.slices(nights[0], by="clas", pixels=False)
