"""Draws one street: a sky, houses and a road, the things of street_objects.py in front of them, and what is visible of each thing.

Everything is drawn three times as large as the picture, so edges are smooth and outlines are known to a third of a pixel.
"""
import random
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from street_objects import Colour, Point, Thing, bicycle, bus, bus_from_behind, car, car_from_behind, person, rider, shade, traffic_light, truck

SCALE = 3


@dataclass(frozen=True)
class Palette:
    name: str
    sky: tuple[Colour, Colour]
    light: tuple[float, float, float]     # what daylight leaves of every colour
    road: Colour
    pavement: Colour
    disc: Colour                          # sun or moon
    lit: float                            # share of windows with a light behind them


PALETTES = (
    Palette("day", ((108, 176, 226), (214, 234, 244)), (1.0, 1.0, 1.0), (92, 94, 100), (186, 180, 170), (255, 244, 200), 0.0),
    Palette("overcast", ((160, 170, 178), (212, 216, 218)), (0.88, 0.90, 0.92), (84, 86, 90), (166, 164, 160), (224, 226, 226), 0.08),
    Palette("dusk", ((70, 62, 118), (250, 160, 108)), (0.84, 0.68, 0.68), (74, 66, 78), (142, 122, 124), (255, 206, 130), 0.42),
    Palette("night", ((14, 18, 42), (46, 56, 92)), (0.56, 0.60, 0.76), (84, 86, 98), (110, 110, 122), (236, 236, 220), 0.5),
)
WALLS = ((202, 128, 98), (222, 190, 140), (168, 180, 188), (188, 150, 160), (146, 164, 140), (214, 206, 196), (156, 116, 96), (120, 136, 156))
LEAVES = ((84, 138, 76), (104, 156, 82), (66, 118, 78), (160, 148, 66))
LAMP: Colour = (255, 216, 130)
WINDOW: Colour = (104, 128, 148)


@dataclass
class Placed:
    thing: Thing
    x: float          # of the ground point, in pixels of the picture
    y: float
    scale: float      # pixels a metre

    def at(self, p: Point) -> Point:
        return self.x + p[0] * self.scale, self.y + p[1] * self.scale


@dataclass
class Seen:
    """A thing as the finished picture shows it; the mask has SCALE × SCALE cells a pixel."""
    placed: Placed
    visible: np.ndarray
    whole: int        # cells of the silhouette if nothing stood before it, the part beyond the picture's edge left out

    def box(self) -> tuple[float, float, float, float]:
        rows, columns = np.flatnonzero(self.visible.any(axis=1)), np.flatnonzero(self.visible.any(axis=0))
        return columns[0] / SCALE, rows[0] / SCALE, (columns[-1] + 1) / SCALE, (rows[-1] + 1) / SCALE

    def share(self) -> float:
        return float(self.visible.sum()) / max(1, self.whole)


class Street:
    def __init__(self, seed: int, width: int = 320, height: int = 240, palette: int | None = None, view: str | None = None):
        self.rng = random.Random(seed)
        self.width, self.height = width, height
        self.palette = PALETTES[self.rng.choice((0, 0, 0, 1, 1, 2, 2, 3)) if palette is None else palette]
        self.view = view or self.rng.choice(("kerb", "kerb", "avenue"))
        self.image = Image.fromarray(self.sky())
        self.draw = ImageDraw.Draw(self.image)
        self.placed: list[Placed] = []
        if self.view == "kerb":
            self.kerb()
        else:
            self.avenue()

    # --- painting ---------------------------------------------------------------------------------------------------------------
    def tint(self, colour: Colour) -> Colour:
        return tuple(round(c * l) for c, l in zip(colour, self.palette.light))

    def sky(self) -> np.ndarray:
        top, bottom = (np.array(c, float) for c in self.palette.sky)
        t = np.clip(np.arange(self.height * SCALE) / (self.height * SCALE * 0.58), 0, 1)[:, None]
        rows = np.round(top + (bottom - top) * t).astype(np.uint8)
        return np.repeat(rows[:, None, :], self.width * SCALE, axis=1)

    def poly(self, points: list[Point], colour: Colour) -> None:
        self.draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=colour)

    def rect(self, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        if x1 > x0 and y1 > y0:
            self.draw.rectangle((x0 * SCALE, y0 * SCALE, x1 * SCALE - 1, y1 * SCALE - 1), fill=colour)

    def disc(self, x: float, y: float, rx: float, ry: float, colour: Colour) -> None:
        self.draw.ellipse(((x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE), fill=colour)

    def heaven(self, horizon: float) -> None:
        rng, w = self.rng, self.width
        self.disc(rng.uniform(0.1, 0.9) * w, rng.uniform(0.12, 0.3) * horizon, 0.035 * w, 0.035 * w, self.palette.disc)
        cloud = tuple((a + 2 * b) // 3 for a, b in zip(self.palette.sky[1], self.palette.disc))
        for _ in range(rng.randint(0, 3) if self.palette.name != "night" else 0):
            x, y, size = rng.uniform(0, w), rng.uniform(0.1, 0.5) * horizon, rng.uniform(0.03, 0.06) * w
            for dx, dy, r in ((-1.2, 0.15, 0.7), (0, 0, 1.0), (1.1, 0.2, 0.75)):
                self.disc(x + dx * size, y + dy * size, r * size * 1.2, r * size * 0.6, cloud)
        haze = tuple((3 * a + 2 * b) // 5 for a, b in zip(self.palette.sky[1], self.tint((110, 120, 140))))
        x = -10.0
        while x < w:
            step = rng.uniform(0.06, 0.14) * w
            self.rect(x, horizon - rng.uniform(0.10, 0.30) * self.height, x + step, horizon + 2, haze)
            x += step

    def window(self) -> Colour:
        return LAMP if self.rng.random() < self.palette.lit else self.tint(WINDOW)

    def house(self, x0: float, x1: float, top: float, base: float) -> None:
        rng = self.rng
        wall = self.tint(rng.choice(WALLS))
        self.rect(x0, top, x1, base, wall)
        self.rect(x0 - 1, top - 3, x1 + 1, top + 1, shade(wall, 0.7))
        columns = max(2, round((x1 - x0) / 13))
        step, floor = (x1 - x0) / columns, base - 21
        while floor - 13 > top + 3:
            for k in range(columns):
                left = x0 + k * step + step * 0.24
                self.rect(left - 0.7, floor - 10.7, left + step * 0.52 + 0.7, floor + 0.7, shade(wall, 0.84))
                self.rect(left, floor - 10, left + step * 0.52, floor, self.window())
            floor -= 17
        door = x0 + step * (rng.randrange(columns) + 0.25)
        shop = rng.random() < 0.5
        if shop:
            self.rect(x0 + 3, base - 13, x1 - 3, base - 2, LAMP if self.palette.lit > 0.2 else self.tint((132, 156, 170)))
            awning, stripes = self.tint(rng.choice(((196, 70, 60), (60, 120, 110), (70, 90, 150)))), max(4, int((x1 - x0 - 4) / 5))
            width = (x1 - x0 - 4) / stripes
            for k in range(stripes):
                self.rect(x0 + 2 + k * width, base - 17, x0 + 2 + (k + 1) * width, base - 11.5, awning if k % 2 else self.tint((240, 236, 226)))
        self.rect(door, base - 13, door + step * 0.5, base, shade(wall, 0.46))

    def tree(self, x: float, base: float, size: float) -> None:
        leaf = self.tint(self.rng.choice(LEAVES))
        self.rect(x - size * 0.07, base - size * 0.6, x + size * 0.07, base, self.tint((104, 78, 58)))
        for dx, dy, r, f in ((-0.24, -0.70, 0.27, 0.86), (0.25, -0.72, 0.26, 0.92), (0, -0.92, 0.32, 1.0), (0.06, -0.66, 0.25, 1.06)):
            self.disc(x + dx * size, base + dy * size, r * size, r * size, shade(leaf, f))

    def lamp(self, x: float, base: float, size: float) -> None:
        dark = self.tint((70, 74, 80))
        self.rect(x - 0.8, base - size, x + 0.8, base, dark)
        self.rect(x - 0.8, base - size, x + size * 0.17, base - size + 1.4, dark)
        self.disc(x + size * 0.17, base - size + 1.8, 2.6, 1.5, LAMP if self.palette.lit > 0.2 else self.tint((222, 220, 208)))

    # --- two views --------------------------------------------------------------------------------------------------------------
    def kerb(self) -> None:
        """Across the road, from the other side."""
        rng, w, h = self.rng, self.width, self.height
        base = h * rng.uniform(0.52, 0.58)
        kerb, end = base + 0.05 * h, h * rng.uniform(0.88, 0.93)
        self.heaven(base)
        x = -rng.uniform(0, 30)
        while x < w:
            step = rng.uniform(34, 68)
            if rng.random() < 0.84:
                self.house(x, x + step, base - rng.choice((40, 57, 57, 74, 91)) * h / 240 - 2, base)
            x += step + rng.choice((0, 0, 0, 10))
        pavement, road = self.tint(self.palette.pavement), self.tint(self.palette.road)
        self.rect(0, base, w, kerb, pavement)
        self.rect(0, kerb, w, end, road)
        self.rect(0, kerb, w, kerb + 1.4, shade(pavement, 1.12))
        self.rect(0, end, w, h, pavement)
        self.rect(0, end - 0.4, w, end + 2, shade(pavement, 1.12))
        for k in range(-1, 12):
            self.poly([(k * 36 + d, end + 2) for d in (0, 0.8)] + [(k * 36 + d - 8, h) for d in (1.2, 0)], shade(pavement, 0.9))
        paint, middle = self.tint((236, 232, 214)), (kerb + end) / 2
        if rng.random() < 0.3:
            left = rng.uniform(0.15, 0.7) * w
            for k in range(7):
                top, bottom = kerb + 4 + k * (end - kerb - 8) / 7, kerb + 4 + (k + 0.55) * (end - kerb - 8) / 7
                self.poly([(left - k * 2, top), (left + 44 - k * 2, top), (left + 42 - k * 2, bottom), (left - 2 - k * 2, bottom)], paint)
        else:
            for k in range(-1, 12):
                self.rect(k * 34 + 6, middle - 1.2, k * 34 + 23, middle + 1.2, paint)
        for _ in range(rng.randint(1, 3)):
            self.tree(rng.uniform(0, w), base + 5, rng.uniform(30, 46))
        for k in range(rng.randint(1, 2)):
            self.lamp(rng.uniform(0.1, 0.9) * w, base + 8, rng.uniform(48, 58))
        zoom = rng.uniform(0.95, 1.2) * h / 240
        self.lane(kerb + 0.36 * (middle - kerb) + 9 * h / 240, 12.4 * zoom, right=False)
        self.lane(middle + 0.72 * (end - middle), 16.4 * zoom, right=True)
        self.walkers(base + 0.036 * h, 11.5 * zoom, rng.randint(1, 4))
        self.walkers(h * 0.985, 20 * zoom, rng.choice((0, 0, 1, 2)))
        for _ in range(rng.choice((0, 1, 1, 2))):
            self.place(traffic_light(rng), rng.uniform(0.06, 0.94) * w, end + 4, 17.5 * zoom)

    def lane(self, y: float, scale: float, right: bool) -> None:
        rng = self.rng
        x = -rng.uniform(0, 60)
        while x < self.width - 10:
            kind, length = rng.choices(((car, 4.5), (bus, 9.2), (truck, 6.8), (bicycle, 1.9), (None, 5.0)), (6, 1.3, 1.2, 2.2, 4))[0]
            middle = x + length * scale / 2
            if kind is bicycle:
                self.cyclist(middle, y, scale, right)
            elif kind is not None:
                thing = kind(rng)
                self.place(thing if right else thing.mirrored(), middle, y, scale)
            x += (length + rng.uniform(0.8, 3.5)) * scale

    def cyclist(self, x: float, y: float, scale: float, right: bool) -> None:
        machine, human = bicycle(self.rng), rider(self.rng)
        for thing in (machine, human):
            self.place(thing if right else thing.mirrored(), x, y, scale * 1.08)

    def walkers(self, y: float, scale: float, count: int) -> None:
        for _ in range(count):
            self.place(person(self.rng), self.rng.uniform(0.04, 0.96) * self.width, y + self.rng.uniform(-1.5, 1.5), scale * self.rng.uniform(0.92, 1.06))

    def avenue(self) -> None:
        """Along the road, from a low bridge or a car's roof."""
        rng, w, h = self.rng, self.width, self.height
        eye, horizon, middle = rng.uniform(1.9, 2.7), h * rng.uniform(0.40, 0.47), w * rng.uniform(0.42, 0.58)

        def spot(x: float, y: float, s: float) -> Point:
            return middle + x * s, horizon + (eye - y) * s
        near, far = (h * 1.02 - horizon) / eye, 1.6
        self.heaven(horizon + 2)
        pavement, road, paint = self.tint(self.palette.pavement), self.tint(self.palette.road), self.tint((236, 232, 214))
        self.rect(0, horizon + 1, w, h, pavement)
        self.poly([spot(-5.2, 0, far), spot(5.2, 0, far), spot(5.2, 0, near), spot(-5.2, 0, near)], road)
        for side in (-1, 1):
            s = far
            while s < near * 1.6:
                wide = s * rng.uniform(1.28, 1.6)
                self.facade(spot, side * rng.uniform(8.6, 9.2), s, wide, rng.uniform(9, 17))
                s = wide
            self.poly([spot(side * 5.2, 0, far), spot(side * 5.5, 0, far), spot(side * 5.5, 0, near), spot(side * 5.2, 0, near)], shade(pavement, 1.14))
        s = far
        while s < near:
            self.poly([spot(x, 0, q) for x, q in ((-0.09, s), (0.09, s), (0.09, s * 1.2), (-0.09, s * 1.2))], paint)
            s *= 1.5
        cross = rng.uniform(0.42, 0.62) * near
        if rng.random() < 0.6:
            for k in range(9):
                left = -4.8 + k * 1.12
                self.poly([spot(x, 0, q) for x, q in ((left, cross), (left + 0.6, cross), (left + 0.6, cross * 1.22), (left, cross * 1.22))], paint)
            for _ in range(rng.randint(0, 2)):
                self.place(person(rng), *spot(rng.uniform(-4, 4), 0, cross * 1.1), cross * 1.1)
            if rng.random() < 0.5:
                self.cyclist(*spot(rng.uniform(-3, 3), 0, cross * 1.16), cross * 1.16, rng.random() < 0.5)
        for lane in (-3.4, 1.8):
            s = rng.uniform(3.0, 5.0)
            while s < near * 0.66:
                if rng.random() < 0.72 and not 0.86 < s / cross < 1.3:
                    kind = bus_from_behind if rng.random() < 0.2 else car_from_behind
                    self.place(kind(rng), *spot(lane + rng.uniform(0.2, 1.2), 0, s), s)
                s *= rng.uniform(1.7, 2.3)
        for side in (-1, 1):
            for _ in range(rng.randint(1, 3)):
                s = rng.uniform(6, near * 0.6)
                self.place(person(rng), *spot(side * rng.uniform(6.0, 7.8), 0, s), s)
            if rng.random() < 0.7:
                self.place(traffic_light(rng), *spot(side * 5.8, 0, cross * 0.96), cross * 0.96)

    def facade(self, spot, x: float, s0: float, s1: float, high: float) -> None:
        wall = self.tint(self.rng.choice(WALLS))
        self.poly([spot(x, 0, s0), spot(x, high, s0), spot(x, high, s1), spot(x, 0, s1)], wall)
        self.poly([spot(x, high - 0.4, s0), spot(x, high, s0), spot(x, high, s1), spot(x, high - 0.4, s1)], shade(wall, 0.7))
        columns, floor = 4, 1.0
        # Equal steps of depth are equal steps of 1/scale.
        depth = [1 / (1 / s0 + (1 / s1 - 1 / s0) * k / (columns * 4)) for k in range(columns * 4 + 1)]
        while floor + 2.4 < high:
            for k in range(columns):
                a, b = depth[4 * k + 1], depth[4 * k + 3]
                glass = self.window() if floor > 2 else shade(wall, 0.5)
                self.poly([spot(x, floor, a), spot(x, floor + 1.7, a), spot(x, floor + 1.7, b), spot(x, floor, b)], glass)
            floor += 3.0

    # --- things -----------------------------------------------------------------------------------------------------------------
    def place(self, thing: Thing, x: float, y: float, scale: float) -> None:
        self.placed.append(Placed(thing, x, y, scale))

    def render(self) -> tuple[Image.Image, list[Seen]]:
        """Draws the things from back to front; the picture, and all that can still be seen of each thing."""
        seen: list[Seen] = []
        for placed in sorted(self.placed, key=lambda p: p.y):
            if placed.thing.name in ("car", "bus", "truck"):
                self.shadow(placed)
            solid, cover = (Image.new("L", self.image.size) for _ in range(2))
            for shape in placed.thing.shapes:
                colour = shape.colour if shape.glows else self.tint(shape.colour)
                if shape.kind != "disc":
                    stroke(self.draw, placed, shape, colour)
                    stroke(ImageDraw.Draw(cover), placed, shape, 255)
                if shape.solid:
                    stroke(ImageDraw.Draw(solid), placed, shape, 255)
            hidden = np.asarray(cover) > 0
            for other in seen:
                other.visible &= ~hidden
            mask = np.asarray(solid) > 0
            seen.append(Seen(placed, mask.copy(), int(mask.sum())))
        return self.image.resize((self.width, self.height), Image.Resampling.BOX), seen

    def shadow(self, placed: Placed) -> None:
        xs = [placed.at(p)[0] for s in placed.thing.shapes for p in s.points]
        reach = placed.scale * 0.16
        self.disc((min(xs) + max(xs)) / 2, placed.y - reach * 0.1, (max(xs) - min(xs)) / 2, reach, shade(self.tint(self.palette.road), 0.66))


def stroke(draw: ImageDraw.ImageDraw, placed: Placed, shape, colour) -> None:
    points = [(x * SCALE, y * SCALE) for x, y in map(placed.at, shape.points)]
    if shape.kind == "polygon":
        draw.polygon(points, fill=colour)
    elif shape.kind in ("ellipse", "disc"):
        (x0, y0), (x1, y1) = points
        draw.ellipse((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)), fill=colour)
    else:
        width = max(1, round(shape.width * placed.scale * SCALE))
        draw.line(points, fill=colour, width=width, joint="curve")
