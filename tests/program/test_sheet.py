"""Contact sheets from outside: a leak shows its two sides, the file is the same with any number of threads, and a name
that is neither HTML nor PNG is refused before anything is read."""
import shutil

import pytest


@pytest.fixture(name="leaking")
def street_with_a_leak(vetset, street):
    for kind, end in ("images", "jpg"), ("labels", "txt"):
        shutil.copy(vetset.folder / f"street/{kind}/train/street_0003.{end}", vetset.folder / f"street/{kind}/val/a_copy.{end}")


def test_a_leak_is_drawn_with_training_left(vetset, leaking):
    done = vetset("split", "street", "--check", "--sheet", "leaks.html", "--no-cache")
    assert done.returncode == 1 and b"leaks.html: " in done.stderr, done
    page = (vetset.folder / "leaks.html").read_text()
    left, right = page.index("<h3>train</h3>"), page.index("<h3>val</h3>")
    assert left < page.index("alt=\"images/train/street_0003.jpg\"") < right < page.index("alt=\"images/val/a_copy.jpg\"")
    assert "<rect " in page and "data:image/jpeg;base64," in page and "http" not in page


@pytest.mark.parametrize("verb", [["check"], ["dedup", "--dry-run"]])
def test_every_thread_count_draws_the_same(vetset, leaking, verb):
    sheets = []
    for threads in "1", "3":
        vetset(verb[0], "street", *verb[1:], "--sheet", "sheet.png", "--no-cache", "--threads", threads)
        sheets.append((vetset.folder / "sheet.png").read_bytes())
    assert sheets[0] == sheets[1] and sheets[0][1:4] == b"PNG"


@pytest.mark.parametrize("verb", [["check", "nothing"], ["dedup", "nothing", "--dry-run"], ["split", "nothing", "--check"]])
def test_other_names_are_refused_first(vetset, verb):
    done = vetset(*verb, "--sheet", "sheet.pdf")
    assert done.returncode == 2 and b"--sheet" in done.stderr and b".html or .png" in done.stderr, done


def test_split_draws_only_when_it_checks(vetset, street):
    done = vetset("split", "street", "--sheet", "sheet.html")
    assert done.returncode == 2 and b"--check" in done.stderr, done
