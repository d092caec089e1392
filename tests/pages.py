#!/usr/bin/env python3
"""Runs the pages under docs/ (and README.md): their commands must print what the page says.

    VETSET=build/release/vetset tests/pages.py [PAGE ...]      all pages where none is named
    VETSET=build/release/vetset tests/pages.py --update PAGE   write what the commands print into the page

Each page runs in an empty folder of its own, from top to bottom. What stands in a fenced block:

    ```file path=X                  a file with this text
    ```image path=X size=WxH        a picture made from its name (PNG, or JPEG where the name says so);
                                    type=png says so against the name, like=Y gives it the very bytes of Y;
                                    of a JPEG: orientation=N, taken="2024:05:01 10:00:00", camera=NAME, gps=LAT,LON are EXIF
                                    tags, step=N is the step of its quantisation;
                                    of a PNG: of=Y draws the picture of Y, and then, in this order: whole=WxH at=X,Y cuts
                                    it out of a larger one, mix=Z,SHARE lets Z shine through, flip mirrors it, blur=N
                                    blurs it, grey takes its colour, gain=G lift=L make each value G times itself and L,
                                    border=N paints a black border, packed=0 stores it without compression
    ```sample name=street           a copy of samples/street
    ```console                      lines with "$ " are commands for bash (a line that follows with "> " continues one),
                                    the others what they print: exactly, but "..." stands for any lines and "[..]" for
                                    any text in a line; "[exit 1]" at the end states the status, 0 if not said
"""
import argparse
import concurrent.futures
import difflib
import os
import pathlib
import random
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
TIMEOUT = 120  # seconds a command may take


# Pictures. Equal names give equal bytes, other names other ones.

def cells(width, height, seed):
    """Random colours in cells of 8 by 8 pixels, row by row."""
    draw = random.Random(seed)
    rows = []
    for top in range(0, height, 8):
        line = b"".join(draw.randbytes(3) * min(8, width - left) for left in range(0, width, 8))
        rows += [line] * min(8, height - top)
    return rows


def blurred(row, radius):
    """The mean of each value's neighbourhood along a row; edges go on."""
    out = bytearray(len(row))
    last = len(row) // 3 - 1
    for c in range(3):
        channel = row[c::3]
        total = sum(channel[min(max(k, 0), last)] for k in range(-radius, radius + 1))
        for x in range(last + 1):
            out[3 * x + c] = round(total / (2 * radius + 1))
            total += channel[min(x + radius + 1, last)] - channel[max(x - radius, 0)]
    return bytes(out)


def turned(rows):
    """Columns as rows."""
    return [b"".join(row[3 * x:3 * x + 3] for row in rows) for x in range(len(rows[0]) // 3)]


def drawn(width, height, seed, attributes):
    """The picture, after what the attributes do to it."""
    whole = [int(side) for side in attributes.get("whole", f"{width}x{height}").split("x")]
    left, top = (int(k) for k in attributes.get("at", "0,0").split(","))
    rows = [row[3 * left:3 * (left + width)] for row in cells(*whole, seed)[top:top + height]]
    if "mix" in attributes:
        other, share = attributes["mix"].split(",")
        share = float(share)
        rows = [bytes(round(a * (1 - share) + b * share) for a, b in zip(*pair))
                for pair in zip(rows, cells(width, height, other))]
    if "flip" in attributes:
        rows = [b"".join(row[3 * x:3 * x + 3] for x in reversed(range(width))) for row in rows]
    if "blur" in attributes:
        radius = int(attributes["blur"])
        rows = turned([blurred(row, radius) for row in turned([blurred(row, radius) for row in rows])])
    if "grey" in attributes:
        rows = [b"".join(bytes([sum(row[3 * x:3 * x + 3]) // 3]) * 3 for x in range(width)) for row in rows]
    if "gain" in attributes or "lift" in attributes:
        gain, lift = float(attributes.get("gain", 1)), float(attributes.get("lift", 0))
        rows = [bytes(min(255, max(0, round(v * gain + lift))) for v in row) for row in rows]
    if "border" in attributes:
        n = int(attributes["border"])
        rows = [bytes(3 * width) if y < n or y >= height - n else bytes(3 * n) + row[3 * n:-3 * n] + bytes(3 * n)
                for y, row in enumerate(rows)]
    return rows


def png(width, height, seed, attributes):
    rows = b"".join(b"\0" + row for row in drawn(width, height, seed, attributes))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(rows, int(attributes.get("packed", 9)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def exif(attributes):
    """A TIFF structure of the tags that are asked for; empty where none is."""
    def text(value):
        return 2, len(value) + 1, value.encode() + b"\0"

    def degrees(value):
        seconds = round(abs(float(value)) * 3600 * 1000)
        return 5, 3, struct.pack("<6I", seconds // 3600000, 1, seconds // 60000 % 60, 1, seconds % 60000, 1000)
    first, taken, place = {}, {}, {}
    if "camera" in attributes:
        first[0x010F] = text("Example")
        first[0x0110] = text(attributes["camera"])
    if "orientation" in attributes:
        first[0x0112] = 3, 1, struct.pack("<HH", int(attributes["orientation"]), 0)
    if "taken" in attributes:
        taken[0x9003] = text(attributes["taken"])
    if "gps" in attributes:
        latitude, longitude = attributes["gps"].split(",")
        place = {1: text("S" if latitude.startswith("-") else "N"), 2: degrees(latitude),
                 3: text("W" if longitude.startswith("-") else "E"), 4: degrees(longitude)}
    if not (first or taken or place):
        return b""
    out = bytearray(b"II*\0" + struct.pack("<I", 8))

    def directory(tags, at):
        """The bytes of one directory that begins at `at`, and what does not fit into its entries."""
        entries, far = b"", b""
        end = at + 2 + 12 * len(tags) + 4
        for tag, (kind, count, data) in sorted(tags.items()):
            if len(data) > 4:
                data, far = struct.pack("<I", end + len(far)), far + data
            entries += struct.pack("<HHI", tag, kind, count) + data.ljust(4, b"\0")
        return struct.pack("<H", len(tags)) + entries + bytes(4) + far
    parts = {0x8769: taken, 0x8825: place}
    for tag, tags in parts.items():
        if tags:
            first[tag] = 4, 1, bytes(4)
    at = 8 + len(directory(first, 8))
    for tag, tags in parts.items():
        if tags:
            first[tag] = 4, 1, struct.pack("<I", at)
            at += len(directory(tags, at))
    out += directory(first, 8)
    for tags in parts.values():
        if tags:
            out += directory(tags, len(out))
    return b"Exif\0\0" + bytes(out)


def jpeg(width, height, seed, attributes):
    """Baseline, grey: every block is one random brightness. The Huffman tables know the DC categories 0 to 7 and the end of a block."""
    draw = random.Random(seed)

    def segment(marker, data):
        return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data
    out = b"\xff\xd8"
    if tags := exif(attributes):
        out += segment(0xE1, tags)
    step = int(attributes.get("step", 8))
    out += segment(0xDB, b"\0" + bytes([step] * 64))
    out += segment(0xC0, struct.pack(">BHHBBBB", 8, height, width, 1, 1, 0x11, 0))
    out += segment(0xC4, b"\0" + bytes([0, 0, 0, 8] + [0] * 12) + bytes(range(8)))   # eight codes of four bits
    out += segment(0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\0")                    # one code of one bit
    out += segment(0xDA, bytes([1, 1, 0, 0, 63, 0]))
    bits, before = [], 0
    for _ in range(((width + 7) // 8) * ((height + 7) // 8)):
        value = draw.randint(-480 // step, 480 // step)
        difference, before = value - before, value
        size = abs(difference).bit_length()
        bits.append(f"{size:04b}")
        if size:
            bits.append(f"{difference if difference > 0 else difference + (1 << size) - 1:0{size}b}")
        bits.append("0")
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    data = int(text, 2).to_bytes(len(text) // 8, "big")
    return out + data.replace(b"\xff", b"\xff\0") + b"\xff\xd9"


def picture(path, attributes):
    width, height = (int(side) for side in attributes["size"].split("x"))
    seed = attributes.get("of", attributes.get("like", path))
    if path.lower().endswith((".jpg", ".jpeg")) and attributes.get("type") != "png":
        return jpeg(width, height, seed, attributes)
    return png(width, height, seed, attributes)


# Pages.

FENCE = re.compile(r"^```(\w+)?(.*)$")


def blocks(lines):
    """The fenced blocks of a page: kind, attributes, first and last line of what stands inside."""
    at = 0
    while at < len(lines):
        opened = FENCE.match(lines[at])
        at += 1
        if not opened or not lines[at - 1].startswith("```"):
            continue
        first = at
        while at < len(lines) and lines[at] != "```":
            at += 1
        if at == len(lines):
            raise ValueError(f"line {first}: a block is opened and not closed")
        words = [word.split("=", 1) for word in shlex.split(opened[2] or "")]
        yield opened[1] or "", {w[0]: w[1] if len(w) == 2 else "" for w in words}, first, at
        at += 1


def commands(lines, first, last):
    """The commands of a console block: what bash is given, and the lines that it should print, as a range."""
    at = first
    while at < last:
        if not lines[at].startswith("$ "):
            raise ValueError(f"line {at + 1}: expected '$ ' and a command, found '{lines[at]}'")
        command = lines[at][2:]
        at += 1
        while at < last and lines[at].startswith("> ") and command.endswith("\\"):
            command += "\n" + lines[at][2:]
            at += 1
        begin = at
        while at < last and not lines[at].startswith("$ "):
            at += 1
        yield command, begin, at


def matches(expected, actual):
    """Whether the lines are those that the page says; "..." stands for any number of lines."""
    if not expected:
        return not actual
    if expected[0] == "...":
        return any(matches(expected[1:], actual[k:]) for k in range(len(actual) + 1))
    if not actual:
        return False
    pattern = ".*".join(re.escape(part) for part in expected[0].split("[..]"))
    return re.fullmatch(pattern, actual[0]) is not None and matches(expected[1:], actual[1:])


class Page:
    def __init__(self, path, program):
        self.path, self.program = path, program
        self.lines = path.read_text(encoding="utf-8").split("\n")
        self.failures, self.commands, self.updates = [], 0, []

    def run(self):
        with tempfile.TemporaryDirectory(prefix="vetset-page-") as scratch:
            folder = pathlib.Path(scratch) / "page"
            tools = pathlib.Path(scratch) / "bin"
            folder.mkdir()
            tools.mkdir()
            (tools / "vetset").symlink_to(self.program)
            environment = {"PATH": f"{tools}:{os.environ['PATH']}", "HOME": scratch, "LC_ALL": "C.UTF-8", "TZ": "UTC", "TERM": "dumb"}
            runtime = os.environ.get("VETSET_ORT_LIB") or next(map(str, ROOT.glob(".venv/lib/python3*/site-packages/onnxruntime/capi")), "")
            environment |= {"VETSET_ORT_LIB": runtime} if runtime else {}  # pages run models with the tests' own ONNX Runtime
            try:
                for kind, attributes, first, last in blocks(self.lines):
                    self.block(kind, attributes, first, last, folder, environment)
            except (ValueError, KeyError) as e:
                self.failures.append(f"{self.name()}: {e}")
        return self

    def name(self):
        return str(self.path.relative_to(ROOT)) if self.path.is_relative_to(ROOT) else str(self.path)

    def block(self, kind, attributes, first, last, folder, environment):
        if kind == "file":
            self.put(folder, attributes["path"], "".join(line + "\n" for line in self.lines[first:last]).encode())
        elif kind == "image":
            self.put(folder, attributes["path"], picture(attributes["path"], attributes))
        elif kind == "sample":
            shutil.copytree(ROOT / "samples" / attributes["name"], folder / attributes["name"])
        elif kind == "console" and self.path.name != "README.md":
            for command, begin, end in commands(self.lines, first, last):
                self.command(command, begin, end, folder, environment)

    @staticmethod
    def put(folder, path, data):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)

    def command(self, command, begin, end, folder, environment):
        self.commands += 1
        try:
            done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            self.failures.append(f"{self.name()}:{begin}: no end after {TIMEOUT} s: {command}")
            return
        actual = done.stdout.decode("utf-8", errors="backslashreplace").split("\n")
        if actual[-1] == "":
            actual.pop()
        if done.returncode != 0:
            actual.append(f"[exit {done.returncode}]")
        expected = self.lines[begin:end]
        while expected and expected[-1] == "":
            expected = expected[:-1]
        while actual and actual[-1] == "":
            actual.pop()
        if matches(expected, actual):
            return
        self.updates.append((begin, end, actual))
        diff = difflib.unified_diff(expected, actual, f"{self.name()}:{begin}", "printed", lineterm="")
        self.failures.append("\n".join([f"$ {command}", *diff]))

    def update(self):
        for begin, end, actual in reversed(self.updates):
            self.lines[begin:end] = actual
        self.path.write_text("\n".join(self.lines), encoding="utf-8")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("pages", nargs="*", type=pathlib.Path)
    arguments.add_argument("--update", action="store_true", help="write what is printed into the pages")
    chosen = arguments.parse_args()
    program = shutil.which(os.environ.get("VETSET", "vetset"))
    if program is None:
        print("expected the program in $VETSET or on PATH, found none", file=sys.stderr)
        return 2
    program = pathlib.Path(program).resolve()
    paths = [p.resolve() for p in chosen.pages] or sorted((ROOT / "docs").rglob("*.md")) + [ROOT / "README.md"]
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        pages = list(pool.map(lambda path: Page(path, program).run(), paths))
    failed = [page for page in pages if page.failures]
    for page in failed:
        print("\n".join(page.failures))
        if chosen.update:
            page.update()
    ran = sum(page.commands for page in pages)
    print(f"{len(pages) - len(failed)} passed, {len(failed)} failed, {ran} commands" + ("; updated" if chosen.update and failed else ""))
    return 1 if failed or ran == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
