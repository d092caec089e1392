"""Sealing a folder, and verifying what was sealed."""

from __future__ import annotations

import collections.abc
import typing

from . import _core
from ._arguments import _words, paths
from ._claims import claim_options
from ._error import Error

if typing.TYPE_CHECKING:
    from ._arguments import Path, Progress, Words
    from ._claims import Derived


def seal(
    folder: Path,
    *,
    key: Path | None = None,
    passphrase: str = "",
    name: str = "",
    version: str = "",
    format: str | None = None,
    tables: bool = True,
    parents: Path | collections.abc.Iterable[Path] = (),
    epoch: int | None = None,
    evidence: Words = (),
    answers: Path | None = None,
    threads: int = 0,
    progress: Progress | None = None,
    **about: typing.Unpack[Derived],
) -> _core.Seal:
    """Makes a training folder a package that others can verify: `.vetset/` in it gets the manifest of every file, the
    dataset's identities, its labels as tables and as they were authored (`tables`; `restore` needs them) and, with `key`
    (a P-256 private key in a PEM file), a signature. Nothing else is touched. `parents` are packages or sealed folders
    that it was made from; `epoch` is the time that it states, in seconds since 1970, if any. `answers` is a file of what
    only its makers know (`card_questions`). `evidence` names claims that are found out and listed: "audit", "split",
    "lineage"; how, is said as in `attest`, and `earlier` is where the data came from."""
    return _core.seal(
        folder,
        "" if key is None else key,
        passphrase,
        name,
        version,
        format or "",
        tables,
        paths(parents),
        epoch,
        _words(evidence),
        claim_options(**about),
        "" if answers is None else answers,
        threads,
        progress,
    )


def restore(
    folder: Path,
    sources: Path | collections.abc.Iterable[Path] = (),
    *,
    dry_run: bool = False,
    clean: bool = False,
    threads: int = 0,
    progress: Progress | None = None,
) -> _core.Restored:
    """Puts a sealed folder back as it was sealed: label files from the seal's own tables, all else by its digest from
    `sources`, packages and copies. Files that the seal does not list are left alone; `clean` removes those that known
    tools leave behind."""
    return _core.restore(folder, paths(sources), dry_run, clean, threads, progress)


def verify(
    path: Path,
    key: Path | collections.abc.Iterable[Path] = (),
    *,
    policy: Path | None = None,
    policy_key: Path | collections.abc.Iterable[Path] = (),
    allowed_signers: Path | None = None,
    revoked_keys: Path | None = None,
    today: str = "",
    only: Words = (),
    sample: float | str = 1,
    strict: bool = False,
    against: Path | None = None,
    recheck: Words = (),
    source: Path | None = None,
    earlier: Path | None = None,
    predictions: Path | None = None,
    threads: int = 0,
    progress: Progress | None = None,
) -> _core.Verification:
    """Whether a sealed folder or a package is what was sealed: "intact"; with public keys that are trusted, "verified".

    A signed trust `policy` says whose keys count and what else must be there, and `policy_key` who may have signed the
    policy itself. `allowed_signers` is ssh-keygen's file of that name, for packages that SSH keys signed, and
    `revoked_keys` its list of those that count no more. `today` ("2026-11-22") is the day that validities are held to, the machine's if not said. `only`
    compares the digests of some paths, or folders that end in "/", and `sample` ("10%" or 0.1) those of a share of the
    files; the verdict then is "partial". With `strict`, hard links, images that decode to far more than they are, and
    bytes behind images are errors. `against` is an earlier copy or version: which records differ is told.

    `recheck` names claims that are found out again: "audit", "split", "conversion" (with `source`, what was converted),
    "lineage" (with `earlier`, what it came from), "evaluation" (with `predictions`). One that does not hold makes the
    verdict "broken"."""
    return _core.verify(
        path,
        paths(key),
        "" if policy is None else policy,
        paths(policy_key),
        allowed_signers or "",
        revoked_keys or "",
        today,
        _words(only),
        _share(sample),
        strict,
        "" if against is None else against,
        _words(recheck),
        source or "",
        earlier or "",
        predictions or "",
        threads,
        progress,
    )


def _share(sample: float | str) -> float:
    """0.1 and "10%" are a tenth."""
    try:
        share = float(sample[:-1]) / 100 if isinstance(sample, str) and sample.endswith("%") else float(sample)
    except ValueError:
        share = -1
    if not 0 < share <= 1:
        raise Error("usage", f"sample is {sample!r}, expected a share such as 0.1 or '10%'")
    return share


def new_key(path: Path, passphrase: str = "") -> _core.NewKey:
    """Writes a new P-256 key pair: `path` (private, mode 0600, encrypted where a passphrase is given) and `path`.pub."""
    return _core.new_key(path, passphrase)
