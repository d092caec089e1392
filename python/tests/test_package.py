"""A package read sample by sample, in every form that there is."""

import concurrent.futures
import hashlib
import json
import pathlib
import pickle
import shutil
import subprocess
import sys

import pytest
import vetset

numpy = pytest.importorskip("numpy")
FORMS = ("files", "shards", "one file", "sealed", "external")
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def make(form, coco, tmp_path, **more):
    """The two images of `coco` as a package; its path."""
    target = tmp_path / f"{form.replace(' ', '-')}.pkg"
    if form == "sealed":
        shutil.copytree(coco, target)
        vetset.seal(target, name="pets", version="1.2.0", **more)
        return target
    layout = "shards" if form == "one file" else form
    vetset.open(coco).pack(target, layout=layout, single_file=form == "one file", name="pets", version="1.2.0", **more)
    return target


def opened(form, coco, tmp_path, **options):
    return vetset.Package(make(form, coco, tmp_path), images_dir=coco if form == "external" else None, **options)


@pytest.fixture(params=FORMS)
def package(request, coco, tmp_path):
    return opened(request.param, coco, tmp_path)


@pytest.fixture
def shards(coco, tmp_path):
    return make("shards", coco, tmp_path)


def code_of(raised):
    return raised.value.code


# What is in it.


def test_a_package_says_what_it_is(package, coco):
    ds = vetset.open(coco)
    assert (package.name, package.version) == ("pets", "1.2.0")
    assert package.labels_id == ds.labels_id
    if package.manifest["layout"]["media"] != "external":
        assert package.dataset_id == ds.dataset_id
    assert package.package_id.startswith("sha256:") and package.manifest["dataset_id"] == package.dataset_id
    assert package.form in ("sealed", "directory") and package.classes == ["cat", "dog"]
    assert repr(package).startswith("<vetset.Package pets 1.2.0, ") and "pets" in package._repr_html_()


def test_samples_are_a_sequence(package, coco):
    samples = package.samples
    assert len(samples) == 2 and [s.key for s in samples] == ["a.png", "ü b.png"]
    assert samples[-1] == samples[1] != samples[0] and hash(samples[1]) == hash(samples[-1])
    assert [s.row for s in samples[::-1]] == [1, 0] and len(samples[5:]) == 0 and samples.rows.dtype == numpy.int64
    assert samples["a.png"].row == 0 and samples.by_path("ü b.png").row == 1
    assert "a.png" in samples and "b.png" not in samples and samples[1] in samples and samples[1] not in samples[:1]
    with pytest.raises(IndexError, match="there is no sample 2, only 2"):
        samples[2]
    with pytest.raises(KeyError, match="there is no sample of the key 'b.png'"):
        samples["b.png"]
    with pytest.raises(KeyError, match="there is no sample of the key 'a.png'"):
        samples[1:]["a.png"]


def test_a_sample_is_what_was_packed(package, coco):
    for sample in package.samples:
        file = (coco / sample.path).read_bytes()
        assert sample.bytes() == file and sample.size == len(file) and sample.sha256 == hashlib.sha256(file).hexdigest()
        assert sample.package is package and sample.state is None
    first = package.samples[0]
    assert (first.width, first.height) == (40, 30) and repr(first) == "<vetset.Sample 0 'a.png'>"


def test_a_picture_is_an_array(package):
    picture = package.samples["a.png"].image()
    assert picture.dtype == numpy.uint8 and picture.shape == (30, 40, 3) and (picture == 0x7F).all()
    picture[0, 0] = 0  # it is the caller's own
    assert (package.samples["a.png"].image() == 0x7F).all()


def test_annotations_are_those_of_the_sample(package):
    marks = package.samples["a.png"].annotations
    assert len(marks) == 2 and [m["id"] for m in marks] == ["11", "12"] and marks.classes == ["cat", "dog"]
    assert marks.boxes.dtype == numpy.float64 and marks.boxes.tolist() == [[1, 2, 10, 10], [0, 0, 40, 1]]
    assert marks.class_index.tolist() == [0, 1] and marks.class_index.dtype == numpy.int64
    assert marks[0]["polygon"] == [[1, 2, 11, 2, 11, 12]] and marks[-1]["crowd"] is True and len(marks[:1]) == 1
    assert "mask_counts" in marks[1] and "mask_counts" not in marks[0] and repr(marks) == "<vetset.SampleAnnotations 2>"
    assert package.samples["ü b.png"].annotations.boxes.tolist() == [[15.5, 4, 10, 2.25]]
    with pytest.raises(IndexError):
        marks[2]


def test_tables_leave_by_arrow(package):
    pa = pytest.importorskip("pyarrow")
    assert {"samples", "annotations", "categories"} <= set(package.tables) and "tracks" not in package.tables
    table = pa.table(package.tables["samples"])
    table.validate(full=True)
    assert table.column("sample_id").to_pylist() == ["a.png", "ü b.png"] and len(package.tables["samples"]) == 2
    assert package.tables["annotations"].to_arrow().column("category_id").to_pylist() == ["5", "9", "5"]
    assert table.column_names == package.tables["samples"].columns
    assert pa.table(package.samples[0].annotations.table).column("x").to_pylist() == [1, 0]
    with pytest.raises(KeyError, match="there is no table 'tracks', only: "):
        package.tables["tracks"]
    with pytest.raises(vetset.Error, match="no column nothing of texts"):
        package.tables["samples"].texts("nothing")


def test_a_stream_outlives_its_package(package):
    pa = pytest.importorskip("pyarrow")
    stream = pa.RecordBatchReader.from_stream(package.tables["annotations"])
    package.close()
    del package
    assert sum(batch.num_rows for batch in stream) == 3


def test_splits_are_samples_too(street, tmp_path):
    vetset.open(street).pack(tmp_path / "street.pkg")
    package, ds = vetset.Package(tmp_path / "street.pkg"), vetset.open(street)
    assert package.splits == list(ds.splits.name)
    for split in package.splits:
        part = package.samples.of_split(split)
        assert part.rows.tolist() == ds.indices(split).tolist() and all(split in s.splits for s in part)
        assert [s.key for s in part[1:3]] == [package.samples[int(row)].key for row in part.rows[1:3]]
        assert part[0] in part and package.samples[:3].of_split(split).rows.tolist() == [r for r in part.rows if r < 3]
    with pytest.raises(KeyError, match="there is no split 'holdout', only: train"):
        package.samples.of_split("holdout")


def test_a_sealed_folder_has_boxes_in_pixels(street):
    """YOLO writes fractions; what a table says is in pixels, by the sizes of the images."""
    vetset.seal(street)
    package, ds = vetset.Package(street), vetset.open(street)
    found = numpy.concatenate([s.annotations.boxes for s in package.samples])
    of = numpy.argsort(ds.annotations.image, kind="stable")
    placed = ~numpy.isnan(found).any(axis=1)  # not where an image is missing
    assert placed.sum() > 600 and numpy.array_equal(found[placed], numpy.asarray(ds.annotations.box)[of][placed])


# Signatures and papers.


@pytest.mark.parametrize("form", ["files", "sealed", "one file"])
def test_evidence_is_told_and_verified(form, coco, tmp_path):
    key = vetset.new_key(tmp_path / "team.key")
    package = vetset.Package(make(form, coco, tmp_path, key=key.private_path))
    made = next(said for said in package.evidence if said.kind == "package")
    assert made.signed_by == key.hint and made.about_this and made.predicate["dataset_id"] == package.dataset_id
    assert made.path.endswith(".json") and made.result is None
    assert package.verify(key.public_path).verdict == "verified" and package.verify().verdict == "intact"


def test_what_is_said_of_another_package_is_told(coco, tmp_path):
    key = vetset.new_key(tmp_path / "team.key")
    first = make("files", coco, tmp_path, key=key.private_path)
    other = make("shards", coco, tmp_path, key=key.private_path)
    for name in (first / "attest").iterdir():
        shutil.copy(name, other / "attest")
    assert [said.about_this for said in vetset.Package(other).evidence if said.kind == "package"] == [False]


def test_documents_are_held_to_their_digests(coco, tmp_path):
    (coco / "README.md").write_text("two pets\n")
    folder = make("sealed", coco, tmp_path)
    package = vetset.Package(folder)
    assert "README.md" in package.documents and package.documents["README.md"] == b"two pets\n"
    with pytest.raises(KeyError, match="there is no document 'instances.json'"):
        package.documents["instances.json"]
    (folder / "README.md").write_text("two cats\n")
    with pytest.raises(vetset.Error, match="E_DIGEST README.md expected=[0-9a-f]{64} actual=") as raised:
        package.documents["README.md"]
    assert code_of(raised) == "untrusted"


# What is wrong is told.


def test_other_bytes_are_never_given(package, coco):
    """Every byte of media is changed, wherever the form has them."""
    path = pathlib.Path(package.path)
    if package.samples[0].media is None:
        files = [coco / "a.png"]
    elif path.is_file():
        files = [path]
    else:
        files = sorted(path.rglob("*.tar")) or sorted(path.rglob("*.png"))
    whole = package.samples[0].bytes()
    for file in files:
        data = bytearray(file.read_bytes())
        at = data.find(whole)
        if at >= 0:
            data[at + 20] ^= 1
            file.write_bytes(data)
    with pytest.raises(vetset.Error, match=r"E_MEDIA_DIGEST sample=a.png expected=[0-9a-f]{64} actual=[0-9a-f]{64} \(") as raised:
        package.samples[0].bytes()
    assert code_of(raised) == "untrusted"
    with pytest.raises(vetset.Error, match="E_MEDIA_DIGEST"):
        package.samples[0].image()
    assert package.samples[1].bytes()


def test_bytes_are_given_as_they_are_where_nobody_checks(coco, tmp_path):
    folder = make("files", coco, tmp_path)
    (folder / "media/a.png").write_bytes(b"something else")
    sample = vetset.Package(folder, check=False).samples[0]
    assert sample.bytes() == b"something else"
    with pytest.raises(vetset.Error, match="the image of sample a.png is") as raised:
        sample.image()
    assert code_of(raised) == "malformed"


def test_a_cut_off_shard_is_told(shards):
    package = vetset.Package(shards)
    shard = shards / package.samples[0].shard
    shard.write_bytes(shard.read_bytes()[: package.samples[0].offset + 10])
    with pytest.raises(vetset.Error, match=r"E_MEDIA_DIGEST sample=a.png expected \d+ bytes, found 10: the shard is cut off"):
        package.samples[0].bytes()
    shard.unlink()
    with pytest.raises(vetset.Error, match="E_MEDIA_DIGEST sample=a.png its file is missing"):
        package.samples[0].bytes()


def test_a_missing_or_cut_off_table_is_told(shards):
    table = shards / "tables/annotations.parquet"
    whole = table.read_bytes()
    for bytes_, words in ((whole[:-1], "E_SIZE tables/annotations.parquet"), (None, "E_MISSING tables/annotations.parquet"),
                          (b"\0" * len(whole), "this Parquet file cannot be read")):
        table.unlink(missing_ok=True)
        if bytes_ is not None:
            table.write_bytes(bytes_)
        package = vetset.Package(shards)
        with pytest.raises(vetset.Error, match=words) as raised:
            package.samples[0].annotations
        assert code_of(raised) == "malformed"
        assert package.samples[0].bytes(), "what does not need the table works"
    (shards / "tables/samples.parquet").unlink()
    with pytest.raises(vetset.Error, match="E_MISSING tables/samples.parquet"):
        vetset.Package(shards)


def edited(folder, table, **columns):
    """A table of a package with other values, listed with its new digest."""
    pa, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path = folder / "tables" / f"{table}.parquet"
    rows = parquet.read_table(path)
    for name, values in columns.items():
        field = rows.schema.field(name)
        rows = rows.set_column(rows.column_names.index(name), field, pa.array(values, field.type))
    parquet.write_table(rows, path)
    manifest = json.loads((folder / "vetset.json").read_text())
    for file in manifest["files"]:
        if file["path"] == f"tables/{table}.parquet":
            file.update(size=path.stat().st_size, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    (folder / "vetset.json").write_text(json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
    return folder


@pytest.mark.parametrize(("columns", "words"), [
    ({"shard_offset": [0, 0]}, "E_MEDIA_DIGEST sample=a.png expected="),
    ({"shard_offset": [1 << 60, 0]}, "the shard is cut off"),
    ({"shard_offset": [-1, 0]}, "row 0 of samples: media_size and shard_offset are not below 0"),
    ({"shard": ["../../etc/passwd", "x"]}, "lies in a file that the manifest does not list"),
    ({"shard": ["vetset.json", "x"]}, "lies in a file that the manifest does not list"),
    ({"media_sha256": ["00", "00"]}, "row 0 of samples: media_sha256"),
    ({"sample_id": [None, "b"]}, "row 0 of samples: has no sample_id"),
])
def test_a_table_that_points_elsewhere_is_told(columns, words, shards):
    with pytest.raises(vetset.Error, match=words):
        vetset.Package(edited(shards, "samples", **columns)).samples[0].bytes()


def test_a_broken_manifest_is_told(shards):
    manifest = shards / "vetset.json"
    whole = json.loads(manifest.read_text())

    def written(**changes):
        manifest.write_text(json.dumps(whole | changes, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
        with pytest.raises(vetset.Error) as raised:
            vetset.Package(shards)
        return raised.value.code, raised.value.message.split()[0]

    assert written(vetset="2") == ("unsupported", "E_VERSION")
    assert written(critical=["org.example.x"]) == ("unsupported", "E_CRITICAL")
    assert written(files="none")[0] == "malformed"
    manifest.write_text(json.dumps(whole, indent=1))
    with pytest.raises(vetset.Error, match="E_NOT_CANONICAL") as raised:
        vetset.Package(shards)
    assert code_of(raised) == "malformed"


def test_what_is_no_package_is_told(coco, tmp_path):
    (tmp_path / "notes.txt").write_text("no package")
    for path in (coco, tmp_path / "notes.txt"):
        with pytest.raises(vetset.Error, match="is no package: found neither vetset.json nor .vetset/vetset.json") as raised:
            vetset.Package(path)
        assert code_of(raised) == "not_found"
    with pytest.raises(vetset.Error, match="there is no such file or folder"):
        vetset.Package(tmp_path / "nothing")


def test_an_image_that_is_not_in_it_is_told(coco, tmp_path):
    package = vetset.Package(make("external", coco, tmp_path))
    assert package.samples[0].media is None and package.samples[0].sha256
    with pytest.raises(vetset.Error, match="does not hold the image of sample a.png; expected images_dir") as raised:
        package.samples[0].bytes()
    assert code_of(raised) == "not_found"


# Many readers.


def test_threads_read_at_once(package):
    expected = [(s.bytes(), len(s.annotations)) for s in package.samples]
    again = vetset.Package(package.path, images_dir=package._options[1] or None)  # nothing of it is read yet

    def read(i):
        sample = again.samples[i % 2]
        return sample.bytes(), len(sample.annotations)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(200))) == expected * 100


def test_it_is_pickled_by_its_path(package, monkeypatch, tmp_path):
    monkeypatch.chdir(pathlib.Path(package.path).parent)
    copy = pickle.loads(pickle.dumps(package))
    sample = pickle.loads(pickle.dumps(package.samples[1]))
    monkeypatch.chdir("/")
    assert copy.package_id == package.package_id and sample == package.samples[1] == copy.samples[1]
    assert copy.samples[0].bytes() == package.samples[0].bytes() == pickle.loads(pickle.dumps(copy)).samples[0].bytes()


def test_it_is_closed_at_the_end_of_a_block(shards):
    with vetset.Package(shards) as package:
        samples = package.samples
        sample = samples[0]
    assert repr(package).endswith(": closed>")
    with pytest.raises(ValueError, match="was closed"):
        package.tables
    with pytest.raises(ValueError, match="was closed"):
        sample.bytes()


LOADER = '''
import sys, torch, vetset

class Pets(torch.utils.data.Dataset):
    def __init__(self, path):
        self.samples = vetset.Package(path).samples

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, i):
        sample = self.samples[i]
        return torch.from_numpy(sample.image()), torch.from_numpy(sample.annotations.boxes), sample.key

if __name__ == "__main__":
    pets = Pets(sys.argv[1])
    alone = [pets[i] for i in range(len(pets))]
    for start in ("fork", "spawn"):
        loader = torch.utils.data.DataLoader(pets, batch_size=None, num_workers=2, multiprocessing_context=start)
        read = list(loader)
        assert len(read) == len(alone)
        for (image, boxes, key), (image_of, boxes_of, key_of) in zip(read, alone):
            assert key == key_of and torch.equal(image, image_of) and torch.equal(boxes, boxes_of)
    print("read", len(pets))
'''


def torch_python():
    """A Python that has torch: this one, or the one of the judges."""
    for python in (pathlib.Path(sys.executable), ROOT / ".venv-judges/bin/python"):
        if python.exists() and subprocess.run([python, "-c", "import torch, numpy"], capture_output=True).returncode == 0:
            return python
    return None


def test_a_loader_with_workers_reads_it(shards, tmp_path):
    python = torch_python()
    if python is None:
        pytest.skip("skipped 1: torch")
    (tmp_path / "loader.py").write_text(LOADER)
    (tmp_path / "only").mkdir()  # vetset alone: what else is installed beside it may not be of that Python
    for part in pathlib.Path(vetset.__file__).parent.parent.glob("vetset*"):
        (tmp_path / "only" / part.name).symlink_to(part)
    run = subprocess.run([python, tmp_path / "loader.py", shards], capture_output=True, text=True,
                         env={"PYTHONPATH": str(tmp_path / "only"), "PATH": "/usr/bin:/bin"})
    if "No module named 'vetset._core'" in run.stderr:
        pytest.skip("skipped 1: torch is there for another Python only")
    assert run.returncode == 0 and run.stdout == "read 2\n", run.stderr


# The words of the program.


def test_verify_takes_what_the_program_takes(coco, tmp_path):
    key, other = vetset.new_key(tmp_path / "team.key"), vetset.new_key(tmp_path / "other.key")
    folder = make("files", coco, tmp_path, key=key.private_path)
    package = vetset.Package(folder)
    assert package.verify([other.public_path, key.public_path]).signers == [key.hint]
    assert package.verify(other.public_path).verdict == "untrusted"
    for part in ({"sample": "50%"}, {"sample": 0.5}, {"only": "media/"}, {"only": ["media/a.png"]}):
        assert package.verify(**part).verdict == "partial", part
    assert package.verify(strict=True, today="2031-01-31", against=folder).verdict == "intact"
    for wrong in ("0%", "much", 2):
        with pytest.raises(vetset.Error, match="expected a share such as 0.1 or '10%'") as raised:
            package.verify(sample=wrong)
        assert code_of(raised) == "usage"
    with pytest.raises(vetset.Error):
        package.verify(policy=tmp_path / "nothing.json", policy_key=key.public_path)


def test_packs_and_seals_say_where_they_come_from(coco, tmp_path):
    first = make("files", coco, tmp_path, epoch=1_700_000_000)
    second = vetset.Package(make("shards", coco, tmp_path, parents=first, evidence=["audit"]))
    assert [parent["package_id"] for parent in second.manifest["parents"]] == [vetset.Package(first).package_id]
    assert any(path.startswith("evidence/") for path in second.documents)
    plain = tmp_path / "plain"
    shutil.copytree(coco, plain)
    vetset.seal(plain, tables=False, parents=[first])
    sealed = vetset.Package(plain)
    assert len(sealed.manifest["parents"]) == 1 and not [f for f in sealed.manifest["files"] if f["role"] == "table"]
    assert sealed.samples[0].annotations.boxes.tolist() == [[1, 2, 10, 10], [0, 0, 40, 1]], "read from the labels themselves"


def test_a_sealed_folder_is_restored(coco, tmp_path):
    folder = make("sealed", coco, tmp_path)
    (folder / "a.png").unlink()
    (folder / "instances.json").write_text("{}")
    assert vetset.restore(folder, coco, dry_run=True).put_back == 2 and not (folder / "a.png").exists()
    done = vetset.restore(folder, coco)
    assert done and done.put_back == 2 and vetset.verify(folder).verdict == "intact"
