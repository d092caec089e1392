"""check --diff-from: only what is new since a revision of git, a package or a path; and the page for a pull request."""
import json
import os
import re
import shutil
import subprocess

import jsonschema
import pytest
from conftest import failed, listing, said
from test_json import schema


@pytest.fixture
def git(vetset):
    def run(*words):
        done = subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *words], cwd=vetset.folder,
                              capture_output=True, text=True, env={"PATH": os.environ["PATH"], "HOME": str(vetset.folder)})
        assert done.returncode == 0, done
        return done.stdout.strip()
    run("init", "-q", "-b", "main")
    return run


@pytest.fixture
def committed(vetset, street, git):
    git("add", "street")
    git("commit", "-qm", "one")
    return street


def add_a_fault(street):
    """One row twice, and one fault gone."""
    labels = street / "labels/train/street_0001.txt"
    labels.write_text(labels.read_text() + labels.read_text().splitlines()[-1] + "\n")
    outside = street / "labels/train/street_0038.txt"
    outside.write_text("".join(line for k, line in enumerate(outside.read_text().splitlines(True)) if k != 4))


def new_codes(done):
    document = json.loads(done.stdout)
    jsonschema.validate(document, schema("check"), cls=jsonschema.Draft202012Validator)
    return [f["code"] for f in document["findings"]], [g["code"] for g in document["gone"]], document["since"]


def test_only_what_is_new_since_a_revision_counts(vetset, committed):
    before = listing(vetset.folder / ".git")
    assert "Nothing new since HEAD" in said(vetset("check", "street", "--diff-from", "HEAD"), 0)
    add_a_fault(committed)
    assert new_codes(vetset("check", "street", "--diff-from", "HEAD", "--json")) == (["LBL105"], ["FMT407"], "HEAD")
    assert new_codes(vetset("check", ".", "--diff-from", "main", "--json", cwd=committed)) == (["LBL105"], ["FMT407"], "main")
    assert listing(vetset.folder / ".git") == before, "the repository was written to"


def test_a_copy_and_a_package_serve_as_well(vetset, street):
    shutil.copytree(street, vetset.folder / "earlier")
    assert vetset("pack", "street", "-o", "earlier.pkg").returncode == 0
    add_a_fault(street)
    for reference in ["earlier", "earlier.pkg"]:
        codes, gone, since = new_codes(vetset("check", "street", "--select", "LBL105,FMT407", "--diff-from", reference, "--json"))
        assert (codes, gone, since) == (["LBL105"], ["FMT407"], reference)


def test_images_that_git_was_never_told_of_are_taken_as_they_are(vetset, street, git):
    (vetset.folder / ".gitignore").write_text("*.jpg\n*.png\n")
    git("add", ".")
    git("commit", "-qm", "labels alone")
    assert "Nothing new" in said(vetset("check", "street", "--diff-from", "HEAD"), 0)
    add_a_fault(street)
    assert new_codes(vetset("check", "street", "--diff-from", "HEAD", "--json"))[0] == ["LBL105"]


def test_pointers_of_git_lfs_stand_for_their_files(vetset, street, git):
    import hashlib
    kept = {}
    for image in street.rglob("*.jpg"):
        data = image.read_bytes()
        kept[image] = data
        image.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:"
                         f"{hashlib.sha256(data).hexdigest()}\nsize {len(data)}\n")
    git("add", ".")
    git("commit", "-qm", "pointers")
    for image, data in kept.items():
        image.write_bytes(data)
    assert "Nothing new" in said(vetset("check", "street", "--diff-from", "HEAD"), 0)
    next(iter(kept)).write_bytes(b"another")
    done = vetset("check", "street", "--diff-from", "HEAD")
    assert b"1 file of HEAD is a pointer of git-lfs" in done.stderr, done


def test_an_archive_and_a_document_have_a_history(vetset, coco, git):
    document = next(p for p in coco.rglob("*.json"))
    subprocess.run(["zip", "-qr", "../coco.zip", "."], cwd=coco, check=True)
    git("add", ".")
    git("commit", "-qm", "one")
    data = json.loads(document.read_text())
    data["annotations"].append({**data["annotations"][0], "id": 987654})
    document.write_text(json.dumps(data))
    assert new_codes(vetset("check", document, "--diff-from", "HEAD", "--select", "LBL105,FMT4", "--json"))[0] == ["LBL105"]
    (vetset.folder / "coco.zip").unlink()
    subprocess.run(["zip", "-qr", "../coco.zip", "."], cwd=coco, check=True)
    assert new_codes(vetset("check", "coco.zip", "--diff-from", "HEAD", "--select", "LBL105,FMT4", "--json"))[0] == ["LBL105"]


def test_the_page_for_a_pull_request_has_what_broke_and_what_changed(vetset, committed):
    add_a_fault(committed)
    page = said(vetset("check", "street", "--diff-from", "HEAD", "--output", "markdown"), 1)
    assert page.startswith("# vetset check street\n")
    for part in ["**New: 1 error** since `HEAD`; 1 gone", "LBL105 repeated-annotation", "## Gone", "FMT407: 1",
                 "## Data", "HEAD → street: changed", "street\\_0001.jpg"]:
        assert part in page, part
    assert len(page) < 65_536
    found = page.split("`")
    ident = next(word for word in found if len(word) == 10 and all(c in "0123456789abcdef" for c in word))
    assert "LBL105" in said(vetset("explain", ident, "--in", "street"), 0)


def test_hostile_names_do_not_break_the_page(vetset, committed):
    name = "|`<b>]]\x1b[31m.txt"
    (committed / "labels/train" / name).write_text("0 0.5 0.5 9 9\n")
    page = vetset("check", "street", "--diff-from", "HEAD", "--output", "markdown").stdout.decode()
    rows = [line for line in page.splitlines() if "<b>" in line or "\\<b" in line or "x1b" in line]
    assert rows and "\x1b" not in page, page
    for row in rows:
        assert re.sub(r"\\\|", "", row).count("|") in (0, 6), row      # one row of the table, whatever the name
        assert "<b>" not in re.sub(r"(`+).*?\1", "", row).replace("\\<", ""), row   # in code, or escaped


def test_what_is_no_reference_is_said(vetset, committed):
    failed(vetset("check", "street", "--diff-from", "nowhere"), 2, "'nowhere' is no path, and no revision")
    failed(vetset("check", "street", "--diff-from", "git:street"), 2, "street")
    failed(vetset("check", "street", "--diff-from", "git:--all"), 2, "--all")
    failed(vetset("check", "street", "--diff-from", "HEAD", "--baseline", "b.json"), 2, "--diff-from")
    (vetset.folder / "main").mkdir()
    failed(vetset("check", "street", "--diff-from", "main"), 2, "git:main", "./main")
    shutil.copytree(committed, vetset.folder / "other")
    failed(vetset("check", "other", "--diff-from", "HEAD"), 2, "has no folder 'other'")


def test_a_finding_is_explained_by_the_beginning_of_its_fingerprint(vetset, street):
    finding = next(f for f in json.loads(vetset("check", "street", "--json").stdout)["findings"] if f["code"] == "FMT407")
    text = said(vetset("explain", finding["fingerprint"][:8], "--in", "street"), 0)
    assert text == said(vetset("explain", finding["fingerprint"], "street"), 0)
    for part in ["FMT407 box-outside-image", "street_0038.txt:5", "picture", "[[waiver]]", 'rule = "FMT407"', "fingerprint", "Row"]:
        assert part in text, part
    # What it prints for vetset.toml does what it says.
    waiver = "".join(line.strip() + "\n" for line in text[text.index("  [[waiver]]"):].splitlines()[:6])
    (vetset.folder / "street/vetset.toml").write_text(waiver)
    assert "1 waived" in said(vetset("check", "street", "--select", "FMT407"), 0)
    failed(vetset("explain", finding["fingerprint"][:8], "street", "--in", "street"), 2, "twice")
    failed(vetset("explain", "abc", "street"), 2, "found 'abc'")
