"""--strip-metadata of convert and pack: what image files tell goes on the way, is counted in the proof, and nothing else goes."""
import json

import pytest
from conftest import failed, said
from test_fix_files import turned


@pytest.fixture
def dressed(street):
    photo = street / "images/train/street_0002.jpg"
    plain = photo.read_bytes()
    photo.write_bytes(turned(plain[:2] + b"\xff\xfe\x00\x11by ana@home.xyz" + plain[2:], 1))
    return street, plain


def test_converted_images_tell_nothing_and_the_proof_counts_it(vetset, dressed):
    street, _ = dressed
    before = (street / "images/train/street_0002.jpg").read_bytes()
    said(vetset("convert", "street", "bare", "--to", "yolo", "--strip-metadata"), 0)
    after = (vetset.folder / "bare/images/train/street_0002.jpg").read_bytes()
    assert b"ana@home.xyz" in before and b"ana@home.xyz" not in after
    steps = json.loads((vetset.folder / "bare.proof.json").read_text())["steps"]
    assert [s["name"] for s in steps] == ["strip"] and "APP1 EXIF" in steps[0]["summary"]
    listed = {f["path"]: f for f in json.loads((vetset.folder / "bare.strip.json").read_text())["files"]}
    assert listed["images/train/street_0002.jpg"]["bytes"]["after"] == len(after)
    assert vetset("diff", "street", "bare").returncode in (0, 1)  # 1: bytes of images are others


def test_packed_images_tell_nothing(vetset, dressed):
    assert "removed" in said(vetset("pack", "street", "-o", "street.pkg", "--strip-metadata"), 0)
    assert "nothing found" in said(vetset("privacy", "street.pkg", "--no-values"), 0)
    assert json.loads((vetset.folder / "street.pkg/vetset.json").read_text())["name"] == "street"


def test_what_rewrites_images_needs_images_to_write(vetset, dressed):
    failed(vetset("convert", "street", "bare", "--to", "yolo", "--strip-metadata", "--images", "none"), 2, "--images none")
    failed(vetset("pack", "street", "-o", "p", "--strip-metadata", "--layout", "external"), 2, "external")
