#!/usr/bin/env python3
"""Holds the table of quirks in docs/metrics/coco.md to vetset/evaluate/quirks.def; --update writes it."""
import ast
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/metrics/coco.md"
TABLE = re.compile(r"(?<=<!-- quirks.def -->\n).*?(?=<!-- end -->)", re.DOTALL)


def table():
    text = (ROOT / "vetset/evaluate/quirks.def").read_text()
    rows = re.findall(r'^VETSET_QUIRK\((\w+),\s*("(?:[^"\\]|\\.)*")\s*,\s*("(?:[^"\\]|\\.)*")\s*,\s*("(?:[^"\\]|\\.)*")\)', text, re.MULTILINE)
    assert len(rows) == text.count("VETSET_QUIRK("), "a quirk is written in a way that this script does not read"
    lines = ["| quirk | | strict | corrected |", "|---|---|---|---|"]
    return "\n".join(lines + [f"| `{name}` | " + " | ".join(map(ast.literal_eval, words)) + " |" for name, *words in rows]) + "\n"


def main():
    page = PAGE.read_text()
    if "--update" in sys.argv:
        PAGE.write_text(TABLE.sub(lambda _: table(), page))
        return 0
    if TABLE.search(page)[0] == table():
        return 0
    print(f"{PAGE.relative_to(ROOT)}: its table is not that of quirks.def; {sys.argv[0]} --update writes it")
    return 1


if __name__ == "__main__":
    sys.exit(main())
