"""An exported model behind its contract: images in, answers out, and each step of it alone."""

from __future__ import annotations

import collections.abc
import json
import os
import pathlib
import tempfile
import typing

from . import _core
from ._arguments import Words, _words
from ._error import Error
from ._opened import Opened

if typing.TYPE_CHECKING:
    import numpy

    from ._arguments import Path, Progress
    from ._dataset import Dataset
    from ._preprocess import Image

    Array = numpy.ndarray[typing.Any, typing.Any]

#: What is an image by its name; all else that is a path is a dataset.
ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif", ".heic", ".heif", ".avif", ".jp2", ".dng", ".mpo", ".pfm", ".ppm", ".pgm")


class Answer(dict[str, typing.Any]):
    """What a model says of one image: `scores` and `labels`, and `boxes` as corners in the image's pixels, `keypoints`
    and `masks` where it gives them; a rotated box has its own numbers in `rotated` (centre, width, height, radians), and
    `boxes` go around it; of models that give a vector `embedding`. `image` is its width and height."""

    def __getattr__(self, name: str) -> typing.Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"this answer has no {name}; it has {', '.join(self)}") from None


class Predictions(dict[str, Answer]):
    """Answers by the image's path; `evaluate` and `check` take it as predictions. `problems` says why an image has none."""

    box_format = "as_corners"

    def __init__(self, answers: collections.abc.Mapping[str, Answer], problems: collections.abc.Mapping[str, str]) -> None:
        super().__init__(answers)
        self.problems = dict(problems)


class Model:
    """An exported model (ONNX) and the contract of what happens before and after it: `spec`, a `model.yaml`; else the
    file beside the model; else what the model says of itself, with the steps of a `preset`. Threads may share it: the
    interpreter's lock is released while it works."""

    def __init__(
        self,
        path: Path,
        spec: Path | None = None,
        preset: str | None = None,
        *,
        provider: Words = "cpu",
        runtime: Path | None = None,
        threads: int = 0,
    ) -> None:
        self._core = _core.Model(
            os.fspath(path),
            "" if spec is None else os.fspath(spec),
            preset or "",
            _runtime(runtime),
            _words(provider),
            threads,
        )
        self.path = pathlib.Path(path)
        self.spec: dict[str, typing.Any] = json.loads(self._core.spec)
        self._names = [str(one["name"]) for one in self.spec["classes"]]

    @property
    def digest(self) -> str:
        """Of the contract."""
        return self._core.digest

    @property
    def sha256(self) -> str:
        """Of the model's file."""
        return self._core.sha256

    @property
    def yaml(self) -> str:
        """The contract as `model.yaml`, every field with what it means."""
        return self._core.yaml

    @property
    def notes(self) -> list[str]:
        """What was guessed, where no contract was given."""
        return self._core.notes

    @property
    def providers(self) -> list[str]:
        """What executes it."""
        return self._core.providers

    @property
    def classes(self) -> list[str]:
        """Names, in the order of the model's outputs; empty: the contract has none."""
        return list(self._names)

    @typing.overload
    def predict(self, x: Dataset, **options: typing.Any) -> Predictions: ...
    @typing.overload
    def predict(self, x: bytes, **options: typing.Any) -> Answer: ...
    @typing.overload
    def predict(self, x: typing.Any, **options: typing.Any) -> typing.Any: ...
    def predict(
        self, x: typing.Any, *, format: str | None = None, batch: int = 1, threads: int = 0, progress: Progress | None = None
    ) -> typing.Any:
        """What the model finds.

        `x` is an image (its path, its bytes, or pixels: uint8, height x width x 3 in RGB): an `Answer`; a list of them:
        a list of answers; a dataset, its path, or a folder of images: `Predictions`, which `evaluate` and `check` take.
        `format`, `batch`, `threads` and `progress` are of datasets; `vetset infer` writes those that are larger than
        memory, and goes on where it was stopped.
        """
        if isinstance(x, (list, tuple)):
            return [self.predict(one) for one in x]
        if isinstance(x, Opened):
            return self._over("", format, x._source, batch, threads, progress)
        if isinstance(x, (str, os.PathLike)):
            path = pathlib.Path(os.fsdecode(os.fspath(x)))
            if path.is_dir() or path.suffix.lower() not in ENDINGS:
                return self._over(os.fspath(path), format, None, batch, threads, progress)
        return self._told(self._core.predict(_image(x)))

    def preprocess(self, x: Image) -> tuple[Array, dict[str, typing.Any]]:
        """The input tensor of an image, and where the image lies in it: x_input = x_image * scale + begins."""
        return self._core.prepare(_image(x))

    def run(self, tensor: typing.Any) -> dict[str, Array]:
        """Raw outputs by name, in the runtime's own memory; the input is looked at where it lies."""
        return self._core.run(tensor)

    def postprocess(
        self, outputs: collections.abc.Mapping[str, typing.Any] | collections.abc.Sequence[typing.Any],
        placement: collections.abc.Mapping[str, typing.Any], index: int = 0,
    ) -> Answer:
        """From raw outputs to what they say of the image: `outputs` as `run` gives them, or a list in the order of the
        head; `placement` as `preprocess` gives it; `index` is the image's place in the batch."""
        if isinstance(outputs, collections.abc.Mapping):
            lacking = [name for name in self._core.outputs if name not in outputs]
            if lacking:
                raise Error("usage", f"found outputs {', '.join(map(str, outputs))}; expected {', '.join(lacking)}, too")
            outputs = [outputs[name] for name in self._core.outputs]
        return self._told(self._core.postprocess(list(outputs), index, dict(placement)))

    def _over(self, path: str, format: str | None, source: typing.Any, batch: int, threads: int, progress: Progress | None) -> Predictions:
        with tempfile.TemporaryDirectory(prefix="vetset-") as folder:
            found, problems = self._core.infer(path, format or "", source, batch, os.path.join(folder, "journal"), threads, progress)
        return Predictions({name: self._told(answer) for name, answer in found.items()}, problems)

    def _told(self, answer: dict[str, typing.Any]) -> Answer:
        import numpy as np

        if "labels" in answer:
            answer["labels"] = [self._names[n] if n < len(self._names) else f"class {n}" for n in answer["labels"].tolist()]
        if "angles" in answer:
            rotated = np.concatenate([answer["boxes"], answer.pop("angles")[:, None]], axis=1)
            corners = _corners(rotated)
            answer["rotated"] = rotated
            answer["boxes"] = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1).reshape(-1, 4)
            answer["masks"] = [[outline.reshape(-1).tolist()] for outline in corners]
        return Answer(answer)

    def __repr__(self) -> str:
        return f"<vetset.Model {self.path.name}, {self.spec['task']}, {len(self._names)} classes>"


def _runtime(given: Path | None) -> str:
    """Which ONNX Runtime: what was named, else what the library looks for, else the package of this interpreter."""
    if given is not None:
        return os.fspath(given)
    if os.environ.get("VETSET_ORT_LIB"):
        return ""
    import importlib.util

    found = importlib.util.find_spec("onnxruntime")
    if found is None or not found.submodule_search_locations:
        return ""
    capi = pathlib.Path(next(iter(found.submodule_search_locations))) / "capi"
    return str(capi) if capi.is_dir() else ""


def _image(x: typing.Any) -> typing.Any:
    return pathlib.Path(os.fsdecode(os.fspath(x))).read_bytes() if isinstance(x, (str, os.PathLike)) else x


def _corners(rotated: typing.Any) -> typing.Any:
    """N x 4 x 2 of centre, width, height, radians."""
    import numpy as np

    x, y, width, height, angle = (rotated[:, k] for k in range(5))
    across = np.stack([np.cos(angle) * width, np.sin(angle) * width], axis=1) / 2
    down = np.stack([-np.sin(angle) * height, np.cos(angle) * height], axis=1) / 2
    centre = np.stack([x, y], axis=1)
    return np.stack([centre - across - down, centre + across - down, centre + across + down, centre - across + down], axis=1)
