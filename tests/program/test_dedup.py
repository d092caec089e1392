"""dedup from outside: its document, what it leaves out, and that undoing gives the same dataset."""
import json
import pathlib
import shutil

import jsonschema
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def valid(text, name):
    document = json.loads(text)
    schema = json.loads((ROOT / "docs/schema" / f"{name}-v1.json").read_text())
    jsonschema.validate(document, schema, cls=jsonschema.Draft202012Validator)
    return document


@pytest.fixture(name="copied")
def street_with_a_copy(vetset, street):
    for kind, end in ("images", "jpg"), ("labels", "txt"):
        shutil.copy(vetset.folder / f"street/{kind}/train/street_0003.{end}", vetset.folder / f"street/{kind}/val/a_copy.{end}")


def identity(vetset, name):
    done = vetset("identity", name)
    assert done.returncode == 0, done
    return done.stdout


def test_what_goes_is_listed_and_comes_back(vetset, copied):
    done = vetset("dedup", "street", "-o", "clean", "--across-splits", "--no-cache", "--json")
    assert done.returncode == 0, done
    proof = valid(done.stdout, "proof")
    assert [s["name"] for s in proof["steps"]] == ["dedup"]
    written = valid((vetset.folder / "clean.dedup.json").read_text(), "dedup")
    gone = [copy["image"] for copy in written["copies"]]
    assert "images/train/street_0003.jpg" in gone
    for path in gone:
        assert not (vetset.folder / "clean" / path).exists()
    assert [e["where"] for e in written["edits"] if e["record"] == "image"] == gone
    back = vetset("dedup", "clean", "--undo", "clean.dedup.json", "--images-dir", "street", "-o", "back")
    assert back.returncode == 0 and b"those from before, record by record" in back.stdout, back
    for path in gone:
        assert (vetset.folder / "back" / path).read_bytes() == (vetset.folder / "street" / path).read_bytes()


def test_links_and_weights_keep_every_image(vetset, copied):
    for action in "link", "weigh":
        done = vetset("dedup", "street", "-o", action, "--to", "vetset", "--action", action, "--kinds", "bytes", "--no-cache")
        assert done.returncode == 0, done
        written = valid((vetset.folder / f"{action}.dedup.json").read_text(), "dedup")
        assert written["edits"] == [] and written["before"] == written["after"] and written["copies"]


def test_threads_do_not_show(vetset, copied):
    texts = []
    for threads in "1", "3":
        done = vetset("dedup", "street", "--dry-run", "--json", "--no-cache", "--threads", threads)
        assert done.returncode == 0, done
        texts.append(done.stdout)
    assert texts[0] == texts[1]


def test_what_cannot_be_done_says_why(vetset, street):
    for arguments, words in [
        (["dedup", "street"], "-o DST"),
        (["dedup", "street", "--dry-run", "--keep", "spilt"], "did you mean 'split'"),
        (["dedup", "street", "--dry-run", "--kinds", "flippd"], "did you mean 'flipped'"),
        (["dedup", "street", "--dry-run", "--radius", "300"], "from 0 to 256"),
        (["dedup", "street", "--dry-run", "--near", "veiws"], "did you mean 'views'"),
    ]:
        done = vetset(*arguments)
        assert done.returncode == 2 and words.encode() in done.stderr, done


def test_two_images_of_one_name_in_two_folders_are_told_apart(vetset):
    (vetset.folder / "two/annotations").mkdir(parents=True)
    for part in "train", "val":
        folder = vetset.folder / "two/images" / part
        folder.mkdir(parents=True)
        shutil.copy(ROOT / "samples/street-coco/images/street_01.jpg", folder / "a.jpg")
        document = {"images": [{"id": 1, "file_name": "a.jpg", "width": 640, "height": 480}], "annotations": [],
                    "categories": [{"id": 1, "name": "car"}]}
        (vetset.folder / f"two/annotations/instances_{part}.json").write_text(json.dumps(document))
    for *arguments, status in ("split", "two", "--check", "--near", "none", 1), ("dedup", "two", "--dry-run", "--across-splits", 0):
        done = vetset(*arguments)
        assert done.returncode == status, done
        said = done.stdout.decode()
        assert "images/train/a.jpg" in said and "images/val/a.jpg" in said, said
