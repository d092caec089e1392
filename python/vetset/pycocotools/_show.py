"""Drawing of annotations, with matplotlib."""

from __future__ import annotations

import typing

import numpy as np

from . import mask as maskUtils


def _bitmap(coco: typing.Any, ann: dict[str, typing.Any]) -> typing.Any:
    written = ann["segmentation"]
    image = coco.imgs[ann["image_id"]]
    if type(written["counts"]) is list:
        written = maskUtils.frPyObjects(written, image["height"], image["width"])
    return maskUtils.decode(written)


def draw(coco: typing.Any, anns: list[dict[str, typing.Any]], draw_bbox: bool) -> None:
    """Polygons filled, masks laid over the picture (crowds in one colour), keypoints with their skeleton, boxes where
    asked for, into the current axes."""
    import matplotlib.pyplot as plt
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Polygon

    axes = plt.gca()
    axes.set_autoscale_on(False)
    patches, colours = [], []
    for ann in anns:
        colour = (np.random.random(3) * 0.6 + 0.4).tolist()
        written = ann.get("segmentation")
        if type(written) is list:
            for ring in written:
                patches.append(Polygon(np.array(ring).reshape(-1, 2)))
                colours.append(colour)
        elif written is not None:
            bitmap = _bitmap(coco, ann)
            layer = np.ones((*bitmap.shape, 4))
            layer[:, :, :3] = np.array([2.0, 166.0, 101.0]) / 255 if ann["iscrowd"] == 1 else np.random.random(3)
            layer[:, :, 3] = bitmap * 0.5
            axes.imshow(layer)
        if type(ann.get("keypoints")) is list:
            edges = np.array(coco.loadCats(ann["category_id"])[0]["skeleton"]) - 1
            x, y, seen = (np.array(ann["keypoints"])[part::3] for part in range(3))
            for edge in edges:
                if np.all(seen[edge] > 0):
                    plt.plot(x[edge], y[edge], linewidth=3, color=colour)
            dots = {"markersize": 8, "markerfacecolor": colour, "markeredgewidth": 2}
            plt.plot(x[seen > 0], y[seen > 0], "o", markeredgecolor="k", **dots)
            plt.plot(x[seen > 1], y[seen > 1], "o", markeredgecolor=colour, **dots)
        if draw_bbox:
            left, top, width, height = ann["bbox"]
            corners = [[left, top], [left, top + height], [left + width, top + height], [left + width, top]]
            patches.append(Polygon(np.array(corners)))
            colours.append(colour)
    axes.add_collection(PatchCollection(patches, facecolor=colours, linewidths=0, alpha=0.4))
    axes.add_collection(PatchCollection(patches, facecolor="none", edgecolors=colours, linewidths=2))
