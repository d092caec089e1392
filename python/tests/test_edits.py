"""fix, split, transform, combine, diff, stats, pack: each gives a new dataset or a document, and says what it did."""

import json

import pytest
import vetset


def test_a_fix_is_a_new_dataset_and_lists_its_edits(coco):
    ds = vetset.open(coco)
    before = ds.annotations.box.copy()
    fixed = ds.fix(select="clip-to-image")
    assert fixed.report.counts == {"clip-to-image": 1} and len(fixed.report.edits) == 1
    edit = fixed.report.edits[0]
    assert edit["code"] == "FMT407" and edit["before"] != edit["after"]
    assert fixed.annotations.box[2].tolist() == [15.5, 4, 4.5, 2.25]
    assert (ds.annotations.box == before).all() and ds.report is None and not ds.steps
    assert [step.name for step in fixed.steps] == ["fix"] and fixed.steps[0].document == dict(fixed.report)
    assert "FMT407" in ds.check().counts and "FMT407" not in fixed.check().counts


def test_nothing_to_repair_is_an_empty_report(coco):
    ds = vetset.open(coco).fix(select="FMT401")
    assert len(ds.report) == 0 and ds.report.edits == [] and ds.report.to_json() == "" and not ds.steps


def test_a_fix_is_taken_back(street):
    ds = vetset.open(street)
    fixed = ds.fix(unsafe=True)
    assert fixed.labels_id != ds.labels_id == fixed.undo(fixed.report).labels_id and not fixed.undo(fixed.report).steps
    fixed.convert(street.parent / "fixed")
    written = vetset.open(street.parent / "fixed").undo(street.parent / "fixed.fix.json")
    assert written.labels_id == ds.labels_id
    with pytest.raises(vetset.Error) as raised:
        ds.undo(street.parent / "nowhere.json")
    assert raised.value.code == "not_found" and raised.value.file.endswith("nowhere.json")
    with pytest.raises(vetset.Error):
        ds.undo(fixed.report)


def test_a_chain_writes_every_document_and_the_lock(street):
    out = street.parent / "out"
    ds = vetset.open(street).fix().split("50/50", names=["train", "val"], seed=3).transform(where="box.width >= 8")
    assert [step.name for step in ds.steps] == ["fix", "split", "transform"]
    proof = ds.convert(out)
    assert proof["to"] == "yolo" and [step["name"] for step in proof["steps"]] == ["fix", "split", "transform"]
    assert sorted(p.name for p in street.parent.glob("out.*")) == [
        "out.fix.json", "out.proof.json", "out.split.json", "out.split.lock", "out.transform.json"]
    assert proof.locks == [f"{out}.split.lock", f"{out}/split.lock"] and len(proof.step_paths) == 3
    again = vetset.open(out)
    assert len(again.images) == len(ds.images) and len(again.annotations) == len(ds.annotations)
    unknown = sum(not media for media in again.images.media)  # without bytes, and moved: nothing to know it by
    assert again.split(lock=f"{out}.split.lock").report["growth"]["placed"] == unknown < 2


def test_a_split_is_published_with_its_lock(street):
    out = street.parent / "out"
    (street.parent / "out.split.lock").mkdir()  # no file can take its place
    with pytest.raises(vetset.Error):
        vetset.open(street).split(seed=3).convert(out)
    assert not out.exists() or (out / "split.lock").is_file()


def test_a_dry_run_writes_no_lock(street):
    proof = vetset.open(street).split().convert(street.parent / "out", dry_run=True)
    assert proof.locks == [] and [p.name for p in street.parent.iterdir()] == ["street"]


def test_a_split_is_the_same_every_time_and_says_how_even_it_is(street):
    ds = vetset.open(street)
    one, two = ds.split("50/25/25", seed=7), ds.split((50, 25, 25), seed=7)
    assert one.labels_id == two.labels_id != ds.split("50/25/25", seed=8).labels_id
    assert one.report.to_json() == two.report.to_json() and json.loads(one.report.lock)
    assert [s["name"] for s in one.report.splits] == ["train", "val", "test"]
    assert sum(s["images"] for s in one.report.splits) == len(one.images)
    folds = [ds.split(folds=3, fold_index=k).memberships for k in range(3)]
    assert all(len(fold) == len(ds.images) for fold in folds)


def test_transform_takes_names_as_they_are(coco):
    ds = vetset.open(coco)
    odd = ds.transform(rename={"cat": "a,b=c\\d"})
    assert list(odd.categories.name) == ["a,b=c\\d", "dog"]
    one = odd.transform(merge={"animal": ["a,b=c\\d", "dog"]})
    assert list(one.categories.name) == ["animal"] and len(one.annotations) == 3
    assert list(odd.transform(drop_classes=["a,b=c\\d"]).categories.name) == ["dog"]
    assert list(ds.transform(order="dog,cat").categories.name) == ["dog", "cat"]
    assert len(ds.transform(images_where="image.width > 30").images) == 1
    assert len(ds.transform(sample=1).images) == len(ds.transform(sample="50%").images) == 1
    assert ds.transform(keep_classes="cat").report["after"]["annotations"] == 2


def test_combine_takes_paths_and_datasets(coco, street):
    ds = vetset.open(coco)
    both = vetset.combine([ds, street], map={"cat": "person"}, rename={"dog": "car"})
    assert len(both.images) == len(ds.images) + 73 and both.format == ""
    assert [source["name"] for source in both.report["sources"]] == ["coco", "street"]
    assert both.check(images=False).counts and both.stats()["counts"]["images"] == len(both.images)
    with pytest.raises(vetset.Error, match="expected to=FORMAT"):
        both.convert(coco.parent / "both")
    with pytest.raises(vetset.Error, match="convert it to one, then compare"):
        vetset.diff(both, ds)
    proof = both.convert(coco.parent / "both", to="coco", accept="all")
    assert proof["steps"][0]["name"] == "combine"


def test_diff_says_what_changed(coco):
    ds = vetset.open(coco)
    assert vetset.diff(ds, coco).equal and not vetset.diff(ds, coco)
    changed = vetset.diff(ds, ds.fix(select="FMT407"))
    assert changed and not changed.equal and changed["objects"]["changed"] == 1
    assert changed.to_markdown().startswith("### ") and json.loads(changed.to_json()) == dict(changed)
    assert vetset.diff(ds, ds.fix(select="FMT407"), only="annotation.category").equal


def test_stats_count(coco):
    stats = vetset.open(coco).stats()
    assert stats["counts"] == {"images": 2, "annotations": 3, "categories": 2, "splits": 1}
    assert [(c["name"], c["objects"]) for c in stats["classes"]] == [("cat", 2), ("dog", 1)]


def test_a_package_comes_back(coco, tmp_path):
    ds = vetset.open(coco)
    key = vetset.new_key(tmp_path / "team.key")
    packed = ds.pack(tmp_path / "coco.pkg", key=key.private_path, name="cats", version="1.2.0")
    assert packed.layout == "files" and packed.proof.exact and packed.seal.labels_id == ds.labels_id
    assert vetset.verify(packed.target, key=key.public_path).verdict == "verified"
    assert vetset.unpack(packed.target, tmp_path / "back").exact
    assert vetset.open(tmp_path / "back").dataset_id == ds.dataset_id
    with pytest.raises(vetset.Error, match="is no package"):
        vetset.unpack(coco, tmp_path / "no")


def test_label_files_come_back_to_the_byte_from_one_file(street):
    package = street.parent / "street.tar"
    vetset.open(street).pack(package, single_file=True)
    vetset.unpack(package, street.parent / "back")
    for path in street.glob("labels/*/*.txt"):
        if path.name != "street_0099.txt":  # has no image
            assert (street.parent / "back" / path.relative_to(street)).read_bytes() == path.read_bytes(), path


def test_what_was_edited_cannot_be_sealed_in_place(coco):
    with pytest.raises(vetset.Error, match="convert it, and seal that"):
        vetset.open(coco).fix(select="FMT407").seal()


def test_an_edited_dataset_is_judged_by_what_it_says(street):
    ds = vetset.open(street)
    few = ds.transform(sample=3).check()
    assert not few.trainers and ds.check().trainers
    assert not [f for f in few if f.code == "LBL111" and f.image is None]
    with pytest.raises(vetset.Error, match="a trainer reads files"):
        ds.transform(sample=3).check(trainer="ultralytics")


def test_check_takes_what_the_program_takes(coco, tmp_path):
    ds = vetset.open(coco)
    assert not ds.check(severity={"FMT407": "error"}, select="FMT407").ok
    assert ds.check(severity={"FMT407": "error"}, select="FMT407", fail_on="never").ok
    ds.check().write_baseline(tmp_path / "known.json")
    known = ds.check(baseline=tmp_path / "known.json")
    assert known.findings == () and known.taken_out["baseline"] == len(ds.check().findings)
    (coco / "vetset.toml").write_text('[check]\nselect = ["FMT407"]\n')
    assert set(ds.check().counts) == {"FMT407"} != set(ds.check(config="none").counts)
    assert {r.code for r in ds.check().results if r.not_run is None} == {"FMT407"}
    assert json.loads(ds.check().to_sarif())["version"] == "2.1.0" and "<testsuite" in ds.check().to_junit()


def test_explain_is_the_page_of_a_rule():
    assert vetset.explain("FMT407") == vetset.explain("box-outside-image") and "# FMT407" in vetset.explain("FMT407")


@pytest.mark.parametrize("wrong", [
    lambda ds: ds.fix(select="nonsense"),
    lambda ds: ds.split("80-20"),
    lambda ds: ds.split(group_by="scene"),
    lambda ds: ds.split(fold_index=1),
    lambda ds: ds.transform(where="box.width >"),
    lambda ds: ds.transform(rename={"cow": "cat"}),
    lambda ds: ds.transform(sample="many"),
    lambda ds: vetset.combine([ds]),
    lambda ds: vetset.combine([ds, ds], dedup="all"),
    lambda ds: vetset.diff(ds, ds, only="boxes"),
    lambda ds: ds.pack("x", layout="pile"),
    lambda ds: ds.check(fail_on="sometimes"),
    lambda ds: ds.check(severity={"FMT407": "grave"}),
    lambda ds: ds.check(thresholds={"image-sise": 1280}),
    lambda ds: ds.check(thresholds={"image_size": 1}),
    lambda ds: ds.check(today="tomorrow"),
    lambda ds: ds.check(trainer="nobody"),
    lambda ds: vetset.explain("FMT999"),
])
def test_wrong_words_are_answered(coco, wrong):
    with pytest.raises(vetset.Error) as raised:
        wrong(vetset.open(coco))
    assert raised.value.code in ("usage", "malformed"), raised.value
