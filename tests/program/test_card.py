"""Cards from outside: bad answers by line and column, names that are markup, and the same words in every form."""
import html.parser
import json
import pathlib
import re

import jsonschema
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOSTILE = ["<script>alert(1)</script>", "a|b", "[x](javascript:alert(1))", "`tick`", "![](http://example.org/a.png)",
           "*bold* _it_", "www.example.org", "@someone", "line\nbreak", "\x1b[31mred", "# head", "&lt;"]


def write_coco(folder, names):
    folder.mkdir()
    document = {"images": [{"id": 1, "file_name": "a.jpg", "width": 10, "height": 10}],
                "annotations": [{"id": i, "image_id": 1, "category_id": i, "bbox": [1, 1, 4, 4], "area": 16, "iscrowd": 0}
                                for i, _ in enumerate(names, 1)],
                "categories": [{"id": i, "name": name} for i, name in enumerate(names, 1)]}
    (folder / "instances.json").write_text(json.dumps(document))


@pytest.mark.parametrize("text, place", [
    ("[people]\npersonal_data = \"maybe\"\n", b"card.toml:2:17: people.personal_data: expected one of none, present, unknown, found 'maybe'"),
    ("[collection]\nproces = \"x\"\n", b"card.toml:2:1: no question is called 'collection.proces' (did you mean 'collection.process'?)"),
    ("[colection]\nprocess = \"x\"\n", b"card.toml:1:"),
    ("[dataset]\npublished = \"yesterday\"\n", b"card.toml:2:13: dataset.published: expected a day like 2027-03-31, found 'yesterday'"),
    ("[dataset]\ntitle = 7\n", b"card.toml:2:9: dataset.title: expected a string, found a whole number"),
    ("[dataset\n", b"card.toml:1:"),
    ("[collection]\nperiod = [2026-05-01, 2026-04-01]\n", b"card.toml:2:10: collection.period: expected two days, the earlier first"),
])
def test_answers_that_are_none_are_told_with_line_and_column(vetset, coco, text, place):
    (vetset.folder / "card.toml").write_text(text)
    done = vetset("card", "coco", "--answers", "card.toml")
    assert done.returncode == 2 and done.stdout == b"" and place in done.stderr, done
    done = vetset("pack", "coco", "-o", "out.pkg", "--answers", "card.toml")
    assert done.returncode == 2 and not (vetset.folder / "out.pkg").exists()


def test_the_questions_are_a_file_of_answers_that_says_nothing(vetset, coco):
    questions = vetset("card", "--questions").stdout.decode()
    (vetset.folder / "card.toml").write_text(questions)
    blank = vetset("card", "coco", "--answers", "card.toml")
    assert blank.returncode == 0 and blank.stdout == vetset("card", "coco").stdout
    filled = questions.replace("# process = \"\"", "process = \"by hand\"", 1)
    (vetset.folder / "card.toml").write_text(filled)
    assert b"| by hand |" in vetset("card", "coco", "--answers", "card.toml").stdout


class Tags(html.parser.HTMLParser):
    allowed = {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p", "ul", "li", "a", "code", "pre",
               "strong", "span", "div", "table", "thead", "tbody", "tr", "th", "td"}

    def __init__(self):
        super().__init__()
        self.text = []

    def handle_starttag(self, tag, attributes):
        assert tag in self.allowed, tag
        for name, value in attributes:
            assert not name.startswith("on"), name
            if name == "href":
                assert value.startswith(("http://", "https://", "mailto:")), value

    def handle_data(self, data):
        self.text.append(data)


def test_names_that_are_markup_stay_names(vetset):
    write_coco(vetset.folder / "hostile", HOSTILE)
    page = vetset("card", "hostile", "--as", "html").stdout.decode()
    tags = Tags()
    tags.feed(page)
    shown = "".join(tags.text)
    for name in HOSTILE:
        if name.isprintable():
            assert name in shown, name
    assert "\x1b" not in page and "<script" not in page
    markdown = vetset("card", "hostile").stdout.decode()
    assert "\x1b" not in markdown
    for line in markdown.splitlines():
        if "script" in line or "javascript" in line:
            assert "`" in line, line
    rows = [line for line in markdown.splitlines() if line.startswith("| `") and line.count("100") == 0]
    assert any("`a\\|b`" in row for row in rows) and any("`` `tick` ``" in row for row in rows)


def test_answers_that_are_markup_stay_text(vetset, coco):
    (vetset.folder / "card.toml").write_text(
        "[dataset]\ndescription = '<img src=x onerror=alert(1)> [a](javascript:b) **c** | d'\nhomepage = 'javascript:alert(1)'\n")
    page = vetset("card", "coco", "--as", "html", "--answers", "card.toml").stdout.decode()
    Tags().feed(page)
    markdown = vetset("card", "coco", "--answers", "card.toml").stdout.decode()
    assert "&lt;img src=x onerror=alert(1)&gt; \\[a\\](javascript:b) \\*\\*c\\*\\* \\| d" in markdown
    assert "](javascript" not in markdown.replace("\\](javascript", "")


def test_every_form(vetset, coco):
    schema = json.loads((ROOT / "docs/schema/card-v1.json").read_text())
    told = json.loads(vetset("card", "coco", "--json").stdout)
    jsonschema.validate(told, schema, cls=jsonschema.Draft202012Validator)
    assert json.loads(vetset("stats", "coco", "--json").stdout)["classes"] == told["stats"]["classes"]
    assert vetset("card", "coco", "--as", "croissant").stdout == vetset("card", "coco", "--as", "croissant", "--threads", "1").stdout
    vetset("card", "coco", "-o", "card.html")
    assert (vetset.folder / "card.html").read_bytes().startswith(b"<!doctype html>")
    done = vetset("card", "coco", "--as", "spdx", "--annex-iv")
    assert done.returncode == 2 and b"the annex is a page" in done.stderr
    assert vetset("card").returncode == 2 and vetset("card", "coco", "--today", "soon", "--as", "spdx").returncode == 2


def test_each_number_of_the_annex_has_a_command_that_gives_it(vetset, coco):
    annex = vetset("card", "coco", "--annex-iv").stdout.decode()
    checked = 0
    for line in annex.splitlines():
        cells = [cell.strip() for cell in line.replace("\\|", "\0").strip("|").split(" | ")]
        if len(cells) != 3 or not cells[2].startswith("`vetset stats"):
            continue
        query = cells[2].strip("`").replace("\0", "|").split("jq ")[1].strip("'")
        told = json.loads(vetset("stats", "coco", "--json").stdout)
        for step in re.findall(r"\.(\w+)|\[(\d+)\]|\[\"([^\"]+)\"\]", query):
            key = step[0] or step[2]
            told = told[key] if key else told[int(step[1])]
        assert told == int(cells[1].replace(",", "")), line
        checked += 1
    assert checked > 10
