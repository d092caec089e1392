"""The rows of the bench that evaluate detections: their data, the commands, and whether the tools' numbers agree."""
import json
import math
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from peers import CACHE, ROOT, Peer, load_peers

REFERENCE, BOUNDARY_REFERENCE = "pycocotools", "vernier"


@dataclass(frozen=True)
class Evaluation:
    """What a row evaluates: files of generate_eval.py, and by which overlap."""
    kind: str
    truth: str
    results: str


EVALUATIONS = {
    "eval-boxes": Evaluation("bbox", "truth", "boxes"),
    "eval-boxes-sparse": Evaluation("bbox", "truth", "boxes-sparse"),
    "eval-masks": Evaluation("segm", "truth", "masks"),
    "eval-masks-sparse": Evaluation("segm", "truth", "masks-sparse"),
    "eval-masks-nobox": Evaluation("segm", "truth", "masks-nobox"),
    "eval-keypoints": Evaluation("keypoints", "keypoints-truth", "keypoints"),
    "eval-ties": Evaluation("bbox", "ties-truth", "ties"),
    "eval-boundary": Evaluation("boundary", "truth", "masks-sparse"),
}
EVALUATORS = ("pycocotools", "faster-coco-eval", "hotcoco", "ultrafast-pycocotools", "vernier", "vernier-cli")
WITH_BOUNDARY = ("faster-coco-eval", "vernier", "vernier-cli")


@dataclass(frozen=True)
class EvaluationData:
    """One size of the generated files; `share` of 5,000 images and 559,387 detections."""
    share: float

    @property
    def folder(self) -> Path:
        return CACHE / "data" / f"eval-{self.share:g}"

    def commands(self) -> list[list[str]]:
        """The run lengths are drawn with pycocotools, so the peer's interpreter does it."""
        return [[str(load_peers()[REFERENCE].python), str(ROOT / "bench" / "generate_eval.py"), "--out", str(self.folder), "--share", f"{self.share:g}"]]

    def sizes(self) -> dict[str, int]:
        return {path.name: path.stat().st_size for path in sorted(self.folder.glob("*.json"))}

    def files(self, job: str) -> list[str]:
        evaluation = EVALUATIONS[job]
        return [str(self.folder / f"{evaluation.truth}.json"), str(self.folder / f"{evaluation.results}.json")]


def vetset_evaluation(program: str, job: str, data: EvaluationData) -> list[str]:
    return [program, "evaluate", *data.files(job), "--iou-type", EVALUATIONS[job].kind, "--coco", "strict"]


def vetset_stats(program: str, job: str, data: EvaluationData) -> "Stats":
    """The numbers in full, which the program prints in its record; a run that is not measured."""
    record = subprocess.run([*vetset_evaluation(program, job, data), "--json"], capture_output=True, text=True, check=True).stdout
    return Stats(tuple(float(line["value"]) for line in json.loads(record)["lines"]), True)


def module_evaluation(python: str, job: str, data: EvaluationData) -> list[str] | None:
    """The same through vetset's Python module, as in a script written for pycocotools, which has no boundaries."""
    if EVALUATIONS[job].kind == "boundary":
        return None
    return [python, str(ROOT / "bench" / "peer_evaluate.py"), "vetset", EVALUATIONS[job].kind, *data.files(job)]


def limit_evaluation(program: str, job: str, data: EvaluationData) -> list[str]:
    return [program, "walk", *data.files(job)]


def peer_evaluation(peer: Peer, job: str, data: EvaluationData) -> list[str] | None:
    kind = EVALUATIONS[job].kind
    if peer.name not in EVALUATORS or (kind == "boundary" and peer.name not in WITH_BOUNDARY):
        return None
    if peer.name == "vernier-cli":
        truth, results = data.files(job)
        return [str(peer.home / "bin" / "vernier"), "eval", "--gt", truth, "--dt", results, "--iou-type", kind]
    return [str(peer.python), str(ROOT / "bench" / "peer_evaluate.py"), peer.name.replace("-", "_"), kind, *data.files(job)]


@dataclass(frozen=True)
class Stats:
    """The summary that a tool printed: in full, or with the three digits of its lines."""
    numbers: tuple[float, ...]
    full: bool


def stats_of(text: str) -> Stats | None:
    if found := re.findall(r"^stats (.+)$", text, re.MULTILINE):
        return Stats(tuple(map(float, found[-1].split())), True)
    lines = re.findall(r"^ ?Average (?:Precision|Recall) .*= (-?\d\.\d+)$", text, re.MULTILINE)
    return Stats(tuple(map(float, lines)), False) if lines else None


def agreement(stats: Stats | None, reference: Stats | None) -> str:
    """One tool's numbers beside the reference's, in words."""
    if stats is None or reference is None:
        return ""
    if len(stats.numbers) != len(reference.numbers):
        return f"{len(stats.numbers)} numbers instead of {len(reference.numbers)}"
    if not stats.full or not reference.full:
        same = all(f"{a:.3f}" == f"{b:.3f}" for a, b in zip(stats.numbers, reference.numbers))
        return f"{len(stats.numbers)} numbers equal, as printed" if same else "numbers differ"
    far = max(map(lambda a, b: abs(a - b), stats.numbers, reference.numbers))
    if math.isnan(far) or far > 1e-12:
        return f"numbers differ by {far:.1e}"
    return f"{len(stats.numbers)} numbers equal" if far == 0 else f"numbers within {far:.1e}"
