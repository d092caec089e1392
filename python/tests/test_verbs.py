"""check, convert, seal, verify, detect: the words of the program, as calls."""

import json
import pathlib

import pytest
import vetset


def test_detect_says_why(coco, street):
    best = vetset.detect(street)[0]
    assert best.format == "yolo" and best.score > 50 and best.evidence
    assert vetset.detect(coco)[0].format == "coco"


def test_the_catalogues_are_those_of_the_core():
    assert [f.id for f in vetset.formats()][:2] == ["coco", "yolo"]
    verbs = {verb for f in vetset.formats() for _, verb, _, _ in f.carries}
    assert "exact" in verbs and "dropped" in verbs
    rules = {r.code: r for r in vetset.rules()}
    assert rules["FMT407"].name == "box-outside-image" and len(rules) == len(vetset.rules())


def test_a_finding_has_a_code_a_place_and_a_row(coco):
    report = vetset.open(coco).check()
    found = [f for f in report if f.rule == "box-outside-image"]
    assert len(found) == 1 and found[0].code == "FMT407"
    assert found[0].file == "instances.json" and found[0].line and found[0].column
    line = (coco / "instances.json").read_text().splitlines()[found[0].line - 1]
    assert "{" in line, "the line is the one on which the record begins"
    assert found[0].annotation == 2 and found[0].image == 1 and "5.5" in found[0].message
    assert report.counts["FMT407"] == 1 and repr(found[0]).startswith("instances.json:")


def test_a_report_prints_and_is_json(coco):
    report = vetset.open(coco).check()
    assert "FMT407" in str(report) and str(report) == repr(report)
    assert len(report.to_text(all=True).splitlines()) >= len(report.findings)
    document = json.loads(report.to_json())
    assert len(document["findings"]) == len(report.findings)


def test_rules_are_selected_and_ignored(coco):
    ds = vetset.open(coco)
    assert {f.code for f in ds.check(select="FMT407")} == {"FMT407"}
    assert "FMT407" not in ds.check(ignore=["FMT407"]).counts
    with pytest.raises(vetset.Error, match="no rule is called 'FMT9999'"):
        ds.check(select=["FMT9999"])


def test_a_target_that_asks_is_answered(coco, tmp_path):
    ds = vetset.open(coco)
    with pytest.raises(vetset.Error) as raised:
        ds.convert(tmp_path / "out", to="yolo")
    error = raised.value
    assert error.code == "refused" and "crowd" in error.message and not (tmp_path / "out").exists()
    assert "crowd=" in error.accept and error.command.startswith("vetset convert ") and error.accept in error.command
    assert error.proof.verdict == "undecided" and error.proof.decisions[0]["count"] >= 1

    proof = ds.convert(tmp_path / "out", to="yolo", accept=error.accept)
    assert proof.verdict == "declared" and not proof.exact and proof["to"] == "yolo"
    assert (tmp_path / "out/data.yaml").exists() and pathlib.Path(proof.proof_path).exists()
    assert json.loads(proof.to_json()) == dict(proof) and proof.lines


def test_the_same_format_keeps_everything(coco, tmp_path):
    ds = vetset.open(coco)
    proof = ds.convert(tmp_path / "copy", to="coco")
    assert proof.exact and proof.verdict == "exact"
    assert vetset.open(tmp_path / "copy").labels_id == ds.labels_id


def test_a_dry_run_publishes_nothing(coco, tmp_path):
    proof = vetset.open(coco).convert(tmp_path / "out", to="yolo", accept="all", dry_run=True)
    assert proof.target is None and proof.verdict == "declared"
    assert [p.name for p in tmp_path.iterdir()] == ["coco"]


def test_seal_and_verify(coco, tmp_path):
    ds = vetset.open(coco)
    key = vetset.new_key(tmp_path / "team.key")
    seal = ds.seal(key=key.private_path)
    assert seal.dataset_id == ds.dataset_id and seal.labels_id == ds.labels_id and seal.key_hint == key.hint

    assert vetset.verify(coco).verdict == "intact"
    seen = vetset.verify(coco, key=key.public_path)
    assert seen and seen.verdict == "verified" and seen.package_id == seal.package_id
    other = vetset.new_key(tmp_path / "other.key")
    assert vetset.verify(coco, [other.public_path]).verdict == "untrusted"

    with open(coco / "a.png", "ab") as image:
        image.write(b"!")
    broken = vetset.verify(coco)
    assert not broken and broken.verdict == "broken"
    assert any(line.where == "a.png" for line in broken.lines)


def test_errors_say_where(tmp_path):
    (tmp_path / "bad.json").write_text('{"images": [],\n "annotations": [}\n')
    with pytest.raises(vetset.Error) as raised:
        vetset.open(tmp_path / "bad.json", format="coco")
    error = raised.value
    assert error.code == "malformed" and error.file == "bad.json" and error.line == 2
    assert str(error).startswith("bad.json:2:") and error.message in str(error)

    with pytest.raises(vetset.Error) as raised:
        vetset.open(tmp_path / "nowhere")
    assert raised.value.code == "not_found" and raised.value.line is None
    with pytest.raises(vetset.Error, match="no format is called 'cocoa'"):
        vetset.open(tmp_path, format="cocoa")


def test_the_identity_needs_every_image(coco):
    (coco / "a.png").unlink()
    ds = vetset.open(coco)
    assert ds.labels_id.startswith("sha256:")
    with pytest.raises(vetset.Error, match="1 of 2 images are missing"):
        ds.dataset_id
