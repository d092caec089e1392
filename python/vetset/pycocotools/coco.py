"""`COCO`, as pycocotools.coco has it (reference: the wheel of pycocotools 2.0.11). Dicts are made when asked for."""

from __future__ import annotations

import collections
import copy
import itertools
import json
import os
import time
import typing

import numpy as np

from .._predictions import kind_of
from . import _records
from . import mask as maskUtils

if typing.TYPE_CHECKING:
    from numpy.typing import NDArray

Record = dict[str, typing.Any]
#: One id, or any number of them.
Ids = typing.Any


def _listed(chosen: Ids) -> typing.Any:
    """One thing as a list of one; what has a length and can be gone through as it is."""
    return chosen if hasattr(chosen, "__iter__") and hasattr(chosen, "__len__") else [chosen]


def _members(chosen: Ids) -> typing.Any:
    """Quick to ask `in`; as it is where something in it has no hash."""
    try:
        return set(chosen)
    except TypeError:
        return chosen


def _part(name: str, doc: str) -> property:
    held = "_" + name

    def get(self: COCO) -> typing.Any:
        if held not in self.__dict__:
            self._make(name)
        return self.__dict__[held]

    def put(self: COCO, value: typing.Any) -> None:
        self._wake()
        self.__dict__[held] = value

    return property(get, put, doc=doc)


class COCO:
    """A COCO document and its indices: images, categories and annotations by id.

    `annotation_file` is the path of a document; without it, set `dataset` and call `createIndex()`.
    """

    _source: _records.Source | None = None

    dataset = _part("dataset", "The whole document as `json.load` gives it.")
    anns = _part("anns", "Annotations by id.")
    imgs = _part("imgs", "Images by id.")
    cats = _part("cats", "Categories by id.")
    imgToAnns = _part("imgToAnns", "Annotations by the id of their image, in the order of the document.")
    catToImgs = _part("catToImgs", "Ids of images by category, one for each annotation.")

    def __init__(self, annotation_file: str | os.PathLike[str] | None = None) -> None:
        if annotation_file is None:
            return
        print("loading annotations into memory...")
        began = time.time()
        lazily = type(self).createIndex is COCO.createIndex
        source = _records.Document.open(annotation_file) if lazily else None
        dataset = None
        if source is None:
            with open(annotation_file) as file:
                dataset = json.load(file)
            if type(dataset) is not dict:
                raise AssertionError(f"annotation file format {type(dataset)} not supported: expected a JSON object")
        print(f"Done (t={time.time() - began:0.2f}s)")
        if source is None:
            self.dataset = dataset
            self.createIndex()
        else:
            print("creating index...")
            self._source = source
            print("index created!")

    # What is made when it is asked for.

    def _make(self, name: str) -> None:
        """Makes `_<name>`, and what goes with it."""
        if self._source is not None and name in ("imgs", "cats"):
            records = self._source.part("images" if name == "imgs" else "categories") or []
            self.__dict__["_" + name] = {record["id"]: record for record in records}
        elif self._source is not None:
            self._wake()
        else:
            self.__dict__["_" + name] = collections.defaultdict(list) if "To" in name else {}

    def _wake(self) -> None:
        """Makes all dicts. From here on they are what counts."""
        if self._source is None:
            return
        source, self._source = self._source, None
        given = {name: self.__dict__[name] for name in ("_imgs", "_cats") if name in self.__dict__}
        self.__dict__["_dataset"] = source.dataset()
        self._index()
        self.__dict__.update(given)

    def _index(self) -> None:
        dataset = self.dataset
        annotations = dataset.get("annotations", ())
        anns: dict[typing.Any, Record] = {}
        by_image: dict[typing.Any, list[Record]] = collections.defaultdict(list)
        by_category: dict[typing.Any, list[typing.Any]] = collections.defaultdict(list)
        for ann in annotations:
            by_image[ann["image_id"]].append(ann)
            anns[ann["id"]] = ann
        if "categories" in dataset:
            for ann in annotations:
                by_category[ann["category_id"]].append(ann["image_id"])
        self.__dict__.update(
            _anns=anns,
            _imgToAnns=by_image,
            _catToImgs=by_category,
            _imgs={image["id"]: image for image in dataset.get("images", ())},
            _cats={category["id"]: category for category in dataset.get("categories", ())},
        )

    def _records_of(self, name: str) -> list[Record]:
        """A list of the document, without making the others."""
        if self._source is None:
            return self.dataset[name]
        found = self._source.part(name)
        if found is None:
            raise KeyError(name)
        return found

    def __getstate__(self) -> dict[str, typing.Any]:
        self._wake()
        return self.__dict__

    # The interface of pycocotools.

    def createIndex(self) -> None:
        """Makes `anns`, `imgs`, `cats`, `imgToAnns` and `catToImgs` of `dataset`."""
        print("creating index...")
        self._wake()
        self._index()
        print("index created!")

    def info(self) -> None:
        """Prints what the document says of itself."""
        for key, value in self.dataset["info"].items():
            print(f"{key}: {value}")

    def getAnnIds(self, imgIds: Ids = [], catIds: Ids = [], areaRng: typing.Any = [], iscrowd: bool | None = None) -> list[typing.Any]:
        """Ids of annotations: those of some images, of some categories, of an area between two (both left out), that
        are crowds or are none. What is not said does not matter."""
        imgIds, catIds = _listed(imgIds), _listed(catIds)
        if len(imgIds) > 0:
            by_image = self.imgToAnns
            anns = list(itertools.chain.from_iterable(by_image[i] for i in imgIds if i in by_image))
        else:
            anns = self.dataset["annotations"]
        if len(catIds) > 0:
            wanted = _members(catIds)
            anns = [ann for ann in anns if ann["category_id"] in wanted]
        if len(areaRng) > 0:
            anns = [ann for ann in anns if areaRng[0] < ann["area"] < areaRng[1]]
        if iscrowd is not None:
            anns = [ann for ann in anns if ann["iscrowd"] == iscrowd]
        return [ann["id"] for ann in anns]

    def getCatIds(self, catNms: typing.Any = [], supNms: typing.Any = [], catIds: Ids = []) -> list[typing.Any]:
        """Ids of categories: of some names, of some supercategories, among some ids."""
        cats = self._records_of("categories")
        for key, chosen in (("name", catNms), ("supercategory", supNms), ("id", catIds)):
            chosen = _listed(chosen)
            if len(chosen) > 0:
                cats = [cat for cat in cats if cat[key] in chosen]
        return [cat["id"] for cat in cats]

    def getImgIds(self, imgIds: Ids = [], catIds: Ids = []) -> list[typing.Any]:
        """Ids of images: among some ids, with an annotation of every one of some categories."""
        imgIds, catIds = _listed(imgIds), _listed(catIds)
        if len(imgIds) == len(catIds) == 0:
            return list(self.imgs.keys())
        ids = set(imgIds)
        for n, category in enumerate(catIds):
            of_category = set(self.catToImgs[category])
            ids = of_category if n == 0 and len(ids) == 0 else ids & of_category
        return list(ids)

    @staticmethod
    def _load(held: dict[typing.Any, Record], ids: Ids) -> list[Record] | None:
        if hasattr(ids, "__iter__") and hasattr(ids, "__len__"):
            return [held[i] for i in ids]
        return [held[ids]] if type(ids) is int else None

    def loadAnns(self, ids: Ids = []) -> typing.Any:
        """Annotations of these ids, in their order."""
        return self._load(self.anns, ids)

    def loadCats(self, ids: Ids = []) -> typing.Any:
        """Categories of these ids, in their order."""
        return self._load(self.cats, ids)

    def loadImgs(self, ids: Ids = []) -> typing.Any:
        """Images of these ids, in their order."""
        return self._load(self.imgs, ids)

    def loadRes(self, resFile: typing.Any) -> COCO:
        """Results of a detector as a COCO object: the path of a list of records, the list itself, or an array of rows
        image, x, y, width, height, score, category.

        Records get `id`, `area` and `iscrowd` as in pycocotools, in the very dicts that are given; those of a file get
        them when they are asked for. Raises AssertionError where an image is not one of this document.
        """
        res = COCO()
        images = list(self._records_of("images"))
        info = copy.deepcopy(self._source.part("info") if self._source is not None else self.dataset.get("info"))
        head: Record = {"info": {} if info is None else info, "images": images}
        print("Loading and preparing results...")
        began = time.time()
        known = set(self.getImgIds())
        categories = copy.deepcopy(self._records_of("categories")) if self._has("categories") else None
        source: _records.Source | None = None
        records: typing.Any = resFile
        if isinstance(resFile, (str, os.PathLike)):
            source = _records.ResultFile.open(resFile, head, categories)
            if source is None:
                with open(resFile) as file:
                    records = json.load(file)
        elif type(resFile) is np.ndarray:
            if type(self).loadNumpyAnnotations is COCO.loadNumpyAnnotations:
                source = _records.ResultArray.open(resFile, head, categories)
            if source is None:
                records = self.loadNumpyAnnotations(resFile)
            else:
                _announce(resFile)
        if source is not None:
            _records.expect_known(source.image_ids(), known)
        else:
            if type(records) is not list:
                raise AssertionError(f"results in not an array of objects: found {kind_of(records)}")
            _records.expect_known((ann["image_id"] for ann in records), known)
            if not records:
                raise IndexError("list index out of range: there are no results; pycocotools looks at the first one")
            head = _records.complete(records, head, categories)
            source = _records.ResultList(records, head)
        print(f"DONE (t={time.time() - began:0.2f}s)")
        print("creating index...")
        res._source = source
        print("index created!")
        return res

    def _has(self, name: str) -> bool:
        return self._source.part(name) is not None if self._source is not None else name in self.dataset

    def download(self, tarDir: str | None = None, imgIds: Ids = []) -> int | None:
        """Fetches images from their `coco_url` into a folder; those that are there already are left alone."""
        if tarDir is None:
            print("Please specify target directory")
            return -1
        import urllib.request  # a third of the time that it takes to import this module

        images = list(self.imgs.values()) if len(imgIds) == 0 else self.loadImgs(imgIds)
        os.makedirs(tarDir, exist_ok=True)
        for n, image in enumerate(images):
            began = time.time()
            path = os.path.join(tarDir, image["file_name"])
            if not os.path.exists(path):
                urllib.request.urlretrieve(image["coco_url"], path)
            print(f"downloaded {n}/{len(images)} images (t={time.time() - began:0.1f}s)")
        return None

    def loadNumpyAnnotations(self, data: NDArray[typing.Any]) -> list[Record]:
        """Rows image, x, y, width, height, score, category as records."""
        _announce(data)
        return _records.records_of_array(data)

    def annToRLE(self, ann: Record) -> typing.Any:
        """The mask of an annotation as a dict of `size` and `counts`, whichever way it is written: polygons are drawn
        in the size of their image and united."""
        image = self.imgs[ann["image_id"]]
        height, width = image["height"], image["width"]
        written = ann["segmentation"]
        if type(written) is list:
            return maskUtils.merge(maskUtils.frPyObjects(written, height, width))
        if type(written["counts"]) is list:
            return maskUtils.frPyObjects(written, height, width)
        return written

    def annToMask(self, ann: Record) -> NDArray[np.uint8]:
        """The mask of an annotation as an array of height × width bytes."""
        return maskUtils.decode(self.annToRLE(ann))

    def showAnns(self, anns: list[Record], draw_bbox: bool = False) -> int | None:
        """Draws annotations into the current axes of matplotlib; prints captions."""
        if len(anns) == 0:
            return 0
        if "segmentation" in anns[0] or "keypoints" in anns[0]:
            from ._show import draw

            draw(self, anns, draw_bbox)
        elif "caption" in anns[0]:
            for ann in anns:
                print(ann["caption"])
        else:
            raise Exception("datasetType not supported: expected annotations with a segmentation, keypoints or a caption")
        return None


def _announce(data: NDArray[typing.Any]) -> None:
    """Says what pycocotools says before it makes records of an array, and refuses what it refuses."""
    print("Converting ndarray to lists...")
    if type(data) is not np.ndarray:
        raise AssertionError(f"expected an array of NumPy, found {kind_of(data)}")
    print(data.shape)
    if data.ndim < 2:
        raise IndexError(f"tuple index out of range: expected rows of 7 numbers, found an array of shape {data.shape}")
    if data.shape[1] != 7:
        raise AssertionError(f"expected 7 numbers a row (image, x, y, width, height, score, category), found {data.shape[1]}")
    for done in range(0, data.shape[0], 1_000_000):
        print(f"{done}/{data.shape[0]}")


