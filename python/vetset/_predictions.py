"""What models say, in whatever shape Python holds it, as the columns that an evaluation takes. NumPy arrays and Arrow
columns of float64 are looked into where they lie; other numbers are converted."""

from __future__ import annotations

import collections.abc
import dataclasses
import difflib
import json
import os
import typing

from . import _core
from ._error import Error

if typing.TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    from ._dataset import Dataset

#: A file, a dataset with scores, columns by name, a table of Arrow (or what gives one), a list of COCO results, or
#: detections by image.
Predictions = typing.Any

#: Names of columns, and what is taken for them, too.
COLUMNS = ("image_id", "image", "category_id", "category", "bbox", "score", "area", "segmentation", "keypoints")
CORNERS = ("x", "y", "width", "height")
#: What detections by image call a column, and how columns name it.
BY_IMAGE = {"boxes": "bbox", "scores": "score", "labels": "category_id", "masks": "segmentation"}


@dataclasses.dataclass
class Named:
    """How rows name their images or classes: by whole numbers, by names, or by ids that are texts."""

    kind: typing.Literal["id", "name", "token"]
    ids: NDArray[numpy.int64] | None = None
    positions: NDArray[numpy.uint32] | None = None
    names: list[str] = dataclasses.field(default_factory=list)

    def given(self) -> tuple[typing.Any, list[str], bool]:
        if self.kind == "id" or not self.names:
            import numpy as np

            return (np.empty(0, np.int64) if self.ids is None else self.ids), [], False
        return self.positions, self.names, self.kind == "token"


@dataclasses.dataclass
class Columns:
    """One row a prediction; None: no such column."""

    image: Named
    category: Named
    bbox: NDArray[numpy.float64] | None = None
    score: NDArray[numpy.float64] | None = None
    area: NDArray[numpy.float64] | None = None
    keypoints: NDArray[numpy.float64] | None = None
    masks: list[typing.Any] | None = None
    #: images that have no row and were seen nevertheless
    also: Named | None = None

    def rows(self) -> _core.CocoRows:
        rows = _core.CocoRows.of_columns(
            self.image.given(), self.category.given(), self.bbox, self.score, self.area, self.keypoints
        )
        if self.masks is not None:
            rows.set_masks(self.masks)
        if self.also is not None and self.also.kind == "id":
            rows.name_images(self.also.ids)
        elif self.also is not None:
            rows.name_image_texts(self.also.names, self.also.kind == "token")
        return rows


def _usage(message: str) -> Error:
    return Error("usage", message)


def kind_of(value: typing.Any) -> str:
    """What a value is, for messages: "an int", "None"."""
    if value is None:
        return "None"
    kind = type(value).__name__
    return f"{'an' if kind[0].lower() in 'aeiou' else 'a'} {kind}"


# One column.


def numbers(values: typing.Any, what: str, width: int = 0) -> NDArray[numpy.float64]:
    """float64 in C order, a row of `width` numbers each (0: one number; -1: any); the very array where it is that."""
    import numpy as np

    try:
        array = np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise _usage(f"{what} does not hold numbers, in rows of one length: {error}") from error
    if width == 0:
        return array.reshape(0) if array.size == 0 else array
    if array.size == 0:
        return array.reshape(0, max(width, 3))
    if array.ndim > 2:
        array = array.reshape(len(array), -1)
    if array.ndim != 2 or (width > 0 and array.shape[1] != width):
        raise _usage(f"{what} has shape {np.shape(values)}, expected (n, {width if width > 0 else '3 × points'})")
    return array


def named(values: typing.Any, what: str, text: typing.Literal["name", "token"]) -> Named:
    """Whole numbers are ids; texts are names, or ids that are texts."""
    import numpy as np

    array = values if isinstance(values, np.ndarray) else np.asarray(values)
    if array.size == 0:
        return Named("id", ids=np.empty(0, np.int64))
    if array.dtype.kind in "iu" and array.ndim == 1:
        return Named("id", ids=np.ascontiguousarray(array, dtype=np.int64))
    texts = array.tolist()
    if array.ndim != 1 or not all(type(t) is str for t in texts):
        raise _usage(f"{what} holds {array.dtype} of shape {array.shape}, expected whole numbers or texts, one a row")
    place = {t: n for n, t in enumerate(dict.fromkeys(texts))}
    positions = np.fromiter((place[t] for t in texts), dtype=np.uint32, count=len(texts))
    return Named(text, positions=positions, names=[json.dumps(t) for t in place] if text == "token" else list(place))


def mask(value: typing.Any) -> typing.Any:
    """(height, width, counts) of a mask: a dict of `size` and `counts`, a bitmap; JSON of polygons; None for none."""
    if value is None:
        return None
    if isinstance(value, collections.abc.Mapping):
        height, width = value["size"]
        counts = value["counts"]
        if not isinstance(counts, (bytes, str)):
            from .pycocotools import mask as masks

            counts = masks.frPyObjects({"size": [int(height), int(width)], "counts": list(counts)}, height, width)["counts"]
        return int(height), int(width), counts
    if hasattr(value, "shape"):
        import numpy as np

        from .pycocotools import mask as masks

        bitmap = np.asarray(value)
        bitmap = bitmap.reshape(bitmap.shape[-2:])
        if bitmap.dtype.kind == "f":
            raise _usage("a bitmap holds numbers with fractions, expected 0 and 1: compare it with your threshold first")
        run = masks.encode(np.asfortranarray(bitmap != 0, dtype=np.uint8))
        return int(run["size"][0]), int(run["size"][1]), run["counts"]
    return json.dumps(value)


# Shapes that hold them.


def _expect_known(columns: collections.abc.Mapping[str, typing.Any]) -> None:
    known = (*COLUMNS, *CORNERS)
    for name in columns:
        if name not in known:
            near = [BY_IMAGE[name]] if name in BY_IMAGE else difflib.get_close_matches(str(name), known, 1)
            meant = f" (did you mean {near[0]!r}?)" if near else ""
            raise _usage(f"found a column {name!r}{meant}; expected {', '.join(known)}")


def of_columns(columns: collections.abc.Mapping[str, typing.Any]) -> Columns:
    def have(*names: str) -> str:
        for name in names:
            if columns.get(name) is not None:
                return name
        raise _usage(f"found columns {', '.join(map(str, columns))}; expected {' or '.join(names)} among them")

    image, category = have("image_id", "image"), have("category_id", "category")
    bbox = columns.get("bbox")
    if bbox is None and all(columns.get(name) is not None for name in CORNERS):
        import numpy as np

        bbox = np.stack([numbers(columns[name], name) for name in CORNERS], axis=1)
    points, masks = columns.get("keypoints"), columns.get("segmentation")
    if bbox is None and points is None and masks is None:
        raise _usage(f"found columns {', '.join(map(str, columns))}; expected bbox, segmentation or keypoints among them")
    area = columns.get("area")
    return Columns(
        image=named(columns[image], image, "token" if image == "image_id" else "name"),
        category=named(columns[category], category, "token" if category == "category_id" else "name"),
        bbox=None if bbox is None else numbers(bbox, "bbox", 4),
        score=numbers(columns[have("score")], "score"),
        area=None if area is None else numbers(area, "area"),
        keypoints=None if points is None else numbers(points, "keypoints", -1),
        masks=None if masks is None else [mask(m) for m in masks],
    )


def _arrow_column(column: typing.Any, name: str) -> typing.Any:
    """Values of a column as NumPy holds them, of the same memory where Arrow has them in one piece."""
    import pyarrow as pa

    if column.null_count:
        raise _usage(f"{column.null_count} values of column {name} are missing")
    whole = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], type=whole.type)
    kind = whole.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        if name == "segmentation":
            return whole.to_pylist()
        flat = whole.flatten()
        width = len(flat) // len(whole) if len(whole) else 0
        if width * len(whole) != len(flat) or (
            not pa.types.is_fixed_size_list(kind) and len(whole) and set(whole.value_lengths().unique().to_pylist()) != {width}
        ):
            raise _usage(f"column {name} holds lists of several lengths")
        return flat.to_numpy(zero_copy_only=False).reshape(len(whole), width)
    if pa.types.is_dictionary(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_struct(kind):
        return whole.to_pylist()
    return whole.to_numpy(zero_copy_only=False)


def of_arrow(table: typing.Any) -> Columns:
    try:
        import pyarrow as pa
    except ImportError as error:
        raise ImportError("a table of predictions needs pyarrow: pip install pyarrow", name="pyarrow") from error
    table = pa.table(table)
    wanted = [name for name in (*COLUMNS, *CORNERS) if name in table.column_names]
    return of_columns({name: _arrow_column(table.column(name), name) for name in wanted})


def _records_column(records: list[typing.Any], name: str) -> list[typing.Any]:
    try:
        return [record[name] for record in records]
    except KeyError:
        row = next(n for n, record in enumerate(records) if name not in record)
        raise Error("malformed", f"record {row + 1} of the predictions has no '{name}', as the first has") from None


def of_records(records: list[typing.Any]) -> Columns:
    """COCO results as dicts; the first says which keys all of them have."""
    first = records[0]
    return of_columns({name: _records_column(records, name) for name in COLUMNS if name in first})


def of_images(
    images: collections.abc.Iterable[tuple[typing.Any, collections.abc.Mapping[str, typing.Any]]], box_format: str
) -> Columns:
    """Detections by image: for each its id or path, and a dict of boxes, scores, labels, and masks or keypoints."""
    import numpy as np

    parts: dict[str, list[typing.Any]] = {name: [] for name in ("boxes", "scores", "labels", "masks", "keypoints")}
    names, counts = [], []
    for name, found in images:
        names.append(name)
        scores = numbers(_taken(found, "scores", "score"), "scores")
        counts.append(len(scores))
        labels = _taken(found, "labels", "categories", "category_id", "category")
        boxes = _taken(found, "boxes", "bbox", needed=False)
        masks = _taken(found, "masks", "segmentation", needed=False)
        points = _taken(found, "keypoints", needed=False)
        for what, given in (("labels", labels), ("boxes", boxes), ("masks", masks), ("keypoints", points)):
            if given is not None and len(given) != len(scores):
                raise _usage(f"{what} of image {name!r} has {len(given)} rows, expected {len(scores)}, as scores")
        if len(scores) == 0:
            continue
        parts["scores"].append(scores)
        parts["labels"].extend(np.asarray(labels).tolist())
        if boxes is not None:
            parts["boxes"].append(_box_of(numbers(boxes, "boxes", 4), box_format, name))
        if masks is not None:
            parts["masks"].extend(mask(m) for m in masks)
        if points is not None:
            parts["keypoints"].append(numbers(points, "keypoints", -1))
    return Columns(
        image=_repeated(names, counts),
        category=named(parts["labels"], "labels", "name"),
        bbox=np.concatenate(parts["boxes"]) if parts["boxes"] else None,
        score=np.concatenate(parts["scores"]) if parts["scores"] else np.empty(0),
        keypoints=np.concatenate(parts["keypoints"]) if parts["keypoints"] else None,
        masks=parts["masks"] or None,
        also=named(names, "images", "name"),
    )


def _taken(found: collections.abc.Mapping[str, typing.Any], *names: str, needed: bool = True) -> typing.Any:
    for name in names:
        if name in found and found[name] is not None:
            return found[name]
    if needed:
        raise _usage(f"found {', '.join(map(str, found))} of an image; expected {' or '.join(names)}")
    return None


def _box_of(boxes: NDArray[numpy.float64], box_format: str, image: typing.Any) -> NDArray[numpy.float64]:
    """Left, top, width, height."""
    import numpy as np

    if box_format == "xywh":
        return boxes
    if box_format == "as_corners":  # from a model that vetset ran: no doubt, whichever corner it puts first
        return np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
    if box_format != "xyxy":
        raise _usage(f"box_format is {box_format!r}, expected 'xywh' (left, top, width, height) or 'xyxy' (two corners)")
    turned = (boxes[:, 2:] < boxes[:, :2]).any(axis=1)
    if turned.any():
        row = int(turned.argmax())
        raise Error("malformed", f"boxes[{row}] of image {image!r} is {boxes[row].tolist()}, expected two corners: left, top, "
                    'right, bottom, none past the other; if they are left, top, width, height, say box_format="xywh"')
    boxes = boxes.copy()
    boxes[:, 2:] -= boxes[:, :2]
    return boxes


def _repeated(names: list[typing.Any], counts: list[int]) -> Named:
    """A name for each row."""
    import numpy as np

    each = named(names, "images", "name")
    if each.kind == "id":
        return Named("id", ids=np.repeat(each.ids, counts) if names else np.empty(0, np.int64))
    return Named(each.kind, positions=np.repeat(each.positions, counts), names=each.names)


def columns_of(predictions: Predictions, box_format: str = "xyxy") -> Columns:
    """Anything but files and datasets."""
    if isinstance(predictions, collections.abc.Mapping):
        return _of_mapping(predictions, box_format)
    if hasattr(predictions, "__arrow_c_stream__") or hasattr(predictions, "__arrow_c_array__"):
        return of_arrow(predictions)
    if hasattr(predictions, "columns") and hasattr(predictions, "to_dict"):
        return of_columns({name: predictions[name].to_numpy() for name in COLUMNS + CORNERS if name in predictions})
    if isinstance(predictions, collections.abc.Sequence) and not isinstance(predictions, (str, bytes)):
        return _of_sequence(list(predictions), box_format)
    raise _usage(f"predictions are {kind_of(predictions)}; expected a path, a dataset, columns, a table, a list of "
                 "COCO results, or detections by image")


def _of_mapping(predictions: collections.abc.Mapping[typing.Any, typing.Any], box_format: str) -> Columns:
    expected = "expected columns with a score among them, or a dict of boxes, scores and labels for each image"
    if not predictions:
        raise _usage(f"found an empty dict, {expected}; [] says that there are no predictions")
    by_image = all(isinstance(found, collections.abc.Mapping) for found in predictions.values())
    if by_image and "score" not in predictions:
        return of_images(predictions.items(), getattr(predictions, "box_format", box_format))
    if any(name in predictions for name in COLUMNS):
        _expect_known(predictions)
        return of_columns(predictions)
    found = ", ".join(map(str, list(predictions)[:8]))
    if any(name in predictions for name in BY_IMAGE):
        raise _usage(f"found {found} without the image that they are of, expected {{image: {{\"boxes\": …}}}}")
    raise _usage(f"found a dict of {found}; {expected}")


def _of_sequence(records: list[typing.Any], box_format: str) -> Columns:
    if not records:
        return of_images([], box_format)
    for row, record in enumerate(records):
        if not isinstance(record, collections.abc.Mapping):
            raise _usage(f"record {row + 1} of the predictions is {kind_of(record)}, expected a list of dicts")
    if "score" in records[0]:
        return of_records(records)
    return of_images(((_taken(record, "image_id", "image"), record) for record in records), box_format)


def rows_of(
    predictions: Predictions, truth: Dataset, format: str, box_format: str, threads: int, progress: typing.Any
) -> _core.CocoRows:
    """Rows of predictions in any form; label files whose images are not at hand are placed by the truth's sizes."""
    from ._dataset import Dataset

    if isinstance(predictions, (str, os.PathLike)):
        return _core.read_predictions(os.fspath(predictions), format, truth._source, threads, progress)
    if isinstance(predictions, Dataset):
        return _core.predictions_of(predictions._source, threads, progress)
    return columns_of(predictions, box_format).rows()
