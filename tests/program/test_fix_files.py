"""fix of image files and of copies: what is rewritten is kept as it was, and comes back to the byte."""
import hashlib
import json
import pathlib
import struct
import time

import jsonschema
import pytest
from conftest import failed, said

ROOT = pathlib.Path(__file__).resolve().parents[2]
PHOTO = next(p for p in sorted((ROOT / "samples").rglob("*.jpg")))


def turned(plain, orientation):
    """With EXIF that says an orientation and nothing else."""
    block = b"Exif\0\0II*\0\x08\0\0\0\x01\0" + struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0) + bytes(4)
    return plain[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + plain[2:]


def size_of(jpeg):
    at = 2
    while jpeg[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + struct.unpack(">H", jpeg[at + 2:at + 4])[0]
    height, width = struct.unpack(">HH", jpeg[at + 5:at + 9])
    return width, height


def files(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture
def shots(vetset):
    """One photo whose labels are of the shown frame, one whose labels are of the stored frame, one that tells nothing."""
    plain = PHOTO.read_bytes()
    width, height = size_of(plain)
    assert width > height and width % 16 == 0 and height % 16 == 0, "a sample photo of whole blocks"
    root = vetset.folder / "shots"
    (root / "images").mkdir(parents=True)
    for name in "shown", "stored", "either":
        (root / f"images/{name}.jpg").write_bytes(turned(plain, 6))
    boxes = {"shown": [2, width - 40, 20, 30], "stored": [width - 40, 2, 30, 20], "either": [2, 2, 20, 20]}
    (root / "instances.json").write_text(json.dumps({
        "images": [{"id": k, "file_name": f"images/{name}.jpg"} for k, name in enumerate(boxes, 1)],
        "annotations": [{"id": k, "image_id": k, "category_id": 1, "bbox": box} for k, box in enumerate(boxes.values(), 1)],
        "categories": [{"id": 1, "name": "cat"}]}))
    return root, width, height


def test_a_photo_is_turned_as_its_labels_see_it_without_loss_and_back(vetset, shots):
    root, width, height = shots
    before = files(root / "images")
    said(vetset("fix", "shots", "-o", "fixed", "--select", "FMT406"), 0)
    after = files(vetset.folder / "fixed/images")
    assert size_of(after["shown.jpg"]) == (height, width)
    assert after["stored.jpg"] == before["stored.jpg"] and after["either.jpg"] == before["either.jpg"]
    written = json.loads((vetset.folder / "fixed.fix.json").read_text())
    jsonschema.validate(written, json.loads((ROOT / "docs/schema/fix-v1.json").read_text()),
                        cls=jsonschema.Draft202012Validator)
    media = written["edits"][0]["media"]
    assert media["before"]["sha256"] == hashlib.sha256(before["shown.jpg"]).hexdigest()
    assert media["after"]["sha256"] == hashlib.sha256(after["shown.jpg"]).hexdigest()
    assert files(vetset.folder / "fixed.fix.files") == {"images/shown.jpg": before["shown.jpg"]}
    assert "nothing to repair" in said(vetset("fix", "fixed", "--dry-run", "--select", "FMT406"), 0)
    said(vetset("fix", "fixed", "--undo", "fixed.fix.json", "-o", "back"), 0)
    assert files(vetset.folder / "back/images") == before


def test_an_orientation_goes_when_asked_where_labels_are_of_the_stored_frame(vetset, shots):
    root, width, height = shots
    before = files(root / "images")
    said(vetset("fix", "shots", "-o", "fixed", "--select", "FMT406", "--unsafe"), 0)
    after = files(vetset.folder / "fixed/images")
    assert size_of(after["stored.jpg"]) == (width, height)
    assert sum(a != b for a, b in zip(before["stored.jpg"], after["stored.jpg"], strict=True)) == 1
    assert after["either.jpg"] == before["either.jpg"]
    said(vetset("fix", "fixed", "--undo", "fixed.fix.json", "-o", "back"), 0)
    assert files(vetset.folder / "back/images") == before


def test_without_the_files_as_they_were_nothing_is_taken_back(vetset, shots):
    said(vetset("fix", "shots", "-o", "fixed", "--select", "FMT406"), 0)
    kept = vetset.folder / "fixed.fix.files/images/shown.jpg"
    kept.write_bytes(kept.read_bytes() + b"x")
    failed(vetset("fix", "fixed", "--undo", "fixed.fix.json", "-o", "back"), 2, "shown.jpg")
    kept.unlink()
    assert vetset("fix", "fixed", "--undo", "fixed.fix.json", "-o", "back").returncode == 2
    assert not (vetset.folder / "back").exists()


def test_where_no_images_are_written_no_file_is_repaired(vetset, shots):
    assert "nothing to repair" in said(vetset("fix", "shots", "-o", "fixed", "--images", "none", "--select", "FMT406"), 0)


def test_a_killed_fix_of_files_leaves_the_old_state_or_the_new_one(vetset, shots):
    seen = set()
    for k in range(12):
        process = vetset.start("fix", "shots", "-o", "fixed", "--overwrite", "--select", "FMT406")
        time.sleep(0.004 * k)
        process.kill()
        process.communicate(timeout=60)
        there = (vetset.folder / "fixed").exists()
        seen.add(there)
        if there:
            assert size_of((vetset.folder / "fixed/images/shown.jpg").read_bytes())[0] == shots[2]
    said(vetset("fix", "shots", "-o", "fixed", "--overwrite", "--select", "FMT406"), 0)
    assert sorted(p.name for p in vetset.folder.iterdir()) == ["fixed", "fixed.fix.files", "fixed.fix.json", "fixed.proof.json", "shots"]


def test_most_copies_of_a_picture_say_how_it_is_labelled(vetset):
    root = vetset.folder / "copies"
    (root / "images").mkdir(parents=True)
    (root / "labels").mkdir()
    (root / "data.yaml").write_text("train: images\nval: images\nnames: [cat, dog]\n")
    for name, rows in ("a", "0 0.5 0.5 0.2 0.2\n"), ("b", "0 0.5 0.5 0.2 0.2\n"), ("c", "1 0.5 0.5 0.2 0.2\n1 0.1 0.1 0.1 0.1\n"), ("d", ""):
        (root / f"images/{name}.jpg").write_bytes(PHOTO.read_bytes())
        (root / f"labels/{name}.txt").write_text(rows)
    # Two of four are not most of them.
    assert "nothing to repair" in said(vetset("fix", "copies", "--dry-run", "--unsafe", "--select", "LBL101"), 0)
    (root / "images/d.jpg").unlink()
    (root / "labels/d.txt").unlink()
    said(vetset("fix", "copies", "-o", "fixed", "--unsafe", "--select", "LBL101"), 0)
    assert (vetset.folder / "fixed/labels/c.txt").read_text().split()[0] == "0"
    assert len((vetset.folder / "fixed/labels/c.txt").read_text().splitlines()) == 1
    assert "nothing to repair" in said(vetset("fix", "fixed", "--dry-run", "--unsafe", "--select", "LBL101"), 0)
    said(vetset("fix", "fixed", "--undo", "fixed.fix.json", "-o", "back"), 0)
    assert files(vetset.folder / "back/labels") == files(root / "labels")


def test_an_unlabelled_copy_gets_what_most_say(vetset):
    root = vetset.folder / "copies"
    (root / "images").mkdir(parents=True)
    (root / "labels").mkdir()
    (root / "data.yaml").write_text("train: images\nval: images\nnames: [cat, dog]\n")
    for name, rows in ("a", "0 0.5 0.5 0.2 0.2\n"), ("b", "0 0.5 0.5 0.2 0.2\n"), ("c", "1 0.1 0.1 0.1 0.1\n"):
        (root / f"images/{name}.jpg").write_bytes(PHOTO.read_bytes())
        (root / f"labels/{name}.txt").write_text(rows)
    said(vetset("fix", "copies", "-o", "fixed", "--unsafe", "--select", "LBL101"), 0)
    row = (vetset.folder / "fixed/labels/c.txt").read_text().split()
    assert [float(n) for n in row] == pytest.approx([0, 0.5, 0.5, 0.2, 0.2], abs=1e-6)
    said(vetset("fix", "fixed", "--undo", "fixed.fix.json", "-o", "back"), 0)
    assert files(vetset.folder / "back/labels") == files(root / "labels")


def test_a_name_that_lies_about_the_bytes_is_mended_with_its_labels(vetset, street):
    wrong = street / "images/train/street_0001.png"
    right = street / "images/train/street_0001.jpg"
    assert right.exists()
    right.rename(wrong)
    said(vetset("fix", "street", "-o", "fixed", "--unsafe", "--select", "FMT420"), 0)
    assert (vetset.folder / "fixed/images/train/street_0001.jpg").read_bytes() == wrong.read_bytes()
    assert "nothing to repair" in said(vetset("fix", "fixed", "--dry-run", "--unsafe", "--select", "FMT420"), 0)
    said(vetset("fix", "fixed", "--undo", "fixed.fix.json", "-o", "back"), 0)
    assert files(vetset.folder / "back/images") == files(street / "images")
