"""Whether the splits of a dataset leak."""

from __future__ import annotations

import typing

from ._reports import Document


class SplitCheck(Document):
    """Which images of different splits are linked (docs/schema/split-check-v1.json). True where none are, and nothing
    contradicts the lock."""

    def __init__(self, holds: bool, text: str) -> None:
        super().__init__(text)
        #: no leak was found, and nothing contradicts the lock
        self.holds: bool = holds

    def __bool__(self) -> bool:
        return self.holds

    @property
    def clusters(self) -> list[dict[str, typing.Any]]:
        """Images that belong together and are in several splits, each with its strongest pair; a thousand at most."""
        return list(self["clusters"]["first"])

    def __repr__(self) -> str:
        found = "no leak" if self.holds else f"{self['clusters']['count']} clusters leak"
        return f"<vetset.SplitCheck {found}, near {self['search']['near']}>"
