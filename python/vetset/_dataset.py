"""Opened datasets, and what can be done with them."""

from __future__ import annotations

import builtins
import collections.abc
import dataclasses
import json
import os
import shlex
import typing

from . import _core, _html
from ._error import Error
from ._package import seal as seal_folder
from ._proof import Proof
from ._reports import (
    CombineReport,
    DedupReport,
    Diff,
    FixReport,
    NearDuplicates,
    Packed,
    Report,
    Scan,
    SplitReport,
    Stats,
    Step,
    TransformReport,
)
from ._split import SplitCheck

if typing.TYPE_CHECKING:
    import numpy
    import numpy.typing

Path = typing.Union[str, "os.PathLike[str]"]
# The path of a .npy or .parquet file, or an array of floats of two dimensions (NumPy, PyTorch, …).
Embeddings = typing.Any
#: Called in the calling thread now and then: what is done, how much of it, out of how much (0: not known). What it
#: raises stops the work and comes out of the call.
Progress = collections.abc.Callable[[str, int, int], object]


#: One word, words with commas between, or a list of words.
Words = typing.Union[str, collections.abc.Iterable[str]]


def _words(chosen: Words) -> list[str]:
    return [word for word in chosen.split(",") if word] if isinstance(chosen, str) else list(chosen)


def _escaped(name: str) -> str:
    """A name that no sign in it is taken for one of ours."""
    return "".join("\\" + c if c in "\\,=" else c for c in name)


def _renames(chosen: Words | collections.abc.Mapping[str, str]) -> list[str]:
    if not isinstance(chosen, collections.abc.Mapping):
        return _words(chosen)
    return [f"{_escaped(old)}={_escaped(new)}" for old, new in chosen.items()]


def _merges(chosen: Words | collections.abc.Mapping[str, collections.abc.Iterable[str]]) -> list[str]:
    """{"vehicle": ["car", "van"]} as the words car,van=vehicle."""
    if not isinstance(chosen, collections.abc.Mapping):
        return _words(chosen)
    words = []
    for new, old in chosen.items():
        names = [_escaped(name) for name in ([old] if isinstance(old, str) else old)]
        words += names[:-1] + [f"{name}={_escaped(new)}" for name in names[-1:]]
    return words


def _names(chosen: Words) -> list[str]:
    """Names in a list may hold commas; in one text a comma parts them."""
    return _words(chosen) if isinstance(chosen, str) else [_escaped(name) for name in chosen]


Near = typing.Literal["none", "basic", "views", "full"]


def _embeddings(given: Embeddings | collections.abc.Sequence[str] | None) -> object:
    """Paths as texts, whatever kind they are; arrays and lists as they are."""
    return os.fspath(given) if isinstance(given, os.PathLike) else given


def _tier(near: str | None) -> str:
    if near is None:
        return ""
    if near not in typing.get_args(Near):
        raise Error("usage", f"near is one of {', '.join(typing.get_args(Near))}, not {near!r}", "")
    return near


def _factors(stratify: bool | Words | None) -> list[str] | None:
    """What is to be even: None as the lock says, else by class."""
    if stratify is None:
        return None
    if isinstance(stratify, bool):
        return ["class"] if stratify else []
    return _words(stratify)


class Dataset:
    """A dataset that was opened with `vetset.open`, or made of one by fix, split, transform or combine. It never
    changes, and many threads may use it at once: what edits it gives a new one."""

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
        embeddings: Embeddings | None = None,
        embeddings_paths: Path | collections.abc.Sequence[str] | None = None,
        threads: int = 0,
        progress: Progress | None = None,
    ) -> _core.CheckReport:
        """What is wrong with it, how certain that is, and what a trainer will see.

        `select` and `ignore` name rules by code ("FMT407"), the beginning of codes ("LBL1") or name
        ("box-outside-image"), as a list or with commas. `images=False` does not look at the image files; `pixels=True`
        decodes them all and searches near-duplicates, as `near` says ("full" finds free crops). What was measured of
        pixels is remembered by content, unless `cache=False`. `trainer`
        asks one trainer's loader alone ("ultralytics"). Findings of a `baseline` do not count. `fail_on` is the
        severity from which on `report.ok` is False; `severity` maps rules to error, warning, note or off;
        `thresholds` sets what rules heed, as `vetset explain` names them (`{"image-size": 1280}`). What is not said
        here, the nearest vetset.toml may say, or the one that `config` names; "none" looks for none.

        `embeddings` are a row of numbers an image: an array of two dimensions, a .npy or a .parquet file. Images of
        splits that are unusually near in it are hints (LEA314). Rows are in the order of `images`, unless
        `embeddings_paths` names them: a list of paths, or beside a .npy file a file with one a line.

        `previous` is an earlier version, a dataset or a package: classes that moved since then are found (FMT410).

        An edited dataset is judged by its labels and images; what only files can show (what a trainer's loader reads,
        proofs and locks beside them) is there once it was converted.
        """
        return _core.check(
            self._source,
            self._path if not self.steps or self.steps[-1].name != "combine" else "",
            None if select is None else _words(select),
            None if ignore is None else _words(ignore),
            images,
            pixels,
            near or "",
            cache,
            trainer or "",
            None if baseline is None else os.fspath(baseline),
            fail_on or "",
            list((severity or {}).items()),
            [(name.replace("_", "-"), _setting(value)) for name, value in (thresholds or {}).items()],
            today or "",
            "" if proof is None else proof,
            "" if previous is None else previous,
            "" if lock is None else lock,
            "" if config is None else config,
            threads,
            progress,
            _embeddings(embeddings),
            _embeddings(embeddings_paths),
        )

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

    def dedup(
        self,
        *,
        keep: typing.Literal["split", "quality", "first"] = "split",
        action: typing.Literal["drop", "link", "weigh"] = "drop",
        kinds: Words | None = None,
        across_splits: bool = False,
        near: typing.Literal["basic", "views", "full"] = "views",
        radius: int | None = None,
        cache: bool | Path = True,
        threads: int = 0,
        progress: Progress | None = None,
    ) -> Dataset:
        """A dataset in which of several pictures of the same thing one stays: its `report` lists what went.

        `keep="split"` prefers images of test to those of val and these to all others, then those with labels, then the
        best; "quality" looks at nothing but that. `action="link"` keeps all and writes an attribute `duplicate_of`,
        "weigh" one `weight`. `across_splits=True` leaves out only copies in another split. `kinds` are "same", "copies"
        (also flipped and cropped), "all" or kinds of links, as `near_duplicates` names them; None: "copies" across
        splits, else "same". `undo` takes the list back.
        """
        cached = not isinstance(cache, bool)
        done = _core.dedup(
            self._source,
            keep,
            action,
            _words(kinds or ()),
            across_splits,
            near,
            radius,
            bool(cache),
            os.fspath(cache) if cached else None,
            threads,
            progress,
        )
        return Dataset(done.source, self._path, DedupReport(done.json))

    def fix(
        self,
        *,
        unsafe: bool = False,
        select: Words = (),
        ignore: Words = (),
        threads: int = 0,
        progress: Progress | None = None,
    ) -> Dataset:
        """A dataset in which what check finds is repaired, as far as a program can: its `report` lists every edit.

        Safe repairs change nothing of what the labels say about the pictures; `unsafe=True` also does those that drop
        something or follow a guess. `select` and `ignore` name rules or repairs ("clip-to-image"). All else was
        compared field by field.
        """
        fixed = _core.fix(self._source, _words(select), _words(ignore), unsafe, threads, progress)
        return Dataset(fixed.source, self._path, FixReport(fixed))

    def undo(self, edits: FixReport | Path, *, threads: int = 0, progress: Progress | None = None) -> Dataset:
        """This repaired dataset as it was before: `edits` are the report of the fix, or the file that lists them
        ("fixed.fix.json"). A record that is not as the list says is an error. `labels_id` says whether nothing else was
        changed since."""
        if isinstance(edits, FixReport):
            document = edits.to_json()
        else:
            try:
                with builtins.open(edits, encoding="utf-8", errors="surrogateescape") as file:
                    document = file.read()
            except OSError as error:
                code = "not_found" if isinstance(error, FileNotFoundError) else "io"
                raise Error(code, error.strerror or str(error), os.fspath(edits)) from error
        source, _, _ = _core.undo(self._source, document, threads, progress)
        return Dataset(source, self._path)

    def split(
        self,
        ratios: str | collections.abc.Iterable[float] | None = None,
        *,
        names: Words = (),
        seed: int | None = None,
        group_by: Words = (),
        stratify: bool | Words | None = None,
        folds: int = 0,
        fold_index: int | None = None,
        lock: Path | None = None,
        pin: Path | None = None,
        near: Near | None = None,
        radius: int | None = None,
        cache: bool = True,
        threads: int = 0,
        progress: Progress | None = None,
    ) -> Dataset:
        """A dataset with other splits in place of its own, without leaks: copies, near-duplicates, sequences, and
        images of one key (`group_by`: "folder", "stem-prefix", "attribute:NAME", "file:CSV"), stay together, and every
        split gets its share of every class. The same data and seed give the same splits everywhere.

        `near` says how near-duplicates are searched ("views" if not said, "none" for bytes and keys alone), `radius`
        how many of 256 bits may differ, `stratify` what is to be even ("class", and keys), and `pin` is a table of
        paths and splits. `indices` and `folds` of the result are rows of its images, for scikit-learn, PyTorch, pandas.

        `ratios` are "80/10/10" or (0.8, 0.1, 0.1). With `folds` there are as many splits of one size; with
        `fold_index` that fold is val and the others are train. What an earlier `lock` placed stays. Reads every image;
        `convert` of the result writes the lock beside it.
        """
        if ratios is not None and not isinstance(ratios, str):
            ratios = "/".join(str(part) for part in ratios)
        placed = _core.split(
            self._source,
            ratios or "",
            _words(names),
            seed,
            _words(group_by),
            _factors(stratify),
            folds,
            -1 if fold_index is None else fold_index,
            "" if lock is None else lock,
            "" if pin is None else pin,
            _tier(near),
            radius,
            cache,
            threads,
            progress,
        )
        return Dataset(placed.source, self._path, SplitReport(placed))

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

    def transform(
        self,
        *,
        where: str = "",
        images_where: str = "",
        rename: Words | collections.abc.Mapping[str, str] = (),
        merge: Words | collections.abc.Mapping[str, collections.abc.Iterable[str]] = (),
        drop_classes: Words = (),
        keep_classes: Words = (),
        order: Words = (),
        classes_from: Path | None = None,
        drop_empty: bool = False,
        sample: int | str | None = None,
        seed: int = 0,
        threads: int = 0,
        progress: Progress | None = None,
    ) -> Dataset:
        """A dataset of some objects, images and classes, with classes renamed, merged and ordered, in this order:
        classes, `where`, `images_where`, `drop_empty`, `sample`.

        `where="box.width >= 8"` keeps objects, `images_where='count(class == "car") > 3'` images
        (docs/guide/expressions.md); boxes are in pixels. `rename={"van": "car"}`, `merge={"vehicle": ["car", "van"]}`,
        `sample=500` or `"10%"`, drawn by the hash of seed and path: the same everywhere.
        """
        edited = _core.transform(
            self._source,
            where,
            images_where,
            _renames(rename),
            _merges(merge),
            _names(drop_classes),
            _names(keep_classes),
            _names(order),
            "" if classes_from is None else classes_from,
            drop_empty,
            "" if sample is None else str(sample),
            seed,
            threads,
            progress,
        )
        return Dataset(edited.source, self._path, TransformReport(edited.json))

    def stats(self, *, threads: int = 0, progress: Progress | None = None) -> Stats:
        """What it holds, in numbers: splits, classes, sizes of boxes in pixels, where they lie. Reads no image."""
        return Stats(_core.stats(self._source, threads, progress))

    def pack(
        self,
        dst: Path,
        *,
        layout: typing.Literal["auto", "files", "shards", "external"] = "auto",
        single_file: bool = False,
        key: Path | None = None,
        passphrase: str = "",
        name: str = "",
        version: str = "",
        overwrite: bool = False,
        threads: int = 0,
        progress: Progress | None = None,
    ) -> Packed:
        """Makes a package: labels as Parquet tables, images as files or shards, a manifest of every file, and with
        `key` (a P-256 private key in a PEM file) a signature. Read back and compared before it is published."""
        packed = _core.pack(
            self._source,
            dst,
            layout,
            single_file,
            "" if key is None else key,
            passphrase,
            name,
            version,
            overwrite,
            threads,
            progress,
        )
        proof = Proof(packed)
        if proof.verdict == "undeclared":
            raise _undeclared(proof, "vetset")
        return Packed(packed.target, packed.layout, packed.seal, proof)

    def convert(
        self,
        dst: Path,
        to: str | None = None,
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
        """Writes it in another format, reads that back, compares every field, and publishes what is proved. Without
        `to`, in the format it was read as.

        Where the target would teach something else, it raises an `Error` of code "refused" until `accept` says what
        to do ("crowd=drop,parts=bridge", or "all" for what most people choose). The proof is written beside the
        target, or to `proof`, and the documents of its steps and the lock of its split beside that; a `dry_run`
        publishes nothing.
        """
        target = os.fspath(dst)
        to = to or self.format
        if not to:
            raise Error("usage", "the datasets have several formats; expected to=FORMAT")
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
            raise _undeclared(done, to)
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
        error.command = None if self.steps else shlex.join(command)
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
        if self.steps:
            raise Error("usage", "what was edited is not what lies in the folder: convert it, and seal that", self._path)
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
        steps = "".join(f", {name}" for name, _, _ in self._source.steps)
        return (
            f"<vetset.Dataset {self._path!r}: {self.format or 'several formats'}, {len(self.images)} images, "
            f"{len(self.annotations)} annotations, {len(self.categories)} categories{steps}>"
        )

    def _repr_html_(self) -> str:
        return _html.dataset(self)


def _setting(value: object) -> str:
    if isinstance(value, (str, int, float)):
        return str(value)
    return ",".join(str(word) for word in typing.cast("collections.abc.Iterable[object]", value))


def _undeclared(proof: Proof, to: str) -> Error:
    error = Error("defect", f"a loss that {to} does not declare: nothing was published", proof.proof_path)
    error.proof = proof
    return error


def _opened(dataset: Dataset | Path) -> Dataset:
    return dataset if isinstance(dataset, Dataset) else open(dataset)


def combine(
    datasets: collections.abc.Iterable[Dataset | Path],
    *,
    rename: Words | collections.abc.Mapping[str, str] = (),
    map: Path | collections.abc.Mapping[str, str] | None = None,
    split_from_source: bool = False,
    dedup: typing.Literal["identical"] | None = None,
    threads: int = 0,
    progress: Progress | None = None,
) -> Dataset:
    """Several datasets as one: classes and splits of one name become one, paths and ids that meet are told apart.

    `rename={"automobile": "car"}` renames classes in all of them; `map` is a mapping like it, or a file of lines
    old=new in which "[name]" begins the lines of one dataset. `split_from_source=True` makes each a split of its name;
    `dedup="identical"` leaves out copies of images with equal labels. The result has a format where all have one.
    """
    if dedup not in (None, "identical"):
        raise Error("usage", f"dedup is {dedup!r}, expected 'identical' or None")
    sources = [_opened(dataset) for dataset in datasets]
    words = _renames(rename)
    if isinstance(map, collections.abc.Mapping):
        words += _renames(map)
        map = None
    edited = _core.combine(
        [d._source for d in sources],
        words,
        "" if map is None else map,
        split_from_source,
        dedup == "identical",
        threads,
        progress,
    )
    return Dataset(edited.source, " + ".join(d.path for d in sources), CombineReport(edited.json))


def diff(
    before: Dataset | Path,
    after: Dataset | Path,
    *,
    only: Words = (),
    ignore: Words = (),
    tolerance: float = 0,
    images: bool = True,
    threads: int = 0,
    progress: Progress | None = None,
) -> Diff:
    """What became of images, objects and classes between two datasets, of one format or two.

    `only` and `ignore` name records ("annotation"), fields ("annotation.box") or "media"; coordinates may be
    `tolerance` pixels apart. `images=False` does not compare the bytes of the images. What one of two formats cannot
    hold is told and does not count.
    """
    a, b = _opened(before), _opened(after)
    names = [os.path.basename(d.path.rstrip("/")) for d in (a, b)]
    return Diff(
        _core.diff(a._source, b._source, *names, _words(only), _words(ignore), tolerance, images, threads, progress)
    )


def unpack(
    package: Dataset | Path,
    dst: Path,
    to: str | None = None,
    *,
    accept: str = "",
    overwrite: bool = False,
    threads: int = 0,
    progress: Progress | None = None,
) -> Proof:
    """The dataset of a package, in the format that it was packed from, label files of text to the byte; or in
    another, `to`."""
    opened = _opened(package)
    to = to or _core.packed_format(opened._source)
    return opened.convert(dst, to, accept=accept, overwrite=overwrite, threads=threads, progress=progress)


def explain(rule: str) -> str:
    """The page of a rule, by code or name, as Markdown: what it looks for, why that matters, how to mend it."""
    return _core.explain(rule)


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
