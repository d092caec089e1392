"""What pycocotools has, by the same names: change `pycocotools` to `vetset.pycocotools` in an import."""
