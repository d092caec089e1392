"""Findings as tables: a row a finding or a place, with the images and annotations that they are about."""

import pytest
import vetset

pa = pytest.importorskip("pyarrow")


@pytest.fixture(name="report")
def checked(street):
    return vetset.check(street, config="none")


def test_findings_are_a_sequence_and_a_table(report):
    findings = report.findings
    assert len(findings) == len(list(findings)) == pa.table(findings).num_rows == findings.to_arrow().num_rows
    assert findings[0].code == findings.to_arrow()["code"][0].as_py() and findings[-1] == findings[len(findings) - 1]
    assert findings[:2] == (findings[0], findings[1]) and findings == tuple(findings)


def test_rules_are_selected_by_code_beginning_and_name(report):
    chosen = report.findings.select("FMT407,LBL1")
    assert {f.code for f in chosen} <= {c for c in report.counts if c == "FMT407" or c.startswith("LBL1")}
    assert len(chosen) == sum(n for c, n in report.counts.items() if c == "FMT407" or c.startswith("LBL1"))
    assert chosen.to_arrow()["code"].to_pylist() == [f.code for f in chosen]
    assert len(report.findings.select(["box-outside-image"]).select("FMT4")) == report.counts["FMT407"]
    with pytest.raises(vetset.Error, match="no rule of this check is called 'FMT499'"):
        report.findings.select("FMT499")


def test_joined_rows_say_what_the_dataset_says(report, street):
    dataset = vetset.open(street)
    images, annotations = dataset.images.to_arrow().to_pylist(), dataset.annotations.to_arrow().to_pylist()
    rows = report.findings.to_arrow(join=True).to_pylist()
    pairs = 0
    for row in rows:
        finding = report.findings[row["finding"]]
        assert (row["code"], row["message"]) == (finding.code, finding.message)
        if row["annotation"] is not None:
            said = annotations[row["annotation"]]
            assert row["image"] == said["image"] and row["category_name"] == said["category_name"]
            assert row["annotation_x"] == said["x"] and row["annotation_width"] == said["width"]
        else:
            assert row["annotation_x"] is None
        if row["image"] is not None:
            assert row["image_path"] == images[row["image"]]["path"]
            assert row["image_width"] == images[row["image"]]["width"] and row["image_splits"] == images[row["image"]]["splits"]
        pairs += row["place"] == 1
    assert pairs > 0 and len(rows) == len(report.findings) + pairs
    assert len({row["fingerprint"] for row in rows}) == len(report.findings)


def test_values_keep_their_types(report):
    table = report.findings.to_arrow(join=True)
    kinds = {name: table.schema.field(name).type for name in table.column_names}
    assert kinds["line"] == kinds["annotation"] == kinds["image_width"] == pa.uint32()
    assert kinds["score"] == kinds["annotation_x"] == pa.float64() and pa.types.is_list(kinds["image_splits"])


def test_pandas_and_polars_take_it(report):
    pandas = pytest.importorskip("pandas")
    frame = report.findings.to_pandas(join=True)
    assert str(frame["annotation"].dtype) == "UInt32" and frame["annotation"].isna().any()
    assert isinstance(report.to_pandas(), pandas.DataFrame)
    polars = pytest.importorskip("polars")
    assert polars.DataFrame(report.findings).height == len(report.findings)
    assert report.findings.to_polars(join=True).height == report.findings.to_arrow(join=True).num_rows
