"""Findings, edits and differences as frames of pandas, Polars and pyarrow, which nobody imports unasked."""

import subprocess
import sys

import pytest
import vetset


def reports(coco):
    ds = vetset.open(coco)
    fixed = ds.fix(select="FMT407")
    return {"findings": ds.check(), "edits": fixed.report, "lines": vetset.diff(ds, fixed)}


def test_nobody_is_imported_unasked(coco):
    code = ("import sys, vetset; ds = vetset.open(sys.argv[1]); ds.check().table; ds.fix().report.table; "
            "assert not {'pandas', 'polars', 'pyarrow'} & set(sys.modules)")
    subprocess.run([sys.executable, "-c", code, str(coco)], check=True)


def test_one_that_is_not_there_is_named(coco, monkeypatch):
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(ImportError, match="to_polars needs polars"):
        vetset.open(coco).images.to_polars()


def test_findings_edits_and_lines_are_tables(coco):
    pytest.importorskip("pyarrow")
    tables = {name: report.to_arrow().to_pylist() for name, report in reports(coco).items()}
    (outside,) = [row for row in tables["findings"] if row["code"] == "FMT407"]
    assert (outside["file"], outside["annotation"], outside["image"], outside["image_path"]) == (
        "instances.json", 2, 1, "ü b.png")
    assert outside["rule"] == "box-outside-image" and outside["line"] > 0 and outside["category"] is None
    (edit,) = tables["edits"]
    assert edit["repair"] == "clip-to-image" and '"box"' in edit["before"] and edit["record"] == "annotation"
    assert [row["field"] for row in tables["lines"]] == ["annotation.box", "annotation.area"]
    assert tables["lines"][0]["change"] == "changed" and tables["lines"][0]["image"] == "ü b.png"


def test_pandas_and_polars_say_the_same(coco):
    pytest.importorskip("pyarrow")
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    ds = vetset.open(coco)
    for rows in (ds.images, ds.annotations, ds.categories, ds.splits, ds.memberships, *reports(coco).values()):
        one, two, three = rows.to_pandas(), rows.to_polars(), rows.to_arrow()
        assert isinstance(one, pandas.DataFrame) and isinstance(two, polars.DataFrame)
        assert list(one.columns) == two.columns == three.column_names and len(one) == two.height == three.num_rows > 0


def test_a_table_outlives_its_report(coco):
    pytest.importorskip("pyarrow")
    table = vetset.open(coco).check().table
    assert len(table.to_arrow()) == len(table) and repr(table) == f"<vetset.Table of {len(table)} rows>"
