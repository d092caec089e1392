"""vetset.doctor: the words of the command line, in Python."""

import json

import pytest
import vetset


def test_a_described_machine_is_judged_without_being_here(tmp_path):
    site = tmp_path / "site"
    info = site / "perf_analyzer-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Name: perf-analyzer\nVersion: 0.1.0\n\n")
    profile = tmp_path / "edge.json"
    profile.write_text(json.dumps({"vetset_machine": 1, "name": "edge", "cpu": {"online": 8, "quota": 1.5}}))
    seen = vetset.doctor(target=profile, sites=[site])
    assert seen.grade == "degraded" and seen["machine"]["name"] == "edge"
    assert [c.check for c in seen.complaints] == ["cpu-quota", "placeholder"]
    assert seen.complaints[1].cure == "pip uninstall -y perf-analyzer"
    assert str(seen).endswith("\ndegraded")


def test_this_python_is_looked_at_by_itself():
    seen = vetset.doctor()
    assert seen["environments"] and seen.grade in ("fine", "degraded", "broken")


def test_what_cannot_be_looked_at_is_an_error(tmp_path):
    with pytest.raises(vetset.Error, match="no such folder") as caught:
        vetset.doctor(root=tmp_path / "none")
    assert caught.value.code == "not_found"
