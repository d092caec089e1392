"""COCO's twelve numbers by a Python peer, in the peer's own environment: python peer_evaluate.py PEER TYPE TRUTH RESULTS.

Files on disk to printed summary, each peer by the fastest way that its documentation shows, with as many threads as it takes by itself.
The last line is `stats` and the numbers in full, for the bench to compare.
"""
import sys
from pathlib import Path


def in_three_steps(evaluation) -> list[float]:
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    return list(evaluation.stats)


def pycocotools(kind: str, truth: str, results: str) -> list[float]:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
    objects = COCO(truth)
    return in_three_steps(COCOeval(objects, objects.loadRes(results), kind))


def faster_coco_eval(kind: str, truth: str, results: str) -> list[float]:
    from faster_coco_eval import COCO, COCOeval_faster
    objects = COCO(truth)
    return in_three_steps(COCOeval_faster(objects, objects.loadRes(results), kind, print_function=print))[:10 if kind == "keypoints" else 12]


def hotcoco(kind: str, truth: str, results: str) -> list[float]:
    from hotcoco import COCO, COCOeval
    objects = COCO(truth)
    evaluation = COCOeval(objects, objects.load_res(results), kind)
    evaluation.run()
    return list(evaluation.stats)


def ultrafast_pycocotools(kind: str, truth: str, results: str) -> list[float]:
    from ultrafast_pycocotools import COCO, COCOeval
    objects = COCO(truth)
    evaluation = COCOeval(objects, objects.loadRes(results), kind)
    evaluation.run()
    return list(evaluation.stats)


def vernier(kind: str, truth: str, results: str) -> list[float]:
    from vernier import instance
    measure = {"bbox": instance.Bbox, "segm": instance.Segm, "keypoints": instance.Keypoints, "boundary": instance.Boundary}[kind]()
    objects = instance.CocoDataset.from_json(Path(truth).read_bytes())
    summary = instance.Evaluator(iou=measure, parity_mode="strict").evaluate(objects, Path(results).read_bytes())
    print("\n".join(summary.pretty_lines()))
    return list(summary.stats)


def vetset(kind: str, truth: str, results: str) -> list[float]:
    """The same two lines as pycocotools', from vetset's module."""
    from vetset.pycocotools.coco import COCO
    from vetset.pycocotools.cocoeval import COCOeval
    objects = COCO(truth)
    return in_three_steps(COCOeval(objects, objects.loadRes(results), kind))


if __name__ == "__main__":
    peer, *rest = sys.argv[1:]
    numbers = {f.__name__: f for f in (pycocotools, faster_coco_eval, hotcoco, ultrafast_pycocotools, vernier, vetset)}[peer](*rest)
    print("stats", *(repr(float(number)) for number in numbers))
