"""Exports of CVAT and Label Studio, made by hand: what is found in them, and that they come back as they were."""
import json
import pathlib
import shutil

import pytest
from conftest import said

ROOT = pathlib.Path(__file__).resolve().parents[2]


def put(vetset, name):
    shutil.copytree(ROOT / "tests/fixtures" / name, vetset.folder / "export")


def found(vetset):
    done = vetset("check", "export", "--json")
    assert done.returncode in (0, 1), done
    return {(f["code"], f["severity"]) for f in json.loads(done.stdout)["findings"]}


def test_faults_in_an_export_of_cvat_are_found_and_nothing_that_is_none(vetset):
    put(vetset, "cvat/images")
    codes = {code for code, _ in found(vetset)}
    assert {"FMT407", "FMT408", "LBL105"} <= codes
    # A box beside a polygon is what its tag says it is: nothing reads a document of CVAT as rows of one kind.
    assert not codes & {"FMT422", "FMT413", "FMT409", "FMT410", "FMT418"}


def test_faults_in_an_export_of_label_studio_are_found_and_nothing_that_is_none(vetset):
    put(vetset, "labelstudio")
    codes = {code for code, _ in found(vetset)}
    assert {"FMT407", "LBL111"} <= codes
    assert not codes & {"FMT422", "FMT413", "FMT409", "FMT410", "FMT418", "LBL105"}


def same_objects(vetset, one, other):
    """Ids and what a tool says of itself may be others; no image and no object is."""
    told = json.loads(vetset("diff", one, other, "--json").stdout)
    return not any(told["objects"].values()) and told["images"]["added"] == told["images"]["removed"] == 0


@pytest.mark.parametrize("name", ["cvat/images", "cvat/video", "labelstudio"])
def test_an_export_is_written_as_it_was_read(vetset, name):
    put(vetset, name)
    to = name.split("/")[0]
    said(vetset("convert", "export", "again", "--to", to, "--images", "none", "--accept", "all"), 0)
    assert same_objects(vetset, "export", "again")


def test_repairs_of_an_export_of_cvat_are_taken_back(vetset):
    put(vetset, "cvat/images")
    said(vetset("fix", "export", "-o", "fixed", "--images", "none", "--unsafe"), 0)
    assert "nothing to repair" in said(vetset("fix", "fixed", "--dry-run", "--unsafe"), 0)
    said(vetset("fix", "fixed", "--undo", "fixed.fix.json", "-o", "back", "--images", "none"), 0)
    assert same_objects(vetset, "export", "back") and not same_objects(vetset, "export", "fixed")
