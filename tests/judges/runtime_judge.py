#!/usr/bin/env python3
"""Holds vetset's session to ONNX Runtime in Python, bit for bit, and to the outputs that ONNX stores with its models.

    VETSET_DATA=../shared/data .venv/bin/python tests/judges/runtime_judge.py build/release/session_print

Real models (ONNX's backend tests, its light graphs, a detector, two for faces) and one model made for every element type
and for free sizes. Where Python's session refuses a model, ours must, too. Prints `N passed, N failed`.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

import ml_dtypes
import numpy as np
import onnx
import onnxruntime
from judging import DATA, finish, say
from onnx import TensorProto, helper, numpy_helper

PRINT = sys.argv[1]
MODELS = DATA / "onnx"
os.environ["VETSET_ORT_LIB"] = str(sorted((pathlib.Path(onnxruntime.__file__).parent / "capi").glob("libonnxruntime.so*"))[0])


def options():
    chosen = onnxruntime.SessionOptions()
    chosen.log_severity_level = 4
    return chosen


def theirs(model, inputs):
    """Python's outputs, or its words where it refuses."""
    try:
        session = onnxruntime.InferenceSession(str(model), options(), providers=["CPUExecutionProvider"])
        names = [i.name for i in session.get_inputs()]
        return session.run(None, dict(zip(names, inputs, strict=True))), ""
    except Exception as refused:
        return None, str(refused)


def dtype(name):
    return np.dtype(getattr(ml_dtypes, name)) if name == "bfloat16" else np.dtype(name)


def ours(model, inputs):
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for i, array in enumerate(inputs):
            files.append(f"{folder}/in{i}")
            head = " ".join([str(array.dtype), *map(str, array.shape)]) + "\n"
            pathlib.Path(files[-1]).write_bytes(head.encode() + np.ascontiguousarray(array).tobytes())
        done = subprocess.run([PRINT, model, *files, "-o", folder], capture_output=True, text=True)
        if done.returncode != 0:
            return None, done.stderr
        results = []
        while (path := pathlib.Path(f"{folder}/{len(results)}")).exists():
            head, _, raw = path.read_bytes().partition(b"\n")
            name, *shape = head.decode().split()
            results.append(np.frombuffer(raw, dtype(name)).reshape([int(n) for n in shape]))
        return results, ""


def same_bits(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def compare(model, inputs, what):
    """Our outputs, when they are Python's to the bit."""
    want, their_words = theirs(model, inputs)
    have, our_words = ours(model, inputs)
    if want is None:
        say(have is None and our_words.strip(), f"{what}: refused as Python refuses it", f"{their_words} | {our_words}")
        return None
    if have is None:
        say(False, what, our_words)
        return None
    other = [i for i, (w, h) in enumerate(zip(want, have)) if not same_bits(w, h)]
    say(len(want) == len(have) and not other, f"{what}: bits of Python's session", f"outputs {other} of {len(want)} differ")
    return have


def tensor(path):
    return numpy_helper.to_array(onnx.load_tensor(str(path)))


def stored():
    for model in sorted((MODELS / "backend").glob("*/model.onnx")):
        folder = model.parent / "test_data_set_0"
        have = compare(model, [tensor(p) for p in sorted(folder.glob("input_*.pb"))], model.parent.name)
        for i, path in enumerate(sorted(folder.glob("output_*.pb")) if have else []):
            want = tensor(path)  # the tolerance of onnx.backend.test
            say(np.allclose(have[i], want, rtol=1e-3, atol=1e-7), f"{model.parent.name}: stored output {i}")
    for model in sorted((MODELS / "light").glob("*.onnx")):
        # onnx.backend.test gives its light graphs the numbers from 0 to 1 that follow.
        session = onnxruntime.InferenceSession(str(model), options(), providers=["CPUExecutionProvider"])
        shape = session.get_inputs()[0].shape
        have = compare(model, [(np.arange(np.prod(shape), dtype=np.float32).reshape(shape) / np.prod(shape)).astype(np.float32)], model.stem)
        if have:
            want = tensor(model.with_name(model.stem + "_output_0.pb"))
            say(np.allclose(have[0], want, rtol=2e-3, atol=1e-7), f"{model.stem}: stored output", np.abs(have[0] - want).max())


def detectors():
    random = np.random.default_rng(7)
    for path, shapes in [("fastestdet/FastestDet.onnx", [(1, 3, 352, 352)]), ("yunet/yunet_s_320_320.onnx", [(1, 3, 320, 320)]),
                         ("yunet/yunet_n_dynamic.onnx", [(1, 3, 320, 320), (1, 3, 480, 640), (1, 3, 96, 64)])]:
        for shape in shapes:
            have = compare(MODELS / path, [random.random(shape, dtype=np.float32) * 255], f"{path} {shape}")
            say(have and all(np.isfinite(h).all() for h in have), f"{path} {shape}: finite")


def types():
    """A cast from every type to every other one, and free sizes, the empty one too."""
    random = np.random.default_rng(3)
    names = {t: name for t, name in [(1, "float32"), (2, "uint8"), (3, "int8"), (4, "uint16"), (5, "int16"), (6, "int32"),
                                     (7, "int64"), (9, "bool"), (10, "float16"), (11, "float64"), (12, "uint32"), (13, "uint64"), (16, "bfloat16")]}
    with tempfile.TemporaryDirectory() as folder:
        for from_type, name in names.items():
            if name == "bfloat16":
                continue  # NumPy has none that Python's session takes; as outputs they are held below
            nodes = [helper.make_node("Cast", ["x"], [f"y{t}"], to=t) for t in names if names[t] != "bfloat16"]
            outputs = [helper.make_tensor_value_info(f"y{t}", t, ["n", 3]) for t in names if names[t] != "bfloat16"]
            graph = helper.make_graph(nodes, "casts", [helper.make_tensor_value_info("x", from_type, ["n", 3])], outputs)
            path = pathlib.Path(folder) / f"{name}.onnx"
            onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
            for n in (0, 1, 5):
                compare(path, [random.integers(0, 100, (n, 3)).astype(dtype(name))], f"{name} {n}x3")
        graph = helper.make_graph([helper.make_node("Cast", ["x"], ["h"], to=TensorProto.BFLOAT16), helper.make_node("Identity", ["h"], ["y"])],
                                  "bfloat16", [helper.make_tensor_value_info("x", 1, [4])], [helper.make_tensor_value_info("y", 16, [4])])
        path = pathlib.Path(folder) / "bfloat16.onnx"
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
        x = np.array([1, 1 / 3, -2.5, 65504], np.float32)
        have, words = ours(path, [x])
        say(have and have[0].tobytes() == x.astype(ml_dtypes.bfloat16).tobytes(), "bfloat16 out", words)


def main():
    types()
    if MODELS.exists():
        stored()
        detectors()
    else:
        print("skipped 2: VETSET_DATA")
    return finish()


if __name__ == "__main__":
    sys.exit(main())
