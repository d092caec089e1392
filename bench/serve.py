#!/usr/bin/env python3
"""What a server costs a request: vetset serve, and FastAPI with uvicorn and ONNX Runtime, one after the other.

    .venv/bin/python bench/serve.py build/release/vetset --peer .cache/bench/serve/bin/python --name serve

The model is one Relu, so that what is measured is what stands around it: 192 floats as bytes, 602,112 bytes, and 150,528
floats as JSON. Processor time of the server's process (user and system, from /proc), over so many requests on one kept
connection, the least of three rounds; then latency at half the load that one connection reached. The peer's environment
holds fastapi, uvicorn[standard], onnxruntime and numpy; it takes and gives the same bodies by the protocol. Writes
bench/runs/<name>/result.json and table.md.
"""
import argparse
import http.client
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

ROUNDS = 3
TICK = os.sysconf("SC_CLK_TCK")
PEER = '''
import json, sys
import numpy as np
import onnxruntime
import uvicorn
from fastapi import FastAPI, Request, Response

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
app = FastAPI()

@app.post("/v2/models/relu/infer")
async def infer(request: Request):
    body = await request.body()
    head = request.headers.get("inference-header-content-length")
    told = json.loads(body[:int(head)] if head else body)["inputs"][0]
    x = np.frombuffer(body, np.float32, offset=int(head)) if head else np.array(told["data"], np.float32)
    y = session.run(None, {"x": x.reshape(told["shape"])})[0]
    out = {"name": "y", "datatype": "FP32", "shape": list(y.shape)}
    if head:
        out["parameters"] = {"binary_data_size": y.nbytes}
        text = json.dumps({"model_name": "relu", "outputs": [out]}).encode()
        return Response(text + y.tobytes(), media_type="application/octet-stream", headers={"Inference-Header-Content-Length": str(len(text))})
    out["data"] = y.ravel().tolist()
    return Response(json.dumps({"model_name": "relu", "outputs": [out]}), media_type="application/json")

uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", access_log=False)
'''


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def binary(array):
    head = json.dumps({"inputs": [{"name": "x", "datatype": "FP32", "shape": list(array.shape), "parameters": {"binary_data_size": array.nbytes}}],
                       "outputs": [{"name": "y", "parameters": {"binary_data": True}}]}).encode()
    return head + array.tobytes(), {"Inference-Header-Content-Length": str(len(head))}


def text(array):
    told = {"inputs": [{"name": "x", "datatype": "FP32", "shape": list(array.shape), "data": array.ravel().tolist()}]}
    return json.dumps(told).encode(), {}


def cases():
    random = np.random.default_rng(1)
    small, large = random.random((1, 192), dtype=np.float32), random.random((1, 150528), dtype=np.float32)
    return [("192 floats as bytes", *binary(small), 4000), ("602 kB as bytes", *binary(large), 400), ("150 k floats as JSON", *text(large), 30)]


class Client:
    def __init__(self, port):
        self.c = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def __call__(self, body, fields):
        self.c.request("POST", "/v2/models/relu/infer", body, fields)
        r = self.c.getresponse()
        said = r.read()
        if r.status != 200:
            raise SystemExit(said)


def at_half_load(client, body, fields, seconds):
    """p50 and p99 in ms, of requests that begin at their time whether or not the last one was answered by then."""
    took, gap = [], 2 * seconds
    due = time.perf_counter()
    for _ in range(1500):
        due += gap
        now = time.perf_counter()
        if now < due:  # not in a circle: that would take a processor from the server
            time.sleep(due - now)
            due = time.perf_counter()
        client(body, fields)
        took.append(time.perf_counter() - due)
    return [round(float(np.percentile(took, p)) * 1e3, 3) for p in (50, 99)]


def measured(process, port):
    client, result = Client(port), {}
    for name, body, fields, count in cases():
        for _ in range(count // 10):
            client(body, fields)
        rounds = []
        for _ in range(ROUNDS):
            before, began = processor_seconds(process.pid), time.perf_counter()
            for _ in range(count):
                client(body, fields)
            rounds.append(((processor_seconds(process.pid) - before) / count, (time.perf_counter() - began) / count))
        cpu, wall = min(rounds)
        result[name] = {"cpu_us": round(cpu * 1e6, 1)}
        if count > 1000:
            result[name]["p50_p99_ms_at_half_load"] = at_half_load(client, body, fields, wall)
    return result


def ours(program, model, library):
    process = subprocess.Popen([program, "serve", f"relu={model}", "--port", "0", "--no-log", "--drain-lead", "0", "--runtime", library],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        return measured(process, int(re.search(r":(\d+)\s*$", process.stdout.readline())[1]))
    finally:
        process.terminate()
        process.communicate()


def theirs(python, model):
    port = 18765
    process = subprocess.Popen([python, "-c", PEER, model, str(port)])
    try:
        for _ in range(200):
            try:
                http.client.HTTPConnection("127.0.0.1", port).connect()
                return measured(process, port)
            except ConnectionRefusedError:
                time.sleep(0.1)
        raise SystemExit("the peer did not start")
    finally:
        process.kill()
        process.wait()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("program")
    arguments.add_argument("--peer", help="a Python with fastapi, uvicorn and onnxruntime")
    arguments.add_argument("--name", default="serve")
    chosen = arguments.parse_args()
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "relu", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, "n"])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, "n"])])
    library = str(pathlib.Path(onnxruntime.__file__).parent / "capi")
    with tempfile.TemporaryDirectory() as folder:
        model = f"{folder}/relu.onnx"
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), model)
        told = {"vetset serve": ours(chosen.program, model, library)}
        if chosen.peer:
            told["FastAPI, uvicorn, onnxruntime"] = theirs(chosen.peer, model)
    out = pathlib.Path(__file__).parent / "runs" / chosen.name
    out.mkdir(parents=True, exist_ok=True)
    result = {"command": f"bench/serve.py {pathlib.Path(chosen.program).name} --name {chosen.name}", "onnxruntime": onnxruntime.__version__,
              "machine": platform.machine(), "processors": os.cpu_count(), "python": platform.python_version(), "servers": told}
    (out / "result.json").write_text(json.dumps(result, indent=2) + "\n")
    lines = ["| CPU µs of the server a request | " + " | ".join(name for name, *_ in cases()) + " | p50, p99 at half load (192 floats) |",
             "|---|" + "---:|" * (len(cases()) + 1)]
    for server, figures in told.items():
        half = figures[cases()[0][0]]["p50_p99_ms_at_half_load"]
        lines.append(f"| {server} | " + " | ".join(f"{f['cpu_us']:.0f}" for f in figures.values()) + f" | {half[0]:.2f} ms, {half[1]:.2f} ms |")
    table = "\n".join(lines) + "\n"
    (out / "table.md").write_text(table)
    print(table, end="")


if __name__ == "__main__":
    sys.exit(main())
