"""What the bench measures: its rows, and the command with which each tool does each of them."""
import sys
from dataclasses import dataclass
from pathlib import Path

from evaluation import EVALUATIONS, EvaluationData, limit_evaluation, peer_evaluation, vetset_evaluation
from peers import CACHE, ROOT, Peer

FULL_IMAGES, FULL_ANNOTATIONS = 118287, 860001


@dataclass(frozen=True)
class Data:
    """One size of the generated datasets; `share` of the full size."""
    share: float

    @property
    def folder(self) -> Path:
        return CACHE / "data" / f"{self.share:g}"

    @property
    def coco(self) -> Path:
        return self.folder / "coco.json"

    @property
    def polygons(self) -> Path:
        """The same without crowds: a peer's segments writer stops at the first run lengths."""
        return self.folder / "polygons.json"

    @property
    def coco_tree(self) -> Path:
        """The same file in the folders that some peers ask for."""
        return self.folder / "tree"

    @property
    def yolo(self) -> Path:
        return self.folder / "yolo"

    @property
    def images(self) -> Path:
        return self.yolo / "images" / "train"

    @property
    def edited(self) -> Path:
        """Another version of `coco`: every thousandth box moved, every ten thousandth object gone."""
        return self.folder / "edited" / "annotations" / "instances_train.json"

    @property
    def voc(self) -> Path:
        return self.folder / "voc"

    @property
    def classes(self) -> Path:
        """Class folders: an image a file, ten images a thousand of `coco`'s."""
        return self.folder / "classes"

    def counts(self) -> tuple[int, int]:
        return round(FULL_IMAGES * self.share), round(FULL_ANNOTATIONS * self.share)

    def commands(self) -> list[list[str]]:
        images, annotations = map(str, self.counts())
        generate = [sys.executable, str(ROOT / "bench" / "generate_coco.py"), "--images", images, "--annotations", annotations]
        return [[*generate, "--out", str(self.coco), "--yolo", str(self.yolo)], [*generate, "--no-crowds", "--out", str(self.polygons)],
                [sys.executable, str(ROOT / "bench" / "variants.py"), str(self.coco), str(self.edited), str(self.classes), images]]

    def made_by_vetset(self, program: str) -> list[list[str]]:
        return [[program, "convert", str(self.coco), str(self.voc), "--to", "voc", "--accept", "all", "--images", "none", "--quiet"]]

    def source(self, job: str) -> Path:
        if job.startswith("voc-"):
            return self.voc
        if job == "folders":
            return self.classes
        return {"yolo-coco": self.yolo, "yolo-voc": self.yolo, "coco-segments": self.polygons}.get(job, self.coco)


@dataclass(frozen=True)
class Row:
    name: str
    title: str
    job: str                  # what the peers call it
    divisor: int = 1          # of the data's size
    threads: int | None = None
    peers: bool = True

    def data(self, scale: float) -> "Data | EvaluationData":
        return (EvaluationData if self.job in EVALUATIONS else Data)(scale / self.divisor)


ROWS = (
    Row("start", "start-up", "start"),
    Row("check", "COCO: parse and check", "check"),
    Row("coco-coco", "COCO → COCO", "coco-coco"),
    Row("coco-yolo", "COCO → YOLO, boxes", "coco-yolo"),
    Row("coco-segments", "COCO → YOLO, segments", "coco-segments"),
    Row("yolo-coco", "YOLO → COCO, boxes", "yolo-coco"),
    Row("coco-voc", "COCO → VOC", "coco-voc"),
    Row("voc-coco", "VOC → COCO", "voc-coco"),
    Row("yolo-voc", "YOLO → VOC", "yolo-voc"),
    Row("voc-yolo", "VOC → YOLO", "voc-yolo"),
    Row("folders", "class folders: read and check", "folders"),
    Row("stats", "COCO: statistics", "stats"),
    Row("diff", "COCO: diff of two versions", "diff"),
    Row("sample", "COCO: a tenth of the images → COCO", "sample"),
    Row("split", "COCO: split 80/10/10 → COCO", "split"),
    Row("fix", "COCO: repair → COCO", "fix"),
    Row("pack", "COCO: pack (tables only)", "pack"),
    *(Row(f"check-{4 // d}x", f"COCO: parse and check, {4 // d}×", "check", divisor=d, peers=False) for d in (4, 2, 1)),
    *(Row(f"coco-coco-{4 // d}x", f"COCO → COCO, {4 // d}×", "coco-coco", divisor=d, peers=False) for d in (4, 2, 1)),
    *(Row(f"{job}-threads-{t}", f"{title}, threads: {t}", job, threads=t, peers=False)
      for job, title in (("check", "COCO: parse and check"), ("coco-coco", "COCO → COCO"), ("coco-yolo", "COCO → YOLO, boxes"), ("yolo-coco", "YOLO → COCO, boxes"))
      for t in (1, 2)),
    Row("eval-boxes", "evaluate: boxes", "eval-boxes"),
    Row("eval-boxes-sparse", "evaluate: boxes, few", "eval-boxes-sparse"),
    Row("eval-masks", "evaluate: masks", "eval-masks"),
    Row("eval-masks-nobox", "evaluate: masks without `bbox`", "eval-masks-nobox"),
    Row("eval-masks-sparse", "evaluate: masks, few", "eval-masks-sparse"),
    Row("eval-keypoints", "evaluate: keypoints", "eval-keypoints"),
    Row("eval-ties", "evaluate: boxes, scores of two digits", "eval-ties"),
    Row("eval-boundary", "evaluate: boundaries, few", "eval-boundary"),
    *(Row(f"eval-{what}-threads-{t}", f"evaluate: {what}, threads: {t}", f"eval-{what}", threads=t, peers=False) for what in ("boxes", "masks") for t in (1, 2)),
)

ANY_ANSWER = (0, 1)      # who checks or compares and found something says no, and has done its work


def vetset_command(program: str, row: Row, data: Data | EvaluationData, out: Path) -> list[str]:
    threads = ["--threads", str(row.threads)] if row.threads else []
    if isinstance(data, EvaluationData):
        return [*vetset_evaluation(program, row.job, data), *threads]
    to = {"coco-coco": ["--to", "coco"], "coco-yolo": ["--to", "yolo", "--task", "detect"], "coco-segments": ["--to", "yolo", "--task", "segment"],
          "yolo-coco": ["--to", "coco"], "coco-voc": ["--to", "voc"], "voc-coco": ["--to", "coco"], "yolo-voc": ["--to", "voc"], "voc-yolo": ["--to", "yolo"]}
    verbs = {"stats": ["stats", str(data.coco)], "diff": ["diff", str(data.coco), str(data.edited), "--no-images"], "folders": ["check", str(data.classes), "--no-images"],
             "sample": ["transform", str(data.coco), "-o", str(out), "--sample", "10%", "--seed", "1", "--images", "none"],
             "split": ["split", str(data.coco), "-o", str(out), "--ratios", "80/10/10", "--images", "none"],
             "fix": ["fix", str(data.coco), "-o", str(out), "--images", "none"],
             "pack": ["pack", str(data.coco), "-o", str(out), "--layout", "external"]}
    if row.job == "start":
        return [program, "--version"]
    if row.job == "check":
        return [program, "check", str(data.coco), *threads]
    if row.job in verbs:
        return [program, *verbs[row.job], *threads]
    return [program, "convert", str(data.source(row.job)), str(out), *to[row.job], "--accept", "all", "--images", "none", *threads]


def limit_command(program: str, row: Row, data: Data | EvaluationData, out: Path) -> list[str] | None:
    if isinstance(data, EvaluationData):
        return limit_evaluation(program, row.job, data)
    return {"check": [program, "parse", str(data.coco)],
            "coco-coco": [program, "copy", str(data.coco), str(out)],
            "coco-yolo": [program, "coco2yolo", str(data.coco), str(out)],
            "coco-segments": [program, "coco2segments", str(data.polygons), str(out)],
            "yolo-coco": [program, "yolo2coco", str(data.yolo), str(out)]}.get(row.job)


def panlabel_command(peer: Peer, row: Row, data: Data, out: Path) -> list[str] | None:
    program = str(peer.home / "bin" / "panlabel")
    convert = {"coco-voc": ("coco", "voc", data.coco, out), "voc-coco": ("voc", "coco", data.voc, out), "yolo-voc": ("yolo", "voc", data.yolo, out),
               "voc-yolo": ("voc", "yolo", data.voc, out), "coco-coco": ("coco", "coco", data.coco, out), "coco-yolo": ("coco", "yolo", data.coco, out), "yolo-coco": ("yolo", "coco", data.yolo, out)}
    if row.job == "start":
        return [program, "--version"]
    if row.job == "check":
        return [program, "validate", "--format", "coco", str(data.coco)]
    if row.job == "stats":
        return [program, "stats", "--format", "coco", str(data.coco)]
    if row.job == "diff":
        return [program, "diff", "--format-a", "coco", "--format-b", "coco", str(data.coco), str(data.edited)]
    if row.job == "sample":
        return [program, "sample", "--from", "coco", "--to", "coco", "--fraction", "0.1", "--seed", "1", "--input", str(data.coco), "--output", str(out), "--allow-lossy"]
    if row.job not in convert:
        return None
    given, wanted, source, target = convert[row.job]
    return [program, "convert", "--from", given, "--to", wanted, "--input", str(source), "--output", str(target), "--allow-lossy"]


CONVERSIONS = {row.job for row in ROWS if row.job.count("-") == 1 and row.job not in EVALUATIONS}
ONLY_EVALUATE = {"faster-coco-eval", "hotcoco", "ultrafast-pycocotools", "vernier", "vernier-cli"}
OTHERS = {"folders", "stats", "diff", "sample", "split", "fix", "pack"}
CANNOT = {"pycocotools": CONVERSIONS | OTHERS, "globox": {"coco-segments", *OTHERS} - {"stats"}, "labelformat": OTHERS, "pylabel": OTHERS,
          "supervision": OTHERS - {"folders", "split"},
          "datumaro": {"coco-segments", "yolo-coco", "yolo-voc", "fix", "stats", "sample"}}      # it reads an Ultralytics folder only where there are two splits


def peer_command(peer: Peer, row: Row, data: Data | EvaluationData, out: Path) -> list[str] | None:
    """None where the peer has no such thing."""
    if isinstance(data, EvaluationData):
        return peer_evaluation(peer, row.job, data)
    if peer.name in ONLY_EVALUATE:
        return None
    if peer.name == "panlabel":
        return panlabel_command(peer, row, data, out)
    if row.job in CANNOT.get(peer.name, ()):
        return None
    source = data.coco_tree if peer.name == "datumaro" and row.job != "yolo-coco" else data.source(row.job)
    return [str(peer.python), str(ROOT / "bench" / "peer_job.py"), peer.name, row.job, str(source), str(data.images), str(out)]
