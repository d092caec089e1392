"""What leaks are worth: an evaluation with and without the images that are tied to other splits."""

import pathlib
import shutil

import pytest

import vetset

SAMPLES = pathlib.Path(__file__).resolve().parent.parent.parent / "samples"


@pytest.fixture
def halves(tmp_path):
    """Two splits, and in val a copy of an image of train."""
    out = tmp_path / "halves"
    vetset.open(SAMPLES / "street-coco").split("50/50", near="none").convert(out, to="yolo", accept="all")
    seen = sorted((out / "images" / "train").iterdir())[0]
    shutil.copy(seen, out / "images" / "val" / ("seen" + seen.suffix))
    shutil.copy(out / "labels" / "train" / (seen.stem + ".txt"), out / "labels" / "val" / "seen.txt")
    return vetset.open(out)


def predictions(ds):
    """The objects of val: those of the copy as they are, the others a fifth of their width aside."""
    paths, found = list(ds.images.path), []
    for image, category, box in zip(ds.annotations.image, ds.annotations.category, ds.annotations.box):
        left, top, width, height = (float(side) for side in box)
        off = 0.0 if paths[image].endswith("seen.jpg") or paths[image].endswith("seen.png") else 0.2 * width
        found.append({"image_id": paths[image], "category_id": int(category), "bbox": [left + off, top, width, height], "score": 0.9})
    return found


def test_the_price_of_a_leak_is_told_with_its_interval(halves):
    said = predictions(halves)
    whole = vetset.evaluate(halves, said, split="val", match_classes="index")
    assert whole.leaks is None
    priced = vetset.evaluate(halves, said, split="val", match_classes="index", without_leaks=True, near="none")
    assert list(priced.stats) == list(whole.stats)
    leaks = priced.leaks
    assert leaks["left_out"] == 1 and leaks["links"] == {"bytes": 1}
    assert leaks["all"]["value"] == pytest.approx(whole.stats[0])
    assert leaks["price"]["value"] == pytest.approx(leaks["all"]["value"] - leaks["clean"]["value"])
    assert leaks["price"]["value"] > 0 and leaks["price"]["low"] <= leaks["price"]["value"] <= leaks["price"]["high"]
    assert leaks["examples"][0]["split"] == "train"


def test_leaks_need_a_split_and_a_tier_that_there_is(halves):
    said = predictions(halves)
    with pytest.raises(vetset.Error, match="say which one is evaluated"):
        vetset.evaluate(halves, said, match_classes="index", without_leaks=True)
    with pytest.raises(vetset.Error, match="expected none, basic, views or full"):
        vetset.evaluate(halves, said, split="val", match_classes="index", without_leaks=True, near="deep")
