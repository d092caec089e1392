#!/usr/bin/env python3
"""tritonclient asks vetset serve for everything it can ask, and gets what ONNX Runtime in Python gives, bit for bit.

    VETSET=build/release/vetset .venv-serving/bin/python tests/judges/serve_judge.py

ONNX's backend tests (with the outputs stored beside them), light graphs, a detector and one model for every element type,
as JSON and as bytes; then the shapes of the protocol specification's own examples. Prints `N passed, N failed`.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

import numpy as np
import onnx
import onnxruntime
import tritonclient.http as triton
from judging import DATA, finish, say
from onnx import helper, numpy_helper
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

VETSET = os.environ["VETSET"]
MODELS = DATA / "onnx"
LIBRARY = str(pathlib.Path(onnxruntime.__file__).parent / "capi")
TYPES = {1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 9: "bool", 10: "float16", 11: "float64", 12: "uint32", 13: "uint64"}


class Server:
    """Serves {name: file} until the end of a with."""

    def __init__(self, models):
        self.command = [VETSET, "serve", *(f"{name}={file}" for name, file in models.items()), "--port", "0", "--drain-lead", "0",
                        "--runtime", LIBRARY, "--no-log"]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"http://(\S+)", line)
        if not found:
            raise SystemExit(self.process.stderr.read())
        self.url = found[1]
        self.client = triton.InferenceServerClient(self.url)
        return self

    def __exit__(self, *_):
        self.client.close()
        self.process.terminate()
        self.process.communicate()
        say(self.process.returncode == 0, "ended well")

    def plain(self, method, target, body=None, **fields):
        request = urllib.request.Request(f"http://{self.url}{target}", body, fields, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, dict(refused.headers), refused.read()


def theirs(model, inputs):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.use_deterministic_compute = True
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    return [o.name for o in session.get_outputs()], session.run(None, dict(zip([i.name for i in session.get_inputs()], inputs, strict=True)))


def taken(model):
    """Whether Python's session takes it: not all of ONNX's tests have a kernel on every processor."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        return True
    except Exception:
        return False


def inferred(server, name, inputs, outputs, binary):
    asked = made(server, name, inputs, binary)
    wanted = [triton.InferRequestedOutput(o, binary_data=binary) for o in outputs]
    return server.client.infer(name, asked, outputs=wanted, request_id="judge")


def same(a, b):
    return a is not None and a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def compare(server, name, model, inputs):
    names, want = theirs(model, inputs)
    for binary in (True, False):
        if not binary and any(a.dtype == np.float16 for a in [*inputs, *want]):
            continue  # the protocol has no half floats in JSON
        answer = inferred(server, name, inputs, names, binary)
        got = [answer.as_numpy(n) for n in names]
        form = "bytes" if binary else "JSON"
        say(answer.get_response()["id"] == "judge" and all(map(same, got, want)), f"{name} as {form}: bits of Python's session",
            [n for n, g, w in zip(names, got, want) if not same(g, w)])
    answer = server.client.async_infer(name, made(server, name, inputs)).get_result()
    say(all(same(answer.as_numpy(n), w) for n, w in zip(names, want)), f"{name}: all outputs, where none is named")
    return dict(zip(names, want))


def made(server, name, inputs, binary=True):
    asked = []
    for told, array in zip(server.client.get_model_metadata(name)["inputs"], inputs, strict=True):
        i = triton.InferInput(told["name"], list(array.shape), np_to_triton_dtype(array.dtype))
        i.set_data_from_numpy(array, binary_data=binary)
        asked.append(i)
    return asked


def places(server, name):
    c = server.client
    say(c.is_server_live() and c.is_server_ready() and c.is_model_ready(name) and c.is_model_ready(name, "1"), "health")
    say(not c.is_model_ready("other"), "a model that is not there is not ready")
    meta = c.get_server_metadata()
    say(meta["name"] == "vetset" and "binary_tensor_data" in meta["extensions"], "server metadata", meta)
    config = c.get_model_config(name)
    say(config["name"] == name and config["max_batch_size"] == 0 and config["input"][0]["data_type"].startswith("TYPE_"), "config", config)
    index = c.get_model_repository_index()
    say(name in [m["name"] for m in index] and all(m["state"] == "READY" for m in index), "repository index", index)
    before = c.get_inference_statistics(name)["model_stats"][0]["inference_count"]
    say(before > 0 and len(c.get_inference_statistics()["model_stats"]) == len(index), "statistics")
    for what, call in [("infer of a model that is not there", lambda: c.infer("other", [])),
                       ("infer without inputs", lambda: c.infer(name, [])),
                       ("load", lambda: c.load_model(name)),
                       ("metadata of a version that is not there", lambda: c.get_model_metadata(name, "9"))]:
        try:
            call()
            say(False, what, "was not refused")
        except InferenceServerException as refused:
            say(bool(refused.message()), f"{what} is refused with words tritonclient finds")


def types(folder):
    """A model of every element type: what comes is what goes."""
    models = {}
    for number, name in TYPES.items():
        graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], name, [helper.make_tensor_value_info("x", number, ["n", 3])],
                                  [helper.make_tensor_value_info("y", number, ["n", 3])])
        models[name] = f"{folder}/{name}.onnx"
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), models[name])
    random = np.random.default_rng(9)
    with Server(models) as server:
        for name in models:
            kind = np.dtype(name)
            for n in (0, 1, 7):
                raw = random.integers(0, 2 if name == "bool" else 256, (n, 3 * kind.itemsize), dtype=np.uint8)
                array = raw.view(kind).reshape(n, 3)
                array = np.where(np.isfinite(array), array, 1).astype(kind) if kind.kind == "f" else array
                compare(server, name, models[name], [array])
        places(server, "float32")
        odd = np.array([[np.nan, np.inf, -np.inf]], np.float32)
        say(same(inferred(server, "float32", [odd], ["y"], True).as_numpy("y"), odd), "NaN and infinities pass as bytes")


def specified(folder):
    """The examples of the specification's REST chapter and of the binary extension, with a model of their shapes."""
    value = helper.make_tensor_value_info
    nodes = [helper.make_node("Cast", ["input0"], ["a"], to=1), helper.make_node("MatMul", ["weights", "a"], ["output0"]),
             helper.make_node("Cast", ["input1"], ["output1"], to=1)]
    graph = helper.make_graph(nodes, "mymodel", [value("input0", 12, [2, 2]), value("input1", 9, [3])],
                              [value("output0", 1, [3, 2]), value("output1", 1, [3])],
                              [numpy_helper.from_array(np.array([[1, 0], [0, 1], [1, 1]], np.float32), "weights")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), f"{folder}/mymodel.onnx")
    with Server({"mymodel": f"{folder}/mymodel.onnx"}) as server:
        ask = {"id": "42", "inputs": [{"name": "input0", "shape": [2, 2], "datatype": "UINT32", "data": [1, 2, 3, 4]},
                                      {"name": "input1", "shape": [3], "datatype": "BOOL", "data": [True, False, True]}],
               "outputs": [{"name": "output0"}]}
        status, _, body = server.plain("POST", "/v2/models/mymodel/infer", json.dumps(ask).encode())
        told = json.loads(body)
        say(status == 200 and told["id"] == "42" and told["model_name"] == "mymodel"
            and told["outputs"] == [{"name": "output0", "shape": [3, 2], "datatype": "FP32", "data": [1, 2, 3, 4, 4, 6]}], "the example of inference", told)
        ask["inputs"][0]["data"] = [[1, 2], [3, 4]]
        say(json.loads(server.plain("POST", "/v2/models/mymodel/infer", json.dumps(ask).encode())[2]) == told, "nested lists are flat ones")
        head = json.dumps({"inputs": [{"name": "input0", "shape": [2, 2], "datatype": "UINT32", "parameters": {"binary_data_size": 16}},
                                      {"name": "input1", "shape": [3], "datatype": "BOOL", "parameters": {"binary_data_size": 3}}],
                           "outputs": [{"name": "output0", "parameters": {"binary_data": True}}, {"name": "output1"}]}).encode()
        raw = np.array([1, 2, 3, 4], "<u4").tobytes() + b"\1\0\1"
        status, fields, body = server.plain("POST", "/v2/models/mymodel/infer", head + raw, **{"Inference-Header-Content-Length": str(len(head))})
        n = int(fields["Inference-Header-Content-Length"])
        told = json.loads(body[:n])
        say(status == 200 and told["outputs"][0]["parameters"] == {"binary_data_size": 24} and told["outputs"][1]["data"] == [1, 0, 1]
            and np.frombuffer(body[n:], "<f4").tolist() == [1, 2, 3, 4, 4, 6], "the example of the binary extension", told)
        status, _, body = server.plain("POST", "/v2/models/mymodel/infer", b"{")
        say(status == 400 and set(json.loads(body)) == {"error"}, "the error object")
        status, _, body = server.plain("GET", "/v2/models/mymodel/versions/1")
        meta = json.loads(body)
        say(set(meta) == {"name", "versions", "platform", "inputs", "outputs"} and meta["inputs"][0] == {"name": "input0", "datatype": "UINT32", "shape": [2, 2]},
            "model metadata", meta)


def real():
    models = {p.parent.name: p for p in sorted((MODELS / "backend").glob("*/model.onnx"))} | {p.stem: p for p in sorted((MODELS / "light").glob("*.onnx"))}
    models["fastestdet"] = MODELS / "fastestdet/FastestDet.onnx"
    models = {name: path for name, path in models.items() if taken(path)}
    random = np.random.default_rng(5)
    with Server(models) as server:
        for name, path in models.items():
            stored = path.parent / "test_data_set_0"
            if stored.exists():
                inputs = [numpy_helper.to_array(onnx.load_tensor(str(p))) for p in sorted(stored.glob("input_*.pb"))]
            else:
                shape = [n if n > 0 else 1 for n in server.client.get_model_metadata(name)["inputs"][0]["shape"]]
                inputs = [random.random(shape, dtype=np.float32)]
            got = list(compare(server, name, path, inputs).values())
            for i, p in enumerate(sorted(stored.glob("output_*.pb"))):
                say(np.allclose(got[i], numpy_helper.to_array(onnx.load_tensor(str(p))), rtol=1e-3, atol=1e-7), f"{name}: stored output {i}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        types(folder)
        specified(folder)
    if MODELS.exists():
        real()
    else:
        print("skipped 1: VETSET_DATA")
    return finish()


if __name__ == "__main__":
    sys.exit(main())
