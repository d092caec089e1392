"""What stands in the drawn streets: vehicles, people and street furniture as lists of flat shapes.

Lengths are metres; the origin is on the ground under the middle of the object, x to the right, y downwards (heights are negative).
A shape that is `solid` belongs to the object's silhouette, from which its box, its polygon and its mask are made.
"""
import math
import random
from dataclasses import dataclass, field, replace

Point = tuple[float, float]
Colour = tuple[int, int, int]

GLASS: Colour = (58, 74, 92)
TYRE: Colour = (34, 34, 38)
RIM: Colour = (176, 180, 186)
SKIN = ((241, 200, 166), (214, 160, 118), (166, 112, 76), (112, 72, 50))
CLOTH = ((200, 62, 56), (46, 94, 168), (236, 182, 60), (72, 138, 92), (120, 82, 150), (232, 228, 218), (52, 60, 76), (222, 122, 66))
TROUSERS = ((44, 52, 72), (78, 70, 64), (92, 104, 124), (36, 38, 44))
HAIR = ((48, 36, 28), (24, 22, 24), (120, 84, 46), (168, 136, 84), (150, 150, 154))
PAINT = ((196, 52, 48), (42, 98, 162), (238, 236, 230), (60, 64, 72), (228, 170, 48), (92, 140, 112), (158, 162, 168), (126, 58, 80), (84, 160, 184))
BUS_PAINT = ((210, 60, 50), (232, 172, 40), (60, 120, 170), (74, 140, 96))


@dataclass(frozen=True)
class Shape:
    kind: str                      # polygon, ellipse, line, or disc: an ellipse that is silhouette only
    points: tuple[Point, ...]      # an ellipse: two opposite corners
    colour: Colour
    width: float = 0.0             # of a line
    solid: bool = True
    glows: bool = False            # lamps and lit windows keep their colour at night


@dataclass
class Thing:
    name: str                      # of its class
    shapes: list[Shape] = field(default_factory=list)
    keypoints: list[Point] = field(default_factory=list)
    traits: dict[str, str] = field(default_factory=dict)

    def polygon(self, *points: Point, colour: Colour, **more) -> None:
        self.shapes.append(Shape("polygon", points, colour, **more))

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: Colour, **more) -> None:
        self.shapes.append(Shape("ellipse", ((x - rx, y - ry), (x + rx, y + ry)), colour, **more))

    def box(self, x0: float, y0: float, x1: float, y1: float, colour: Colour, **more) -> None:
        self.polygon((x0, y0), (x1, y0), (x1, y1), (x0, y1), colour=colour, **more)

    def line(self, *points: Point, width: float, colour: Colour, **more) -> None:
        self.shapes.append(Shape("line", points, colour, width=width, **more))

    def mirrored(self) -> "Thing":
        shapes = [replace(s, points=tuple((-x, y) for x, y in s.points)) for s in self.shapes]
        return Thing(self.name, shapes, [(-x, y) for x, y in self.keypoints], dict(self.traits))


def shade(colour: Colour, factor: float) -> Colour:
    return tuple(max(0, min(255, round(c * factor))) for c in colour)


def wheel(thing: Thing, x: float, radius: float) -> None:
    thing.ellipse(x, -radius, radius, radius, TYRE)
    thing.ellipse(x, -radius, radius * 0.52, radius * 0.52, RIM)
    thing.ellipse(x, -radius, radius * 0.18, radius * 0.18, shade(RIM, 0.55))


def car(rng: random.Random) -> Thing:
    """Seen from the side, driving to the right."""
    paint = rng.choice(PAINT)
    style = rng.choice(("saloon", "hatchback", "van"))
    thing = Thing("car", traits={"colour": "#%02x%02x%02x" % paint, "style": style})
    roof = {"saloon": ((-1.35, -0.92), (-0.85, -1.42), (0.42, -1.42), (1.05, -0.90)),
            "hatchback": ((-1.82, -0.92), (-1.55, -1.48), (0.30, -1.48), (0.98, -0.92)),
            "van": ((-2.02, -0.95), (-1.95, -1.78), (0.72, -1.78), (1.42, -0.98))}[style]
    thing.polygon((-2.12, -0.32), (-2.14, -0.82), roof[0], roof[1], roof[2], roof[3], (1.92, -0.82), (2.14, -0.62), (2.16, -0.30), colour=paint)
    thing.polygon((-2.13, -0.32), (-2.14, -0.50), (2.15, -0.50), (2.16, -0.30), colour=shade(paint, 0.72))
    middle = (roof[1][0] + roof[2][0]) / 2

    def inset(p: Point, q: Point, t: float) -> Point:
        return p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t
    low, top = -0.95, roof[1][1] + 0.12
    back, front = inset(roof[0], roof[1], 0.78), inset(roof[3], roof[2], 0.80)
    thing.polygon((roof[0][0] + 0.24, low), (back[0] + 0.12, top), (middle - 0.07, top), (middle - 0.07, low), colour=GLASS)
    thing.polygon((middle + 0.07, low), (middle + 0.07, top), (front[0] - 0.10, top), (roof[3][0] - 0.26, low), colour=GLASS)
    thing.line((middle, low + 0.04), (middle, -0.40), width=0.04, colour=shade(paint, 0.66))
    thing.line((middle - 0.42, -0.80), (middle - 0.20, -0.80), width=0.06, colour=shade(paint, 0.6))
    thing.ellipse(2.02, -0.66, 0.11, 0.09, (255, 240, 190), glows=True)
    thing.box(-2.14, -0.80, -2.04, -0.60, (214, 44, 40), glows=True)
    for x in (-1.32, 1.32):
        thing.ellipse(x, -0.36, 0.42, 0.40, shade(paint, 0.42))
        wheel(thing, x, 0.34)
    return thing


def bus(rng: random.Random) -> Thing:
    paint = rng.choice(BUS_PAINT)
    thing = Thing("bus", traits={"colour": "#%02x%02x%02x" % paint})
    length, high = 4.4, -2.95
    thing.polygon((-length, -0.34), (-length, high + 0.22), (-length + 0.24, high), (length - 0.42, high), (length - 0.06, high + 0.34), (length, -0.34), colour=paint)
    thing.box(-length, -0.72, length, -0.34, shade(paint, 0.66))
    thing.box(-length + 0.02, -1.28, length - 0.02, -1.12, (244, 240, 228))
    for k in range(6):
        x = -length + 0.32 + k * 1.16
        thing.box(x, -2.55, x + 1.0, -1.52, GLASS)
        thing.line((x + 0.1, -1.66), (x + 0.55, -2.45), width=0.07, colour=shade(GLASS, 1.5))
    thing.polygon((length - 1.42, -2.55), (length - 0.30, -2.55), (length - 0.12, -1.42), (length - 1.42, -1.42), colour=shade(GLASS, 1.15))
    thing.box(length - 1.42, -1.40, length - 0.72, -0.40, shade(GLASS, 0.9))
    thing.line((length - 1.07, -2.52), (length - 1.07, -0.42), width=0.06, colour=paint)
    thing.ellipse(length - 0.12, -0.86, 0.13, 0.12, (255, 240, 190), glows=True)
    thing.box(-length, -1.05, -length + 0.10, -0.80, (214, 44, 40), glows=True)
    thing.box(length - 3.2, high + 0.10, length - 1.6, high + 0.32, (40, 40, 44))
    thing.box(length - 3.0, high + 0.16, length - 1.9, high + 0.26, (255, 190, 60), glows=True)
    for x in (-length + 1.7, length - 2.1):
        thing.ellipse(x, -0.46, 0.56, 0.52, shade(paint, 0.4))
        wheel(thing, x, 0.46)
    return thing


def truck(rng: random.Random) -> Thing:
    paint, cargo = rng.choice(PAINT[:2] + PAINT[4:6]), rng.choice(((236, 234, 226), (190, 196, 202), (222, 206, 170)))
    thing = Thing("truck", traits={"colour": "#%02x%02x%02x" % paint})
    thing.box(-3.3, -0.62, 3.1, -0.40, (62, 64, 70))
    thing.box(-3.3, -2.75, 1.35, -0.60, cargo)
    for k in range(1, 5):
        thing.line((-3.3 + k * 0.93, -2.70), (-3.3 + k * 0.93, -0.64), width=0.05, colour=shade(cargo, 0.88))
    thing.box(-3.3, -1.55, 1.35, -1.35, paint)
    thing.polygon((1.5, -0.40), (1.5, -2.20), (2.55, -2.20), (3.12, -1.30), (3.22, -1.22), (3.22, -0.40), colour=paint)
    thing.polygon((1.98, -1.28), (1.98, -2.02), (2.46, -2.02), (2.92, -1.28), colour=GLASS)
    thing.line((1.86, -1.98), (1.86, -0.62), width=0.05, colour=shade(paint, 0.66))
    thing.ellipse(3.12, -0.72, 0.11, 0.11, (255, 240, 190), glows=True)
    for x in (-2.35, -1.45, 2.35):
        wheel(thing, x, 0.44)
    return thing


# The 17 points of the usual person skeleton, for a person seen from the front; the left of the person is to the right of the picture.
KEYPOINTS = ("nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow",
             "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle")
SKELETON = ((16, 14), (14, 12), (17, 15), (15, 13), (12, 13), (6, 12), (7, 13), (6, 7), (6, 8), (7, 9), (8, 10), (9, 11), (2, 3), (1, 2),
            (1, 3), (2, 4), (3, 5), (4, 6), (5, 7))


def person(rng: random.Random) -> Thing:
    shirt, legs, skin, hair = rng.choice(CLOTH), rng.choice(TROUSERS), rng.choice(SKIN), rng.choice(HAIR)
    thing = Thing("person", traits={"shirt": "#%02x%02x%02x" % shirt})
    stride, swing = rng.uniform(0.04, 0.30), rng.uniform(0.02, 0.22)
    hip, knee, ankle = (0.11, -0.86), (0.13 + stride * 0.55, -0.47), (0.12 + stride, -0.08)
    shoulder, elbow, wrist = (0.21, -1.42), (0.28 + swing * 0.4, -1.14), (0.27 + swing, -0.90)
    for side in (-1, 1):
        thing.line(*((side * x, y) for x, y in (hip, knee, ankle)), width=0.17, colour=shade(legs, 1.0 if side > 0 else 0.85))
        thing.line((side * ankle[0] - 0.05 * side, -0.05), (side * ankle[0] + 0.10 * side, -0.05), width=0.10, colour=(40, 34, 32))
        thing.line(*((side * x, y) for x, y in (shoulder, elbow, wrist)), width=0.12, colour=shade(shirt, 0.84))
        thing.ellipse(side * wrist[0], wrist[1] + 0.03, 0.065, 0.065, skin)
    thing.polygon((-0.25, -1.46), (0.25, -1.46), (0.20, -0.82), (-0.20, -0.82), colour=shirt)
    thing.box(-0.06, -1.54, 0.06, -1.42, shade(skin, 0.9))
    thing.ellipse(0, -1.66, 0.145, 0.165, skin)
    thing.polygon((-0.15, -1.68), (-0.13, -1.80), (0, -1.86), (0.13, -1.80), (0.15, -1.68), (0.08, -1.74), (-0.08, -1.74), colour=hair)
    if rng.random() < 0.3:
        bag = rng.choice(CLOTH)
        thing.line((-0.20, -1.44), (0.24, -0.95), width=0.04, colour=shade(bag, 0.6))
        thing.box(0.14, -1.02, 0.38, -0.76, bag)
    thing.keypoints = [(0, -1.64), (0.05, -1.68), (-0.05, -1.68), (0.13, -1.66), (-0.13, -1.66)]
    for left in (shoulder, elbow, wrist, hip, knee, ankle):
        thing.keypoints += [left, (-left[0], left[1])]
    return thing


def bicycle(rng: random.Random) -> Thing:
    """A bicycle seen from the side; the silhouette fills its wheels."""
    paint = rng.choice(CLOTH[:5])
    thing = Thing("bicycle", traits={"colour": "#%02x%02x%02x" % paint})
    back, front, crank, seat, head = (-0.54, -0.34), (0.54, -0.34), (-0.06, -0.32), (-0.22, -0.80), (0.38, -0.82)
    for x, y in (back, front):
        steps = [(x + 0.34 * math.cos(t * math.pi / 12), y + 0.34 * math.sin(t * math.pi / 12)) for t in range(25)]
        thing.shapes.append(Shape("disc", ((x - 0.34, y - 0.34), (x + 0.34, y + 0.34)), TYRE))
        thing.line(*steps, width=0.065, colour=TYRE)
        for t in range(4):
            dx, dy = 0.31 * math.cos(t * math.pi / 4 + 0.3), 0.31 * math.sin(t * math.pi / 4 + 0.3)
            thing.line((x - dx, y - dy), (x + dx, y + dy), width=0.014, colour=RIM)
    for a, b in ((back, crank), (crank, seat), (seat, head), (crank, head), (back, seat), (front, head)):
        thing.line(a, b, width=0.06, colour=paint)
    thing.line((-0.36, -0.86), (-0.10, -0.86), width=0.08, colour=TYRE)
    thing.line(head, (0.36, -1.00), (0.52, -1.00), width=0.05, colour=TYRE)
    thing.ellipse(*crank, 0.08, 0.08, shade(RIM, 0.7))
    return thing


def rider(rng: random.Random) -> Thing:
    """The person on a bicycle: drawn after it, at the same place."""
    shirt, legs, skin = rng.choice(CLOTH), rng.choice(TROUSERS), rng.choice(SKIN)
    thing = Thing("person", traits={"shirt": "#%02x%02x%02x" % shirt})
    thing.line((-0.22, -0.90), (0.12, -0.68), (-0.04, -0.26), width=0.15, colour=legs)
    thing.line((-0.08, -0.20), (0.10, -0.20), width=0.09, colour=(40, 34, 32))
    thing.polygon((-0.34, -0.88), (-0.12, -0.86), (0.22, -1.36), (0.02, -1.46), colour=shirt)
    thing.line((0.10, -1.34), (0.24, -1.10), (0.46, -1.02), width=0.10, colour=shade(shirt, 0.84))
    thing.ellipse(0.22, -1.58, 0.14, 0.155, skin)
    thing.polygon((0.04, -1.60), (0.08, -1.72), (0.20, -1.78), (0.34, -1.72), (0.38, -1.62), colour=rng.choice(CLOTH[:5]))
    return thing


def traffic_light(rng: random.Random) -> Thing:
    """The head is the object; its pole only stands in the way."""
    thing = Thing("traffic light", traits={"shows": rng.choice(("red", "amber", "green"))})
    thing.box(-0.07, -2.5, 0.07, 0, (70, 74, 80), solid=False)
    thing.box(-0.16, -0.12, 0.16, 0, (56, 60, 66), solid=False)
    thing.polygon((-0.24, -3.45), (0.24, -3.45), (0.24, -2.32), (0.18, -2.22), (-0.18, -2.22), (-0.24, -2.32), colour=(38, 42, 46))
    for k, (name, colour) in enumerate((("red", (240, 58, 48)), ("amber", (250, 182, 50)), ("green", (64, 208, 110)))):
        lit = thing.traits["shows"] == name
        thing.ellipse(0, -3.24 + k * 0.38, 0.14, 0.14, colour if lit else shade(colour, 0.28), glows=lit)
    return thing


def car_from_behind(rng: random.Random) -> Thing:
    paint = rng.choice(PAINT)
    thing = Thing("car", traits={"colour": "#%02x%02x%02x" % paint, "style": "from behind"})
    for x in (-0.66, 0.66):
        thing.box(x - 0.13, -0.36, x + 0.13, 0, TYRE)
    thing.polygon((-0.90, -0.24), (-0.92, -0.86), (-0.66, -0.96), (-0.54, -1.42), (0.54, -1.42), (0.66, -0.96), (0.92, -0.86), (0.90, -0.24), colour=paint)
    thing.polygon((-0.58, -0.96), (-0.47, -1.33), (0.47, -1.33), (0.58, -0.96), colour=GLASS)
    thing.box(-0.90, -0.40, 0.90, -0.22, shade(paint, 0.6))
    thing.box(-0.26, -0.62, 0.26, -0.46, (240, 236, 214))
    for x in (-0.76, 0.76):
        thing.box(x - 0.13, -0.84, x + 0.13, -0.64, (220, 44, 40), glows=True)
    return thing


def bus_from_behind(rng: random.Random) -> Thing:
    paint = rng.choice(BUS_PAINT)
    thing = Thing("bus", traits={"colour": "#%02x%02x%02x" % paint})
    for x in (-0.92, 0.92):
        thing.box(x - 0.18, -0.46, x + 0.18, 0, TYRE)
    thing.polygon((-1.25, -0.32), (-1.25, -2.80), (-1.08, -3.0), (1.08, -3.0), (1.25, -2.80), (1.25, -0.32), colour=paint)
    thing.box(-1.02, -2.48, 1.02, -1.55, GLASS)
    thing.box(-0.72, -2.88, 0.72, -2.60, (40, 40, 44))
    thing.box(-0.50, -2.80, 0.50, -2.68, (255, 190, 60), glows=True)
    thing.box(-1.25, -1.34, 1.25, -1.18, (244, 240, 228))
    thing.box(-1.25, -0.56, 1.25, -0.32, shade(paint, 0.6))
    for x in (-1.04, 1.04):
        thing.box(x - 0.11, -1.05, x + 0.11, -0.68, (220, 44, 40), glows=True)
    return thing
