"""Tables leave by the Arrow C data interface, so that whatever takes it may be installed, or nothing."""

import ctypes
import gc

import pytest
import vetset


class Stream(ctypes.Structure):
    _fields_ = [(name, ctypes.c_void_p) for name in ("get_schema", "get_next", "get_last_error", "release", "private")]


def stream_of(capsule):
    take = ctypes.pythonapi.PyCapsule_GetPointer
    take.restype, take.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    return Stream.from_address(take(capsule, b"arrow_array_stream"))


def test_a_stream_needs_no_pyarrow(coco):
    ds = vetset.open(coco)
    for rows in (ds.images, ds.annotations, ds.categories, ds.splits, ds.memberships, ds.images.path):
        stream = stream_of(capsule := rows.__arrow_c_stream__())
        assert stream.get_next and stream.release
        del capsule  # nobody took it: it is released here


def test_a_table_holds_what_the_file_says(coco):
    pa = pytest.importorskip("pyarrow")
    ds = vetset.open(coco)
    table = pa.table(ds.annotations)
    del ds
    gc.collect()
    table.validate(full=True)
    rows = table.to_pylist()
    assert [r["id"] for r in rows] == [11, 12, 13] and [r["category_name"] for r in rows] == ["cat", "dog", "cat"]
    assert rows[0]["polygon"] == [[1, 2, 11, 2, 11, 12]] and rows[1]["polygon"] is None
    assert (rows[1]["mask_height"], rows[1]["mask_width"]) == (30, 40) and rows[1]["mask_counts"].startswith("0")
    assert [r["crowd"] for r in rows] == [False, True, False]
    assert rows[2] | {"x": 15.5, "y": 4, "width": 10, "height": 2.25, "area": 22.5, "image_path": "ü b.png"} == rows[2]
    assert table.schema.field("x").type == pa.float64() and table.schema.field("image").type == pa.uint32()


def test_the_other_tables(coco):
    pa = pytest.importorskip("pyarrow")
    ds = vetset.open(coco)
    assert pa.table(ds.images).column("width").to_pylist() == [40, 20]
    assert ds.images.to_arrow().column("path").to_pylist() == list(ds.images.path)
    assert pa.table(ds.categories).column("supercategory").to_pylist() == [None, "animal"]
    assert pa.table(ds.memberships).column("order").to_pylist() == [0, 1]
    assert pa.chunked_array(ds.images.path).to_pylist() == ["a.png", "ü b.png"]


def test_large_tables_come_in_pieces(large):
    pa = pytest.importorskip("pyarrow")
    ds = vetset.open(large)
    reader = pa.RecordBatchReader.from_stream(ds.annotations)
    assert [batch.num_rows for batch in reader] == [131072, 131072, 131072, 400000 - 3 * 131072]


def test_text_that_is_not_utf8_is_mended(tmp_path):
    pa = pytest.importorskip("pyarrow")
    (tmp_path / "odd.json").write_bytes(
        b'{"images": [{"id": 1, "file_name": "a\xff.png", "width": 4, "height": 4}], "annotations": [],'
        b' "categories": [{"id": 1, "name": "c"}]}')
    ds = vetset.open(tmp_path / "odd.json", format="coco")
    assert ds.images.path[0] == "a\udcff.png"
    table = pa.table(ds.images)
    table.validate(full=True)
    assert table.column("path").to_pylist() == ["a\ufffd.png"]


def test_a_parquet_file_says_the_same_twice(coco, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    ds = vetset.open(coco)
    for name in ("one.parquet", "two.parquet"):
        ds.annotations.to_parquet(tmp_path / name)
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    assert parquet.read_table(tmp_path / "one.parquet").to_pylist() == ds.annotations.to_arrow().to_pylist()
    assert parquet.ParquetFile(tmp_path / "one.parquet").metadata.created_by == "vetset"
    assert sorted(p.name for p in tmp_path.glob("*.parquet*")) == ["one.parquet", "two.parquet"]


def test_a_parquet_file_that_cannot_be_written_leaves_nothing(coco, tmp_path):
    with pytest.raises(vetset.Error) as raised:
        vetset.open(coco).images.to_parquet(tmp_path / "no such folder/x.parquet")
    assert raised.value.code == "io" and raised.value.file.endswith("x.parquet")
