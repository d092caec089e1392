"""`COCOeval` and `Params`, as pycocotools.cocoeval has them (reference: the wheel of pycocotools 2.0.11).

`evaluate()` compares in the core and keeps what the reference keeps of each image as records that are made when they are
asked for. Where a script puts methods of its own in the place of `computeIoU`, `evaluateImg` and the like, or sets what
the core does not take, the images are gone through one by one as in the reference.
"""

from __future__ import annotations

import collections
import copy
import datetime
import time
import typing

import numpy as np

from . import _fast
from . import mask as maskUtils
from .coco import COCO

if typing.TYPE_CHECKING:
    from numpy.typing import NDArray

Record = dict[str, typing.Any]


class Params:
    """What is evaluated: `imgIds`, `catIds`, `iouThrs`, `recThrs`, `maxDets` (an image and category), `areaRng` (pairs,
    pixels², both ends belong to them), `areaRngLbl`, `useCats`, and `kpt_oks_sigmas` of keypoints."""

    def __init__(self, iouType: str = "segm") -> None:
        if iouType in ("segm", "bbox"):
            self.setDetParams()
        elif iouType == "keypoints":
            self.setKpParams()
        else:
            raise Exception(f"iouType not supported: {iouType!r}, expected 'segm', 'bbox' or 'keypoints'")
        self.iouType = iouType
        #: deprecated: 1 for masks, 0 for boxes
        self.useSegm: typing.Any = None

    def _set(self, maxDets: list[int], areas: dict[str, list[float]]) -> None:
        self.imgIds: typing.Any = []
        self.catIds: typing.Any = []
        self.iouThrs: typing.Any = np.linspace(0.5, 0.95, 10, endpoint=True)
        self.recThrs: typing.Any = np.linspace(0.0, 1.00, 101, endpoint=True)
        self.maxDets: typing.Any = maxDets
        self.areaRng: typing.Any = list(areas.values())
        self.areaRngLbl: typing.Any = list(areas)
        self.useCats: typing.Any = 1

    def setDetParams(self) -> None:
        most = 1e5**2
        areas = {"all": [0, most], "small": [0, 32**2], "medium": [32**2, 96**2], "large": [96**2, most]}
        self._set([1, 10, 100], areas)

    def setKpParams(self) -> None:
        most = 1e5**2
        self._set([20], {"all": [0, most], "medium": [32**2, 96**2], "large": [96**2, most]})
        tenths = [0.26, 0.25, 0.25, 0.35, 0.35, 0.79, 0.79, 0.72, 0.72, 0.62, 0.62, 1.07, 1.07, 0.87, 0.87, 0.89, 0.89]
        self.kpt_oks_sigmas: typing.Any = np.array(tenths) / 10.0


def _sides(name: str) -> property:
    held = "_" + name

    def get(self: COCOeval) -> typing.Any:
        if "_unprepared" in self.__dict__:
            del self.__dict__["_unprepared"]
            self._gather()
        return self.__dict__[held]

    def put(self: COCOeval, value: typing.Any) -> None:
        self.__dict__[held] = value

    return property(get, put)


class COCOeval:
    """Compares results with a ground truth.

        E = COCOeval(cocoGt, cocoDt, "bbox")   # or "segm", "keypoints"
        E.params.maxDets = [1, 10, 300]
        E.evaluate()
        E.accumulate()
        E.summarize()

    `evalImgs` has a record (or None) for each category, range of areas and image, in this order; `eval` the arrays
    `precision` [T,R,K,A,M], `recall` [T,K,A,M] and `scores` [T,R,K,A,M], -1 where nothing was to find; `ious` the overlaps
    of each (image, category); `stats` the twelve numbers, ten for keypoints.
    """

    _gts = _sides("_gts")
    _dts = _sides("_dts")

    def __init__(self, cocoGt: COCO | None = None, cocoDt: COCO | None = None, iouType: str = "segm") -> None:
        if not iouType:
            print("iouType not specified. use default iouType segm")
        self.cocoGt: typing.Any = cocoGt
        self.cocoDt: typing.Any = cocoDt
        self.evalImgs: typing.Any = collections.defaultdict(list)
        self.eval: dict[str, typing.Any] = {}
        self._gts = collections.defaultdict(list)
        self._dts = collections.defaultdict(list)
        self.params = Params(iouType=iouType)
        self._paramsEval: typing.Any = {}
        self.stats: typing.Any = []
        self.ious: typing.Any = {}
        if cocoGt is not None:
            self.params.imgIds = sorted(cocoGt.getImgIds())
            self.params.catIds = sorted(cocoGt.getCatIds())

    def __getstate__(self) -> dict[str, typing.Any]:
        self._gts, self._dts  # they are made now, or never
        return {key: value for key, value in self.__dict__.items() if key != "_found"}

    # Evaluation.

    def evaluate(self) -> None:
        """Compares every image and category."""
        began = time.time()
        print("Running per image evaluation...")
        p = self.params
        if p.useSegm is not None:
            p.iouType = "segm" if p.useSegm == 1 else "bbox"
            print(f"useSegm (deprecated) is not None. Running {p.iouType} evaluation")
        print(f"Evaluate annotation type *{p.iouType}*")
        p.imgIds = list(np.unique(p.imgIds))
        if p.useCats:
            p.catIds = list(np.unique(p.catIds))
        p.maxDets = sorted(p.maxDets)
        self.params = p
        self._found = self._compared()
        if self._found is not None:
            self._unprepared = True
            self.eval = {}
            self.ious = _fast.Overlaps(self._found)
            self.evalImgs = _fast.Images(self._found)
        else:
            self._prepare()
            self._go_through(p)
        self._paramsEval = copy.deepcopy(self.params)
        print(f"DONE (t={time.time() - began:0.2f}s).")

    def _compared(self) -> _fast.Found | None:
        """What the core finds; None where only the way of the reference will do."""
        own = ("_prepare", "computeIoU", "computeOks", "evaluateImg")
        if any(getattr(type(self), name) is not getattr(COCOeval, name) or name in self.__dict__ for name in own):
            return None
        return _fast.compare(self.cocoGt, self.cocoDt, self.params)

    def _go_through(self, p: Params) -> None:
        categories = p.catIds if p.useCats else [-1]
        if p.iouType in ("segm", "bbox"):
            overlaps = self.computeIoU
        elif p.iouType == "keypoints":
            overlaps = self.computeOks
        else:
            raise UnboundLocalError(f"iouType is {p.iouType!r}, expected 'segm', 'bbox' or 'keypoints'")
        self.ious = {(image, category): overlaps(image, category) for image in p.imgIds for category in categories}
        most = p.maxDets[-1]
        self.evalImgs = [
            self.evaluateImg(image, category, area, most)
            for category in categories
            for area in p.areaRng
            for image in p.imgIds
        ]

    def _prepare(self) -> None:
        """Collects the annotations of `params` by image and category, masks as run lengths, and marks what is ignored."""
        self.__dict__.pop("_unprepared", None)
        self._gather()
        self.evalImgs = collections.defaultdict(list)
        self.eval = {}

    def _gather(self) -> None:
        p = self.params
        chosen = {"imgIds": p.imgIds}
        if p.useCats:
            # accumulate() leaves [-1] there where categories are not used
            chosen["catIds"] = p.catIds
        gts = self.cocoGt.loadAnns(self.cocoGt.getAnnIds(**chosen))
        dts = self.cocoDt.loadAnns(self.cocoDt.getAnnIds(**chosen))
        if p.iouType == "segm":
            _fast.draw(gts, self.cocoGt)
            _fast.draw(dts, self.cocoDt)
        _fast.mark_ignored(gts, p.iouType)
        self._gts = _fast.by_place(gts)
        self._dts = _fast.by_place(dts)

    def _of(self, image: typing.Any, category: typing.Any) -> tuple[list[Record], list[Record]]:
        p, gts, dts = self.params, self._gts, self._dts
        if p.useCats:
            return gts.get((image, category), []), dts.get((image, category), [])
        gt = [g for c in p.catIds for g in gts.get((image, c), ())]
        return gt, [d for c in p.catIds for d in dts.get((image, c), ())]

    @staticmethod
    def _best(dt: list[Record], most: int) -> list[Record]:
        """The best `most` of them, the best first; equals stay in order, and what is no number comes last."""
        falling = [-d["score"] for d in dt]
        if len(dt) < 2:
            return dt[:most]
        return [dt[i] for i in np.argsort(falling, kind="mergesort")[:most]]

    def computeIoU(self, imgId: typing.Any, catId: typing.Any) -> typing.Any:
        """Overlaps of an image and category: a row for each of the best detections, a column for each object; an empty
        list where there are none."""
        p = self.params
        gt, dt = self._of(imgId, catId)
        if not gt and not dt:
            return []
        dt = self._best(dt, p.maxDets[-1])
        if p.iouType == "segm":
            key = "segmentation"
        elif p.iouType == "bbox":
            key = "bbox"
        else:
            raise Exception(f"unknown iouType for iou computation: {p.iouType!r}")
        crowd = [int(_fast.asked(g, "iscrowd")) for g in gt]
        return maskUtils.iou([_fast.asked(d, key) for d in dt], [_fast.asked(g, key) for g in gt], crowd)

    def computeOks(self, imgId: typing.Any, catId: typing.Any) -> typing.Any:
        """Similarities of keypoints of an image and category, by the area of the object and `params.kpt_oks_sigmas`."""
        p = self.params
        gts, dts = self._gts[imgId, catId], self._dts[imgId, catId]
        dts = self._best(dts, p.maxDets[-1])
        if not gts or not dts:
            return []
        found = np.array([_fast.asked(d, "keypoints") for d in dts])
        xd, yd = found[:, 0::3], found[:, 1::3]
        variances = (p.kpt_oks_sigmas * 2) ** 2
        ious = np.zeros((len(dts), len(gts)))
        for j, gt in enumerate(gts):
            stated = np.array(_fast.asked(gt, "keypoints"))
            xg, yg, seen = stated[0::3], stated[1::3], stated[2::3] > 0
            if seen.any():
                dx, dy = xd - xg, yd - yg
            else:
                left, top, width, height = gt["bbox"]
                dx = np.maximum(0, left - width - xd) + np.maximum(0, xd - (left + width * 2))
                dy = np.maximum(0, top - height - yd) + np.maximum(0, yd - (top + height * 2))
            e = (dx**2 + dy**2) / variances / (gt["area"] + np.spacing(1)) / 2
            for i in range(len(dts)):
                of_one = e[i][seen] if seen.any() else e[i]
                ious[i, j] = np.sum(np.exp(-of_one)) / of_one.shape[0]
        return ious

    def evaluateImg(self, imgId: typing.Any, catId: typing.Any, aRng: typing.Any, maxDet: int) -> Record | None:
        """Which detections of an image and category are which objects, at each threshold; None where it has neither."""
        p = self.params
        gt, dt = self._of(imgId, catId)
        if not gt and not dt:
            return None
        low, high = aRng[0], aRng[1]
        for g in gt:
            g["_ignore"] = 1 if g["ignore"] or (_fast.asked(g, "area") < low or g["area"] > high) else 0
        order = sorted(range(len(gt)), key=lambda i: gt[i]["_ignore"])
        gt = [gt[i] for i in order]
        dt = self._best(dt, maxDet)
        ignored = np.array([g["_ignore"] for g in gt])
        crowd = [int(_fast.asked(g, "iscrowd")) for g in gt]
        overlaps = self.ious[imgId, catId]
        dtm, gtm = np.zeros((len(p.iouThrs), len(dt))), np.zeros((len(p.iouThrs), len(gt)))
        dtIg = np.zeros((len(p.iouThrs), len(dt)))
        if len(overlaps) > 0:
            object_of = _fast.match(overlaps[:, order], crowd, ignored, [d["id"] for d in dt], p.iouThrs)
            for t, row in enumerate(object_of.tolist()):
                for d, g in enumerate(row):
                    if g >= 0:
                        dtIg[t, d] = ignored[g]
                        dtm[t, d] = gt[g]["id"]
                        gtm[t, g] = dt[d]["id"]
        outside = np.array([_fast.asked(d, "area") < low or d["area"] > high for d in dt]).reshape((1, len(dt)))
        return {
            "image_id": imgId,
            "category_id": catId,
            "aRng": aRng,
            "maxDet": maxDet,
            "dtIds": [d["id"] for d in dt],
            "gtIds": [g["id"] for g in gt],
            "dtMatches": dtm,
            "gtMatches": gtm,
            "dtScores": [d["score"] for d in dt],
            "gtIgnore": ignored,
            "dtIgnore": np.logical_or(dtIg, np.logical_and(dtm == 0, outside)),
        }

    # Accumulation.

    def accumulate(self, p: Params | None = None) -> None:
        """Makes the arrays of `eval` from `evalImgs`, for `p` in place of `params` where it is given."""
        print("Accumulating evaluation results...")
        began = time.time()
        if not self.evalImgs:
            print("Please run evaluate() first")
        if p is None:
            p = self.params
        p.catIds = p.catIds if p.useCats == 1 else [-1]
        arrays = self._arrays(p)
        counts = [len(p.iouThrs), len(p.recThrs), len(p.catIds) if p.useCats else 1, len(p.areaRng), len(p.maxDets)]
        self.eval = {
            "params": p,
            "counts": counts,
            "date": datetime.datetime.now().strftime("%Y-%m-%d %H:%M:%S"),
            "precision": arrays[0],
            "recall": arrays[1],
            "scores": arrays[2],
        }
        print(f"DONE (t={time.time() - began:0.2f}s).")

    def _arrays(self, p: Params) -> tuple[NDArray[np.float64], ...]:
        if isinstance(self.evalImgs, _fast.Images):
            made = self.evalImgs.arrays(p, self._paramsEval)
            if made is not None:
                return made
        if not hasattr(self._paramsEval, "catIds"):
            raise AttributeError("there are no parameters of an evaluation: run evaluate() first")
        return _fast.accumulated(self.evalImgs, p, self._paramsEval)

    # Summary.

    def summarize(self) -> None:
        """Prints the twelve numbers (ten for keypoints) and keeps them in `stats`."""
        if not self.eval:
            raise Exception("Please run accumulate() first")
        iouType = self.params.iouType
        if iouType in ("segm", "bbox"):
            self.stats = self._summary(self._lines_of_detection())
        elif iouType == "keypoints":
            self.stats = self._summary(self._lines_of_keypoints())
        else:
            raise UnboundLocalError(f"iouType is {iouType!r}, expected 'segm', 'bbox' or 'keypoints'")

    def _limit(self, n: int) -> int:
        limits = self.params.maxDets
        if n >= len(limits):
            raise IndexError(
                f"list index out of range: params.maxDets is {list(limits)}, and the summary needs three numbers; "
                "the arrays are in eval"
            )
        return limits[n]

    def _lines_of_detection(self) -> typing.Iterator[tuple[str, float | None, str, int]]:
        yield "AP", None, "all", 100
        for threshold, area in ((0.5, "all"), (0.75, "all"), (None, "small"), (None, "medium"), (None, "large")):
            yield "AP", threshold, area, self._limit(2)
        for n in range(3):
            yield "AR", None, "all", self._limit(n)
        for area in ("small", "medium", "large"):
            yield "AR", None, area, self._limit(2)

    @staticmethod
    def _lines_of_keypoints() -> typing.Iterator[tuple[str, float | None, str, int]]:
        for what in ("AP", "AR"):
            for threshold, area in ((None, "all"), (0.5, "all"), (0.75, "all"), (None, "medium"), (None, "large")):
                yield what, threshold, area, 20

    def _summary(self, lines: typing.Iterable[tuple[str, float | None, str, int]]) -> NDArray[np.float64]:
        return np.array([self._line(*line) for line in lines], dtype=np.float64)

    def _line(self, what: str, threshold: float | None, area: str, most: int) -> typing.Any:
        """Prints one line and gives its number: the mean of what was measured, or -1."""
        p = self.params
        values = self.eval["precision" if what == "AP" else "recall"]
        if threshold is not None:
            values = values[np.where(threshold == p.iouThrs)[0]]
        areas = [n for n, label in enumerate(p.areaRngLbl) if label == area]
        limits = [n for n, limit in enumerate(p.maxDets) if limit == most]
        values = values[..., areas, limits]
        measured = values[values > -1]
        mean = np.mean(measured) if len(measured) else -1
        title = "Average Precision" if what == "AP" else "Average Recall"
        overlap = f"{p.iouThrs[0]:0.2f}:{p.iouThrs[-1]:0.2f}" if threshold is None else f"{threshold:0.2f}"
        print(f" {title:<18} {'(' + what + ')'} @[ IoU={overlap:<9} | area={area:>6s} | maxDets={most:>3d} ] = {mean:0.3f}")
        return mean

    def __str__(self) -> str:
        self.summarize()
        return ""


