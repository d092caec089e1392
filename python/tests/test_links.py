"""Near-duplicates from Python: pairs as a table, clusters, and datasets without copies."""

import shutil

import pytest
import vetset


@pytest.fixture(name="copied")
def opened(street, tmp_path):
    """The street, with a copy of a training image in a folder of its own in val."""
    root = tmp_path / "copied"
    shutil.copytree(street, root)
    photo = root / "images/train/street_0003.jpg"
    shutil.copy(photo, root / "images/val/a_copy.jpg")
    shutil.copy(root / "labels/train/street_0003.txt", root / "labels/val/a_copy.txt")
    return vetset.open(root)


PAIR = ["images/train/street_0003.jpg", "images/val/a_copy.jpg"]


def test_pairs_are_rows_and_clusters_are_lists(copied):
    pyarrow = pytest.importorskip("pyarrow")
    pairs = copied.near_duplicates(cache=False)
    rows = pyarrow.table(pairs).to_pylist()
    row = next(row for row in rows if [row["first"], row["second"]] == PAIR)
    assert row["kind"] == "bytes" and row["distance"] == 0 and row["cut"] is False
    assert copied.images.path[row["first_index"]] == PAIR[0]
    assert any(set(PAIR) <= set(cluster) for cluster in pairs.clusters)
    assert pairs["vetset-links"] == 1 and pairs.search["tier"] == "views"


def test_kinds_that_were_not_asked_for_are_left_out(copied):
    pytest.importorskip("pyarrow")
    pairs = copied.near_duplicates(kinds="bytes", cache=False)
    assert set(pairs.to_arrow().column("kind").to_pylist()) == {"bytes"}
    with pytest.raises(vetset.Error, match="did you mean 'flipped'"):
        copied.near_duplicates(kinds="flippd", cache=False)


def test_what_is_evaluated_on_stays_and_a_copy_comes_back(copied):
    clean = copied.dedup(kinds="bytes", cache=False)
    assert PAIR[1] in list(clean.images.path) and PAIR[0] not in list(clean.images.path)
    assert {"image": PAIR[0], "of": PAIR[1], "kind": "bytes", "distance": 0} in clean.report.copies
    assert clean.report.clusters[0][0] in clean.images.path[:]
    with pytest.raises(vetset.Error, match="expected split, quality or first"):
        copied.dedup(keep="best", cache=False)


def test_weights_are_attributes(copied):
    weighed = copied.dedup(kinds="bytes", action="weigh", cache=False)
    assert len(weighed.images) == len(copied.images)
    assert weighed.report["rules"]["action"] == "weigh"
