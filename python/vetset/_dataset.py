"""Datasets, and the verbs that make another of them or write one: edits, conversions, packages."""

from __future__ import annotations

import builtins
import collections.abc
import dataclasses
import os
import shlex
import typing

from . import _check, _core, _rules
from ._arguments import Near, Path, Progress, Words, _factors, _names, _renames, _merges, _tier, _words, paths
from ._claims import Derived, claim_options
from ._check import Probabilities
from ._error import Error
from ._handed import QueueReport, ReviewReport, queue_document
from ._opened import Opened
from ._predictions import Predictions
from ._package import seal as seal_folder
from ._proof import Proof
from ._reports import Agreement, CombineReport, DedupReport, Diff, FixReport, Packed, Slices, SplitReport, TransformReport


class Dataset(Opened):
    """A dataset that was opened with `vetset.open`, or made of one by fix, split, transform or combine. It never
    changes, and many threads may use it at once: what edits it gives a new one."""

    __slots__ = ()

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
        files: bool = True,
        threads: int = 0,
        progress: Progress | None = None,
    ) -> Dataset:
        """A dataset in which what check finds is repaired, as far as a program can: its `report` lists every edit.

        Safe repairs change nothing of what the labels say about the pictures; `unsafe=True` also does those that drop
        something or follow a guess. `select` and `ignore` name rules or repairs ("clip-to-image"). All else was
        compared field by field.

        Image files that are repaired (turned as their labels see them) are others in this dataset, and are written so;
        those of the source stay, and `convert` keeps them as they were beside the result (`Proof.originals`).
        `files=False` repairs labels alone.
        """
        fixed = _core.fix(self._source, _words(select), _words(ignore), unsafe, files, threads, progress)
        return Dataset(fixed.source, self._path, FixReport(fixed))

    def undo(self, edits: FixReport | Path, *, threads: int = 0, progress: Progress | None = None) -> Dataset:
        """This repaired dataset as it was before: `edits` are the report of the fix, or the file that lists them
        ("fixed.fix.json", with image files as they were in "fixed.fix.files" beside it). A record that is not as the list
        says is an error. `labels_id` says whether nothing else was changed since."""
        originals = ""
        if isinstance(edits, FixReport):
            document = edits.to_json()
        else:
            beside = os.fspath(edits).removesuffix(".json") + ".files"
            originals = beside if os.path.isdir(beside) else ""
            try:
                with builtins.open(edits, encoding="utf-8", errors="surrogateescape") as file:
                    document = file.read()
            except OSError as error:
                code = "not_found" if isinstance(error, FileNotFoundError) else "io"
                raise Error(code, error.strerror or str(error), os.fspath(edits)) from error
        source, _, _ = _core.undo(self._source, document, originals, threads, progress)
        return Dataset(source, self._path)

    def split(
        self,
        ratios: str | collections.abc.Iterable[float] | None = None,
        *,
        names: Words = (),
        seed: int | None = None,
        group_by: Words = (),
        stratify: bool | Words | None = None,
        contract: Path | None = None,
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
        how many of 256 bits may differ, `stratify` what is to be even ("class", keys, and factors such as
        "pixel.luma_p50"; with a `contract`, its factors by name), and `pin` is a table of paths and splits. What the
        contract says of its split holds where nothing is said here. `indices` and `folds` of the result are rows of its images, for scikit-learn, PyTorch, pandas.

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
            "" if contract is None else contract,
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

    def queue(
        self,
        *,
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
        suspects: Path | None = None,
        select: Words = (),
        top: int = 100,
        sample: int = 100,
        seed: int = 0,
        threads: int = 0,
        progress: Progress | None = None,
    ) -> Dataset:
        """The images whose labels look wrong, with proposals, for a labelling tool: `convert(dst, "cvat")` writes them.
        Its `report` is the queue, with a forecast of how much of it is wrong.

        What makes labels suspect are `predictions`, `probabilities`, as `check` takes them, or a table of `suspects`
        (CSV). The first `top` are in it, and `sample` more that are drawn from the rest with `seed`. `select` names
        rules. What the tool exports goes to `review_apply` of this dataset.
        """
        if (suspects is None) == (predictions is None and probabilities is None):
            raise Error("usage", "say what makes labels suspect: predictions, probabilities, or a table of suspects")
        bound = None
        if suspects is None:
            bound = _check.bind(
                self, predictions=predictions, match_images=match_images, match_classes=match_classes, classes=classes,
                box_format=box_format, probabilities=probabilities, probabilities_paths=probabilities_paths,
                probabilities_classes=probabilities_classes, folds=folds, out_of_fold=out_of_fold, threads=threads,
                progress=progress,
            )
        files = [os.fspath(given) for given in (suspects, predictions, probabilities)
                 if isinstance(given, (str, os.PathLike)) and os.path.isfile(given)]
        table = "" if suspects is None else os.fspath(suspects)
        queued = _core.queue(
            self._source, bound, table, out_of_fold, _words(select), top, sample, seed, files, threads, progress
        )
        return Dataset(queued.source, self._path, QueueReport(queued.json))

    def slices(
        self,
        *,
        by: Words = (),
        depth: int = 0,
        top: int = 10,
        least: int = 0,
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
        pixels: bool = True,
        near: typing.Literal["basic", "views", "full"] = "views",
        cache: bool = True,
        threads: int = 0,
        progress: Progress | None = None,
    ) -> Slices:
        """With `predictions` or `probabilities`, as `check` takes them: where errors gather, by up to three levels of
        factors. Without: classes that are commoner or rarer in a slice than elsewhere, what a split has more of than
        training, and conditions that hardly ever meet. Only what chance does not explain is told.

        `by` names the factors ("class", "pixel.luma_p50"); all conditions of images and objects if not said. `depth` is
        how many a slice joins, `least` how many items it needs, `top` how many of each list are told.
        """
        bound = _check.bind(
            self, predictions=predictions, match_images=match_images, match_classes=match_classes, classes=classes,
            box_format=box_format, probabilities=probabilities, probabilities_paths=probabilities_paths,
            probabilities_classes=probabilities_classes, folds=folds, out_of_fold=out_of_fold, threads=threads,
            progress=progress,
        )
        return Slices(
            _core.slices(
                self._source, bound, _words(by), depth, top, least, pixels, near, cache, threads, progress
            )
        )

    def review_apply(
        self,
        export: Dataset | Path,
        queue: QueueReport | Path,
        *,
        all_looked_at: bool = False,
        next: int = 50,
        export_from: str | None = None,
        threads: int = 0,
        progress: Progress | None = None,
    ) -> Dataset:
        """This dataset with what people made of a queue: its `report` lists every answer, and estimates what errors are
        left. `export` is what the labelling tool gave back, `queue` the report of `Dataset.queue`, or its file.
        `all_looked_at=True` takes what came back as it was for right; `next` is how far the stop rule looks."""
        document = queue_document(queue)
        if not isinstance(export, Dataset):
            images = self._path if os.path.isdir(self._path) else None
            export = open(export, export_from, images, threads, progress=progress)
        done = _core.review(self._source, export._source, document, all_looked_at, next, threads, progress)
        return Dataset(done.source, self._path, ReviewReport(done.json))

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
        parents: Path | collections.abc.Iterable[Path] = (),
        epoch: int | None = None,
        evidence: Words = (),
        answers: Path | None = None,
        strip_metadata: bool = False,
        overwrite: bool = False,
        threads: int = 0,
        progress: Progress | None = None,
        **about: typing.Unpack[Derived],
    ) -> Packed:
        """Makes a package: labels as Parquet tables, images as files or shards, a manifest of every file, and with
        `key` (a P-256 private key in a PEM file) a signature. Read back and compared before it is published.

        `parents` are packages that it was made from, `epoch` the time that it states, in seconds since 1970, if any.
        `evidence` names claims that are found out and put into it: "audit", "split", "conversion", "lineage"
        (with `earlier`, where the data came from); how, is said as in `vetset.attest`.
        `answers` is a file of what only its makers know (`card_questions`). `strip_metadata=True` leaves out what image
        files tell beside their pixels, as `convert` does."""
        if strip_metadata and layout == "external":
            raise Error("usage", "strip_metadata rewrites images, and layout='external' packs none; expected one of them")
        source, left = _core.strip(self._source, threads, progress) if strip_metadata else (self._source, [])
        packed = _core.pack(
            source,
            dst,
            layout,
            single_file,
            "" if key is None else key,
            passphrase,
            name,
            version,
            paths(parents),
            epoch,
            _words(evidence),
            claim_options(**about),
            "" if answers is None else answers,
            overwrite,
            threads,
            progress,
        )
        proof = Proof(packed, left)
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
        strip_metadata: bool = False,
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

        `strip_metadata=True` leaves out what image files tell beside their pixels (places, names, thumbnails): a step
        of its own, listed in "dst.strip.json". Files that it could not be taken out of are in `Proof.metadata_left`.
        """
        target = os.fspath(dst)
        to = to or self.format
        if not to:
            raise Error("usage", "the datasets have several formats; expected to=FORMAT")
        if strip_metadata and images == "none":
            raise Error("usage", "strip_metadata rewrites images, and images='none' writes none; expected one of them")
        source, left = _core.strip(self._source, threads, progress) if strip_metadata else (self._source, [])
        converted = _core.convert(
            source,
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
        done = Proof(converted, left)
        if done.verdict == "undecided":
            raise self._undecided(done, target, to, task, accept, strip_metadata)
        if done.verdict == "undeclared":
            raise _undeclared(done, to)
        return done

    def _undecided(
        self, proof: Proof, target: str, to: str, task: str | None, accept: str, strip_metadata: bool
    ) -> Error:
        answers = ",".join(word for word in (accept, proof.accept) if word)
        command = ["vetset", "convert", self._path, target, "--to", to]
        command += ["--strip-metadata"] if strip_metadata else []
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
        tables: bool = True,
        parents: Path | collections.abc.Iterable[Path] = (),
        epoch: int | None = None,
        evidence: Words = (),
        answers: Path | None = None,
        threads: int = 0,
        progress: Progress | None = None,
        **about: typing.Unpack[Derived],
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
            tables=tables,
            parents=parents,
            epoch=epoch,
            evidence=evidence,
            answers=answers,
            threads=threads,
            progress=progress,
            **about,
        )


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


def agreement(
    *datasets: Dataset | Path,
    by: str = "",
    shipped: Dataset | Path | None = None,
    iou: float = 0.5,
    draws: int = 1000,
    threads: int = 0,
    progress: Progress | None = None,
) -> Agreement:
    """How far several raters agree beyond chance: of classes, of objects, of boxes, with intervals.

    One dataset names its raters: its layers, or a key of its annotations (`by="attribute:annotator"`; found by itself
    if not said). Of several datasets of the same images each is a rater. `shipped` are labels that the raters'
    consensus is held against; in one dataset they are the labels of nobody. Boxes are of one object from an overlap of
    `iou` on; intervals come from `draws` of the images.
    """
    opened = [_opened(d) for d in datasets]
    given = None if shipped is None else _opened(shipped)
    sources, given_source = [d._source for d in opened], None if given is None else given._source
    return Agreement(_core.agreement(sources, by, given_source, iou, draws, threads, progress))


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
    """The dataset of a package, in the format that it was packed from, label files of text to the byte; or in
    another, `to`. The rest is as `Dataset.convert` takes it."""
    opened = _opened(package)
    to = to or _core.packed_format(opened._source)
    return opened.convert(
        dst, to, task=task, accept=accept, images=images, digits=digits, dry_run=dry_run, overwrite=overwrite, proof=proof,
        threads=threads, progress=progress,
    )


def card(
    dataset: Dataset | Path,
    as_: typing.Literal["markdown", "html", "json", "croissant", "cyclonedx", "spdx"] = "markdown",
    *,
    annex_iv: bool = False,
    answers: Path | None = None,
    check: bool = True,
    today: str = "",
    threads: int = 0,
    progress: Progress | None = None,
) -> str:
    """What people should know of a dataset or a package, as a page or for other programs: `Dataset.card`."""
    opened = _opened(dataset)
    return opened.card(
        as_, annex_iv=annex_iv, answers=answers, check=check, today=today, threads=threads, progress=progress
    )


def card_questions() -> str:
    """What only the makers of a dataset can say, as a file (TOML) to fill in for `answers=`."""
    return _core.card_questions()


def explain(rule: str | collections.abc.Callable[..., typing.Any], rules: _rules.Rules = ()) -> str:
    """The page of a rule, by code or name, as Markdown: what it looks for, why that matters, how to mend it. One of a
    team's own is named by its function, or is among `rules`."""
    made = getattr(rule, "__vetset_rule__", None)
    if isinstance(made, _rules.OwnRule):
        return made.page
    for own in _rules.rules_of(rules):
        if rule in (own.code, own.name):
            return own.page
    if not isinstance(rule, str):
        raise Error("usage", "expected the code or the name of a rule, or a function marked with @vetset.rule")
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
