"""An exported model over a dataset: `vetset infer` in Python."""

from __future__ import annotations

import contextlib
import os
import typing

from . import _core
from ._dataset import Dataset
from ._error import Error
from ._reports import Document

if typing.TYPE_CHECKING:
    from ._arguments import Path, Progress
    from ._proof import Proof


class Inferred(Document):
    """Which model, contract, runtime and images predictions are of, and what came of it (docs/schema/inference-v1.json).
    True where every image has an answer."""

    def __init__(self, done: _core.Inferred, target: str, proof: Proof | None) -> None:
        super().__init__(done.json)
        #: the folder that was made
        self.target: str = target
        #: what is in it; of labels in a format see `proof`
        self.files: list[str] = done.files
        #: where this document lies as a file
        self.path: str = done.record or f"{target}.inference.json"
        #: of labels that were written in a format; None: COCO results, or embeddings
        self.proof: Proof | None = proof
        #: what was guessed of the contract or the data
        self.notes: list[str] = done.notes

    @property
    def problems(self) -> list[str]:
        """Images without an answer, and why: the first of them."""
        return list(self["first_problems"])

    def __bool__(self) -> bool:
        return self["problems"] == 0

    def __repr__(self) -> str:
        missing = f", {self['problems']} without an answer" if self["problems"] else ""
        return f"<vetset.Inferred {self['images']} images, {self['found']} found{missing}>"


def _part(shard: str | tuple[int, int] | None) -> tuple[int, int]:
    """"2/8" or (2, 8): the third of eight."""
    if shard is None:
        return 0, 1
    parts = shard.split("/") if isinstance(shard, str) else shard
    with contextlib.suppress(TypeError, ValueError):
        i, n = map(int, parts)
        if 0 <= i < n < 1 << 32:
            return i, n
    raise Error("usage", f"shard is {shard!r}, expected I/N, as 0/4 to 3/4")


def infer(
    model: Path,
    data: Dataset | Path,
    output: Path,
    *,
    spec: Path | None = None,
    preset: str | None = None,
    provider: typing.Literal["cpu", "cuda", "tensorrt", "openvino", "auto"] = "cpu",
    runtime: Path | None = None,
    batch: int = 1,
    shard: str | tuple[int, int] | None = None,
    to: str | None = None,
    task: str | None = None,
    accept: str = "",
    images: typing.Literal["copy", "hardlink", "none"] = "copy",
    digits: int | None = None,
    overwrite: bool = False,
    proof: Path | None = None,
    format: str | None = None,
    images_dir: Path | None = None,
    threads: int = 0,
    progress: Progress | None = None,
) -> Inferred:
    """Runs an exported model (ONNX) over a dataset, a package or a folder of images, as its contract says.

    The contract is `spec`; else the file beside the model (best.onnx: best.yaml, model.yaml); else what the model says of
    itself, with the steps of a `preset`. `output` gets results.json (COCO results), or embeddings.npy and embeddings.txt;
    with `to` labels of that format, as `Dataset.convert` writes them with `task`, `accept`, `images`, `digits` and
    `proof`. Beside it lies "output.inference.json".

    `batch` images go through the model at once; `shard="0/4"` takes every fourth. Images that cannot be read are told
    (`problems`). Where a run was stopped or killed, the same call goes on. `runtime` is the file of ONNX Runtime.
    """
    target = os.fspath(output)
    i, n = _part(shard)
    if not 0 < batch < 1 << 32:
        raise Error("usage", f"batch is {batch}, expected how many images a run of the model takes")
    given = data._source if isinstance(data, Dataset) else None
    path = data.path if isinstance(data, Dataset) else os.fspath(data)
    done = _core.infer(
        os.fspath(model),
        "" if spec is None else spec,
        preset or "",
        provider,
        "" if runtime is None else runtime,
        given,
        path,
        format or "",
        "" if images_dir is None else images_dir,
        target,
        i,
        n,
        batch,
        to is not None,
        overwrite,
        threads,
        progress,
    )
    if to is None:
        return Inferred(done, target, None)
    written = Dataset(typing.cast("_core.Source", done.source), path).convert(
        target, to, task=task, accept=accept, images=images, digits=digits, overwrite=overwrite, proof=proof,
        threads=threads, progress=progress,
    )
    with contextlib.suppress(FileNotFoundError):
        os.unlink(done.journal)
    return Inferred(done, target, written)
