"""Outlines of masks as polygons, and masks as run lengths; only what the drawn streets need."""
import numpy as np

Ring = list[tuple[float, float]]


def rings_of(mask: np.ndarray) -> list[Ring]:
    """The outer outline of each 4-connected part, along the cells' edges, clockwise on the screen; holes are filled."""
    padded = np.pad(mask, 1)
    inside = padded[1:-1, 1:-1]
    leaving: dict[tuple[int, int], list[tuple[int, int]]] = {}
    # Each border edge is directed so that the part lies on its right hand.
    for edge, (dx0, dy0), (dx1, dy1) in (
            (inside & ~padded[:-2, 1:-1], (0, 0), (1, 0)), (inside & ~padded[1:-1, 2:], (1, 0), (1, 1)),
            (inside & ~padded[2:, 1:-1], (1, 1), (0, 1)), (inside & ~padded[1:-1, :-2], (0, 1), (0, 0))):
        for y, x in np.argwhere(edge):
            leaving.setdefault((int(x) + dx0, int(y) + dy0), []).append((int(x) + dx1, int(y) + dy1))
    rings: list[Ring] = []
    for start in sorted(leaving):
        while leaving[start]:
            ring, here, towards = [start], start, leaving[start].pop(0)
            while towards != start:
                ring.append(towards)
                way = (towards[0] - here[0], towards[1] - here[1])
                right = (towards[0] - way[1], towards[1] + way[0])
                here, ways = towards, leaving[towards]
                towards = ways.pop(ways.index(right) if right in ways else 0)
            if signed_area(ring) > 0:
                rings.append(ring)
    return rings


def signed_area(ring: Ring) -> float:
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1])) / 2


def simplified(ring: Ring, tolerance: float) -> Ring:
    """Douglas and Peucker's method on a closed ring, cut at its first point and at the point farthest from it."""
    points = np.array(ring, float)
    far = int(np.argmax(((points - points[0]) ** 2).sum(axis=1)))
    keep = {0, far}
    stack = [(0, far), (far, len(ring))]
    closed = np.vstack([points, points[:1]])
    while stack:
        a, b = stack.pop()
        if b - a < 2:
            continue
        base, between = closed[b] - closed[a], closed[a + 1:b] - closed[a]
        length = float(np.hypot(*base))
        distance = np.abs(base[0] * between[:, 1] - base[1] * between[:, 0]) / length if length else np.hypot(*between.T)
        worst = int(np.argmax(distance))
        if distance[worst] > tolerance:
            middle = a + 1 + worst
            keep.add(middle)
            stack += [(a, middle), (middle, b)]
    return [ring[k] for k in sorted(keep)]


def crosses_itself(ring: Ring) -> bool:
    """Whether two edges that are not neighbours meet, touching included."""
    def side(a, b, c) -> float:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    def apart(a, b, c, d) -> bool:
        return any(max(a[k], b[k]) < min(c[k], d[k]) or max(c[k], d[k]) < min(a[k], b[k]) for k in (0, 1))
    edges = list(zip(ring, ring[1:] + ring[:1]))
    for i, (a, b) in enumerate(edges):
        for c, d in edges[i + 2:len(edges) - (i == 0)]:
            if not apart(a, b, c, d) and side(a, b, c) * side(a, b, d) <= 0 and side(c, d, a) * side(c, d, b) <= 0:
                return True
    return False


def polygons(mask: np.ndarray, cells: int, smallest: float = 5.0, tolerance: float = 0.5) -> list[list[float]]:
    """x0 y0 x1 y1 … of each part of at least `smallest` square pixels, in pixels with two decimals; `cells` a pixel."""
    out = []
    for ring in rings_of(mask):
        if signed_area(ring) < smallest * cells * cells:
            continue
        slack = tolerance * cells
        fine = simplified(ring, slack)
        while slack > 0.1 and (len(fine) < 3 or crosses_itself(fine)):
            slack /= 2
            fine = simplified(ring, slack)
        out.append([round(v / cells, 2) for point in fine for v in point])
    return out


def run_lengths(mask: np.ndarray) -> list[int]:
    """Column by column, beginning with the count of zeros."""
    flat = np.concatenate([[False], mask.ravel(order="F")])
    ends = [*np.flatnonzero(flat[1:] != flat[:-1]).tolist(), mask.size]
    return [b - a for a, b in zip([0, *ends], ends)]
