"""Datasets for computer vision that can be trusted across formats and teams.

    import vetset

    ds = vetset.open("street")
    print(ds.check())
    proof = ds.convert("out", to="yolo", accept="all")
"""

from . import _core
from ._core import (
    Annotations,
    Categories,
    CheckReport,
    Finding,
    Format,
    Images,
    Memberships,
    NewKey,
    Rule,
    Seal,
    Splits,
    Texts,
    Verification,
    VerifyLine,
    formats,
    image_states,
    kinds,
    rules,
)
from ._dataset import Dataset, Detected, Progress, detect, open
from ._error import Error
from ._package import new_key, seal, verify
from ._proof import Proof

version: str = _core.version()
__version__ = version

__all__ = [
    "Annotations",
    "Categories",
    "CheckReport",
    "Dataset",
    "Detected",
    "Error",
    "Finding",
    "Format",
    "Images",
    "Memberships",
    "NewKey",
    "Progress",
    "Proof",
    "Rule",
    "Seal",
    "Splits",
    "Texts",
    "Verification",
    "VerifyLine",
    "detect",
    "formats",
    "image_states",
    "kinds",
    "new_key",
    "open",
    "rules",
    "seal",
    "verify",
    "version",
]
