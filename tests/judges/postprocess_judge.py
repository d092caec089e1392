"""What happens after a network, against those who do it in training: Ultralytics' and torchvision's suppression, scaling,
masks and rotated boxes on raw outputs made to hurt; and two whole detectors, by their authors' recipes.

Usage: postprocess_judge.py PROGRAM [--count N] [--seed S], where PROGRAM (tests/judges/postprocess_print.cpp) answers
requests. Raw outputs have ties, boxes on a grid that meet thresholds exactly, thin and empty ones, heaps of them in one
place, scores that are the threshold itself. Equal to the bit, but for what is told with its tolerance:

  rotated boxes   the overlap is a chain of cosines and logarithms, whose last bits PyTorch's vector code has otherwise:
                  an overlap within 1e-5 of the threshold may fall on either side
  masks           sums of prototypes are taken in another order: pixels whose logit is within 1e-4 of 0 may differ;
                  native masks are interpolated in one step here, in two there: 97 % of the pixels are the same
  detectors       scores and boxes to 1e-4 and 0.01 pixels: OpenCV and NumPy have exponentials of their own
"""
import argparse
import math
import os
import pathlib
import subprocess
import sys
import warnings

import cv2
import numpy as np
import torch
import torchvision
from judging import DATA, ROOT, finish, say
from ultralytics.utils import metrics, nms, ops

warnings.simplefilter("ignore")
# PyTorch's argsort leaves equal scores in any order; ours, as torchvision's nms, takes the earlier one first.
torch.argsort = torch.Tensor.argsort = lambda values, descending=False: torch.sort(values, descending=descending, stable=True)[1]
RUNTIMES = sorted(ROOT.glob(".venv/lib/python3*/site-packages/onnxruntime"))
torch.set_num_threads(1)
cv2.setNumThreads(1)


def packed(*tensors):
    """As the program takes tensors: rank, lengths, values."""
    parts = []
    for t in tensors:
        t = np.ascontiguousarray(t, np.float32)
        parts += [np.array([t.ndim, *t.shape], np.float32).tobytes(), t.tobytes()]
    return b"".join(parts)


def unpacked(body):
    values, tensors = np.frombuffer(body, np.float32), []
    while len(values):
        rank = int(values[0])
        shape = [int(n) for n in values[1:1 + rank]]
        size = math.prod(shape)
        tensors.append(values[1 + rank:1 + rank + size].reshape(shape))
        values = values[1 + rank + size:]
    return tensors


class Ours:
    """The program, asked one thing after another."""

    def __init__(self, program):
        environment = dict(os.environ)
        if RUNTIMES:
            environment.setdefault("VETSET_ORT_LIB", str(RUNTIMES[0] / "capi"))
        self.run = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)

    def ask(self, words, data=b""):
        self.run.stdin.write(f"{words} {len(data)}\n".encode() + data)
        self.run.stdin.flush()
        *answer, size = self.run.stdout.readline().decode().split()
        body = self.run.stdout.read(int(size))
        if answer == ["error"]:
            raise RuntimeError(body.decode())
        return answer, body

    def contract(self, text):
        self.ask("spec", ("version: 1\n" + text).encode())

    def detections(self, words, data, mask_size=0):
        """Rows, and masks as bytes, one after another."""
        (count, columns), body = self.ask(words, data)
        count, columns = int(count), int(columns)
        rows = np.frombuffer(body[:4 * count * columns], np.float32).reshape(count, columns)
        return rows, np.frombuffer(body[4 * count * columns:], np.uint8).reshape(count, mask_size) if mask_size else None

    def nms(self, boxes, scores, threshold):
        return np.frombuffer(self.ask(f"nms {threshold!r}", packed(boxes, scores))[1], np.float32).astype(int)


class Tally:
    """Cases of one kind, and the first that disagrees."""

    def __init__(self, what):
        self.what, self.count, self.rows, self.first = what, 0, 0, ""

    def see(self, case, theirs, ours, tolerance=0.0):
        self.count += 1
        self.rows += len(theirs)
        if self.first:
            return
        if theirs.shape != ours.shape:
            self.first = f"{case}: {ours.shape} of ours, {theirs.shape} of theirs"
        elif len(theirs) and not (np.abs(theirs - ours) <= tolerance).all():
            row = int((np.abs(theirs - ours) > tolerance).any(axis=-1).argmax()) if theirs.ndim > 1 else int((theirs != ours).argmax())
            self.first = f"{case}: row {row}: {ours[row]}, expected {theirs[row]}"

    def close(self):
        say(self.count and not self.first, f"{self.what}: {self.count} cases, {self.rows} answers", self.first)


def boxes_to_hurt(rng, n, side):
    """Centres and sizes: on a grid, in heaps, thin, empty, larger than the input."""
    kind = rng.random()
    grid = rng.choice([1, 2, 8, 32])
    if kind < 0.4:
        centre, size = rng.integers(0, side // grid + 1, (n, 2)) * grid, rng.integers(0, max(2, 96 // grid), (n, 2)) * grid
    elif kind < 0.7:  # heaps: few places, sizes that are alike
        places = rng.integers(0, side, (max(1, n // 20), 2))
        centre = places[rng.integers(0, len(places), n)] + rng.integers(-6, 7, (n, 2)) / 2
        size = np.full((n, 2), 40.0) + rng.integers(-8, 9, (n, 2))
    elif kind < 0.85:
        centre, size = rng.random((n, 2)) * side, rng.random((n, 2)) * [2 * side, 0.02]
    else:
        centre, size = rng.random((n, 2)) * side * 1.2 - side * 0.1, rng.random((n, 2)) ** 3 * side
    return np.concatenate([centre, size], 1).astype(np.float32)


def scores_to_hurt(rng, n, classes, threshold):
    """Few values, so that there are ties; the threshold itself among them; most low."""
    kind = rng.random()
    scores = rng.random((n, classes)) ** 4
    if kind < 0.5:
        scores = np.round(scores * 32) / 32
    if kind < 0.8:
        scores[rng.random((n, classes)) < 0.1] = threshold
    return scores.astype(np.float32)


def few(rng, most):
    """How many boxes; never 6, which Ultralytics takes for an end-to-end output."""
    n = int(rng.integers(0, most))
    return 7 if n == 6 else n


def size_of(rng):
    return tuple(int(n) for n in rng.choice([[320, 320], [640, 480], [333, 500], [1920, 1080], [61, 977], [320, 1]]))


def contract(task, classes, post, head="kind: yolo", side=320):
    names = ", ".join(f"c{i}" for i in range(classes))
    return (f"task: {task}\nclasses: [{names}]\nresize: {{fit: letterbox, width: {side}, height: {side}}}\n"
            f"head: {{{head}}}\npost: {{{post}}}\n")


def ultralytics(ours, rng, count):
    """Detect, with one label a box or several, by class or blind to it; sized as real exports once."""
    tally = Tally("detections of Ultralytics")
    for case in range(count):
        large = case == 0
        side, classes, n = (640, 80, 8400) if large else (320, int(rng.integers(1, 12)), few(rng, 400))
        threshold, iou = float(rng.choice([0.25, 0.1, 0.5, 0.001])), float(rng.choice([0.5, 0.7, 0.45, 0.25, 0.0, 1.0]))
        several, agnostic = bool(rng.random() < 0.4), bool(rng.random() < 0.2)
        limit, most = int(rng.choice([300, 7, 1])), int(rng.choice([30000, 30000, 50]))
        boxes, scores = boxes_to_hurt(rng, n, side), scores_to_hurt(rng, n, classes, threshold)
        raw = np.concatenate([boxes, scores], 1).T[None]
        width, height = size_of(rng)
        ours.contract(contract("detect", classes, f"score_threshold: {threshold}, iou_threshold: {iou}, multi_label: {several}, detections: {limit}, "
                               f"candidates: {most}, suppression: {'agnostic' if agnostic else 'class_offset'}", side=side))
        found, _ = ours.detections(f"post {width} {height}", packed(raw))
        kept, rows = nms.non_max_suppression(torch.from_numpy(raw.copy()), threshold, iou, agnostic=agnostic, multi_label=several, max_det=limit,
                                             nc=classes, max_nms=most, max_time_img=1e9, return_idxs=True)
        theirs = kept[0].clone()
        theirs[:, :4] = ops.scale_boxes((side, side), theirs[:, :4], (height, width))
        theirs = np.concatenate([theirs.numpy(), rows[0].reshape(-1, 1).numpy().astype(np.float32)], 1)
        tally.see(f"case {case} ({n} boxes, {classes} classes, above {threshold}, overlap {iou}, several {several}, agnostic {agnostic}, candidates {most})",
                  theirs, found[:, [0, 1, 2, 3, 4, 5, 7]])
    tally.close()


def end_to_end(ours, rng, count):
    tally = Tally("end-to-end outputs of Ultralytics")
    for case in range(count):
        n, threshold = int(rng.integers(0, 300)), float(rng.choice([0.25, 0.5]))
        boxes = ops.xywh2xyxy(boxes_to_hurt(rng, n, 320))
        scores = np.sort(scores_to_hurt(rng, n, 1, threshold), 0)[::-1]
        raw = np.concatenate([boxes, scores, rng.integers(0, 5, (n, 1))], 1).astype(np.float32)[None]
        width, height = size_of(rng)
        ours.contract(contract("detect", 5, f"score_threshold: {threshold}, suppression: none, detections: 100", "kind: end_to_end"))
        found, _ = ours.detections(f"post {width} {height}", packed(raw))
        theirs = nms.non_max_suppression(torch.from_numpy(raw.copy()), threshold, max_det=100)[0]
        theirs[:, :4] = ops.scale_boxes((320, 320), theirs[:, :4], (height, width))
        tally.see(f"case {case} ({n} boxes)", theirs.numpy(), found[:, :6])
    tally.close()


def keypoints(ours, rng, count):
    tally = Tally("keypoints of Ultralytics")
    for case in range(count):
        n, values, points = few(rng, 200), int(rng.choice([2, 3])), int(rng.choice([1, 4, 17]))
        raw = np.concatenate([boxes_to_hurt(rng, n, 320), scores_to_hurt(rng, n, 1, 0.25),
                              (rng.random((n, points * values)) * 400 - 40).astype(np.float32)], 1).T[None]
        width, height = size_of(rng)
        ours.contract(contract("pose", 1, "score_threshold: 0.25, iou_threshold: 0.7, suppression: class_offset",
                               f"kind: yolo, keypoints: {points}, keypoint_values: {values}"))
        found, _ = ours.detections(f"post {width} {height}", packed(raw))
        theirs = nms.non_max_suppression(torch.from_numpy(raw.copy()), 0.25, 0.7, nc=1, max_time_img=1e9)[0]
        boxes = ops.scale_boxes((320, 320), theirs[:, :4].clone(), (height, width))
        placed = ops.scale_coords((320, 320), theirs[:, 6:].clone().view(-1, points, values), (height, width))
        if values == 2:
            placed = torch.cat([placed, torch.ones(len(placed), points, 1)], 2)
        theirs = torch.cat([boxes, theirs[:, 4:6], placed.reshape(len(placed), 3 * points)], 1).numpy()
        found = np.concatenate([found[:, :6], found[:, 8:]], 1) if len(found) else np.empty((0, 6 + 3 * points), np.float32)
        tally.see(f"case {case} ({n} boxes, {points} points of {values} values)", theirs, found)
    tally.close()


def rotated(ours, rng, count):
    tally, skipped = Tally("rotated boxes of Ultralytics"), 0
    for case in range(count):
        n, classes, iou = few(rng, 200), int(rng.integers(1, 4)), float(rng.choice([0.7, 0.45, 0.3]))
        boxes = boxes_to_hurt(rng, n, 320)
        boxes[:, 2:] += 0.5
        angles = rng.choice([0, math.pi / 2, math.pi, -0.3, -math.pi / 4, 1, 2.9, 7], (n, 1)) + rng.choice([0, 0, 0.013], (n, 1))
        raw = np.concatenate([boxes, scores_to_hurt(rng, n, classes, 0.25), angles], 1).astype(np.float32).T[None]
        width, height = size_of(rng)
        ours.contract(contract("obb", classes, f"score_threshold: 0.25, iou_threshold: {iou}, suppression: class_offset", "kind: yolo, angle: true"))
        found, _ = ours.detections(f"post {width} {height}", packed(raw))
        theirs = nms.non_max_suppression(torch.from_numpy(raw.copy()), 0.25, iou, nc=classes, rotated=True, max_time_img=1e9)[0]
        kept = raw[0].T[raw[0, 4:4 + classes].max(0) > 0.25]
        offset = kept[:, 4:4 + classes].argmax(1)[:, None] * np.float32(7680) if len(kept) else 0
        all_boxes = torch.from_numpy(np.concatenate([kept[:, :2] + offset, kept[:, 2:4], kept[:, -1:]], 1).astype(np.float32))
        overlaps = metrics.batch_probiou(all_boxes, all_boxes)
        if ((overlaps - iou).abs() < 1e-5).any():
            skipped += 1  # either side is right
            continue
        boxes = ops.scale_boxes((320, 320), theirs[:, :4].clone(), (height, width), xywh=True)
        boxes = ops.regularize_rboxes(torch.cat([boxes, theirs[:, 6:7]], 1))
        theirs = torch.cat([boxes[:, :4], theirs[:, 4:6], boxes[:, 4:5]], 1).numpy()
        tally.see(f"case {case} ({n} boxes, overlap {iou})", theirs, found[:, :7])
    tally.close()
    say(skipped * 4 <= count, f"rotated boxes: {skipped} of {count} cases left out, an overlap is the threshold to 1e-5")


def smooth(rng, channels, height, width):
    """Prototypes as networks give them: without much detail."""
    coarse = rng.normal(size=(channels, max(2, height // 8), max(2, width // 8))).astype(np.float32)
    return np.stack([cv2.resize(c, (width, height), interpolation=cv2.INTER_CUBIC) for c in coarse])


def masks(ours, rng, count):
    tally, exact = Tally("masks at the input's size (process_mask)"), True
    native, least, dropped = Tally("native masks (process_mask_native)"), 1.0, 0
    for case in range(count):
        n, coefficients, at_input = few(rng, 40), 32, case % 2 == 0
        width, height = (320, 320) if at_input else size_of(rng)
        raw = np.concatenate([boxes_to_hurt(rng, n, 320), scores_to_hurt(rng, n, 2, 0.25), rng.normal(size=(n, coefficients))], 1).astype(np.float32).T[None]
        protos = smooth(rng, coefficients, 80, 80)
        ours.contract(contract("segment", 2, f"score_threshold: 0.25, iou_threshold: 0.7, suppression: class_offset, mask_at_input: {at_input}",
                               f"kind: yolo, mask_coefficients: {coefficients}"))
        rows, found = ours.detections(f"post {width} {height}", packed(raw, protos[None]), width * height)
        theirs = nms.non_max_suppression(torch.from_numpy(raw.copy()), 0.25, 0.7, nc=2, max_time_img=1e9)[0]
        prototypes = torch.from_numpy(protos)
        if at_input:
            drawn = ops.process_mask(prototypes, theirs[:, 6:], theirs[:, :4], (320, 320), upsample=True)
        else:
            scaled = ops.scale_boxes((320, 320), theirs[:, :4].clone(), (height, width))
            drawn = ops.process_mask_native(prototypes, theirs[:, 6:], scaled, (height, width))
        keep = drawn.amax((-2, -1)) > 0 if len(drawn) else torch.zeros(0, dtype=torch.bool)
        dropped += int((~keep).sum())
        weights, theirs, drawn = theirs[keep, 6:], theirs[keep], drawn[keep]
        scores = theirs[:, 4].numpy()
        chosen = tally if at_input else native
        if not at_input and len(rows) != len(scores):  # a mask of a quarter of a prototype's pixel may be none on the other side
            small = [int(d.sum()) for d in drawn] + [int(f.sum()) for f in found]
            chosen.see(f"case {case} ({width} x {height}, masks of {small} pixels)", np.zeros(1), np.array([0 if min(small) < max(16, (max(width, height) / 80) ** 2 / 4) else 1]))
            continue
        chosen.see(f"case {case}: kept", scores, rows[:, 4])
        if chosen.first or not len(rows):
            continue
        ours_drawn = found.reshape(-1, height, width)
        other = ours_drawn != drawn.numpy()
        if at_input:
            logits = torch.nn.functional.interpolate((weights @ prototypes.view(coefficients, -1)).view(1, -1, 80, 80), (320, 320), mode="bilinear")[0].numpy()
            exact = exact and bool((np.abs(logits[other]) < 1e-4).all())
        else:
            least = min(least, 1 - other.sum() / max(1, int((drawn.numpy() | ours_drawn).sum())))
    tally.close()
    say(exact, "masks at the input's size: no pixel differs but where the logit is 0 to 1e-4")
    native.close()
    say(least >= 0.97, f"native masks: of all pixels that are in either mask, the least share that is the same: {least:.4f}")
    say(dropped, f"masks: {dropped} without a pixel were dropped, as there")


def torchvision_nms(ours, rng, count):
    tally, by_class = Tally("torchvision.ops.nms"), Tally("torchvision's batched_nms, class by class")
    for case in range(count):
        n, iou = int(rng.integers(0, 400)), float(rng.choice([0.5, 0.7, 0.45, 1 / 3, 0.0, 1.0]))
        boxes = ops.xywh2xyxy(torch.from_numpy(boxes_to_hurt(rng, n, 320)))
        scores = torch.from_numpy(scores_to_hurt(rng, n, 1, 0.5)[:, 0])
        tally.see(f"case {case} ({n} boxes, overlap {iou})", torchvision.ops.nms(boxes, scores, iou).numpy(), ours.nms(boxes.numpy(), scores.numpy(), iou))
        labels = torch.from_numpy(rng.integers(0, 3, n))
        ours.contract(contract("detect", 3, f"score_threshold: 0, at_least: true, iou_threshold: {iou}, suppression: by_class, clip: false, detections: 1000",
                               "kind: end_to_end").replace("fit: letterbox, width: 320, height: 320", "fit: none"))
        found, _ = ours.detections("post 320 320", packed(torch.cat([boxes, scores[:, None], labels[:, None]], 1).numpy()[None]))
        kept = torchvision.ops.boxes._batched_nms_vanilla(boxes, scores, labels, iou) if n else torch.zeros(0)
        order = torch.argsort(scores[kept], descending=True) if n else kept
        theirs = scores[kept][order].numpy() if n else np.empty(0, np.float32)
        by_class.see(f"case {case} ({n} boxes, overlap {iou})", theirs, found[:, 4])
        if n:
            same = sorted(found[:, 7].astype(int).tolist()) == sorted(kept.tolist())
            by_class.see(f"case {case}: which", np.array([1]), np.array([int(same)]))
    tally.close()
    by_class.close()


# Whole detectors.


def fastestdet_recipe(run, bgr):
    """test.py of dog-qiuqiu/FastestDet, in NumPy: rows of x1, y1, x2, y2, score, class before suppression."""
    def sigmoid(v):
        return 1 / (1 + np.exp(-v))

    planes = cv2.resize(bgr, (352, 352), interpolation=cv2.INTER_LINEAR).transpose(2, 0, 1)[None].astype(np.float32) / np.float32(255)
    out = run(planes)[0][0]
    height, width = bgr.shape[:2]
    _, rows, columns = out.shape
    found = []
    for y in range(rows):
        for x in range(columns):
            cell = out[:, y, x]
            score = cell[0] ** 0.6 * cell[5:].max() ** 0.4
            if score > 0.65:
                cx, cy = (x + np.tanh(cell[1])) / columns, (y + np.tanh(cell[2])) / rows
                w, h = sigmoid(cell[3]), sigmoid(cell[4])
                found.append([(cx - w / 2) * width, (cy - h / 2) * height, (cx + w / 2) * width, (cy + h / 2) * height, score, cell[5:].argmax()])
    return np.array(found, np.float32).reshape(-1, 6)


def pictures():
    folders = [DATA / "onnx/fastestdet", DATA / "coco-edge", DATA / "coco-eval", DATA / "bccd", DATA / "raccoon", DATA / "clothing"]
    for folder in folders:
        yield from sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".jpg", ".png"))[:12]


def same_detections(tally, case, theirs, ours, boxes, scores):
    """One to one, in any order among equal scores."""
    tally.count += 1
    tally.rows += len(theirs)
    if tally.first:
        return
    if len(theirs) != len(ours):
        tally.first = f"{case}: {len(ours)} of ours, {len(theirs)} of theirs"
        return
    left = list(range(len(ours)))
    for row in theirs:
        at = min(left, key=lambda i: np.abs(ours[i, :4] - row[:4]).max())
        left.remove(at)
        if np.abs(ours[at, :4] - row[:4]).max() > boxes or np.abs(ours[at, 4:] - row[4:]).max() > scores:
            tally.first = f"{case}: {ours[at]}, expected {row}"
            return


def fastestdet(ours):
    tally = Tally("FastestDet, its authors' recipe")
    names = (DATA / "onnx/fastestdet/coco.names").read_text().split("\n")
    names = [n for n in names if n]
    ours.contract(f"task: detect\nclasses: [{', '.join(repr(n) for n in names)}]\n" + PRESET["fastestdet"])
    ours.ask(f"model {DATA / 'onnx/fastestdet/FastestDet.onnx'}")

    def run(tensor):
        return unpacked(ours.ask("run", packed(tensor))[1])

    for path in pictures():
        bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
        theirs = fastestdet_recipe(run, bgr)
        kept = []
        for label in np.unique(theirs[:, 5]):
            rows = theirs[theirs[:, 5] == label]
            kept.append(rows[torchvision.ops.nms(torch.from_numpy(rows[:, :4]), torch.from_numpy(rows[:, 4]), 0.45).numpy()])
        theirs = np.concatenate(kept) if kept else theirs
        height, width = bgr.shape[:2]
        theirs[:, :4] = np.clip(theirs[:, :4], 0, [width, height, width, height])
        found, _ = ours.detections("answer", path.read_bytes())
        same_detections(tally, path.name, theirs, found[:, :6], 0.01, 1e-4)
    tally.close()
    say(tally.rows >= 5, f"FastestDet finds something: {tally.rows} objects")


def yunet(ours):
    """The model's input is fixed: pictures are made 320 × 320 first, so that both see the same pixels."""
    tally = Tally("YuNet, OpenCV's FaceDetectorYN")
    model = DATA / "onnx/yunet/yunet_s_320_320.onnx"
    ours.contract("task: pose\nclasses: [face]\n" + PRESET["yunet"])
    ours.ask(f"model {model}")
    for threshold in (0.6, 0.3):
        ours.contract("task: pose\nclasses: [face]\n" + PRESET["yunet"].replace("score_threshold: 0.9", f"score_threshold: {threshold}"))
        ours.ask(f"model {model}")
        theirs_detector = cv2.FaceDetectorYN.create(str(model), "", (320, 320), threshold, 0.3, 5000)
        for path in pictures():
            bgr = cv2.resize(cv2.imread(str(path), cv2.IMREAD_COLOR), (320, 320))
            _, faces = theirs_detector.detect(bgr)
            faces = np.empty((0, 15), np.float32) if faces is None else faces
            found, _ = ours.detections("answer", cv2.imencode(".png", bgr)[1].tobytes())
            if not len(found):
                found = np.empty((0, 23), np.float32)
            points = found[:, 8:].reshape(-1, 5, 3)[:, :, :2].reshape(-1, 10)
            corners = np.concatenate([faces[:, :2], faces[:, :2] + faces[:, 2:4], faces[:, 14:15]], 1)
            same_detections(tally, f"{path.name} above {threshold}", corners, found[:, :5], 0.05, 1e-3)
            if not tally.first and len(faces):
                order = [int(np.abs(found[:, :4] - c[:4]).max(1).argmin()) for c in corners]
                tally.see(f"{path.name}: landmarks", faces[:, 4:14], points[order], 0.05)
    tally.close()
    say(tally.rows >= 3, f"YuNet finds something: {tally.rows} faces")


PRESET = {
    "fastestdet": "resize: {fit: stretch, width: 352, height: 352, filter: bilinear, arithmetic: opencv}\n"
                  "input: {colour: bgr, divide: true}\nhead: {kind: fastestdet}\n"
                  "post: {score_threshold: 0.65, suppression: by_class, iou_threshold: 0.45}\n",
    "yunet": "resize: {fit: none, multiple: 32, place: top_left, pad: [0, 0, 0]}\ninput: {colour: bgr, scale: 1}\n"
             "head: {kind: yunet, keypoints: 5, keypoint_values: 2}\n"
             "post: {score_threshold: 0.9, at_least: true, candidates: 5000, suppression: agnostic, iou_threshold: 0.3, clip: false}\n",
}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("program", type=pathlib.Path)
    arguments.add_argument("--count", type=int, default=100)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    ours = Ours(given.program)
    for judge in (ultralytics, end_to_end, keypoints, rotated, masks, torchvision_nms):
        judge(ours, np.random.default_rng(given.seed), given.count)
    if (DATA / "onnx").exists() and RUNTIMES:
        fastestdet(ours)
        yunet(ours)
    else:
        print("skipped 2: VETSET_DATA")
    return finish()


if __name__ == "__main__":
    sys.exit(main())
