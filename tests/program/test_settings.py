"""What holds for a check: flags, then VETSET_* variables, then vetset.toml, then defaults; baselines and waivers as files."""
import json

from conftest import failed, said

import pytest


def config(folder, text):
    (folder / "vetset.toml").write_text(text)


def codes(vetset, *arguments, env=None, status=None):
    done = vetset("check", *arguments, "--json", env=env)
    assert done.stderr == b"", done
    assert status is None or done.returncode == status, done.returncode
    return sorted({f["code"] for f in json.loads(done.stdout)["findings"]})


def test_a_flag_holds_against_a_variable_and_that_against_the_file(vetset, street):
    config(vetset.folder, "[check]\nselect = ['FMT407']\n")
    assert codes(vetset, "street") == ["FMT407"]
    variable = vetset.environment(VETSET_SELECT="FMT408,LBL105")
    assert codes(vetset, "street", env=variable) == ["FMT408", "LBL105"]
    assert codes(vetset, "street", "--select", "FMT419", env=variable) == ["FMT419"]
    assert len(codes(vetset, "street", "--config", "none")) > 3
    (vetset.folder / "other.toml").write_text("[check]\nselect = ['FMT420']\n")
    assert codes(vetset, "street", "--config", "other.toml") == ["FMT420"]
    assert codes(vetset, "street", env=vetset.environment(VETSET_CONFIG="other.toml")) == ["FMT420"]


def test_the_nearest_file_holds_and_nothing_above_the_repository(vetset, street):
    deep = vetset.folder / "repository/data"
    deep.mkdir(parents=True)
    street.rename(deep / "street")
    config(vetset.folder, "[check]\nselect = ['FMT407']\n")
    (vetset.folder / "repository/.git").mkdir()
    assert len(codes(vetset, "repository/data/street")) > 3, "a file above the repository is somebody else's"
    config(vetset.folder / "repository", "[check]\nselect = ['FMT408']\n")
    assert codes(vetset, "repository/data/street") == ["FMT408"]
    config(deep, "[check]\nselect = ['FMT419']\n")
    assert codes(vetset, "repository/data/street") == ["FMT419"]
    config(deep / "street", "[check]\nselect = ['FMT420']\n")
    assert codes(vetset, "repository/data/street") == ["FMT420"]
    assert "settings: repository/data/street/vetset.toml" in said(vetset("check", "repository/data/street"), 0)


def test_without_a_repository_only_files_at_the_dataset_hold(vetset, street):
    (vetset.folder / "far/near").mkdir(parents=True)
    street.rename(vetset.folder / "far/near/street")
    config(vetset.folder / "far", "[check]\nselect = ['FMT407']\n")
    assert len(codes(vetset, "far/near/street")) > 3
    config(vetset.folder / "far/near", "[check]\nselect = ['FMT407']\n")
    assert codes(vetset, "far/near/street") == ["FMT407"]


@pytest.mark.parametrize("text, words", [
    ("[check]\nselct = []\n", ["vetset.toml:2:1", "selct", "did you mean 'select'?"]),
    ("[check]\nfail-on = 'sometimes'\n", ["vetset.toml:2:11", "never"]),
    ("[check.thresholds]\nimage-sise = 1\n", ["vetset.toml:2:1", "did you mean 'image-size'?"]),
    ("[check.thresholds]\nimage-size = 1\n", ["vetset.toml:2:14", "from 32"]),
    ("[[waiver]]\nrule = 'FMT407'\n", ["vetset.toml:1:1", "reason"]),
    ("[[waiver]]\nrule = 'FMT407'\nreason = 'r'\nuntil = 'soon'\n", ["vetset.toml:4:9", "soon"]),
    ("[check\n", ["vetset.toml:1"]),
    ("[check]\nbaseline = 'gone.json'\n", ["gone.json"]),
])
def test_a_mistake_in_the_file_is_one_error_with_its_place(vetset, street, text, words):
    config(vetset.folder, text)
    failed(vetset("check", "street"), 2, *words)


def test_mistakes_in_flags_and_variables_are_named(vetset, street):
    failed(vetset("check", "street", "--set", "image-sise=1"), 2, "image-size")
    failed(vetset("check", "street", "--set", "image-size=many"), 2, "many")
    failed(vetset("check", "street", "--severity", "FMT407=bad"), 2, "bad")
    failed(vetset("check", "street", "--severity", "FMT407"), 2, "CODE=LEVEL")
    failed(vetset("check", "street", "--today", "tomorrow"), 2, "--today", "tomorrow")
    failed(vetset("check", "street", "--fail-on", "bad"), 2, "bad")
    failed(vetset("check", "street", env=vetset.environment(VETSET_FAIL_ON="bad")), 2, "VETSET_FAIL_ON", "bad")
    failed(vetset("check", "street", env=vetset.environment(VETSET_IMAGE_SIZE="0")), 2, "VETSET_IMAGE_SIZE")
    failed(vetset("check", "street", "--config", "nowhere.toml"), 2, "nowhere.toml")
    failed(vetset("check", "street", "--select", "box-outside-imgae"), 2, "did you mean 'box-outside-image'?")


def test_the_gate_decides_the_answer(vetset, street):
    only = ["check", "street", "--select", "FMT407"]
    said(vetset(*only), 0)
    said(vetset(*only, "--fail-on", "warning"), 1)
    said(vetset(*only, env=vetset.environment(VETSET_FAIL_ON="warning")), 1)
    said(vetset(*only, "--fail-on", "never", env=vetset.environment(VETSET_FAIL_ON="warning")), 0)
    said(vetset(*only, "--severity", "FMT407=error"), 1)
    said(vetset(*only, "--severity", "FMT4=error,FMT407=off"), 0)
    said(vetset("check", "street", "--fail-on", "never"), 0)
    config(vetset.folder, "[check]\nfail-on = 'warning'\n")
    said(vetset(*only), 1)
    said(vetset(*only, "--fail-on", "error"), 0)


def test_a_baseline_lets_only_new_findings_count(vetset, street):
    said(vetset("check", "street"), 1)
    said(vetset("check", "street", "--write-baseline", "known.json"), 0)
    before = (vetset.folder / "known.json").read_bytes()
    text = said(vetset("check", "street", "--baseline", "known.json"), 0)
    assert "in the baseline" in text and "Nothing else found" in text
    row = street / "labels/train/street_0001.txt"
    rows = row.read_text().splitlines()
    row.write_text("\n".join([*rows, rows[0]]) + "\n")
    assert codes(vetset, "street", "--baseline", "known.json", status=1) == ["LBL105"]
    row.write_text("\n\n" + "\n".join(rows) + "\n")     # lines move, nothing is new
    assert codes(vetset, "street", "--baseline", "known.json", status=0) == []
    row.write_text("\n".join(rows) + "\n")
    (street / "labels/train/street_0099.txt").unlink()
    text = said(vetset("check", "street", "--baseline", "known.json"), 0)
    assert "1 finding of the baseline is gone" in text
    config(vetset.folder, "[check]\nbaseline = 'known.json'\n")
    said(vetset("check", "street"), 0)
    said(vetset("check", "street", "--baseline", "none"), 1)
    said(vetset("check", "street", "--write-baseline", "again.json"), 0)
    assert (vetset.folder / "known.json").read_bytes() == before
    failed(vetset("check", "street", "--write-baseline", "a.json", "--baseline", "known.json"), 2, "--baseline")
    (vetset.folder / "bad.json").write_text("{")
    failed(vetset("check", "street", "--baseline", "bad.json"), 2, "bad.json")


def test_a_waiver_ends(vetset, street):
    config(vetset.folder, "[[waiver]]\nrule = 'FMT422'\npath = '**/street_0019.*'\nreason = 'redrawn next week'\nby = 'labels'\nuntil = 2027-03-31\n")
    only = ["check", "street", "--select", "FMT422"]
    text = said(vetset(*only, "--today", "2027-03-31"), 0)
    assert "1 waived" in text and "FMT422" not in text.split("not counted")[0]
    text = said(vetset(*only, "--today", "2027-04-01"), 1)
    assert "waiver vetset.toml:1 of FMT422 ended on 2027-03-31 (labels): 1 finding counts again" in text
    assert said(vetset(*only, env=vetset.environment(VETSET_TODAY="2027-04-01")), 1) == text
    assert "waive" not in said(vetset("check", "street", "--select", "FMT407", "--today", "2027-01-01"), 0), "its rule did not look"
    config(vetset.folder, "[[waiver]]\nrule = 'FMT407'\npath = 'elsewhere/*'\nreason = 'amodal'\n")
    assert "waiver vetset.toml:1 of FMT407 waives nothing any more" in said(vetset("check", "street", "--select", "FMT407"), 0)
