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
        if row != "yolo-coco":
            given = ["--input-format", "coco", "--input-file", str(source)]
        wanted = ["--output-format", "coco", "--output-file", str(out / "coco.json")]
        if row in ("coco-yolo", "coco-segments"):
            wanted = ["--output-format", "yolov8", "--output-file", str(out / "data.yaml"), "--output-split", "train"]
        out.mkdir()
        sys.argv = ["labelformat", "convert", "--task", task, *given, *wanted]
        main()


def datumaro(row: str, source: Path, images: Path, out: Path) -> None:
    import datumaro
    if row == "start":
        return
    given = "yolo_ultralytics" if row == "yolo-coco" else "coco_instances"
    dataset = datumaro.Dataset.import_from(str(source), given)
    if row == "check":
        for item in dataset:
            len(item.annotations)
    else:
        wanted = {"coco-coco": "coco_instances", "yolo-coco": "coco_instances", "coco-yolo": "yolo"}[row]      # its Ultralytics writer asks for a second split
        dataset.export(str(out), wanted, save_media=False)


def supervision(row: str, source: Path, images: Path, out: Path) -> None:
    from supervision import DetectionDataset
    if row == "start":
        return
    if row == "yolo-coco":
        dataset = DetectionDataset.from_yolo(str(images), str(source / "labels" / "train"), str(source / "data.yaml"))
    else:
        masks = row in ("coco-segments", "coco-coco")
        dataset = DetectionDataset.from_coco(str(images), str(source), force_masks=masks)
    if row in ("coco-coco", "yolo-coco"):
        dataset.as_coco(annotations_path=str(out / "coco.json"))
    elif row in ("coco-yolo", "coco-segments"):
        dataset.as_yolo(annotations_directory_path=str(out / "labels"), data_yaml_path=str(out / "data.yaml"))


def globox(row: str, source: Path, images: Path, out: Path) -> None:
    from globox import AnnotationSet
    if row == "start":
        return
    if row == "yolo-coco":
        found = AnnotationSet.from_yolo_v5(source / "labels" / "train", image_folder=images)
    else:
        found = AnnotationSet.from_coco(source)
    if row in ("coco-coco", "yolo-coco"):
        out.mkdir()
        found.save_coco(out / "coco.json", auto_ids=True)
    elif row == "coco-yolo":
        found.save_yolo_v5(out, label_to_id={label: k for k, label in enumerate(sorted(found._labels()))})


def pylabel(row: str, source: Path, images: Path, out: Path) -> None:
    from pylabel import importer
    if row == "start":
        return
    if row == "yolo-coco":
        names = [line.split(": ", 1)[1] for line in (source / "data.yaml").read_text().splitlines() if line.startswith("  ")]
        dataset = importer.ImportYoloV5(path=str(source / "labels" / "train"), path_to_images="../../images/train", cat_names=names, img_ext="jpg")
    else:
        dataset = importer.ImportCoco(str(source), path_to_images=str(images), name="bench")
    out.mkdir(exist_ok=True)
    if row in ("coco-coco", "yolo-coco"):
        dataset.export.ExportToCoco(output_path=str(out / "coco.json"))
    elif row in ("coco-yolo", "coco-segments"):
        dataset.export.ExportToYoloV5(output_path=str(out / "labels"), segmentation=row == "coco-segments")


def pycocotools(row: str, source: Path, images: Path, out: Path) -> None:
    from pycocotools.coco import COCO
    if row == "check":
        COCO(str(source))


if __name__ == "__main__":
    peer, row, *paths = sys.argv[1:]
    {f.__name__: f for f in (labelformat, datumaro, supervision, globox, pylabel, pycocotools)}[peer](row, *map(Path, paths))
