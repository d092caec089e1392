"""fix from outside: its document is what its schema says, and what it did is taken back to the byte."""
import json
import pathlib

import jsonschema
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def files(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.parametrize("flags", [[], ["--unsafe"]])
def test_repairs_of_label_files_are_taken_back_to_the_byte(vetset, street, flags):
    assert vetset("fix", "street", "-o", "fixed", *flags).returncode == 0
    written = json.loads((vetset.folder / "fixed.fix.json").read_text())
    schema = json.loads((ROOT / "docs/schema/fix-v1.json").read_text())
    jsonschema.validate(written, schema, cls=jsonschema.Draft202012Validator)
    assert files(vetset.folder / "street/labels") != files(vetset.folder / "fixed/labels")
    done = vetset("fix", "fixed", "--undo", "fixed.fix.json", "-o", "back")
    assert done.returncode == 0, done
    assert written["labels"]["before"] in done.stdout.decode()
    for part in "labels", "images":
        assert files(vetset.folder / "street" / part) == files(vetset.folder / "back" / part)


def test_repairs_of_a_document_are_taken_back(vetset, street):
    assert vetset("convert", "street", "coco", "--to", "coco", "--accept", "all").returncode == 0
    assert vetset("fix", "coco", "-o", "fixed", "--unsafe").returncode == 0
    done = vetset("fix", "fixed", "--undo", "fixed.fix.json", "-o", "back")
    assert done.returncode == 0, done
    assert json.loads((vetset.folder / "fixed.fix.json").read_text())["labels"]["before"] in done.stdout.decode()
    assert vetset("diff", "coco", "back").returncode == 0


def test_a_list_of_other_repairs_is_refused(vetset, street):
    assert vetset("fix", "street", "-o", "fixed").returncode == 0
    done = vetset("fix", "street", "--undo", "fixed.fix.json", "-o", "back")
    assert done.returncode == 2 and b"street_00" in done.stderr, done
    assert not (vetset.folder / "back").exists()
    (vetset.folder / "bad.json").write_text("{")
    done = vetset("fix", "fixed", "--undo", "bad.json", "-o", "back")
    assert done.returncode == 2 and b"list of edits" in done.stderr, done
    done = vetset("fix", "fixed", "--undo", "fixed.fix.json", "-o", "back", "--unsafe")
    assert done.returncode == 2 and b"--undo" in done.stderr, done
