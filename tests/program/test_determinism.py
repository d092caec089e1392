"""D1–D16: who packs or seals the same files gets the same bytes, wherever and however; and the ids of the samples are
those that are written down. VETSET_GOLDEN=write writes them anew."""
import hashlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import tempfile

import jsonschema
import pytest

from conftest import PROGRAM, ROOT

GOLDEN = ROOT / "tests/golden/packages.json"
NAMED = ["--name", "golden/sample", "--version", "1.0.0"]
FORMS = {
    "files": ["--layout", "files"],
    "shards": ["--layout", "shards"],
    "external": ["--layout", "external"],
    "tar-files": ["--layout", "files", "--single-file"],
    "tar-shards": ["--layout", "shards", "--single-file"],
    "sealed": None,
}


def shuffled_copy(source, target, seed):
    """The files of a folder, made in another order."""
    files = sorted(p for p in source.rglob("*") if p.is_file())
    random.Random(seed).shuffle(files)
    for path in files:
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)


def bytes_of(path):
    if path.is_file():
        return {"": hashlib.sha256(path.read_bytes()).hexdigest()}
    return {str(p.relative_to(path)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(path.rglob("*")) if p.is_file()}


def make(folder, sample, form, *, threads="0", umask=0o022, user=None, seed=0, **environment):
    """Packs or seals a sample in a folder; gives every byte that was made, and the manifest."""
    folder.mkdir(parents=True)
    data = folder / "data"
    shuffled_copy(ROOT / "samples" / sample, data, seed)
    if user is not None:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user, user)
    options = FORMS[form]
    if options is None:
        command, made = ["seal", "data", *NAMED, "--threads", threads], data / ".vetset"
    else:
        made = folder / ("made.tar" if "--single-file" in options else "made")
        command = ["pack", "data", "-o", made.name, *options, *NAMED, "--threads", threads]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **environment}
    done = subprocess.run([PROGRAM, *command], cwd=folder, env=environment, umask=umask, user=user, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=120)
    assert done.returncode == 0, done
    if made.is_file():
        listed = subprocess.run(["tar", "-xOf", made, "vetset.json"], check=True, capture_output=True).stdout
    else:
        listed = (made / "vetset.json").read_bytes()
    return bytes_of(made), listed


WAYS = {
    "german in Tokyo": {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8", "TZ": "Asia/Tokyo"},
    "plain C, another hour": {"LC_ALL": "C", "TZ": "America/St_Johns"},
    "one thread": {"threads": "1"},
    "two threads": {"threads": "2"},
    "eight threads": {"threads": "8"},
    "nobody else may read": {"umask": 0o077},
    "made in another order": {"seed": 7},
}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_bytes_whoever_makes_them(tmp_path, form):
    first = make(tmp_path / "first", "street", form, LC_ALL="C.UTF-8", TZ="UTC")
    for number, (way, options) in enumerate(WAYS.items()):
        again = make(tmp_path / f"a rather {'long ' * number}name {number}", "street", form, **options)
        assert again == first, way


@pytest.mark.parametrize("form", ["shards", "sealed"])
def test_the_same_bytes_whoever_one_is(form):
    if os.geteuid() != 0:
        pytest.skip("only the administrator can be somebody else")
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to others
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        first = make(folder / "first", "street-coco", form)
        try:
            second = make(folder / "second", "street-coco", form, user=65534)
        except PermissionError:
            pytest.skip("nobody else can run the program")
        assert first == second


def test_one_file_holds_the_manifest_of_the_folder(tmp_path):
    for layout in ("files", "shards"):
        assert make(tmp_path / layout, "street-coco", layout)[1] == make(tmp_path / f"tar-{layout}", "street-coco", f"tar-{layout}")[1]


def test_every_manifest_is_what_its_schema_says(tmp_path):
    schema = json.loads((ROOT / "docs/schema/manifest-v1.json").read_text())
    for form in FORMS:
        manifest = json.loads(make(tmp_path / form, "street", form)[1])
        jsonschema.validate(manifest, schema, cls=jsonschema.Draft202012Validator)
        manifest["files"][0]["sha256"] = manifest["files"][0]["sha256"].upper()
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(manifest, schema, cls=jsonschema.Draft202012Validator)


def ids(folder, sample):
    found = {}
    for form in FORMS:
        manifest = make(folder / form, sample, form)[1]
        said = json.loads(manifest)
        found[form] = {"dataset_id": said["dataset_id"], "labels_id": said["labels_id"], "package_id": "sha256:" + hashlib.sha256(manifest).hexdigest()}
        writer = said["layout"]["writer"]
    return found, writer


@pytest.mark.parametrize("sample", ["street", "street-coco"])
def test_the_ids_are_those_that_are_written_down(tmp_path, sample):
    found, writer = ids(tmp_path, sample)
    golden = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
    if os.environ.get("VETSET_GOLDEN") == "write":
        golden |= {"writer": writer, sample: found}
        GOLDEN.write_text(json.dumps(golden, indent=2, sort_keys=True) + "\n")
    stated = golden[sample]
    for form in FORMS:
        for name in ("dataset_id", "labels_id"):
            assert found[form][name] == stated[form][name], (form, name)
            assert found[form][name] == found["files"][name], (form, name, "the same data has the same id in every form")
    if golden["writer"] != writer:
        pytest.skip(f"package_id is written down for {golden['writer']}, this is {writer}")
    assert found == stated
