"""Rules of a team's own: how they are written, found, run, and handed to a check as a document
(docs/schema/own-rules-v1.json)."""

from __future__ import annotations

import collections.abc
import dataclasses
import inspect
import json
import linecache
import math
import operator
import os
import re
import sys
import traceback
import types
import typing

from . import _core
from ._error import Error

if typing.TYPE_CHECKING:
    from ._opened import Opened

Severity = typing.Literal["error", "warning", "note"]
Evidence = typing.Literal["proof", "calibrated", "hint"]
#: What a rule gives back: findings one by one, or a table of them.
Findings = typing.Any
Function = collections.abc.Callable[["RuleTables"], Findings]
#: A function marked with `vetset.rule`, a module of such, or the path of a file of such.
Rules = collections.abc.Iterable[typing.Any]

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
#: What a finding may say of itself; anything else is a value for the message.
PLACES = ("annotation", "image", "category", "other", "file", "line")
WORDS = ("message", "severity", "score", "fix")


@dataclasses.dataclass(frozen=True)
class OwnRule:
    """A rule of a team's own, as `vetset.rule` makes it of a function."""

    code: str
    name: str
    summary: str
    severity: Severity
    evidence: Evidence
    message: str
    function: Function
    #: where it is written
    file: str
    line: int

    @property
    def origin(self) -> str:
        return f"{os.path.basename(self.file)}:{self.line}"

    @property
    def page(self) -> str:
        said = inspect.getdoc(self.function) or self.summary
        return f"# {self.code} {self.name}: {self.summary}\n\n**What.** {said}\n\n## Source\n\n{self.origin}\n"


def rule(
    code: str,
    *,
    summary: str,
    severity: Severity = "warning",
    name: str | None = None,
    evidence: Evidence = "proof",
    message: str = "",
) -> collections.abc.Callable[[Function], Function]:
    """Makes a rule of a function, which takes the tables of a dataset and gives what it finds.

        @vetset.rule("TEAM001", summary="a box of a person lies on a car", severity="warning")
        def person_on_car(tables):
            ...
            yield vetset.Found("lies on a car", annotation=row)

    `code` is the team's own: three to eight capital letters that no code of the catalogue begins with, and three or four
    digits. `name` is that of the function if not said. `evidence` says how certain its findings are. `message` is what
    findings say that say nothing themselves, with their values: "overlaps by {iou:.0%}". The function's docstring is what
    `vetset explain` prints.

    A check runs it where it is told to: `check(rules=[person_on_car])`, `check(rules=["team_rules.py"])`, or
    `rules = ["team_rules.py"]` below [check] in vetset.toml.
    """
    if why := _core.why_not_own_code(code):
        raise Error("usage", why)
    for what, word, known in (("severity", severity, typing.get_args(Severity)), ("evidence", evidence, typing.get_args(Evidence))):
        if word not in known:
            raise Error("usage", f"{code}: {what} is one of {', '.join(known)}, not {word!r}")
    if not summary.strip():
        raise Error("usage", f"{code}: expected a summary, one line for tables")

    def mark(function: Function) -> Function:
        if not callable(function):
            raise Error("usage", f"{code}: expected a function, found {type(function).__name__}")
        called = name or getattr(function, "__name__", "").strip("_").replace("_", "-").lower()
        if not NAME.fullmatch(called):
            raise Error("usage", f"{code}: expected a name of small letters, digits and hyphens, found {called!r}")
        if any(called == known.name for known in _core.rules()):
            raise Error("usage", f"{code}: '{called}' is the name of a rule of the catalogue, expected another")
        plain = inspect.unwrap(function)
        where = getattr(plain, "__code__", None)
        function.__vetset_rule__ = OwnRule(  # type: ignore[attr-defined]
            code,
            called,
            summary.strip(),
            severity,
            evidence,
            message,
            function,
            where.co_filename if where else "",
            where.co_firstlineno if where else 0,
        )
        return function

    return mark


class Found:
    """One thing that a rule found: what, and where.

    A place is one of: `annotation`, a row of `tables.annotations`; `image`, a row of `tables.images` or a path;
    `category`, a row of `tables.categories` or a name; `file`, a path in the dataset, with a `line`; none of them: the
    dataset as a whole. `other` is the second annotation, or image, of a pair. `score` is how far it is off, so that the
    worst comes first; other values are for the rule's `message`.
    """

    __slots__ = ("said",)

    def __init__(
        self,
        message: str | None = None,
        *,
        annotation: int | None = None,
        image: int | str | None = None,
        category: int | str | None = None,
        other: int | str | None = None,
        file: str | None = None,
        line: int | None = None,
        severity: Severity | None = None,
        score: float | None = None,
        fix: str | None = None,
        **values: typing.Any,
    ) -> None:
        said = dict(message=message, annotation=annotation, image=image, category=category, other=other, file=file,
                    line=line, severity=severity, score=score, fix=fix, **values)
        self.said = {key: value for key, value in said.items() if value is not None}

    def __repr__(self) -> str:
        return f"vetset.Found({', '.join(f'{key}={value!r}' for key, value in self.said.items())})"


class Needs(Exception):
    """What a rule cannot do without, and was not given: it is not run then, which is told."""


class RuleTables:
    """What a rule looks at: the tables of a dataset, each made when it is first asked for.

    Every table is an Arrow stream: `pyarrow.table(t.images)`, `polars.DataFrame(t.images)`, `t.images.to_pandas()`. Those
    of the dataset have their columns as NumPy arrays, too (`t.annotations.box`), which look into it without a copy. The
    number of a row is what findings name. A rule that asks for what this check was not given is not run.
    """

    def __init__(self, dataset: Opened, *, plan: _core.CheckPlan | None = None,
                 bound: _core.Bound | collections.abc.Callable[[], _core.Bound | None] | None = None,
                 arrays: collections.abc.Mapping[str, typing.Any] | None = None, facts: str = "",
                 threads: int = 0, progress: typing.Any = None) -> None:
        self._dataset: Opened | None = dataset
        self._plan, self._bound, self._arrays = plan, bound, dict(arrays or {})
        self._no_facts, self._threads, self._progress = facts, threads, progress
        self._facts: _core.Table | None = None

    def _open(self) -> Opened:
        if self._dataset is None:
            raise Error("usage", "the check is over: take what you need of the tables while the rule runs")
        return self._dataset

    def close(self) -> None:
        self._dataset = self._bound = self._facts = None
        self._arrays = {}

    @property
    def images(self) -> _core.Images:
        return self._open().images

    @property
    def annotations(self) -> _core.Annotations:
        return self._open().annotations

    @property
    def categories(self) -> _core.Categories:
        return self._open().categories

    @property
    def splits(self) -> _core.Splits:
        return self._open().splits

    @property
    def memberships(self) -> _core.Memberships:
        return self._open().memberships

    @property
    def facts(self) -> _core.Table:
        """A row an image: what was measured of its pixels, as `Dataset.scan` has it. Needs `pixels=True`."""
        dataset = self._open()
        if self._facts is None:
            if self._no_facts:
                raise Needs(self._no_facts)
            if self._plan is not None and not self._plan.images:
                raise Needs("needs images: not looked at")
            if self._plan is not None and not self._plan.pixels:
                raise Needs("needs --pixels")
            cache = self._plan is None or self._plan.cache
            self._facts = dataset.scan(cache=cache, threads=self._threads, progress=self._progress).facts
        return self._facts

    @property
    def predictions(self) -> _core.Table:
        """A row an object that a model sees: image, category (rows), image_path, category_name, x, y, width, height,
        score."""
        self._open()
        if callable(self._bound):
            self._bound = self._bound()
        table = None if self._bound is None else self._bound.predictions
        if table is None:
            raise Needs("needs --predictions")
        return table

    @property
    def probabilities(self) -> typing.Any:
        """The very array that the check was given."""
        return self._given("probabilities")

    @property
    def embeddings(self) -> typing.Any:
        """The very array that the check was given."""
        return self._given("embeddings")

    def _given(self, what: str) -> typing.Any:
        self._open()
        if self._arrays.get(what) is None:
            raise Needs(f"needs --{what}")
        given = self._arrays[what]
        if isinstance(given, (str, os.PathLike)):
            if not os.fspath(given).endswith(".npy"):
                raise Needs(f"needs {what} as an array, or as .npy")
            import numpy

            given = self._arrays[what] = numpy.load(given, mmap_mode="r", allow_pickle=False)
        return given

    def __repr__(self) -> str:
        if self._dataset is None:
            return "<vetset.RuleTables of a check that is over>"
        return f"<vetset.RuleTables of {self._dataset!r}>"


# Which rules there are.


def _called(path: str) -> str:
    """A file as people call it: seen from the working folder, where it lies in that."""
    shown = os.path.relpath(path)
    return path if shown.startswith("..") else shown


def load(path: str) -> list[OwnRule]:
    """The rules of a file, in the order in which they stand in it. The file is run; nothing is written beside it."""
    whole = os.path.abspath(path)
    shown = _called(path)
    try:
        with open(whole, "rb") as file:
            source = file.read()
    except OSError as error:
        raise Error("not_found" if isinstance(error, FileNotFoundError) else "io",
                    f"rules cannot be read: {(error.strerror or str(error)).lower()}", shown) from error
    module = types.ModuleType("vetset_rules_" + re.sub(r"\W", "_", os.path.basename(whole)))
    module.__file__ = whole
    folder = os.path.dirname(whole)
    sys.path.insert(0, folder)  # what lies beside it can be imported
    sys.modules[module.__name__] = module
    linecache.checkcache(whole)
    try:
        exec(compile(source, whole, "exec"), module.__dict__)
    except SyntaxError as error:
        raise Error("malformed", f"rules cannot be read: {error.msg}", shown, error.lineno) from error
    except Error as error:
        raise Error(error.code, error.message, shown, _line_in(error, whole)) from error
    except Exception as error:
        raise Error("malformed", f"rules cannot be loaded: {_said(error)}", shown, _line_in(error, whole)) from error
    finally:
        sys.path.remove(folder)
        sys.modules.pop(module.__name__, None)
    found = [made for made in of_module(module) if made.file == whole]
    if not found:
        raise Error("malformed", "has no rule: expected functions marked with @vetset.rule", shown)
    return found


def of_module(module: types.ModuleType) -> list[OwnRule]:
    made = {id(m): m for m in (getattr(value, "__vetset_rule__", None) for value in vars(module).values())
            if isinstance(m, OwnRule)}
    return sorted(made.values(), key=lambda m: (m.file, m.line, m.code))


def rules_of(given: Rules) -> list[OwnRule]:
    """Rules that were named in any way, by code; each once."""
    if isinstance(given, (str, os.PathLike, types.ModuleType)) or callable(given):
        given = [given]
    made: list[OwnRule] = []
    for one in given:
        if isinstance(one, (str, os.PathLike)):
            made += load(os.fspath(one))
        elif isinstance(one, types.ModuleType):
            found = of_module(one)
            if not found:
                raise Error("usage", f"module {one.__name__} has no rule: expected functions marked with @vetset.rule")
            made += found
        elif isinstance(getattr(one, "__vetset_rule__", None), OwnRule):
            made.append(one.__vetset_rule__)
        else:
            what = f"the function {one.__name__}" if inspect.isfunction(one) else f"a {type(one).__name__}"
            raise Error("usage", f"rules: expected functions marked with @vetset.rule, modules or files of such, found {what}")
    known: dict[str, OwnRule] = {}
    for m in made:
        for key in (m.code, m.name):
            other = known.setdefault(key, m)
            if other is not m and other.function is not m.function:
                raise Error("usage", f"'{key}' is there twice: {other.origin} and {m.origin}")
    return sorted({m.code: m for m in made}.values(), key=lambda m: m.code)


# What they find.


def _said(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _line_in(error: BaseException, file: str) -> int | None:
    """The last line of a file that an exception came through."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return lines[-1] if lines else None


def _broke(error: Exception, rule: OwnRule) -> str:
    line = _line_in(error, rule.file)
    place = f"{os.path.basename(rule.file)}:{line}" if line else rule.origin
    text = _said(error)
    source = linecache.getline(rule.file, line).strip() if line else ""
    return f"broke at {place}: {text[:160]}" + (f" in `{source[:80]}`" if source else "")


def _is_missing(value: typing.Any) -> bool:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    return type(value).__name__ in ("NAType", "NaTType")


def rows_of(given: typing.Any) -> collections.abc.Iterator[collections.abc.Mapping[str, typing.Any]]:
    """What a rule gave back, one finding after another."""
    if given is None:
        return
    if isinstance(given, Found):
        yield given.said
    elif isinstance(given, collections.abc.Mapping):
        yield from _of_mapping(given)
    elif hasattr(given, "iter_rows") and hasattr(given, "columns"):  # Polars
        yield from given.iter_rows(named=True)
    elif hasattr(given, "to_dict") and hasattr(given, "columns"):  # pandas
        yield from given.to_dict("records")
    elif hasattr(given, "to_pylist") and hasattr(given, "column_names"):  # pyarrow
        yield from given.to_pylist()
    elif hasattr(given, "__arrow_c_stream__"):
        import pyarrow

        yield from pyarrow.table(given).to_pylist()
    elif isinstance(given, collections.abc.Iterable) and not isinstance(given, (str, bytes)):
        for one in given:
            yield from rows_of(one)
    else:
        raise TypeError(f"a rule gave a {type(given).__name__}; expected findings (vetset.Found, a dict) or a table of them")


def _of_mapping(given: collections.abc.Mapping[str, typing.Any]) -> collections.abc.Iterator[typing.Any]:
    """A finding; or columns, where values are arrays or lists."""
    columns = {key: value for key, value in given.items() if hasattr(value, "__len__") and not isinstance(value, (str, bytes))}
    if not columns or not any(key in columns for key in (*PLACES, *WORDS)):
        yield given
        return
    lengths = {len(value) for value in columns.values()}
    if len(lengths) > 1:
        raise ValueError(f"columns have {', '.join(map(str, sorted(lengths)))} rows, expected as many in all")
    for row in range(lengths.pop()):
        yield {key: (value[row] if key in columns else value) for key, value in given.items()}


class _Names:
    """Rows by what people call them; made when first needed."""

    def __init__(self, dataset: Opened) -> None:
        self._dataset = dataset
        self._rows: dict[str, dict[str, int]] = {}

    def row(self, what: str, value: typing.Any) -> int:
        if isinstance(value, str):
            return self._row_called(what, value)
        if isinstance(value, float) and value.is_integer():  # data frames make floats of numbers that some rows lack
            value = int(value)
        try:
            row = operator.index(value)
        except TypeError:
            expected = "the number of a row" + (", or a " + ("path" if what == "image" else "name") if what != "annotation" else "")
            raise TypeError(f"{what} is {value!r}, expected {expected}") from None
        count = len({"image": self._dataset.images, "annotation": self._dataset.annotations,
                     "category": self._dataset.categories}[what])
        if not 0 <= row < count:
            raise IndexError(f"there is no {what} in row {row}, only {count} rows from 0")
        return row

    def _row_called(self, what: str, value: str) -> int:
        if what == "annotation":
            raise TypeError(f"annotation is {value!r}, expected the number of a row")
        if what not in self._rows:
            names = self._dataset.images.path if what == "image" else self._dataset.categories.name
            self._rows[what] = {}
            for row, name in enumerate(names):
                self._rows[what].setdefault(name, row)
        try:
            return self._rows[what][value]
        except KeyError:
            raise KeyError(f"there is no {what} called {value!r}") from None


def _finding(row: collections.abc.Mapping[str, typing.Any], rule: OwnRule, names: _Names) -> dict[str, typing.Any]:
    said = {key: value for key, value in row.items() if not _is_missing(value)}
    found: dict[str, typing.Any] = {}
    # A table may say which image its annotations are of: the annotation is the place then.
    place = next((what for what in ("annotation", "image", "category") if what in said), None)
    if place:
        found[place] = names.row(place, said[place])
        if "other" in said:
            if place == "category":
                raise ValueError("other is the second annotation, or image, of a pair; there are none of classes")
            found["other"] = names.row(place, said["other"])
    elif "other" in said:
        raise ValueError("other is the second of a pair, and the first is not said: annotation or image")
    elif "file" in said:
        found["file"] = str(said["file"])
        if "line" in said:
            found["line"] = operator.index(int(said["line"]))
    message = said.get("message") or rule.message or rule.summary
    if not isinstance(message, str):
        raise TypeError(f"message is {message!r}, expected a text")
    if "message" not in said and rule.message:
        message = rule.message.format_map({**said, **row})
    found["message"] = " ".join(message.split())
    if "severity" in said:
        if said["severity"] not in typing.get_args(Severity):
            raise ValueError(f"severity is {said['severity']!r}, expected {', '.join(typing.get_args(Severity))}")
        found["severity"] = said["severity"]
    if "score" in said:
        score = float(said["score"])
        if not math.isfinite(score):
            raise ValueError(f"score is {score}, expected a number")
        found["score"] = score
    if "fix" in said:
        found["fix"] = " ".join(str(said["fix"]).split())
    return found


def _ran(rule: OwnRule, tables: RuleTables, names: _Names) -> dict[str, typing.Any]:
    try:
        return {"findings": [_finding(row, rule, names) for row in rows_of(rule.function(tables))]}
    except Needs as needs:
        return {"not_run": str(needs)}
    except Exception as error:  # a rule that breaks is told; the check goes on
        return {"not_run": _broke(error, rule), "broken": True}


def look(rules: collections.abc.Iterable[OwnRule], tables: RuleTables, dataset: Opened,
         asks_for: collections.abc.Callable[[OwnRule], bool] = lambda rule: True) -> str:
    """Runs rules, and says what came of each: a document that a check takes. Those that are not asked for do not run."""
    names = _Names(dataset)
    done = []
    try:
        for rule in rules:
            about = {"code": rule.code, "name": rule.name, "title": rule.summary, "severity": rule.severity,
                     "evidence": rule.evidence, "page": rule.page, "origin": rule.origin}
            done.append({**about, **(_ran(rule, tables, names) if asks_for(rule) else {"findings": []})})
    finally:
        tables.close()
    return json.dumps({"vetset-own-rules": 1, "images": len(dataset.images), "annotations": len(dataset.annotations),
                       "categories": len(dataset.categories), "rules": done}, ensure_ascii=True)
