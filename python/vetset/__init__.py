"""Datasets for computer vision that can be trusted across formats and teams.

    import vetset

    ds = vetset.open("street")
    print(ds.check())
    ds.fix().split("80/10/10", seed=7).convert("out", to="yolo", accept="all")
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
    RuleResult,
    Seal,
    Splits,
    Table,
    Texts,
    Verification,
    VerifyLine,
    formats,
    image_states,
    kinds,
    rules,
)
from ._dataset import Dataset, Detected, Progress, combine, detect, diff, explain, open, unpack
from ._error import Error
from ._package import new_key, seal, verify
from ._proof import Proof
from ._reports import CombineReport, Diff, FixReport, Packed, SplitReport, Stats, Step, TransformReport

version: str = _core.version()
__version__ = version

__all__ = [
    "Annotations",
    "Categories",
    "CheckReport",
    "CombineReport",
    "Dataset",
    "Detected",
    "Diff",
    "Error",
    "Finding",
    "FixReport",
    "Format",
    "Images",
    "Memberships",
    "NewKey",
    "Packed",
    "Progress",
    "Proof",
    "Rule",
    "RuleResult",
    "Seal",
    "SplitReport",
    "Splits",
    "Stats",
    "Step",
    "Table",
    "Texts",
    "TransformReport",
    "Verification",
    "VerifyLine",
    "combine",
    "detect",
    "diff",
    "explain",
    "formats",
    "image_states",
    "kinds",
    "new_key",
    "open",
    "rules",
    "seal",
    "unpack",
    "verify",
    "version",
]
