"""split and diff from outside: the same bytes every time, documents that their schemas describe, plain answers."""
import json
import os
import pathlib
import shutil

import jsonschema
import pytest

from conftest import failed, listing, said

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(os.environ.get("VETSET_DATA") or ROOT.parent / "shared/data")
real = pytest.mark.skipif(not (DATA / "rice-pest").is_dir(), reason="skipped 5: VETSET_DATA")


NOTHING_CROSSES = {"identical_files": 0, "equal_keys": 0, "links": 0, "cut_links": 0}


def valid(text, name):
    version = 2 if name == "split" else 1
    schema = json.loads((ROOT / "docs/schema" / f"{name}-v{version}.json").read_text())
    document = json.loads(text)
    jsonschema.validate(document, schema, cls=jsonschema.Draft202012Validator)
    return document


def test_a_split_has_the_same_bytes_with_any_number_of_threads(vetset, coco):
    for name, threads in (("one", "1"), ("four", "4")):
        said(vetset("split", "coco", "-o", name, "--ratios", "60/20/20", "--seed", "3", "--threads", threads), 0)
    assert listing(vetset.folder / "one") == listing(vetset.folder / "four")
    assert (vetset.folder / "one.split.json").read_bytes() == (vetset.folder / "four.split.json").read_bytes()
    said(vetset("split", "coco", "-o", "other", "--ratios", "60/20/20", "--seed", "4"), 0)
    assert listing(vetset.folder / "one") != listing(vetset.folder / "other")


def test_the_documents_of_a_split_follow_their_schemas(vetset, coco):
    said(vetset("split", "coco", "out"), 0)
    statement = valid((vetset.folder / "out.split.json").read_text(), "split")
    assert sum(s["images"] for s in statement["splits"]) == statement["images"] == 12
    lock = valid((vetset.folder / "out.split.lock").read_text(), "split-lock")
    assert sum(len(g["images"]) for g in lock["groups"]) == 12
    assert (vetset.folder / "out/split.lock").read_bytes() == (vetset.folder / "out.split.lock").read_bytes()
    assert str(vetset.folder) not in (vetset.folder / "out.split.lock").read_text()
    proof = valid((vetset.folder / "out.proof.json").read_text(), "proof")
    assert proof["steps"][0]["name"] == "split"
    valid(said(vetset("split", "coco", "--json"), 0), "split")


def test_a_place_that_cannot_be_written_is_refused_before_the_plan(vetset, coco):
    (vetset.folder / "full").mkdir()
    (vetset.folder / "full/precious.txt").write_text("was here before")
    (vetset.folder / "file").write_text("")
    for verb in (["split"], ["convert", "--to", "coco", "--split", "80/10/10"], ["split", "--folds", "2", "--fold-index", "0"]):
        for place in ("full", "file", "coco"):
            done = vetset(verb[0], "coco", "-o", place, *verb[1:])
            assert done.returncode in (1, 2) and done.stdout == b"" and place.encode() in done.stderr, done


def test_the_lock_appears_with_the_split(vetset, coco):
    said(vetset("convert", "coco", "out/", "--to", "coco", "--split", "80/10/10"), 0)
    valid((vetset.folder / "out.split.lock").read_text(), "split-lock")
    assert "lock: small.split.lock" in said(vetset("split", "coco", "-o", "small/"), 0)
    assert (vetset.folder / "small.split.lock").exists()
    said(vetset("split", "coco", "-o", "dry", "--dry-run"), 0)
    assert not list(vetset.folder.glob("dry*"))


def test_identical_files_end_in_one_split(vetset, coco):
    images = sorted((coco / "images").glob("*.jpg"))
    for other in images[1:6]:
        shutil.copy(images[0], other)
    said(vetset("split", "coco", "-o", "out", "--ratios", "50/50"), 0)
    statement = json.loads((vetset.folder / "out.split.json").read_text())
    assert statement["identical_images"] == 6 and statement["largest_group"]["images"] == 6
    assert statement["crossing"] == NOTHING_CROSSES
    assert "LEA301" not in said(vetset("check", "out", "--select", "LEA301"), 0)


def test_a_lock_keeps_what_it_knows(vetset, coco):
    document = coco / "annotations/instances_train.json"
    whole = json.loads(document.read_text())
    few = dict(whole, images=whole["images"][:8])
    few["annotations"] = [a for a in whole["annotations"] if a["image_id"] in {i["id"] for i in few["images"]}]
    document.write_text(json.dumps(few))
    said(vetset("split", "coco", "-o", "old", "--ratios", "50/50", "--names", "train,test"), 0)
    document.write_text(json.dumps(whole))
    said(vetset("split", "coco", "-o", "new", "--lock", "old.split.lock"), 0)

    def places(name):
        lock = json.loads((vetset.folder / f"{name}.split.lock").read_text())
        return {i["path"]: g["split"] for g in lock["groups"] for i in g["images"]}
    old, new = places("old"), places("new")
    assert len(old) == 8 and len(new) == 12 and old.items() <= new.items()
    assert json.loads((vetset.folder / "new.split.json").read_text())["growth"]["kept"] == 8


def test_folds_hold_every_image_once_for_val_and_share_their_files(vetset, coco):
    said(vetset("split", "coco", "-o", "folds", "--folds", "3"), 0)
    names = []
    for k in range(3):
        fold = vetset.folder / f"folds/fold-{k}"
        names += [i["file_name"] for i in json.loads((fold / "annotations/instances_val.json").read_text())["images"]]
        assert len(listing(fold / "images")) == 12
        assert all(p.stat().st_nlink == 3 for p in (fold / "images").rglob("*.jpg"))
    assert len(names) == len(set(names)) == 12
    assert all(p.stat().st_nlink == 1 for p in (coco / "images").rglob("*.jpg"))  # never with the source
    said(vetset("split", "coco", "-o", "one", "--folds", "3", "--fold-index", "1"), 0)
    assert (vetset.folder / "one/annotations/instances_val.json").read_bytes() == \
        (vetset.folder / "folds/fold-1/annotations/instances_val.json").read_bytes()


@pytest.mark.parametrize("arguments, word", [
    (["--ratios", "80-20"], "80-20"), (["--ratios", "0/0"], "not all 0"), (["--group-by", "size"], "no way to group"),
    (["--group-by", "attribute:nothing"], "says nothing"), (["--group-by", "file:none.csv"], "none.csv"),
    (["--folds", "1"], "2 to 100"), (["--fold-index", "1"], "--folds"), (["--folds", "3", "--fold-index", "3"], "no fold 3"),
    (["--names", "train,Train,test"], "two splits"), (["--names", "a/b,c,d"], "no name for a split"), (["--lock", "none.lock"], "none.lock")])
def test_wrong_words_for_split_are_answered(vetset, coco, arguments, word):
    failed(vetset("split", "coco", "-o", "out", *arguments), 2, word)
    assert not (vetset.folder / "out").exists()


def test_diff_answers_by_its_status(vetset, coco):
    shutil.copytree(coco, vetset.folder / "copy")
    assert "no difference" in said(vetset("diff", "coco", "copy"), 0)
    document = vetset.folder / "copy/annotations/instances_train.json"
    data = json.loads(document.read_text())
    data["annotations"][0]["bbox"][0] += 1
    gone = data["annotations"].pop()
    document.write_text(json.dumps(data))
    changed = valid(said(vetset("diff", "coco", "copy", "--json"), 1), "diff")
    assert changed["objects"] == {"added": 0, "removed": 1, "changed": 1}
    assert any(o["name"] == f"annotation {gone['id']}" for i in changed["changed_images"] for o in i["objects"])
    assert said(vetset("diff", "coco", "copy", "--output", "markdown"), 1).startswith("### coco → copy: changed")
    said(vetset("diff", "coco", "copy", "--ignore", "annotation"), 0)
    failed(vetset("diff", "coco", "copy", "--ignore", "boxes"), 2, "boxes")
    failed(vetset("diff", "coco", "nowhere"), 2, "nowhere")
    failed(vetset("diff", "coco", "copy", "--tolerance", "much"), 2, "much")


def test_a_conversion_differs_from_its_source_by_nothing_that_both_can_say(vetset, coco):
    said(vetset("convert", "coco", "yolo", "--to", "yolo", "--accept", "all"), 0)
    for a, b in (("coco", "yolo"), ("yolo", "coco")):
        seen = valid(said(vetset("diff", a, b, "--json"), 0), "diff")
        assert seen["equal"] and "annotation.area" in {n["field"] for n in seen["not_comparable"]}
    label = next(p for p in (vetset.folder / "yolo/labels").rglob("*.txt") if p.read_text().strip())
    label.write_text("\n".join(label.read_text().splitlines()[1:]) + "\n")
    assert json.loads(said(vetset("diff", "coco", "yolo", "--json"), 1))["objects"]["removed"] == 1


def test_a_changed_image_file_is_a_difference(vetset, coco):
    shutil.copytree(coco, vetset.folder / "copy")
    image = next((vetset.folder / "copy/images").glob("*.png"))
    image.write_bytes(image.read_bytes() + b"\0")
    assert "1 with other bytes" in said(vetset("diff", "coco", "copy"), 1)
    said(vetset("diff", "coco", "copy", "--no-images"), 0)
    other = image.with_name("renamed.png")
    text = (vetset.folder / "copy/annotations/instances_train.json").read_text().replace(image.name, other.name)
    shutil.copy(coco / "images" / image.name, other)
    image.unlink()
    (vetset.folder / "copy/annotations/instances_train.json").write_text(text)
    assert "1 renamed" in said(vetset("diff", "coco", "copy"), 1)


@real
@pytest.mark.parametrize("name, format, near, groups", [
    ("rice-pest", "yolo", "none", 253), ("rice-pest", "yolo", "views", 245), ("chess-coco", "coco", "none", 87),
    ("raccoon", "voc", "none", 196), ("raccoon", "voc", "views", 193)])
def test_real_datasets_are_split_without_leaks(vetset, name, format, near, groups):
    said(vetset("split", DATA / name, "-o", "out", "--ratios", "70/15/15", "--near", near), 0)
    statement = valid((vetset.folder / "out.split.json").read_text(), "split")
    assert statement["groups"] == groups and statement["crossing"] == NOTHING_CROSSES
    checked = json.loads(vetset("check", "out", "--json", "--select", "LEA301").stdout)
    assert checked["counts"]["splits"] == 3 and not checked["findings"]
    compared = json.loads(vetset("diff", DATA / name, "out", "--json").stdout)
    assert compared["after"]["format"] == format
    assert compared["objects"]["added"] == compared["objects"]["removed"] == 0
    assert compared["images"]["added"] == compared["images"]["removed"] == compared["images"]["media_changed"] == 0


@real
@pytest.mark.parametrize("name, table", [("raccoon", "data/raccoon_labels.csv"), ("bccd", "test.csv")])
def test_two_formats_of_one_real_dataset_are_equal(vetset, name, table):
    seen = valid(said(vetset("diff", DATA / name, DATA / name / table, "--from", "voc,csv", "--json"), 0), "diff")
    assert seen["equal"] and seen["before"]["objects"] == seen["after"]["objects"] > 200


def move_to_val(folder, name):
    for kind, end in (("images", ".jpg"), ("labels", ".txt")):
        (folder / kind / "train" / (name + end)).rename(folder / kind / "val" / (name + end))


def test_an_image_that_left_its_split_is_found_by_its_bytes_in_another_layout(vetset, coco):
    said(vetset("split", "coco", "-o", "out", "--ratios", "50/50", "--to", "yolo", "--accept", "all"), 0)
    assert "LEA318" not in said(vetset("check", "out", "--select", "LEA318"), 0)
    moved = sorted((vetset.folder / "out/images/train").glob("*.jpg"))[0].stem
    move_to_val(vetset.folder / "out", moved)
    assert f"images/val/{moved}.jpg" in said(vetset("check", "out", "--select", "LEA318", "--all", "--fail-on", "warning"), 1)


def test_the_keys_of_a_lock_hold_for_check(vetset, coco):
    said(vetset("split", "coco", "-o", "out", "--ratios", "75/25", "--to", "yolo", "--accept", "all",
                "--group-by", "stem-prefix:(*)?"), 0)
    assert "LEA311" not in said(vetset("check", "out", "--select", "LEA311"), 0)
    move_to_val(vetset.folder / "out", sorted((vetset.folder / "out/images/train").glob("*.jpg"))[0].stem)
    found = said(vetset("check", "out", "--select", "LEA311", "--all", "--fail-on", "warning"), 1)
    assert "LEA311" in found and "stem-prefix:(*)?" in found


def test_fractions_without_images_are_placed_by_the_sizes_of_the_other_side(vetset, coco):
    said(vetset("convert", "coco", "yolo", "--to", "yolo", "--accept", "all", "--images", "none"), 0)
    assert "no difference" in said(vetset("diff", "coco", "yolo"), 0)
    assert "no difference" in said(vetset("diff", "yolo", "coco"), 0)


def test_people_read_few_decimals_and_programs_all(vetset, coco):
    shutil.copytree(coco, vetset.folder / "other")
    document = vetset.folder / "other/annotations/instances_train.json"
    whole = json.loads(document.read_text())
    x, y, width, height = whole["annotations"][0]["bbox"]
    whole["annotations"][0]["bbox"] = [x + 1.123456789, y + 0.00001, width, height]
    document.write_text(json.dumps(whole))
    for arguments in ((), ("--output", "markdown")):
        text = said(vetset("diff", "coco", "other", "--only", "annotation.box", *arguments), 1)
        assert f"{x + 1.123456789:.2f}" in text and "123456" not in text
    assert "123456" in said(vetset("diff", "coco", "other", "--only", "annotation.box", "--json"), 1)
