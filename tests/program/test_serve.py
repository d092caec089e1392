"""vetset serve, from outside: sockets by hand, because a client library would hide what matters here."""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import threading
import time

import pytest
from conftest import ROOT

MODEL = ROOT / "samples/models/street.onnx"
PICTURE = sorted((ROOT / "samples/street/images").rglob("*.jpg"))[0].read_bytes()
RUNTIME = os.environ.get("VETSET_ORT_LIB") or next(map(str, ROOT.glob(".venv/lib/python3*/site-packages/onnxruntime/capi")), "")
pytestmark = pytest.mark.skipif(not RUNTIME, reason="ONNX Runtime")


class Server:
    def __init__(self, vetset, *flags, model="street.onnx", log=False, port=0):
        shutil.copy(MODEL, vetset.folder / "street.onnx")
        quiet = [] if log else ["--no-log"]
        self.process = vetset.start("serve", model, "--port", str(port), "--runtime", RUNTIME, *quiet, *flags)
        line = self.process.stdout.readline().decode()
        found = re.search(r"://127\.0\.0\.1:(\d+)", line)
        assert found, line + self.process.stderr.read().decode()
        self.port = int(found[1])

    def socket(self):
        s = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        return s

    def raw(self, data, shut=False):
        """Everything the server says to these bytes until it closes."""
        with self.socket() as s:
            s.sendall(data)
            if shut:
                s.shutdown(socket.SHUT_WR)
            return everything(s)

    def ask(self, method, target, body=None, headers=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            c.request(method, target, body, headers or {})
            r = c.getresponse()
            return r.status, dict(r.getheaders()), r.read()
        finally:
            c.close()

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, err.decode()


def everything(s):
    got = b""
    while piece := s.recv(65536):
        got += piece
    return got


def one_answer(s):
    """One response from a kept connection: status, head, body."""
    got = b""
    while b"\r\n\r\n" not in got:
        piece = s.recv(65536)
        assert piece, got
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
    while len(body) < length:
        body += s.recv(65536)
    return int(head.split()[1]), head, body


def refused(answer, status, *words):
    """One response of this status whose body is {"error": …}, and the connection ended."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status), answer[:300]
    error = json.loads(body)["error"]
    for word in words:
        assert word in error, error


def post(target, body, *lines, length=None):
    head = [f"POST {target} HTTP/1.1", "Host: x", f"Content-Length: {len(body) if length is None else length}", *lines]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


@pytest.fixture
def serve(vetset):
    started = []

    def start(*flags, **how):
        flags = flags if "--drain-lead" in flags else (*flags, "--drain-lead", "0")
        started.append(Server(vetset, *flags, **how))
        return started[-1]

    yield start
    for s in started:
        if s.process.poll() is None:
            s.process.kill()
        s.process.communicate()


def test_a_picture_gives_what_infer_writes_of_it(serve):
    s = serve()
    status, head, body = s.ask("POST", "/predict", PICTURE)
    found = json.loads(body)
    assert status == 200 and head["Content-Type"] == "application/json" and found["detections"]
    assert s.ask("POST", "/predict/street", PICTURE)[2] == body
    assert {"class", "id", "score", "box"} == set(found["detections"][0])
    status, _, body = s.ask("POST", "/predict", b"no picture")
    assert status == 400 and json.loads(body)["error"]


def test_places_answer_and_others_are_refused_by_name(serve):
    s = serve()
    for target in ["/", "/v2", "/v2/", "/v2/health/live", "/v2/health/ready", "/v2/models/street", "/v2/models/street/ready",
                   "/v2/models/street/versions/1", "/v2/models/street/config", "/v2/models/street/stats", "/v2/models/stats",
                   "/metrics", "/v2/models/%73treet?x=1"]:
        status, head, body = s.ask("GET", target)
        assert status == 200 and body, target
        status, other, nothing = s.ask("HEAD", target)
        assert status == 200 and nothing == b"", target
        if target != "/metrics":
            assert other["Content-Length"] == head["Content-Length"], target
    for method, target, expected in [("GET", "/predict", 405), ("DELETE", "/v2", 405), ("GET", "/v3", 404), ("GET", "/%zz", 404),
                                     ("GET", "/v2/models/other", 404), ("GET", "/v2/models/street/versions/2", 404),
                                     ("POST", "/v2/models/other/infer", 404), ("GET", "/%ff%00", 404), ("BREW", "/", 405),
                                     ("GET", "/v2/models/%ff", 404), ("POST", "/v2/repository/models/street/load", 400)]:
        status, head, body = s.ask(method, target)
        assert status == expected and json.loads(body)["error"], (method, target, status, body)
    assert s.ask("GET", "/predict")[1]["Allow"] == "POST"
    assert json.loads(s.ask("POST", "/v2/repository/index")[2]) == [{"name": "street", "version": "1", "state": "READY", "reason": ""}]


def test_bodies_may_come_late_in_chunks_and_behind_each_other(serve):
    s = serve()
    want = s.ask("POST", "/predict", PICTURE)[2]
    with s.socket() as c:  # asked first
        c.sendall(post("/predict", b"", "Expect: 100-continue", length=len(PICTURE)))
        assert c.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        c.sendall(PICTURE)
        assert one_answer(c)[2] == want
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (PICTURE[:1], PICTURE[1:5000], PICTURE[5000:])) + b"0\r\n\r\n"
        c.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
        assert one_answer(c)[2] == want
    live = b"GET /v2/health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /v2/health/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    got = s.raw(live * 3 + post("/predict", PICTURE) + live + last)
    assert got.count(b"HTTP/1.1 200 OK") == 6 and got.count(want) == 1 and got.endswith(b'"ready":true}')
    assert got.index(want) < got.rindex(b'{"live":true}')  # in the order of the requests
    assert want in s.raw(post("/predict", PICTURE), shut=True)  # closed its own side, still listens
    assert s.raw(b"GET /v2/health/live HTTP/1.0\r\n\r\n").endswith(b'{"live":true}')


def test_what_is_no_http_is_refused(serve):
    s = serve("--body", "1")
    refused(s.raw(b"\x16\x03\x01 no http\r\n\r\n"), 400)
    refused(s.raw(b"GET / HTTP/1.1\r\n\r\n"), 400, "Host")
    refused(s.raw(b"GET / HTTP/1.1\r\nHost: x\r\nA b: c\r\n\r\n"), 400)
    refused(s.raw(b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400)
    refused(s.raw(b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: -3\r\n\r\n"), 400)
    refused(s.raw(b"POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), 400)
    refused(s.raw(b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 20000 + b"\r\n\r\n"), 431, "16384")
    refused(s.raw(b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"), 400, "Host")
    # Refused by its head, though nothing of the body comes; and though all of it comes.
    refused(s.raw(post("/predict", b"", length=1 << 40)), 413, "1048576")
    refused(s.raw(post("/predict", b"x" * 3_000_000)), 413, "1048576")
    refused(s.raw(b"POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f4240\r\n" + b"x" * 1_000_000 + b"\r\n" +
                  b"f4240\r\n" + b"x" * 1_000_000 + b"\r\n0\r\n\r\n"), 413, "1048576")
    refused(s.raw(post("/predict", b"", "Content-Encoding: gzip", length=5)), 415, "gzip")
    refused(s.raw(post("/predict", b"", "Expect: miracles", length=5)), 417, "miracles")
    refused(s.raw(post("/v2/models/street/infer", b"{}", "Inference-Header-Content-Length: two", "Connection: close")), 400)
    assert s.raw(post("/predict", PICTURE[:100], length=len(PICTURE)), shut=True) == b""  # ended inside its body
    assert s.ask("GET", "/v2/health/live")[0] == 200


def test_tensors_go_as_json_and_as_bytes(serve):
    s = serve()
    meta = json.loads(s.ask("GET", "/v2/models/street")[2])
    tensor = meta["inputs"][0]
    shape = [n if n > 0 else 1 for n in tensor["shape"]]
    count = 1
    for n in shape:
        count *= n
    numbers = {"id": "q", "inputs": [{"name": tensor["name"], "datatype": "FP32", "shape": shape, "data": [0.5] * count}]}
    status, _, body = s.ask("POST", "/v2/models/street/infer", json.dumps(numbers))
    told = json.loads(body)
    assert status == 200 and told["id"] == "q" and told["model_version"] == "1", body[:200]
    head = json.dumps({"inputs": [{"name": tensor["name"], "datatype": "FP32", "shape": shape, "parameters": {"binary_data_size": 4 * count}}],
                       "outputs": [{"name": told["outputs"][0]["name"], "parameters": {"binary_data": True}}]}).encode()
    values = struct.pack("<f", 0.5) * count
    status, fields, body = s.ask("POST", "/v2/models/street/versions/1/infer", head + values, {"Inference-Header-Content-Length": str(len(head))})
    assert status == 200 and fields["Content-Type"] == "application/octet-stream"
    n = int(fields["Inference-Header-Content-Length"])
    size = json.loads(body[:n])["outputs"][0]["parameters"]["binary_data_size"]
    assert len(body) == n + size
    first = struct.unpack(f"<{size // 4}f", body[n:])
    assert [struct.unpack("<f", struct.pack("<f", v))[0] for v in flat(told["outputs"][0]["data"])] == list(first)
    status, _, body = s.ask("POST", "/v2/models/street/infer", head + values[:-1], {"Inference-Header-Content-Length": str(len(head))})
    assert status == 400 and "left in the body" in json.loads(body)["error"]
    status, _, body = s.ask("POST", "/v2/models/street/infer", values, {"Inference-Header-Content-Length": "0"})
    assert status == 200, body
    late = dict(numbers, parameters={"timeout": 1})  # µs: over before it is read
    status, _, body = s.ask("POST", "/v2/models/street/infer", json.dumps(late))
    assert status == 504 and json.loads(body)["error"]
    stats = json.loads(s.ask("GET", "/v2/models/street/stats")[2])["model_stats"][0]
    assert stats["inference_count"] == 3 and stats["inference_stats"]["fail"]["count"] == 2
    figures = s.ask("GET", "/metrics")[2].decode()
    assert 'vetset_requests_total{model="street",version="1",code="504"} 1' in figures
    assert 'vetset_run_seconds_count{model="street",version="1"} 3' in figures  # what was late was not executed


def flat(values):
    return [v for row in values for v in flat(row)] if values and isinstance(values[0], list) else values


def test_slow_clients_lose_their_turn_and_nobody_elses(serve):
    s = serve("--header-wait", "1", "--body-wait", "1", "--idle", "1")
    slow = s.socket()
    slow.sendall(b"GET / HT")
    body = s.socket()
    body.sendall(post("/predict", PICTURE[:10], length=len(PICTURE)))
    silent, kept = s.socket(), s.socket()
    kept.sendall(b"GET /v2/health/live HTTP/1.1\r\nHost: x\r\n\r\n")
    assert one_answer(kept)[0] == 200
    assert s.ask("POST", "/predict", PICTURE)[0] == 200
    refused(everything(slow), 408, "too long")
    refused(everything(body), 408, "too long")
    assert everything(silent) == b"" and everything(kept) == b""


def test_a_token_is_asked_for_by_all_but_health(serve, vetset):
    (vetset.folder / "token").write_text("0123456789abcdef\n")
    s = serve("--token-file", "token")
    assert s.ask("GET", "/v2/health/ready")[0] == 200
    for given in [None, "Bearer 0123456789abcdeX", "Bearer 0123456789abcdef0", "Basic 0123456789abcdef", "Bearer"]:
        status, head, body = s.ask("GET", "/v2", headers={"Authorization": given} if given else {})
        assert status == 401 and head["WWW-Authenticate"] == "Bearer" and json.loads(body)["error"], given
    assert s.ask("GET", "/v2", headers={"Authorization": "Bearer 0123456789abcdef"})[0] == 200
    (vetset.folder / "short").write_text("abc")
    done = vetset("serve", "street.onnx", "--token-file", "short")
    assert done.returncode == 2 and b"16 or more" in done.stderr


def test_tls_with_a_certificate_of_ones_own(serve, vetset):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"], cwd=vetset.folder, check=True, capture_output=True)
    s = serve("--tls-certificate", "cert.pem", "--tls-key", "key.pem")
    trust = ssl.create_default_context(cafile=str(vetset.folder / "cert.pem"))
    c = http.client.HTTPSConnection("127.0.0.1", s.port, context=trust, timeout=20)
    for _ in range(2):
        c.request("POST", "/predict", PICTURE)
        assert c.getresponse().read().startswith(b'{"model":"street"')
    c.close()
    assert s.raw(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")[:5] != b"HTTP/"  # no plain words on this port
    assert s.end()[0] == 0
    done = vetset("serve", "street.onnx", "--tls-certificate", "cert.pem", "--runtime", RUNTIME)
    assert done.returncode == 2 and b"come together" in done.stderr


def test_every_request_is_one_line_of_json(serve):
    s = serve(log=True)
    assert s.ask("POST", "/predict", PICTURE, {"X-Request-Id": "mine-1"})[1]["X-Request-Id"] == "mine-1"
    assert s.ask("GET", "/nowhere%ff", headers={"X-Request-Id": "no\xff"})[1]["X-Request-Id"] != "no\xff"
    s.raw(b"GET /\xff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    code, err = s.end()
    lines = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    assert code == 0 and len(lines) == 3, err
    assert lines[0]["request_id"] == "mine-1" and lines[0]["status"] == 200 and lines[0]["model"] == "street"
    assert lines[0]["bytes_in"] == len(PICTURE) and lines[0]["peer"] == "127.0.0.1" and lines[0]["seconds"] > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", lines[0]["time"])
    assert lines[1]["status"] == 404 and "error" in lines[1]


def load_until(s, stop, results):
    """Asks over one kept connection until told to stop; what happened goes to `results`."""
    c = http.client.HTTPConnection("127.0.0.1", s.port, timeout=30)
    while not stop.is_set():
        try:
            c.request("POST", "/predict", PICTURE)
            r = c.getresponse()
            r.read()
            results.append(r.status)
        except ConnectionRefusedError:
            results.append("refused")
            return
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            results.append("closed")
            c.close()


def test_overload_is_refused_at_the_door_and_said_when_to_come_again(serve):
    s = serve("--workers", "1", "--waiting", "2")
    clients = [s.socket() for _ in range(40)]
    for c in clients:
        c.sendall(post("/predict", PICTURE[:-1], length=len(PICTURE)))
    for c in clients:
        c.sendall(PICTURE[-1:])  # all at once
    answers = [one_answer(c) for c in clients]
    assert {a[0] for a in answers} == {200, 429}
    for status, head, body in answers:
        if status == 429:
            assert int(re.search(rb"Retry-After: (\d+)", head)[1]) >= 1 and json.loads(body)["error"]
    assert s.ask("POST", "/predict", PICTURE)[0] == 200
    assert 'code="429"' in s.ask("GET", "/metrics")[2].decode()


def test_a_client_that_is_gone_is_not_served(serve):
    s = serve("--workers", "1")
    for _ in range(20):
        c = s.socket()
        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # reset, not an orderly end
        c.sendall(post("/predict", PICTURE))
        c.close()
    assert s.ask("POST", "/predict", PICTURE)[0] == 200
    figures = s.ask("GET", "/metrics")[2].decode()
    assert int(re.search(r'requests_total\{.*code="200"\} (\d+)', figures)[1]) < 20
    assert "vetset_queue_bytes 0" in figures and "vetset_inflight 0" in figures


def test_reload_under_load_loses_nothing(serve, vetset):
    s = serve(log=False)
    stop, results = threading.Event(), []
    threads = [threading.Thread(target=load_until, args=(s, stop, results)) for _ in range(4)]
    for t in threads:
        t.start()
    for k in range(4):
        time.sleep(0.15)
        if k == 2:
            (vetset.folder / "street.onnx").write_bytes(b"no model")  # the old one stays
        if k == 3:
            shutil.copy(MODEL, vetset.folder / "street.onnx")
        s.process.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    stop.set()
    for t in threads:
        t.join()
    figures = s.ask("GET", "/metrics")[2].decode()
    code, err = s.end()
    assert code == 0 and set(results) == {200} and len(results) > 8
    assert "reloaded street" in err and "not reloaded" in err
    assert re.search(r'vetset_reloads\{result="failed"\} [1-9]', figures)


def test_term_says_not_ready_serves_on_and_loses_no_request(serve):
    s = serve("--drain-lead", "1")
    stop, results = threading.Event(), []
    threads = [threading.Thread(target=load_until, args=(s, stop, results)) for _ in range(4)]
    for t in threads:
        t.start()
    time.sleep(0.3)
    began = time.monotonic()
    s.process.send_signal(signal.SIGTERM)
    time.sleep(0.2)
    status, head, body = s.ask("GET", "/v2/health/ready")
    assert status == 503 and json.loads(body)["ready"] is False and head["Connection"] == "close"
    assert s.ask("POST", "/predict", PICTURE)[0] == 200  # still serving
    half = s.socket()  # begun before the door closes, ended after it
    half.sendall(post("/predict", PICTURE[:1000], length=len(PICTURE)))
    time.sleep(max(0.0, began + 1.3 - time.monotonic()))
    half.sendall(PICTURE[1000:])
    assert one_answer(half)[0] == 200
    code = s.process.wait(timeout=20)
    stop.set()
    for t in threads:
        t.join()
    assert code == 0 and set(results) == {200, "refused"} and results.count("refused") == 4, results


def test_kill_leaves_the_port_to_the_next(serve):
    s = serve()
    assert s.ask("POST", "/predict", PICTURE)[0] == 200
    s.end(signal.SIGKILL)
    again = serve(port=s.port)
    assert again.port == s.port and again.ask("POST", "/predict", PICTURE)[0] == 200


def test_models_that_cannot_be_served_are_named_before_the_door_opens(vetset):
    shutil.copy(MODEL, vetset.folder / "street.onnx")
    (vetset.folder / "broken.onnx").write_bytes(MODEL.read_bytes()[:1000])
    for model, word in [("broken.onnx", b"broken.onnx"), ("missing.onnx", b"missing.onnx")]:
        done = vetset("serve", model, "--port", "0", "--runtime", RUNTIME)
        assert done.returncode != 0 and word in done.stderr and b"serving" not in done.stdout
    done = vetset("serve", "street.onnx", "street.onnx", "--port", "0", "--runtime", RUNTIME)
    assert done.returncode == 2 and b"two models are called" in done.stderr
    done = vetset("serve", "street.onnx", "--address", "nowhere", "--runtime", RUNTIME)
    assert done.returncode == 2 and b"no IP address" in done.stderr
