"""One row of the bench done by a Python peer, in the peer's own environment: python peer_job.py PEER ROW SOURCE IMAGES OUT.

Each peer is used as its documentation shows; what it cannot do is missing here. SOURCE is a COCO file, or the folder of a YOLO set;
IMAGES is the folder with the pictures; OUT does not exist yet.
"""
import sys
from pathlib import Path


def labelformat(row: str, source: Path, images: Path, out: Path) -> None:
    if row == "start":
        import labelformat.cli.cli  # noqa: F401
    elif row == "check":
        from labelformat.formats import COCOObjectDetectionInput
        for _ in COCOObjectDetectionInput(input_file=source).get_labels():
            pass
    else:
        from labelformat.cli.cli import main
        task = "instance-segmentation" if row == "coco-segments" else "object-detection"
        given = ["--input-format", "yolov8", "--input-file", str(source / "data.yaml"), "--input-split", "train"]
        if row.startswith("coco-"):
            given = ["--input-format", "coco", "--input-file", str(source)]
        if row.startswith("voc-"):
            names = sorted(line.partition(":")[0] for line in (source / "labelmap.txt").read_text().splitlines() if not line.startswith("#"))
            given = ["--input-format", "pascalvoc", "--input-folder", str(source / "Annotations"), "--category-names", ",".join(names)]
        wanted = ["--output-format", "coco", "--output-file", str(out / "coco.json")]
        if row.endswith("-voc"):
            wanted = ["--output-format", "pascalvoc", "--output-folder", str(out)]
        if row in ("coco-yolo", "coco-segments", "voc-yolo"):
            wanted = ["--output-format", "yolov8", "--output-file", str(out / "data.yaml"), "--output-split", "train"]
        out.mkdir()
        sys.argv = ["labelformat", "convert", "--task", task, *given, *wanted]
        main()


def datumaro(row: str, source: Path, images: Path, out: Path) -> None:
    import datumaro
    if row == "start":
        return
    given = {"yolo": "yolo_ultralytics", "voc": "voc_detection", "folders": "imagenet_with_subset_dirs"}.get(row.split("-")[0], "coco_instances")
    dataset = datumaro.Dataset.import_from(str(source), given)
    if row in ("check", "folders"):
        for item in dataset:
            len(item.annotations)
    elif row == "split":
        dataset.transform("random_split", splits=[("train", 0.8), ("val", 0.1), ("test", 0.1)])
        dataset.export(str(out), "coco_instances", save_media=False)
    elif row == "diff":
        from datumaro.components.comparator import EqualityComparator
        other = datumaro.Dataset.import_from(str(source.parent / "edited"), given)
        EqualityComparator().compare_datasets(dataset, other)
    else:
        wanted = {"coco-coco": "coco_instances", "yolo-coco": "coco_instances", "voc-coco": "coco_instances", "coco-voc": "voc_detection",
                  "coco-yolo": "yolo", "voc-yolo": "yolo", "pack": "datumaro_binary"}[row]      # its Ultralytics writer asks for a second split
        dataset.export(str(out), wanted, save_media=False)


def supervision(row: str, source: Path, images: Path, out: Path) -> None:
    from supervision import DetectionDataset
    if row == "start":
        return
    if row == "folders":
        from supervision import ClassificationDataset
        ClassificationDataset.from_folder_structure(str(source / "train"))
        return
    if row.startswith("voc-"):
        dataset = DetectionDataset.from_pascal_voc(str(images), str(source / "Annotations"))
    elif row.startswith("yolo-"):
        dataset = DetectionDataset.from_yolo(str(images), str(source / "labels" / "train"), str(source / "data.yaml"))
    else:
        masks = row in ("coco-segments", "coco-coco")
        dataset = DetectionDataset.from_coco(str(images), str(source), force_masks=masks)
    if row == "split":
        for k, part in enumerate(dataset.split(split_ratio=0.8, random_state=1)):
            part.as_coco(annotations_path=str(out / f"coco-{k}.json"))
    if row.endswith("-coco"):
        dataset.as_coco(annotations_path=str(out / "coco.json"))
    elif row.endswith("-voc"):
        dataset.as_pascal_voc(annotations_directory_path=str(out / "Annotations"))
    elif row in ("coco-yolo", "coco-segments", "voc-yolo"):
        dataset.as_yolo(annotations_directory_path=str(out / "labels"), data_yaml_path=str(out / "data.yaml"))


def globox(row: str, source: Path, images: Path, out: Path) -> None:
    from globox import AnnotationSet
    if row == "start":
        return
    if row.startswith("yolo-"):
        found = AnnotationSet.from_yolo_v5(source / "labels" / "train", image_folder=images)
    elif row.startswith("voc-"):
        found = AnnotationSet.from_pascal_voc(source / "Annotations")
    else:
        found = AnnotationSet.from_coco(source)
    if row == "stats":
        found.show_stats()
    elif row.endswith("-voc"):
        found.save_pascal_voc(out)
    elif row.endswith("-coco"):
        out.mkdir()
        found.save_coco(out / "coco.json", auto_ids=True)
    elif row.endswith("-yolo"):
        found.save_yolo_v5(out, label_to_id={label: k for k, label in enumerate(sorted(found._labels()))})


def pylabel(row: str, source: Path, images: Path, out: Path) -> None:
    from pylabel import importer
    if row == "start":
        return
    if row.startswith("voc-"):
        dataset = importer.ImportVOC(path=str(source / "Annotations"), path_to_images=str(images), name="bench")
    elif row.startswith("yolo-"):
        names = [line.split(": ", 1)[1] for line in (source / "data.yaml").read_text().splitlines() if line.startswith("  ")]
        dataset = importer.ImportYoloV5(path=str(source / "labels" / "train"), path_to_images="../../images/train", cat_names=names, img_ext="jpg")
    else:
        dataset = importer.ImportCoco(str(source), path_to_images=str(images), name="bench")
    out.mkdir(exist_ok=True)
    if row.endswith("-voc"):
        dataset.export.ExportToVoc(output_path=str(out))
    elif row.endswith("-coco"):
        dataset.export.ExportToCoco(output_path=str(out / "coco.json"))
    elif row in ("coco-yolo", "coco-segments", "voc-yolo"):
        dataset.export.ExportToYoloV5(output_path=str(out / "labels"), segmentation=row == "coco-segments")


def pycocotools(row: str, source: Path, images: Path, out: Path) -> None:
    from pycocotools.coco import COCO
    if row == "check":
        COCO(str(source))


if __name__ == "__main__":
    peer, row, *paths = sys.argv[1:]
    {f.__name__: f for f in (labelformat, datumaro, supervision, globox, pylabel, pycocotools)}[peer](row, *map(Path, paths))
