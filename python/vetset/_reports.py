"""What edits, comparisons and counts came to: mappings over their JSON documents, with tables where there are rows."""

from __future__ import annotations

import collections.abc
import dataclasses
import json
import typing

from . import _core, _frames, _html
from ._proof import Proof

if typing.TYPE_CHECKING:
    from ._handed import QueueReport, ReviewReport


class Document(collections.abc.Mapping[str, typing.Any]):
    """A JSON document as a mapping."""

    def __init__(self, text: str) -> None:
        self._json = text
        self._document: dict[str, typing.Any] = json.loads(text) if text else {}

    def to_json(self) -> str:
        """The document itself; empty where nothing was done."""
        return self._json

    def __getitem__(self, key: str) -> typing.Any:
        return self._document[key]

    def __iter__(self) -> collections.abc.Iterator[str]:
        return iter(self._document)

    def __len__(self) -> int:
        return len(self._document)


class _WithTable(Document):
    def __init__(self, text: str, table: _core.Table) -> None:
        super().__init__(text)
        #: the rows, for whatever speaks Arrow
        self.table: _core.Table = table

    def to_arrow(self) -> typing.Any:
        """The rows as a pyarrow.Table; needs pyarrow."""
        return _frames.arrow(self.table)

    def to_pandas(self) -> typing.Any:
        """The rows as a pandas.DataFrame; needs pandas and pyarrow."""
        return _frames.pandas(self.table)

    def to_polars(self) -> typing.Any:
        """The rows as a polars.DataFrame; needs polars."""
        return _frames.polars(self.table)


class FixReport(_WithTable):
    """Every edit of a repair, with the record before and after (docs/schema/fix-v1.json).

    An empty mapping where nothing was to repair. The table has a row an edit: code, repair, round, record, where, what,
    and the canonical rows before and after as JSON (`after` is missing where the record was dropped).
    """

    def __init__(self, fixed: _core.Fixed) -> None:
        super().__init__(fixed.json, fixed.table)
        #: how many edits each repair made, by its name
        self.counts: dict[str, int] = fixed.counts
        #: how many repairs without `unsafe=True` were left undone, by name
        self.unsafe: dict[str, int] = fixed.unsafe

    @property
    def edits(self) -> list[dict[str, typing.Any]]:
        """Every edit, in the order in which they were made."""
        return list(self._document.get("edits", []))

    def __repr__(self) -> str:
        done = ", ".join(f"{name} {count}" for name, count in self.counts.items())
        return f"<vetset.FixReport {sum(self.counts.values())} repairs{': ' + done if done else ''}>"

    def _repr_html_(self) -> str:
        return _html.fix(self)


class Scan(_WithTable):
    """What one pass over the pixels measured, in numbers (docs/schema/scan-v1.json) and as a table of facts."""

    def __init__(self, scanned: _core.Scanned) -> None:
        super().__init__(scanned.json, scanned.table)
        self._scanned = scanned

    @property
    def facts(self) -> _core.Table:
        """A row an image: path, status and reason of decoding, type, sizes, hashes (as hexadecimal digits), quality,
        EXIF. An Arrow stream: pyarrow.table(scan.facts), polars.DataFrame(scan.facts)."""
        return self.table

    @property
    def problems(self) -> list[dict[str, typing.Any]]:
        """Images that are not whole: status, reason, images."""
        return list(self["problems"])

    def __repr__(self) -> str:
        broken = sum(len(problem["images"]) for problem in self.problems)
        return (
            f"<vetset.Scan {self['images']} images, {broken} not whole, {self['decoded']} decoded, "
            f"{self['remembered']} remembered>"
        )

    def _repr_html_(self) -> str:
        return _html.scan(self)


class NearDuplicates(_WithTable):
    """Pairs of images that show the same picture, as a table; the document (docs/schema/links-v1.json) has all links.

    The table has a row a pair: first, second (paths), first_index, second_index, kind, distance (differing bits of
    256), score (of the confirmation), symmetry (the EXIF orientation that turns the second into the first), text, and
    cut (true: found, and left out of the clusters). `pyarrow.table(pairs)`, `polars.DataFrame(pairs)` take it.
    """

    def __init__(self, linked: _core.Linked) -> None:
        super().__init__(linked.json, linked.table)
        self._linked = linked

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)

    @property
    def clusters(self) -> list[list[str]]:
        """The images that the pairs tie together, by their paths: every cluster once, never n² pairs."""
        return self._linked.clusters

    @property
    def notes(self) -> list[str]:
        """What to know about the search."""
        return list(self["notes"])

    @property
    def search(self) -> dict[str, typing.Any]:
        """How it was searched: tier, radius, whether that was calibrated, and the expected false pairs."""
        return dict(self["search"])

    def __repr__(self) -> str:
        return f"<vetset.NearDuplicates {len(self.table)} pairs, {len(self.clusters)} clusters>"


class DedupReport(Document):
    """Which copies went, or which images were linked or weighed (docs/schema/dedup-v1.json); empty: there were none."""

    @property
    def clusters(self) -> list[list[str]]:
        """The images that show the same picture, by their paths, what stays first."""
        return [list(cluster["images"]) for cluster in self._document.get("clusters", [])]

    @property
    def copies(self) -> list[dict[str, typing.Any]]:
        """Each copy with what it is a copy of (`of`), the kind of link, and how many bits of 256 differ."""
        return list(self._document.get("copies", []))

    def __repr__(self) -> str:
        return f"<vetset.DedupReport {len(self.copies)} copies in {len(self.clusters)} clusters>"


class SplitReport(Document):
    """What a split made sure, and how even it is (docs/schema/split-v1.json)."""

    def __init__(self, placed: _core.Placed) -> None:
        super().__init__(placed.json)
        #: "80/10/10 by group, stratified, seed 7"
        self.summary: str = placed.summary
        #: the split.lock that lets it grow: `convert` writes it beside the result, `split(lock=…)` takes it
        self.lock: str = placed.lock

    @property
    def splits(self) -> list[dict[str, typing.Any]]:
        """One entry a split: images, groups, objects, and how far its classes are from their share (0.1: 10 %)."""
        return list(self["splits"])

    def __repr__(self) -> str:
        sizes = ", ".join(f"{split['name']} {split['images']}" for split in self.splits)
        return f"<vetset.SplitReport {self.summary}: {sizes}>"

    def _repr_html_(self) -> str:
        return _html.split(self)


class TransformReport(Document):
    """What a transformation kept, left out and renamed (docs/schema/transform-v1.json)."""

    def __repr__(self) -> str:
        before, after = self["before"], self["after"]
        return (
            f"<vetset.TransformReport {after['images']} of {before['images']} images, "
            f"{after['annotations']} of {before['annotations']} objects>"
        )

    def _repr_html_(self) -> str:
        return _html.transform(self)


class CombineReport(Document):
    """How several datasets became one (docs/schema/combine-v1.json)."""

    def __repr__(self) -> str:
        names = " + ".join(source["name"] for source in self["sources"])
        return f"<vetset.CombineReport {names}: {self['after']['images']} images, {len(self['classes'])} classes>"

    def _repr_html_(self) -> str:
        return _html.combine(self)


class Diff(_WithTable):
    """What is not the same in two datasets (docs/schema/diff-v1.json). True where something is.

    The table has a row a difference: record (image, object, class, other), change (added, removed, changed, renamed,
    moved, media), image, name, class_before, class_after, field, before, after.
    """

    def __init__(self, compared: _core.Compared) -> None:
        super().__init__(compared.json, compared.table)
        #: whether nothing that counts is different
        self.equal: bool = compared.equal
        self._markdown = compared.markdown

    def to_markdown(self) -> str:
        """For a pull request, of bounded length."""
        return self._markdown

    def __bool__(self) -> bool:
        return not self.equal

    def __repr__(self) -> str:
        if self.equal:
            return "<vetset.Diff no difference>"
        of = (f"{what} +{n['added']} -{n['removed']} ±{n['changed']}" for what in ("images", "objects") for n in [self[what]])
        return f"<vetset.Diff {', '.join(of)}>"

    def _repr_html_(self) -> str:
        return _html.diff(self)


class ContractReport(Document):
    """A dataset held to its contract, clause by clause (docs/schema/contract-check-v1.json). True where it holds."""

    @property
    def passed(self) -> bool:
        """Whether it holds; what is undecided counts against it only with `strict`."""
        return bool(self["passed"])

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        counts = ", ".join(f"{n} {outcome}" for outcome, n in self["counts"].items() if n)
        return f"<vetset.ContractReport {'passed' if self.passed else 'failed'}: {counts or 'no clause'}>"


class Slices(Document):
    """Where a model errs most, or where labels and splits are uneven (docs/schema/slices-v1.json)."""

    def __repr__(self) -> str:
        if self["errors"] is not None:
            return f"<vetset.Slices of errors, {len(self['errors']['slices'])} told>"
        told = sum(len(of[what]["slices"]) for of in self["labels"]["of"] for what in ("labels", "drift"))
        return f"<vetset.Slices of labels, {told} told>"


class Agreement(Document):
    """How far several raters agree (docs/schema/agreement-v1.json)."""

    def __repr__(self) -> str:
        alphas = (f"{of['what']} {of['alpha']:.3f}" for of in self["about"] if of["alpha"] is not None)
        return f"<vetset.Agreement of {len(self['raters'])} raters: {', '.join(alphas) or 'nothing to compare'}>"


class Stats(Document):
    """What a dataset holds, in numbers (docs/schema/stats-v1.json)."""

    def __repr__(self) -> str:
        counts = self["counts"]
        return (
            f"<vetset.Stats {counts['images']} images, {counts['annotations']} objects, {counts['categories']} classes, "
            f"{counts['splits']} splits>"
        )

    def _repr_html_(self) -> str:
        return _html.stats(self)


@dataclasses.dataclass(frozen=True)
class Packed:
    """A package that was made."""

    #: the folder or file that was made
    target: str
    #: how its images lie: files, shards or external
    layout: str
    seal: _core.Seal
    proof: Proof


@dataclasses.dataclass(frozen=True)
class Step:
    """Something that was done to a dataset since it was read: fix, split, transform or combine."""

    name: str
    summary: str
    document: dict[str, typing.Any]


Report = typing.Union[FixReport, SplitReport, TransformReport, CombineReport, "QueueReport", "ReviewReport"]
