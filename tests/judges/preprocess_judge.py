"""What happens before a network, against those who do it in training: Pillow, OpenCV, PyTorch, torchvision, Ultralytics.

Usage: preprocess_judge.py PROGRAM [--count N] [--seed S], where PROGRAM (tests/judges/preprocess_print.cpp) answers
requests. Judged are P0 (decoded pixels), P1 (resized and padded) and P2 (the tensor) on pictures drawn here in every kind,
and N random sizes. Whatever differs is told with the first picture, place and value. Equal to the bit, but for what is
listed in TOLERATED with its reason.
"""
import argparse
import io
import subprocess
import sys
import warnings

import cv2
import numpy
import torch
import torchvision
from decode_judge import drawn_png, painted, saved
from judging import finish, say
from PIL import Image, ImageCms, ImageOps
from torchvision.models.detection.transform import GeneralizedRCNNTransform
from ultralytics.data.augment import LetterBox

warnings.simplefilter("ignore")
cv2.ipp.setUseIPP(False)  # its cubic is another one, by a level here and there; all else is the same with it
torch.set_num_threads(1)

ARITHMETIC = {"pillow": 0, "opencv": 1, "torch": 2}
FILTER = {"nearest": 0, "box": 1, "bilinear": 2, "hamming": 3, "bicubic": 4, "lanczos": 5, "area": 6}
PILLOW = {"nearest": 0, "box": 4, "bilinear": 2, "hamming": 5, "bicubic": 3, "lanczos": 1}
OPENCV = {"nearest": 0, "bilinear": 1, "bicubic": 2, "area": 3, "lanczos": 4}
# PyTorch's loops changed in 2.1: indices are float32 since then. Ours are those; of older ones, and of single channels,
# which take other loops by size, a few bytes are a level off.
MODERN = tuple(int(n) for n in torch.__version__.split(".")[:2]) >= (2, 1)
EVEN = 0.01  # share of bytes that may be a level off there


class Ours:
    """The program, asked one thing after another."""

    def __init__(self, program):
        self.run = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, words, data=b""):
        self.run.stdin.write(f"{words} {len(data)}\n".encode() + data)
        self.run.stdin.flush()
        answer = self.run.stdout.readline().decode().split()
        body = self.run.stdout.read(int(answer[-1]))
        return answer[:-1], body

    def image(self, words, data=b""):
        shape, body = self.ask(words, data)
        if shape == ["error"]:
            return body.decode()
        height, width, channels = map(int, shape)
        array = numpy.frombuffer(body, numpy.uint8).reshape(height, width, channels)
        return array[:, :, 0] if channels == 1 else array

    def resized(self, array, width, height, arithmetic, filter_, antialias=False):
        old_height, old_width = array.shape[:2]
        return self.image(f"resize {ARITHMETIC[arithmetic]} {FILTER[filter_]} {int(antialias)} {width} {height} {old_width} {old_height} "
                          f"{1 if array.ndim == 2 else 3}", array.tobytes())

    def contract(self, resize="fit: none", input_="{}", pixels="{}"):
        text = f"version: 1\npixels: {{{pixels.strip('{}')}}}\nresize: {{{resize}}}\ninput: {{{input_.strip('{}')}}}\n"
        answer, body = self.ask("spec", text.encode())
        assert answer == ["ok"], body.decode() + "\n" + text

    def tensor(self, data, kind=numpy.float32):
        shape, body = self.ask("input", data)
        return body.decode() if shape == ["error"] else numpy.frombuffer(body, kind).reshape([int(n) for n in shape])


class Tally:
    """Comparisons of one kind: how many, and the first that differs."""

    def __init__(self, what):
        self.what, self.count, self.first, self.share, self.off, self.bytes = what, 0, "", 0, 0, 0

    def see(self, case, theirs, ours):
        self.count += 1
        if isinstance(ours, str):
            self.first = self.first or f"{case}: {ours}"
            return
        if theirs.shape != ours.shape:
            self.first = self.first or f"{case}: shape {ours.shape}, expected {theirs.shape}"
            return
        same = theirs == ours
        self.bytes += same.size
        if same.all():
            return
        self.off += int(same.size - same.sum())
        at = tuple(int(n[0]) for n in numpy.nonzero(~same))
        self.share = max(self.share, float(numpy.abs(theirs.astype(float) - ours).max()))
        self.first = self.first or f"{case}: at {at} {ours[at]}, expected {theirs[at]}"

    def close(self, most=0.0, share=0.0):
        """`most`: by how much values may differ; `share`: of how many."""
        fine = not self.first or ("expected" in self.first and "shape" not in self.first
                                  and self.share <= most and self.off <= share * self.bytes)
        how = "equal" if not self.off else f"at most {self.share:.3g} off, in {self.off / self.bytes:.2e} of the values"
        return say(fine, f"{self.what}: {self.count} compared, {how}", self.first)


def interpolated(array, width, height, mode, antialias):
    """As torchvision resizes a tensor of uint8: in float, rounded, cut."""
    planes = torch.from_numpy(numpy.ascontiguousarray(numpy.atleast_3d(array).transpose(2, 0, 1)))[None].float()
    options = {} if mode == "nearest" else {"align_corners": False, "antialias": antialias}
    out = torch.nn.functional.interpolate(planes, (height, width), mode=mode, **options)
    out = out.clamp(0, 255).round().to(torch.uint8)[0].numpy().transpose(1, 2, 0)
    return out.reshape(height, width, *array.shape[2:])


def random_picture(rng, largest):
    width, height, new_width, new_height = (int(n) for n in rng.integers(1, largest + 1, 4))
    kind = rng.random()
    if kind < 0.1:
        new_width = width
    elif kind < 0.2:
        factor = int(rng.integers(2, 5))
        width, height = new_width * factor, new_height * factor
    elif kind < 0.25:
        new_width, new_height = width, height
    shape = (height, width) if rng.random() < 0.3 else (height, width, 3)
    if rng.random() < 0.3:
        array = (rng.integers(0, 2, shape) * 255).astype(numpy.uint8)
    else:
        array = rng.integers(0, 256, shape, dtype=numpy.uint8)
    return array, new_width, new_height


def judge_resize(ours, rng, count):
    """P1, each filter of each library, on random sizes."""
    tallies = {}

    def see(key, case, theirs, mine):
        tallies.setdefault(key, Tally(f"P1 {key}")).see(case, theirs, mine)

    for i in range(count):
        largest = (6, 60, 260)[i % 3] if i % 20 else 900
        array, width, height = random_picture(rng, largest)
        case = f"picture {i}, {array.shape} to {width}x{height}"
        for name, number in PILLOW.items():
            see(f"Pillow {name}", case, numpy.asarray(Image.fromarray(array).resize((width, height), number)),
                ours.resized(array, width, height, "pillow", name))
        for name, number in OPENCV.items():
            see(f"OpenCV {name}", case, cv2.resize(array, (width, height), interpolation=number), ours.resized(array, width, height, "opencv", name))
        for name in ("nearest", "bilinear", "bicubic"):
            for antialias in (False, True)[: 1 if name == "nearest" else 2]:
                if antialias and width == 1:  # PyTorch 2.15 repeats its first row then
                    continue
                key = f"PyTorch {name}{' antialias' if antialias else ''}{', grey' if array.ndim == 2 else ''}"
                see(key, case, interpolated(array, width, height, name, antialias), ours.resized(array, width, height, "torch", name, antialias))
    for key, tally in sorted(tallies.items()):
        exact = not key.startswith("PyTorch") or "nearest" in key or (MODERN and "grey" not in key)
        tally.close(*((0, 0) if exact else (1, EVEN)))


def golden():
    """Name, bytes and mode of pictures of every kind."""
    for width, height in ((1, 1), (1, 40), (40, 1), (17, 13), (33, 64), (200, 10), (64, 48), (301, 203)):
        at = f"{width}x{height}"
        rgb, grey, rgba = painted(width, height, "RGB", width), painted(width, height, "L", width), painted(width, height, "RGBA", width)
        for sampling, name in ((0, "444"), (1, "422"), (2, "420")):
            for progressive in (False, True):
                yield f"jpeg-{at}-{name}{'-progressive' if progressive else ''}", saved(rgb, "JPEG", quality=80, subsampling=sampling, progressive=progressive)
        array = numpy.asarray(rgb)
        if hasattr(cv2, "IMWRITE_JPEG_SAMPLING_FACTOR"):
            yield f"jpeg-{at}-440", cv2.imencode(".jpg", array, [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_440])[1].tobytes()
        yield f"jpeg-{at}-grey", saved(grey, "JPEG", quality=80)
        for orientation in range(1, 9):
            exif = Image.Exif()
            exif[274] = orientation
            yield f"jpeg-{at}-exif{orientation}", saved(rgb, "JPEG", quality=90, exif=exif)
        yield f"jpeg-{at}-cmyk", saved(painted(width, height, "CMYK", width), "JPEG", quality=85)
        yield f"png-{at}-rgb", saved(rgb, "PNG")
        yield f"png-{at}-rgba", saved(rgba, "PNG")
        yield f"png-{at}-palette", saved(rgb.convert("P", palette=Image.Palette.ADAPTIVE), "PNG")
        yield f"png-{at}-icc", saved(rgb, "PNG", icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
        for colour in (0, 2, 6):
            yield f"png-{at}-16-{colour}", drawn_png(width, height, 16, colour, width)
        yield f"bmp-{at}", saved(rgb, "BMP")
        yield f"webp-{at}", saved(rgb, "WEBP", lossless=True)


def pillow_pixels(data):
    """As training code opens images: turned, in RGB; 16-bit grey by its high byte, which Pillow clips instead."""
    with Image.open(io.BytesIO(data)) as image:
        image = ImageOps.exif_transpose(image)
        if image.mode.startswith("I"):
            return numpy.repeat((numpy.asarray(image).astype(numpy.uint16) >> 8).astype(numpy.uint8)[:, :, None], 3, axis=2)
        return numpy.asarray(image.convert("RGBA").convert("RGB") if image.mode == "P" else image.convert("RGB"))


def in_colour(pixels):
    return pixels if isinstance(pixels, str) or pixels.ndim == 3 else numpy.repeat(pixels[:, :, None], 3, axis=2)


def judge_pixels(ours):
    """P0, and what is refused."""
    pillow, opencv = Tally("P0 Pillow"), Tally("P0 OpenCV")
    ours.contract()
    files = list(golden())
    for name, data in files:
        mine = in_colour(ours.image("pixels", data))
        pillow.see(name, pillow_pixels(data), mine)
        theirs = cv2.imdecode(numpy.frombuffer(data, numpy.uint8), cv2.IMREAD_COLOR)
        if theirs is not None and "cmyk" not in name:  # theirs is another formula, up to two levels off
            opencv.see(name, theirs[:, :, ::-1], mine)
    pillow.close()
    opencv.close()
    cut = dict(files)["jpeg-301x203-420"]
    cut = cut[: len(cut) // 2]
    refused = ours.image("pixels", cut)
    say(isinstance(refused, str) and "ends in the middle" in refused, "P0: a cut file is refused by default", refused)
    ours.contract(pixels="truncated: true")
    tally = Tally("P0 of a cut file: what there is of it")
    tally.see("half of jpeg-301x203-420", pillow_pixels(dict(files)["jpeg-301x203-420"])[:64], ours.image("pixels", cut)[:64])
    tally.close()
    ours.contract(pixels="max_pixels: 1000")
    refused = ours.image("pixels", dict(files)["png-64x48-rgb"])
    say(isinstance(refused, str) and "more than the 1000" in refused, "P0: a picture beyond the limit is refused", refused)


def random_file(rng, largest):
    """A PNG, which says exactly what its pixels are."""
    width, height = (int(n) for n in rng.integers(1, largest + 1, 2))
    if rng.random() < 0.1:
        width, height = 20 * height, height
    array = rng.integers(0, 256, (height, width, 3), dtype=numpy.uint8)
    return array, saved(Image.fromarray(array), "PNG", compress_level=0)


def judge_ultralytics(ours, rng, count):
    """P1 and P2 of LetterBox, and of the predictor around it."""
    resized, tensor = Tally("P1 Ultralytics LetterBox"), Tally("P2 Ultralytics predictor")
    for i in range(count):
        array, data = random_file(rng, 260)
        width, height = (int(n) * 32 for n in rng.integers(1, 8, 2))
        auto, up, centre = bool(rng.integers(2)), bool(rng.integers(2)), bool(rng.integers(2))
        theirs = LetterBox((height, width), auto=auto, scaleup=up, center=centre, stride=32)(image=array[:, :, ::-1].copy())[:, :, ::-1]
        ours.contract(f"fit: letterbox, width: {width}, height: {height}, multiple: {32 if auto else 0}, scale_up: {str(up).lower()}, "
                      f"place: {'centre' if centre else 'top_left'}", "divide: true")
        case = f"picture {i}, {array.shape[1]}x{array.shape[0]} to {width}x{height}, auto {auto}, scaleup {up}, centre {centre}"
        resized.see(case, theirs, ours.image("resized", data))
        batch = torch.from_numpy(numpy.ascontiguousarray(theirs.transpose(2, 0, 1)[None])).float()
        batch /= 255
        tensor.see(case, batch.numpy(), ours.tensor(data))
    resized.close()
    tensor.close()


MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
NORMALIZED = f"divide: true, mean: {MEAN}, std: {STD}"


def judge_torchvision(ours, rng, count):
    """P2 of a classifier on Pillow's images and on tensors, and of the detection models' own transform."""
    modes = torchvision.transforms.InterpolationMode
    tv = torchvision.transforms
    on_pillow, on_tensor = Tally("P2 torchvision classifier, Pillow"), Tally("P2 torchvision classifier, tensors with antialias")
    detection = Tally("P2 torchvision detection")
    for i in range(count):
        array, data = random_file(rng, 200)
        short, crop = int(rng.integers(2, 120)), int(rng.integers(1, 120))
        case = f"picture {i}, {array.shape[1]}x{array.shape[0]}, short side {short}, crop {crop}"
        bicubic = bool(rng.integers(2))
        after = [tv.CenterCrop(crop), tv.ConvertImageDtype(torch.float32), tv.Normalize(MEAN, STD)]
        mode = modes.BICUBIC if bicubic else modes.BILINEAR
        name = "bicubic" if bicubic else "bilinear"
        shape = f"fit: short_side, short_side: {short}, crop_width: {crop}, crop_height: {crop}, filter: {name}, pad: [0, 0, 0]"
        steps = tv.Compose([tv.Resize(short, mode), tv.CenterCrop(crop), tv.ToTensor(), tv.Normalize(MEAN, STD)])
        ours.contract(f"{shape}, arithmetic: pillow", NORMALIZED)
        on_pillow.see(case, steps(Image.fromarray(array))[None].numpy(), ours.tensor(data))
        if i % 4 == 0:
            planes = torch.from_numpy(numpy.ascontiguousarray(array.transpose(2, 0, 1)))
            steps = tv.Compose([tv.Resize(short, mode, antialias=True), *after])
            ours.contract(f"{shape}, arithmetic: torch, antialias: true", NORMALIZED)
            on_tensor.see(case, steps(planes)[None].numpy(), ours.tensor(data))
            least, most = int(rng.integers(20, 200)), int(rng.integers(200, 400))
            images, _ = GeneralizedRCNNTransform(least, most, MEAN, STD)([planes / 255])
            factor = min(least / min(array.shape[:2]), most / max(array.shape[:2]))
            if images.image_sizes[0] != tuple(int(side * factor) for side in array.shape[:2]):
                continue  # before 0.15 the factor is of float32, and takes a line away at times
            ours.contract(f"fit: long_side, short_side: {least}, long_side: {most}, multiple: 32, place: top_left, arithmetic: torch_float, "
                          "pad_zero: true", NORMALIZED)
            detection.see(f"{case}, {least} to {most}", images.tensors.numpy(), ours.tensor(data))
    on_pillow.close()
    on_tensor.close(1.001 / 255 / min(STD), 0 if MODERN else EVEN)
    detection.close(2e-5 if MODERN else 2e-3, 1)  # they normalise before they resize, we after


def detr_size(width, height, size, most):
    """datasets/transforms.py of facebookresearch/detr, in our words."""
    small, large = float(min(width, height)), float(max(width, height))
    if large / small * size > most:
        size = int(round(most * small / large))
    if size == small:
        return width, height
    return (size, int(size * height / width)) if width < height else (int(size * width / height), size)


def judge_others(ours, rng, count):
    """P2 of other contracts, by NumPy: DETR, YuNet, and the types and layouts of tensors."""
    detr, yunet, kinds = Tally("P2 DETR"), Tally("P2 YuNet"), Tally("P2 types and layouts")
    for i in range(count):
        array, data = random_file(rng, 160)
        size, most = int(rng.integers(20, 160)), int(rng.integers(160, 300))
        case = f"picture {i}, {array.shape[1]}x{array.shape[0]}, {size} to {most}"
        width, height = detr_size(array.shape[1], array.shape[0], size, most)
        if width and height:
            planes = numpy.asarray(Image.fromarray(array).resize((width, height), 2)).astype(numpy.float32) / numpy.float32(255)
            planes = (planes - numpy.array(MEAN, numpy.float32)) / numpy.array(STD, numpy.float32)
            ours.contract(f"fit: long_side, short_side: {size}, long_side: {most}, sides: detr, arithmetic: pillow", NORMALIZED)
            detr.see(case, planes.transpose(2, 0, 1)[None], ours.tensor(data))
        padded = numpy.zeros(((array.shape[0] + 31) // 32 * 32, (array.shape[1] + 31) // 32 * 32, 3), numpy.float32)
        padded[: array.shape[0], : array.shape[1]] = array[:, :, ::-1]
        ours.contract("fit: none, multiple: 32, place: top_left, pad: [0, 0, 0]", "colour: bgr, scale: 1")
        yunet.see(case, padded.transpose(2, 0, 1)[None], ours.tensor(data))
        for kind in (numpy.float32, numpy.float16, numpy.uint8):
            for layout in ("nchw", "nhwc"):
                for colour in ("rgb", "bgr", "grey"):
                    pixels = array if colour == "rgb" else array[:, :, ::-1]
                    if colour == "grey":
                        pixels = numpy.asarray(Image.fromarray(array).convert("L"))[:, :, None]
                    values = pixels.astype(numpy.float32)
                    steps = "scale: 1"
                    if kind != numpy.uint8:
                        values = (values * numpy.float32(1 / 255) - numpy.float32(0.4)) / numpy.float32(0.3)
                        steps = f"scale: {1 / 255!r}, mean: [0.4, 0.4, 0.4], std: [0.3, 0.3, 0.3]"
                    values = values.astype(kind)[None]
                    ours.contract("fit: none", f"{steps}, colour: {colour}, layout: {layout}, type: {numpy.dtype(kind).name}, channels: {pixels.shape[2]}")
                    kinds.see(f"{case}, {kind.__name__} {layout} {colour}", values.transpose(0, 3, 1, 2) if layout == "nchw" else values,
                              ours.tensor(data, kind))
    for tally in (detr, yunet, kinds):
        tally.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(f"Pillow {Image.__version__}, OpenCV {cv2.__version__}, PyTorch {torch.__version__}, torchvision {torchvision.__version__}")
    ours = Ours(options.program)
    judge_pixels(ours)
    judge_resize(ours, numpy.random.default_rng(options.seed), options.count)
    judge_ultralytics(ours, numpy.random.default_rng(options.seed), options.count)
    judge_torchvision(ours, numpy.random.default_rng(options.seed), options.count)
    judge_others(ours, numpy.random.default_rng(options.seed), max(options.count // 10, 5))
    return finish()


if __name__ == "__main__":
    sys.exit(main())
