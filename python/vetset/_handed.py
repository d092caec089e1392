"""What is handed to people and to other teams, and what comes back: queue, review, receive, privacy."""

from __future__ import annotations

import dataclasses
import os
import typing

from . import _core
from ._error import Error
from ._reports import Document

if typing.TYPE_CHECKING:
    from ._arguments import Path


class QueueReport(Document):
    """What people shall look at, and how many of it is likely wrong (docs/schema/queue-v1.json)."""

    def __repr__(self) -> str:
        return f"<vetset.QueueReport {len(self['items'])} items of {self['suspects']} suspects>"


class ReviewReport(Document):
    """What people made of a queue (docs/schema/review-v1.json)."""

    def __repr__(self) -> str:
        return f"<vetset.ReviewReport {len(self['items'])} items, {len(self['edits'])} edits>"


class Receipt(Document):
    """A receiver's answer to a package (docs/schema/receipt-v1.json). True where it is accepted."""

    def __init__(self, received: _core.Receipt) -> None:
        super().__init__(received.json)
        self.accepted: bool = received.accepted
        #: the counter-signature, a bundle as text; empty: not signed, or not accepted
        self.statement: str = received.statement
        #: SHA-256 of the public key that signed it; empty: none did
        self.key_hint: str = received.key_hint

    def save(self, path: Path) -> None:
        """Writes the counter-signature, for the sender."""
        if not self.statement:
            raise Error("usage", "there is no counter-signature: " + ("not accepted" if not self.accepted else "say sign_with=KEY"))
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.statement)

    def __bool__(self) -> bool:
        return self.accepted

    def __repr__(self) -> str:
        return f"<vetset.Receipt {'accepted' if self.accepted else 'refused'}>"


@dataclasses.dataclass(frozen=True)
class PrivateThing:
    """Something that data tell of people or places, and where it stands."""

    #: place, device, person, thumbnail, address, user path
    kind: str
    #: in the dataset; None: in the labels
    file: str | None
    where: str
    value: str
    count: int
    #: by `strip_metadata`
    removable: bool


class Privacy:
    """What a dataset tells of people and places. True where it tells something."""

    def __init__(self, found: _core.Private) -> None:
        #: how often each kind was found
        self.counts: dict[str, int] = {kind: count for kind, count, _ in found.kinds}
        self.things: list[PrivateThing] = [PrivateThing(*thing) for thing in found.things]
        #: images there are, and those that were looked into
        self.images: int = found.images
        self.looked_at: int = found.looked_at
        #: what was not looked at, and why, a line each
        self.not_looked_at: list[str] = found.not_looked_at

    def __bool__(self) -> bool:
        return bool(self.things)

    def __repr__(self) -> str:
        told = ", ".join(f"{kind} {count}" for kind, count in self.counts.items())
        return f"<vetset.Privacy {told or 'nothing'} in {self.looked_at} of {self.images} images>"


class Stripped(Document):
    """Which files lost their metadata, and how many bytes of it (docs/schema/strip-v1.json)."""

    def __repr__(self) -> str:
        return f"<vetset.Stripped {len(self['files'])} of {self['images']} images, {self['removed_bytes']} bytes>"


def queue_document(queue: QueueReport | Path) -> str:
    """A queue as text, or the file that lists it."""
    if isinstance(queue, QueueReport):
        return queue.to_json()
    try:
        with open(queue, encoding="utf-8") as file:
            return file.read()
    except OSError as error:
        code = "not_found" if isinstance(error, FileNotFoundError) else "io"
        raise Error(code, (error.strerror or str(error)).lower(), os.fspath(queue)) from error
    except ValueError as error:
        raise Error("malformed", "is no queue that vetset wrote", os.fspath(queue)) from error

