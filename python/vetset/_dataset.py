"""Opened datasets, and what can be done with them."""

from __future__ import annotations

import collections.abc
import dataclasses
import os
import shlex
import typing

from . import _core
from ._error import Error
from ._package import seal as seal_folder
from ._proof import Proof

Path = typing.Union[str, "os.PathLike[str]"]
#: Called in the calling thread now and then: what is done, how much of it, out of how much (0: not known). What it
#: raises stops the work and comes out of the call.
Progress = collections.abc.Callable[[str, int, int], object]


def _words(chosen: str | collections.abc.Iterable[str]) -> list[str]:
    return [word for word in chosen.split(",") if word] if isinstance(chosen, str) else list(chosen)


class Dataset:
    """A dataset that was opened with `vetset.open`. It never changes; many threads may use it at once."""

    __slots__ = ("_path", "_source")

    def __init__(self, source: _core.Source, path: str) -> None:
        self._source = source
        self._path = path

    @property
    def path(self) -> str:
        """As it was given to `open`."""
        return self._path

    @property
    def format(self) -> str:
        """The format it was read as: "coco"."""
        return self._source.format

    @property
    def dialect(self) -> str:
        """The variant of the format: "roboflow"; empty where there is none."""
        return self._source.dialect

    @property
    def notes(self) -> list[str]:
        """What the reader took for granted: how the images were found, and the like."""
        return self._source.notes

    @property
    def images(self) -> _core.Images:
        return self._source.images

    @property
    def annotations(self) -> _core.Annotations:
        return self._source.annotations

    @property
    def categories(self) -> _core.Categories:
        return self._source.categories

    @property
    def splits(self) -> _core.Splits:
        return self._source.splits

    @property
    def memberships(self) -> _core.Memberships:
        """Which image is in which split."""
        return self._source.memberships

    @property
    def labels_id(self) -> str:
        """The identity of what the labels say, without the images: "sha256:…". Computed when asked for."""
        return _core.labels_id(self._source, 0, None)

    @property
    def dataset_id(self) -> str:
        """The identity of labels and images: "sha256:…". Reads every image; raises where one is missing."""
        return _core.dataset_id(self._source, 0, None)

    def check(
        self,
        select: str | collections.abc.Iterable[str] = (),
        ignore: str | collections.abc.Iterable[str] = (),
        *,
        images: bool = True,
        threads: int = 0,
        progress: Progress | None = None,
    ) -> _core.CheckReport:
        """What is wrong with it, how certain that is, and what a trainer will see.

        `select` and `ignore` name rules by code ("FMT407"), the beginning of codes ("LBL1") or name
        ("box-outside-image"), as a list or with commas. `images=False` does not look at the image files.
        """
        return _core.check(self._source, _words(select), _words(ignore), images, threads, progress)

    def convert(
        self,
        dst: Path,
        to: str,
        *,
        task: str | None = None,
        accept: str = "",
        images: typing.Literal["copy", "hardlink", "none"] = "copy",
        digits: int | None = None,
        dry_run: bool = False,
        overwrite: bool = False,
        proof: Path | None = None,
        threads: int = 0,
        progress: Progress | None = None,
    ) -> Proof:
        """Writes it in another format, reads that back, compares every field, and publishes what is proved.

        Where the target would teach something else, it raises an `Error` of code "refused" until `accept` says what
        to do ("crowd=drop,parts=bridge", or "all" for what most people choose). The proof is written beside the
        target, or to `proof`; a `dry_run` publishes nothing.
        """
        target = os.fspath(dst)
        converted = _core.convert(
            self._source,
            target,
            to,
            task or "",
            accept,
            images,
            -1 if digits is None else digits,
            dry_run,
            overwrite,
            "" if proof is None else proof,
            threads,
            progress,
        )
        done = Proof(converted)
        if done.verdict == "undecided":
            raise self._undecided(done, target, to, task, accept)
        if done.verdict == "undeclared":
            error = Error("defect", f"a loss that {to} does not declare: nothing was published", done.proof_path)
            error.proof = done
            raise error
        return done

    def _undecided(self, proof: Proof, target: str, to: str, task: str | None, accept: str) -> Error:
        answers = ",".join(word for word in (accept, proof.accept) if word)
        command = ["vetset", "convert", self._path, target, "--to", to]
        command += (["--task", task] if task else []) + ["--accept", answers]
        open_ones = [d for d in proof.decisions if d["policy"] == "unset"]
        asked = "; ".join(f"{d['decision']} ({d['count']}, first {d['first']}): {d['why']}" for d in open_ones)
        error = Error(
            "refused", f"{to} needs decisions: {asked}. accept={answers!r} takes what most people choose", self._path
        )
        error.proof = proof
        error.accept = answers
        error.command = shlex.join(command)
        return error

    def seal(
        self,
        *,
        key: Path | None = None,
        passphrase: str = "",
        name: str = "",
        version: str = "",
        threads: int = 0,
        progress: Progress | None = None,
    ) -> _core.Seal:
        """Seals the folder it was opened from: see `vetset.seal`."""
        return seal_folder(
            self._path,
            key=key,
            passphrase=passphrase,
            name=name,
            version=version,
            format=self.format,
            threads=threads,
            progress=progress,
        )

    def __repr__(self) -> str:
        return (
            f"<vetset.Dataset {self._path!r}: {self.format}, {len(self.images)} images, "
            f"{len(self.annotations)} annotations, {len(self.categories)} categories>"
        )


def open(
    path: Path,
    format: str | None = None,
    images_dir: Path | None = None,
    threads: int = 0,
    *,
    progress: Progress | None = None,
) -> Dataset:
    """Opens a dataset: its folder, an archive of it (zip, tar), or one annotation file.

    The format is found by itself where `format` does not name it. `images_dir` is where images are looked for first;
    `threads=0` takes what the machine has.
    """
    path = os.fspath(path)
    images = "" if images_dir is None else images_dir
    return Dataset(_core.open(path, format or "", images, threads, progress), path)


@dataclasses.dataclass(frozen=True)
class Detected:
    """A format that a path could be, how sure that is (100: certain), and why."""

    format: str
    score: int
    evidence: list[str]
    dialect: str


def detect(path: Path, *, progress: Progress | None = None) -> list[Detected]:
    """Which formats a path could be, best first, without reading it."""
    return [Detected(*found) for found in _core.detect(path, progress)]
