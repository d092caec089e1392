"""Rows as the data frames of others, who are imported when they are asked for."""

from __future__ import annotations

import importlib
import typing


def _needed(method: str, *names: str) -> list[typing.Any]:
    try:
        return [importlib.import_module(name) for name in names]
    except ImportError as error:
        missing = error.name or names[0]
        raise ImportError(
            f"{method} needs {' and '.join(names)}, and '{missing}' cannot be imported: pip install {missing}",
            name=error.name,
        ) from error


def arrow(rows: typing.Any) -> typing.Any:
    (pyarrow,) = _needed("to_arrow", "pyarrow")
    return pyarrow.table(rows)


def pandas(rows: typing.Any) -> typing.Any:
    _, pyarrow = _needed("to_pandas", "pandas", "pyarrow")
    return pyarrow.table(rows).to_pandas()


def polars(rows: typing.Any) -> typing.Any:
    (module,) = _needed("to_polars", "polars")
    return module.DataFrame(rows)
