"""The 45 transforms of the near-duplicate benchmark: 38 that keep the frame, and 7 that crop it.

Each takes an RGB image and a random generator of its own, and gives back an image and how to save it. Random crops lie off any grid and change the
aspect ratio by up to 5 %, so that no search can profit from looking exactly where the benchmark cuts.
"""
import io
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

Transform = Callable[[Image.Image, np.random.Generator], Image.Image]


@dataclass(frozen=True)
class Kind:
    name: str
    make: Transform
    crops: bool = False             # shows a part of the frame
    rotates: bool = False           # by an angle that is no quarter turn


def recompressed(form: str, **options: object) -> Transform:
    def make(image: Image.Image, _: np.random.Generator) -> Image.Image:
        held = io.BytesIO()
        image.save(held, form, **options)
        return Image.open(io.BytesIO(held.getvalue())).convert("RGB")
    return make


def resized(factor: float) -> Transform:
    return lambda image, _: image.resize((max(8, round(image.width * factor)), max(8, round(image.height * factor))), Image.Resampling.LANCZOS)


def letterboxed(image: Image.Image, _: np.random.Generator) -> Image.Image:
    return ImageOps.pad(image, (640, 640), Image.Resampling.BICUBIC, color=(114, 114, 114))


def centre_crop(share: float) -> Transform:
    """What is left after `share` of each side is cut away, half of it at either end."""
    def make(image: Image.Image, _: np.random.Generator) -> Image.Image:
        dx, dy = image.width * share / 2, image.height * share / 2
        return image.crop((round(dx), round(dy), round(image.width - dx), round(image.height - dy)))
    return make


def corner_crop(share: float) -> Transform:
    return lambda image, _: image.crop((0, 0, round(image.width * (1 - share)), round(image.height * (1 - share))))


def random_crop(low: float, high: float) -> Transform:
    def make(image: Image.Image, rng: np.random.Generator) -> Image.Image:
        side, aspect = rng.uniform(low, high), math.exp(rng.uniform(-0.05, 0.05))
        width, height = (min(1.0, side * root) for root in (math.sqrt(aspect), 1 / math.sqrt(aspect)))
        x, y = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height)
        return image.crop((round(x * image.width), round(y * image.height), round((x + width) * image.width), round((y + height) * image.height)))
    return make


def turned(method: Image.Transpose) -> Transform:
    return lambda image, _: image.transpose(method)


def rotated(degrees: float) -> Transform:
    """Inside the same frame; the corners that come free are black."""
    return lambda image, _: image.rotate(degrees, Image.Resampling.BICUBIC)


def gamma(exponent: float) -> Transform:
    table = [round(255 * (v / 255) ** exponent) for v in range(256)]
    return lambda image, _: image.point(table * 3)


def swapped_channels(image: Image.Image, _: np.random.Generator) -> Image.Image:
    red, green, blue = image.split()
    return Image.merge("RGB", (blue, green, red))


def noise(sigma: float) -> Transform:
    def make(image: Image.Image, rng: np.random.Generator) -> Image.Image:
        noisy = np.asarray(image, np.float32) + rng.normal(0, sigma, (image.height, image.width, 3)).astype(np.float32)
        return Image.fromarray(np.clip(noisy + 0.5, 0, 255).astype(np.uint8))
    return make


def captioned(image: Image.Image, _: np.random.Generator) -> Image.Image:
    image = image.copy()
    draw, height = ImageDraw.Draw(image), max(8, image.height // 10)
    # The font that Pillow brings is 11 pixels high; it is enlarged, so that the caption has a tenth of the height.
    line = Image.new("L", (160, 12), 0)
    ImageDraw.Draw(line).text((2, 0), "sample 2024-05-17 copy", fill=255)
    line = line.resize((round(160 * height / 12), height))
    draw.bitmap((image.width // 20, image.height - height - image.height // 20), line.crop((0, 0, image.width * 9 // 10, height)), fill=(255, 255, 255))
    return image


def marked(image: Image.Image, _: np.random.Generator) -> Image.Image:
    """A logo of a fifth of each side in the upper right corner."""
    image = image.copy()
    width, height = image.width // 5, image.height // 5
    x, y = image.width - width - image.width // 40, image.height // 40
    draw = ImageDraw.Draw(image)
    draw.rectangle((x, y, x + width, y + height), fill=(200, 30, 40))
    draw.ellipse((x + width // 4, y + height // 4, x + width * 3 // 4, y + height * 3 // 4), fill=(250, 250, 250))
    return image


def bordered(image: Image.Image, _: np.random.Generator) -> Image.Image:
    return ImageOps.expand(image, max(1, round(0.05 * min(image.size))), fill=(255, 255, 255))


def in_turn(*steps: Transform) -> Transform:
    def make(image: Image.Image, rng: np.random.Generator) -> Image.Image:
        for step in steps:
            image = step(image, rng)
        return image
    return make


TRANSFORMS = (
    Kind("jpeg q75", recompressed("JPEG", quality=75)),
    Kind("jpeg q50", recompressed("JPEG", quality=50)),
    Kind("jpeg q20", recompressed("JPEG", quality=20)),
    Kind("jpeg q10", recompressed("JPEG", quality=10)),
    Kind("webp q50", recompressed("WEBP", quality=50)),
    Kind("resize 2", resized(2)),
    Kind("resize 1/2", resized(1 / 2)),
    Kind("resize 1/4", resized(1 / 4)),
    Kind("stretch to a square", lambda image, _: image.resize((416, 416), Image.Resampling.BICUBIC)),
    Kind("letterbox 640", letterboxed),
    Kind("flip left-right", turned(Image.Transpose.FLIP_LEFT_RIGHT)),
    Kind("flip top-bottom", turned(Image.Transpose.FLIP_TOP_BOTTOM)),
    Kind("turn 90", turned(Image.Transpose.ROTATE_90)),
    Kind("turn 180", turned(Image.Transpose.ROTATE_180)),
    Kind("turn 270", turned(Image.Transpose.ROTATE_270)),
    Kind("transpose", turned(Image.Transpose.TRANSPOSE)),
    Kind("rotate 1", rotated(1), rotates=True),
    Kind("rotate 2", rotated(2), rotates=True),
    Kind("rotate 5", rotated(5), rotates=True),
    Kind("rotate 25", rotated(25), rotates=True),
    Kind("brightness 0.5", lambda image, _: ImageEnhance.Brightness(image).enhance(0.5)),
    Kind("brightness 1.5", lambda image, _: ImageEnhance.Brightness(image).enhance(1.5)),
    Kind("contrast 1.5", lambda image, _: ImageEnhance.Contrast(image).enhance(1.5)),
    Kind("gamma 2", gamma(2)),
    Kind("gamma 0.5", gamma(0.5)),
    Kind("equalise", lambda image, _: ImageOps.equalize(image)),
    Kind("grey", lambda image, _: image.convert("L").convert("RGB")),
    Kind("swap red and blue", swapped_channels),
    Kind("64 colours", lambda image, _: image.quantize(64).convert("RGB")),
    Kind("sharpen", lambda image, _: image.filter(ImageFilter.UnsharpMask(2, 150, 3))),
    Kind("blur 1", lambda image, _: image.filter(ImageFilter.GaussianBlur(1))),
    Kind("blur 2", lambda image, _: image.filter(ImageFilter.GaussianBlur(2))),
    Kind("blur 4", lambda image, _: image.filter(ImageFilter.GaussianBlur(4))),
    Kind("noise 25", noise(25)),
    Kind("caption", captioned),
    Kind("logo 20 %", marked),
    Kind("border 5 %", bordered),
    Kind("crop 5 %, resize 1/2, jpeg q50", in_turn(centre_crop(0.05), resized(0.5), recompressed("JPEG", quality=50))),
    Kind("centre crop 10 %", centre_crop(0.10), crops=True),
    Kind("corner crop 10 %", corner_crop(0.10), crops=True),
    Kind("centre crop to half the area", centre_crop(1 - math.sqrt(0.5)), crops=True),
    Kind("random crop 0.9-1.0", random_crop(0.9, 1.0), crops=True),
    Kind("random crop 0.8-0.9", random_crop(0.8, 0.9), crops=True),
    Kind("random crop 0.7-0.8", random_crop(0.7, 0.8), crops=True),
    Kind("random crop 0.6-0.7", random_crop(0.6, 0.7), crops=True),
)
