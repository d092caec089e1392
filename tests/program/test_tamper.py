"""The tamper battery: each attack on every form of package that can express it is told by its line, with the exit status that
says what kind of no it is; the clean package passes. An attack changes a package and says where the line must point."""
import json
import os
import re
import shutil
import struct
import tarfile
import unicodedata
import zlib

import packages
from conftest import ROOT, Program
from packages import FOLDERS, FORMS, member, tar_of

import pytest

IN_SHARDS = ["shards", "tar"]
WHOLE, INTEGRITY, COULD_NOT, TRUST, POLICY, PART = 0, 1, 2, 4, 5, 6
ATTACKS = []


@pytest.fixture(scope="session")
def bases(tmp_path_factory):
    """A clean package of every form, signed with team.key; team.key and attacker.key lie beside them."""
    folder = tmp_path_factory.mktemp("bases")
    vetset = Program(folder)

    def run(*arguments):
        done = vetset(*arguments)
        assert done.returncode == 0, done
    shutil.copytree(ROOT / "samples/street-coco", folder / "street")
    shutil.copytree(folder / "street", folder / "sealed")
    (folder / "sealed/README.md").write_text("Streets.\n")
    run("key", "new", "team.key")
    run("key", "new", "attacker.key")
    run("seal", "sealed", "--key", "team.key", "--name", "street")
    run("pack", "street", "-o", "files", "--layout", "files", "--key", "team.key", "--name", "street")
    run("pack", "street", "-o", "shards", "--layout", "shards", "--key", "team.key", "--name", "street")
    run("pack", "street", "-o", "tar", "--single-file", "--layout", "shards", "--key", "team.key", "--name", "street")
    return {form: packages.Package(form, folder / form) for form in FORMS}


@pytest.fixture
def package(request, bases, tmp_path):
    return packages.copy(bases[request.param], tmp_path / "package")


def verify(package, *more, key="team.key.pub", bases=None, timeout=60):
    """Exit status, lines and verdict; a verification speaks on stdout alone, and never crashes."""
    keys = ["--key", bases["sealed"].path.parent / key] if key else []
    done = Program(package.path.parent)("verify", package.path, *keys, "--json", *more, timeout=timeout)
    assert done.stderr == b"" and done.returncode in (0, 1, 2, 4, 5, 6), done
    return done.returncode, json.loads(done.stdout)


def told(seen, code, where=""):
    return any(line["code"] == code and where in line["where"] for line in seen["lines"])


def attack(number, code, exit=INTEGRITY, forms=FORMS, options=(), key="team.key.pub"):
    """Declares an attack. It changes the package, and gives what the line's place must hold, or several (code, place)."""
    def declare(change):
        for form in forms:
            ATTACKS.append(pytest.param(form, change, code, exit, options, key, id=f"{number}-{change.__name__}-{form}"))
        return change
    return declare


@pytest.mark.parametrize("package", FORMS, indirect=True)
def test_a_clean_package_passes(package, bases):
    status, seen = verify(package, bases=bases)
    assert (status, seen["verdict"]) == (WHOLE, "VERIFIED"), seen
    assert all(line["code"] == "OK" for line in seen["lines"]), seen
    assert {line["level"] for line in seen["lines"]} >= {"L1", "L2", "L3"}
    assert verify(package, "--strict", bases=bases)[0] == WHOLE
    assert verify(package, key=None, bases=bases)[1]["verdict"] == "INTACT"



# The bytes of files


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


@attack("T01", "E_DIGEST")
def flip_a_bit_of_an_image(package):
    name = package.media()[0]
    package.write(name, flipped(package.read(name), 900))
    return name


@attack("T02", "E_DIGEST", forms=FOLDERS)
def flip_a_bit_and_keep_the_time(package):
    name = package.media()[0]
    before = os.stat(package.path / name)
    package.write(name, flipped(package.read(name), 900))
    os.utime(package.path / name, ns=(before.st_atime_ns, before.st_mtime_ns))
    return name


@attack("T03", "E_SIZE")
def truncate(package):
    name = package.media()[-1]
    package.write(name, package.read(name)[:-700])
    return name


@attack("T04", "E_SIZE")
def append(package):
    name = package.media()[-1]
    package.write(name, package.read(name) + b"more")
    return name


@attack("T04", "E_TAR", forms=["tar"])
def append_behind_the_archive(package):
    package.path.write_bytes(package.path.read_bytes() + b"more" * 128)
    return ""


@attack("T04", "E_TAR", forms=["tar"])
def hide_bytes_between_members(package):
    data = bytearray(package.path.read_bytes())
    with tarfile.open(package.path) as archive:
        gap = next(m.offset_data + m.size for m in archive if m.size % 512)
    data[gap] = 1
    package.path.write_bytes(data)
    return ""


@attack("T05", "E_MISSING")
def delete(package):
    name = package.media()[0]
    package.remove(name)
    return name


@attack("T06", "E_EXTRA")
def add(package):
    package.write("images/more.jpg", b"more")
    return "images/more.jpg"


@attack("T07", "E_EXTRA")
def add_a_hook(package):
    package.write(".git/hooks/post-checkout", b"#!/bin/sh\n")
    package.write(".github/workflows/run.yml", b"on: push\n")
    return [("E_EXTRA", ".git/hooks/post-checkout"), ("E_EXTRA", ".github/workflows/run.yml")]


@attack("T08", "E_EXTRA_DIR")
def add_an_empty_folder(package):
    if package.form == "tar":
        package.write_members([*package.members(), (member("media/empty", tarfile.DIRTYPE), b"")])
    else:
        (package.path / "media/empty").mkdir(parents=True)
    return "media/empty"


@attack("T09", "E_ATTEST_FOREIGN")
def put_junk_beside_the_signature(package):
    package.write(package.own + "attest/note.json", b"{}")
    return "attest/note.json"


@attack("T10", "E_MISSING")
def rename(package):
    name = package.media()[0]
    package.rename(name, "media/elsewhere")
    return [("E_MISSING", name), ("E_EXTRA", "media/elsewhere")]


@attack("T11", "E_SIZE")
def swap_two_files(package):
    one, other = sorted(f["path"] for f in package.manifest()["files"] if not f["path"].startswith(".vetset/"))[-2:]
    a, b = package.read(one), package.read(other)
    package.write(one, b)
    package.write(other, a)
    return [("E_SIZE", one), ("E_SIZE", other)]


@attack("T11", "E_DIGEST", forms=["sealed", "files"])
def swap_two_files_of_one_size(package):
    one, other = package.media()[:2]
    size = max(len(package.read(one)), len(package.read(other)))
    a, b = (package.read(name).ljust(size, b"\0") for name in (one, other))
    for name, data in ((one, a), (other, b)):
        package.write(name, data)
        package.list_again(name)
    package.write(one, b)
    package.write(other, a)
    return [("E_DIGEST", one), ("E_DIGEST", other)]


@attack("T12", "E_DIGEST", forms=IN_SHARDS)
def swap_two_images_in_a_shard(package):
    name, members = package.shard()
    same = {}
    for i, (_, data) in enumerate(members):
        same.setdefault((len(data) + 511) // 512, []).append(i)
    a, b = next(pair for pair in same.values() if len(pair) > 1)[:2]
    members[a], members[b] = (members[a][0], members[b][1]), (members[b][0], members[a][1])
    package.write(name, tar_of(members))
    return name


@attack("T46", "E_DIGEST", forms=["sealed"])
def change_a_document(package):
    package.write("README.md", b"STREETS.\n")
    return "README.md"


@attack("T49", "E_DIGEST", forms=IN_SHARDS)
def serve_another_shard_under_the_right_name(package):
    name, members = package.shard()
    package.write(name, tar_of([(key, bytes(len(data))) for key, data in members]))
    return name


# What a file is


@attack("T13", "E_SYMLINK", forms=FOLDERS)
def replace_by_a_link_to_the_same(package):
    name = package.media()[0]
    os.rename(package.path / name, package.path.parent / "moved")
    os.symlink(package.path.parent / "moved", package.path / name)
    return name


@attack("T13", "E_SYMLINK", forms=FOLDERS)
def link_inside_the_package(package):
    os.symlink(package.manifest_name, package.path / "images-of-another-name")
    return "images-of-another-name"


@attack("T14", "W_HARDLINK", exit=WHOLE, forms=FOLDERS)
def keep_another_name(package):
    name = package.media()[0]
    os.link(package.path / name, package.path.parent / "another-name")
    return name


@attack("T14", "W_HARDLINK", forms=FOLDERS, options=["--strict"])
def keep_another_name_strictly(package):
    return keep_another_name(package)


@attack("T15", "E_FILETYPE", forms=FOLDERS)
def add_a_pipe(package):
    os.mkfifo(package.path / "pipe")
    return "pipe"


@attack("T15", "E_FILETYPE", forms=FOLDERS)
def replace_by_a_pipe(package):
    name = package.media()[0]
    package.remove(name)
    os.mkfifo(package.path / name)
    return name


# Members of archives: the single file, and shards


def with_members(package, *more):
    """Adds members to the single file, or to the shard of a package whose manifest is corrected."""
    if package.form == "tar":
        package.write_members([*package.members(), *more])
        return
    name, members = package.shard()
    package.write(name, tar_of([*members, *more]))
    package.list_again(name)


@attack("T15", "E_TAR_TYPE", forms=IN_SHARDS)
def add_a_device_member(package):
    with_members(package, (member("device", tarfile.CHRTYPE), b""))
    return "device"


@attack("T17", "E_TAR_PATH", forms=IN_SHARDS)
def leave_the_archive(package):
    with_members(package, ("../escape", b"out"), ("/etc/escape", b"out"))
    return [("E_TAR_PATH", "../escape"), ("E_TAR_PATH", "/etc/escape")]


@attack("T18", "E_TAR_TYPE", forms=IN_SHARDS)
def go_through_a_link(package):
    with_members(package, (member("door", tarfile.SYMTYPE, "/tmp"), b""), ("door/x", b"through"))
    return "door"


@attack("T19", "E_TAR_DUP", forms=IN_SHARDS)
def name_a_member_twice(package):
    name = package.manifest_name if package.form == "tar" else package.shard()[1][0][0]
    with_members(package, (name, b"another"))
    return name


@attack("S10", "E_TAR", forms=IN_SHARDS)
def break_a_header(package):
    """A shard whose first header's checksum does not hold, in a manifest that lists it so."""
    name, members = package.shard()
    data = bytearray(tar_of(members))
    data[100] ^= 1
    package.write(name, bytes(data))
    package.list_again(name)
    return name


@attack("S10", "E_TAR_TYPE", forms=IN_SHARDS)
def hide_holes(package):
    with_members(package, (member("sparse", b"S"), b""))
    return "sparse"


# The manifest


def listing(package, *paths):
    """Lists more paths, each of a file that is there."""
    def change(manifest):
        like = manifest["files"][0]
        manifest["files"] += [{**like, "path": path} for path in paths]
        manifest["files"].sort(key=lambda f: f["path"].encode())
    package.edit(change)


for unsafe in ["../x", "/etc/passwd", "C:/x", "C:x", "a\\b", "a/./b", "a//b", "a/", "con.jpg", "a/LPT1", "dot.", "space ", "x" * 201,
               "/".join("a" * 9 for _ in range(17)), "/".join(["b" * 61] * 4), "tab\t", unicodedata.normalize("NFD", "é.jpg")]:
    def list_an_unsafe_path(package, unsafe=unsafe):
        listing(package, unsafe)
        return ""
    attack(f"T16-{unsafe[:12]!a}", "E_PATH", forms=["sealed", "files"])(list_an_unsafe_path)


@attack("T16", "E_PATH")
def list_the_seal_itself(package):
    listing(package, package.own + "attest/x")
    return "attest/x"


@attack("T20", "E_PATH_COLLISION")
def collide_where_case_does_not_count(package):
    listing(package, "zz/Straße.jpg", "zz/STRASSE.jpg")
    return "zz/"


@attack("T20", "E_PATH_COLLISION")
def need_a_folder_where_a_file_is(package):
    listing(package, "zz", "zz.jpg", "zz/a.jpg")  # the sorted list puts one between the two that collide
    return "zz/a.jpg"


@attack("T21", "E_NOT_CANONICAL")
def say_a_key_twice(package):
    package.write(package.manifest_name, package.read(package.manifest_name).replace(b'"name":', b'"name":"other","name":', 1))
    return package.manifest_name


@attack("T22", "E_NOT_CANONICAL")
def add_white_space(package):
    package.write(package.manifest_name, package.read(package.manifest_name) + b"\n")
    return package.manifest_name


@attack("T22", "E_NOT_CANONICAL")
def reorder_keys(package):
    manifest = package.manifest()
    package.write(package.manifest_name, json.dumps(dict(reversed(manifest.items())), separators=(",", ":")).encode())
    return package.manifest_name


@attack("T57", "E_MANIFEST")
def drop_a_digest(package):
    package.edit(lambda manifest: manifest["files"][0].pop("sha256"))
    return ""


@attack("T53", "E_CRITICAL", exit=COULD_NOT)
def need_an_unknown_extension(package):
    package.edit(lambda manifest: manifest["critical"].append("org.example.erasure"))
    return ""


@attack("T53", "E_VERSION", exit=COULD_NOT)
def be_of_a_later_version(package):
    package.edit(lambda manifest: manifest.update(vetset="2"))
    return ""


@attack("T33", "E_DATASET_ID")
def claim_another_identity(package):
    package.edit(lambda manifest: manifest.update(dataset_id="sha256:" + "0" * 64))
    return ""


# Who signed it


@attack("T23", "E_SIG_SUBJECT", exit=TRUST, forms=["sealed"])
def correct_the_digest_of_a_tampered_file(package):
    package.write("README.md", b"STREETS.\n")
    package.list_again("README.md")
    return ""


@attack("T23", "E_SIG_SUBJECT")
def correct_the_digest_of_a_tampered_image(package):
    name = package.media()[0]
    package.write(name, flipped(package.read(name), 900))
    package.list_again(name)
    return ""


@attack("T24", "E_UNTRUSTED_KEY", exit=TRUST, key="attacker.key.pub")
def be_signed_by_another_key(package):
    return package.signature_name


@attack("T25", "E_UNSIGNED", exit=TRUST)
def remove_the_signature(package):
    for name in package.names():
        if name.startswith(package.own + "attest/"):
            package.remove(name)
    return ""


@attack("T26", "E_SIG_SUBJECT", exit=TRUST)
def change_what_is_signed(package):
    """The signature is that of another package: of the one whose version this was."""
    package.edit(lambda manifest: manifest.update(version="9.9.9"))
    return package.signature_name


def edit_bundle(package, change):
    bundle = json.loads(package.read(package.signature_name))
    change(bundle)
    package.write(package.signature_name, packages.canonical(bundle))
    return package.signature_name


@attack("T27", "E_SIG", exit=TRUST)
def change_the_type_of_the_payload(package):
    return edit_bundle(package, lambda b: b["dsseEnvelope"].update(payloadType="text/plain"))


@attack("T28", "E_THRESHOLD", exit=TRUST, key="attacker.key.pub")
def bring_a_second_signature(package):
    return edit_bundle(package, lambda b: b["dsseEnvelope"]["signatures"].append(dict(b["dsseEnvelope"]["signatures"][0])))


@attack("S8", "E_BUNDLE_LIMIT")
def bring_sixty_five_signatures(package):
    return edit_bundle(package, lambda b: b["dsseEnvelope"].update(signatures=b["dsseEnvelope"]["signatures"] * 65))


@attack("T57", "E_SIG", exit=TRUST)
def drop_the_signature_from_its_bundle(package):
    return edit_bundle(package, lambda b: b["dsseEnvelope"]["signatures"][0].update(sig=""))


# Pictures, names, sheer size


def png_of(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b""))


def replace_an_image(package, data):
    """By another, in a manifest that lists it so."""
    if package.form in IN_SHARDS:
        name, members = package.shard()
        package.write(name, tar_of([(members[0][0], data), *members[1:]]))
        package.list_again(name)
        return members[0][0]
    name = package.media()[0]
    package.write(name, data)
    package.list_again(name)
    return name


@attack("T51", "E_IMAGE_BOMB", options=["--strict"])
def plant_an_image_bomb(package):
    return replace_an_image(package, png_of(50_000, 50_000))


@attack("T51", "W_TRAILING_DATA", options=["--strict"])
def append_an_archive_to_an_image(package):
    return replace_an_image(package, png_of(4, 4) + b"PK\x03\x04" + bytes(100))


@attack("T52", "E_PATH", forms=["sealed", "files", "shards"])
def speak_to_the_terminal(package):
    package.write("\x1b[2J\x07.jpg", b"x")
    return ".jpg"


@pytest.mark.parametrize("package, change, code, exit, options, key", ATTACKS, indirect=["package"])
def test_an_attack_is_told(package, change, code, exit, options, key, bases):
    expected = change(package)
    if not isinstance(expected, list):
        expected = [(code, expected)]
    status, seen = verify(package, *options, key=key, bases=bases)
    for wanted, where in expected:
        assert told(seen, wanted, where), (wanted, where, seen)
    assert status == exit, seen
    assert seen["verdict"] == {WHOLE: "VERIFIED", INTEGRITY: "BROKEN", COULD_NOT: "UNSUPPORTED", TRUST: "UNTRUSTED"}[exit]
    fine = {line["level"] for line in seen["lines"] if line["code"] == "OK"}
    if not options:  # --strict finds fault with images whose digests are right
        assert not fine & {line["level"] for line in seen["lines"] if line["code"].startswith("E_") and line["level"] < "L3"}, seen
    for line in seen["lines"]:
        assert re.fullmatch(r"OK|[EW]_[A-Z_]+", line["code"]) and re.fullmatch("L[0-5]", line["level"]), line
