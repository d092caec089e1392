"""check: rules of the catalogue and of a team, what a model said, and what was there before."""

from __future__ import annotations

import collections.abc
import os
import typing

from . import _core, _rules
from . import _predictions as given
from ._arguments import Embeddings, Path, Progress, Words, _embeddings, _setting, _words, paths
from ._error import Error

if typing.TYPE_CHECKING:
    from ._opened import Opened

#: The path of a .npy, .npz or .parquet file, or an array of floats of two dimensions: a row an image or annotation.
Probabilities = typing.Any


class Asked(typing.TypedDict, total=False):
    """What a check may be told; `Dataset.check` says what each means."""

    select: Words | None
    ignore: Words | None
    images: bool
    pixels: bool | None
    near: typing.Literal["basic", "views", "full"] | None
    objects: bool
    known: Path | collections.abc.Iterable[Path]
    cache: bool
    trainer: str | None
    baseline: Path | None
    fail_on: typing.Literal["error", "warning", "note", "never"] | None
    severity: collections.abc.Mapping[str, str] | None
    thresholds: collections.abc.Mapping[str, object] | None
    today: str | None
    proof: Path | None
    previous: Path | None
    lock: Path | None
    config: Path | typing.Literal["none"] | None
    contract: Path | None
    threads: int


def plan(path: str, asked: Asked) -> _core.CheckPlan:
    """What a check will do: what the call says, then what the nearest vetset.toml says."""

    def words(name: typing.Literal["select", "ignore"]) -> list[str] | None:
        chosen = asked.get(name)
        return None if chosen is None else _words(chosen)

    def place(name: typing.Literal["proof", "previous", "lock", "config", "contract"]) -> Path:
        chosen = asked.get(name)
        return "" if chosen is None else chosen

    baseline = asked.get("baseline")
    return _core.plan_check(
        path,
        words("select"),
        words("ignore"),
        asked.get("images", True),
        asked.get("pixels"),
        asked.get("near") or "",
        asked.get("objects", False),
        [os.fspath(table) for table in paths(asked.get("known", ()))],
        asked.get("cache", True),
        asked.get("trainer") or "",
        None if baseline is None else os.fspath(baseline),
        asked.get("fail_on") or "",
        list((asked.get("severity") or {}).items()),
        [(name.replace("_", "-"), _setting(value)) for name, value in (asked.get("thresholds") or {}).items()],
        asked.get("today") or "",
        place("proof"),
        place("previous"),
        place("lock"),
        place("config"),
        place("contract"),
        asked.get("threads", 0),
    )


def bind(
    dataset: Opened,
    *,
    predictions: given.Predictions | None = None,
    match_images: str = "auto",
    match_classes: str = "auto",
    classes: collections.abc.Mapping[str, str] | None = None,
    box_format: str = "xyxy",
    probabilities: Probabilities | None = None,
    probabilities_paths: Path | collections.abc.Sequence[str] | None = None,
    probabilities_classes: Path | collections.abc.Sequence[str] | None = None,
    folds: Path | collections.abc.Sequence[object] | None = None,
    out_of_fold: bool = False,
    embeddings: Embeddings | None = None,
    embeddings_paths: Path | collections.abc.Sequence[str] | None = None,
    threads: int = 0,
    progress: Progress | None = None,
) -> _core.Bound | None:
    """What a model said, by the dataset's images and classes; None where it said nothing."""
    said = _core.Given()
    said.out_of_fold = out_of_fold
    names = [None if folds is None else _embeddings(folds)]
    if isinstance(names[0], collections.abc.Iterable) and not isinstance(names[0], str):
        names = [[str(fold) for fold in names[0]]]
    if predictions is None and probabilities is None and (out_of_fold or folds is not None):
        raise Error("usage", "folds and out_of_fold speak of predictions; give predictions or probabilities")
    if probabilities is None and (probabilities_paths is not None or probabilities_classes is not None):
        raise Error("usage", "probabilities_paths and probabilities_classes speak of probabilities; give those")
    if predictions is not None:
        rows = given.rows_of(predictions, typing.cast(typing.Any, dataset), "", box_format, threads, progress)
        name = os.path.basename(os.fspath(predictions)) if isinstance(predictions, (str, os.PathLike)) else "predictions"
        if probabilities is None and names[0] is not None and not isinstance(names[0], str):
            raise Error("usage", "folds of predictions are a file: a .csv of path,fold, or a fold a line, by image")
        folds_file = names[0] if isinstance(names[0], str) and probabilities is None else ""
        said.set_predictions(rows, name, match_images, match_classes, list((classes or {}).items()), folds_file)
    if probabilities is not None:
        said.set_probabilities(
            _embeddings(probabilities), _embeddings(probabilities_paths), _embeddings(probabilities_classes), names[0]
        )
    if embeddings is None and embeddings_paths is not None:
        raise Error("usage", "embeddings_paths says whose rows embeddings has; give both")
    if embeddings is not None:
        said.set_embeddings(_embeddings(embeddings), _embeddings(embeddings_paths))
    if predictions is None and probabilities is None and embeddings is None:
        return None
    return _core.bind(dataset._source, said, threads, progress)


def _rules_for(planned: _core.CheckPlan, rules: _rules.Rules | None) -> tuple[list[_rules.OwnRule], list[str], str]:
    """The rules to run; else the files of those that are not run, and why."""
    if rules is not None:
        return _rules.rules_of(rules), [], ""
    if not planned.rule_files:
        return [], [], ""
    if not planned.may_run_rules:
        return [], planned.rule_files, (
            f"was not run: {planned.config} is not of this folder; rules=[…] runs it"
        )
    return _rules.rules_of(planned.rule_files), [], ""


def run(
    dataset: Opened,
    path: str,
    asked: Asked,
    *,
    rules: _rules.Rules | None,
    diff_from: str | None,
    bound: _core.Bound | None,
    arrays: collections.abc.Mapping[str, typing.Any],
    progress: Progress | None,
) -> _core.CheckReport:
    from ._opened import Opened

    if diff_from is not None and asked.get("baseline") is not None:
        raise Error("usage", "diff_from takes what was found before as known; leave baseline out")
    planned = plan(path, asked)
    threads = asked.get("threads", 0)
    chosen, unread, why = _rules_for(planned, rules)

    def asks_for(rule: _rules.OwnRule) -> bool:
        return planned.asks_for(rule.code, rule.name, rule.severity)

    own = then = ""
    if chosen:
        tables = _rules.RuleTables(dataset, plan=planned, bound=bound, arrays=arrays, threads=threads, progress=progress)
        own = _rules.look(chosen, tables, dataset, asks_for)
    earlier = None
    if diff_from is not None:
        earlier = _core.open_before(dataset._source, path, os.fspath(diff_from), planned, progress)
        if chosen:
            before = Opened(earlier.source, path)
            tables = _rules.RuleTables(before, facts="needs pixels, which were looked at in the later side alone")
            then = _rules.look(chosen, tables, before, asks_for)
    return _core.check(dataset._source, path, planned, bound, own, unread, why, earlier, then, progress)
