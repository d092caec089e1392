"""A real browser without a library: Chromium, spoken to in its DevTools protocol over a pipe."""
import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PROGRAMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]


def program():
    """The browser's path; None where there is none."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Browser:
    """One page of a headless browser. `events` holds all that it told, oldest first."""

    def __init__(self, width=1280, height=900):
        self.home = tempfile.TemporaryDirectory(prefix="vetset-chromium-", ignore_cleanup_errors=True)
        here_read, there_write = os.pipe()
        there_read, here_write = os.pipe()
        # The browser reads from its descriptor 3 and writes to 4.
        command = (f'exec "$0" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run '
                   f'--disable-background-networking --disable-component-update --hide-scrollbars '
                   f'--user-data-dir="{self.home.name}" --window-size={width},{height} --remote-debugging-pipe about:blank '
                   f'3<&{there_read} 4>&{there_write}')
        self.process = subprocess.Popen(["bash", "-c", command, program()], pass_fds=[there_read, there_write],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(there_read)
        os.close(there_write)
        self.read_from, self.write_to = here_read, here_write
        self.rest, self.number, self.events, self.session = b"", 0, [], None
        page = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "Accessibility"):
            self.call(domain + ".enable")
        self.size(width, height)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError, RuntimeError, TimeoutError):
            self.session = None
            self.call("Browser.close", wait=5)
        self.process.kill()
        self.process.wait()
        os.close(self.read_from)
        os.close(self.write_to)
        self.home.cleanup()

    def _message(self, deadline):
        while b"\0" not in self.rest:
            if not select.select([self.read_from], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError("Chromium does not answer")
            more = os.read(self.read_from, 1 << 20)
            if not more:
                raise RuntimeError("Chromium ended")
            self.rest += more
        one, self.rest = self.rest.split(b"\0", 1)
        return json.loads(one)

    def call(self, method, wait=90, **parameters):
        self.number += 1
        asked = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            asked["sessionId"] = self.session
        data = json.dumps(asked).encode() + b"\0"
        while data:
            data = data[os.write(self.write_to, data):]
        deadline = time.monotonic() + wait
        while True:
            told = self._message(deadline)
            if told.get("id") == self.number:
                if "error" in told:
                    raise RuntimeError(f"{method}: {told['error']}")
                return told["result"]
            if "method" in told:
                self.events.append(told)

    def open(self, url):
        self.events.clear()
        self.call("Page.navigate", url=url)
        deadline = time.monotonic() + 90
        while not any(e["method"] == "Page.loadEventFired" for e in self.events):
            told = self._message(deadline)
            if "method" in told:
                self.events.append(told)

    def value(self, script):
        """What a JavaScript expression comes to; promises are waited for."""
        told = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in told:
            raise RuntimeError(f"{script}: {told['exceptionDetails']}")
        return told["result"].get("value")

    def press(self, key, code=None, text=None):
        more = {"text": text} if text else {}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=code or key, **more if kind == "keyDown" else {},
                      windowsVirtualKeyCode={"Tab": 9, "Enter": 13, "Escape": 27}.get(key, 0))

    def size(self, width, height=900):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def media(self, scheme="light", kind=""):
        self.call("Emulation.setEmulatedMedia", media=kind, features=[{"name": "prefers-color-scheme", "value": scheme}])

    def picture(self, path, whole=False):
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        with open(path, "wb") as out:
            out.write(base64.b64decode(shot["data"]))

    def pdf(self):
        return base64.b64decode(self.call("Page.printToPDF", preferCSSPageSize=True)["data"])

    def requests(self):
        """What was asked of the network or the disk, but for the page itself and for data in it."""
        urls = [e["params"]["request"]["url"] for e in self.events if e["method"] == "Network.requestWillBeSent"]
        return [u for u in urls[1:] if not u.startswith("data:")]

    def complaints(self):
        """Errors and warnings of the console, and refusals of the page's own policy."""
        texts = []
        for e in self.events:
            p = e["params"]
            if e["method"] == "Runtime.exceptionThrown":
                texts.append(str(p["exceptionDetails"]))
            if e["method"] == "Runtime.consoleAPICalled" and p["type"] in ("error", "warning", "assert"):
                texts.append(str(p["args"]))
            if e["method"] == "Log.entryAdded" and p["entry"]["level"] in ("error", "warning"):
                texts.append(p["entry"]["text"])
        return texts

    def tree(self):
        """What assistive technology is told: (role, name) of every node that is not ignored."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [(n["role"]["value"], n.get("name", {}).get("value", "")) for n in nodes if not n.get("ignored")]
