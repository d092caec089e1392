"""Agreement of raters from Python."""

import json

import pytest
import vetset


@pytest.fixture
def votes(tmp_path):
    """Two raters who agree on twelve images but for one."""
    rows = [
        {
            "id": 2 * i + k,
            "image_id": i,
            "category_id": 2 if i == 5 and rater == "ben" else 1 + (i % 3 == 0),
            "bbox": [10 + 3 * i, 10, 30, 30],
            "attributes": {"annotator": rater, "team": rater.upper()},
        }
        for i in range(12)
        for k, rater in enumerate(("ana", "ben"))
    ]
    path = tmp_path / "votes.json"
    path.write_text(
        json.dumps(
            {
                "images": [{"id": i, "file_name": f"{i}.jpg", "width": 100, "height": 80} for i in range(12)],
                "annotations": rows,
                "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
            }
        )
    )
    return path


def test_one_dataset_names_its_raters(votes):
    seen = vetset.agreement(votes)
    assert seen["by"] == "attribute:annotator"
    assert [r["name"] for r in seen["raters"]] == ["ana", "ben"]
    about = {of["what"]: of for of in seen["about"]}
    assert about["object class"]["raw"] == pytest.approx(11 / 12)
    assert about["box"]["alpha"] == pytest.approx(1)
    assert "2 raters" in repr(seen)
    assert vetset.agreement(vetset.open(votes), by="attribute:team")["raters"][0]["name"] == "ANA"


def test_several_datasets_are_a_rater_each(votes, tmp_path):
    document = json.loads(votes.read_text())
    for rater in ("ana", "ben"):
        own = [a for a in document["annotations"] if a["attributes"]["annotator"] == rater]
        (tmp_path / f"{rater}.json").write_text(json.dumps(document | {"annotations": own}))
    both = vetset.agreement(tmp_path / "ana.json", tmp_path / "ben.json")
    assert both["by"] == "dataset"
    assert both["about"] == vetset.agreement(votes)["about"]
    shipped = vetset.agreement(tmp_path / "ana.json", tmp_path / "ben.json", shipped=tmp_path / "ana.json")
    assert shipped["shipped"]["compared"] == 12


def test_what_cannot_be_compared_is_an_error(votes):
    with pytest.raises(vetset.Error, match="no annotation says 'crew'"):
        vetset.agreement(votes, by="attribute:crew")
