"""Summaries in notebooks: small, without scripts, and nothing of the data is taken for markup."""

import html.parser
import json

import pytest
import vetset

EVIL = "<script>alert(1)</script>&\"'"


class Tags(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.seen, self.attributes, self.text = [], set(), [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.seen.add(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def evil(coco):
    path = coco / "instances.json"
    document = json.loads(path.read_text())
    document["categories"][0]["name"] = EVIL
    document["images"][1]["file_name"] = "<b>.png"
    path.write_text(json.dumps(document))
    return vetset.open(coco)


def test_summaries_are_small_and_escaped(evil, tmp_path):
    fixed = evil.fix(select="FMT407")
    shown = {
        "dataset": fixed, "check": evil.check(), "proof": evil.convert(tmp_path / "out", to="yolo", accept="all"),
        "fix": fixed.report, "split": evil.split("50/50").report, "transform": evil.transform(sample=1).report,
        "combine": vetset.combine([evil, evil]).report, "diff": vetset.diff(evil, fixed), "stats": evil.stats(),
    }
    for name, value in shown.items():
        text = value._repr_html_()
        tags = Tags(text)
        assert not tags.open and not tags.attributes and len(text) < 10_000, name
        assert tags.seen <= {"div", "strong", "table", "thead", "tbody", "tr", "th", "td"}, name
    assert EVIL in Tags(shown["stats"]._repr_html_()).text and "<b>.png" in Tags(shown["fix"]._repr_html_()).text


def test_a_large_one_is_cut(tmp_path):
    categories = [{"id": i, "name": f"class {i}"} for i in range(500)]
    (tmp_path / "many.json").write_text(json.dumps({"images": [], "annotations": [], "categories": categories}))
    ds = vetset.open(tmp_path / "many.json", format="coco")
    shown = ds.stats()._repr_html_()
    assert "and 480 more" in shown and shown.count("<tr>") == 21 and len(ds._repr_html_()) < 2000
