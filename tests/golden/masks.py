#!/usr/bin/env python3
"""Makes the masks that tests/dataset/geometry_test.cpp compares with: pycocotools 2.0.11 encodes them, tells their
area and their box. Prints C++ rows {height, width, {counts}, "string", area, {box}}.

    pip install pycocotools==2.0.11 numpy && python tests/golden/masks.py
"""
import numpy as np
from pycocotools import mask

random = np.random.default_rng(7)


def counts_of(pixels):
    flat = pixels.flatten(order="F")
    counts, value, run = [], 0, 0
    for pixel in flat:
        if pixel != value:
            counts.append(run)
            value, run = pixel, 0
        run += 1
    return counts + [run]


def masks():
    for height, width in [(1, 1), (3, 4), (7, 5), (2, 9), (40, 30), (1000, 700)]:
        yield np.zeros((height, width), np.uint8)
        yield np.ones((height, width), np.uint8)
        if height * width > 2000:
            continue
        blob = np.zeros((height, width), np.uint8)
        blob[height // 3 : height // 3 + 1 + height // 2, width // 4 : width // 4 + 1 + width // 2] = 1
        yield blob
        if height * width <= 40:
            yield (random.random((height, width)) < 0.5).astype(np.uint8)


for pixels in masks():
    encoded = mask.encode(np.asfortranarray(pixels))
    counts = counts_of(pixels)
    if len(counts) > 24:  # long ones are pinned by their string alone
        counts = []
    text = encoded["counts"].decode().replace("\\", "\\\\")
    box = ", ".join(f"{v:g}" for v in mask.toBbox(encoded))
    print(f'    {{{pixels.shape[0]}, {pixels.shape[1]}, {{{", ".join(map(str, counts))}}}, "{text}", '
          f"{int(mask.area(encoded))}, {{{box}}}}},")
