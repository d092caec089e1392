"""Scans from Python: facts as a table, a summary, a store that saves work and changes nothing."""

import pytest
import vetset


@pytest.fixture(name="street")
def opened(street):
    return vetset.open(street)


def test_facts_are_a_row_an_image(street, tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    scan = street.scan(cache=False)
    facts = pyarrow.table(scan.facts)
    assert facts.num_rows == len(street.images)
    assert facts.column("path").to_pylist() == list(street.images.path)
    row = facts.slice(0, 1).to_pylist()[0]
    assert row["status"] == "ok" and len(row["sha256"]) == 64 and len(row["fingerprint"]) == 64
    assert row["sharpness"] > 0 and "pdq" not in row
    statuses = facts.column("status").to_pylist()
    assert {one["name"]: one["images"] for one in scan["statuses"]}["ok"] == statuses.count("ok")


def test_what_is_not_whole_is_named(street):
    scan = street.scan(cache=False)
    named = {problem["status"]: problem["images"] for problem in scan.problems}
    assert named["partial"] == ["images/train/street_0045.jpg"]
    assert named["not decoded"] == ["images/train/street_0099"]
    assert "2 not whole" in repr(scan)
    assert "images/train/street_0045.jpg" in scan._repr_html_()


def test_a_store_saves_work_and_changes_nothing(street, tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    store = tmp_path / "facts.sqlite"
    fresh, first, second = street.scan(cache=False), street.scan(cache=store), street.scan(cache=store)
    assert first["remembered"] == 0 and second["decoded"] == 0
    assert pyarrow.table(first.facts).equals(pyarrow.table(fresh.facts))
    assert pyarrow.table(second.facts).equals(pyarrow.table(fresh.facts))
    assert store.exists()


def test_a_file_that_is_no_store_is_left_alone(street, tmp_path):
    other = tmp_path / "notes.txt"
    other.write_text("mine" * 1000)
    scan = street.scan(cache=other)
    assert scan["decoded"] > 0
    assert "nothing is remembered" in scan["notes"][0]
    assert other.read_text() == "mine" * 1000


def test_pdq_is_there_where_it_is_asked_for(street):
    pyarrow = pytest.importorskip("pyarrow")
    facts = pyarrow.table(street.scan(cache=False, pdq=True).facts)
    assert len(facts.column("pdq")[0].as_py()) == 64


def test_a_scan_tells_how_far_it_is(street):
    told = []
    street.scan(cache=False, progress=lambda what, done, total: told.append((what, done, total)))
    assert ("looking at pixels", 73, 73) in told


def test_check_runs_the_rules_about_pixels(street):
    assert "pixels" in street.check().not_run["LEA304"]
    not_run = street.check(pixels=True, cache=False).not_run
    assert "LEA304" not in not_run and "IMG501" not in not_run
    with pytest.raises(vetset.Error, match="expected basic, views or full"):
        street.check(near="deep", cache=False)
