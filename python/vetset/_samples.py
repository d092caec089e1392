"""Samples of a package: their images, and what is marked in them."""

from __future__ import annotations

import collections.abc
import typing

from . import _core, _frames

if typing.TYPE_CHECKING:
    import numpy
    import numpy.typing

    from ._package_reader import Package


class Samples(collections.abc.Sequence["Sample"]):
    """Samples of a package, all or some: by number, by key, or a slice of them."""

    def __init__(self, package: Package, rows: collections.abc.Sequence[int] | None) -> None:
        self._package = package
        #: rows of the table of samples
        self._rows: collections.abc.Sequence[int] = range(package._core.samples()) if rows is None else rows

    @property
    def rows(self) -> numpy.typing.NDArray[numpy.int64]:
        """Which rows of the table of samples they are: int64, shape (n,)."""
        import numpy

        return numpy.asarray(self._rows, dtype=numpy.int64)

    def __len__(self) -> int:
        return len(self._rows)

    @typing.overload
    def __getitem__(self, item: int | str) -> Sample: ...
    @typing.overload
    def __getitem__(self, item: slice) -> Samples: ...
    def __getitem__(self, item: int | str | slice) -> Sample | Samples:
        """A sample by number or by key; some of them by a slice. Raises IndexError or KeyError where there is none."""
        if isinstance(item, slice):
            return Samples(self._package, self._rows[item])
        if isinstance(item, str):
            row = self._package._core.find_key(item)
            return self._one(row, "key", item)
        try:
            row = self._rows[item]
        except IndexError:
            raise IndexError(f"there is no sample {item}, only {len(self)}") from None
        return Sample(self._package, self._package._core.sample(int(row)))

    def by_path(self, path: str) -> Sample:
        """The first sample of a path, as the source named it. Raises KeyError where there is none."""
        return self._one(self._package._core.find_path(path), "path", path)

    def of_split(self, split: str) -> Samples:
        """Those of a split, in their order. Raises KeyError where there is no such split."""
        import numpy

        known = self._package.splits
        if split not in known:
            raise KeyError(f"there is no split {split!r}, only: {', '.join(known) or 'none'}")
        found = self._package._core.of_split(split)
        return Samples(self._package, found if isinstance(self._rows, range) and len(self) == self._package._core.samples()
                       else self.rows[numpy.isin(self.rows, found)])

    def _one(self, row: int | None, what: str, wanted: str) -> Sample:
        if row is None or not self._has(row):
            raise KeyError(f"there is no sample of the {what} {wanted!r}")
        return Sample(self._package, self._package._core.sample(row))

    def _has(self, row: int) -> bool:
        if isinstance(self._rows, range):
            return row in self._rows
        return bool((self.rows == row).any())

    def __contains__(self, item: object) -> bool:
        """Whether a sample, or a sample of that key, is among them."""
        if isinstance(item, Sample):
            return item.package.package_id == self._package.package_id and self._has(item.row)
        row = self._package._core.find_key(item) if isinstance(item, str) else None
        return row is not None and self._has(row)

    def __repr__(self) -> str:
        return f"<vetset.Samples {len(self)} of {self._package.name} {self._package.version}>"


class Sample:
    """An image of a package and what is known of it. Equal where package and row are."""

    __slots__ = ("_annotations", "_core", "_package")

    def __init__(self, package: Package, core: _core.SampleCore) -> None:
        self._package = package
        self._core = core
        self._annotations: SampleAnnotations | None = None

    @property
    def package(self) -> Package:
        return self._package

    @property
    def row(self) -> int:
        """Of the table of samples."""
        return self._core.row

    @property
    def key(self) -> str:
        """Its `sample_id`: what other tables call it by."""
        return self._core.key

    @property
    def path(self) -> str:
        """As the source named it."""
        return self._core.path

    @property
    def splits(self) -> list[str]:
        return self._core.splits

    @property
    def state(self) -> str | None:
        """"labelled", "labelled_empty", "unlabelled" or "skipped"; None where the source does not say."""
        return self._core.state

    @property
    def width(self) -> int | None:
        """In pixels, as the table states it; None where it is not known."""
        return self._core.width or None

    @property
    def height(self) -> int | None:
        """In pixels, as the table states it; None where it is not known."""
        return self._core.height or None

    @property
    def media(self) -> str | None:
        """Where the package holds its image: a file, or a shard and the member in it; None where it does not."""
        return self._core.media

    @property
    def shard(self) -> str | None:
        """The tar file that its image is a member of; None for a file of its own."""
        return self._core.shard

    @property
    def offset(self) -> int:
        """Where the image's bytes begin in the shard."""
        return self._core.offset

    @property
    def size(self) -> int | None:
        """Of the image file in bytes; None where it was not at hand when the package was made."""
        return self._core.size

    @property
    def sha256(self) -> str | None:
        """Of the image file, 64 hexadecimal digits; None where it was not at hand when the package was made."""
        return self._core.sha256

    def bytes(self) -> bytes:
        """The image file. Raises `vetset.Error` of code "untrusted" (E_MEDIA_DIGEST) where it is not the one that the
        table states, and "not_found" where the package does not hold it."""
        return self._package._core.bytes(self._core)

    def image(self, turned: bool | None = None) -> numpy.typing.NDArray[numpy.uint8]:
        """The picture: uint8, shape (height, width, 3), RGB. Grey becomes three equal channels, 16 bits become 8, and
        what is transparent lies on white.

        It is turned as its EXIF says, as the labels of most datasets take it for granted; not where the table states
        the size of the stored frame. `turned=True` and `turned=False` decide that for every image: OpenCV turns,
        Pillow and torchvision do not. Raises `vetset.Error` of code "malformed" where it cannot be decoded whole.
        """
        return self._package._core.image(self._core, turned)

    @property
    def annotations(self) -> SampleAnnotations:
        """What is marked in it. Read when it is first asked for."""
        if self._annotations is None:
            self._annotations = SampleAnnotations(self._package, self._package._core.annotations(self._core))
        return self._annotations

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sample) and self.row == other.row and self._package.package_id == other._package.package_id

    def __hash__(self) -> int:
        return hash((self._package.package_id, self.row))

    def __reduce__(self) -> tuple[typing.Any, ...]:
        return _sample_of, (self._package, self.row)

    def __repr__(self) -> str:
        return f"<vetset.Sample {self.row} {self.key!r}>"


def _sample_of(package: Package, row: int) -> Sample:
    return Sample(package, package._core.sample(row))


class SampleAnnotations(collections.abc.Sequence[dict[str, typing.Any]]):
    """The annotations of one sample: a sequence of dicts, in the order of the table. A dict has the columns that have a
    value in that row, as docs/package-format.md has them; columns that hold JSON give its text."""

    def __init__(self, package: Package, core: _core.AnnotationsCore) -> None:
        self._package = package
        self._core = core

    def __len__(self) -> int:
        return len(self._core)

    @typing.overload
    def __getitem__(self, item: int) -> dict[str, typing.Any]: ...
    @typing.overload
    def __getitem__(self, item: slice) -> list[dict[str, typing.Any]]: ...
    def __getitem__(self, item: int | slice) -> dict[str, typing.Any] | list[dict[str, typing.Any]]:
        rows = range(len(self._core))[item]
        return [self._core.record(row) for row in rows] if isinstance(rows, range) else self._core.record(rows)

    @property
    def boxes(self) -> numpy.typing.NDArray[numpy.float64]:
        """float64, shape (n, 4): x and y of the top-left corner, width, height, in pixels. NaN where there is no box."""
        return self._core.boxes

    @property
    def classes(self) -> list[str | None]:
        """The class of each by name; None where it has none."""
        names = self._package._class_names()[0]
        return [names[row] if row >= 0 else None for row in self._class_rows()]

    @property
    def class_index(self) -> numpy.typing.NDArray[numpy.int64]:
        """The class of each as a place in `package.classes`: int64, shape (n,); -1 where it has none."""
        import numpy

        return numpy.array(self._class_rows(), dtype=numpy.int64)

    @property
    def table(self) -> _core.Table:
        """The same rows for whatever speaks Arrow, without columns in which none has a value."""
        return self._core.table

    def to_arrow(self) -> typing.Any:
        """The rows as a pyarrow.Table; needs pyarrow."""
        return _frames.arrow(self.table)

    def to_pandas(self) -> typing.Any:
        """The rows as a pandas.DataFrame; needs pandas and pyarrow."""
        return _frames.pandas(self.table)

    def to_polars(self) -> typing.Any:
        """The rows as a polars.DataFrame; needs polars."""
        return _frames.polars(self.table)

    def _class_rows(self) -> list[int]:
        rows = self._package._class_names()[1]
        return [-1 if key is None else rows.get(key, -1) for key in self._core.texts("category_id")]

    def __repr__(self) -> str:
        return f"<vetset.SampleAnnotations {len(self)}>"
