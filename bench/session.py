#!/usr/bin/env python3
"""What a session costs a run beside the model: vetset's, with outputs of the runtime's own and bound to ours, and Python's.

    .venv/bin/python bench/session.py build/release/session_print --name session

The model is one Relu over 192 numbers, so that what is measured is what stands around it. Processor time of the process
by clock, the best of five rounds of so many runs; one thread. Writes bench/runs/<name>/result.json and table.md.
"""
import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

RUNS, ROUNDS = 20_000, 5


def best(call):
    least = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(RUNS):
            call()
        least = min(least, time.process_time() - began)
    return least / RUNS * 1e6


def python(model, x):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    binding, y = session.io_binding(), np.zeros_like(x)
    binding.bind_input("x", "cpu", 0, x.dtype, x.shape, x.ctypes.data)
    binding.bind_output("y", "cpu", 0, y.dtype, y.shape, y.ctypes.data)
    return best(lambda: session.run(None, {"x": x})), best(lambda: session.run_with_iobinding(binding))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("program")
    arguments.add_argument("--name", default="session")
    chosen = arguments.parse_args()
    x = np.linspace(-1, 1, 192, dtype=np.float32).reshape(1, 192)
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "relu", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 192])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 192])])
    library = next((pathlib.Path(onnxruntime.__file__).parent / "capi").glob("libonnxruntime.so*"))
    with tempfile.TemporaryDirectory() as folder:
        model = f"{folder}/relu.onnx"
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), model)
        pathlib.Path(f"{folder}/x").write_bytes(b"float32 1 192\n" + x.tobytes())
        ours = json.loads(subprocess.run([chosen.program, model, f"{folder}/x", "--bench", str(RUNS)], check=True, capture_output=True,
                                         env={**os.environ, "VETSET_ORT_LIB": str(library)}).stdout)
        theirs = python(model, x)
    rows = [("vetset, run_into (bound)", ours["bound_us"]), ("vetset, run", ours["unbound_us"]),
            ("Python, run_with_iobinding", theirs[1]), ("Python, session.run", theirs[0])]
    out = pathlib.Path(__file__).parent / "runs" / chosen.name
    out.mkdir(parents=True, exist_ok=True)
    result = {"command": f"bench/session.py {pathlib.Path(chosen.program).name} --name {chosen.name}", "runs": RUNS, "rounds": ROUNDS,
              "onnxruntime": onnxruntime.__version__, "machine": platform.machine(), "python": platform.python_version(), "cpu_us_a_run": dict(rows)}
    (out / "result.json").write_text(json.dumps(result, indent=2) + "\n")
    table = "| one run of a Relu over 192 numbers | CPU µs |\n|---|---:|\n" + "".join(f"| {name} | {us:.2f} |\n" for name, us in rows)
    (out / "table.md").write_text(f"ONNX Runtime {onnxruntime.__version__}, one thread, best of {ROUNDS} rounds of {RUNS:,} runs: `{result['command']}`\n\n{table}")
    print(table, end="")


if __name__ == "__main__":
    sys.exit(main())
