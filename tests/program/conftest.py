"""The program from outside. $VETSET names it; the samples are copied into a folder of each test's own."""
import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(shutil.which(os.environ.get("VETSET", "vetset")) or "vetset").resolve()


class Program:
    """Runs vetset in a folder. The environment is bare, so that nothing of this machine's can matter."""

    def __init__(self, folder):
        self.folder = folder

    def command(self, *arguments):
        return [str(PROGRAM), *map(str, arguments)]

    def environment(self, **more):
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C.UTF-8", "TERM": "xterm", **more}

    def __call__(self, *arguments, cwd=None, env=None, timeout=120):
        return subprocess.run(self.command(*arguments), cwd=cwd or self.folder, env=env or self.environment(), stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=timeout)

    def start(self, *arguments, **more):
        return subprocess.Popen(self.command(*arguments), cwd=self.folder, env=self.environment(), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)


@pytest.fixture
def vetset(tmp_path):
    assert PROGRAM.is_file(), f"expected the program in $VETSET, found nothing at {PROGRAM}"
    return Program(tmp_path)


@pytest.fixture
def street(vetset):
    """A YOLO dataset with planted faults."""
    shutil.copytree(ROOT / "samples/street", vetset.folder / "street")
    return vetset.folder / "street"


@pytest.fixture
def coco(vetset):
    """A COCO dataset without faults, with a crowd, parts and keypoints."""
    shutil.copytree(ROOT / "samples/street-coco", vetset.folder / "coco")
    return vetset.folder / "coco"


def failed(done, status, *words):
    """Nothing on stdout, one line on stderr with these words, and this status."""
    assert done.returncode == status, done
    assert done.stdout == b"", done
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1 and lines[0].startswith("vetset: "), lines
    for word in words:
        assert word in lines[0], lines[0]
    return True


def said(done, status):
    """Nothing on stderr, and this status; gives what stdout says."""
    assert done.stderr == b"", done
    assert done.returncode == status, done
    return done.stdout.decode()


def listing(folder):
    """Every file with its bytes."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
