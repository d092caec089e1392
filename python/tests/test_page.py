"""The blocks of docs/guide/python.md run, in order, as they stand."""

import importlib.util
import pathlib
import re

PAGE = pathlib.Path(__file__).resolve().parent.parent.parent / "docs/guide/python.md"


def test_the_page_runs(street, monkeypatch, capsys):
    monkeypatch.chdir(street.parent)
    names = {}
    blocks = list(re.finditer(r"^```python( needs=(\w+))?\n(.*?)^```\n(?:\n?^```text\n(.*?)^```\n)?", PAGE.read_text(), re.M | re.S))
    assert len(blocks) >= 6 and sum(block[4] is not None for block in blocks) >= 6
    for block in blocks:
        if block[2] and importlib.util.find_spec(block[2]) is None:
            continue
        line = PAGE.read_text()[: block.start()].count("\n") + 1
        exec(compile("\n" * line + block[3], str(PAGE), "exec"), names)
        printed = capsys.readouterr().out
        if block[4] is not None:
            assert printed == block[4], f"line {line} prints otherwise"
