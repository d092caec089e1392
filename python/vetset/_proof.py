"""The proof of a conversion, as a mapping."""

from __future__ import annotations

import collections.abc
import json
import typing

from . import _core, _html


class Proof(collections.abc.Mapping[str, typing.Any]):
    """What a conversion kept, lost and invented, measured by reading the result back.

    A mapping over the JSON document (docs/schema/proof-v1.json).
    """

    def __init__(
        self, converted: _core.Converted | _core.PackedCore, metadata_left: collections.abc.Sequence[str] = ()
    ) -> None:
        self._json = converted.json
        self._document: dict[str, typing.Any] = json.loads(self._json)
        #: exact, declared, undecided or undeclared
        self.verdict: str = converted.verdict
        #: whether every field came back as it was
        self.exact: bool = converted.exact
        #: the folder that was written; None in a dry run
        self.target: str | None = converted.target or None
        #: where the proof lies as a file; None where it was not written
        self.proof_path: str | None = converted.proof_path or None
        #: answers to what the target asks, as most people give them
        self.accept: str = converted.accept
        #: documents of what was done to the dataset first, and locks of its split, as they lie beside the target
        self.step_paths: list[str] = getattr(converted, "step_paths", [])
        self.locks: list[str] = getattr(converted, "locks", [])
        #: the folder with image files that were repaired, as they were; None: there are none
        self.originals: str | None = getattr(converted, "originals", "") or None
        #: image files whose metadata could not be left out, and why, a line each
        self.metadata_left: list[str] = list(metadata_left)

    @property
    def lines(self) -> list[dict[str, typing.Any]]:
        """One entry a field and outcome: how many records, how far off, the first example."""
        return list(self._document["lines"])

    @property
    def decisions(self) -> list[dict[str, typing.Any]]:
        """What the target asked of some records, and the answers."""
        return list(self._document["decisions"])

    def to_json(self) -> str:
        """The document itself, canonical (RFC 8785)."""
        return self._json

    def __getitem__(self, key: str) -> typing.Any:
        return self._document[key]

    def __iter__(self) -> collections.abc.Iterator[str]:
        return iter(self._document)

    def __len__(self) -> int:
        return len(self._document)

    def __repr__(self) -> str:
        return f"<vetset.Proof {self['from']} to {self['to']}: {self.verdict}>"

    def _repr_html_(self) -> str:
        return _html.proof(self)
