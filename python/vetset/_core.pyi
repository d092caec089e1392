"""The C++ core of vetset; use the package `vetset`."""

from collections.abc import Callable, Iterator, Sequence
import os
from typing import Annotated, Any, overload

import numpy
from numpy.typing import NDArray
from typing_extensions import CapsuleType

import vetset._findings


class Rows:
    """
    Rows of a dataset: columns as NumPy views, and the whole as an Arrow table.
    """

    def __len__(self) -> int: ...

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> CapsuleType:
        """
        The rows as an Arrow stream: pyarrow.table(rows), polars.DataFrame(rows), pandas and DuckDB take it.
        """

    def to_arrow(self) -> Any:
        """The rows as a pyarrow.Table; needs pyarrow."""

    def to_pandas(self) -> Any:
        """
        The rows as a pandas.DataFrame; needs pandas and pyarrow. Whole numbers that some rows lack become floats.
        """

    def to_polars(self) -> Any:
        """The rows as a polars.DataFrame; needs polars."""

    def to_parquet(self, path: str | os.PathLike[str], progress: Callable[[str, int, int], object] | None = None) -> None:
        """Writes the rows to a Parquet file, whole or not at all."""

class Table:
    """Rows of a report: findings, edits, differences."""

    def __len__(self) -> int: ...

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> CapsuleType:
        """
        The rows as an Arrow stream: pyarrow.table(rows), polars.DataFrame(rows), pandas and DuckDB take it.
        """

    def to_arrow(self) -> Any:
        """The rows as a pyarrow.Table; needs pyarrow."""

    def to_pandas(self) -> Any:
        """
        The rows as a pandas.DataFrame; needs pandas and pyarrow. Whole numbers that some rows lack become floats.
        """

    def to_polars(self) -> Any:
        """The rows as a polars.DataFrame; needs polars."""

    def to_parquet(self, path: str | os.PathLike[str], progress: Callable[[str, int, int], object] | None = None) -> None:
        """Writes the rows to a Parquet file, whole or not at all."""

    def __repr__(self) -> str: ...

class Texts:
    """A column of texts: a sequence of str, and an Arrow column."""

    def __len__(self) -> int: ...

    @overload
    def __getitem__(self, row: int, /) -> str: ...

    @overload
    def __getitem__(self, rows: slice, /) -> list[str]: ...

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> CapsuleType:
        """The texts as an Arrow stream: pyarrow.chunked_array(texts)."""

    def __repr__(self) -> str: ...

class Images(Rows):
    """The images of a dataset, one a row."""

    @property
    def id(self) -> Annotated[NDArray[numpy.int64], dict(shape=(None,), writable=False)] | None:
        """
        Ids as the source gives them; None where it gives none. Text ids are in the table.
        """

    @property
    def width(self) -> Annotated[NDArray[numpy.uint32], dict(shape=(None,), writable=False)]:
        """Pixels; 0 where not known."""

    @property
    def height(self) -> Annotated[NDArray[numpy.uint32], dict(shape=(None,), writable=False)]:
        """Pixels; 0 where not known."""

    @property
    def state(self) -> Annotated[NDArray[numpy.uint8], dict(shape=(None,), writable=False)]:
        """
        What the source says of the labels: a number that `vetset.image_states` names.
        """

    @property
    def path(self) -> Texts:
        """Path as the source names it."""

    @property
    def media(self) -> Texts:
        """Path of the image file in the dataset; empty where it was not found."""

class Annotations(Rows):
    """The annotations of a dataset, one a row."""

    @property
    def box(self) -> Annotated[NDArray[numpy.float64], dict(shape=(None, 4), writable=False)]:
        """
        Left, top, width, height in pixels, one row an annotation; zeros where `box_origin` is 0.
        """

    @property
    def image(self) -> Annotated[NDArray[numpy.uint32], dict(shape=(None,), writable=False)]:
        """Row of the image; 0xffffffff: none."""

    @property
    def category(self) -> Annotated[NDArray[numpy.uint32], dict(shape=(None,), writable=False)]:
        """Row of the category; 0xffffffff: none."""

    @property
    def flags(self) -> Annotated[NDArray[numpy.uint32], dict(shape=(None,), writable=False)]:
        """All marks, two bits each; `flag` gives one of them."""

    @property
    def kind(self) -> Annotated[NDArray[numpy.uint8], dict(shape=(None,), writable=False)]:
        """A number that `vetset.kinds` names."""

    @property
    def box_origin(self) -> Annotated[NDArray[numpy.uint8], dict(shape=(None,), writable=False)]:
        """0: no box, 1: stated, 2: computed from the shape, 3: unplaced."""

    @property
    def layer(self) -> Annotated[NDArray[numpy.uint16], dict(shape=(None,), writable=False)]:
        """Annotator or model; 0 where not said."""

    @property
    def order(self) -> Annotated[NDArray[numpy.uint32], dict(shape=(None,), writable=False)]:
        """Number of the record in its file, from 0."""

    @property
    def id(self) -> Annotated[NDArray[numpy.int64], dict(shape=(None,), writable=False)] | None:
        """Ids as the source gives them; None where it gives none."""

    @property
    def area(self) -> Annotated[NDArray[numpy.float64], dict(shape=(None,), writable=False)] | None:
        """Areas as stated, NaN where not; None where the source states none."""

    @property
    def score(self) -> Annotated[NDArray[numpy.float64], dict(shape=(None,), writable=False)] | None:
        """Scores, NaN where there is none; None where the source has none."""

    def flag(self, name: str) -> Annotated[NDArray[numpy.int8], dict(shape=(None,))]:
        """One mark of every annotation: 1 yes, 0 no, -1 not said. A new array."""

class Categories(Rows):
    """The categories of a dataset, one a row."""

    @property
    def id(self) -> Annotated[NDArray[numpy.int64], dict(shape=(None,), writable=False)] | None:
        """Ids as the source gives them; None where it gives none."""

    @property
    def name(self) -> Texts: ...

class Splits(Rows):
    """
    The splits of a dataset, one a row; two documents of one name are two rows.
    """

    @property
    def name(self) -> Texts: ...

    @property
    def role(self) -> Texts:
        """What the name means: train, val, test, other, or unspecified."""

class Memberships(Rows):
    """Which image is in which split; an image may be in several."""

    @property
    def split(self) -> Annotated[NDArray[numpy.uint32], dict(shape=(None,), writable=False)]:
        """Row of the split."""

    @property
    def image(self) -> Annotated[NDArray[numpy.uint32], dict(shape=(None,), writable=False)]:
        """Row of the image."""

    @property
    def order(self) -> Annotated[NDArray[numpy.uint32], dict(shape=(None,), writable=False)]:
        """Place in the split, from 0."""

kinds: tuple = ...

image_states: tuple = ...

class Finding:
    """One thing found wrong with the data: what, how grave, and where."""

    @property
    def code(self) -> str:
        """Of its rule: "FMT407"."""

    @property
    def rule(self) -> str:
        """Its name: "box-outside-image"."""

    @property
    def severity(self) -> str:
        """error, warning or note."""

    @property
    def evidence(self) -> str:
        """How certain it is: proof, calibrated or hint."""

    @property
    def message(self) -> str: ...

    @property
    def fix(self) -> str | None:
        """What would mend it; None where only a person knows."""

    @property
    def score(self) -> float | None:
        """How far it is off, where that is a number."""

    @property
    def file(self) -> str | None:
        """Path in the dataset."""

    @property
    def line(self) -> int | None: ...

    @property
    def column(self) -> int | None: ...

    @property
    def image(self) -> int | None:
        """Row of the image it concerns."""

    @property
    def annotation(self) -> int | None:
        """Row of the annotation it concerns."""

    @property
    def category(self) -> int | None:
        """Row of the category it concerns."""

    def __repr__(self) -> str: ...

class CheckReport:
    """What a check found. Prints as the program's report does."""

    @property
    def findings(self) -> vetset._findings.Findings:
        """By severity, code and place: a sequence, and tables."""

    @property
    def counts(self) -> dict[str, int]:
        """How many findings, by code."""

    @property
    def not_run(self) -> dict[str, str]:
        """Why rules did not run, by code."""

    @property
    def trainers(self) -> list[str]:
        """What each trainer's loader reads of it, one line a trainer."""

    @property
    def errors(self) -> int: ...

    @property
    def warnings(self) -> int: ...

    @property
    def notes(self) -> int: ...

    @property
    def ok(self) -> bool:
        """Whether nothing was found from the severity of `fail_on` on."""

    @property
    def fail_on(self) -> str:
        """Severity from which on `ok` is False: error, warning, note or never."""

    @property
    def results(self) -> list[RuleResult]:
        """Every rule and what came of it, in the order of the catalogue."""

    @property
    def not_compared(self) -> list[str]:
        """What could not be held against an earlier dataset, a line each."""

    @property
    def taken_out(self) -> dict[str, int]:
        """Findings that do not count: by path, waived, in the baseline."""

    @property
    def table(self) -> Table:
        """
        The findings as a table: code, rule, severity, message, file, line, rows and names of what they are about.
        """

    def to_arrow(self) -> Any:
        """The findings as a pyarrow.Table; needs pyarrow."""

    def to_pandas(self) -> Any:
        """The findings as a pandas.DataFrame; needs pandas and pyarrow."""

    def to_polars(self) -> Any:
        """The findings as a polars.DataFrame; needs polars."""

    def to_sarif(self) -> str:
        """
        The report as SARIF 2.1.0; paths are seen from the root of the repository.
        """

    def to_junit(self) -> str:
        """The report as JUnit XML, a test case a rule."""

    def to_github(self) -> str:
        """The report as annotations of GitHub's workflows."""

    def to_jsonl(self) -> str:
        """The report as JSON Lines, a finding a line."""

    def to_markdown(self) -> str:
        """The report for a pull request, of bounded length."""

    def to_html(self, *, pictures: bool = True) -> str:
        """The report as one HTML page that needs nothing else, below 5 MB."""

    def save(self, path: str | os.PathLike[str], *, pictures: bool = True) -> None:
        """Writes that page to a file, whole or not at all."""

    def write_baseline(self, path: str | os.PathLike[str]) -> None:
        """Takes these findings as known, for later checks with `baseline=path`."""

    def __iter__(self) -> Iterator[Finding]: ...

    def to_json(self) -> str:
        """The report as JSON (docs/schema/check-v1.json), canonical."""

    def to_text(self, *, all: bool = False, width: int = 100) -> str:
        """A screenful, or every finding in a line."""

    def __str__(self) -> str: ...

    def __repr__(self) -> str: ...

class RuleResult:
    """A rule, and what came of it in a check."""

    @property
    def code(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def severity(self) -> str:
        """The rule's own, or as the check was told."""

    @property
    def count(self) -> int:
        """Of findings that count."""

    @property
    def not_run(self) -> str | None:
        """Why it did not run; None where it ran."""

    @property
    def broken(self) -> bool:
        """Whether that was because something went wrong in the rule itself."""

    def __repr__(self) -> str: ...

class Claim:
    """A claim that was made about a package."""

    @property
    def kind(self) -> str:
        """audit, conversion, split, lineage or evaluation."""

    @property
    def result(self) -> str | None:
        """PASSED or FAILED; None: its kind has none."""

    @property
    def evidence(self) -> str | None:
        """Path of the evidence in the package; None: it is inside the statement."""

    @property
    def statement(self) -> str | None:
        """Path of the signed statement; None: nobody signed it."""

    @property
    def bytes(self) -> int:
        """Of the evidence."""

    @property
    def says(self) -> list[str]:
        """A sentence or two."""

    def __repr__(self) -> str: ...

class Attested:
    """What was said about a package, and by which key."""

    @property
    def package_id(self) -> str: ...

    @property
    def dataset_id(self) -> str: ...

    @property
    def key_hint(self) -> str:
        """SHA-256 of the public key."""

    @property
    def claims(self) -> list[Claim]: ...

    def __repr__(self) -> str: ...

class ClaimOptions:
    """How claims are found out."""

def claim_options(select: Sequence[str], ignore: Sequence[str], pixels: bool, fail_on: str, lock: str | os.PathLike, group_by: Sequence[str], near: str, radius: int | None, earlier: str | os.PathLike, steps: Sequence[str | os.PathLike], cache: bool) -> ClaimOptions: ...

def attest(path: str | os.PathLike, kinds: Sequence[str], about: ClaimOptions, conversion: str | os.PathLike, evaluation: str | os.PathLike, model: str | os.PathLike, key: str | os.PathLike, passphrase: str, ssh_signature: str | os.PathLike, threads: int, progress: object | None) -> Attested: ...

class InclusionProof:
    """
    That one sample is in a package: its rows, and for each the digests that lead from it to the root in the manifest.
    """

    @property
    def package_id(self) -> str: ...

    @property
    def sample(self) -> str: ...

    @property
    def annotations(self) -> int:
        """How many the sample has."""

    @property
    def has_image(self) -> bool:
        """
        Whether it proves the image's bytes, too: a package of labels only has none.
        """

    @property
    def json(self) -> str:
        """As a file holds it: docs/schema/inclusion-v1.json."""

    def save(self, path: str | os.PathLike) -> None:
        """Writes it to a file."""

    def __repr__(self) -> str: ...

def prove(path: str | os.PathLike, sample: str, threads: int, progress: object | None) -> InclusionProof: ...

def check_proof(proof: str | os.PathLike, manifest: str | os.PathLike) -> InclusionProof: ...

def trust_init(path: str | os.PathLike, name: str, keys: Sequence[tuple[str, str | os.PathLike]]) -> tuple[str, str | None, bool]: ...

def trust_sign(path: str | os.PathLike, target: str | os.PathLike, key: str | os.PathLike, passphrase: str, overwrite: bool) -> tuple[str, str | None, bool]: ...

def trust_show(path: str | os.PathLike, keys: Sequence[str | os.PathLike]) -> tuple[str, str | None, bool]: ...

class Seal:
    """What was sealed, and as what."""

    @property
    def package_id(self) -> str: ...

    @property
    def dataset_id(self) -> str: ...

    @property
    def labels_id(self) -> str: ...

    @property
    def files(self) -> int: ...

    @property
    def bytes(self) -> int: ...

    @property
    def added(self) -> int:
        """Files that the seal adds and lists: tables, metadata."""

    @property
    def added_bytes(self) -> int: ...

    @property
    def format(self) -> str: ...

    @property
    def key_hint(self) -> str:
        """SHA-256 of the public key; empty: not signed."""

    @property
    def claims(self) -> list[Claim]: ...

    @property
    def warnings(self) -> list[str]: ...

    def __repr__(self) -> str: ...

class VerifyLine:
    """One line of a verification: where, what was expected, what was found."""

    @property
    def level(self) -> str: ...

    @property
    def code(self) -> str: ...

    @property
    def where(self) -> str: ...

    @property
    def expected(self) -> str: ...

    @property
    def actual(self) -> str: ...

    @property
    def words(self) -> str: ...

    def __repr__(self) -> str: ...

class Verification:
    """What became of a seal. True where it holds: intact or verified."""

    @property
    def verdict(self) -> str:
        """
        intact, verified, broken, untrusted, against policy, partial or unsupported.
        """

    @property
    def lines(self) -> list[VerifyLine]: ...

    @property
    def not_checked(self) -> list[str]: ...

    @property
    def package_id(self) -> str: ...

    @property
    def dataset_id(self) -> str: ...

    @property
    def labels_id(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def signers(self) -> list[str]:
        """SHA-256 of the trusted keys that signed it."""

    @property
    def files(self) -> int: ...

    @property
    def bytes(self) -> int: ...

    def __bool__(self) -> bool: ...

    def __repr__(self) -> str: ...

class NewKey:
    """
    A P-256 key pair that was made: where it lies, and the hint that seals name it by.
    """

    @property
    def private_path(self) -> str: ...

    @property
    def public_path(self) -> str: ...

    @property
    def hint(self) -> str: ...

def seal(folder: str | os.PathLike, key: str | os.PathLike, passphrase: str, name: str, version: str, format: str, tables: bool, parents: Sequence[str | os.PathLike], epoch: int | None, evidence: Sequence[str], claims: ClaimOptions, answers: str | os.PathLike, threads: int, progress: object | None) -> Seal: ...

class RestoredFile:
    """A file that was not as sealed, and what became of it."""

    @property
    def path(self) -> str: ...

    @property
    def what(self) -> str:
        """missing, changed, or no file: a link or a folder was in its place."""

    @property
    def source(self) -> str:
        """Where its bytes were found; empty: nowhere."""

    @property
    def sha256(self) -> str: ...

    @property
    def trouble(self) -> str:
        """Why it was not put back; empty: it was."""

    def __repr__(self) -> str: ...

class Restored:
    """What became of a sealed folder. True where all is as sealed now."""

    @property
    def whole(self) -> bool: ...

    @property
    def package_id(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def files(self) -> int: ...

    @property
    def as_sealed(self) -> int: ...

    @property
    def put_back(self) -> int: ...

    @property
    def changed(self) -> list[RestoredFile]: ...

    @property
    def extra(self) -> list[str]: ...

    @property
    def litter(self) -> list[str]:
        """What known tools left behind."""

    def __bool__(self) -> bool: ...

    def __repr__(self) -> str: ...

def restore(folder: str | os.PathLike, sources: Sequence[str | os.PathLike], dry_run: bool, clean: bool, threads: int, progress: object | None) -> Restored: ...

def verify(path: str | os.PathLike, keys: Sequence[str | os.PathLike], policy: str | os.PathLike, policy_keys: Sequence[str | os.PathLike], allowed_signers: str | os.PathLike, revoked_keys: str | os.PathLike, today: str, only: Sequence[str], share: float, strict: bool, against: str | os.PathLike, recheck: Sequence[str], source: str | os.PathLike, earlier: str | os.PathLike, predictions: str | os.PathLike, threads: int, progress: object | None) -> Verification: ...

def new_key(path: str | os.PathLike, passphrase: str) -> NewKey: ...

class PackedCore:
    """What a packing came to."""

    @property
    def json(self) -> str: ...

    @property
    def verdict(self) -> str: ...

    @property
    def exact(self) -> bool: ...

    @property
    def target(self) -> str: ...

    @property
    def proof_path(self) -> str: ...

    @property
    def accept(self) -> str: ...

    @property
    def layout(self) -> str: ...

    @property
    def seal(self) -> Seal: ...

def pack(source: Source, target: str | os.PathLike, layout: str, single_file: bool, key: str | os.PathLike, passphrase: str, name: str, version: str, parents: Sequence[str | os.PathLike], epoch: int | None, evidence: Sequence[str], claims: ClaimOptions, answers: str | os.PathLike, overwrite: bool, threads: int, progress: object | None) -> PackedCore: ...

def packed_format(package: Source) -> str: ...

class SampleCore:
    """One row of the table of samples."""

    @property
    def row(self) -> int: ...

    @property
    def key(self) -> str: ...

    @property
    def path(self) -> str: ...

    @property
    def splits(self) -> list[str]: ...

    @property
    def state(self) -> str | None: ...

    @property
    def width(self) -> int: ...

    @property
    def height(self) -> int: ...

    @property
    def media(self) -> str | None: ...

    @property
    def shard(self) -> str | None: ...

    @property
    def offset(self) -> int: ...

    @property
    def size(self) -> int | None:
        """Of the image in bytes; None where it was not at hand."""

    @property
    def sha256(self) -> str | None:
        """
        Of the image's bytes, in hexadecimal digits; None where it was not at hand.
        """

class PackageTable:
    """A table of a package; nothing of it is read before it is asked for."""

    @property
    def name(self) -> str: ...

    @property
    def columns(self) -> list[str]: ...

    def __len__(self) -> int: ...

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> CapsuleType:
        """
        The rows as an Arrow stream: pyarrow.table(rows), polars.DataFrame(rows), pandas and DuckDB take it.
        """

    def texts(self, column: str) -> list[str | None]:
        """A column of texts as a list; None where a row has none."""

    def to_arrow(self) -> Any:
        """The rows as a pyarrow.Table; needs pyarrow."""

    def to_pandas(self) -> Any:
        """
        The rows as a pandas.DataFrame; needs pandas and pyarrow. Whole numbers that some rows lack become floats.
        """

    def to_polars(self) -> Any:
        """The rows as a polars.DataFrame; needs polars."""

    def __repr__(self) -> str: ...

class AnnotationsCore:
    """The annotations of one sample."""

    def __len__(self) -> int: ...

    def record(self, row: int) -> dict[str, Any]: ...

    def texts(self, column: str) -> list[str | None]: ...

    @property
    def boxes(self) -> Annotated[NDArray[numpy.float64], dict(shape=(None, 4))]: ...

    @property
    def table(self) -> Table: ...

class PackageCore:
    """An open package; use `vetset.Package`."""

    @property
    def manifest(self) -> str: ...

    @property
    def package_id(self) -> str: ...

    @property
    def dataset_id(self) -> str: ...

    @property
    def labels_id(self) -> str: ...

    @property
    def form(self) -> str: ...

    def table_names(self) -> list[str]: ...

    def table(self, name: str) -> PackageTable: ...

    def samples(self) -> int: ...

    def sample(self, row: int) -> SampleCore: ...

    def find_key(self, key: str) -> int | None: ...

    def find_path(self, path: str) -> int | None: ...

    def of_split(self, split: str) -> Annotated[NDArray[numpy.int64], dict(shape=(None,))]: ...

    def bytes(self, sample: SampleCore) -> bytes: ...

    def image(self, sample: SampleCore, turned: bool | None) -> Annotated[NDArray[numpy.uint8], dict(shape=(None, None, 3))]: ...

    def annotations(self, sample: SampleCore) -> AnnotationsCore: ...

    def file(self, path: str) -> bytes: ...

    def evidence(self) -> list[tuple[str, str, str, str, bool]]: ...

def open_package(path: str, verify: bool, images_dir: str, cached: int, threads: int) -> PackageCore: ...

class Source:
    """A dataset that was read."""

    @property
    def images(self) -> Images: ...

    @property
    def annotations(self) -> Annotations: ...

    @property
    def categories(self) -> Categories: ...

    @property
    def splits(self) -> Splits: ...

    @property
    def memberships(self) -> Memberships: ...

    @property
    def format(self) -> str: ...

    @property
    def dialect(self) -> str: ...

    @property
    def notes(self) -> list[str]: ...

    @property
    def steps(self) -> list[tuple[str, str, str]]:
        """Name, summary and JSON document of what was done."""

class Converted:
    """What a conversion came to."""

    @property
    def json(self) -> str: ...

    @property
    def verdict(self) -> str: ...

    @property
    def exact(self) -> bool: ...

    @property
    def target(self) -> str: ...

    @property
    def proof_path(self) -> str: ...

    @property
    def step_paths(self) -> list[str]: ...

    @property
    def locks(self) -> list[str]: ...

    @property
    def originals(self) -> str: ...

    @property
    def accept(self) -> str: ...

    @property
    def files(self) -> int: ...

    @property
    def bytes(self) -> int: ...

def open(path: str | os.PathLike, format: str, images_dir: str | os.PathLike, threads: int, progress: object | None) -> Source: ...

def detect(path: str | os.PathLike[str], progress: object | None) -> list[tuple[str, int, list[str], str]]: ...

def convert(source: Source, target: str | os.PathLike, to: str, task: str, accept: str, images: str, digits: int, dry_run: bool, overwrite: bool, proof_path: str | os.PathLike, threads: int, progress: object | None) -> Converted: ...

def labels_id(source: Source, threads: int, progress: object | None) -> str: ...

def dataset_id(source: Source, threads: int, progress: object | None) -> str: ...

def card(source: Source, path: str, as_: str, annex_iv: bool, answers: str, check: bool, today: str, threads: int, progress: object | None) -> str: ...

def card_questions() -> str: ...

def version() -> str: ...

class Format:
    """A dataset format, and what it carries of each field."""

    @property
    def id(self) -> str:
        """What `format=` and `to=` take: "coco"."""

    @property
    def title(self) -> str: ...

    @property
    def judge(self) -> str:
        """The outside reader that the tests hold it to; empty: none."""

    @property
    def tasks(self) -> list[str]: ...

    @property
    def carries(self) -> list[tuple[str, str, bool, str]]:
        """Field, verb, whether only some records are meant, note."""

    def __repr__(self) -> str: ...

class Rule:
    """One rule of the check."""

    @property
    def code(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def severity(self) -> str: ...

    @property
    def evidence(self) -> str: ...

    def __repr__(self) -> str: ...

def formats() -> list[Format]:
    """Every format there is."""

def rules() -> list[Rule]:
    """Every rule there is, in the order of the catalogue."""

class Given:
    """
    What a model said of a dataset: what a check and a queue hold against its labels.
    """

    def __init__(self) -> None: ...

    @property
    def out_of_fold(self) -> bool: ...

    @out_of_fold.setter
    def out_of_fold(self, arg: bool, /) -> None: ...

    def set_predictions(self, rows: object, name: str, match_images: str, match_classes: str, classes: Sequence[tuple[str, str]], folds_file: str) -> None: ...

    def set_probabilities(self, probabilities: object, paths: object | None, classes: object | None, folds: object | None) -> None: ...

    def set_embeddings(self, embeddings: object, paths: object | None) -> None: ...

class Bound:
    """What a model said, by the images and classes of a dataset."""

    @property
    def predictions(self) -> Table | None:
        """
        A row an object that the model sees; None where no predictions were given.
        """

    @property
    def out_of_fold(self) -> bool: ...

def bind(source: Source, given: object, threads: int, progress: object | None) -> Bound: ...

class CheckPlan:
    """What a check will do: what the call says, and what vetset.toml says."""

    @property
    def rule_files(self) -> list[str]:
        """Files of rules in Python that vetset.toml names."""

    @property
    def may_run_rules(self) -> bool:
        """Whether these may be run unasked."""

    @property
    def config(self) -> str:
        """The vetset.toml that holds; empty: none."""

    @property
    def pixels(self) -> bool: ...

    @property
    def images(self) -> bool: ...

    @property
    def cache(self) -> bool: ...

    def asks_for(self, code: str, name: str, severity: str) -> bool: ...

def plan_check(path: str, select: Sequence[str] | None, ignore: Sequence[str] | None, images: bool, pixels: bool | None, near: str, objects: bool, known: Sequence[str], cache: bool, trainer: str, baseline: str | None, fail_on: str, severities: Sequence[tuple[str, str]], thresholds: Sequence[tuple[str, str]], today: str, proof: str | os.PathLike, previous: str | os.PathLike, lock: str | os.PathLike, config: str | os.PathLike, contract: str | os.PathLike, threads: int) -> CheckPlan: ...

class Earlier:
    """A dataset that a check is held to."""

    @property
    def source(self) -> Source: ...

def open_before(source: Source, path: str, reference: str, plan: CheckPlan, progress: object | None) -> Earlier: ...

def check(source: Source, path: str, plan: CheckPlan, bound: Bound | None, own: str, unread: Sequence[str], why: str, earlier: Earlier | None, earlier_own: str, progress: object | None) -> CheckReport: ...

def why_not_own_code(code: str) -> str: ...

def rules_named(words: Sequence[str]) -> list[str]:
    """Codes of the rules that words name: codes, beginnings, names."""

def explain(rule: str) -> str: ...

class Edited:
    """A new dataset, and the document of what was done."""

    @property
    def source(self) -> Source: ...

    @property
    def json(self) -> str: ...

class Fixed(Edited):
    """A repaired dataset."""

    @property
    def table(self) -> Table: ...

    @property
    def counts(self) -> dict[str, int]: ...

    @property
    def unsafe(self) -> dict[str, int]: ...

class Placed(Edited):
    """A dataset with other splits."""

    @property
    def summary(self) -> str: ...

    @property
    def lock(self) -> str: ...

def fix(source: Source, select: Sequence[str], ignore: Sequence[str], unsafe: bool, files: bool, threads: int, progress: object | None) -> Fixed: ...

def undo(source: Source, document: str, originals: str | os.PathLike, threads: int, progress: object | None) -> tuple[Source, int, bool]: ...

def strip(source: Source, threads: int, progress: object | None) -> tuple[Source, list[str]]: ...

def split(source: Source, ratios: str, names: Sequence[str], seed: int | None, group_by: Sequence[str], stratify: Sequence[str] | None, contract: str | os.PathLike, folds: int, fold_index: int, lock: str | os.PathLike, pins: str | os.PathLike, near: str, radius: int | None, cache: bool, threads: int, progress: object | None) -> Placed: ...

def check_split(source: Source, lock: str | os.PathLike, group_by: Sequence[str], near: str, radius: int | None, margin: int, cache: bool, threads: int, progress: object | None) -> tuple[bool, str]: ...

def transform(source: Source, where: str, images_where: str, rename: Sequence[str], merge: Sequence[str], drop_classes: Sequence[str], keep_classes: Sequence[str], order: Sequence[str], classes_from: str | os.PathLike, drop_empty: bool, sample: str, seed: int, threads: int, progress: object | None) -> Edited: ...

def combine(sources: Sequence[Source], rename: Sequence[str], map: str | os.PathLike, split_from_source: bool, drop_copies: bool, threads: int, progress: object | None) -> Edited: ...

def agreement(raters: Sequence[Source], by: str, shipped: Source | None, iou: float, draws: int, threads: int, progress: object | None) -> str: ...

class Compared:
    """What is not the same in two datasets."""

    @property
    def json(self) -> str: ...

    @property
    def markdown(self) -> str: ...

    @property
    def equal(self) -> bool: ...

    @property
    def table(self) -> Table: ...

def diff(before: Source, after: Source, name_before: str, name_after: str, only: Sequence[str], ignore: Sequence[str], tolerance: float, images: bool, threads: int, progress: object | None) -> Compared: ...

def stats(source: Source, threads: int, progress: object | None) -> str: ...

def contract_init(source: Source, name: str, pixels: bool, near: str, cache: bool, threads: int, progress: object | None) -> str: ...

def contract_check(source: Source, contract: str, strict: bool, pixels: bool, near: str, cache: bool, today: str, threads: int, progress: object | None, embeddings: object | None, embeddings_paths: object | None) -> str: ...

def slices(source: Source, bound: Bound | None, factors: Sequence[str], depth: int, best: int, least: int, pixels: bool, near: str, cache: bool, threads: int, progress: object | None) -> str: ...

class Scanned:
    """What was measured of the pixels of a dataset's images."""

    @property
    def json(self) -> str:
        """The summary (docs/schema/scan-v1.json)."""

    @property
    def table(self) -> Table:
        """A row an image."""

def scan(source: Source, pdq: bool, cache: bool, cache_path: str | None, rehash: bool, threads: int, progress: object | None) -> Scanned: ...

class Linked:
    """What ties the images of a dataset together."""

    @property
    def json(self) -> str:
        """All links as a document (docs/schema/links-v1.json)."""

    @property
    def table(self) -> Table:
        """A row a link of the kinds that were asked for."""

    @property
    def clusters(self) -> list[list[str]]:
        """Paths of the images that such links tie together."""

def links(source: Source, kinds: Sequence[str], near: str, radius: int | None, group_by: Sequence[str], cache: bool, cache_path: str | None, threads: int, progress: object | None, embeddings: object | None, embeddings_paths: object | None) -> Linked: ...

class Deduped:
    """What leaving out copies came to."""

    @property
    def source(self) -> Source: ...

    @property
    def json(self) -> str:
        """
        The step's document (docs/schema/dedup-v1.json); empty: there were none.
        """

def dedup(source: Source, keep: str, action: str, kinds: Sequence[str], across_splits: bool, near: str, radius: int | None, cache: bool, cache_path: str | None, threads: int, progress: object | None) -> Deduped: ...

def encode_masks(bitmaps: Annotated[NDArray[numpy.uint8], dict(shape=(None, None, None), order='F', device='cpu', writable=False)]) -> list:
    """Masks of an array of bitmaps, (height, width, n)."""

def decode_masks(masks: list) -> Annotated[NDArray[numpy.uint8], dict(shape=(None, None, None), order='F')]:
    """The array of masks of one size, (height, width, n)."""

def merge_masks(masks: list, intersect: bool) -> dict:
    """The union of masks, or what all share."""

def mask_areas(masks: list) -> Annotated[NDArray[numpy.uint32], dict(shape=(None,))]:
    """Pixels of each mask."""

def mask_boxes(masks: list) -> Annotated[NDArray[numpy.float64], dict(shape=(None, 4))]:
    """The box around each mask; zeros around one without pixels."""

def mask_ious(detections: list, objects: list, crowd: Annotated[NDArray[numpy.uint8], dict(shape=(None,), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='F')]:
    """Intersection over union of every pair of masks, one row a detection."""

def box_ious(detections: Annotated[NDArray[numpy.float64], dict(shape=(None, 4), order='C', device='cpu', writable=False)], objects: Annotated[NDArray[numpy.float64], dict(shape=(None, 4), order='C', device='cpu', writable=False)], crowd: Annotated[NDArray[numpy.uint8], dict(shape=(None,), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='F')]:
    """Intersection over union of every pair of boxes, one row a detection."""

def mask_of_polygon(ring: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], height: int, width: int) -> dict:
    """The mask of a polygon x, y, x, y."""

def masks_of_boxes(boxes: Annotated[NDArray[numpy.float64], dict(shape=(None, 4), order='C', device='cpu', writable=False)], height: int, width: int) -> list:
    """The mask of each box."""

def mask_of_counts(counts: Annotated[NDArray[numpy.uint32], dict(shape=(None,), order='C', device='cpu', writable=False)], height: int, width: int) -> dict:
    """The mask of run lengths as numbers, zeros first."""

def mask_boundary(mask: object, ratio: float) -> dict:
    """
    What of a mask is nearer to its outside than that part of the diagonal.
    """

def evaluate_arrays(truth: dict, predictions: dict, images: int, categories: int, settings: dict, threads: int = 1) -> dict:
    """
    Average precision and recall as COCO defines them, of two dictionaries of columns. Arrays of the right types are not copied.
    """

class EvaluatedImages:
    """What the reference holds for one image, category and area range."""

    def at(self, image: int, category: int, area: int) -> object:
        """
        Rows, matches and overlaps; None where the image has neither objects nor detections of the category.
        """

def evaluated_images(truth: dict, predictions: dict, images: int, categories: int, settings: dict) -> EvaluatedImages:
    """
    Looks at the columns once; then gives what was matched, one image, category and area range at a time.
    """

class CocoRows:
    """Objects or predictions in lean columns."""

    @staticmethod
    def of_columns(image: tuple, category: tuple, bbox: object | None, score: object | None, area: object | None, keypoints: object | None) -> CocoRows: ...

    def set_masks(self, masks: list) -> None: ...

    def name_images(self, ids: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)]) -> None: ...

    def name_image_texts(self, names: Sequence[str], tokens: bool) -> None: ...

    def columns(self) -> dict[str, Any]:
        """Views of the columns, and the names; None: not there."""

    @property
    def said(self) -> int:
        """
        What every row says: 1 a box, 2 a mask, 4 keypoints, 8 a score, 16 an area, 32 whether it is a crowd.
        """

    @property
    def first_said(self) -> int: ...

    @property
    def points(self) -> int: ...

    @property
    def image_ids(self) -> Any:
        """Of the images that rows name; None where one is no whole number."""

    @property
    def category_ids(self) -> Any: ...

    def __len__(self) -> int: ...

class CocoStream:
    """Predictions that come image by image, in any order."""

    def __init__(self) -> None: ...

    def add(self, rows: CocoRows) -> None: ...

    def merge(self, other: CocoStream) -> None: ...

    def rows(self) -> CocoRows:
        """All rows, by the names of their images."""

    @property
    def images(self) -> int: ...

    def __len__(self) -> int: ...

def coco_complete_boxes(records: list[dict[str, Any]]) -> None: ...

def coco_rows_of_dicts(records: list[dict[str, Any]], images: dict[Any, int], categories: dict[Any, int], truth: bool, boxes: bool, masks: bool, points: int) -> CocoRows | None: ...

def json_members(buffer: Any) -> list[tuple[str, int, int]] | None:
    """Keys of a JSON object, and where their values begin and end."""

def coco_truth_rows(path: str | os.PathLike[str], masks: bool, keypoints: bool) -> CocoRows | None: ...

def coco_result_rows(path: str | os.PathLike[str]) -> CocoRows | None: ...

class CocoPairs:
    """Objects and predictions, with numbers for their images and categories."""

    def __init__(self, truth: object, truth_images: object | None, truth_categories: object | None, predictions: object, images: object | None, categories: object | None, image_count: int, category_count: int, iou_type: str, iou_thresholds: Sequence[float], recall_thresholds: Sequence[float], max_detections: Sequence[int], areas: Sequence[tuple[float, float]], use_categories: bool, sigmas: Sequence[float]) -> None: ...

    def evaluate(self, recall_thresholds: Sequence[float], threads: int = 0) -> tuple:
        """
        precision [T,R,K,A,M], recall [T,K,A,M] and scores [T,R,K,A,M], as pycocotools has them.
        """

    def image(self, image: int, category: int, area: int) -> tuple[Any, ...] | None:
        """What the reference keeps of one image, category and range of areas."""

def coco_match(overlaps: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], crowd: Annotated[NDArray[numpy.uint8], dict(shape=(None,), order='C', device='cpu', writable=False)], ignored: Annotated[NDArray[numpy.uint8], dict(shape=(None,), order='C', device='cpu', writable=False)], leaves: Annotated[NDArray[numpy.uint8], dict(shape=(None,), order='C', device='cpu', writable=False)], thresholds: Sequence[float]) -> Annotated[NDArray[numpy.int64], dict(shape=(None, None))]: ...

class Evaluated:
    """What an evaluation came to."""

    @property
    def precision(self) -> Annotated[NDArray[numpy.float64], dict(shape=(None, None, None, None, None))]: ...

    @property
    def recall(self) -> Annotated[NDArray[numpy.float64], dict(shape=(None, None, None, None))]: ...

    @property
    def scores(self) -> Annotated[NDArray[numpy.float64], dict(shape=(None, None, None, None, None))]: ...

    @property
    def lines(self) -> list[tuple[str, float | None, str, int, float, str]]: ...

    @property
    def quirks(self) -> list[tuple[str, str, str, str, int, bool, int]]: ...

    @property
    def per_class(self) -> Table: ...

    @property
    def iou_type(self) -> str: ...

    @property
    def mode(self) -> str: ...

    @property
    def counts(self) -> tuple[int, int, int]: ...

    @property
    def categories(self) -> list[str]: ...

    @property
    def category_ids(self) -> list[str]: ...

    @property
    def matched_by(self) -> tuple[str, str]: ...

    @property
    def unknown_images(self) -> list[tuple[str, int, str | None]]: ...

    @property
    def unknown_categories(self) -> list[tuple[str, int, str | None]]: ...

    @property
    def images_without_predictions(self) -> int: ...

    @property
    def categories_without_predictions(self) -> list[str]: ...

    @property
    def findings(self) -> list[tuple[str, str, str | None, int | None]]: ...

    @property
    def json(self) -> str: ...

def read_predictions(path: str | os.PathLike, format: str, truth: Source, threads: int, progress: object | None) -> CocoRows: ...

def predictions_of(source: Source, threads: int, progress: object | None) -> CocoRows: ...

def evaluate(truth: Source, rows: CocoRows, iou_type: str, mode: str, split: str, iou_thresholds: Sequence[float], max_dets: Sequence[int], areas: Sequence[tuple[str, float, float]], sigmas: Sequence[float], use_categories: bool, match_images: str, match_classes: str, classes: Sequence[tuple[str, str]], leaks: tuple[bool, str, int | None, Sequence[str], bool, str], identity: bool, threads: int, progress: object | None) -> Evaluated:
    """The rows are used up."""

class Handed:
    """A dataset that people look at, or looked at."""

    @property
    def source(self) -> Source: ...

    @property
    def json(self) -> str: ...

def queue(source: Source, bound: Bound | None, suspects: str, out_of_fold: bool, select: Sequence[str], top: int, sample: int, seed: int, files: Sequence[str], threads: int, progress: object | None) -> Handed: ...

def review(source: Source, exported: Source, queue: str, all_looked_at: bool, next: int, threads: int, progress: object | None) -> Handed: ...

class Receipt:
    """A receiver's answer to a package."""

    @property
    def json(self) -> str: ...

    @property
    def statement(self) -> str:
        """The counter-signature; empty: not signed, or not accepted."""

    @property
    def key_hint(self) -> str: ...

    @property
    def accepted(self) -> bool: ...

def read_receipt(bundle: str, package: str, keys: Sequence[str], progress: object | None) -> str: ...

def receive(path: str, plan: CheckPlan, keys: Sequence[str], policy: str, policy_keys: Sequence[str], unsigned_too: bool, strict: bool, sign_with: str, passphrase: str, progress: object | None) -> Receipt: ...

class Private:
    """What data tell of people and places."""

    @property
    def kinds(self) -> list[tuple[str, int, int]]: ...

    @property
    def things(self) -> list[tuple[str, str | None, str, str, int, bool]]: ...

    @property
    def images(self) -> int: ...

    @property
    def looked_at(self) -> int: ...

    @property
    def not_looked_at(self) -> list[str]: ...

def privacy(source: Source, images: bool, threads: int, progress: object | None) -> Private: ...

def strip_metadata(source: Source, target: str | os.PathLike, overwrite: bool, dry_run: bool, threads: int, progress: object | None) -> str: ...

def doctor(models: Sequence[str], providers: Sequence[str], root: str, target: str, sites: Sequence[str], environment: Sequence[str]) -> str: ...

class Inferred:
    """What a model found in a dataset."""

    @property
    def json(self) -> str: ...

    @property
    def record(self) -> str: ...

    @property
    def files(self) -> list[str]: ...

    @property
    def notes(self) -> list[str]: ...

    @property
    def journal(self) -> str: ...

    @property
    def source(self) -> Source: ...

def infer(model: str | os.PathLike, spec: str | os.PathLike, preset: str, provider: str, runtime: str | os.PathLike, source: Source | None, data: str | os.PathLike, format: str, images_dir: str | os.PathLike, target: str | os.PathLike, shard: int, shards: int, batch: int, labels: bool, overwrite: bool, threads: int, progress: object | None) -> Inferred: ...

class Steps:
    def __init__(self, text: str, file: str) -> None: ...

    def input(self, image: object) -> NDArray: ...

    def stages(self, image: object) -> dict: ...

    def place(self, width: int, height: int) -> dict: ...

    @property
    def digest(self) -> str: ...

    @property
    def yaml(self) -> str: ...

def model_preset(name: str) -> str: ...

def model_presets() -> list[str]: ...

class Model:
    def __init__(self, file: str, spec: str, preset: str, runtime: str, providers: Sequence[str], threads: int) -> None: ...

    def run(self, input: object) -> dict[str, NDArray]: ...

    def prepare(self, image: object) -> tuple[NDArray, dict[str, Any]]: ...

    def predict(self, image: object) -> dict[str, Any]: ...

    def postprocess(self, outputs: list[Any], index: int, placement: dict[str, Any]) -> dict[str, Any]: ...

    def infer(self, path: str, format: str, opened: Source | None, batch: int, journal: str, threads: int, progress: Callable[[str, int, int], object] | None) -> tuple[dict[str, dict[str, Any]], dict[str, str]]: ...

    @property
    def outputs(self) -> list[str]: ...

    @property
    def providers(self) -> list[str]: ...

    @property
    def runtime(self) -> str: ...

    @property
    def notes(self) -> list[str]: ...

    @property
    def spec(self) -> str: ...

    @property
    def yaml(self) -> str: ...

    @property
    def digest(self) -> str: ...

    @property
    def sha256(self) -> str: ...

def golden_set(path: str, most: int) -> list[tuple[str, list[str]]]: ...

def parity(model: str, record: str, spec: str, preset: str, runtime: str, providers: Sequence[str], near_resize: bool, outputs: float, progress: object | None) -> str: ...
