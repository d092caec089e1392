"""The tamper battery, beside the attacks: what a verification says of parts, litter, differences, keys and policies, what is
refused before it is sealed, and what the program itself cannot do."""
import json
import os
import resource
import subprocess
import unicodedata

import packages
from conftest import PROGRAM, Program
from packages import FORMS
from test_tamper import (  # noqa: F401 (two are fixtures)
    COULD_NOT, INTEGRITY, IN_SHARDS, PART, TRUST, WHOLE, bases, correct_the_digest_of_a_tampered_image, flipped, package, rename,
    speak_to_the_terminal, swap_two_files, told, verify,
)

import pytest


@pytest.mark.parametrize("package", ["sealed"], indirect=True)
def test_what_was_swapped_or_renamed_is_named(package, bases):
    for change in (rename, swap_two_files):
        copied = packages.copy(package, package.path.parent / change.__name__)
        change(copied)
        seen = verify(copied, bases=bases)[1]
        words = "same content as" if change is rename else "contents swapped with"
        assert sum(words in line["words"] for line in seen["lines"]) == 2, seen


@pytest.mark.parametrize("package", ["sealed"], indirect=True)
def test_a_terminal_is_shown_no_control_characters(package, bases):
    speak_to_the_terminal(package)
    done = Program(package.path.parent)("verify", package.path)
    assert b"\x1b" not in done.stdout + done.stderr and b"\x07" not in done.stdout + done.stderr
    assert b"E_PATH" in done.stdout and done.returncode == INTEGRITY


@pytest.mark.parametrize("package", FORMS, indirect=True)
def test_without_a_key_it_is_not_said_who_made_it(package, bases):
    correct_the_digest_of_a_tampered_image(package)
    status, seen = verify(package, key=None, bases=bases)
    assert status == INTEGRITY, seen  # the images are part of the identity
    assert told(seen, "E_MEDIA_DIGEST" if package.form in IN_SHARDS else "E_TABLE_ROOT"), seen


@pytest.mark.parametrize("package", FORMS, indirect=True)
def test_a_part_is_said_to_be_one(package, bases):
    status, seen = verify(package, "--sample", "1%", bases=bases)
    assert (status, seen["verdict"], seen["files"]) == (PART, "PARTIAL", 1), seen
    assert any("only a part" in what for what in seen["not_checked"])
    name, other = package.media()[0], package.tables_or_labels()[0]
    status, seen = verify(package, "--only", name, bases=bases)
    assert (status, seen["files"]) == (PART, 1), seen
    package.write(name, flipped(package.read(name), 900))
    assert verify(package, "--only", name, bases=bases)[0] == INTEGRITY
    assert verify(package, "--only", other, bases=bases)[0] == PART
    package.write(other, package.read(other) + b" ")  # sizes are compared all the same
    assert told(verify(package, "--only", name, bases=bases)[1], "E_SIZE", other)


@pytest.mark.parametrize("package", ["files"], indirect=True)
def test_a_part_that_is_not_there_is_refused(package):
    vetset = Program(package.path.parent)
    for arguments, words in ((["--only", "media/none.jpg"], b"media/none.jpg"), (["--sample", "0"], b"--sample"), (["--sample", "x%"], b"--sample")):
        done = vetset("verify", package.path, *arguments)
        assert done.returncode == COULD_NOT and words in done.stderr and done.stdout == b"", done


def test_differences_from_an_earlier_copy_are_named_row_by_row(bases, tmp_path):
    package = packages.copy(bases["sealed"], tmp_path / "package")
    label = next(f["path"] for f in package.manifest()["files"] if f["role"] == "label")
    document = json.loads(package.read(label))
    document["annotations"][0]["bbox"][0] += 1
    package.write(label, json.dumps(document).encode())
    package.list_again(label)
    status, seen = verify(package, "--against", bases["sealed"].path, bases=bases)
    assert status == INTEGRITY and told(seen, "E_TABLE_ROOT"), seen
    rows = [line for line in seen["lines"] if line["code"] == "DIFF"]
    image = next(i["file_name"] for i in document["images"] if i["id"] == document["annotations"][0]["image_id"])
    assert len(rows) == 1 and image in rows[0]["where"] and "box" in rows[0]["words"], rows
    same = verify(packages.copy(bases["sealed"], tmp_path / "same"), "--against", bases["files"].path, bases=bases)
    assert same[0] == WHOLE and [l["words"] for l in same[1]["lines"] if l["code"] == "DIFF"], same


def test_litter_is_told_with_its_maker_and_changes_no_verdict(bases, tmp_path):
    package = packages.copy(bases["sealed"], tmp_path / "package")
    image = package.media()[0]
    left = {"Ultralytics": ["labels/train.cache", "runs/detect/train3/args.yaml", image.rsplit(".", 1)[0] + ".npy"],
            "Weights & Biases": ["wandb/run-1/files/config.yaml"], "MLflow": ["mlruns/0/meta.yaml"],
            "PyTorch Lightning": ["lightning_logs/version_0/hparams.yaml"], "TensorBoard": ["events.out.tfevents.1.host"],
            "Jupyter": [".ipynb_checkpoints/a.ipynb"], "macOS": [".DS_Store"], "Windows": ["images/Thumbs.db"]}
    for paths in left.values():
        for path in paths:
            package.write(path, b"left behind")
    (package.path / "wandb/latest-run").symlink_to("run-1")
    (package.path / "runs/detect/train4").mkdir()
    status, seen = verify(package, bases=bases)
    assert status == WHOLE, seen
    makers = {line["words"].split(",")[0].removeprefix("maker=") for line in seen["lines"] if line["code"] == "W_LITTER"}
    assert makers == set(left), seen
    package.write("annotations/masks.npy", b"an array beside no image is data")
    package.write("images/runs/7.jpg", b"a folder of this name is nobody's litter")
    seen = verify(package, bases=bases)[1]
    assert told(seen, "E_EXTRA", "annotations/masks.npy") and told(seen, "E_EXTRA", "images/runs/7.jpg"), seen


@pytest.mark.parametrize("name, words", [("a" * 201 + ".txt", "200 bytes"), ("con.txt", "Windows"), ("a:b.txt", "':'"), ("dot.", "dot or a space"),
                                         (unicodedata.normalize("NFD", "é.txt"), "normal form C"), ("/".join(["d" * 9] * 17), "16 parts"),
                                         ("/".join(["e" * 61] * 4), "240 bytes")])
def test_what_no_package_may_list_is_refused_when_sealing(vetset, coco, name, words):
    (coco / name).parent.mkdir(parents=True, exist_ok=True)
    (coco / name).write_text("x")
    done = vetset("seal", "coco")
    assert done.returncode != 0 and done.stdout == b"" and words in done.stderr.decode() and "E_PATH" in done.stderr.decode(), done
    assert not (coco / ".vetset").exists()


def test_what_collides_or_is_no_file_is_refused_when_sealing(vetset, coco):
    for make, words in ((lambda: (coco / "images/STREET_01.jpg").write_text("x"), "case does not count"),
                        (lambda: os.mkfifo(coco / "pipe"), "pipe"), (lambda: (coco / "link").symlink_to("images"), "link"),
                        (lambda: (coco / "empty").mkdir(), "empty folder")):
        make()
        done = vetset("seal", "coco", timeout=20)
        assert done.returncode != 0 and words in done.stderr.decode(), done
        for path in (coco / "images/STREET_01.jpg", coco / "pipe", coco / "link"):
            if path.is_symlink() or path.exists():
                path.unlink()


def test_a_million_files_more_than_allowed_are_refused_within_bounds(bases, tmp_path):
    package = packages.copy(bases["files"], tmp_path / "package")
    manifest = package.manifest()
    like = manifest["files"][0]
    manifest["files"] = [{**like, "path": f"f/{i:07}"} for i in range(1_000_001)]
    package.write_manifest(manifest)
    seen = subprocess.Popen([PROGRAM, "verify", package.path, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = seen.communicate(timeout=60)
    assert seen.returncode == INTEGRITY and err == b"" and told(json.loads(out), "E_MANIFEST_LIMIT"), (seen.returncode, err)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1_500_000  # kB, of the largest child so far


@pytest.fixture(scope="session")
def policies(bases):
    """Writes a policy that trusts team.key, changed as the test says, and signs it with a root key."""
    folder = bases["sealed"].path.parent
    vetset = Program(folder)
    assert vetset("key", "new", "root.key").returncode == 0

    def policy(**key):
        (folder / "policy.json").unlink(missing_ok=True)
        (folder / "trust.json").unlink(missing_ok=True)
        assert vetset("trust", "init", "policy.json", "--add", "release=team.key.pub").returncode == 0
        document = json.loads((folder / "policy.json").read_text())
        for name, value in key.items():
            (document["keys"][0] if name != "revoked_packages" else document)[name] = value
        (folder / "policy.json").write_text(json.dumps(document))
        done = vetset("trust", "sign", "policy.json", "--key", "root.key", "-o", "trust.json")
        assert done.returncode == 0, done
        return ["--policy", folder / "trust.json", "--policy-key", folder / "root.key.pub"]
    return policy


@pytest.mark.parametrize("package", FORMS, indirect=True)
def test_keys_that_expired_or_were_revoked_are_told(package, bases, policies):
    assert verify(package, *policies(), key=None, bases=bases)[0] == WHOLE
    year = policies(valid_from="2027-01-01", valid_until="2027-12-31")
    assert verify(package, *year, "--today", "2027-12-31", key=None, bases=bases)[0] == WHOLE
    for day in ("2026-12-31", "2028-01-01"):  # T29
        status, seen = verify(package, *year, "--today", day, key=None, bases=bases)
        assert status == TRUST and told(seen, "E_KEY_EXPIRED"), (day, seen)
    status, seen = verify(package, *policies(revoked=True), key=None, bases=bases)  # T30
    assert status == TRUST and told(seen, "E_REVOKED"), seen
    known = verify(package, bases=bases)[1]["package_id"]
    status, seen = verify(package, *policies(revoked_packages=[known]), key=None, bases=bases)
    assert status == TRUST and told(seen, "E_REVOKED"), seen


def test_a_policy_that_somebody_edited_is_not_relied_on(bases, policies, tmp_path):
    package = packages.copy(bases["files"], tmp_path / "package")
    arguments = policies()
    policy = json.loads(arguments[1].read_text())
    payload = policy["dsseEnvelope"]["payload"]
    policy["dsseEnvelope"]["payload"] = ("A" if payload[0] != "A" else "B") + payload[1:]
    arguments[1].write_text(json.dumps(policy))
    done = Program(tmp_path)("verify", package.path, *arguments)
    assert done.returncode in (COULD_NOT, TRUST) and done.stdout == b"" and b"trust.json" in done.stderr, done


@pytest.mark.parametrize("package", FORMS, indirect=True)
def test_t48_metadata_that_says_something_else_than_the_manifest_is_told(package, bases):
    listed = [f["path"] for f in package.manifest()["files"] if f["role"] == "croissant"]
    if not listed:
        pytest.skip("this form has no croissant.json")
    document = json.loads(package.read(listed[0]))
    for thing in document["distribution"]:
        if "sha256" in thing:
            thing["sha256"] = "0" * 64
    package.write(listed[0], json.dumps(document, indent=2).encode())
    package.list_again(listed[0])
    seen = verify(package, bases=bases)[1]
    assert told(seen, "W_CROISSANT_DRIFT") and told(seen, "E_SIG_SUBJECT"), seen


def test_s22_a_private_key_that_others_can_read_is_refused(vetset, coco):
    assert vetset("key", "new", "team.key").returncode == 0
    assert (vetset.folder / "team.key").stat().st_mode & 0o777 == 0o600
    (vetset.folder / "team.key").chmod(0o644)
    done = vetset("seal", "coco", "--key", "team.key")
    assert done.returncode != 0 and b"team.key" in done.stderr and not (coco / ".vetset").exists(), done


def test_s12_s13_the_program_calls_nobody_over_a_network_and_has_no_shell():
    """What it asks of the system's library says so: no package can make it do what it cannot. It listens (`serve`) and has
    `send` to answer and to a pipe of git's, but cannot connect or resolve a name; it starts git and Python (`--rules`) alone,
    by posix_spawnp."""
    asked = subprocess.run(["nm", "-D", "--undefined-only", PROGRAM], capture_output=True, text=True, check=True).stdout
    names = {line.split()[-1].split("@")[0] for line in asked.splitlines() if line.strip()}
    assert "openat" in names or "open" in names or "open64" in names, "nm tells nothing of this program"
    assert not names & {"connect", "sendto", "getaddrinfo", "gethostbyname", "system", "popen", "fork", "vfork", "execv", "execve",
                        "execvp", "execl", "execlp", "posix_spawn"}


def test_s12_s13_a_package_starts_no_other_program(vetset, coco):
    """Whatever is on PATH leaves a mark; git, which `check --diff-from` asks, does so there and nowhere else."""
    programs = vetset.folder / "programs"
    programs.mkdir()
    mark = vetset.folder / "mark"
    for name in ("git", "sh", "bash", "ssh-keygen", "cosign", "curl", "python3"):
        (programs / name).write_text(f"#!/bin/sh\necho {name} >> '{mark}'\nexit 1\n")
        (programs / name).chmod(0o755)
    environment = vetset.environment(PATH=str(programs))
    assert vetset("pack", "coco", "-o", "coco.pkg", env=environment).returncode == 0
    for verb in (["verify", "coco.pkg", "--recheck", "audit,split"], ["check", "coco.pkg"], ["unpack", "coco.pkg", "again"], ["card", "coco.pkg"]):
        vetset(*verb, env=environment)
    assert not mark.exists(), mark.read_text()
    vetset("check", "coco", "--diff-from", "HEAD~1", env=environment)
    assert set(mark.read_text().split()) == {"git"}
