"""Why a machine will not run a model, or slowly: `vetset doctor` in Python."""

from __future__ import annotations

import collections.abc
import dataclasses
import os
import sys
import sysconfig
import typing

from . import _core
from ._reports import Document

if typing.TYPE_CHECKING:
    from ._arguments import Path


@dataclasses.dataclass(frozen=True)
class Complaint:
    """Something that is wrong, or worth knowing: one sentence of cause, one command of cure."""

    grade: str
    check: str
    subject: str
    cause: str
    cure: str

    def __str__(self) -> str:
        return f"{self.grade}: {self.cause} [{self.check}]" + (f"\n  fix: {self.cure}" if self.cure else "")


class Doctor(Document):
    """What the doctor found (docs/schema/doctor-v1.json)."""

    @property
    def grade(self) -> str:
        """"fine", "degraded" (works, slower) or "broken"."""
        return typing.cast(str, self["grade"])

    @property
    def complaints(self) -> list[Complaint]:
        """The worst first; notes are the last."""
        return [Complaint(**line) for line in self["lines"]]

    def __str__(self) -> str:
        return "\n".join([*(str(c) for c in self.complaints if c.grade != "note"), self.grade])

    def __repr__(self) -> str:
        return f"<vetset.Doctor {self.grade}, {len(self['lines'])} lines>"


def doctor(
    models: Path | collections.abc.Sequence[Path] = (),
    *,
    providers: collections.abc.Sequence[str] = (),
    root: Path = "",
    target: Path = "",
    sites: collections.abc.Sequence[Path] = (),
    environment: collections.abc.Mapping[str, str] | None = None,
) -> Doctor:
    """Say why a machine will not run a model, and what to do about it. Looks at files only.

    Without `root`, `target` and `sites` it looks at the Python that runs it. `providers` must work: what stands against
    them is broken, not degraded. `target` is a machine's profile, or a GPU as "sm_120".
    """
    if isinstance(models, (str, os.PathLike)):
        models = [models]
    if not (root or target or sites):
        sites = [sysconfig.get_paths()["purelib"] if sys.prefix == sys.base_prefix else sys.prefix]
    variables = [f"{name}={value}" for name, value in (environment or {}).items()]
    return Doctor(
        _core.doctor(
            [os.fspath(m) for m in models],
            list(providers),
            os.fspath(root),
            os.fspath(target),
            [os.fspath(s) for s in sites],
            variables,
        )
    )
