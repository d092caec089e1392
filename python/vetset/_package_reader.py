"""Opened packages: for trainers, loaders and notebooks."""

from __future__ import annotations

import collections.abc
import dataclasses
import json
import os
import typing

from . import _core, _html
from ._claims import attest, prove
from ._package import verify
from ._samples import Samples

if typing.TYPE_CHECKING:
    from ._arguments import Path


class Package:
    """A package that was packed or sealed: a folder, a single file, or a training folder with a seal in it.

        package = vetset.Package("street.pkg")
        for sample in package.samples.of_split("train"):
            picture, boxes = sample.image(), sample.annotations.boxes

    Opening reads the manifest and the footer of the table of samples, however large the package is; all else is read
    when it is asked for. The labels of a sealed folder without tables are read when samples, tables or classes are
    first asked for, with `threads` threads (0: what the machine has). Many threads may read at once, and one that was
    pickled opens its path again, so a loader with workers may be given it.

    Each image is held to the digest that its sample states, unless `check=False`. Whether the package is what was
    signed is for `verify` to say, which reads every file. `images_dir` is where images are found, by their paths, that
    are not in the package (layout "external"). Of annotations about `cached` bytes are kept decoded.

    Raises `vetset.Error`: "not_found" where nothing is there or it is no package, "malformed" where a manifest or a
    table is broken, "unsupported" where it is of a later version, "untrusted" where bytes are not those recorded.
    """

    def __init__(
        self, path: Path, *, check: bool = True, images_dir: Path | None = None, cached: int = 1 << 30, threads: int = 0
    ) -> None:
        self._path = os.fspath(path)
        self._options = (check, "" if images_dir is None else os.path.abspath(images_dir), cached, threads)
        self._place = os.path.abspath(self._path)
        self._opened: _core.PackageCore | None = _core.open_package(self._path, *self._options)
        self._manifest: dict[str, typing.Any] | None = None
        self._classes: tuple[list[str], dict[str, int]] | None = None

    @property
    def _core(self) -> _core.PackageCore:
        if self._opened is None:
            raise ValueError(f"the package {self._path!r} was closed")
        return self._opened

    @property
    def path(self) -> str:
        """As it was given."""
        return self._path

    @property
    def manifest(self) -> dict[str, typing.Any]:
        """The manifest, vetset.json: what is signed. docs/package-format.md has its keys."""
        if self._manifest is None:
            self._manifest = json.loads(self._core.manifest)
        return self._manifest

    @property
    def name(self) -> str:
        return str(self.manifest["name"])

    @property
    def version(self) -> str:
        return str(self.manifest["version"])

    @property
    def package_id(self) -> str:
        """SHA-256 of the manifest's bytes: "sha256:…"."""
        return self._core.package_id

    @property
    def dataset_id(self) -> str:
        """The identity of labels and images, as the manifest states it."""
        return self._core.dataset_id

    @property
    def labels_id(self) -> str:
        """The identity of what the labels say, as the manifest states it."""
        return self._core.labels_id

    @property
    def form(self) -> str:
        """"sealed" or "directory", whether it lies in a folder or in one file."""
        return self._core.form

    @property
    def tables(self) -> Tables:
        """The tables by name: "samples", "annotations", "categories" …; docs/package-format.md has their columns."""
        return Tables(self._core)

    @property
    def samples(self) -> Samples:
        """All samples, in the order of their table."""
        return Samples(self, None)

    @property
    def classes(self) -> list[str]:
        """The names of the classes; `annotations.class_index` counts in it."""
        return list(self._class_names()[0])

    @property
    def splits(self) -> list[str]:
        """The splits there are, as `samples.of_split` takes them."""
        core = self._core
        if "splits" not in core.table_names():
            return []
        return [name for name in core.table("splits").texts("split_id") if name is not None]

    @property
    def evidence(self) -> list[Evidence]:
        """What was said about it in signed statements. Nobody's signature is checked here: `verify` does that."""
        return [Evidence(path, kind, json.loads(predicate), hint, subject)
                for path, kind, hint, predicate, subject in self._core.evidence()]

    @property
    def documents(self) -> Documents:
        """What it holds for people: read me, licence, card, evidence, metadata. A mapping of paths to bytes."""
        return Documents(self._core, [file["path"] for file in self.manifest["files"] if file["role"] in _DOCUMENTS])

    def verify(self, *args: typing.Any, **kwargs: typing.Any) -> _core.Verification:
        """Whether it is what was sealed: `vetset.verify` of its path, with the same arguments."""
        return verify(self._place, *args, **kwargs)

    def attest(self, *, key: Path | None = None, **kwargs: typing.Any) -> _core.Attested:
        """Adds signed statements to it: `vetset.attest` of its path, with the same arguments."""
        return attest(self._place, key=key, **kwargs)

    def prove(self, sample: str, *, threads: int = 0) -> _core.InclusionProof:
        """That a sample, by its key, is in it: for who has the manifest alone (`vetset.prove`)."""
        return prove(self._place, sample, threads=threads)

    def close(self) -> None:
        """Lets go of its files. Tables that were taken from it stay readable, its samples do not."""
        self._opened = None

    def __enter__(self) -> Package:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[typing.Any, ...]:
        return _reopened, (self._place, self._options)

    def __repr__(self) -> str:
        if self._opened is None:
            return f"<vetset.Package {self._path!r}: closed>"
        return f"<vetset.Package {self.name} {self.version}, {self.form}: {self._path!r}>"

    def _repr_html_(self) -> str:
        return _html.package(self)

    def _class_names(self) -> tuple[list[str], dict[str, int]]:
        """The names, and which row each key of a class is."""
        if self._classes is None:
            table = self._core.table("categories")
            keys = table.texts("category_id")
            self._classes = [name or "" for name in table.texts("name")], {key or "": row for row, key in enumerate(keys)}
        return self._classes


_DOCUMENTS = ("doc", "evidence", "croissant")


def _reopened(path: str, options: tuple[bool, str, int, int]) -> Package:
    check, images_dir, cached, threads = options
    return Package(path, check=check, images_dir=images_dir or None, cached=cached, threads=threads)


class Tables(collections.abc.Mapping[str, _core.PackageTable]):
    """The tables of a package by name. Each gives an Arrow stream: `pyarrow.table(package.tables["samples"])`."""

    def __init__(self, core: _core.PackageCore) -> None:
        self._core = core
        self._names = core.table_names()

    def __getitem__(self, name: str) -> _core.PackageTable:
        if name not in self._names:
            raise KeyError(f"there is no table {name!r}, only: {', '.join(self._names)}")
        return self._core.table(name)

    def __iter__(self) -> collections.abc.Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return f"<vetset.Tables {', '.join(self._names)}>"


@dataclasses.dataclass(frozen=True)
class Evidence:
    """A signed statement about a package, taken apart; whether its signature holds is for `verify` to say."""

    #: of its file in the package
    path: str
    #: package, audit, conversion, split, lineage or evaluation
    kind: str
    #: what it says: the predicate of the in-toto statement
    predicate: dict[str, typing.Any]
    #: the key that it names, by its hint: SHA-256 of the public key's PEM file. It proves nothing by itself
    signed_by: str
    #: whether it speaks of this very package
    about_this: bool

    @property
    def result(self) -> str | None:
        """What it came to ("PASSED"); None for a kind that has no result."""
        found = self.predicate.get("result")
        return found if isinstance(found, str) else None


class Documents(collections.abc.Mapping[str, bytes]):
    """Files of a package for people, by path. Each is held to its digest as it is read."""

    def __init__(self, core: _core.PackageCore, paths: list[str]) -> None:
        self._core = core
        self._paths = paths

    def __getitem__(self, path: str) -> bytes:
        if path not in self._paths:
            raise KeyError(f"there is no document {path!r}, only: {', '.join(self._paths) or 'none'}")
        return self._core.file(path)

    def __iter__(self) -> collections.abc.Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def __repr__(self) -> str:
        return f"<vetset.Documents {', '.join(self._paths) or 'none'}>"
