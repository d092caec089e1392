"""How `COCOeval` uses the core: records as columns, and what the reference keeps of each image, made when asked for."""

from __future__ import annotations

import collections
import collections.abc
import typing

import numpy as np

from .. import _core
from .._error import Error
from . import coco as coco_module

if typing.TYPE_CHECKING:
    from numpy.typing import NDArray

    from .cocoeval import Params

Record = dict[str, typing.Any]
NO_NUMBER = 0xFFFFFFFF


def asked(record: Record, key: str) -> typing.Any:
    """A value that must be there."""
    try:
        return record[key]
    except KeyError:
        which = ", ".join(f"{name} {record[name]}" for name in ("id", "image_id") if name in record)
        raise KeyError(f"{key}: an annotation without it ({which})") from None


# What `_prepare` makes of annotations.


def draw(anns: list[Record], coco: typing.Any) -> None:
    """Gives annotations their masks as run lengths, in the dicts themselves."""
    for ann in anns:
        written = ann.get("segmentation")
        if type(written) is dict and type(written.get("counts")) in (bytes, str):
            continue
        ann["segmentation"] = coco.annToRLE(ann)


def mark_ignored(gts: list[Record], iou_type: str) -> None:
    for gt in gts:
        gt["ignore"] = "iscrowd" in gt and gt["iscrowd"]
        if iou_type == "keypoints":
            gt["ignore"] = (asked(gt, "num_keypoints") == 0) or gt["ignore"]


def by_place(anns: list[Record]) -> dict[tuple[typing.Any, typing.Any], list[Record]]:
    placed = collections.defaultdict(list)
    for ann in anns:
        placed[ann["image_id"], ann["category_id"]].append(ann)
    return placed


def match(
    overlaps: typing.Any, crowd: list[int], ignored: NDArray[typing.Any], ids: list[typing.Any], thresholds: typing.Any
) -> NDArray[np.int64]:
    """The object of each detection at each threshold, or -1. A detection whose id is not above 0 leaves its object free,
    as in the reference."""
    return _core.coco_match(
        np.ascontiguousarray(overlaps, dtype=np.float64),
        np.array([c != 0 for c in crowd], dtype=np.uint8),
        np.ascontiguousarray(ignored, dtype=np.uint8),
        np.array([not i > 0 for i in ids], dtype=np.uint8),
        [float(t) for t in thresholds],
    )


# The core's evaluation.


class Found:
    """An evaluation by the core, with what the records of its images say besides."""

    def __init__(self, pairs: _core.CocoPairs, params: Params) -> None:
        self.pairs = pairs
        self.images = list(params.imgIds)
        self.categories = list(params.catIds) if params.useCats else [-1]
        self.areas = list(params.areaRng)
        self.most = params.maxDets[-1]
        self.iou_type = params.iouType
        self.recall = np.array(params.recThrs, dtype=np.float64)
        self.arrays: tuple[NDArray[np.float64], ...] | None = pairs.evaluate(self.recall.tolist())

    def record(self, category: int, area: int, image: int) -> Record | None:
        found = self.pairs.image(image, category, area)
        if found is None:
            return None
        dt_ids, gt_ids, dt_matches, gt_matches, scores, gt_ignored, dt_ignored, _ = found
        return {
            "image_id": self.images[image],
            "category_id": self.categories[category],
            "aRng": self.areas[area],
            "maxDet": self.most,
            "dtIds": dt_ids,
            "gtIds": gt_ids,
            "dtMatches": dt_matches,
            "gtMatches": gt_matches,
            "dtScores": scores,
            "gtIgnore": gt_ignored if gt_ids else np.array([]),
            "dtIgnore": dt_ignored.astype(bool),
        }


class Images(collections.abc.Sequence[typing.Any]):
    """`evalImgs`: a record or None for each category, range of areas and image. One that was looked at is kept, as it
    may be changed."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._seen: dict[int, Record | None] = {}

    def __len__(self) -> int:
        found = self._found
        return len(found.categories) * len(found.areas) * len(found.images)

    def _make(self, at: int) -> Record | None:
        rest, image = divmod(at, len(self._found.images))
        return self._found.record(*divmod(rest, len(self._found.areas)), image)

    def __getitem__(self, at: typing.Any) -> typing.Any:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        row = range(len(self))[at]
        if row not in self._seen:
            self._seen[row] = self._make(row)
        return self._seen[row]

    def __setitem__(self, at: int, record: Record | None) -> None:
        self._seen[range(len(self))[at]] = record

    def __iter__(self) -> collections.abc.Iterator[typing.Any]:
        return (self[i] for i in range(len(self)))

    def __add__(self, other: typing.Any) -> list[typing.Any]:
        return [*self, *other]

    def __radd__(self, other: typing.Any) -> list[typing.Any]:
        return [*other, *self]

    def __array__(self, dtype: typing.Any = None, copy: typing.Any = None) -> NDArray[typing.Any]:
        values = np.empty(len(self), dtype=object)
        values[:] = list(self)
        return values

    def __reduce__(self) -> tuple[typing.Any, ...]:
        return list, (list(self),)

    def __repr__(self) -> str:
        return f"<evalImgs: {len(self)} records of images, made when asked for>"

    def arrays(self, p: Params, evaluated: Params) -> tuple[NDArray[np.float64], ...] | None:
        """The arrays of `accumulate`; None where `p` asks for something else, or a record was changed."""
        found = self._found
        same = (
            _same(p.imgIds, found.images)
            and _same(p.catIds if p.useCats == 1 else [-1], found.categories)
            and _same(p.areaRng, evaluated.areaRng)
            and _same(p.maxDets, evaluated.maxDets)
            and len(p.iouThrs) == len(evaluated.iouThrs)
        )
        if not same or any(not _equal(record, self._make(at)) for at, record in self._seen.items()):
            return None
        recall = np.array(p.recThrs, dtype=np.float64)
        if found.arrays is not None and np.array_equal(recall, found.recall):
            made, found.arrays = found.arrays, None  # they are the caller's now, who may write to them
            return made
        return found.pairs.evaluate(recall.tolist()) if _rises(recall) else None


class Overlaps(collections.abc.Mapping[typing.Any, typing.Any]):
    """`ious`: the overlaps of each (image, category), in the order of the evaluation."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._images = {image: n for n, image in enumerate(found.images)}
        self._categories = {category: n for n, category in enumerate(found.categories)}
        self._seen: dict[typing.Any, typing.Any] = {}

    def __len__(self) -> int:
        return len(self._images) * len(self._categories)

    def __iter__(self) -> collections.abc.Iterator[typing.Any]:
        return ((image, category) for image in self._images for category in self._categories)

    def __getitem__(self, key: typing.Any) -> typing.Any:
        if key not in self._seen:
            image, category = key
            found = self._found.pairs.image(self._images[image], self._categories[category], 0)
            self._seen[key] = [] if found is None else found[7]
        return self._seen[key]

    def __setitem__(self, key: typing.Any, value: typing.Any) -> None:
        self._seen[key] = value

    def __reduce__(self) -> tuple[typing.Any, ...]:
        return dict, (dict(self),)

    def __repr__(self) -> str:
        return f"<ious of {len(self)} images and categories, made when asked for>"


def _same(a: typing.Any, b: typing.Any) -> bool:
    return len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def _rises(values: NDArray[np.float64]) -> bool:
    return values.ndim == 1 and len(values) > 0 and bool(np.all(np.diff(values) > 0))


def _equal(a: Record | None, b: Record | None) -> bool:
    if a is None or b is None:
        return a is b
    return a.keys() == b.keys() and all(np.array_equal(a[key], b[key]) for key in a)


def _settings(p: Params) -> dict[str, typing.Any] | None:
    """What the core is asked; None where it does not take what `p` says."""
    try:
        thresholds, recall = (np.asarray(values, dtype=np.float64) for values in (p.iouThrs, p.recThrs))
        limits = [int(limit) for limit in p.maxDets]
        areas = [(float(low), float(high)) for low, high in p.areaRng]
    except (TypeError, ValueError):
        return None
    whole = all(limit == given and 0 <= limit < NO_NUMBER for limit, given in zip(limits, p.maxDets, strict=True))
    distinct = limits == sorted(set(limits))
    if not (_rises(thresholds) and _rises(recall) and limits and areas and whole and distinct):
        return None
    sigmas: list[float] = []
    if p.iouType == "keypoints":
        sigmas = np.asarray(p.kpt_oks_sigmas, dtype=np.float64).tolist()
        if not p.useCats or not sigmas:
            return None
    return {
        "iou_type": p.iouType,
        "iou_thresholds": thresholds.tolist(),
        "recall_thresholds": recall.tolist(),
        "max_detections": limits,
        "areas": areas,
        "use_categories": bool(p.useCats),
        "sigmas": sigmas,
    }


def _numbers(ids: typing.Any) -> dict[typing.Any, int] | None:
    """The number of each id; None where one has no hash or stands there twice."""
    try:
        numbers = {i: n for n, i in enumerate(ids)}
    except TypeError:
        return None
    return numbers if len(numbers) == len(ids) else None


def _mapped(ids: typing.Any, numbers: dict[typing.Any, int]) -> NDArray[np.uint32]:
    return np.array([numbers.get(i, NO_NUMBER) for i in ids.tolist()], dtype=np.uint32)


def _side(
    coco: typing.Any, truth: bool, p: Params, images: dict[typing.Any, int], categories: dict[typing.Any, int], points: int
) -> tuple[_core.CocoRows, typing.Any, typing.Any] | None:
    """Rows, and the numbers of the images and the categories that they name; None for those: they have numbers."""
    own = isinstance(coco, coco_module.COCO)
    plain = own and all(
        getattr(type(coco), name) is getattr(coco_module.COCO, name) and name not in coco.__dict__
        for name in ("getAnnIds", "loadAnns", "annToRLE")
    )
    records = None
    if plain and coco._source is not None:
        rows = coco._source.rows(truth, p.iouType)
        if rows is not None and rows.points in (0, points or rows.points):
            return rows, _mapped(rows.image_ids, images), _mapped(rows.category_ids, categories)
        records = coco._source.records()
    if records is None:
        chosen = {"imgIds": p.imgIds, **({"catIds": p.catIds} if p.useCats else {})}
        records = coco.loadAnns(coco.getAnnIds(**chosen))
    elif p.iouType == "segm":
        records = [ann for ann in records if ann["image_id"] in images and ann["category_id"] in categories]
    if p.iouType == "segm":
        draw(records, coco)
    if truth:
        mark_ignored(records, p.iouType)
    rows = _core.coco_rows_of_dicts(
        list(records), images, categories, truth, p.iouType == "bbox", p.iouType == "segm", points
    )
    return None if rows is None else (rows, None, None)


def compare(gt: typing.Any, dt: typing.Any, p: Params) -> Found | None:
    """The evaluation by the core; None where it does not take what it is given."""
    settings, images, categories = _settings(p), _numbers(p.imgIds), _numbers(p.catIds)
    if settings is None or images is None or categories is None or gt is None or dt is None:
        return None
    points = len(settings["sigmas"])
    truth = _side(gt, True, p, images, categories, points)
    predictions = None if truth is None else _side(dt, False, p, images, categories, points)
    if truth is None or predictions is None:
        return None
    try:
        pairs = _core.CocoPairs(
            *truth, *predictions, image_count=len(images), category_count=len(categories), **settings
        )
        return Found(pairs, p)
    except Error as error:
        if error.code == "cancelled":
            raise
        return None


# Accumulation of records, as the reference does it.


def _curve(e: list[Record], most: int, p: Params) -> tuple[NDArray[np.float64], ...] | None:
    """Recall [T], precision and scores [T,R] of the records of one category, area and limit; None: nothing to find."""
    scores = np.concatenate([r["dtScores"][0:most] for r in e])
    order = np.argsort(-scores, kind="mergesort")
    scores = scores[order]
    matches = np.concatenate([r["dtMatches"][:, 0:most] for r in e], axis=1)[:, order]
    ignored = np.concatenate([r["dtIgnore"][:, 0:most] for r in e], axis=1)[:, order]
    objects = np.count_nonzero(np.concatenate([r["gtIgnore"] for r in e]) == 0)
    if objects == 0:
        return None
    right = np.cumsum(np.logical_and(matches, np.logical_not(ignored)), axis=1).astype(float)
    wrong = np.cumsum(np.logical_and(np.logical_not(matches), np.logical_not(ignored)), axis=1).astype(float)
    recall = np.zeros(len(p.iouThrs))
    precision, at_score = np.zeros((2, len(p.iouThrs), len(p.recThrs)))
    for t, (tp, fp) in enumerate(zip(right, wrong, strict=True)):
        found = tp / objects
        exact = tp / (fp + tp + np.spacing(1))
        recall[t] = found[-1] if len(tp) else 0
        envelope = np.maximum.accumulate(exact[::-1])[::-1]
        places = np.searchsorted(found, p.recThrs, side="left")
        past = np.flatnonzero(places >= len(tp))
        count = past[0] if len(past) else len(places)
        precision[t, :count] = envelope[places[:count]]
        at_score[t, :count] = scores[places[:count]]
    return recall, precision, at_score


def accumulated(images: typing.Any, p: Params, evaluated: Params) -> tuple[NDArray[np.float64], ...]:
    """precision, recall and scores of records, of those that both `p` and the evaluation have."""
    t, r, k, a, m = len(p.iouThrs), len(p.recThrs), len(p.catIds) if p.useCats else 1, len(p.areaRng), len(p.maxDets)
    precision, recall, scores = -np.ones((t, r, k, a, m)), -np.ones((t, k, a, m)), -np.ones((t, r, k, a, m))
    categories = set(evaluated.catIds if evaluated.useCats else [-1])
    areas, limits, known = set(map(tuple, evaluated.areaRng)), set(evaluated.maxDets), set(evaluated.imgIds)
    rows = [n for n, image in enumerate(p.imgIds) if image in known]
    per_area, per_category = len(evaluated.imgIds), len(evaluated.imgIds) * len(evaluated.areaRng)
    chosen_areas = [n for n, area in enumerate(map(tuple, p.areaRng)) if area in areas]
    chosen_limits = [limit for limit in p.maxDets if limit in limits]
    for k, k0 in enumerate(n for n, category in enumerate(p.catIds) if category in categories):
        for a, a0 in enumerate(chosen_areas):
            begin = k0 * per_category + a0 * per_area
            found = [e for e in (images[begin + row] for row in rows) if e is not None]
            for m, most in enumerate(chosen_limits if found else ()):
                curve = _curve(found, most, p)
                if curve is not None:
                    recall[:, k, a, m], precision[:, :, k, a, m], scores[:, :, k, a, m] = curve
    return precision, recall, scores
