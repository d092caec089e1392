"""Where the records of a `COCO` object come from: documents, files and arrays of results, lists of dicts. Columns for an
evaluation come straight from them; Python dicts are made when somebody asks."""

from __future__ import annotations

import collections.abc
import io
import json
import mmap
import os
import typing

import numpy as np

from .. import _core
from . import mask as maskUtils

if typing.TYPE_CHECKING:
    from numpy.typing import NDArray

Record = dict[str, typing.Any]
BOX, MASK, POINTS = 1, 2, 4


class Source(typing.Protocol):
    """What a `COCO` object knows before its dicts are made."""

    def part(self, name: str) -> typing.Any:
        """A member of the document other than its annotations; None where it has none of that name."""

    def dataset(self) -> Record:
        """The whole document; parts that were given out stand in it."""

    def image_ids(self) -> collections.abc.Iterable[typing.Any]:
        """Of the images that its annotations name."""

    def rows(self, truth: bool, iou_type: str) -> _core.CocoRows | None:
        """The annotations as columns; None where only dicts have what the evaluation asks for."""

    def records(self) -> list[Record] | None:
        """The annotations as dicts, where they are there already."""


class _File:
    """A file that stays open, so that it can be read again after it was removed; not after it was changed."""

    def __init__(self, path: typing.Any) -> None:
        self._file = io.open(path, "rb", buffering=0)
        self._path = os.fspath(path)
        self._seen = self._state(os.fstat(self._file.fileno()))

    @staticmethod
    def _state(stat: os.stat_result) -> tuple[int, ...]:
        return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns

    @property
    def size(self) -> int:
        return self._seen[2]

    def path(self) -> str | None:
        """Where it can still be read as it was; None: nowhere but here."""
        try:
            return self._path if self._state(os.stat(self._path)) == self._seen else None
        except OSError:
            return None

    def map(self) -> mmap.mmap:
        return mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)

    def read(self, begin: int, end: int) -> bytes:
        if self._state(os.fstat(self._file.fileno())) != self._seen:
            raise RuntimeError(f"{self._path} was changed after it was read: its records cannot be had any more")
        self._file.seek(begin)
        parts = []
        while begin < end:
            part = self._file.read(end - begin)
            if not part:
                raise RuntimeError(f"{self._path} ends at byte {begin}, expected {end} bytes")
            parts.append(part)
            begin += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)


class Document:
    """A COCO document, of which each member is parsed when it is asked for."""

    def __init__(self, file: _File, members: list[tuple[str, int, int]]) -> None:
        self._file = file
        self._places = {key: (begin, end) for key, begin, end in members}
        self._parts: dict[str, typing.Any] = {}
        self._sizes: list[tuple[typing.Any, typing.Any]] | None = None

    @classmethod
    def open(cls, path: typing.Any) -> Document | None:
        """None where the core does not take it for a JSON object: Python's json then says what it is."""
        file = _File(path)
        if file.size == 0:
            return None
        with file.map() as text:
            members = _core.json_members(text)
        return None if members is None else cls(file, members)

    def part(self, name: str) -> typing.Any:
        if name not in self._parts and name in self._places:
            self._parts[name] = json.loads(self._file.read(*self._places[name]))
            if name == "images":
                self._sizes = self._sizes_now()
        return self._parts.get(name)

    def _sizes_now(self) -> list[tuple[typing.Any, typing.Any]]:
        return [(image.get("height"), image.get("width")) for image in self._parts["images"]]

    def dataset(self) -> Record:
        return {name: self.part(name) for name in self._places}

    def image_ids(self) -> collections.abc.Iterable[typing.Any]:
        return (ann["image_id"] for ann in self.part("annotations") or ())

    def records(self) -> list[Record] | None:
        return self._parts.get("annotations")

    def rows(self, truth: bool, iou_type: str) -> _core.CocoRows | None:
        path = self._file.path()
        if path is None or not truth or iou_type not in ("bbox", "segm", "keypoints"):
            return None
        if self._sizes is not None and iou_type == "segm" and self._sizes != self._sizes_now():
            return None
        return _core.coco_truth_rows(path, iou_type == "segm", iou_type == "keypoints")


class _Results:
    """Results: a document whose head is that of their ground truth."""

    def __init__(self, head: Record) -> None:
        self._head = head

    def part(self, name: str) -> typing.Any:
        return self._head.get(name)

    def dataset(self) -> Record:
        return {**self._head, "annotations": self._annotations()}

    def _annotations(self) -> list[Record]:
        raise NotImplementedError

    def records(self) -> list[Record] | None:
        return None


class ResultList(_Results):
    """Results that were given as dicts, which have been completed."""

    def __init__(self, records: list[Record], head: Record) -> None:
        super().__init__(head)
        self._list = records
        self._indexed = list(records)  # later changes of the list itself are of no account to an index

    def _annotations(self) -> list[Record]:
        return self._list

    def records(self) -> list[Record] | None:
        return self._indexed

    def image_ids(self) -> collections.abc.Iterable[typing.Any]:
        return (ann["image_id"] for ann in self._indexed)

    def rows(self, truth: bool, iou_type: str) -> _core.CocoRows | None:
        return None


class ResultFile(_Results):
    """Results in a file, read by the core at once."""

    def __init__(self, file: _File, rows: _core.CocoRows, head: Record, categories: list[Record]) -> None:
        super().__init__({**head, "categories": categories})
        self._file = file
        self._rows = rows

    @classmethod
    def open(cls, path: typing.Any, head: Record, categories: list[Record] | None) -> ResultFile | None:
        file = _File(path)
        rows = _core.coco_result_rows(path) if categories is not None and file.size != 0 else None
        return None if rows is None or file.path() is None else cls(file, rows, head, categories)

    def image_ids(self) -> collections.abc.Iterable[typing.Any]:
        return self._rows.image_ids.tolist()

    def _annotations(self) -> list[Record]:
        records = json.loads(self._file.read(0, self._file.size))
        complete(records, {}, [])
        return records

    def rows(self, truth: bool, iou_type: str) -> _core.CocoRows | None:
        # The first record decides whether areas are those of boxes or of the points.
        needed = {"bbox": BOX, "segm": MASK, "keypoints": POINTS | self._rows.first_said & BOX}[iou_type]
        return self._rows if not truth and self._rows.said & needed == needed else None


class ResultArray(_Results):
    """Results as rows image, x, y, width, height, score, category."""

    def __init__(self, data: NDArray[np.float64], head: Record, categories: list[Record]) -> None:
        super().__init__({**head, "categories": categories})
        self._data = data
        box = np.ascontiguousarray(data[:, 1:5])
        score = np.ascontiguousarray(data[:, 5])
        image, category = ((np.ascontiguousarray(data[:, c].astype(np.int64)), [], False) for c in (0, 6))
        self._rows = _core.CocoRows.of_columns(image, category, box, score, None, None)

    @classmethod
    def open(cls, data: NDArray[typing.Any], head: Record, categories: list[Record] | None) -> ResultArray | None:
        fits = data.ndim == 2 and data.shape[1] == 7 and data.shape[0] > 0 and data.dtype == np.float64
        if not fits or categories is None or not np.all(np.abs(data[:, [0, 6]]) < 2.0**53):
            return None
        return cls(data.copy(), head, categories)

    def image_ids(self) -> collections.abc.Iterable[typing.Any]:
        return self._rows.image_ids.tolist()

    def _annotations(self) -> list[Record]:
        records = records_of_array(self._data)
        complete(records, {}, [])
        return records

    def rows(self, truth: bool, iou_type: str) -> _core.CocoRows | None:
        return self._rows if not truth and iou_type == "bbox" else None


def expect_known(found: collections.abc.Iterable[typing.Any], known: set[typing.Any]) -> None:
    unknown = set(found) - known
    if unknown:
        some = ", ".join(repr(i) for i in sorted(unknown, key=repr)[:3])
        raise AssertionError(
            f"Results do not correspond to current coco set: {len(unknown)} of their images are not in it, such as {some}"
        )


def records_of_array(data: NDArray[typing.Any]) -> list[Record]:
    return [
        {"image_id": int(row[0]), "bbox": [row[1], row[2], row[3], row[4]], "score": row[5], "category_id": int(row[6])}
        for row in data
    ]


def complete(records: list[Record], head: Record, categories: list[Record] | None) -> Record:
    """Gives results what the reference gives them, as their first says; the head of their document comes back."""
    first = records[0]
    if "caption" in first:
        named = {ann["image_id"] for ann in records}
        for number, ann in enumerate(records, 1):
            ann["id"] = number
        return {**head, "images": [image for image in head.get("images", ()) if image["id"] in named]}
    if "bbox" in first and not first["bbox"] == []:
        _core.coco_complete_boxes(records)
    elif "segmentation" in first:
        for number, ann in enumerate(records, 1):
            ann["area"] = maskUtils.area(ann["segmentation"])
            if "bbox" not in ann:
                ann["bbox"] = maskUtils.toBbox(ann["segmentation"])
            ann["id"] = number
            ann["iscrowd"] = 0
    elif "keypoints" in first:
        for number, ann in enumerate(records, 1):
            points = ann["keypoints"]
            x, y = points[0::3], points[1::3]
            left, right, top, bottom = np.min(x), np.max(x), np.min(y), np.max(y)
            ann["area"] = (right - left) * (bottom - top)
            ann["id"] = number
            ann["bbox"] = [left, top, right - left, bottom - top]
    else:
        return head
    if categories is None:
        raise KeyError("categories: the ground truth has none, and results need them")
    return {**head, "categories": categories}
