"""What the process returns, for every verb: 0 yes, 1 no, 2 could not, 3 our defect, 4 no trust. Errors are one line."""
import stat

from conftest import failed, listing, said

import pytest

VERBS = ["check", "stats", "explain", "convert", "seal", "verify", "detect", "formats", "rules", "identity", "key", "completion"]


def test_help_and_version_are_answers(vetset):
    assert said(vetset("--version"), 0).startswith("vetset ")
    text = said(vetset("--help"), 0)
    for verb in VERBS:
        assert f"\n  {verb} " in text
        assert f"Usage: vetset {verb}" in said(vetset(verb, "--help"), 0)
    assert vetset().returncode == 2


def test_an_unknown_verb_or_flag_is_named(vetset, street):
    failed(vetset("chekc", "street"), 2, "chekc")
    for verb in VERBS:
        failed(vetset(verb, "street", "--no-such-flag"), 2, "--no-such-flag", f"'vetset {verb} --help'")


@pytest.mark.parametrize("verb", ["check", "stats", "seal", "verify", "detect", "identity"])
def test_a_path_that_is_not_there_is_named(vetset, verb):
    failed(vetset(verb, "nowhere"), 2, "nowhere")


@pytest.mark.parametrize("verb", ["check", "stats", "explain", "convert", "seal", "verify", "detect", "identity", "key", "completion"])
def test_what_must_be_given_is_asked_for(vetset, verb):
    failed(vetset(verb), 2, f"'vetset {verb} --help'")


def test_check_says_yes_or_no(vetset, street, coco):
    assert "0 errors" in said(vetset("check", "coco"), 0) or "Nothing found" in said(vetset("check", "coco"), 0)
    assert "error" in said(vetset("check", "street"), 1)
    failed(vetset("check", "street", "--select", "NOPE"), 2, "NOPE")


def test_detect_says_what_it_sees_or_that_it_sees_nothing(vetset, street, coco):
    assert said(vetset("detect", "street"), 0).startswith("yolo")
    assert said(vetset("detect", "coco"), 0).startswith("coco")
    (vetset.folder / "nothing").mkdir()
    assert "no dataset" in said(vetset("detect", "nothing"), 1)
    failed(vetset("check", "nothing"), 2, "nothing")


def test_formats_and_rules_are_lists(vetset):
    assert "yolo" in said(vetset("formats"), 0)
    assert "annotation.polygon" in said(vetset("formats", "coco"), 0)
    failed(vetset("formats", "pascal"), 2, "pascal")
    assert "LEA301" in said(vetset("rules"), 0)


def test_convert_asks_then_does(vetset, coco):
    asked = said(vetset("convert", "coco", "yolo", "--to", "yolo"), 1)
    assert not (vetset.folder / "yolo").exists()
    command = next(line.strip() for line in asked.splitlines() if line.strip().startswith("vetset convert"))
    assert "yolo.proof.json" in said(vetset(*command.split()[1:]), 0)
    assert (vetset.folder / "yolo/data.yaml").is_file()


def test_the_command_to_paste_keeps_every_flag(vetset, coco):
    given = ["--from", "coco", "--task", "segment", "--images", "none", "--digits", "4", "--dry-run", "--overwrite", "--proof", "a b.json",
             "--threads", "1", "--images-dir", "coco/images"]
    asked = said(vetset("convert", "coco/annotations", "my yolo", "--to", "yolo", *given), 1)
    command = next(line.strip() for line in asked.splitlines() if line.strip().startswith("vetset convert"))
    for word in ["'my yolo'", "--proof 'a b.json'", *(f for f in given if f.startswith("--") and f != "--proof"), "--accept crowd=drop"]:
        assert word in command


def test_convert_names_what_it_cannot_do(vetset, coco):
    failed(vetset("convert", "coco", "out"), 2, "--to")
    failed(vetset("convert", "coco", "out", "--to", "pascal"), 2, "pascal")
    failed(vetset("convert", "coco", "out", "--to", "yolo", "--accept", "crowd=melt"), 2, "melt")
    failed(vetset("convert", "coco", "out", "--to", "coco", "--accept", "crowd=drop"), 1, "crowd=drop")
    failed(vetset("convert", "coco", "out", "--to", "yolo", "--task", "fly"), 2, "fly")
    assert not (vetset.folder / "out").exists()


def test_a_target_that_holds_something_is_left_alone_until_told(vetset, coco):
    (vetset.folder / "out").mkdir()
    (vetset.folder / "out/mine").write_text("mine")
    failed(vetset("convert", "coco", "out", "--to", "coco"), 1, "out")
    assert listing(vetset.folder / "out") == {"mine": b"mine"}
    said(vetset("convert", "coco", "out", "--to", "coco", "--overwrite"), 0)
    assert "mine" not in listing(vetset.folder / "out")


def test_a_source_is_never_its_own_target(vetset, coco):
    before = listing(coco)
    failed(vetset("convert", "coco", "coco", "--to", "yolo", "--overwrite", "--accept", "all"), 1, "source")
    failed(vetset("convert", "coco", ".", "--to", "yolo", "--overwrite", "--accept", "all"), 1)
    assert listing(coco) == before


def test_a_dry_run_leaves_nothing(vetset, coco):
    before = sorted(p.name for p in vetset.folder.iterdir())
    assert "nothing was published" in said(vetset("convert", "coco", "out", "--to", "yolo", "--accept", "all", "--dry-run"), 0)
    assert sorted(p.name for p in vetset.folder.iterdir()) == before


def test_a_place_that_cannot_be_written_is_one_error(vetset, coco):
    # Root writes everywhere on a disk, but not in the kernel's own folders.
    failed(vetset("convert", "coco", "/proc/vetset-out", "--to", "coco"), 2, "/proc")
    failed(vetset("convert", "coco", "coco/images/street_01.jpg/out", "--to", "coco"), 2)


def test_seal_and_verify_tell_intact_broken_and_untrusted_apart(vetset, coco):
    failed(vetset("verify", "coco"), 2, "vetset seal")
    said(vetset("key", "new", "a.key"), 0)
    said(vetset("key", "new", "b.key"), 0)
    said(vetset("seal", "coco"), 0)
    assert "INTACT" in said(vetset("verify", "coco"), 0)
    assert "UNTRUSTED" in said(vetset("verify", "coco", "--key", "a.key.pub"), 4)
    said(vetset("seal", "coco", "--key", "a.key"), 0)
    assert "VERIFIED" in said(vetset("verify", "coco", "--key", "a.key.pub"), 0)
    assert "UNTRUSTED" in said(vetset("verify", "coco", "--key", "b.key.pub"), 4)
    (coco / "images/street_01.jpg").write_bytes(b"other")
    broken = said(vetset("verify", "coco", "--key", "a.key.pub"), 1)
    assert "BROKEN" in broken and "images/street_01.jpg" in broken and "VERIFIED" not in broken
    failed(vetset("verify", "coco", "--key", "a.key"), 2, "a.key")


def test_a_key_is_private_and_is_not_overwritten(vetset, coco):
    said(vetset("key", "new", "a.key"), 0)
    assert stat.S_IMODE((vetset.folder / "a.key").stat().st_mode) == 0o600
    before = (vetset.folder / "a.key").read_bytes()
    failed(vetset("key", "new", "a.key"), 1, "a.key")
    assert (vetset.folder / "a.key").read_bytes() == before
    (vetset.folder / "a.key").chmod(0o644)
    failed(vetset("seal", "coco", "--key", "a.key"), 2, "chmod 600")


def test_a_passphrase_comes_by_descriptor_and_is_never_asked_without_a_terminal(vetset, coco):
    def through(descriptor_text, *arguments):
        (vetset.folder / "phrase").write_text(descriptor_text)
        import subprocess
        with open(vetset.folder / "phrase") as phrase:
            return subprocess.run(vetset.command(*arguments, "--passphrase-fd", phrase.fileno()), cwd=vetset.folder, pass_fds=[phrase.fileno()],
                                  env=vetset.environment(), stdin=subprocess.DEVNULL, capture_output=True, start_new_session=True)
    said(through("open sesame\n", "key", "new", "a.key"), 0)
    assert b"ENCRYPTED" in (vetset.folder / "a.key").read_bytes()
    said(through("open sesame\n", "seal", "coco", "--key", "a.key"), 0)
    failed(through("shut\n", "seal", "coco", "--key", "a.key"), 2)
