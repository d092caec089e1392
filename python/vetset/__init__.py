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
from ._evaluate import ClassTable, CocoEvaluator, Evaluation, Line, Quirk, Unmatched, evaluate, init_as_pycocotools
from ._package import new_key, seal, verify
from ._proof import Proof
from ._reports import (
    CombineReport,
    DedupReport,
    Diff,
    FixReport,
    NearDuplicates,
    Packed,
    Scan,
    SplitReport,
    Stats,
    Step,
    TransformReport,
)

version: str = _core.version()
__version__ = version

__all__ = [
    "Annotations",
    "Categories",
    "CheckReport",
    "ClassTable",
    "CocoEvaluator",
    "CombineReport",
    "Dataset",
    "DedupReport",
    "Detected",
    "Diff",
    "Error",
    "Evaluation",
    "Finding",
    "FixReport",
    "Format",
    "Images",
    "Line",
    "Memberships",
    "NearDuplicates",
    "NewKey",
    "Packed",
    "Progress",
    "Proof",
    "Quirk",
    "Rule",
    "RuleResult",
    "Scan",
    "Seal",
    "SplitReport",
    "Splits",
    "Stats",
    "Step",
    "Table",
    "Texts",
    "TransformReport",
    "Unmatched",
    "Verification",
    "VerifyLine",
    "combine",
    "detect",
    "diff",
    "evaluate",
    "explain",
    "formats",
    "image_states",
    "init_as_pycocotools",
    "kinds",
    "new_key",
    "open",
    "rules",
    "seal",
    "unpack",
    "verify",
    "version",
]
