"""Evaluation from Python: every shape of predictions gives one result, what is looked into is not copied, and shares that
are merged are the whole."""

import itertools
import json
import pathlib
import pickle
import random

import numpy as np
import pytest
import vetset


def made(seed, images=12, masks=False):
    """A ground truth and results as COCO has them. Scores tie, some images have nothing."""
    draw = random.Random(seed)
    truth = {"images": [{"id": 100 - i, "file_name": f"{i}.jpg", "width": 64, "height": 64} for i in range(images)],
             "categories": [{"id": c, "name": f"class {c}"} for c in (7, 2, 5)], "annotations": []}
    results = []
    for image in truth["images"]:
        for _ in range(draw.choice([0, 1, 4])):
            box = [float(draw.randrange(40)), draw.uniform(0, 40), draw.uniform(2, 20), draw.uniform(2, 20)]
            truth["annotations"].append({"id": len(truth["annotations"]) + 1, "image_id": image["id"], "iscrowd": 0,
                                         "category_id": draw.choice([7, 2, 5]), "bbox": box, "area": box[2] * box[3]})
            for _ in range(draw.choice([0, 1, 2])):
                near = [v + draw.uniform(-1, 1) for v in box]
                results.append({"image_id": image["id"], "category_id": truth["annotations"][-1]["category_id"],
                                "bbox": near, "score": draw.choice([0.5, 0.25, draw.random()])})
    for record in results if masks else ():
        x, y, w, h = record["bbox"]
        record["segmentation"] = [[x, y, x + w, y, x + w, y + h, x, y + h]]
    for ann in truth["annotations"] if masks else ():
        x, y, w, h = ann["bbox"]
        ann["segmentation"] = [[x, y, x + w, y, x + w, y + h, x, y + h]]
    return truth, results


@pytest.fixture
def case(tmp_path):
    truth, results = made(3)
    (tmp_path / "truth.json").write_text(json.dumps(truth))
    (tmp_path / "results.json").write_text(json.dumps(results))
    return tmp_path / "truth.json", tmp_path / "results.json", results


def columns_of(results):
    return {"image_id": np.array([r["image_id"] for r in results]), "category_id": np.array([r["category_id"] for r in results]),
            "bbox": np.array([r["bbox"] for r in results]), "score": np.array([r["score"] for r in results])}


def by_image(results):
    return {i: [r for r in results if r["image_id"] == i] for i in dict.fromkeys(r["image_id"] for r in results)}


def assert_same(a, b):
    for name in ("precision", "recall", "scores", "stats"):
        assert getattr(a, name).tobytes() == getattr(b, name).tobytes(), name
    assert str(a) == str(b) and a.counts == b.counts and a.categories == b.categories


def test_every_shape_of_predictions_gives_one_result(case):
    truth, path, results = case
    whole = vetset.evaluate(truth, path)
    assert 0 < whole.stats[0] < 1 and whole.precision.shape == (10, 101, 3, 4, 3) and whole.counts["predictions"] == len(results)
    columns = columns_of(results)
    for given in (
        str(path),
        results,
        columns,
        {**columns, "image_id": columns["image_id"].tolist()},
        {"image_id": columns["image_id"], "category_id": columns["category_id"], "score": columns["score"],
         **{name: columns["bbox"][:, n] for n, name in enumerate(("x", "y", "width", "height"))}},
    ):
        assert_same(vetset.evaluate(truth, given), whole)
    images = {i: {"boxes": [r["bbox"] for r in found], "scores": [r["score"] for r in found],
                  "labels": [r["category_id"] for r in found]} for i, found in by_image(results).items()}
    assert_same(vetset.evaluate(truth, images, box_format="xywh"), whole)
    assert_same(vetset.evaluate(vetset.open(truth), [{"image_id": i, **found} for i, found in images.items()], box_format="xywh"), whole)
    assert_same(vetset.evaluate(truth, vetset.open(path, "coco-results")), whole)


def test_corners_are_torchvision_s(case):
    truth, _, results = case
    corners = {}
    for i, found in by_image(results).items():
        box = np.array([r["bbox"] for r in found])
        box[:, 2:] += box[:, :2]
        corners[i] = {"boxes": box, "scores": [r["score"] for r in found], "labels": [r["category_id"] for r in found]}
    back = []
    for i, found in corners.items():
        for box, r in zip(found["boxes"], by_image(results)[i], strict=True):
            back.append({**r, "bbox": [box[0], box[1], box[2] - box[0], box[3] - box[1]]})
    assert_same(vetset.evaluate(truth, corners), vetset.evaluate(truth, back))


def test_images_and_classes_may_go_by_name(case):
    truth, path, results = case
    document = json.loads(truth.read_text())
    files = {i["id"]: i["file_name"] for i in document["images"]}
    columns = columns_of(results)
    named = {"image": [files[i] for i in columns["image_id"].tolist()], "category": [f"class {c}" for c in columns["category_id"].tolist()],
             "bbox": columns["bbox"], "score": columns["score"]}
    by_name = vetset.evaluate(truth, named)
    assert_same(by_name, vetset.evaluate(truth, path))
    assert by_name.matched_by != vetset.evaluate(truth, path).matched_by


def test_arrow_tables_give_the_same(case):
    pa = pytest.importorskip("pyarrow")
    truth, path, results = case
    whole = vetset.evaluate(truth, path)
    columns = columns_of(results)
    flat = pa.array(columns["bbox"].ravel())
    for box in (pa.FixedSizeListArray.from_arrays(flat, 4), pa.array(columns["bbox"].tolist())):
        table = pa.table({"image_id": columns["image_id"], "category_id": columns["category_id"], "bbox": box, "score": columns["score"]})
        assert_same(vetset.evaluate(truth, table), whole)
        assert_same(vetset.evaluate(truth, table.to_batches()[0]), whole)
        several = pa.concat_tables([table.slice(0, 3), table.slice(3)])
        assert_same(vetset.evaluate(truth, several), whole)


@pytest.mark.parametrize("module", ["pandas", "polars"])
def test_data_frames_give_the_same(case, module):
    frames = pytest.importorskip(module)
    truth, path, results = case
    columns = columns_of(results)
    frame = frames.DataFrame({"image_id": columns["image_id"], "category_id": columns["category_id"], "score": columns["score"],
                              **{name: columns["bbox"][:, n] for n, name in enumerate(("x", "y", "width", "height"))}})
    assert_same(vetset.evaluate(truth, frame), vetset.evaluate(truth, path))


def address(array):
    return array.__array_interface__["data"][0]


def test_columns_of_float64_are_looked_into(case):
    columns = columns_of(case[2])
    rows = vetset._predictions.columns_of(columns).rows().columns()
    assert address(rows["bbox"]) == address(columns["bbox"]) and address(rows["score"]) == address(columns["score"])
    narrow = {**columns, "bbox": columns["bbox"].astype(np.float32)}
    rows = vetset._predictions.columns_of(narrow).rows().columns()
    assert rows["bbox"].dtype == np.float64 and address(rows["bbox"]) != address(narrow["bbox"])
    points = np.zeros((len(case[2]), 17, 3))
    rows = vetset._predictions.columns_of({**columns, "keypoints": points}).rows().columns()
    assert address(rows["keypoints"]) == address(points)


def test_arrow_columns_of_float64_are_looked_into(case):
    pa = pytest.importorskip("pyarrow")
    columns = columns_of(case[2])
    table = pa.table({"image_id": columns["image_id"], "category_id": columns["category_id"], "score": pa.array(columns["score"]),
                      "bbox": pa.FixedSizeListArray.from_arrays(pa.array(columns["bbox"].ravel()), 4)})
    rows = vetset._predictions.columns_of(table).rows().columns()
    score = table.column("score").chunk(0).buffers()[1].address
    assert address(rows["score"]) == score
    assert address(rows["bbox"]) == table.column("bbox").chunk(0).flatten().buffers()[1].address


def test_masks_come_as_polygons_run_lengths_and_bitmaps(tmp_path):
    from vetset.pycocotools import mask as masks

    truth, results = made(5, masks=True)
    path = tmp_path / "truth.json"
    path.write_text(json.dumps(truth))
    runs = [masks.merge(masks.frPyObjects(r["segmentation"], 64, 64)) for r in results]
    columns = {name: value for name, value in columns_of(results).items() if name != "bbox"}
    whole = vetset.evaluate(path, {**columns, "segmentation": runs})
    assert whole.iou_type == "segm" and 0 < whole.stats[0] < 1
    assert_same(vetset.evaluate(path, {**columns, "segmentation": [r["segmentation"] for r in results]}), whole)
    assert_same(vetset.evaluate(path, {**columns, "segmentation": [masks.decode(r) for r in runs]}), whole)
    texts = [{"size": r["size"], "counts": r["counts"].decode()} for r in runs]
    assert_same(vetset.evaluate(path, {**columns, "segmentation": texts}), whole)


def test_strict_mode_is_said_and_quirks_are_named(case):
    truth = case[0]
    document = json.loads(truth.read_text())
    document["annotations"][0]["id"] = 0
    truth.write_text(json.dumps(document))
    exact = [{"image_id": a["image_id"], "category_id": a["category_id"], "bbox": a["bbox"], "score": 1 - n / 100}
             for n, a in enumerate(document["annotations"])]
    strict, corrected = vetset.evaluate(truth, exact, mode="strict"), vetset.evaluate(truth, exact)
    assert strict.mode == "strict" and corrected.mode == "corrected"
    (quirk,) = [q for q in strict.quirks if q.id == "zero_id"]
    assert quirk.count == 1 and quirk.side == "gt" and quirk.title == "an object's id is 0"
    assert [q.id for q in corrected.quirks] == [q.id for q in strict.quirks]
    assert strict.stats[0] < corrected.stats[0] > 0.999


def test_what_only_predictions_have_is_listed(case):
    truth, _, results = case
    odd = [*results, {**results[0], "image_id": 4000}, {**results[0], "category_id": 77}, {**results[0], "category_id": 77}]
    unmatched = vetset.evaluate(truth, odd).unmatched
    assert unmatched and [(n.name, n.rows) for n in unmatched.images] == [("4000", 1)]
    assert [(n.name, n.rows) for n in unmatched.categories] == [("77", 2)]
    assert not vetset.evaluate(truth, results).unmatched


def test_what_an_evaluation_shows(case):
    truth, path, _ = case
    done = vetset.evaluate(truth, path)
    assert [str(line) for line in done.lines] == str(done).splitlines() and len(done.lines) == 12
    assert done.lines[1].iou == 0.5 and done.lines[0].iou is None and done.lines[3].area == "small"
    assert json.loads(done.to_json()) == done.record
    assert "AP" in repr(done) and "<table>" in done._repr_html_()
    assert not done.precision.flags.owndata and address(done.precision) == address(done.precision)
    assert len(done.per_class) == 3


def test_per_class_is_a_frame(case):
    pytest.importorskip("pyarrow")
    done = vetset.evaluate(case[0], case[1])
    table = done.per_class.to_arrow()
    assert table.column_names == ["id", "name", "objects", "AP", "AP50", "AP75", "AR"]
    assert table.column("name").to_pylist() == done.categories == ["class 2", "class 5", "class 7"]
    values = [p[p > -1].mean() for p in np.moveaxis(done.precision[:, :, :, 0, -1], 2, 0)]
    assert np.allclose(table.column("AP").to_pylist(), values)


one_column = {"image_id": [1], "category_id": [1], "score": [1.0], "bbox": np.zeros((1, 4))}


@pytest.mark.parametrize(("given", "code", "words"), [
    ({"bbox": np.zeros((1, 4)), "score": np.ones(1), "category_id": [1]}, "usage", "expected image_id or image"),
    ({"image_id": [1], "category_id": [1], "score": [1.0]}, "usage", "expected bbox, segmentation or keypoints"),
    ({"image_id": [1], "category_id": [1], "score": [1.0], "bbox": np.zeros((1, 5))}, "usage", "expected (n, 4)"),
    ({"image_id": [1, 2], "category_id": [1], "score": [1.0], "bbox": np.zeros((1, 4))}, "usage", "expected 2"),
    ({"image_id": [1.5], "category_id": [1], "score": [1.0], "bbox": np.zeros((1, 4))}, "usage", "expected whole numbers or texts"),
    ({"image_id": [1], "category_id": [1], "score": ["high"], "bbox": np.zeros((1, 4))}, "usage", "score does not hold numbers"),
    ([{"image_id": 1, "category_id": 1, "score": 1, "bbox": [0, 0, 1, 1]}, {"image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1]}],
     "malformed", "record 2 of the predictions has no 'score'"),
    (7, "usage", "predictions are an int; expected a path"),
    (None, "usage", "predictions are None; expected a path"),
    ([7], "usage", "record 1 of the predictions is an int, expected a list of dicts"),
    ({}, "usage", "found an empty dict, expected columns with a score among them, or a dict of boxes, scores and labels"),
    ({**one_column, "scores": [0.5]}, "usage", "found a column 'scores' (did you mean 'score'?); expected image_id, image, "),
    ({**one_column, "masks": [None]}, "usage", "found a column 'masks' (did you mean 'segmentation'?)"),
    ({**one_column, "zzz": [None]}, "usage", "found a column 'zzz'; expected image_id, image, "),
    ({"image_id": [1], "category_id": [1], "bbox": [[0, 0, 1, 1]], "scores": [0.5]}, "usage", "(did you mean 'score'?)"),
    ({"boxes": [[0, 0, 1, 1]], "scores": [0.5], "labels": [1]}, "usage", "without the image that they are of"),
    ({1: {"boxes": [[0, 0, 1, 1]], "scores": [0.5, 0.4], "labels": [1, 1]}}, "usage", "boxes of image 1 has 1 rows, expected 2"),
])
def test_what_cannot_be_predictions_is_said(case, given, code, words):
    with pytest.raises(vetset.Error) as caught:
        vetset.evaluate(case[0], given)
    assert caught.value.code == code and words in caught.value.message


def test_options_are_checked(case):
    for options, words in (({"iou_type": "box"}, "expected bbox"), ({"mode": "loose"}, "expected corrected or strict")):
        with pytest.raises(vetset.Error, match=words):
            vetset.evaluate(case[0], case[1], **options)


# Image by image.


@pytest.mark.parametrize("masks", [False, True])
def test_shares_in_any_order_are_the_whole(tmp_path, masks):
    for seed in range(12):
        draw = random.Random(seed)
        truth, results = made(seed, images=15, masks=masks)
        path = tmp_path / f"{seed}.json"
        path.write_text(json.dumps(truth))
        iou_type = "segm" if masks else "bbox"
        whole = vetset.evaluate(path, results, iou_type)
        pieces = list(by_image(results).items())
        draw.shuffle(pieces)
        shares = [vetset.CocoEvaluator(path, iou_type, box_format="xywh") for _ in range(draw.choice([1, 2, 5]))]
        for image, found in pieces:
            names = {"masks": [r["segmentation"] for r in found]} if masks else {}
            part = draw.choice(shares)
            if draw.random() < 0.5:
                part.update(image, [r["bbox"] for r in found], [r["score"] for r in found], [r["category_id"] for r in found], **names)
            else:
                part.update(found)
        draw.shuffle(shares)
        first = vetset.CocoEvaluator(path, iou_type, box_format="xywh")
        for n, share in enumerate(shares):
            first.merge((share, share.state(), pickle.loads(pickle.dumps(share.state())), pickle.loads(pickle.dumps(share)))[n % 4])
        assert first.images == len(pieces) and len(first) == len(results)
        for threads in (1, 3):
            assert_same(first.result(threads=threads), whole)


def test_an_image_is_given_once(case):
    truth, _, results = case
    evaluator = vetset.CocoEvaluator(truth)
    image, found = next(iter(by_image(results).items()))
    evaluator.update(found)
    before = len(evaluator)
    for again in (lambda: evaluator.update(image, [], [], []), lambda: evaluator.update(results), lambda: evaluator.merge(evaluator.state())):
        with pytest.raises(vetset.Error, match=f"image {image} was given before"):
            again()
        assert len(evaluator) == before
    evaluator.update(5555, np.zeros((0, 4)), np.zeros(0), np.zeros(0, int))
    with pytest.raises(vetset.Error, match="image 5555 was given before"):
        evaluator.update(5555, [[0, 0, 1, 1]], [0.5], [2])


def test_the_order_inside_an_image_is_kept(case):
    truth, _, results = case
    document = json.loads(truth.read_text())
    ann = document["annotations"][0]
    x, y, w, h = ann["bbox"]
    pair = [{"image_id": ann["image_id"], "category_id": ann["category_id"], "score": 0.5, "bbox": box}
            for box in ([x, y, w, h], [x + w, y, w, h])]
    for order in itertools.permutations(pair):
        evaluator = vetset.CocoEvaluator(truth)
        evaluator.update(list(order))
        assert_same(evaluator.result(), vetset.evaluate(truth, list(order)))
    assert vetset.evaluate(truth, pair).precision.max() > vetset.evaluate(truth, pair[::-1]).precision.max()


def test_evaluators_go_to_other_processes(case):
    import concurrent.futures
    import multiprocessing

    truth, path, results = case
    images = by_image(results)
    halves = [dict(list(images.items())[k::2]) for k in range(2)]
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        states = list(pool.map(share, [vetset.CocoEvaluator(truth)] * 2, halves))
    whole = vetset.CocoEvaluator(truth)
    for state in states:
        whole.merge(state)
    assert_same(whole.result(), vetset.evaluate(truth, path))


def share(evaluator, images):
    for found in images.values():
        evaluator.update(found)
    return evaluator.state()


def test_boxes_by_image_are_two_corners_everywhere(case):
    truth, _, results = case
    corners = {
        image: {
            "boxes": np.array([r["bbox"] for r in found]) + [[0, 0, r["bbox"][0], r["bbox"][1]] for r in found],
            "scores": [r["score"] for r in found],
            "labels": [r["category_id"] for r in found],
        }
        for image, found in by_image(results).items()
    }
    evaluator = vetset.CocoEvaluator(truth, "bbox")
    for image, found in corners.items():
        evaluator.update(image, found["boxes"], found["scores"], found["labels"])
    assert_same(evaluator.result(), vetset.evaluate(truth, corners, "bbox"))


def test_boxes_that_are_no_two_corners_are_refused(case):
    truth = case[0]
    boxes, words = np.array([[1, 1, 5, 5], [50, 1, 60, 5], [50, 40, 60, 20]]), r"boxes\[2\] of image 99 is \[50.0, 40.0, 60.0, 20.0\]"
    images = {100: {"boxes": boxes[:2], "scores": [0.5, 0.4], "labels": [2, 2]},
              99: {"boxes": boxes, "scores": [0.5, 0.4, 0.3], "labels": [2, 2, 2]},
              98: {"boxes": boxes[:, [2, 3, 0, 1]], "scores": [0.5, 0.4, 0.3], "labels": [2, 2, 2]}}
    evaluator = vetset.CocoEvaluator(truth, "bbox")
    for give in (lambda: vetset.evaluate(truth, images, "bbox"), lambda: evaluator.update(99, *images[99].values()),
                 lambda: vetset.evaluate(truth, [{"image_id": i, **found} for i, found in images.items()], "bbox")):
        with pytest.raises(vetset.Error, match=words) as caught:
            give()
        assert caught.value.code == "malformed"
        assert 'if they are left, top, width, height, say box_format="xywh"' in caught.value.message
    with pytest.raises(vetset.Error, match="of image 98"):  # right left of left
        evaluator.update(98, *images[98].values())
    assert evaluator.images == 0
    flat = {99: {"boxes": [[50, 40, 50, 40]], "scores": [0.5], "labels": [2]}}  # empty boxes are boxes
    assert vetset.evaluate(truth, flat, "bbox").counts["predictions"] == 1
    assert vetset.evaluate(truth, images, "bbox", box_format="xywh").counts["predictions"] == 8


def test_images_that_the_truth_lacks_are_as_visible_image_by_image(case):
    truth, _, results = case
    odd = [*results, {**results[0], "image_id": 4000}, {**results[1], "image_id": 4000}, {**results[0], "image_id": 3000}]
    halves = [vetset.CocoEvaluator(truth) for _ in range(2)]
    for n, found in enumerate(by_image(odd).values()):
        boxes = np.array([r["bbox"] for r in found])
        boxes[:, 2:] += boxes[:, :2]
        halves[n % 2].update(found[0]["image_id"], boxes, [r["score"] for r in found], [r["category_id"] for r in found])
    halves[0].merge(halves[1].state())
    unmatched = halves[0].result().unmatched
    assert unmatched and [(n.name, n.rows) for n in unmatched.images] == [("3000", 1), ("4000", 2)]
    assert (unmatched.categories, unmatched.images_without_predictions, unmatched.categories_without_predictions) == (
        (all_at_once := vetset.evaluate(truth, odd).unmatched).categories, all_at_once.images_without_predictions,
        all_at_once.categories_without_predictions)
    strict = vetset.CocoEvaluator(truth, mode="strict")
    strict.update(odd)
    for give in (strict.result, lambda: vetset.evaluate(truth, odd, mode="strict")):
        with pytest.raises(vetset.Error, match="image [34]000 is not in the truth"):
            give()


def test_states_of_another_truth_are_refused(case, tmp_path):
    other = tmp_path / "other.json"
    other.write_text(json.dumps(made(4, images=5)[0]))
    with pytest.raises(vetset.Error, match="of a ground truth of"):
        vetset.CocoEvaluator(case[0]).merge(vetset.CocoEvaluator(other).state())
    with pytest.raises(vetset.Error, match="expected an evaluator"):
        vetset.CocoEvaluator(case[0]).merge({})
    evaluator = vetset.CocoEvaluator(case[0])
    evaluator.update(1, [[0, 0, 1, 1]], [0.5], [2])
    with pytest.raises(vetset.Error, match="images are names here, and were numbers before"):
        evaluator.update("0.jpg", [[0, 0, 1, 1]], [0.5], [2])


def test_importing_vetset_does_not_import_the_replacement():
    import subprocess
    import sys

    code = "import sys, vetset; print([m for m in sys.modules if 'pycocotools' in m or m == 'numpy'])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"


def test_label_files_without_images_are_placed_by_the_truth(case, tmp_path):
    truth, _, results = case
    gt = json.loads(pathlib.Path(truth).read_text())
    names = [category["name"] for category in gt["categories"]]
    number = {category["id"]: k for k, category in enumerate(gt["categories"])}
    (tmp_path / "labels").mkdir()
    (tmp_path / "data.yaml").write_text(f"names: {json.dumps(names)}\nval: images\n")
    for image in gt["images"]:
        rows = []
        for r in results:
            if r["image_id"] == image["id"]:
                x, y, w, h = r["bbox"]
                place = ((x + w / 2) / image["width"], (y + h / 2) / image["height"], w / image["width"], h / image["height"])
                rows.append(" ".join(map(repr, (number[r["category_id"]], *place, r["score"]))))
        (tmp_path / "labels" / (pathlib.Path(image["file_name"]).stem + ".txt")).write_text("\n".join(rows) + "\n")
    done = vetset.evaluate(truth, tmp_path, "bbox")
    assert np.allclose(done.stats, vetset.evaluate(truth, results, "bbox").stats, atol=1e-3)
    assert done.stats[0] > 0


def test_strict_asks_only_for_images_that_are_predicted_on(case):
    truth, _, results = case
    evaluator = vetset.CocoEvaluator(truth, "bbox", "strict")
    evaluator.update(results)
    evaluator.update(5555, [], [], [])
    assert_same(evaluator.result(), vetset.evaluate(truth, results, "bbox", "strict"))
    evaluator.update(5556, [[0, 0, 1, 1]], [0.5], [2])
    with pytest.raises(vetset.Error, match="image 5556 is not in the truth"):
        evaluator.result()
