"""COCO evaluation: of all predictions at once, or image by image from many places."""

from __future__ import annotations

import collections.abc
import dataclasses
import json
import os
import typing

from . import _core, _frames, _html
from . import _predictions as given
from ._arguments import Path, Progress, Words, _words
from ._dataset import Dataset, open
from ._error import Error

if typing.TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

IouType = typing.Literal["bbox", "segm", "keypoints", "boundary"]
Mode = typing.Literal["corrected", "strict"]
Areas = collections.abc.Mapping[str, tuple[float, float]]


@dataclasses.dataclass(frozen=True)
class Line:
    """One line of the summary; `str(line)` is the line as pycocotools prints it."""

    #: "AP" or "AR"
    metric: str
    #: the threshold; None: the mean over all of them
    iou: float | None
    #: "all", "small" …
    area: str
    #: detections of an image and class that count
    max_dets: int
    #: -1 where there was nothing to measure
    value: float
    text: str

    def __str__(self) -> str:
        return self.text


@dataclasses.dataclass(frozen=True)
class Quirk:
    """A known fault or surprise of the reference that this evaluation met: what strict mode does, as the reference, and
    what corrected mode does."""

    id: str
    title: str
    strict: str
    corrected: str
    count: int
    #: where the first is: the side, "gt" or "predictions", and its row, from 0
    side: str
    row: int


@dataclasses.dataclass(frozen=True)
class Name:
    """An image or class that only the predictions have."""

    name: str
    #: predictions that are of it, and are left out
    rows: int
    #: of the first, where they come from files
    where: str | None


@dataclasses.dataclass(frozen=True)
class Unmatched:
    """What one side has and the other has not."""

    images: list[Name]
    categories: list[Name]
    #: images of the ground truth without a prediction; they count as missed
    images_without_predictions: int
    categories_without_predictions: list[str]

    def __bool__(self) -> bool:
        return bool(self.images or self.categories)


class Evaluation:
    """What an evaluation came to. `print` shows the lines that everyone knows.

    The arrays look into the result: T thresholds, R points of recall, K classes (sorted by id), A ranges of areas, M
    limits of detections. -1 stands where nothing was to find.
    """

    def __init__(self, evaluated: _core.Evaluated) -> None:
        self._evaluated = evaluated

    @property
    def iou_type(self) -> str:
        """What was compared: bbox, segm, keypoints or boundary."""
        return self._evaluated.iou_type

    @property
    def mode(self) -> str:
        """corrected or strict."""
        return self._evaluated.mode

    @property
    def lines(self) -> list[Line]:
        """The summary: twelve lines, ten for keypoints."""
        return [Line(*line) for line in self._evaluated.lines]

    @property
    def stats(self) -> NDArray[numpy.float64]:
        """The values of the lines, as pycocotools' `COCOeval.stats`."""
        import numpy as np

        return np.array([line[4] for line in self._evaluated.lines], dtype=np.float64)

    @property
    def precision(self) -> NDArray[numpy.float64]:
        """[T, R, K, A, M]"""
        return self._evaluated.precision

    @property
    def recall(self) -> NDArray[numpy.float64]:
        """[T, K, A, M]: the highest that is reached."""
        return self._evaluated.recall

    @property
    def scores(self) -> NDArray[numpy.float64]:
        """[T, R, K, A, M]: the score at which each point of recall is reached."""
        return self._evaluated.scores

    @property
    def categories(self) -> list[str]:
        """Names of the classes, in the order of the arrays."""
        return self._evaluated.categories

    @property
    def per_class(self) -> ClassTable:
        """A row a class: id, name, objects that count, AP, AP50, AP75, AR; missing where there was nothing to find."""
        return ClassTable(self._evaluated.per_class)

    @property
    def counts(self) -> dict[str, int]:
        """How many images, objects and predictions were compared."""
        return dict(zip(("images", "objects", "predictions"), self._evaluated.counts, strict=True))

    @property
    def quirks(self) -> list[Quirk]:
        """The known faults of the reference that these data meet."""
        return [Quirk(*q[:5], "predictions" if q[5] else "gt", q[6]) for q in self._evaluated.quirks]

    @property
    def matched_by(self) -> tuple[str, str]:
        """What joined images, and classes: "id", "path", "name" …"""
        return self._evaluated.matched_by

    @property
    def unmatched(self) -> Unmatched:
        """What one side has and the other has not. True where predictions were left out for it."""
        e = self._evaluated
        return Unmatched(
            [Name(*one) for one in e.unknown_images],
            [Name(*one) for one in e.unknown_categories],
            e.images_without_predictions,
            e.categories_without_predictions,
        )

    @property
    def findings(self) -> list[str]:
        """Records that could not be used, and why."""
        return [
            ":".join(str(part) for part in (file, line) if part is not None) + f": {message}" if file else message
            for _, message, file, line in self._evaluated.findings
        ]

    @property
    def record(self) -> dict[str, typing.Any]:
        """The figures and the data that they are of (docs/schema/evaluation-v1.json)."""
        return json.loads(self._evaluated.json)

    @property
    def leaks(self) -> dict[str, typing.Any] | None:
        """With `without_leaks`: how many images leaks touch, with examples, and the first line's value of `all` images,
        of the `clean` ones, and the `price`, each with an interval (docs/schema/evaluation-v1.json)."""
        return self.record.get("leaks")

    def to_json(self) -> str:
        """The record as the program's `--json` prints it."""
        return self._evaluated.json

    def __str__(self) -> str:
        return "\n".join(line[5] for line in self._evaluated.lines)

    def __repr__(self) -> str:
        counts = self.counts
        first = f", AP {self._evaluated.lines[0][4]:.3f}" if self._evaluated.lines else ""
        return (
            f"<vetset.Evaluation {self.iou_type}, {self.mode}{first}: {counts['images']} images, "
            f"{counts['objects']} objects, {counts['predictions']} predictions>"
        )

    def _repr_html_(self) -> str:
        return _html.evaluation(self)


class ClassTable:
    """Rows for whatever speaks Arrow: `pyarrow.table(rows)`, `polars.DataFrame(rows)`."""

    def __init__(self, table: _core.Table) -> None:
        self._table = table

    def __len__(self) -> int:
        return len(self._table)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> typing.Any:
        return self._table.__arrow_c_stream__(requested_schema)

    def to_arrow(self) -> typing.Any:
        """The rows as a pyarrow.Table; needs pyarrow."""
        return _frames.arrow(self._table)

    def to_pandas(self) -> typing.Any:
        """The rows as a pandas.DataFrame; needs pandas and pyarrow."""
        return _frames.pandas(self._table)

    def to_polars(self) -> typing.Any:
        """The rows as a polars.DataFrame; needs polars."""
        return _frames.polars(self._table)

    def __repr__(self) -> str:
        return f"<vetset.ClassTable of {len(self)} classes>"


#: whether leaks are priced, near, radius, group_by, and the store: whether, and where
_Leaks = tuple[bool, str, int | None, list[str], bool, str]


@dataclasses.dataclass(frozen=True)
class _Settings:
    iou_type: str
    mode: str
    split: str
    iou_thresholds: list[float]
    max_dets: list[int]
    areas: list[tuple[str, float, float]]
    sigmas: list[float]
    use_categories: bool
    match_images: str
    match_classes: str
    classes: list[tuple[str, str]]

    def run(
        self,
        gt: Dataset,
        rows: _core.CocoRows,
        identity: bool,
        threads: int,
        progress: Progress | None,
        leaks: _Leaks = (False, "views", None, [], True, ""),
    ) -> Evaluation:
        chosen = [getattr(self, field.name) for field in dataclasses.fields(self)]
        return Evaluation(_core.evaluate(gt._source, rows, *chosen, leaks, identity, threads, progress))


def _settings(
    iou_type: str | None,
    mode: str,
    split: str | None,
    iou_thresholds: collections.abc.Iterable[float] | None,
    max_dets: collections.abc.Iterable[int] | None,
    areas: Areas | None,
    sigmas: collections.abc.Iterable[float] | None,
    use_categories: bool,
    match_images: str,
    match_classes: str,
    classes: collections.abc.Mapping[str, str] | None,
) -> _Settings:
    return _Settings(
        iou_type or "",
        mode,
        split or "",
        [float(t) for t in iou_thresholds or ()] if iou_thresholds is not None else [],
        [int(limit) for limit in max_dets] if max_dets is not None else [],
        [(name, float(low), float(high)) for name, (low, high) in (areas or {}).items()],
        [float(s) for s in sigmas] if sigmas is not None else [],
        use_categories,
        match_images,
        match_classes,
        list((classes or {}).items()),
    )


def evaluate(
    gt: Dataset | Path,
    predictions: given.Predictions,
    iou_type: IouType | None = None,
    mode: Mode = "corrected",
    *,
    split: str | None = None,
    iou_thresholds: collections.abc.Iterable[float] | None = None,
    max_dets: collections.abc.Iterable[int] | None = None,
    areas: Areas | None = None,
    sigmas: collections.abc.Iterable[float] | None = None,
    use_categories: bool = True,
    match_images: typing.Literal["auto", "id", "path", "name", "stem"] = "auto",
    match_classes: typing.Literal["auto", "id", "name", "index", "index1"] = "auto",
    classes: collections.abc.Mapping[str, str] | None = None,
    format: str | None = None,
    box_format: typing.Literal["xyxy", "xywh"] = "xyxy",
    identity: bool = False,
    without_leaks: bool = False,
    near: typing.Literal["none", "basic", "views", "full"] = "views",
    radius: int | None = None,
    group_by: Words = (),
    cache: bool | Path = True,
    threads: int = 0,
    progress: Progress | None = None,
) -> Evaluation:
    """COCO's average precision and recall of predictions on a ground truth: a path, or a dataset that was opened.

    Predictions are one of these:

    - a path: COCO results, label files with scores, a table, a package (`format` names what cannot be seen);
    - a dataset whose annotations have scores;
    - columns, {"image_id": …, "category_id": …, "bbox": (n, 4), "score": …} and "segmentation" (a list of run-length
      masks, polygons or bitmaps) or "keypoints" ((n, 3 × points) or (n, points, 3): x, y, visibility). `image` and
      `category` name them by path and name. Arrays of float64 in C order are looked into, others are converted;
    - a table of Arrow with such columns, or what gives one: pyarrow, Polars, pandas, DuckDB (needs pyarrow);
    - a list of COCO results as dicts;
    - detections by image, {image: {"boxes": …, "scores": …, "labels": …}} or a list of such dicts with "image_id" in
      each.

    Boxes are in pixels. In columns, tables and COCO results, `bbox` is left, top, width, height.
    By image, `boxes` are two corners, left, top, right, bottom, as torchvision has them, unless `box_format="xywh"`.

    `iou_type` is by default keypoints, else masks, else boxes, whichever the predictions have. In mode "strict" the
    arrays are those of pycocotools 2.0.11 to the last bit, faults included; in mode "corrected" its known faults are
    repaired; either way `quirks` says which ones these data meet. `areas` maps names to ranges in pixels², the first
    being that of the first line; `sigmas` are those of the keypoints; `classes` says which class of the ground truth a
    predicted one is. `identity=True` puts the dataset's identity into the record, which reads every image.

    `without_leaks=True` also scores the images of `split` that nothing ties to other splits, and says in `leaks` what
    leaks are worth, with an interval. `near`, `radius`, `group_by` and `cache` say how they are searched, as for
    `Dataset.split_check`.

    Raises `Error` where the data cannot be compared: code "usage" for what was asked, "malformed" for the data.
    """
    dataset = gt if isinstance(gt, Dataset) else open(gt, threads=threads, progress=progress)
    settings = _settings(
        iou_type, mode, split, iou_thresholds, max_dets, areas, sigmas, use_categories, match_images, match_classes, classes
    )
    rows = given.rows_of(predictions, dataset, format or "", box_format, threads, progress)
    store = "" if isinstance(cache, bool) else os.fspath(cache)
    leaks = (without_leaks, near, radius, _words(group_by), bool(cache), store)
    return settings.run(dataset, rows, identity, threads, progress, leaks)


class CocoEvaluator:
    """An evaluation that takes its predictions image by image, in any order and in any number of processes.

        evaluator = vetset.CocoEvaluator("val", "bbox")
        for image_id, found in zip(ids, model(images)):
            evaluator.update(image_id, found["boxes"], found["scores"], found["labels"])
        print(evaluator.result())

    Each image is given once. The result is the same for every order of updates, every way of sharing the images out and
    any number of threads, and it is that of `vetset.evaluate` with all predictions at once: predictions of equal score
    on one image stand in the order in which they were given. Evaluators and states can be pickled; in `torch.distributed`
    gather `state()` and `merge` what came.

    Boxes given by image are two corners in pixels, left, top, right, bottom, unless `box_format="xywh"`.
    In columns, tables and COCO results, `bbox` is left, top, width, height.
    """

    VERSION = 1

    def __init__(
        self,
        gt: Dataset | Path,
        iou_type: IouType | None = None,
        mode: Mode = "corrected",
        *,
        split: str | None = None,
        iou_thresholds: collections.abc.Iterable[float] | None = None,
        max_dets: collections.abc.Iterable[int] | None = None,
        areas: Areas | None = None,
        sigmas: collections.abc.Iterable[float] | None = None,
        use_categories: bool = True,
        match_images: typing.Literal["auto", "id", "path", "name", "stem"] = "auto",
        match_classes: typing.Literal["auto", "id", "name", "index", "index1"] = "auto",
        classes: collections.abc.Mapping[str, str] | None = None,
        box_format: typing.Literal["xyxy", "xywh"] = "xyxy",
    ) -> None:
        """Arguments are those of `vetset.evaluate`; `box_format` is that of boxes given by image."""
        self._gt: Dataset | None = gt if isinstance(gt, Dataset) else open(gt)
        self._opened = (self._gt.path, self._gt.format, len(self._gt.steps))
        self._settings = _settings(
            iou_type, mode, split, iou_thresholds, max_dets, areas, sigmas, use_categories, match_images, match_classes, classes
        )
        self._box_format = box_format
        self._truth = [len(self._gt.images), len(self._gt.annotations), len(self._gt.categories)]
        self._stream = _core.CocoStream()
        self._kinds: dict[str, str] = {}

    @property
    def images(self) -> int:
        """How many images were given."""
        return self._stream.images

    def __len__(self) -> int:
        """How many predictions were given."""
        return len(self._stream)

    def update(
        self,
        image: typing.Any,
        boxes: typing.Any = None,
        scores: typing.Any = None,
        categories: typing.Any = None,
        *,
        masks: typing.Any = None,
        keypoints: typing.Any = None,
    ) -> None:
        """Takes the predictions of one image, or with one argument those of many, in any form that `vetset.evaluate`
        takes but files and datasets.

        `image` is an id or a path, `boxes` (n, 4) two corners in pixels, unless `box_format="xywh"`, `scores` (n,),
        `categories` (n,) ids or names, `masks` n run-length masks, polygons or bitmaps, `keypoints` (n, points, 3). An
        image without predictions is given with empty arrays, or left out. Raises `Error` where an image was given before,
        and then takes nothing. What the ground truth does not have, `result().unmatched` lists.
        """
        if scores is None and boxes is None and categories is None:
            columns = given.columns_of(image, self._box_format)
        else:
            names = {"boxes": boxes, "scores": scores, "labels": categories, "masks": masks, "keypoints": keypoints}
            columns = given.of_images([(image, names)], self._box_format)
        self._take(columns)

    def _take(self, columns: given.Columns) -> None:
        kinds = dict(self._kinds)
        for what, found in (("images", columns.also or columns.image), ("classes", columns.category)):
            count = len(found.names) if found.ids is None else len(found.ids)
            if count and kinds.setdefault(what, found.kind) != found.kind:
                spelled = {"id": "numbers", "name": "names", "token": "ids that are texts"}
                raise Error("usage", f"{what} are {spelled[found.kind]} here, and were {spelled[kinds[what]]} before")
        self._stream.add(columns.rows())
        self._kinds = kinds

    def state(self) -> dict[str, typing.Any]:
        """All that was given, as a dict of NumPy arrays, bytes, numbers and texts: pickle it, send it, `merge` it."""
        import numpy as np

        columns = self._stream.rows().columns()
        kept = {name: np.array(value) if isinstance(value, np.ndarray) else value for name, value in columns.items()}
        return {"vetset_coco_state": self.VERSION, "truth": self._truth, "kinds": dict(self._kinds), **kept}

    def merge(self, other: CocoEvaluator | collections.abc.Mapping[str, typing.Any]) -> None:
        """Takes what another evaluator of the same ground truth was given, or its `state()`. No image may be in both."""
        state = other.state() if isinstance(other, CocoEvaluator) else other
        if not isinstance(state, collections.abc.Mapping) or state.get("vetset_coco_state") != self.VERSION:
            raise Error("usage", "expected an evaluator, or what its state() gave")
        if list(state["truth"]) != self._truth:
            words = "images, objects and classes"
            raise Error("usage", f"the state is of a ground truth of {list(state['truth'])} {words}, expected {self._truth}")
        self._take(_columns_of_state(state))

    def result(self, *, identity: bool = False, threads: int = 0, progress: Progress | None = None) -> Evaluation:
        """The evaluation of all that was given; images that were not count as images without predictions."""
        return self._settings.run(self._truth_dataset(), self._stream.rows(), identity, threads, progress)

    def _truth_dataset(self) -> Dataset:
        if self._gt is None:
            path, format, _ = self._opened
            self._gt = open(path, format)
            found = [len(self._gt.images), len(self._gt.annotations), len(self._gt.categories)]
            if found != self._truth:
                raise Error("usage", f"the ground truth has {found} images, objects and classes, and had {self._truth}", path)
        return self._gt

    def __getstate__(self) -> dict[str, typing.Any]:
        if self._opened[2]:
            raise Error("usage", "a dataset that was edited cannot go to another process: send state(), or convert it and "
                        "open the result", self._opened[0])
        kept = {name: value for name, value in self.__dict__.items() if name not in ("_gt", "_stream")}
        return {**kept, "_state": self.state()}

    def __setstate__(self, kept: dict[str, typing.Any]) -> None:
        state = kept.pop("_state")
        self.__dict__.update(kept, _gt=None, _stream=_core.CocoStream(), _kinds={})
        self._take(_columns_of_state(state))

    def __repr__(self) -> str:
        return f"<vetset.CocoEvaluator of {self._opened[0]!r}: {self.images} images, {len(self)} predictions>"


def _columns_of_state(state: collections.abc.Mapping[str, typing.Any]) -> given.Columns:
    def named(what: str, kind: str) -> tuple[given.Named, given.Named]:
        ids, names = state[f"{what}_ids"], [name for name, _ in state[f"{what}_names"]]
        if kind == "id":
            return given.Named("id", ids=ids[state[what]]), given.Named("id", ids=ids)
        both = given.Named(typing.cast("typing.Any", kind), positions=state[what], names=names)
        return both, both

    image, also = named("image", state["kinds"].get("images", "id"))
    category, _ = named("category", state["kinds"].get("classes", "id"))
    columns = {name: state[name] for name in ("bbox", "score", "area", "keypoints")}
    return given.Columns(image, category, masks=state["segmentation"], also=also, **columns)


def init_as_pycocotools() -> None:
    """Lets `import pycocotools`, and code of others that does so, find `vetset.pycocotools` from here on.

    Call it before whatever imports pycocotools: names that were imported already stay what they are.
    """
    import importlib
    import sys

    for name in ("", ".mask", ".coco", ".cocoeval"):
        sys.modules["pycocotools" + name] = importlib.import_module("vetset.pycocotools" + name)
