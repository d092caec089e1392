"""Datasets for computer vision that can be trusted across formats and teams.

    import vetset

    ds = vetset.open("street")
    print(ds.check())
    ds.fix().split("80/10/10", seed=7).convert("out", to="yolo", accept="all")
"""

from . import _core
from ._core import (
    Annotations,
    Attested,
    Categories,
    CheckReport,
    Claim,
    Finding,
    Format,
    Images,
    InclusionProof,
    Memberships,
    NewKey,
    PackageTable,
    Restored,
    RestoredFile,
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
from ._claims import TrustPolicy, attest, check_proof, prove, trust_init, trust_show, trust_sign
from ._dataset import Dataset, Detected, Progress, card, card_questions, combine, detect, diff, explain, open, unpack
from ._error import Error
from ._evaluate import ClassTable, CocoEvaluator, Evaluation, Line, Quirk, Unmatched, evaluate, init_as_pycocotools
from ._package import new_key, restore, seal, verify
from ._package_reader import Documents, Evidence, Package, Tables
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
from ._samples import Sample, SampleAnnotations, Samples

version: str = _core.version()
__version__ = version

__all__ = [
    "Annotations",
    "Attested",
    "Categories",
    "CheckReport",
    "Claim",
    "ClassTable",
    "CocoEvaluator",
    "CombineReport",
    "Dataset",
    "DedupReport",
    "Detected",
    "Diff",
    "Documents",
    "Error",
    "Evaluation",
    "Evidence",
    "Finding",
    "FixReport",
    "Format",
    "Images",
    "InclusionProof",
    "Line",
    "Memberships",
    "NearDuplicates",
    "NewKey",
    "Package",
    "PackageTable",
    "Packed",
    "Progress",
    "Proof",
    "Quirk",
    "Restored",
    "RestoredFile",
    "Rule",
    "RuleResult",
    "Sample",
    "SampleAnnotations",
    "Samples",
    "Scan",
    "Seal",
    "SplitReport",
    "Splits",
    "Stats",
    "Step",
    "Table",
    "Tables",
    "Texts",
    "TransformReport",
    "TrustPolicy",
    "Unmatched",
    "Verification",
    "VerifyLine",
    "attest",
    "card",
    "card_questions",
    "check_proof",
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
    "prove",
    "restore",
    "rules",
    "seal",
    "trust_init",
    "trust_show",
    "trust_sign",
    "unpack",
    "verify",
    "version",
]
