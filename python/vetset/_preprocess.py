"""What happens before a network, as its contract says: the same code for training and for serving."""

from __future__ import annotations

import collections.abc
import json
import os
import pathlib
import typing

from . import _core

if typing.TYPE_CHECKING:
    import numpy

    from ._arguments import Path

    Pixels = numpy.ndarray[typing.Any, numpy.dtype[numpy.uint8]]
    Image = Path | bytes | Pixels
    Contract = Path | collections.abc.Mapping[str, typing.Any]


def model_presets() -> list[str]:
    """The names of ready-made contracts: "ultralytics/detect", "torchvision/classify" and others."""
    return _core.model_presets()


def _text(contract: Contract, changes: collections.abc.Mapping[str, typing.Any]) -> tuple[str, str]:
    """The contract as YAML, and what messages call it."""
    if isinstance(contract, collections.abc.Mapping):
        return json.dumps({"version": 1, **contract, **changes}), "contract"
    name = os.fsdecode(os.fspath(contract))
    if not name.endswith((".yaml", ".yml")):
        stated = json.loads(_core.model_preset(name))
        for section, fields in changes.items():
            stated[section] = {**stated[section], **fields} if isinstance(fields, collections.abc.Mapping) else fields
        return json.dumps(stated), name
    if changes:
        raise TypeError(f"{name} states everything; only presets are changed by keywords")
    return pathlib.Path(name).read_text(encoding="utf-8"), name


class Preprocess:
    """The steps before a network: `prepare(image)` gives the input tensor as a NumPy array. `contract` is the path of a
    `model.yaml`, the name of a preset, or a mapping with the same keys; `changes` replace sections or fields of a preset
    (`resize={"width": 320, "height": 320}`). Threads may share it: the interpreter's lock is released meanwhile."""

    def __init__(self, contract: Contract, **changes: typing.Any) -> None:
        self._steps = _core.Steps(*_text(contract, changes))

    def __call__(self, image: Image) -> numpy.ndarray[typing.Any, typing.Any]:
        """The tensor, with a first axis of 1, of a file's path, its bytes, or decoded pixels: uint8, height x width x 3
        in RGB, or height x width. An image that the contract refuses raises `vetset.Error`."""
        return self._steps.input(_given(image))

    def stages(self, image: Image) -> dict[str, typing.Any]:
        """What each stage gives: `pixels` as decoded, `resized` with its padding, `input`; and the `placement`."""
        return self._steps.stages(_given(image))

    def place(self, width: int, height: int) -> dict[str, typing.Any]:
        """Where an image of that size lies in the input: x_input = x_image * scale + begins."""
        return self._steps.place(width, height)

    @property
    def digest(self) -> str:
        """Of the contract, as it binds predictions to what made them."""
        return self._steps.digest

    @property
    def yaml(self) -> str:
        """The contract as `model.yaml`, every field with what it means."""
        return self._steps.yaml

    def __repr__(self) -> str:
        return f"<vetset.Preprocess {self.digest}>"


def _given(image: Image) -> typing.Any:
    return pathlib.Path(os.fsdecode(os.fspath(image))).read_bytes() if isinstance(image, (str, os.PathLike)) else image


def preprocess(image: Image, contract: Contract, **changes: typing.Any) -> numpy.ndarray[typing.Any, typing.Any]:
    """One image as a network's input; `Preprocess` is the same for many, and reads the contract once."""
    return Preprocess(contract, **changes)(image)
