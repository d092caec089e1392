"""What reaches the streams: colours where they are wanted, the same bytes everywhere, and quiet when nobody reads."""
import os
import pty
import select
import subprocess

from conftest import said

import pytest

ESCAPE = b"\x1b["
COMMANDS = [["check", "street"], ["check", "street", "--all"], ["check", "street", "--json"], ["check", "street", "--output", "sarif"], ["stats", "street", "--json"],
            ["identity", "street", "--rows"],
            ["convert", "coco", "out", "--to", "yolo", "--accept", "all", "--dry-run", "--all"], ["detect", "street"], ["formats", "yolo"], ["rules"]]


def in_terminal(vetset, *arguments, **more):
    """What a terminal of 80 columns gets."""
    leader, follower = pty.openpty()
    subprocess.run(["stty", "cols", "80", "rows", "24"], stdin=follower, check=True)
    process = subprocess.Popen(vetset.command(*arguments), cwd=vetset.folder, env=vetset.environment(**more), stdin=follower, stdout=follower,
                               stderr=follower)
    os.close(follower)
    out = b""
    while select.select([leader], [], [], 60)[0]:
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        out += piece
    os.close(leader)
    process.wait(60)
    return out


def test_colours_are_for_terminals_and_obey(vetset, street):
    assert ESCAPE not in vetset("check", "street").stdout
    assert ESCAPE in vetset("check", "street", "--color", "always").stdout
    assert ESCAPE in in_terminal(vetset, "check", "street")
    assert ESCAPE not in in_terminal(vetset, "check", "street", NO_COLOR="1")
    assert ESCAPE in in_terminal(vetset, "check", "street", NO_COLOR="")
    assert ESCAPE not in in_terminal(vetset, "check", "street", "--color", "never")
    assert ESCAPE not in in_terminal(vetset, "check", "street", TERM="dumb")
    assert ESCAPE in in_terminal(vetset, "check", "street", "--color", "always", NO_COLOR="1")


def test_the_first_screen_fits_the_terminal(vetset, street):
    lines = in_terminal(vetset, "check", "street", NO_COLOR="1").decode().splitlines()
    assert len(lines) <= 24
    assert all(len(line) <= 80 for line in lines), [line for line in lines if len(line) > 80]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_same_bytes_everywhere(vetset, street, coco, command):
    threads = [] if command[0] in ("detect", "formats", "rules") else ["--threads"]
    one = vetset(*command, *(threads and threads + ["1"]))
    assert one.stdout
    for n in ["2", "7"]:
        assert vetset(*command, *(threads and threads + [n])).stdout == one.stdout
    for other in [{"LC_ALL": "C"}, {"LC_ALL": "de_DE.UTF-8", "LANG": "tr_TR.UTF-8"}, {"TZ": "Pacific/Kiritimati"}, {"HOME": "/nonexistent"}, {"COLUMNS": "40"}]:
        assert vetset(*command, env=vetset.environment(**other)).stdout == one.stdout, other


def test_the_working_directory_does_not_matter(vetset, street):
    (vetset.folder / "elsewhere").mkdir()
    here = vetset("check", "street", "--json").stdout
    there = vetset("check", "../street", "--json", cwd=vetset.folder / "elsewhere").stdout
    assert there.replace(b"../street", b"street") == here
    assert vetset("identity", street, "--json").stdout == vetset("identity", "street", "--json").stdout


@pytest.mark.parametrize("command", [["identity", "street", "--rows"], ["rules"], ["check", "street", "--all"], ["--help"]], ids=" ".join)
def test_a_pipe_that_closes_early_is_no_error(vetset, street, command):
    for _ in range(5):
        process = vetset.start(*command)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) in (0, 1)


def test_a_full_disk_is_an_error(vetset, street):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(vetset.command("rules"), cwd=vetset.folder, env=vetset.environment(), stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2 and done.stderr.startswith(b"vetset: ")


def test_verbs_and_flags_complete_in_bash(vetset):
    def completed(*words):
        quoted = " ".join(f"'{w}'" for w in words)
        script = f"source <({vetset.command()[0]} completion bash); COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _vetset; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        done = subprocess.run(["bash", "-c", script], env=vetset.environment(), capture_output=True, text=True)
        assert done.stderr == "", done.stderr
        return done.stdout.split()
    assert completed("vetset", "conv") == ["convert"]
    assert "--dry-run" in completed("vetset", "convert", "a", "--d")
    assert {"coco", "yolo"} <= set(completed("vetset", "convert", "a", "b", "--to", ""))
    assert completed("vetset", "convert", "a", "b", "--images", "") == ["copy", "none", "hardlink"]
    assert {"detect", "segment"} <= set(completed("vetset", "convert", "a", "b", "--task", ""))
    assert completed("vetset", "check", "a", "--fail-on", "") == ["error", "warning", "note", "never"]
    assert "sarif" in completed("vetset", "check", "a", "--output", "")
    assert completed("vetset", "check", "a", "--color", "") == ["auto", "always", "never"]
    assert completed("vetset", "check", "x", "--color", "n") == ["never"]
    for shell in ["zsh", "fish"]:
        assert "convert" in said(vetset("completion", shell), 0)
