"""Files made to break a reader end in findings or in one clear error: never a crash, never a file outside the target."""
import io
import json
import os
import struct
import zipfile
import zlib

from conftest import failed, said

import pytest


def png(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = (b"\0" + bytes(3 * width)) * height
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) +
            chunk(b"IEND", b""))


def archive(entries, compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as z:
        for name, data in entries:
            z.writestr(name, data)
    return out.getvalue()


DOCUMENT = json.dumps({"images": [{"id": 1, "file_name": "a.png", "width": 4, "height": 4}], "categories": [{"id": 1, "name": "a"}],
                       "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1], "area": 1, "iscrowd": 0}]})
GOOD = [("instances.json", DOCUMENT), ("images/a.png", png(4, 4))]


def test_a_good_archive_is_read(vetset):
    (vetset.folder / "good.zip").write_bytes(archive(GOOD))
    assert "1 image, 1 object" in said(vetset("check", "good.zip"), 0)


@pytest.mark.parametrize("keep", [0, 3, 4, 21, 40, 100, -1, -10, -22, -60])
def test_a_truncated_archive_is_one_error(vetset, keep):
    data = archive(GOOD)
    (vetset.folder / "cut.zip").write_bytes(data[:keep])
    failed(vetset("check", "cut.zip"), 2, "cut.zip")


def test_every_flipped_byte_of_an_archive_ends_in_order(vetset):
    data = archive(GOOD)
    for at in range(0, len(data), 7):
        broken = bytearray(data)
        broken[at] ^= 0xFF
        (vetset.folder / "flipped.zip").write_bytes(bytes(broken))
        done = vetset("check", "flipped.zip", timeout=20)
        assert done.returncode in (0, 1, 2), (at, done)
        if done.returncode == 2:
            failed(done, 2)


@pytest.mark.parametrize("name", ["../evil.txt", "/tmp/vetset-evil.txt", "a/../../evil.txt", "C:\\evil.txt", "images/\x01.png"])
def test_a_path_that_leaves_its_archive_is_not_followed(vetset, name):
    (vetset.folder / "evil.zip").write_bytes(archive([*GOOD, (name, b"evil")]))
    done = vetset("convert", "evil.zip", "out", "--to", "coco")
    assert done.returncode in (0, 1, 2), done
    if done.returncode == 2:
        failed(done, 2)
    assert not os.path.exists("/tmp/vetset-evil.txt")
    assert {p.name for p in vetset.folder.iterdir()} <= {"evil.zip", "out", "out.proof.json"}


def test_an_archive_that_grows_without_end_is_refused(vetset):
    bomb = archive([("instances.json", b"[" + b" " * (300 << 20))])
    (vetset.folder / "bomb.zip").write_bytes(bomb)
    done = vetset("check", "bomb.zip", timeout=60)
    failed(done, 2, "bomb.zip") if done.stdout == b"" else None
    assert done.returncode in (1, 2)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"images":[' + "{" * 5000, '{"images":[],"annotations":[],"categories":[]',
                                  '{"images":[{"id":1e999}],"annotations":[],"categories":[]}', "\x00" * 1000, DOCUMENT[:-20]])
def test_a_broken_document_is_one_error_with_its_place_or_findings(vetset, text):
    (vetset.folder / "instances.json").write_text(text)
    done = vetset("check", "instances.json", timeout=20)
    if done.returncode == 2:
        failed(done, 2, "instances.json")
    else:
        said(done, done.returncode)
        assert done.returncode in (0, 1)


def test_the_terminal_is_not_spoken_to_by_the_data(vetset):
    document = DOCUMENT.replace('"name": "a"', '"name": "\\u001b[2Ja\\u001b]0;x\\u0007"')
    (vetset.folder / "instances.json").write_text(document)
    for command in [["check", "instances.json", "--all"], ["convert", "instances.json", "out", "--to", "yolo", "--all"]]:
        done = vetset(*command)
        assert b"\x1b" not in done.stdout + done.stderr and b"\x07" not in done.stdout + done.stderr, command
