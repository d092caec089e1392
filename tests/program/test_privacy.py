"""privacy: what image files, labels and texts tell; a copy without it whose pixels, as others decode them, are the same."""
import hashlib
import json
import struct
import zlib

import jsonschema
import pytest
from conftest import failed, listing, said
from test_json import schema


def segment(marker, payload):
    return bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload


def exif(orientation=6, thumbnail=b""):
    """Little-endian EXIF: orientation, artist, GPS, a body's serial number, and a second directory with a thumbnail."""
    def entry(tag, kind, count, value):
        return struct.pack("<HHI", tag, kind, count) + value
    artist, serial = b"Ana Kestrel\0", b"SN-0042\0"
    first, inner, gps = 8, 8 + 2 + 4 * 12 + 4, 8 + 2 + 4 * 12 + 4 + 2 + 12 + 4
    data = gps + 2 + 4 * 12 + 4
    second = data + len(artist) + len(serial) + 48
    at = {"artist": data, "serial": data + len(artist), "lat": data + len(artist) + len(serial)}
    at["lon"] = at["lat"] + 24
    out = b"II*\0" + struct.pack("<I", first)
    out += struct.pack("<H", 4) + entry(0x0112, 3, 1, struct.pack("<HH", orientation, 0)) + \
        entry(0x013B, 2, len(artist), struct.pack("<I", at["artist"])) + entry(0x8769, 4, 1, struct.pack("<I", inner)) + \
        entry(0x8825, 4, 1, struct.pack("<I", gps)) + struct.pack("<I", second if thumbnail else 0)
    out += struct.pack("<H", 1) + entry(0xA431, 2, len(serial), struct.pack("<I", at["serial"])) + bytes(4)
    out += struct.pack("<H", 4) + entry(1, 2, 2, b"S\0\0\0") + entry(2, 5, 3, struct.pack("<I", at["lat"])) + \
        entry(3, 2, 2, b"E\0\0\0") + entry(4, 5, 3, struct.pack("<I", at["lon"])) + bytes(4)
    out += artist + serial + struct.pack("<6I", 33, 1, 52, 1, 0, 1) + struct.pack("<6I", 151, 1, 12, 1, 36, 1)
    if thumbnail:
        out += struct.pack("<H", 2) + entry(0x0201, 4, 1, struct.pack("<I", second + 2 + 24 + 4)) + \
            entry(0x0202, 4, 1, struct.pack("<I", len(thumbnail))) + bytes(4) + thumbnail
    return out


XMP = (b'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><rdf:Description photoshop:City="Sydney"><dc:creator><rdf:Seq><rdf:li>Ben Rook</rdf:li>'
       b"</rdf:Seq></dc:creator><xmpMM:DerivedFrom>file:/Users/ben/raw/1.tif</xmpMM:DerivedFrom></rdf:Description></x:xmpmeta>")
IPTC = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0f\x1c\x02\x50\0\x0aCarla Wren"
ICC = segment(0xE2, b"ICC_PROFILE\0\x01\x01" + b"profile")


def dress_jpeg(plain, thumbnail):
    return plain[:2] + ICC + segment(0xE1, b"Exif\0\0" + exif(thumbnail=thumbnail)) + segment(0xE1, XMP) + segment(0xED, IPTC) + \
        segment(0xFE, b"edited in C:\\Users\\dan\\Desktop by dan@example.org") + plain[2:] + b"hidden behind"


def chunk(kind, payload):
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def dress_png(plain):
    return plain[:33] + chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"tEXt", b"Author\0Eve Crane") + chunk(b"eXIf", exif()) + \
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP[29:]) + plain[33:]


@pytest.fixture
def dressed(vetset, street):
    jpeg = street / "images/train/street_0001.jpg"
    plain = jpeg.read_bytes()
    jpeg.write_bytes(dress_jpeg(plain, plain))
    row = b"".join(b"\0" + bytes([40 * y, 99, 7] * 4) for y in range(4))
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(row)) + \
        chunk(b"IEND", b"")
    (street / "images/train/b.png").write_bytes(dress_png(png))
    (street / "labels/train/b.txt").write_text("0 0.5 0.5 0.5 0.5\n")
    return street


def things(vetset, *arguments, status=1):
    done = vetset("privacy", *arguments, "--json")
    assert done.returncode == status and done.stderr == b"", done
    document = json.loads(done.stdout)
    jsonschema.validate(document, schema("privacy"), cls=jsonschema.Draft202012Validator)
    return document


def test_everything_that_was_hidden_is_found(vetset, dressed):
    found = {(t["kind"], t["where"], t["value"]) for t in things(vetset, "street")["things"] if t.get("file", "").endswith("0001.jpg")}
    for wanted in [("place", "EXIF GPS", "-33.86667, 151.21"), ("person", "EXIF Artist", "Ana Kestrel"), ("device", "EXIF BodySerialNumber", "SN-0042"),
                   ("place", "XMP City", "Sydney"), ("person", "XMP creator", "Ben Rook"), ("user path", "XMP", "/Users/ben"),
                   ("person", "IPTC By-line", "Carla Wren"), ("user path", "COM", "C:\\\\Users\\\\dan"), ("address", "COM", "dan@example.org"),
                   ("thumbnail", "EXIF thumbnail", "320x240"), ("unread", "bytes behind the image", "13 bytes that no viewer shows")]:
        assert wanted in found or (wanted[0], wanted[1], wanted[2].replace("\\\\", "\\")) in found, (wanted, sorted(found))
    png = {(t["kind"], t["where"], t["value"]) for t in things(vetset, "street")["things"] if t.get("file", "").endswith("b.png")}
    assert ("person", "tEXt Author", "Eve Crane") in png and ("place", "EXIF GPS", "-33.86667, 151.21") in png, png
    shown = vetset("privacy", "street", "--no-values", "--all").stdout.decode()
    assert "EXIF GPS" in shown and "33.86" not in shown and "Kestrel" not in shown


def test_a_copy_tells_nothing_and_shows_the_same(vetset, dressed):
    before = listing(dressed)
    text = vetset("privacy", "street", "-o", "bare")
    assert text.returncode == 0, text
    assert listing(dressed) == before
    proof = json.loads((vetset.folder / "bare.strip.json").read_text())
    jsonschema.validate(proof, schema("strip"), cls=jsonschema.Draft202012Validator)
    # That of street_0005 holds an orientation, and is spelled anew.
    assert [f["path"] for f in proof["files"]] == ["images/train/b.png", "images/train/street_0001.jpg", "images/train/street_0005.jpg"]
    after = listing(vetset.folder / "bare")
    assert after.keys() == before.keys()
    assert [p for p in before if before[p] != after[p]] == [f["path"] for f in proof["files"]]
    for f in proof["files"]:
        assert hashlib.sha256(before[f["path"]]).hexdigest() == f["sha256"]["before"]
        assert hashlib.sha256(after[f["path"]]).hexdigest() == f["sha256"]["after"]
    jpeg = after["images/train/street_0001.jpg"]
    assert ICC in jpeg and b"hidden" not in jpeg and b"Kestrel" not in jpeg
    assert jpeg.count(b"Exif\0\0") == 1 and b"\x12\x01\x03\0\x01\0\0\0\x06" in jpeg, "the orientation stays"
    assert b"gAMA" in after["images/train/b.png"] and b"Eve" not in after["images/train/b.png"]
    assert things(vetset, "bare", status=0)["things"] == []
    # Pixels and coefficients, as the decoders of vetset see them.
    scans = [json.loads(vetset("scan", folder, "--no-cache", "--json", "--all").stdout) for folder in ["street", "bare"]]
    assert json.dumps(scans[0]).count("street_0001") == json.dumps(scans[1]).count("street_0001")
    assert vetset("privacy", "bare", "-o", "again").returncode == 0
    assert listing(vetset.folder / "again") == after, "what is bare stays as it is"


def test_labels_and_texts_are_looked_at(vetset, coco):
    document = next(p for p in coco.rglob("*.json"))
    data = json.loads(document.read_text())
    data["annotations"][0]["annotator"] = "ana"
    data["annotations"][1]["annotator"] = "ana"
    data["images"][0]["original"] = "C:\\Users\\ben\\a.jpg"
    data.setdefault("info", {})["contact"] = "team@example.org"
    document.write_text(json.dumps(data))
    (coco / "README.md").write_text("mail carla@example.org, see /home/carla/x; not /home/runner/work, not logo@2x.png\n")
    found = [(t["kind"], t.get("file"), t["value"], t["count"]) for t in things(vetset, "coco")["things"]]
    assert ("person", None, "ana", 2) in found, found
    assert ("address", "README.md", "carla@example.org", 1) in found and ("user path", "README.md", "/home/carla", 1) in found
    assert any(kind == "user path" and "ben" in value for kind, _, value, _ in found), found
    assert not any("runner" in value or "2x" in value for _, _, value, _ in found)


def test_what_cannot_be_stripped_is_refused_or_named(vetset, dressed):
    assert vetset("pack", "street", "-o", "street.pkg").returncode == 0
    failed(vetset("privacy", "street.pkg", "-o", "bare"), 1, "pack or seal that again")
    broken = dressed / "images/train/street_0002.jpg"
    data = broken.read_bytes()
    broken.write_bytes(data[:2] + segment(0xE1, b"Exif\0\0" + exif()) + data[2:-400])
    done = vetset("privacy", "street", "-o", "bare")
    assert done.returncode == 0 and b"street_0002.jpg" in done.stdout, done
    assert (vetset.folder / "bare/images/train/street_0002.jpg").read_bytes() == broken.read_bytes()
    failed(vetset("privacy", "street", "-o", "bare"), 1, "bare")
    said(vetset("privacy", "street", "--dry-run"), 0)
