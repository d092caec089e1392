"""Full disk, read-only disk, broken disk, Ctrl-C, kill -9 at every call that changes the disk: what was there before is
still there whole, or what is new is there whole, and the next run finds nothing in its way."""
import hashlib
import os
import pathlib
import shutil
import subprocess

import pytest

from conftest import PROGRAM, ROOT

FAULTS = ["ENOSPC", "EROFS", "EIO", "int", "kill", "half-kill"]
EVERY = int(os.environ.get("VETSET_FAULT_STEP", "0"))  # 0: about `MOST` places a command and fault; 1: all
MOST = 12
FEWER = {"pack-shards": 6}  # they share most of their way with others
LAST = 8  # of the calls, where things get their names

# What is run, and what it leaves: folders and files, in the order in which they get their names.
COMMANDS = {
    "convert": (["convert", "street", "out/deep/coco", "--to", "coco"], ["out/deep/coco", "out/deep/coco.proof.json"]),
    "overwrite": (["convert", "street", "old", "--to", "coco", "--overwrite"], ["old", "old.proof.json"]),
    "fix": (["fix", "street", "-o", "fixed"], ["fixed", "fixed.proof.json", "fixed.fix.json"]),
    "split": (["split", "street", "-o", "parted", "--ratios", "80/10/10", "--near", "none"], ["parted", "parted.proof.json", "parted.split.json", "parted.split.lock"]),
    "transform": (["transform", "street", "-o", "small", "--sample", "10"], ["small", "small.proof.json"]),
    "combine": (["combine", "street", "sealed", "-o", "both", "--to", "coco"], ["both", "both.proof.json"]),
    "pack": (["pack", "street", "-o", "street.vetset"], ["street.vetset"]),
    "pack-shards": (["pack", "street", "-o", "street.vetset", "--layout", "shards"], ["street.vetset"]),
    "pack-file": (["pack", "street", "-o", "street.tar", "--single-file"], ["street.tar"]),
    "unpack": (["unpack", "packed", "unpacked"], ["unpacked"]),
    "baseline": (["check", "street", "--write-baseline", "known.json"], ["known.json"]),
    "seal": (["seal", "sealed"], ["sealed/.vetset"]),
}


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    library = tmp_path_factory.mktemp("shim") / "shim.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, ROOT / "tests/faults/shim.c", "-ldl"], check=True)
    return library


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("packed")
    subprocess.run([PROGRAM, "pack", ROOT / "samples/street", "-o", folder / "packed", "--quiet"], check=True, stdout=subprocess.DEVNULL)
    return folder / "packed"


def run(folder, arguments, shim=None, fault=None):
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    if fault:
        environment |= {"LD_PRELOAD": str(shim), "VETSET_FAULT": fault, "VETSET_FAULT_COUNT": str(folder / "count")}
    return subprocess.run([PROGRAM, *arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)


def contents(path):
    """Every file below a path with its digest; None where there is nothing."""
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    if not path.exists():
        return None
    return {str(p.relative_to(path)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(path.rglob("*")) if p.is_file()}


def begin(folder, packed):
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    for name in ("street", "sealed"):
        shutil.copytree(ROOT / "samples/street", folder / name)
    shutil.copytree(packed, folder / "packed")
    (folder / "old").mkdir()
    (folder / "old/precious.txt").write_text("was here before\n")
    return folder


def left_behind(folder):
    return [str(p.relative_to(folder)) for pattern in ("*.vetset-*", "*.folder*") for p in folder.rglob(pattern)]


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_old_or_new_and_nothing_between(tmp_path, shim, packed, name, fault):
    arguments, results = COMMANDS[name]
    folder = begin(tmp_path / "run", packed)
    old = {r: contents(folder / r) for r in results}
    done = run(folder, arguments, shim, "count")
    assert done.returncode == 0, done
    calls = int((folder / "count").read_text())
    new = {r: contents(folder / r) for r in results}
    assert calls > 3 and new != old
    step = EVERY or max(1, calls // FEWER.get(name, MOST))
    places = sorted({*range(1, calls + 1, step), *range(max(1, calls - LAST), calls + 1)})
    for place in places:
        folder = begin(folder, packed)
        done = run(folder, arguments, shim, f"{place}:{fault}")
        where = f"{fault} at call {place} of {calls}: {done}"
        for r in results:
            assert contents(folder / r) in (old[r], new[r]), where
        is_new = [contents(folder / r) == new[r] for r in results]
        assert is_new == sorted(is_new, reverse=True), where  # no proof without what it proves
        if fault in ("kill", "half-kill"):
            assert done.returncode in (-9, 0), where  # 0: threads made one call less than in the run that counted
        elif fault == "int":
            assert done.returncode in (0, 2, 130), where
        else:
            assert done.returncode in (0, 2), where  # not 2: what failed had another way, or came after all was done
        if done.returncode >= 0:
            assert left_behind(folder) == [], where
            if done.returncode == 2:
                lines = done.stderr.decode().splitlines()
                assert len(lines) == 1 and lines[0].startswith("vetset: "), where
            if done.returncode == 0:
                assert {r: contents(folder / r) for r in results} == new, where
        if place % 7 == 0 or place > calls - 3:  # the next run finds nothing in its way
            again = run(folder, arguments + ([] if "--overwrite" in arguments or name in ("seal", "baseline") else ["--overwrite"]))
            assert again.returncode == 0, (where, again)
            assert {r: contents(folder / r) for r in results} == new, where
            assert left_behind(folder) == [], where


@pytest.fixture(scope="module")
def damaged(tmp_path_factory, packed):
    """A sealed folder after a day: labels edited, images rewritten and lost, litter. And as it was."""
    folder = tmp_path_factory.mktemp("damaged") / "street"
    shutil.copytree(ROOT / "samples/street", folder)
    subprocess.run([PROGRAM, "seal", folder, "--quiet"], check=True, stdout=subprocess.DEVNULL)
    whole = contents(folder)
    for path in sorted((folder / "labels/train").glob("*.txt"))[:3]:
        path.write_text("0 0.5 0.5 0.1 0.1\n")
    shutil.rmtree(folder / "labels/val")
    for path in sorted((folder / "images/train").glob("*.jpg"))[:2]:
        path.write_bytes(path.read_bytes() + b"x")
    sorted((folder / "images/val").glob("*.jpg"))[0].unlink()
    (folder / "labels/train.cache").write_bytes(b"x")
    return folder, whole


@pytest.mark.parametrize("fault", FAULTS)
def test_restore_puts_each_file_back_whole_or_not_at_all(tmp_path, shim, packed, damaged, fault):
    source, whole = damaged
    arguments = ["restore", "street", "--from", "packed", "--clean"]

    def begin_again():
        folder = tmp_path / "run"
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir()
        shutil.copytree(source, folder / "street")
        shutil.copytree(packed, folder / "packed")
        return folder

    folder = begin_again()
    old = contents(folder / "street")
    assert run(folder, arguments, shim, "count").returncode == 0
    calls = int((folder / "count").read_text())
    assert calls > 30 and contents(folder / "street") == whole
    for place in sorted({*range(1, calls + 1, EVERY or max(1, calls // 10)), calls - 1, calls}):
        folder = begin_again()
        done = run(folder, arguments, shim, f"{place}:{fault}")
        where = f"{fault} at call {place} of {calls}: {done}"
        now = contents(folder / "street")
        assert now.keys() >= old.keys() - {"labels/train.cache"}, where
        for path, digest in now.items():
            assert ".vetset-" in path or digest in (old.get(path), whole.get(path)), (path, where)
        if done.returncode >= 0:
            assert left_behind(folder) == [], where
            assert done.returncode in (0, 2, 130), where
            assert done.returncode != 0 or now == whole, where
        again = run(folder, arguments)
        assert again.returncode == 0, (where, again)
        assert contents(folder / "street") == whole, where


@pytest.fixture(scope="module")
def keyed(tmp_path_factory, packed):
    """A package as a folder and as one file, and a key to sign with."""
    folder = tmp_path_factory.mktemp("keyed")
    shutil.copytree(packed, folder / "packed")
    for arguments in (["key", "new", "lab.key"], ["pack", ROOT / "samples/street", "-o", "packed.tar", "--single-file", "--quiet"]):
        subprocess.run([PROGRAM, *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return folder


@pytest.mark.parametrize("package", ["packed", "packed.tar"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_statement_is_there_whole_and_signed_or_not_at_all(tmp_path, shim, keyed, package, fault):
    """Signatures differ from run to run, so what is new is what verify takes; all else is as it was."""
    arguments = ["attest", package, "--audit", "--key", "lab.key"]

    def begin_again():
        folder = tmp_path / "run"
        if folder.exists():
            shutil.rmtree(folder)
        shutil.copytree(keyed, folder)
        return folder

    def states(folder):
        """What there is besides statements, and how many of these there are."""
        now = contents(folder / package)
        if isinstance(now, str):
            return None, None
        return {p: d for p, d in now.items() if not p.startswith("attest/")}, sum(p.startswith("attest/") for p in now)

    def verified(folder):
        """Whether verify finds the package whole, and one statement by the key."""
        lines = run(folder, ["verify", package, "--key", "lab.key.pub"]).stdout.decode().splitlines()
        assert any(line.startswith("OK   L1") for line in lines), lines
        assert all("E_UNSIGNED" in line for line in lines if " E_" in line), lines  # by whom the package is was never said
        return sum("audit:v1 FAILED by key" in line for line in lines)  # what the street is like

    folder = begin_again()
    old, old_bytes = states(folder)[0], contents(folder / package)
    assert run(folder, arguments, shim, "count").returncode == 0
    calls = int((folder / "count").read_text())
    assert calls > 3 and verified(folder) == 1
    for place in sorted({*range(1, calls + 1, EVERY or max(1, calls // 8)), *range(max(1, calls - 4), calls + 1)}):
        folder = begin_again()
        done = run(folder, arguments, shim, f"{place}:{fault}")
        where = f"{fault} at call {place} of {calls}: {done}"
        rest, statements = states(folder)
        assert rest == old, where
        if statements is None:
            statements = 0 if contents(folder / package) == old_bytes else 1
        assert statements in (0, 1) and verified(folder) == statements, where
        if done.returncode >= 0:
            assert done.returncode in (0, 2, 130), where
            assert left_behind(folder) == [], where
            assert done.returncode != 0 or statements == 1, where
        again = run(folder, arguments)
        assert again.returncode == 0, (where, again)
        assert verified(folder) >= 1 and left_behind(folder) == [], where


def test_a_read_only_target_is_refused_before_anything_is_done(vetset, street):
    if os.geteuid() == 0:
        pytest.skip("the administrator may write anywhere")
    closed = vetset.folder / "closed"
    closed.mkdir(mode=0o555)
    done = vetset("convert", street, closed / "out", "--to", "coco")
    assert done.returncode == 2 and b"closed" in done.stderr
    assert list(closed.iterdir()) == []


def test_a_source_that_vanishes_while_it_is_read_is_told_with_its_name(vetset, street):
    image = sorted((street / "images/train").iterdir())[0]
    process = vetset.start("convert", street, "out", "--to", "coco")
    image.unlink()
    _, errors = process.communicate(timeout=60)
    assert process.returncode in (0, 2)
    if process.returncode == 2:
        assert image.name.encode() in errors
        assert not (vetset.folder / "out").exists()
