"""The verbs of a dataset for those who have a path: the same words, the same options."""

from __future__ import annotations

import collections.abc
import inspect
import json
import os
import typing

from . import _check, _core
from ._arguments import Path, Progress, paths
from ._check import Asked
from ._dataset import Dataset, _opened
from ._handed import Receipt

_P = typing.ParamSpec("_P")
_R = typing.TypeVar("_R")


def _verb(
    method: collections.abc.Callable[typing.Concatenate[Dataset, _P], _R],
) -> collections.abc.Callable[typing.Concatenate[Dataset | Path, _P], _R]:
    """The same for a path, or a dataset that was opened."""

    def verb(dataset: Dataset | Path, /, *args: _P.args, **options: _P.kwargs) -> _R:
        return method(_opened(dataset), *args, **options)

    verb.__name__ = verb.__qualname__ = method.__name__
    verb.__doc__ = f"{method.__doc__}\n\n        The same as `Dataset.{method.__name__}`, for a path, too."
    known = inspect.signature(method)
    first, *others = known.parameters.values()
    own = inspect.Parameter("dataset", inspect.Parameter.POSITIONAL_ONLY, annotation="Dataset | Path")
    verb.__signature__ = known.replace(parameters=[own, *others])  # type: ignore[attr-defined]
    return verb


check = _verb(Dataset.check)
contract_check = _verb(Dataset.contract_check)
contract_init = _verb(Dataset.contract_init)
privacy = _verb(Dataset.privacy)
queue = _verb(Dataset.queue)
review_apply = _verb(Dataset.review_apply)
slices = _verb(Dataset.slices)
strip_metadata = _verb(Dataset.strip_metadata)


def read_receipt(
    receipt: Path,
    package: Path,
    *,
    key: Path | collections.abc.Iterable[Path],
    progress: Progress | None = None,
) -> dict[str, typing.Any]:
    """What a receiver says in a counter-signature that came back (docs/schema/receipt-v1.json), where it is of this
    package and signed by one of these public keys; else it raises an `Error`."""
    known = [os.fspath(one) for one in paths(key)]
    text = _core.read_receipt(os.fspath(receipt), os.fspath(package), known, progress)
    return typing.cast("dict[str, typing.Any]", json.loads(text))


def receive(
    package: Path,
    *,
    key: Path | collections.abc.Iterable[Path] = (),
    policy: Path | None = None,
    policy_key: Path | collections.abc.Iterable[Path] = (),
    unsigned: bool = False,
    strict: bool = False,
    sign_with: Path | None = None,
    passphrase: str = "",
    progress: Progress | None = None,
    **asked: typing.Unpack[Asked],
) -> Receipt:
    """Verifies a package that was sent, holds it to your own checks and `contract`, and answers: a counter-signature, or
    a list of defects.

    `key` are the sender's public keys, or those of a `policy` count; `unsigned=True` takes a package that is whole,
    whoever signed it. `sign_with` is your own private key. The rest is as `Dataset.check` takes it; settings are those of
    your own vetset.toml, looked for from the working folder. Nothing is written into the package.
    """
    return Receipt(
        _core.receive(
            os.fspath(package),
            _check.plan(".", asked),
            [os.fspath(one) for one in paths(key)],
            "" if policy is None else os.fspath(policy),
            [os.fspath(one) for one in paths(policy_key)],
            unsigned,
            strict,
            "" if sign_with is None else os.fspath(sign_with),
            passphrase,
            progress,
        )
    )
