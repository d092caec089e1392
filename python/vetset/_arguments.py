"""What the verbs take, in the forms that people write, as the core takes it."""

from __future__ import annotations

import collections.abc
import os
import typing

from ._error import Error

Path = typing.Union[str, "os.PathLike[str]"]
# The path of a .npy or .parquet file, or an array of floats of two dimensions (NumPy, PyTorch, …).
Embeddings = typing.Any
#: Called in the calling thread now and then: what is done, how much of it, out of how much (0: not known). What it
#: raises stops the work and comes out of the call.
Progress = collections.abc.Callable[[str, int, int], object]


#: One word, words with commas between, or a list of words.
Words = typing.Union[str, collections.abc.Iterable[str]]


def _words(chosen: Words) -> list[str]:
    return [word for word in chosen.split(",") if word] if isinstance(chosen, str) else list(chosen)


def paths(one_or_many: Path | collections.abc.Iterable[Path]) -> list[Path]:
    return [one_or_many] if isinstance(one_or_many, (str, os.PathLike)) else list(one_or_many)


def _escaped(name: str) -> str:
    """A name that no sign in it is taken for one of ours."""
    return "".join("\\" + c if c in "\\,=" else c for c in name)


def _renames(chosen: Words | collections.abc.Mapping[str, str]) -> list[str]:
    if not isinstance(chosen, collections.abc.Mapping):
        return _words(chosen)
    return [f"{_escaped(old)}={_escaped(new)}" for old, new in chosen.items()]


def _merges(chosen: Words | collections.abc.Mapping[str, collections.abc.Iterable[str]]) -> list[str]:
    """{"vehicle": ["car", "van"]} as the words car,van=vehicle."""
    if not isinstance(chosen, collections.abc.Mapping):
        return _words(chosen)
    words = []
    for new, old in chosen.items():
        names = [_escaped(name) for name in ([old] if isinstance(old, str) else old)]
        words += names[:-1] + [f"{name}={_escaped(new)}" for name in names[-1:]]
    return words


def _names(chosen: Words) -> list[str]:
    """Names in a list may hold commas; in one text a comma parts them."""
    return _words(chosen) if isinstance(chosen, str) else [_escaped(name) for name in chosen]


Near = typing.Literal["none", "basic", "views", "full"]


def _embeddings(given: Embeddings | collections.abc.Sequence[str] | None) -> object:
    """Paths as texts, whatever kind they are; arrays and lists as they are."""
    return os.fspath(given) if isinstance(given, os.PathLike) else given


def _tier(near: str | None) -> str:
    if near is None:
        return ""
    if near not in typing.get_args(Near):
        raise Error("usage", f"near is one of {', '.join(typing.get_args(Near))}, not {near!r}", "")
    return near


def _factors(stratify: bool | Words | None) -> list[str] | None:
    """What is to be even: None as the lock says, else by class."""
    if stratify is None:
        return None
    if isinstance(stratify, bool):
        return ["class"] if stratify else []
    return _words(stratify)


def _setting(value: object) -> str:
    if isinstance(value, (str, int, float)):
        return str(value)
    return ",".join(str(word) for word in typing.cast("collections.abc.Iterable[object]", value))


def _float_rows(what: str, given: typing.Any) -> typing.Any:
    """An array of floats of two dimensions as float32 in C order: the very array where it is that."""
    import numpy as np

    expected = f"{what}: expected the path of a file, or an array of floats of two dimensions"
    if not hasattr(given, "__array__") and not isinstance(given, collections.abc.Sequence):
        raise Error("usage", f"{expected}; found {type(given).__name__}")
    try:
        array = np.asarray(given)
    except (TypeError, ValueError, RuntimeError) as error:
        raise Error("usage", f"{expected}; found {type(given).__name__}: {str(error).splitlines()[0]}") from error
    if array.dtype.kind != "f":
        raise Error("usage", f"{expected}; found one of {array.dtype}")
    if array.ndim != 2:
        raise Error("usage", f"{expected}; found one of shape ({', '.join(map(str, array.shape))})")
    return np.ascontiguousarray(array, dtype=np.float32)
