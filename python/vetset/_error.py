"""What vetset raises."""

from __future__ import annotations

import typing

if typing.TYPE_CHECKING:
    from ._proof import Proof


class Error(Exception):
    """Why an operation gave no result, and where in the input.

    `code` says what can be done about it: usage, not_found, io, malformed, limit, unsupported, refused, untrusted,
    cancelled, or defect (vetset itself is wrong). `file`, `line` and `column` are None where not known.

    A conversion that is refused because the target asks for decisions carries `proof` (what was found), `accept` (the
    answers that most people give) and `command` (the whole command line that takes them).
    """

    proof: Proof | None = None
    accept: str | None = None
    command: str | None = None

    def __init__(
        self, code: str, message: str, file: str | None = None, line: int | None = None, column: int | None = None
    ) -> None:
        super().__init__(code, message, file, line, column)
        self.code = code
        self.message = message
        self.file = file
        self.line = line
        self.column = column

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        return f"{place}: {self.message}" if place else self.message
