"""What pycocotools 2.0.11 offers, by vetset: the same names, arguments, printed lines and numbers.

    from vetset.pycocotools.coco import COCO            # in place of pycocotools.coco
    from vetset.pycocotools.cocoeval import COCOeval
    from vetset.pycocotools import mask

Arrays and records are those of the reference to the last bit, faults included; `vetset.evaluate` is for those who want
the faults named. Files are read by the core; Python dicts are made of them when a script asks for `anns`, `dataset` and
the like, and from then on the dicts are what is evaluated.
"""
