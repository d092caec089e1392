"""`vetset evaluate`: what is matched with what, the outcome of each kind of bad input in both modes, and the record."""
import copy
import hashlib
import json
import shutil

import jsonschema
import pytest
from conftest import ROOT, failed

BOXES = [[10, 10, 50, 50], [100, 10, 50, 50]]
TRUTH = {"images": [{"id": i, "file_name": f"val/{i}.jpg", "width": 200, "height": 200} for i in (1, 2)],
         "categories": [{"id": 1, "name": "car"}, {"id": 2, "name": "person"}],
         "annotations": [{"id": 2 * i + k + 1, "image_id": i + 1, "category_id": k + 1, "bbox": box, "area": 2500, "iscrowd": 0,
                          "segmentation": [[x, 10, x + 50, 10, x + 50, 60, x, 60]]}
                         for i in (0, 1) for k, box in enumerate(BOXES) for x in [box[0]]]}
RESULTS = [{"image_id": a["image_id"], "category_id": a["category_id"], "bbox": a["bbox"], "score": s}
           for a, s in zip(TRUTH["annotations"], (.9, .8, .7, .6))]


class Case:
    def __init__(self, vetset):
        self.vetset, self.truth, self.results = vetset, copy.deepcopy(TRUTH), copy.deepcopy(RESULTS)

    def __call__(self, *arguments):
        """Every record on a line of its own, so that places tell which one is meant."""
        (self.vetset.folder / "truth.json").write_text(json.dumps(self.truth))
        text = self.results if isinstance(self.results, str) else "[\n" + ",\n".join(map(json.dumps, self.results)) + "]"
        (self.vetset.folder / "results.json").write_text(text)
        return self.vetset("evaluate", "truth.json", "results.json", *arguments)

    def strict(self, *arguments):
        return self("--coco", "strict", *arguments)


@pytest.fixture
def case(vetset):
    return Case(vetset)


def first(done):
    """The first figure."""
    assert done.returncode == 0 and done.stderr == b"", done
    return float(done.stdout.decode().split(" = ", 1)[1].split()[0])


def text(done):
    return done.stdout.decode()


def test_what_is_found_exactly_is_one(case):
    assert first(case()) == first(case.strict()) == 1
    assert "images by id, classes by id" in text(case())


# Records that cannot be used.

@pytest.mark.parametrize("change, message, reference", [
    (lambda r: r.pop("score"), "the record has no score", "KeyError: 'score'"),
    (lambda r: r.pop("image_id"), "the record has no image_id", "KeyError: 'image_id'"),
    (lambda r: r.pop("category_id"), "the record has no category_id", "KeyError: 'category_id'"),
    (lambda r: r.update(bbox=[1, 2, 3]), "the bbox is [1, 2, 3], expected four numbers", "pycocotools stops"),
    (lambda r: r.update(bbox=[1, 2, 3, "4"]), 'the bbox is [1, 2, 3, "4"], expected four numbers', "pycocotools stops"),
    (lambda r: r.update(bbox=[1, 2, 3, float("nan")]), "expected finite numbers", "refused: pycocotools computes with it"),
    (lambda r: r.pop("bbox"), "neither a bbox nor a segmentation nor keypoints", "pycocotools stops"),
    (lambda r: r.update(score="high"), 'the score is "high", expected a number', "pycocotools stops with TypeError"),
    (lambda r: r.update(score=None), "the score is null, expected a number", "pycocotools stops with TypeError"),
    (lambda r: r.update(score=True), "the score is true, expected a number", "refused: pycocotools computes with it"),
    (lambda r: r.update(category_id=None), "the category_id is null", "refused: pycocotools computes with it"),
    (lambda r: r.update(image_id=None), "the image_id is null", "Results do not correspond to current coco set"),
    (lambda r: r.update(segmentation="x"), "segmentation", "pycocotools computes with it where boxes are compared"),
])
def test_a_faulty_record_is_left_out_or_refused_with_its_place(case, change, message, reference):
    change(case.results[2])
    done = case()
    assert first(done) < 1
    assert "RECORDS WITH FAULTS" in text(done) and "results.json:4:1: " in text(done), done
    assert message in " ".join(text(done).split())
    failed(case.strict(), 2, "results.json:4:1: ", message, reference)


def test_a_score_that_is_no_number(case):
    case.results[3]["score"] = float("nan")
    failed(case(), 2, "results.json:5:1: ", "is not a number")
    done = case.strict()
    assert first(done) == 1 and "nan_score" in text(done)


def test_an_infinite_score_counts(case):
    case.results[3]["score"] = float("inf")
    for done in (case(), case.strict()):
        assert first(done) == 1 and "infinite_score" in text(done)


def test_an_image_that_the_truth_does_not_have(case):
    case.results[3]["image_id"] = 9
    done = case()
    assert first(done) < 1 and "1 image with 1 prediction, left out: 9; first at results.json:5:1" in text(done)
    failed(case.strict(), 2, "results.json:5:1: image 9 is not in the truth", "Results do not correspond to current coco set")


def test_a_class_that_the_truth_does_not_have(case):
    case.results[3]["category_id"] = 9
    for done in (case(), case.strict()):
        assert first(done) < 1 and "unknown_category" in text(done) and "1 class with 1 prediction, left out: 9" in text(done)
        assert "--match-classes" not in text(done)  # of two classes none can be the ninth


def test_no_predictions(case):
    case.results = []
    done = case()
    assert first(done) == 0 and "no_predictions" in text(done)
    failed(case.strict(), 2, "there are no predictions", "IndexError")


def test_nothing_that_can_be_used_is_no_result(case):
    for one in case.results:
        one["bbox"] = [1, 2, 3]
    failed(case(), 2, "results.json:2:1: the bbox is [1, 2, 3], expected four numbers; no prediction can be used")
    failed(case.strict(), 2, "results.json:2:1: ")


def test_a_truth_in_the_place_of_predictions(case):
    for one in case.results:
        del one["score"]
    for mode in ("strict", "corrected"):
        failed(case("--coco", mode), 2, "results.json:2:1: no prediction of 4 has a score; is this the ground truth? usage: vetset evaluate TRUTH PREDICTIONS")
        failed(case.vetset("evaluate", "truth.json", "truth.json", "--coco", mode), 2, "truth.json", "no prediction of 4 has a score; is this the ground truth?")


def test_many_faults_are_counted(case):
    case.results += [{"image_id": 1, "category_id": 1, "bbox": [1], "score": .5}] * 12
    assert "  and 4 more\n" in text(case())


def test_no_objects(case):
    case.truth["annotations"] = []
    assert first(case()) == first(case.strict()) == -1


@pytest.mark.parametrize("key, quirk", [("iscrowd", "missing_crowd"), ("area", "missing_area")])
def test_what_objects_must_say(case, key, quirk):
    del case.truth["annotations"][1][key]
    done = case()
    assert first(done) == 1 and quirk in text(done)
    failed(case.strict(), 2, "truth.json:1:", key, "KeyError")


def test_repeated_ids(case):
    for one, number in zip(case.truth["annotations"], (5, 5, 6, 7)):
        one["id"] = number
    assert first(case()) == 1 and first(case.strict()) < 1
    assert "duplicate_id" in text(case())


# Masks.

def compressed(runs, size):
    return {"size": size, "counts": runs}


def test_a_mask_of_another_size_than_its_image(case):
    for one in case.results:
        one["segmentation"] = compressed([0, 100], [10, 10])
    failed(case("--iou-type", "segm"), 2, "no prediction can be used: results.json, record 1 has a mask of 10x10 pixels")
    case.results[3] = {**RESULTS[3], "segmentation": TRUTH["annotations"][3]["segmentation"]}
    done = case("--iou-type", "segm")
    assert first(done) > 0
    assert "record 1 has a mask of 10x10 pixels, its image has 200x200; it is left out" in " ".join(text(done).split())
    done = case.strict("--iou-type", "segm")
    assert first(done) > 0 and "pycocotools matches it with nothing" in " ".join(text(done).split())


@pytest.mark.parametrize("counts, message", [("04", "mask"), ("\x7f", "mask"), ([1, 2, 3], "sum to 6")])
def test_a_mask_that_cannot_be_drawn(case, counts, message):
    for one in case.results:
        one["segmentation"] = [[0, 0, 5, 0, 5, 5]]
    case.results[2]["segmentation"] = {"size": [200, 200], "counts": counts}
    done = case("--iou-type", "segm")
    assert first(done) >= 0 and "FMT412" in text(done) and message in text(done), done
    refused = case.strict("--iou-type", "segm")
    failed(refused, 2, "results.json", "pycocotools computes with it")


def test_empty_lists_of_polygons_are_no_masks(case):
    for nothing in ([], [[]], {"size": [0, 0], "counts": ""}):
        for one in case.results:
            one["segmentation"] = nothing
        assert text(case()).startswith("COCO bbox") and first(case()) == 1
    case.results[0]["segmentation"] = TRUTH["annotations"][0]["segmentation"]
    assert text(case()).startswith("COCO segm")


def test_boxes_and_polygons_are_drawn_where_masks_are_compared(case):
    case.results[0]["segmentation"] = case.truth["annotations"][0]["segmentation"]
    for done in (case("--iou-type", "segm"), case.strict("--iou-type", "segm")):
        assert first(done) == 1


def test_what_the_first_record_has_all_must_have(case):
    case.results[0]["segmentation"] = case.results[1]["segmentation"] = [[10, 10, 60, 10, 60, 60, 10, 60]]
    del case.results[1]["bbox"]
    failed(case.strict(), 2, "results.json, record 2: has no 'bbox'", "KeyError")
    assert first(case()) < 1


def test_not_json(case):
    case.results = '[{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5},\n{"image_id": 2'
    failed(case(), 2, "results.json:2:15: expected ']', found the end of the file")
    case.results = "[]]"
    failed(case(), 2, "results.json:1:3: ")


# Matching.

def test_images_by_what_both_sides_say(case):
    for way, name in (("path", "val/{}.jpg"), ("name", "{}.jpg"), ("stem", "{}")):
        for one, known in zip(case.results, RESULTS):
            one["image_id"] = name.format(known["image_id"])
        done = case()
        assert first(done) == 1 and f"images by {way}" in text(done)
        assert first(case("--match-images", way)) == 1
    failed(case("--match-images", "id"), 2, "no image of the predictions is in the truth (by id)")
    for one in case.results:
        one["image_id"] = "100"
    failed(case.strict("--match-images", "id"), 2, 'predictions say "100", the truth has val/1.jpg (id 1)')


def test_leading_zeros_of_stems(case):
    for one in case.truth["images"]:
        one.update(file_name=f"{one['id'] + 138:012}.jpg", id=f"i{one['id']}")
    for one in case.truth["annotations"]:
        one["image_id"] = f"i{one['image_id']}"
    for one in case.results:
        one["image_id"] += 138
    done = case()
    assert first(done) == 1 and "images by stem" in text(done)


def test_a_name_that_could_be_two_is_an_error(case):
    case.truth["images"].append({"id": 3, "file_name": "other/1.jpg", "width": 200, "height": 200})
    for one in case.results:
        one["image_id"] = f"{one['image_id']}.jpg"
    failed(case(), 2, "image 1.jpg of the predictions could be two of the truth by name: val/1.jpg (id 1) and other/1.jpg (id 3)")


def test_classes(case):
    for one, known in zip(case.results, RESULTS):
        one["category_id"] = ["car", "person"][known["category_id"] - 1]
    done = case()
    assert first(done) == 1 and "classes by name" in text(done)
    for one in case.results:
        one["category_id"] = {"car": "automobile"}.get(one["category_id"], one["category_id"])
    assert first(case()) < 1
    assert first(case("--rename", "automobile=car")) == 1
    failed(case("--rename", "lorry=car"), 2, "no class of the predictions is called 'lorry'")
    failed(case("--rename", "automobile=lorry"), 2, "no class of the truth is called 'lorry'")
    for one, known in zip(case.results, RESULTS):
        one["category_id"] = known["category_id"] - 1
    assert "--match-classes index, or index1" in " ".join(text(case()).split())
    assert first(case("--match-classes", "index")) == 1
    for one in case.truth["categories"] + case.truth["annotations"]:
        one["id" if "name" in one else "category_id"] += 50
    failed(case(), 2, "no class of the predictions is in the truth", "--match-classes index, or index1")
    assert first(case("--class-agnostic")) == 1


def test_a_truth_without_ids(vetset, street):
    """YOLO: images by stem, classes by place or name; no areas, no crowds."""
    size = {}
    truth = vetset("convert", "street", "coco", "--to", "coco", "--accept", "all", "--json")
    assert truth.returncode == 0, truth
    results = []
    for path in sorted((vetset.folder / "coco/annotations").glob("*val*.json")):
        document = json.loads(path.read_text())
        size.update({image["id"]: image["file_name"] for image in document["images"]})
        names = {c["id"]: c["name"] for c in document["categories"]}
        results += [{"image_id": size[a["image_id"]].rsplit("/")[-1], "category_id": names[a["category_id"]], "bbox": a["bbox"], "score": .5}
                    for a in document["annotations"] if "bbox" in a]
    (vetset.folder / "results.json").write_text(json.dumps(results))
    done = vetset("evaluate", "street", "results.json", "--split", "val")
    assert first(done) > .9, done
    assert "split val" in text(done) and "missing_crowd" not in text(done)
    record = json.loads(vetset("evaluate", "street", "results.json", "--split", "val", "--json").stdout)
    assert {"missing_crowd", "missing_area"} <= {quirk["id"] for quirk in record["quirks"]}
    whole = vetset("evaluate", "street", "results.json")
    assert "--split NAME" in text(whole)
    failed(vetset("evaluate", "street", "results.json", "--split", "valid"), 2, "the truth has no split 'valid'")
    failed(vetset("evaluate", "street", "results.json", "--coco", "strict"), 2, "has no 'iscrowd'", "YOLO", "--coco corrected")


def test_label_files_with_scores(vetset, street):
    """What Ultralytics' save_txt and save_conf leave: rows of six numbers, no images."""
    for path in (street / "labels/val").glob("*.txt"):
        rows = [line.split() for line in path.read_text().splitlines()]
        target = vetset.folder / "predicted/labels" / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("".join(" ".join(row) + " 0.9\n" for row in rows if len(row) == 5))
    shutil.copy(street / "data.yaml", vetset.folder / "predicted/data.yaml")
    done = vetset("evaluate", "street", "predicted", "--split", "val")
    assert first(done) > .95 and "images by stem, classes by name" in text(done)
    convert = vetset("convert", "street", "coco", "--to", "coco", "--accept", "all")
    assert convert.returncode == 0, convert
    stated = vetset("evaluate", "coco/annotations/instances_val.json", "predicted")
    assert first(stated) > .95 and "images by name" in text(stated)  # the truth states how large its images are
    path = vetset.folder / "coco/annotations/instances_val.json"
    document = json.loads(path.read_text())
    for image in document["images"]:
        image["file_name"] = "renamed-" + image["file_name"].rsplit("/")[-1]
    path.write_text(json.dumps(document))
    failed(vetset("evaluate", path, "predicted"), 2, "have no place", "say where the images are: --images-dir")


# The record.

def test_the_record(case):
    done = case("-o", "record.json", "--per-class")
    assert first(done) == 1
    record = json.loads((case.vetset.folder / "record.json").read_text())
    jsonschema.validate(record, json.loads((ROOT / "docs/schema/evaluation-v1.json").read_text()), cls=jsonschema.Draft202012Validator)
    results = (case.vetset.folder / "results.json").read_bytes()
    assert record["predictions"]["files"] == [{"path": "results.json", "bytes": len(results),
                                               "digest": "sha256:" + hashlib.sha256(results).hexdigest()}]
    labels = json.loads(case.vetset("identity", "truth.json", "--json").stdout)
    assert record["truth"]["labels_id"] == labels["labels_id"] and record["truth"]["dataset_id"] is None
    assert record["lines"][0]["value"] == record["classes"][0]["ap"] == 1 and record["compared"]["detections"] == 4
    assert json.loads(case("--json").stdout) == record
    for threads in (1, 2):
        assert json.loads(case("--json", "--threads", threads).stdout) == record


def test_the_record_with_images(vetset):
    shutil.copytree(ROOT / "samples/street-coco", vetset.folder / "coco")
    (vetset.folder / "none.json").write_text("[]")
    done = vetset("evaluate", "coco", "none.json", "--json", "--identity", "--iou-type", "bbox")
    assert done.returncode == 0, done
    whole = json.loads(vetset("identity", "coco", "--json").stdout)["dataset_id"]
    assert whole is not None and json.loads(done.stdout)["truth"]["dataset_id"] == whole


def test_settings(case):
    done = case("--iou-thresholds", "0.5", "--max-dets", "5", "--area-ranges", "all=0:inf,half=0:2500", "--json")
    settings = json.loads(done.stdout)["settings"]
    assert settings["iou_thresholds"] == [.5] and settings["max_detections"] == [5]
    assert [a["name"] for a in settings["areas"]] == ["all", "half"]
    usual = json.loads(case("--json").stdout)["settings"]
    assert json.loads(case("--iou-thresholds", "0.5:0.95:0.05", "--json").stdout)["settings"] == usual
    for flag, value in (("--iou-thresholds", "0.5:0.9"), ("--max-dets", "0"), ("--area-ranges", "small"), ("--iou-type", "box"),
                        ("--rename", "car"), ("--sigmas", "x"), ("--iou-thresholds", "1.5")):
        failed(case(flag, value), 2, flag)
    failed(case("--sigmas", "0.1"), 2, "--sigmas")
    failed(case("--iou-type", "bbox,segm", "--json"), 2, "one --iou-type")


def test_sigmas_are_one_a_keypoint(case):
    for one in case.truth["annotations"]:
        one.update(keypoints=[20, 20, 2] * 2, num_keypoints=2)
    for one in case.results:
        one["keypoints"] = [20, 20, 2] * 2
    failed(case(), 2, "instances have 2 keypoints, and there are 17 sigmas", "--sigmas")
    failed(case("--sigmas", "0.1"), 2, "there is 1 sigma:")
    assert text(case("--sigmas", "0.1,0.1")).startswith("COCO keypoints")
    assert text(case("--iou-type", "bbox,keypoints", "--sigmas", "0.1,0.1")).startswith("COCO bbox")


def test_several_kinds_at_once(case):
    done = case("--iou-type", "bbox,segm,boundary")
    assert [line.split()[1].strip(",") for line in text(done).splitlines() if line.startswith("COCO")] == ["bbox", "segm", "boundary"]
    assert text(done).count(" = 1.000") >= 3
