"""A training run over a sealed folder, imitated: what it leaves behind and rewrites is named, and put back."""
import json
import shutil
import struct

import pytest

from conftest import listing, said


def rewritten(jpeg):
    """The picture with a comment in it: other bytes, as after `image.save`."""
    data = jpeg.read_bytes()
    assert data[:2] == b"\xff\xd8"
    jpeg.write_bytes(data[:2] + b"\xff\xfe" + struct.pack(">H", 8) + b"edited" + data[2:])


def train(folder):
    """What Ultralytics and its user do to a folder in a day."""
    for part in ("train", "val"):
        (folder / f"labels/{part}.cache").write_bytes(b"\x93NUMPY")
    for name in ("runs/detect/train/weights/best.pt", "runs/detect/train/results.csv"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    image = sorted((folder / "images/train").glob("*.jpg"))[0]
    rewritten(image)
    label = sorted((folder / "labels/train").glob("*.txt"))[3]
    label.write_text(label.read_text().replace("0", "1", 1) + "0 0.5 0.5 0.1 0.1\n")
    lost = sorted((folder / "labels/val").glob("*.txt"))[0]
    lost.unlink()
    return [str(p.relative_to(folder)) for p in (image, label, lost)]


def lines(vetset, *arguments):
    return said(vetset(*arguments), 1).splitlines()


@pytest.mark.parametrize("layout", ["files", "shards", "tar", "copy", "sealed copy", "zip"])
def test_after_training_all_is_named_and_put_back(vetset, street, layout):
    assert vetset("key", "new", "team.key").returncode == 0
    assert vetset("seal", "street", "--key", "team.key").returncode == 0
    before = listing(street)
    source = "street.pkg"
    if layout in ("files", "shards"):
        assert vetset("pack", "street", "-o", source, "--layout", layout).returncode == 0
    elif layout == "tar":
        source = "street.tar"
        assert vetset("pack", "street", "-o", source, "--single-file", "--layout", "shards").returncode == 0
    elif layout == "zip":
        source = shutil.make_archive(str(vetset.folder / "street"), "zip", vetset.folder, "street/images")
    else:
        shutil.copytree(street, vetset.folder / source)
        if layout == "copy":
            shutil.rmtree(vetset.folder / source / ".vetset")
    image, label, lost = train(street)

    told = lines(vetset, "verify", "street")
    assert any(line.startswith("L0 W_LITTER") and "maker=Ultralytics" in line for line in told)
    assert any(line.startswith(f"L0 E_SIZE {image}") and "Ultralytics" in line for line in told)
    assert any(line.startswith(f"L0 E_SIZE {label}") for line in told)
    assert any(line.startswith(f"L0 E_MISSING {lost}") for line in told)

    found = json.loads(said(vetset("restore", "street", "--json"), 1))
    assert [(f["path"], bool(f["trouble"])) for f in found["changed"]] == sorted([(image, True), (label, False), (lost, False)])
    planned = json.loads(said(vetset("restore", "street", "--from", source, "--dry-run", "--json"), 0))
    assert planned["put_back"] == 1 and planned["changed"][0]["path"] == image
    done = json.loads(said(vetset("restore", "street", "--from", source, "--json"), 0))
    assert done["whole"] and done["put_back"] == 1 and not done["extra"]
    assert "INTACT" in said(vetset("verify", "street"), 0)
    assert said(vetset("verify", "street", "--key", "team.key.pub"), 0).splitlines()[-1].startswith("VERIFIED")

    assert said(vetset("restore", "street", "--clean"), 0).splitlines()[-1].startswith("whole")
    assert listing(street) == before
    assert not (street / "runs").exists()
    assert "W_LITTER" not in said(vetset("verify", "street"), 0)


def test_what_is_no_part_of_it_is_left_alone(vetset, street):
    assert vetset("seal", "street").returncode == 0
    (street / "notes.txt").write_text("mine")
    (street / "images/train/new.jpg").write_bytes(b"x")
    told = said(vetset("restore", "street", "--clean"), 1)
    assert "notes.txt" in told and "images/train/new.jpg" in told and "left alone" in told
    assert (street / "notes.txt").read_text() == "mine"
    # Exit 0 is verify's word.
    (street / "notes.txt").unlink()
    (street / "images/train/new.jpg").unlink()
    (street / "empty").mkdir()
    assert vetset("restore", "street").returncode == vetset("verify", "street").returncode == 1
    (street / "empty").rmdir()
    (street / ".vetset/attest").mkdir()
    (street / ".vetset/attest/junk.json").write_text("{}")
    assert vetset("restore", "street").returncode == vetset("verify", "street").returncode == 1


def test_a_seal_that_cannot_be_relied_on_restores_nothing(vetset, street):
    assert vetset("seal", "street").returncode == 0
    manifest = street / ".vetset/vetset.json"
    manifest.write_text(manifest.read_text().replace('"size":', '"size": '))
    sorted((street / "labels/train").glob("*.txt"))[0].unlink()
    before = listing(street)
    done = vetset("restore", "street")
    assert done.returncode == 2 and b"E_NOT_CANONICAL" in done.stderr
    assert listing(street) == before
    assert b"found no seal" in vetset("restore", "street/images").stderr


def test_damaged_tables_come_back_from_another_seal(vetset, street):
    assert vetset("seal", "street").returncode == 0
    shutil.copytree(street, vetset.folder / "copy")
    table = street / ".vetset/tables/authored.parquet"
    table.write_bytes(b"PAR1" + b"\0" * 100 + b"PAR1")
    (street / "data.yaml").write_text("names: []\n")
    assert vetset("restore", "street").returncode == 1
    done = json.loads(said(vetset("restore", "street", "--from", "copy", "--json"), 0))
    assert {f["path"] for f in done["changed"]} == {".vetset/tables/authored.parquet", "data.yaml"}
    assert "INTACT" in said(vetset("verify", "street"), 0)


def test_parents_and_time_are_stated_only_where_they_were_said(vetset, street):
    assert vetset("pack", "street", "-o", "first.pkg").returncode == 0
    first = json.loads((vetset.folder / "first.pkg/vetset.json").read_text())
    assert first["parents"] == [] and "epoch" not in first
    made = json.loads(said(vetset("seal", "street", "--parent", "first.pkg", "--epoch", "1700000000", "--json"), 0))
    manifest = json.loads((street / ".vetset/vetset.json").read_text())
    [parent] = manifest["parents"]
    assert parent["dataset_id"] == first["dataset_id"] == made["dataset_id"] and parent["role"] == "derived"
    assert manifest["epoch"] == 1700000000
    done = vetset("pack", "street", "-o", "second.pkg", "--parent", "street", env=vetset.environment(SOURCE_DATE_EPOCH="12"))
    assert done.returncode == 0, done
    second = json.loads((vetset.folder / "second.pkg/vetset.json").read_text())
    assert second["epoch"] == 12 and second["parents"][0]["package_id"] == made["package_id"]
    for wrong, word in ((["--name", "Street"], b"lower-case"), (["--version", "1"], b"SemVer"), (["--epoch", "now"], b"seconds"),
                        (["--parent", "street/images"], b"no manifest")):
        done = vetset("seal", "street", *wrong)
        assert done.returncode == 2 and word in done.stderr, (wrong, done)
