"""transform and combine from outside: documents that their schemas describe, exit codes, samples that repeat."""
import json
import pathlib

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]


def valid(text, name):
    document = json.loads(text)
    schema = json.loads((ROOT / "docs/schema" / f"{name}-v1.json").read_text())
    jsonschema.validate(document, schema, cls=jsonschema.Draft202012Validator)
    return document


def test_the_document_of_a_transform(vetset, street):
    done = vetset("transform", "street", "-o", "out", "--rename", "car=auto", "--drop-classes", "bus", "--where", "box.width > 9",
                  "--images-where", "count() > 1", "--sample", "20%", "--seed", "3", "--images", "none", "--json")
    assert done.returncode == 0, done
    proof = valid(done.stdout, "proof")
    written = valid((vetset.folder / "out.transform.json").read_text(), "transform")
    assert [s["name"] for s in proof["steps"]] == ["transform"]
    assert written["after"]["annotations"] == proof["before"]["annotations"]
    assert {g["reason"] for g in written["dropped"]["objects"]} == {"class", "where", "image"}
    assert written["before"]["annotations"] - sum(g["count"] for g in written["dropped"]["objects"]) == written["after"]["annotations"]
    assert written["before"]["images"] - sum(g["count"] for g in written["dropped"]["images"]) == written["after"]["images"]


def test_a_sample_does_not_depend_on_threads(vetset, street):
    for threads in "1", "3":
        assert vetset("transform", "street", "-o", "out" + threads, "--sample", "7", "--images", "none", "--threads", threads).returncode == 0
    assert (vetset.folder / "out1.transform.json").read_bytes() == (vetset.folder / "out3.transform.json").read_bytes()


def test_the_document_of_a_combination(vetset, street, coco):
    done = vetset("combine", "street", "coco", "-o", "out", "--to", "coco", "--dedup", "identical", "--json")
    assert done.returncode == 0, done
    proof = valid(done.stdout, "proof")
    written = valid((vetset.folder / "out.combine.json").read_text(), "combine")
    assert proof["from"] == "several"
    assert written["after"]["images"] == proof["before"]["images"] == 85 - written["copies"]["dropped"]


def test_what_cannot_be_done_says_why(vetset, street, coco):
    for arguments, status, words in [
        (["transform", "street"], 2, "-o DST"),
        (["transform", "street", "-o", "x", "--where", "clas == 'car'"], 2, "did you mean 'class'"),
        (["transform", "street", "-o", "x", "--drop-classes", "cra"], 2, "did you mean 'car'"),
        (["transform", "street", "-o", "x", "--images-where", "image.width > 1000000"], 1, "none is left"),
        (["transform", "street", "-o", "x", "--sample", "0"], 2, "--sample"),
        (["transform", "street", "-o", "x", "--drop-empty", "--keep-empty"], 2, "exclude each other"),
        (["combine", "street", "-o", "x"], 2, "two or more"),
        (["combine", "street", "coco", "-o", "x"], 2, "--to FORMAT"),
        (["combine", "street", "coco", "-o", "coco", "--to", "coco", "--overwrite"], 1, "another place"),
        (["combine", "street", "coco", "-o", "street", "--to", "coco", "--overwrite"], 1, "another place"),
        (["combine", "street", "coco", "-o", "x", "--to", "coco", "--map", "nothing.txt"], 2, "nothing.txt"),
    ]:
        done = vetset(*arguments)
        assert done.returncode == status and words in done.stderr.decode(), (arguments, done)
        assert not (vetset.folder / "x").exists()
