"""Whatever ends a conversion, the target is the old one or the new one, and in the end nothing is left beside it."""
import signal
import time

from conftest import failed, listing, said

import pytest

IMAGES = 1200


@pytest.fixture
def many(vetset):
    """Enough files that a conversion can be stopped in the middle."""
    root = vetset.folder / "many"
    for part in ["images", "labels"]:
        (root / part / "train").mkdir(parents=True)
    (root / "data.yaml").write_text("train: images/train\nval: images/train\nnames: [a, b]\n")
    picture = (vetset.folder / "../picture.png").resolve()
    from test_hostile import png
    picture.write_bytes(png(64, 48))
    rows = "".join(f"{k % 2} 0.{k + 10} 0.5 0.1 0.1\n" for k in range(80))
    for k in range(IMAGES):
        (root / f"images/train/{k:05}.png").write_bytes(picture.read_bytes())
        (root / f"labels/train/{k:05}.txt").write_text(rows)
    return root


def left_beside(vetset, *known):
    return sorted(p.name for p in vetset.folder.iterdir() if p.name not in ("many", *known))


def how_long(vetset):
    began = time.monotonic()
    said(vetset("convert", "many", "whole", "--to", "yolo"), 0)
    return time.monotonic() - began


@pytest.mark.parametrize("what", [signal.SIGINT, signal.SIGTERM], ids=lambda s: s.name)
def test_an_interrupted_conversion_leaves_nothing(vetset, many, what):
    whole = how_long(vetset)
    stopped = 0
    for k in range(8):
        process = vetset.start("convert", "many", "out", "--to", "yolo")
        time.sleep(whole * (k + 0.5) / 8)
        process.send_signal(what)
        _, errors = process.communicate(timeout=60)
        if process.returncode == 0:
            said(vetset("convert", "many", "out", "--to", "yolo", "--overwrite"), 0)
            assert left_beside(vetset, "whole", "whole.proof.json", "out", "out.proof.json") == []
            break
        # Before the program listens, a signal ends it as it ends any other.
        assert process.returncode in (130, -what), errors
        stopped += process.returncode == 130
        if process.returncode == 130:
            assert len(errors.decode().splitlines()) == 1
        assert left_beside(vetset, "whole", "whole.proof.json") == []
    assert stopped >= 2


def test_a_killed_conversion_leaves_the_old_or_the_new_and_the_next_one_sweeps_up(vetset, many):
    whole = how_long(vetset)
    new = listing(vetset.folder / "whole")
    old = {"mine": b"mine"}
    (vetset.folder / "out").mkdir()
    (vetset.folder / "out/mine").write_text("mine")
    seen = set()
    for k in range(24):
        process = vetset.start("convert", "many", "out", "--to", "yolo", "--overwrite")
        time.sleep(whole * (k + 0.5) / 20)
        process.kill()
        process.communicate(timeout=60)
        state = listing(vetset.folder / "out")
        assert state in (old, new), sorted(state)[:5]
        seen.add("old" if state == old else "new")
        if state == new:
            break
    assert "old" in seen
    said(vetset("convert", "many", "out", "--to", "yolo", "--overwrite"), 0)
    assert listing(vetset.folder / "out") == new
    assert left_beside(vetset, "whole", "whole.proof.json", "out", "out.proof.json") == []


def test_a_target_filled_by_somebody_else_is_theirs(vetset, many):
    (vetset.folder / "out").mkdir()
    (vetset.folder / "out/theirs").write_text("theirs")
    failed(vetset("convert", "many", "out", "--to", "yolo"), 1, "out")
    assert listing(vetset.folder / "out") == {"theirs": b"theirs"}
