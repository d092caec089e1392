"""The blocks of the pages that show Python run, in order, as they stand."""

import importlib.util
import pathlib
import re
import shutil
import sys

import pytest

DOCS = pathlib.Path(__file__).resolve().parent.parent.parent / "docs"
BLOCK = re.compile(r"^```python( needs=(\w+))?\n(.*?)^```\n(?:\n?^```text\n(.*?)^```\n)?", re.M | re.S)
FILE = re.compile(r"^```file path=(\S+)\n(.*?)^```\n", re.M | re.S)
SECONDS = re.compile(r"t=\d+\.\d\ds")


@pytest.mark.parametrize(
    ("page", "least"), [
        ("guide/python.md", 6),
        ("guide/python-evaluation.md", 6),
        ("guide/python-packages.md", 7),
        ("guide/python-rules.md", 5),
        ("guide/python-findings.md", 5),
        ("guide/python-preprocess.md", 5),
        ("guide/python-models.md", 6),
        ("how-to/replace-pycocotools.md", 3),
    ],
)
def test_the_page_runs(page, least, street, monkeypatch, capsys):
    monkeypatch.chdir(street.parent)
    shutil.copytree(DOCS.parent / "samples/models", "models")
    if "vetset.Model(" in (DOCS / page).read_text():
        pytest.importorskip("onnxruntime")
    for name in ("pycocotools", "pycocotools.mask", "pycocotools.coco", "pycocotools.cocoeval"):
        monkeypatch.setitem(sys.modules, name, None)  # what a page puts there goes when it ends
        monkeypatch.delitem(sys.modules, name)
    text = (DOCS / page).read_text()
    for file in FILE.finditer(text):
        pathlib.Path(file[1]).write_text(file[2])
    names = {}
    blocks = list(BLOCK.finditer(text))
    assert len(blocks) >= least and sum(block[4] is not None for block in blocks) >= least
    for block in blocks:
        if block[2] and importlib.util.find_spec(block[2]) is None:
            continue
        line = text[: block.start()].count("\n") + 1
        exec(compile("\n" * line + block[3], page, "exec"), names)
        printed = capsys.readouterr().out
        if block[4] is not None:
            assert SECONDS.sub("", printed) == SECONDS.sub("", block[4]), f"line {line} prints otherwise"
