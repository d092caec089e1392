"""Does the exported model do what training did? `record` keeps what training code gives, stage by stage; `vetset parity`
(and `check` here) replays it and names the first stage, image and place that differ."""

from __future__ import annotations

import collections.abc
import dataclasses
import hashlib
import json
import os
import pathlib
import shutil
import sys
import typing

from . import _core
from ._arguments import Words, _words
from ._error import Error
from ._model import _runtime

if typing.TYPE_CHECKING:
    from ._arguments import Path, Progress

    Prepare = collections.abc.Callable[[pathlib.Path], typing.Any]
    Run = collections.abc.Callable[[typing.Any], typing.Any]
    Finish = collections.abc.Callable[[typing.Any, dict[str, typing.Any]], typing.Any]

__all__ = ["Difference", "Parity", "Stage", "check", "golden_set", "record"]

#: Libraries whose versions a record states, where they are loaded.
LIBRARIES = ("cv2", "numpy", "onnxruntime", "PIL", "skimage", "sklearn", "tensorflow", "timm", "torch", "torchvision", "transformers", "ultralytics")
STAGES = ("pixels", "resized", "input")


def golden_set(folder: Path, most: int = 64) -> list[tuple[str, list[str]]]:
    """Images of a folder or dataset that differ in what decoders and resizers do with them, each with what it stands
    for: kinds of files, EXIF turns, depths, grey, transparency, odd and extreme sizes; the rest evenly from all."""
    return _core.golden_set(os.fspath(folder), most)


def record(
    path_out: Path,
    images: Path | collections.abc.Iterable[Path],
    preprocess_fn: Prepare,
    model_fn: Run,
    postprocess_fn: Finish,
    *,
    most: int = 64,
    tensors: int = 8,
) -> pathlib.Path:
    """Keeps what training code does with some images, for `vetset parity` to hold the exported model to.

    - `images`: paths, or a folder or dataset of which at most `most` are chosen by `golden_set`
    - `preprocess_fn(path)` gives the input tensor, or a dict with `input`, and `pixels` (decoded, RGB) and `resized` (with
      its padding) where it has them, so that the stage that differs is named; other keys are yours
    - `model_fn(input)` gives the raw outputs: an array, a list of them, or a dict by name
    - `postprocess_fn(outputs, prepared)` gives the answer: a dict of `boxes` (corners, in pixels of the image), `scores` and
      `labels` (names or positions), and `rotated`, `keypoints` or `masks`; of classifiers `scores` and `labels`; or
      `embedding`. `prepared` is what `preprocess_fn` gave, with the image's `path`

    A damaged file of the golden set may be refused: the exported model's contract must refuse it, too.

    `path_out` becomes a folder of record.json, the images, and the values of the first `tensors` images; of the others
    there are digests. NumPy arrays and tensors of PyTorch are taken.
    """
    out = pathlib.Path(path_out)
    if out.exists():
        raise Error("refused", "exists already; a record is written anew", os.fspath(out))
    chosen = _chosen(images, most)
    part = out.with_name(f"{out.name}.part-{os.getpid()}")
    (part / "images").mkdir(parents=True)
    (part / "values").mkdir()
    try:
        told = []
        for n, (path, covers) in enumerate(chosen):
            told.append(_one(part, n, path, covers, n < tensors, preprocess_fn, model_fn, postprocess_fn))
        document = {
            "type": "vetset/parity-record",
            "version": 1,
            "program": f"vetset {_core.version()}",
            "made_with": _versions(),
            "images": told,
        }
        (part / "record.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        part.rename(out)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return out


@dataclasses.dataclass(frozen=True)
class Difference:
    """The first place where a stage is another one; `what` says so where it is no pair of values."""

    image: str
    place: str
    what: str
    here: str
    there: str


@dataclasses.dataclass(frozen=True)
class Stage:
    """How many images a stage gave the same bits of, values near, and others."""

    stage: str
    equal: int
    near: int
    other: int
    not_recorded: int
    most: float
    first: Difference | None


@dataclasses.dataclass(frozen=True)
class Parity:
    """`broken` is the first stage that is another one: "pixels", "resized", "input", "outputs", "answers"; None where
    all are the same. A true value is a model that does what training did."""

    broken: str | None
    stages: list[Stage]
    document: dict[str, typing.Any] = dataclasses.field(repr=False)

    def __bool__(self) -> bool:
        return self.broken is None

    def __getitem__(self, stage: str) -> Stage:
        return next(one for one in self.stages if one.stage == stage)


def check(
    model: Path,
    record: Path,
    spec: Path | None = None,
    preset: str | None = None,
    *,
    provider: Words = "cpu",
    runtime: Path | None = None,
    near_resize: bool = False,
    outputs: float = 1e-4,
    progress: Progress | None = None,
) -> Parity:
    """Replays a record with an exported model and its contract, as `vetset parity` does. `near_resize` takes another
    resizer: a level in at most 12 % of the values; `outputs` is how far raw outputs may be apart."""
    document = json.loads(
        _core.parity(
            os.fspath(model), os.fspath(record), "" if spec is None else os.fspath(spec), preset or "", _runtime(runtime),
            _words(provider), near_resize, outputs, progress,
        )
    )
    stages = [Stage(**{**one, "first": Difference(**one["first"]) if one["first"] else None}) for one in document["stages"]]
    return Parity(document["broken"], stages, document)


def _chosen(images: typing.Any, most: int) -> list[tuple[pathlib.Path, list[str]]]:
    if isinstance(images, (str, os.PathLike)):
        return [(pathlib.Path(path), covers) for path, covers in golden_set(images, most)]
    chosen = [(pathlib.Path(path), []) for path in images]
    if not chosen:
        raise Error("usage", "no images were given; a record needs some")
    return chosen


def _one(
    part: pathlib.Path, n: int, path: pathlib.Path, covers: list[str], keep: bool, prepare: Prepare, run: Run, finish: Finish
) -> dict[str, typing.Any]:
    data = path.read_bytes()
    file = f"images/{n:04}{path.suffix.lower()}"
    (part / file).write_bytes(data)
    told: dict[str, typing.Any] = {"name": path.name, "file": file, "sha256": hashlib.sha256(data).hexdigest(), "covers": covers}
    try:
        prepared = prepare(path)
    except Exception as error:  # noqa: BLE001
        if "cut off" not in covers:  # a damaged file may be refused, and must be there, too
            raise
        return {**told, "refused": f"{type(error).__name__}: {error}"}
    prepared = dict(prepared) if isinstance(prepared, collections.abc.Mapping) else {"input": prepared}
    if "input" not in prepared:
        raise Error("usage", f"preprocess_fn gave {', '.join(map(str, prepared))}; expected 'input' among them")
    for stage in STAGES:
        if prepared.get(stage) is not None:
            values = _array(prepared[stage], stage)
            if stage != "input" and values.dtype != "uint8":
                raise Error("usage", f"{stage} are {values.dtype} of shape {values.shape}; expected uint8, height x width x 3 in RGB")
            told[stage] = _kept(part, f"values/{n:04}-{stage}.npy", values, keep)
    raw = run(prepared["input"])
    named = raw.items() if isinstance(raw, collections.abc.Mapping) else [("", one) for one in (raw if isinstance(raw, (list, tuple)) else [raw])]
    told["outputs"] = [
        {"name": str(name), **_kept(part, f"values/{n:04}-output{k}.npy", _array(one, "an output"), keep)} for k, (name, one) in enumerate(named)
    ]
    answer = finish(raw, {**prepared, "path": path})
    told.update(_answer(answer))
    return told


def _array(values: typing.Any, what: str) -> typing.Any:
    """As NumPy holds it, in C order."""
    import numpy as np

    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    array = np.ascontiguousarray(values)
    if array.dtype.kind not in "fiub" or array.dtype.byteorder == ">":
        raise Error("usage", f"{what} holds {array.dtype}; expected numbers")
    return array.reshape(np.shape(values))


def _kept(part: pathlib.Path, file: str, array: typing.Any, keep: bool) -> dict[str, typing.Any]:
    """The form, the digest over it and the bytes, and the file with the values where they are kept."""
    import numpy as np

    form = f"{array.dtype.name} {'x'.join(map(str, array.shape)) if array.shape else 'scalar'}"
    digest = hashlib.sha256(f"{form}\n".encode())
    digest.update(array.tobytes())
    told = {"type": array.dtype.name, "shape": list(array.shape), "sha256": digest.hexdigest()}
    if keep:
        np.save(part / file, array, allow_pickle=False)
        told["file"] = file
    return told


def _answer(answer: typing.Any) -> dict[str, typing.Any]:
    if not isinstance(answer, collections.abc.Mapping):
        raise Error("usage", f"postprocess_fn gave a {type(answer).__name__}; expected a dict of boxes, scores and labels")
    if answer.get("embedding") is not None:
        return {"embedding": _array(answer["embedding"], "embedding").reshape(-1).tolist()}
    lacking = [key for key in ("scores", "labels") if answer.get(key) is None]
    if lacking:
        raise Error("usage", f"postprocess_fn gave {', '.join(map(str, answer))}; expected {' and '.join(lacking)} among them")
    scores = _array(answer["scores"], "scores").reshape(-1).tolist()
    labels = [one if isinstance(one, str) else int(one) for one in answer["labels"]]
    objects = [{"label": label, "score": score} for label, score in zip(labels, scores, strict=True)]
    turned = answer.get("rotated") is not None
    for key, take in (("rotated", _turned), ("boxes", _boxed), ("keypoints", _pointed), ("masks", _masked)):
        values = answer.get(key)
        if values is None or (turned and key in ("boxes", "masks")):
            continue
        if len(values) != len(objects):
            raise Error("usage", f"{key} has {len(values)} rows; expected {len(objects)}, as scores")
        for one, value in zip(objects, values, strict=True):
            take(one, value)
    return {"objects": objects}


def _boxed(one: dict[str, typing.Any], box: typing.Any) -> None:
    one["box"] = [float(v) for v in box]


def _turned(one: dict[str, typing.Any], box: typing.Any) -> None:
    *one["box"], one["angle"] = (float(v) for v in box)


def _pointed(one: dict[str, typing.Any], points: typing.Any) -> None:
    points = [[float(v) for v in point] for point in points]
    one["keypoints"] = [v for x, y, *rest in points for v in (x, y, rest[0] if rest else 1.0)]


def _masked(one: dict[str, typing.Any], mask: typing.Any) -> None:
    import numpy as np

    from .pycocotools import mask as masks

    if isinstance(mask, collections.abc.Mapping):
        counts = mask["counts"]
    else:
        counts = masks.encode(np.asfortranarray(_array(mask, "a mask") != 0, dtype=np.uint8))["counts"]
    one["mask"] = counts.decode() if isinstance(counts, bytes) else counts


def _versions() -> dict[str, str]:
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for name in LIBRARIES:
        version = getattr(sys.modules.get(name), "__version__", None)
        if isinstance(version, str):
            found[name] = version
    return found
