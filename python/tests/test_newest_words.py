"""Words that the command line has, too: what a check compares, whose factors a split heeds, which files a fix turns,
and what writing leaves out."""

import json
import pathlib
import struct

import pytest
import vetset

ROOT = pathlib.Path(__file__).resolve().parents[2]
PHOTO = next(p for p in sorted((ROOT / "samples").rglob("*.jpg")))


def turned(plain, orientation):
    """With EXIF that says an orientation and nothing else."""
    block = b"Exif\0\0II*\0\x08\0\0\0\x01\0" + struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0) + bytes(4)
    return plain[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + plain[2:]


def size_of(jpeg):
    at = 2
    while jpeg[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
    height, width = struct.unpack(">HH", jpeg[at + 5 : at + 9])
    return width, height


@pytest.fixture
def shot(tmp_path):
    """A photo that is stored lying, with labels of the frame that is shown."""
    plain = PHOTO.read_bytes()
    width, height = size_of(plain)
    folder = tmp_path / "shot"
    (folder / "images").mkdir(parents=True)
    (folder / "images/a.jpg").write_bytes(turned(plain, 6))
    (folder / "instances.json").write_text(json.dumps({
        "images": [{"id": 1, "file_name": "images/a.jpg"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [2, width - 40, 20, 30]}],
        "categories": [{"id": 1, "name": "cat"}]}))
    return folder, (height, width)


def test_fix_turns_files_and_keeps_them_as_they_were(shot, tmp_path):
    folder, shown = shot
    before = (folder / "images/a.jpg").read_bytes()
    fixed = vetset.open(folder).fix(select="FMT406")
    proof = fixed.convert(tmp_path / "fixed")
    assert size_of((tmp_path / "fixed/images/a.jpg").read_bytes()) == shown
    assert proof.originals and (pathlib.Path(proof.originals) / "images/a.jpg").read_bytes() == before
    assert (folder / "images/a.jpg").read_bytes() == before
    back = vetset.open(tmp_path / "fixed").undo(tmp_path / "fixed.fix.json").convert(tmp_path / "back")
    assert back.originals is None and (tmp_path / "back/images/a.jpg").read_bytes() == before


def test_undo_in_memory_brings_files_back(shot, tmp_path):
    folder, _ = shot
    fixed = vetset.open(folder).fix(select="FMT406").transform(rename={"cat": "dog"}).transform(rename={"dog": "cat"})
    source = vetset.open(folder).fix(select="FMT406")
    source.undo(source.report).convert(tmp_path / "back")
    assert (tmp_path / "back/images/a.jpg").read_bytes() == (folder / "images/a.jpg").read_bytes()
    assert not (tmp_path / "back.fix.files").exists()
    proof = fixed.convert(tmp_path / "later")  # edits behind a fix keep its files
    assert proof.originals and (tmp_path / "later/images/a.jpg").read_bytes() != (folder / "images/a.jpg").read_bytes()


def test_fix_leaves_files_alone_where_it_is_told_to(shot, tmp_path):
    folder, _ = shot
    dataset = vetset.open(folder)
    dataset.fix(select="FMT406", files=False).convert(tmp_path / "out")
    assert (tmp_path / "out/images/a.jpg").read_bytes() == (folder / "images/a.jpg").read_bytes()
    with pytest.raises(vetset.Error, match="repair with files=False"):
        dataset.fix(select="FMT406").convert(tmp_path / "none", images="none")


def test_a_file_that_got_another_name_is_found_by_the_next_edit(coco, tmp_path):
    (coco / "a.png").rename(coco / "a.jpg")
    labels = coco / "instances.json"
    labels.write_text(labels.read_text(encoding="utf-8").replace('"a.png"', '"a.jpg"'), encoding="utf-8")
    fixed = vetset.open(coco).fix(select="extension-of-type", unsafe=True)
    assert "a.png" in list(fixed.images.path)
    fixed.transform(rename={"cat": "lynx"}).convert(tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").rglob("a.*")] == ["a.png"]


def test_metadata_is_left_out_of_what_is_written(shot, tmp_path):
    folder, _ = shot
    photo = folder / "images/a.jpg"
    plain = photo.read_bytes()
    photo.write_bytes(plain[:2] + b"\xff\xfe\x00\x0ftaken by Jane" + plain[2:])
    dataset = vetset.open(folder)
    proof = dataset.convert(tmp_path / "bare", strip_metadata=True)
    assert b"taken by Jane" not in (tmp_path / "bare/images/a.jpg").read_bytes()
    assert proof.metadata_left == [] and [pathlib.Path(p).name for p in proof.step_paths] == ["bare.strip.json"]
    dataset.convert(tmp_path / "whole")
    assert b"taken by Jane" in (tmp_path / "whole/images/a.jpg").read_bytes() and not dataset.steps
    packed = dataset.pack(tmp_path / "bare.pkg", strip_metadata=True)
    assert all(b"taken by Jane" not in p.read_bytes() for p in pathlib.Path(packed.target).rglob("*.jpg"))
    for asked in (lambda: dataset.convert(tmp_path / "x", images="none", strip_metadata=True),
                  lambda: dataset.pack(tmp_path / "y", layout="external", strip_metadata=True)):
        with pytest.raises(vetset.Error, match="expected one of them"):
            asked()


def test_check_compares_objects_and_known_pictures(street, tmp_path):
    dataset = vetset.open(street)
    usual = dataset.check(select="LEA313,LEA317", pixels=True, cache=False)
    assert [usual.not_run[code] for code in ("LEA313", "LEA317")] == ["needs --objects", "needs --known"]
    facts = tmp_path / "facts.parquet"
    dataset.scan(cache=False).facts.to_parquet(facts)
    report = dataset.check(select="LEA313,LEA317", objects=True, known=facts, cache=False)
    assert not {"LEA313", "LEA317"} & set(report.not_run) and report.counts["LEA317"] > 0
    with pytest.raises(vetset.Error, match="images=False looks at no file"):
        dataset.check(objects=True, images=False)


def test_split_heeds_factors_and_a_contract(street, tmp_path):
    dataset = vetset.open(street)
    by_light = dataset.split(near="none", stratify=["class", "pixel.luma_p50"], cache=False)
    assert "stratified by class, pixel.luma_p50" in repr(by_light.report)
    contract = tmp_path / "contract.yaml"
    contract.write_text(dataset.contract_init(near="basic", cache=False))
    stated = dataset.split(near="none", stratify="class,light", contract=contract, cache=False)
    assert "stratified by class, light" in repr(stated.report)
    with pytest.raises(vetset.Error, match="light"):
        dataset.split(near="none", stratify="light", cache=False)
    with pytest.raises(vetset.Error, match="nowhere"):
        dataset.split(near="none", contract=tmp_path / "nowhere.yaml")


def test_unpacking_takes_what_converting_takes(coco, tmp_path):
    vetset.open(coco).pack(tmp_path / "coco.pkg")
    dry = vetset.unpack(tmp_path / "coco.pkg", tmp_path / "out", dry_run=True)
    assert dry.target is None and not (tmp_path / "out").exists()
    vetset.unpack(tmp_path / "coco.pkg", tmp_path / "out", images="none", proof=tmp_path / "p.json")
    assert (tmp_path / "p.json").exists() and not list((tmp_path / "out").rglob("*.png"))
