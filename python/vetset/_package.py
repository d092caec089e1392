"""Sealing a folder, and verifying what was sealed."""

from __future__ import annotations

import collections.abc
import os
import typing

from . import _core

if typing.TYPE_CHECKING:
    from ._arguments import Path, Progress


def seal(
    folder: Path,
    *,
    key: Path | None = None,
    passphrase: str = "",
    name: str = "",
    version: str = "",
    format: str | None = None,
    threads: int = 0,
    progress: Progress | None = None,
) -> _core.Seal:
    """Makes a training folder a package that others can verify: `.vetset/` in it gets the manifest of every file, the
    dataset's identities and, with `key` (a P-256 private key in a PEM file), a signature. Nothing else is touched."""
    return _core.seal(folder, "" if key is None else key, passphrase, name, version, format or "", threads, progress)


def verify(
    path: Path,
    key: Path | collections.abc.Iterable[Path] = (),
    *,
    threads: int = 0,
    progress: Progress | None = None,
) -> _core.Verification:
    """Whether a sealed folder or a package is what was sealed: "intact"; with public keys that are trusted, "verified"."""
    keys = [key] if isinstance(key, (str, os.PathLike)) else list(key)
    return _core.verify(path, keys, threads, progress)


def new_key(path: Path, passphrase: str = "") -> _core.NewKey:
    """Writes a new P-256 key pair: `path` (private, mode 0600, encrypted where a passphrase is given) and `path`.pub."""
    return _core.new_key(path, passphrase)
