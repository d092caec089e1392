"""Makes samples/parity: what training code does with the sample's model, for `vetset parity`. Pixels of OpenCV, the
steps of Ultralytics, the network in PyTorch: nothing of vetset's own has a hand in it, but the writing of the record.

    PYTHONPATH=build/release/python .venv-judges/bin/python samples/make_parity.py
"""
import pathlib
import shutil

import cv2
import numpy as np
import torch
from ultralytics.data.augment import LetterBox
from ultralytics.utils import nms, ops
from vetset import parity

HERE = pathlib.Path(__file__).resolve().parent
SIZE = (64, 64)
CLASSES = 8
letterbox = LetterBox(SIZE, auto=False)


def prepare(path):
    bgr = cv2.imread(str(path))
    resized = letterbox(image=bgr)
    tensor = np.ascontiguousarray(resized[..., ::-1].transpose(2, 0, 1)[None], np.float32) / 255
    return {"pixels": bgr[..., ::-1], "resized": resized[..., ::-1], "input": tensor, "shape": bgr.shape[:2]}


def network():
    """The layers of make_models.py: a convolution at each stride, by the same draws."""
    random, layers = np.random.default_rng(5), []
    for stride in (8, 16, 32):
        weight = (random.standard_normal((4 + CLASSES, 3, 1, 1)) * 2).astype(np.float32)
        weight[:4] *= 4
        layer = torch.nn.Conv2d(3, 4 + CLASSES, 1, stride)
        layer.weight.data = torch.from_numpy(weight)
        layer.bias.data = torch.tensor([32, 32, 20, 20] + [-2] * CLASSES, dtype=torch.float32)
        layers.append(layer)
    return layers


LAYERS = network()


@torch.no_grad()
def run(tensor):
    raw = torch.cat([layer(torch.from_numpy(tensor)).flatten(2) for layer in LAYERS], 2)
    raw[:, 4:] = raw[:, 4:].sigmoid()
    return {"output0": raw}


def finish(outputs, prepared):
    found = nms.non_max_suppression(outputs["output0"].clone(), 0.25, 0.7, nc=CLASSES)[0]
    boxes = ops.scale_boxes(SIZE, found[:, :4], prepared["shape"])
    return {"boxes": boxes, "scores": found[:, 4], "labels": found[:, 5].int().tolist()}


if __name__ == "__main__":
    torch.set_num_threads(1)
    shutil.rmtree(HERE / "parity", ignore_errors=True)
    images = sorted((HERE / "street/images/val").glob("*.jpg"))[:5]
    parity.record(HERE / "parity", images, prepare, run, finish, tensors=1)
