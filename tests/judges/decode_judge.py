"""Samples of images as Pillow decodes them, against `vetset`'s own: equal to the bit.

Usage: decode_judge.py PROGRAM FOLDER, where PROGRAM (tests/judges/decode_print.cpp) prints a line and the samples of each
path on its standard input. Judged are images drawn here in every kind and depth that Pillow writes, cut and whole, and
all images below FOLDER.
"""

import io
import random
import struct
import subprocess
import sys
import tempfile
import warnings
import zlib
from pathlib import Path

import numpy
from PIL import Image, ImageFile

SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".pbm", ".jp2", ".j2k"}
MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


class Theirs:
    """Pillow's samples in as many channels as ours, and how they were made comparable."""

    def __init__(self, path, channels, bits):
        with Image.open(path) as image:
            self.kind = f"{image.format} {image.mode}"
            image.load()
            wide = image.mode.startswith("I") and channels == 1
            if wide:
                self.samples = numpy.asarray(image).astype(numpy.int64)
                self.bits = 16
                return
            if image.mode in {"P", "1", "L", "RGB"} and "transparency" in image.info and channels in {2, 4}:
                image = image.convert("RGBA")
            self.samples = numpy.asarray(image.convert(MODES[channels])).astype(numpy.int64)
            self.bits = 8


def ours(program, paths):
    """Decodes all paths in one run; yields the fields of each line and its samples."""
    with tempfile.TemporaryFile() as listing:
        listing.write("".join(f"{path}\n" for path in paths).encode())
        listing.seek(0)
        with subprocess.Popen([program], stdin=listing, stdout=subprocess.PIPE) as run:
            for _ in paths:
                line = run.stdout.readline().decode().rstrip("\n").split("\t")
                width, height, channels, bits = map(int, line[3:7])
                raw = run.stdout.read(width * height * channels * bits // 8)
                kind = numpy.dtype("<u2" if bits == 16 else "u1")
                samples = numpy.frombuffer(raw, kind).reshape(height, width, channels).astype(numpy.int64)
                yield line, samples


def painted(width, height, mode, seed):
    """A photo-like picture: waves, an edge, a little noise."""
    rng = numpy.random.default_rng(seed)
    y, x = numpy.mgrid[0:height, 0:width]
    planes = []
    for channel in range(len(mode)):
        plane = 128 + 90 * numpy.sin(x / (7 + channel)) * numpy.cos(y / (9 - channel)) + rng.normal(0, 6, x.shape)
        plane[height // 3 :, : width // 2] += 40 * (channel - 1)
        planes.append(numpy.clip(plane, 0, 255))
    array = numpy.stack(planes, axis=2).astype(numpy.uint8)
    return Image.fromarray(array[:, :, 0] if len(mode) == 1 else array, mode)


def png_chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def drawn_png(width, height, depth, colour, seed, interlaced=False, transparency=None):
    """A PNG of any colour type and depth, as Pillow does not write them: random samples, every filter."""
    rng = random.Random(seed)
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    step = max(1, depth * channels // 8)
    entries = min(1 << depth, 200)

    def one_pass(w, h):
        out, above = b"", bytes((w * channels * depth + 7) // 8)
        for _ in range(h if w else 0):
            if colour == 3:
                values = [rng.randrange(entries) for _ in range(w)]
                packed = int("".join(f"{v:0{depth}b}" for v in values).ljust(len(above) * 8, "0"), 2)
                row = packed.to_bytes(len(above), "big")
            else:
                row = bytes(rng.choice((0, 0, 255, rng.randrange(256))) for _ in above)
            kind, filtered = rng.randrange(5), bytearray()
            for i, value in enumerate(row):
                a = row[i - step] if i >= step else 0
                b, c = above[i], above[i - step] if i >= step else 0
                p = a + b - c
                paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
                filtered.append((value - (0, a, b, (a + b) // 2, paeth)[kind]) & 255)
            out += bytes([kind]) + bytes(filtered)
            above = row
        return out

    if interlaced:
        body = b"".join(
            one_pass((width - x + dx - 1) // dx, (height - y + dy - 1) // dy)
            for x, y, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
            if width > x and height > y
        )
    else:
        body = one_pass(width, height)
    file = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))
    if colour == 3:
        file += png_chunk(b"PLTE", bytes(rng.randrange(256) for _ in range(3 * entries)))
    if transparency is not None:
        file += png_chunk(b"tRNS", transparency)
    packed = zlib.compress(body)
    return file + png_chunk(b"IDAT", packed[: len(packed) // 2]) + png_chunk(b"IDAT", packed[len(packed) // 2 :]) + png_chunk(b"IEND", b"")


def drawn_bmp(width, height, bits, down=False, masks=None, alpha=False, seed=0, size=40):
    """A BMP of a kind that Pillow does not write."""
    rng = random.Random(seed)
    palette = b"" if bits > 8 else bytes(rng.randrange(256) for _ in range(4 << bits))
    extra = b"".join(struct.pack("<I", m) for m in masks) if masks else b""
    row = (width * bits + 31) // 32 * 4
    pixels = bytes(rng.randrange(256) for _ in range(row * height))
    if size == 12:
        palette = b"".join(palette[4 * i : 4 * i + 3] for i in range(1 << bits)) if palette else b""
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", size, width, -height if down else height, 1, bits, 3 if masks else 0, len(pixels), 0, 0, 0, 0)
        if size > 40:
            info += (extra + bytes(16))[:16] + bytes(size - 56)
            extra = b""
    at = 14 + len(info) + len(extra) + len(palette)
    return b"BM" + struct.pack("<IHHI", at + len(pixels), 0, 0, at) + info + extra + palette + pixels


def run_coded_bmp(width, height, small, seed):
    """RLE8 or RLE4 with runs, samples as they are, and ends of rows."""
    rng = random.Random(seed)
    bits = 4 if small else 8
    body = b""
    for _ in range(height):
        x = 0
        while x < width:
            count = min(rng.randrange(1, 40), width - x)
            if rng.random() < 0.5 or count < 3 or small and count % 2:  # Pillow drops the last of an odd literal run
                body += bytes([count, rng.randrange(256)])
            else:
                size = (count + 1) // 2 if small else count
                body += bytes([0, count]) + bytes(rng.randrange(256) for _ in range(size)) + bytes(size % 2)
            x += count
        body += b"\0\0"
    body += b"\0\1"
    palette = bytes(rng.randrange(256) for _ in range(4 << bits))
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, 2 if small else 1, len(body), 0, 0, 0, 0)
    at = 54 + len(palette)
    return b"BM" + struct.pack("<IHHI", at + len(body), 0, 0, at) + info + palette + body


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def generated():
    """Name and bytes of every picture that is drawn here."""
    sizes = ((1, 1), (7, 5), (16, 16), (33, 17), (131, 67))
    for w, h in sizes:
        at = f"{w}x{h}"
        rgb, grey, rgba = painted(w, h, "RGB", w), painted(w, h, "L", w), painted(w, h, "RGBA", w)
        for sampling in (0, 1, 2):
            for progressive in (False, True):
                for quality in (30, 75, 98):
                    yield f"rgb-{at}-s{sampling}-q{quality}{'-p' if progressive else ''}.jpg", saved(
                        rgb, "JPEG", quality=quality, subsampling=sampling, progressive=progressive)
        yield f"grey-{at}.jpg", saved(grey, "JPEG", quality=80)
        yield f"grey-{at}-p.jpg", saved(grey, "JPEG", quality=80, progressive=True)
        yield f"optimized-{at}.jpg", saved(rgb, "JPEG", quality=80, optimize=True)
        for depth, colour in ((1, 0), (2, 0), (4, 0), (8, 0), (16, 0), (8, 2), (16, 2), (1, 3), (2, 3), (4, 3), (8, 3), (8, 4), (16, 4), (8, 6), (16, 6)):
            for interlaced in (False, True):
                name = f"png-{at}-c{colour}-d{depth}{'-i' if interlaced else ''}"
                yield f"{name}.png", drawn_png(w, h, depth, colour, w + depth, interlaced)
                if colour == 3:
                    yield f"{name}-t.png", drawn_png(w, h, depth, colour, w + depth, interlaced, bytes((0, 128)))
                if colour == 0 and depth < 16:
                    yield f"{name}-t.png", drawn_png(w, h, depth, colour, w + depth, interlaced, bytes(2))
                if colour == 2 and depth == 8:
                    yield f"{name}-t.png", drawn_png(w, h, depth, colour, w + depth, interlaced, bytes(6))
        for bits in (1, 4, 8, 16, 24, 32):
            yield f"bmp-{at}-{bits}.bmp", drawn_bmp(w, h, bits, seed=w)
            yield f"bmp-{at}-{bits}-down.bmp", drawn_bmp(w, h, bits, down=True, seed=w)
        for bits in (1, 4, 8, 24):
            yield f"bmp-{at}-{bits}-os2.bmp", drawn_bmp(w, h, bits, seed=w, size=12)
        yield f"bmp-{at}-565.bmp", drawn_bmp(w, h, 16, masks=(0xF800, 0x7E0, 0x1F), seed=w)
        yield f"bmp-{at}-bgra.bmp", drawn_bmp(w, h, 32, masks=(0xFF0000, 0xFF00, 0xFF, 0xFF000000), seed=w, size=124)
        yield f"bmp-{at}-grey.bmp", saved(grey, "BMP")
        yield f"bmp-{at}-rle8.bmp", run_coded_bmp(w, h, False, w)
        yield f"bmp-{at}-rle4.bmp", run_coded_bmp(w, h, True, w)
        yield f"webp-{at}.webp", saved(rgb, "WEBP", quality=70)
        yield f"webp-{at}-alpha.webp", saved(rgba, "WEBP", quality=70)
        yield f"webp-{at}-lossless.webp", saved(rgb, "WEBP", lossless=True)
        yield f"webp-{at}-lossless-alpha.webp", saved(rgba, "WEBP", lossless=True, exact=True)
        frames = [painted(w, h, "RGBA", w + i) for i in range(3)]
        yield f"webp-{at}-animated.webp", saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=40)
        yield f"gif-{at}.gif", saved(rgb.quantize(64), "GIF")
        yield f"gif-{at}-interlaced.gif", saved(rgb.quantize(16), "GIF", interlace=1)
        yield f"gif-{at}-transparent.gif", saved(rgb.quantize(16), "GIF", transparency=3)
        yield f"gif-{at}-animated.gif", saved(rgb, "GIF", save_all=True, append_images=[f.convert("RGB") for f in frames])
        for compression in (None, "tiff_lzw", "tiff_adobe_deflate", "packbits"):
            for mode in ("RGB", "L", "RGBA", "LA", "P", "1", "I;16"):
                if mode == "I;16":
                    image = Image.fromarray(numpy.asarray(grey).astype(numpy.uint16) * 257, mode)
                else:
                    image = rgba.convert("RGB").quantize(50) if mode == "P" else rgba.convert(mode)
                yield f"tiff-{at}-{mode.replace(';', '')}-{compression}.tif", saved(image, "TIFF", compression=compression)
        yield f"tiff-{at}-jpeg.tif", saved(rgb, "TIFF", compression="jpeg", quality=85)
        yield f"pnm-{at}.ppm", saved(rgb, "PPM")
        yield f"pnm-{at}.pgm", saved(grey, "PPM")
        if w > 1:
            yield f"pnm-{at}.pbm", saved(grey.convert("1"), "PPM")
        for mode, image in (("RGB", rgb), ("L", grey), ("RGBA", rgba)):
            yield f"jp2-{at}-{mode}.jp2", saved(image, "JPEG2000")
        yield f"jp2-{at}.j2k", saved(rgb, "JPEG2000", irreversible=True, quality_mode="rates", quality_layers=[8])


def compare(line, samples):
    """What differs between the two: None, or a sentence; and the kind that was compared."""
    path, status, _, _, _, channels, bits = line[:7]
    try:
        theirs = Theirs(path, int(channels) or 3, int(bits))
    except Exception as error:
        return (None, "neither reads it") if status not in {"ok"} else (f"Pillow says {error!r}, vetset ok", "")
    if status != "ok":
        return f"Pillow reads it, vetset says {status}: {line[10]}", theirs.kind
    mine = samples
    if int(bits) == 16 and theirs.bits == 8:  # Pillow keeps the high byte of what has several channels
        mine = samples >> 8
    if int(bits) == 8 and theirs.bits == 16:
        return f"Pillow gives 16 bits, vetset {bits}", theirs.kind
    other = theirs.samples.reshape(*theirs.samples.shape[:2], -1)
    if other.shape != mine.shape:
        return f"Pillow's shape is {other.shape}, vetset's {mine.shape}", theirs.kind
    largest = int(numpy.abs(other - mine).max())
    count = int((other != mine).any(axis=2).sum())
    return (f"{count} pixels differ, by {largest} at most" if largest else None), theirs.kind


def judge(program, paths, heading):
    kinds, differing = {}, 0
    for line, samples in ours(program, paths):
        said, kind = compare(line, samples)
        kinds[kind] = kinds.get(kind, 0) + 1
        if said:
            differing += 1
            print(f"{Path(line[0]).name if heading == 'drawn' else line[0]}: {said}")
    print(f"{heading}: {len(paths) - differing} of {len(paths)} equal Pillow's samples:",
          ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items())))
    return differing


def judge_cuts(program, folder, files):
    """Files cut short and with flipped bits: never called whole where Pillow refuses; whole ones never called broken."""
    rng = random.Random(7)
    paths, wrong = [], 0
    for name, data in files:
        if "131x67" not in name:
            continue
        for i, part in enumerate((0.3, 0.6, 0.9)):
            path = folder / f"cut{i}-{name}"
            path.write_bytes(data[: int(len(data) * part)])
            paths.append(str(path))
        damaged = bytearray(data)
        for _ in range(3):
            damaged[rng.randrange(len(data) // 4, len(data))] ^= 1 << rng.randrange(8)
        path = folder / f"flip-{name}"
        path.write_bytes(damaged)
        paths.append(str(path))
    found = {}
    for line, _ in ours(program, paths):
        name, status, reason = Path(line[0]).name, line[1], line[10]
        found[status] = found.get(status, 0) + 1
        if name.startswith("cut") and status == "ok" or status != "ok" and not reason:
            wrong += 1
            print(f"{name}: vetset says {status} {reason}")
    print(f"damaged: {len(paths)} files,", ", ".join(f"{n} {status}" for status, n in sorted(found.items())))
    return wrong


def main():
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    program, data = sys.argv[1], Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as name:
        folder, files = Path(name), list(generated())
        for file, content in files:
            (folder / file).write_bytes(content)
        wrong = judge(program, [str(folder / file) for file, _ in files], "drawn")
        wrong += judge_cuts(program, folder, files)
    if data.is_dir():
        wrong += judge(program, [str(p) for p in sorted(data.rglob("*")) if p.suffix.lower() in SUFFIXES and p.is_file()], "found")
    else:
        print("skipped 1: VETSET_DATA")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
