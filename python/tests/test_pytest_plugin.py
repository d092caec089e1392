"""pytest --vetset DATASET: a test a rule, run here as people run it."""

import importlib.metadata
import subprocess
import sys

import pytest


def run(folder, *arguments):
    installed = any(point.value == "vetset.pytest_plugin" for point in importlib.metadata.entry_points(group="pytest11"))
    plugin = [] if installed else ["-p", "vetset.pytest_plugin"]
    done = subprocess.run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *plugin, *arguments],
                          cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_a_failing_rule_shows_its_first_findings(street):
    status, text = run(street.parent, "--vetset", "street", "--vetset-select", "FMT407,FMT422,FMT415", "-v")
    assert status == 1
    assert "street::open PASSED" in text and "street::FMT407-box-outside-image PASSED" in text
    assert "street::FMT422-mixed-rows FAILED" in text and "street::FMT415-coordinate-drift SKIPPED" in text
    assert "labels/train/street_0019.txt:1:1: error FMT422: 6 rows are boxes" in text
    assert "Traceback" not in text and "1 failed, 2 passed, 1 skipped" in text


def test_the_gate_may_be_closer_or_open(street):
    status, text = run(street.parent, "--vetset", "street", "--vetset-select=FMT407", "--vetset-fail-on=warning")
    assert status == 1 and "to mend it: cut it at the image's edge" in text
    assert run(street.parent, "--vetset", "street", "--vetset-fail-on=never")[0] == 0
    assert run(street.parent, "--vetset", "street", "--vetset-ignore=FMT422,LBL,LEA")[0] == 0


def test_tests_are_chosen_by_name_and_stand_beside_others(street):
    (street.parent / "test_own.py").write_text("def test_own():\n    pass\n")
    status, text = run(street.parent, "--vetset", "street", "-k", "own or FMT407")
    assert status == 0 and "2 passed" in text


def test_known_findings_do_not_fail(street):
    import vetset

    vetset.open(street).check().write_baseline(street.parent / "known.json")
    assert run(street.parent, "--vetset", "street", "--vetset-baseline", "known.json")[0] == 0


def test_a_dataset_that_cannot_be_read_fails_once(tmp_path):
    status, text = run(tmp_path, "--vetset", "nowhere", "-rs")
    assert status == 1 and "nowhere: there is no such file or folder" in text
    assert "1 failed, " in text and "passed" not in text and "the dataset cannot be read" in text


@pytest.mark.parametrize("wrong, said", [
    ("--vetset-select=FMT999", "no rule is called 'FMT999'"), ("--vetset-fail-on=perhaps", "invalid choice: 'perhaps'")])
def test_wrong_words_are_answered_before_anything_runs(street, wrong, said):
    status, text = run(street.parent, "--vetset", "street", wrong)
    assert status == 4 and said in text and "INTERNALERROR" not in text


def test_without_the_flag_there_is_nothing(tmp_path):
    assert run(tmp_path)[0] == 5


def test_rules_of_your_own_are_tests_too(street):
    (street.parent / "vetset.toml").write_text('[check]\nrules = ["own.py"]\n')
    (street.parent / "own.py").write_text("""
import vetset

@vetset.rule("OWNER001", summary="is a bus")
def bus(tables):
    yield vetset.Found(category="bus", severity="error")

@vetset.rule("OWNER002", summary="breaks")
def breaks(tables):
    return 1 / 0

@vetset.rule("OWNER003", summary="is fine")
def fine(tables):
    return []
""")
    status, text = run(street.parent, "--vetset", "street", "--vetset-select=OWNER", "-v")
    assert status == 1 and "2 failed, 2 passed" in text
    assert "OWNER001-bus FAILED" in text and "OWNER003-fine PASSED" in text
    assert "OWNER002 breaks broke at own.py:10: ZeroDivisionError: division by zero" in text
    assert run(street.parent, "--vetset", "street", "--vetset-select=OWNER", "--vetset-ignore=OWNER001,OWNER002")[0] == 0
