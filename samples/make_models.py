#!/usr/bin/env python3
"""Writes samples/models: two models of a kilobyte, which no training made.

    .venv/bin/python samples/make_models.py

street.onnx has the form of an Ultralytics detector of the sample's eight classes: 1x3x64x64 in, 1x12x84 out, and the
metadata that their exporter writes. Its weights are drawn, so it detects nothing that means anything. faulty.onnx holds
what `vetset model check` looks for. The same bytes each time.
"""
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OUT = pathlib.Path(__file__).resolve().parent / "models"
NAMES = [line.split(":", 1)[1].strip() for line in (OUT.parent / "street/data.yaml").read_text().splitlines() if line.strip()[:1].isdigit()]


def save(graph, opset, name, metadata=None):
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8, producer_name="make_models.py")
    helper.set_model_props(model, metadata or {})
    onnx.checker.check_model(model)
    (OUT / name).write_bytes(model.SerializeToString(deterministic=True))


def street():
    """A convolution of one pixel at each stride, and the scores through a sigmoid."""
    random = np.random.default_rng(5)
    values = 4 + len(NAMES)
    nodes, weights, parts = [], [], []
    for stride in (8, 16, 32):
        cells = (64 // stride) ** 2
        weight = (random.standard_normal((values, 3, 1, 1)) * 2).astype(np.float32)
        bias = np.concatenate([[32, 32, 20, 20], np.full(len(NAMES), -2)]).astype(np.float32)
        weight[:4] *= 4
        weights += [numpy_helper.from_array(weight, f"w{stride}"), numpy_helper.from_array(bias, f"b{stride}"),
                    numpy_helper.from_array(np.array([1, values, cells], np.int64), f"s{stride}")]
        nodes += [helper.make_node("Conv", ["images", f"w{stride}", f"b{stride}"], [f"c{stride}"], strides=[stride, stride]),
                  helper.make_node("Reshape", [f"c{stride}", f"s{stride}"], [f"r{stride}"])]
        parts.append(f"r{stride}")
    weights.append(numpy_helper.from_array(np.array([4, len(NAMES)], np.int64), "split"))
    nodes += [helper.make_node("Concat", parts, ["all"], axis=2), helper.make_node("Split", ["all", "split"], ["boxes", "logits"], axis=1),
              helper.make_node("Sigmoid", ["logits"], ["scores"]), helper.make_node("Concat", ["boxes", "scores"], ["output0"], axis=1)]
    graph = helper.make_graph(nodes, "street", [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, 64, 64])],
                              [helper.make_tensor_value_info("output0", TensorProto.FLOAT, [1, values, 84])], weights)
    save(graph, 17, "street.onnx", {"author": "Ultralytics", "version": "8.4.190", "stride": "32", "task": "detect", "batch": "1",
                                    "imgsz": "[64, 64]", "names": repr(dict(enumerate(NAMES))), "args": "{'nms': False}", "channels": "3"})


def faulty():
    """An input that nothing uses, NaN in the weights, and a resize as opset 10 knows it."""
    weights = [numpy_helper.from_array(np.array([[[[1]], [[np.nan]], [[0.5]]]], np.float32), "w"),
               numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "scales")]
    nodes = [helper.make_node("Conv", ["x", "w"], ["c"]), helper.make_node("Resize", ["c", "scales"], ["y"], mode="linear")]
    graph = helper.make_graph(nodes, "faulty", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8]),
                                                helper.make_tensor_value_info("old_state", TensorProto.FLOAT, [1, 16])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1, 16, 16])], weights)
    save(graph, 10, "faulty.onnx")


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    street()
    faulty()
