"""Run-length masks, as `pycocotools.mask` has them: the same names, input and output, bit for bit.

A mask is a dict with `size` (height and width) and `counts` (bytes), an array of masks has shape (height, width, n) in
Fortran order, a box is left, top, width, height. Beyond pycocotools, arrays may be in C order, a list of boxes may stand
where an array of them does, and what makes no sense is a ValueError or TypeError that says why:
counts that make more pixels than the mask has, masks of several sizes in one array, coordinates where none can be.
"""
import numpy as np

from .. import _core
from .._predictions import kind_of

__all__ = ["area", "boundary", "decode", "encode", "frPyObjects", "iou", "merge", "toBbox"]


def encode(bimask):
    """Masks of an array of bytes or bools: a list for (height, width, n), one for (height, width)."""
    if bimask.ndim not in (2, 3):
        raise ValueError(f"a bitmap has two or three dimensions, found {bimask.ndim}")
    if bimask.dtype not in (np.uint8, np.bool_):
        raise ValueError(f"a bitmap holds uint8 or bool, found {bimask.dtype}")
    single = bimask.ndim == 2
    bitmaps = np.asfortranarray(bimask[:, :, np.newaxis] if single else bimask).view(np.uint8)
    masks = _core.encode_masks(bitmaps)
    return masks[0] if single else masks


def decode(rleObjs):
    """The array of a list of masks, (height, width, n); of one, (height, width)."""
    if isinstance(rleObjs, list):
        return _core.decode_masks(rleObjs)
    return _core.decode_masks([rleObjs])[:, :, 0]


def area(rleObjs):
    """Pixels of each mask of a list, or of one."""
    if isinstance(rleObjs, list):
        return _core.mask_areas(rleObjs)
    return _core.mask_areas([rleObjs])[0]


def toBbox(rleObjs):
    """The box around each mask of a list, or around one; zeros around one without pixels."""
    if isinstance(rleObjs, list):
        return _core.mask_boxes(rleObjs)
    return _core.mask_boxes([rleObjs])[0]


def merge(rleObjs, intersect=0):
    """The union of masks, or what all of them share; of several sizes, a mask of size 0."""
    if not isinstance(rleObjs, list):
        raise TypeError(f"expected a list of masks, found {kind_of(rleObjs)}")
    return _core.merge_masks(rleObjs, bool(intersect))


def iou(dt, gt, pyiscrowd):
    """Intersection over union of every pair, one row a detection: two lists of masks, or two sets of boxes.

    Where `pyiscrowd` is true of an object, over the area of the detection alone.
    """
    crowd = np.array([int(c) for c in pyiscrowd], dtype=np.uint8)
    detections, objects = _one_kind(dt), _one_kind(gt)
    if len(crowd) != len(objects):
        raise AssertionError("iou(iscrowd=) must have the same length as gt")
    if len(detections) == 0 or len(objects) == 0:
        return []
    if type(detections) is not type(objects):
        raise TypeError("detections and objects are both masks or both boxes")
    ious = _core.mask_ious if isinstance(objects, list) else _core.box_ious
    return ious(detections, objects, crowd)


def _one_kind(given):
    """A list of masks as it is, boxes as an array."""
    if isinstance(given, np.ndarray):
        return _boxes(given)
    if not isinstance(given, list):
        raise TypeError(f"expected a list of masks, or boxes as a list or array; found {kind_of(given)}")
    if all(type(one) is dict for one in given):
        return given
    if all(isinstance(one, (list, np.ndarray)) and len(one) == 4 for one in given):
        return _boxes(given)
    raise TypeError("a list holds either masks or boxes of four numbers")


def _boxes(given):
    boxes = np.ascontiguousarray(given, dtype=np.float64)
    if boxes.shape == (4,):
        boxes = boxes[np.newaxis]
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f"boxes have shape (n, 4), found {boxes.shape}")
    return boxes


def frPyObjects(pyobj, h, w):
    """Masks of an image of that size: of polygons, of boxes, or of dicts with counts as a list.

    A list whose first member has four numbers is boxes, with more of them polygons; a list for each, one for one.
    """
    h, w = int(h), int(w)
    if h < 0 or w < 0:
        raise ValueError(f"a mask has a size of whole numbers from 0, found {h}x{w}")
    if isinstance(pyobj, np.ndarray):
        return _core.masks_of_boxes(_boxes(pyobj), h, w)
    if isinstance(pyobj, dict):
        return _counted(pyobj)
    if not isinstance(pyobj, list):
        raise TypeError(f"expected polygons, boxes or masks with counts, found {kind_of(pyobj)}")
    if not pyobj:
        raise IndexError("an empty list is neither polygons nor boxes")
    if isinstance(pyobj[0], dict):
        return [_counted(one) for one in pyobj]
    if isinstance(pyobj[0], (int, float, np.number)):
        if len(pyobj) == 4:
            return _core.masks_of_boxes(_boxes(pyobj), h, w)[0]
        return _core.mask_of_polygon(_ring(pyobj, least=5), h, w)
    if len(pyobj[0]) == 4:
        return _core.masks_of_boxes(_boxes(pyobj), h, w)
    return [_core.mask_of_polygon(_ring(one, least=0 if i else 5), h, w) for i, one in enumerate(pyobj)]


def _ring(given, least):
    ring = np.ascontiguousarray(given, dtype=np.float64)
    if ring.ndim != 1:
        raise ValueError(f"a polygon is a flat list of x and y, found {ring.ndim} dimensions")
    if len(ring) < least:
        raise ValueError(f"a polygon has more than four numbers, found {len(ring)}")
    return ring


def _counted(given):
    if not isinstance(given, dict) or "counts" not in given or "size" not in given:
        raise TypeError("expected a dict with 'counts' and 'size'")
    counts = np.asarray(given["counts"])
    if counts.ndim != 1 or (counts.size and counts.dtype.kind not in "iufb"):
        raise ValueError("counts are a list of whole numbers; a compressed mask is one already")
    if counts.size and not (counts.min() >= 0 and counts.max() < 2**32):
        raise ValueError(f"counts are numbers from 0 to 4294967295, found {counts.min()} to {counts.max()}")
    counts = counts.astype(np.uint32)
    height, width = given["size"]
    return _core.mask_of_counts(counts, height, width)


def boundary(rleObj, dilation_ratio=0.02):
    """The pixels of a mask that are nearer to its outside than that part of the image's diagonal, as boundary IoU takes
    them (mask_to_boundary of boundary-iou-api)."""
    return _core.mask_boundary(rleObj, dilation_ratio)
