"""The findings of a check: a sequence, and tables of them with the images and annotations that they are about."""

from __future__ import annotations

import collections.abc
import typing

from . import _core, _frames
from ._arguments import Words, _words
from ._error import Error


class Findings(collections.abc.Sequence[_core.Finding]):
    """What a check found, by severity, code and place.

    A sequence of `Finding`, and an Arrow stream: `pyarrow.table(findings)`, `polars.DataFrame(findings)` have a row a
    finding. `select` chooses rules. `to_arrow(join=True)` and the like have a row a place, that is two for a pair, with
    the columns of its image and its annotation beside it.
    """

    __slots__ = ("_all", "_chosen", "_report")

    def __init__(self, findings: tuple[_core.Finding, ...], report: _core.CheckReport, chosen: list[int] | None = None) -> None:
        self._all = findings
        self._report = report
        self._chosen = chosen

    @typing.overload
    def __getitem__(self, index: int) -> _core.Finding: ...
    @typing.overload
    def __getitem__(self, index: slice) -> tuple[_core.Finding, ...]: ...
    def __getitem__(self, index: int | slice) -> _core.Finding | tuple[_core.Finding, ...]:
        if self._chosen is None:
            return self._all[index]
        if isinstance(index, slice):
            return tuple(self._all[n] for n in self._chosen[index])
        return self._all[self._chosen[index]]

    def __len__(self) -> int:
        return len(self._all if self._chosen is None else self._chosen)

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, (Findings, tuple, list)) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def select(self, rules: Words) -> Findings:
        """Those of some rules, by code ("FMT407", "TEAM001"), the beginning of codes ("LBL1") or name."""
        words = _words(rules)
        known = [(result.code, result.name) for result in self._report.results]
        for word in words:
            if not any(_means(word, code, name) for code, name in known):
                raise Error("usage", f"no rule of this check is called {word!r}")
        meant = {code for code, name in known if any(_means(word, code, name) for word in words)}
        rows = range(len(self._all)) if self._chosen is None else self._chosen
        return Findings(self._all, self._report, [n for n in rows if self._all[n].code in meant])

    @property
    def table(self) -> _core.Table:
        """A row a finding: code, rule, severity, evidence, message, fix, score, file, line, column, the rows of its
        image, annotation and category, their path and name, and the fingerprint that reports show."""
        return self._report._table(self._chosen, False)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)

    def to_arrow(self, *, join: bool = False) -> typing.Any:
        """A pyarrow.Table; needs pyarrow. `join=True`: a row a place, with its `finding` and `place` (0, 1) in front, and
        columns of the image (`image_width`, `image_splits`, …) and the annotation (`annotation_id`, `annotation_x`, …)
        behind."""
        return self._joined() if join else _frames.arrow(self.table)

    def to_pandas(self, *, join: bool = False) -> typing.Any:
        """A pandas.DataFrame; needs pandas and pyarrow. Numbers keep their types: rows that lack one have pandas.NA."""
        pandas, _ = _frames._needed("to_pandas", "pandas", "pyarrow")
        return self.to_arrow(join=join).to_pandas(types_mapper=_nullable(pandas))

    def to_polars(self, *, join: bool = False) -> typing.Any:
        """A polars.DataFrame; needs polars, and with `join=True` pyarrow."""
        return _frames.polars(self._joined() if join else self.table)

    def _joined(self) -> typing.Any:
        (pyarrow,) = _frames._needed("to_arrow", "pyarrow")
        table = pyarrow.table(self._report._table(self._chosen, True))
        source = self._report._source
        for what, rows in (("image", source.images), ("annotation", source.annotations)):
            beside = pyarrow.table(rows)
            for name in beside.column_names:
                column = f"{what}_{name}"
                if name in ("image", "image_path", "category", "category_name") or column in table.column_names:
                    continue  # said in front
                table = table.append_column(column, beside[name].take(table[what]))
        return table

    def __repr__(self) -> str:
        return f"<vetset.Findings {len(self)}>"


def _means(word: str, code: str, name: str) -> bool:
    return word in (code, name) or (len(word) >= 3 and code.startswith(word))


def _nullable(pandas: typing.Any) -> typing.Any:
    import pyarrow

    kinds = {pyarrow.uint32(): pandas.UInt32Dtype(), pyarrow.int64(): pandas.Int64Dtype(), pyarrow.bool_(): pandas.BooleanDtype()}
    return kinds.get
