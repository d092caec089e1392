"""An opened dataset, and what can be found out about it. What changes or writes one is in _dataset.py."""

from __future__ import annotations

import collections.abc
import json
import os
import typing

from . import _check, _core, _html
from ._arguments import Embeddings, Near, Path, Progress, Words, _embeddings, _tier, _words
from ._check import Probabilities
from ._handed import Privacy, Stripped
from ._predictions import Predictions
from ._reports import ContractReport, NearDuplicates, Report, Scan, Stats, Step
from ._rules import Rules
from ._split import SplitCheck

if typing.TYPE_CHECKING:
    import numpy
    import numpy.typing


class Opened:
    """What a dataset holds, and the verbs that look at it."""

    __slots__ = ("_path", "_report", "_source")

    def __init__(self, source: _core.Source, path: str, report: Report | None = None) -> None:
        self._source = source
        self._path = path
        self._report = report

    @property
    def path(self) -> str:
        """As it was given to `open`."""
        return self._path

    @property
    def format(self) -> str:
        """The format it was read as: "coco"; empty for one made of several formats."""
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
    def report(self) -> Report | None:
        """What the last edit did; None for a dataset as it was opened."""
        return self._report

    @property
    def steps(self) -> list[Step]:
        """What was done since it was read, in order. `convert` writes each document beside the result."""
        return [Step(name, summary, json.loads(text)) for name, summary, text in self._source.steps]

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
        select: Words | None = None,
        ignore: Words | None = None,
        *,
        images: bool = True,
        pixels: bool | None = None,
        near: typing.Literal["basic", "views", "full"] | None = None,
        objects: bool = False,
        known: Path | collections.abc.Iterable[Path] = (),
        cache: bool = True,
        trainer: str | None = None,
        baseline: Path | None = None,
        fail_on: typing.Literal["error", "warning", "note", "never"] | None = None,
        severity: collections.abc.Mapping[str, str] | None = None,
        thresholds: collections.abc.Mapping[str, object] | None = None,
        today: str | None = None,
        proof: Path | None = None,
        previous: Path | None = None,
        lock: Path | None = None,
        config: Path | typing.Literal["none"] | None = None,
        contract: Path | None = None,
        rules: Rules | None = None,
        diff_from: str | Path | None = None,
        predictions: Predictions | None = None,
        match_images: typing.Literal["auto", "id", "path", "name", "stem"] = "auto",
        match_classes: typing.Literal["auto", "id", "name", "index", "index1"] = "auto",
        classes: collections.abc.Mapping[str, str] | None = None,
        box_format: typing.Literal["xyxy", "xywh"] = "xyxy",
        probabilities: Probabilities | None = None,
        probabilities_paths: Path | collections.abc.Sequence[str] | None = None,
        probabilities_classes: Path | collections.abc.Sequence[str] | None = None,
        folds: Path | collections.abc.Sequence[object] | None = None,
        out_of_fold: bool = False,
        embeddings: Embeddings | None = None,
        embeddings_paths: Path | collections.abc.Sequence[str] | None = None,
        report: Path | None = None,
        threads: int = 0,
        progress: Progress | None = None,
    ) -> _core.CheckReport:
        """What is wrong with it, how certain that is, and what a trainer will see.

        `select` and `ignore` name rules by code ("FMT407"), the beginning of codes ("LBL1") or name
        ("box-outside-image"), as a list or with commas. `images=False` does not look at the image files; `pixels=True`
        decodes them all and searches near-duplicates, as `near` says ("full" finds free crops). `objects=True` also
        compares objects across splits (LEA313), and `known` are tables of others' pictures, as `scan` of those gives
        and saves them: which of them are here (LEA317). Both ask for pixels. What was measured of
        pixels is remembered by content, unless `cache=False`. `trainer`
        asks one trainer's loader alone ("ultralytics"). Findings of a `baseline` do not count. `fail_on` is the
        severity from which on `report.ok` is False; `severity` maps rules to error, warning, note or off;
        `thresholds` sets what rules heed, as `vetset explain` names them (`{"image-size": 1280}`). What is not said
        here, the nearest vetset.toml may say, or the one that `config` names; "none" looks for none. `contract` is a
        coverage contract. `report` is a file that gets the whole of it as one HTML page.

        `rules` are a team's own, beside those of the catalogue: functions marked with `vetset.rule`, modules or files of
        such; those that vetset.toml names if not said, none for `[]`.

        `diff_from` is an earlier dataset, a package, or a revision of git: only what is new since counts.

        `predictions` are what a model sees, in any form that `vetset.evaluate` takes; `probabilities` are a row of
        numbers an image or annotation, an array or a file, in the order of the dataset's images (annotations) and
        classes, unless `probabilities_paths` and `probabilities_classes` name them. float32 in C order is looked into
        where it lies; other floats are converted. `folds` says a fold a row, or `out_of_fold=True` that the model had
        not seen these labels; else what it says is a hint.

        `embeddings` are a row of numbers an image: an array of two dimensions, a .npy or a .parquet file. Images of
        splits that are unusually near in it are hints (LEA314). Rows are in the order of `images`, unless
        `embeddings_paths` names them: a list of paths, or beside a .npy file a file with one a line.

        `previous` is an earlier version, a dataset or a package: classes that moved since then are found (FMT410).

        An edited dataset is judged by its labels and images; what only files can show (what a trainer's loader reads,
        proofs and locks beside them) is there once it was converted.
        """
        asked: _check.Asked = {
            "select": select, "ignore": ignore, "images": images, "pixels": pixels, "near": near, "objects": objects,
            "known": known, "cache": cache, "trainer": trainer, "baseline": baseline, "fail_on": fail_on, "severity": severity, "thresholds": thresholds,
            "today": today, "proof": proof, "previous": previous, "lock": lock, "config": config, "contract": contract,
            "threads": threads,
        }
        bound = _check.bind(
            self, predictions=predictions, match_images=match_images, match_classes=match_classes, classes=classes,
            box_format=box_format, probabilities=probabilities, probabilities_paths=probabilities_paths,
            probabilities_classes=probabilities_classes, folds=folds, out_of_fold=out_of_fold, embeddings=embeddings,
            embeddings_paths=embeddings_paths, threads=threads, progress=progress,
        )
        done = _check.run(
            self,
            self._path if not self.steps or self.steps[-1].name != "combine" else "",
            asked,
            rules=rules,
            diff_from=None if diff_from is None else os.fspath(diff_from),
            bound=bound,
            arrays={"probabilities": probabilities, "embeddings": embeddings},
            progress=progress,
        )
        if report is not None:
            done.save(report)
        return done

    def privacy(
        self, *, images: bool = True, threads: int = 0, progress: Progress | None = None
    ) -> Privacy:
        """What it tells of people and places without being asked: metadata of image files, and names, paths and
        addresses in what the labels say. Looks at no pixels."""
        return Privacy(_core.privacy(self._source, images, threads, progress))

    def strip_metadata(
        self,
        dst: Path,
        *,
        overwrite: bool = False,
        dry_run: bool = False,
        threads: int = 0,
        progress: Progress | None = None,
    ) -> Stripped:
        """Copies its files to a new folder, images without metadata, but for colour profiles and orientation; pixels
        stay to the byte."""
        return Stripped(_core.strip_metadata(self._source, dst, overwrite, dry_run, threads, progress))

    def scan(
        self,
        *,
        pdq: bool = False,
        cache: bool | Path = True,
        rehash: bool = False,
        threads: int = 0,
        progress: Progress | None = None,
    ) -> Scan:
        """Reads and decodes every image once, and measures it: hashes, fingerprint, sharpness, EXIF.

        `scan.facts` has a row an image. What was measured is remembered by content, in a file that `cache` names or in
        the user's cache folder, so a second scan reads only what changed; `cache=False` remembers nothing, and
        `rehash=True` trusts no time of a file and reads all of them. `pdq=True` adds PDQ hashes. An image that cannot
        be decoded says so in its row; it never stops the scan.
        """
        cached = not isinstance(cache, bool)
        return Scan(
            _core.scan(self._source, pdq, bool(cache), os.fspath(cache) if cached else None, rehash, threads, progress)
        )

    def near_duplicates(
        self,
        near: typing.Literal["basic", "views", "full"] = "views",
        *,
        kinds: Words | None = None,
        radius: int | None = None,
        group_by: Words = (),
        embeddings: Embeddings | None = None,
        embeddings_paths: Path | collections.abc.Sequence[str] | None = None,
        cache: bool | Path = True,
        threads: int = 0,
        progress: Progress | None = None,
    ) -> NearDuplicates:
        """Pairs of images that show the same picture, and the clusters that they make.

        `kinds` are any of bytes, pixels, coefficients, near, flipped, cropped, augmented, sequence, burst, place-time,
        key, tile and embedding; the first seven, and embedding where `embeddings` are given, if not said. Every pair
        of fingerprints within `radius` (bits of 256; calibrated on this dataset's unrelated pairs if not said) is
        looked at, none is sampled, and what is near by fingerprint is confirmed on pixels. `near="full"` also finds
        free crops. `group_by` adds links by key, as `split` takes them. The images are scanned first, as `scan` does,
        with its `cache`. `embeddings` are taken as `check` takes them: each image outside training is held against all
        of training, and its nearest one is a pair of kind embedding where it is nearer than 99 % of training images are
        to each other (without a split called train: all against all). Such pairs are hints, and join no clusters;
        `score` is their cosine.
        """
        asked = ("bytes", "pixels", "coefficients", "near", "flipped", "cropped", "augmented")
        cached = not isinstance(cache, bool)
        return NearDuplicates(
            _core.links(
                self._source,
                _words((asked if embeddings is None else (*asked, "embedding")) if kinds is None else kinds),
                near,
                radius,
                _words(group_by),
                bool(cache),
                os.fspath(cache) if cached else None,
                threads,
                progress,
                _embeddings(embeddings),
                _embeddings(embeddings_paths),
            )
        )

    def split_check(
        self,
        *,
        lock: Path | None = None,
        group_by: Words = (),
        near: Near | None = None,
        radius: int | None = None,
        margin: int = 0,
        cache: bool = True,
        threads: int = 0,
        progress: Progress | None = None,
    ) -> SplitCheck:
        """Whether its splits leak, whoever made them: a truth value, with every cluster that leaks and a pair of each.

        With a `lock` (or one in the dataset or beside it) also whether what that recorded can be derived again.
        `margin` lists pairs so many bits beyond the radius, too.
        """
        return SplitCheck(
            *_core.check_split(
                self._source,
                "" if lock is None else lock,
                _words(group_by),
                _tier(near),
                radius,
                margin,
                cache,
                threads,
                progress,
            )
        )

    def indices(self, split: str) -> numpy.typing.NDArray[numpy.int64]:
        """Rows of `images` that are in a split, ascending: for `X[ds.indices("train")]`, `DataFrame.iloc`, or
        `torch.utils.data.Subset`."""
        import numpy

        names = list(self.splits.name)
        rows = [row for row, name in enumerate(names) if name == split]
        if not rows:
            known = ", ".join(dict.fromkeys(names)) or "none"
            raise KeyError(f"there is no split {split!r}, only: {known}")
        inside = numpy.isin(self.memberships.split, rows)
        return numpy.unique(self.memberships.image[inside]).astype(numpy.int64)

    def folds(self) -> list[tuple[numpy.typing.NDArray[numpy.int64], numpy.typing.NDArray[numpy.int64]]]:
        """Each split in turn as what is tested on, and all others as what is learned from: rows of `images`, as
        scikit-learn's `cv=` takes them. For a dataset that was split with `folds=`."""
        import numpy

        parts = [self.indices(name) for name in dict.fromkeys(self.splits.name)]
        if len(parts) < 2:
            raise ValueError(f"expected a dataset of several splits, found {len(parts)}: split(folds=5) makes them")
        return [(numpy.setdiff1d(numpy.concatenate(parts), part), part) for part in parts]

    def stats(self, *, threads: int = 0, progress: Progress | None = None) -> Stats:
        """What it holds, in numbers: splits, classes, sizes of boxes in pixels, where they lie. Reads no image."""
        return Stats(_core.stats(self._source, threads, progress))

    def contract_init(
        self,
        *,
        name: str = "",
        pixels: bool = True,
        near: Near = "views",
        cache: bool = True,
        threads: int = 0,
        progress: Progress | None = None,
    ) -> str:
        """A first contract (YAML) that this dataset meets: what varies in it, and needs a little below what is there."""
        return _core.contract_init(self._source, name, pixels, _tier(near), cache, threads, progress)

    def contract_check(
        self,
        contract: Path = "contract.yaml",
        *,
        strict: bool = False,
        pixels: bool = True,
        near: Near = "views",
        cache: bool = True,
        today: str = "",
        embeddings: Embeddings | None = None,
        embeddings_paths: Path | collections.abc.Sequence[str] | None = None,
        threads: int = 0,
        progress: Progress | None = None,
    ) -> ContractReport:
        """Holds it to a contract: what passes, fails, is undecided, and what to collect. `strict` takes what is
        undecided as a no."""
        return ContractReport(
            _core.contract_check(
                self._source,
                os.fspath(contract),
                strict,
                pixels,
                _tier(near),
                cache,
                today,
                threads,
                progress,
                _embeddings(embeddings),
                _embeddings(embeddings_paths),
            )
        )

    def card(
        self,
        as_: typing.Literal["markdown", "html", "json", "croissant", "cyclonedx", "spdx"] = "markdown",
        *,
        annex_iv: bool = False,
        answers: Path | None = None,
        check: bool = True,
        today: str = "",
        threads: int = 0,
        progress: Progress | None = None,
    ) -> str:
        """What people should know of it: what is in it, how it was checked, whose it is, what is missing. `annex_iv`
        takes the headings of the EU's AI Act; `answers` is a file of what only people know (`card_questions`)."""
        given = "" if answers is None else os.fspath(answers)
        return _core.card(self._source, self._path, as_, annex_iv, given, check, today, threads, progress)

    def __repr__(self) -> str:
        steps = "".join(f", {name}" for name, _, _ in self._source.steps)
        return (
            f"<vetset.Dataset {self._path!r}: {self.format or 'several formats'}, {len(self.images)} images, "
            f"{len(self.annotations)} annotations, {len(self.categories)} categories{steps}>"
        )

    def _repr_html_(self) -> str:
        return _html.dataset(self)
