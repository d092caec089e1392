#!/usr/bin/env python3
"""Planted errors in real boxes, found by vetset and by cleanlab from the same made detector output; and how fast.

Usage: label_errors.py PROGRAM DATA [--seeds N] [--first SEED] [--images N] [--speed] [--name NAME]
PROGRAM is label_scores_print (tests/judges); DATA is the folder of public data. Needs cleanlab, NumPy and scikit-learn
(bench/peers.toml). A twentieth of the images each loses a box, gets a box of another class, and gets a box that is
shifted by 0.2 to 0.5 of its size. The detector is made: it sees nine boxes in ten, jittered, mostly sure of itself, with
confusions, doubles and things that are not there. Everything is seeded; nothing is fitted to the data.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree

import numpy as np
from sklearn.metrics import average_precision_score

SCALES = (0.25, 0.5, 1.0, 4.0)
KINDS = ("overlooked", "swapped", "misplaced")


def voc_images(folder):
    for path in sorted(folder.glob("*.xml")):
        boxes = []
        for entry in ElementTree.parse(path).getroot().iter("object"):
            x1, y1, x2, y2 = (float(entry.find("bndbox").find(key).text) for key in ("xmin", "ymin", "xmax", "ymax"))
            boxes.append((x1, y1, x2 - x1, y2 - y1, entry.find("name").text))
        yield boxes


def coco_images(path):
    document = json.loads(path.read_text())
    names = {c["id"]: c["name"] for c in document["categories"]}
    of = {i["id"]: [] for i in document["images"]}
    for a in document["annotations"]:
        if not a.get("iscrowd"):
            of[a["image_id"]].append((*a["bbox"], names[a["category_id"]]))
    yield from of.values()


def real_boxes(data):
    """Images as lists of (box, class); a class is of one source."""
    sources = {
        "bccd": list(voc_images(data / "bccd/Annotations")),
        "raccoon": list(voc_images(data / "raccoon/annotations")),
        "chess": [i for part in ("valid", "test") for i in coco_images(data / f"chess-coco/{part}/_annotations.coco.json")],
        "coco": list(coco_images(data / "coco-eval/instances_val2014_100.json")),
    }
    numbers, images = {}, []
    for source, of_source in sources.items():
        for boxes in of_source:
            boxes = [b for b in boxes if b[2] > 1 and b[3] > 1]
            if boxes:
                images.append((source, np.array([b[:4] for b in boxes], dtype=float),
                               np.array([numbers.setdefault((source, b[4]), len(numbers)) for b in boxes])))
    kin = {source: [n for (of, _), n in numbers.items() if of == source] for source in sources}
    return images, kin, len(numbers)


def detect(rng, boxes, classes, kin):
    """What a detector that is quite good says of an image: boxes x y w h, classes, confidences."""
    found = []
    for box, category in zip(boxes, classes):
        if rng.random() > 0.9:
            continue
        size = box[[2, 3, 2, 3]]
        seen = category
        confidence = rng.beta(12, 0.8)
        if len(kin) > 1 and rng.random() < 0.04:
            seen, confidence = rng.choice([k for k in kin if k != category]), rng.beta(4, 2)
        found.append((*(box + rng.normal(0, 0.04, 4) * size), seen, confidence))
        if rng.random() < 0.05:
            found.append((*(box + rng.normal(0, 0.12, 4) * size), seen, confidence * rng.uniform(0.3, 0.7)))
    reach = np.max(boxes[:, :2] + boxes[:, 2:], axis=0)
    for _ in range(rng.poisson(0.6)):
        like = boxes[rng.integers(len(boxes))][2:] * rng.uniform(0.7, 1.4)
        found.append((*(rng.random(2) * np.maximum(reach - like, 1)), *like, rng.choice(kin), rng.beta(1.5, 3)))
    found = np.array(sorted(found, key=lambda f: -f[5])).reshape(-1, 6)
    return found[:, :4], found[:, 4].astype(int), found[:, 5]


def plant(rng, images, kin):
    """The same images with errors; which image got which."""
    order = rng.permutation(len(images))
    count = max(1, len(images) // 20)
    planted, at = [(b.copy(), c.copy()) for _, b, c in images], {}
    for kind in KINDS:
        chosen = []
        for i in order:
            source, boxes, classes = images[i]
            if any(i in done for done in at.values()) or (kind == "swapped" and len(kin[source]) < 2):
                continue
            if len(boxes) < 2 and kind == "overlooked":
                continue
            k = rng.integers(len(boxes))
            if kind == "overlooked":
                planted[i] = (np.delete(boxes, k, axis=0), np.delete(classes, k))
            elif kind == "swapped":
                planted[i][1][k] = rng.choice([c for c in kin[source] if c != classes[k]])
            else:
                shift = rng.uniform(0.2, 0.5, 2) * rng.choice([-1, 1], 2) * boxes[k][2:]
                planted[i][0][k][:2] += shift
            chosen.append(i)
            if len(chosen) == count:
                break
        at[kind] = set(chosen)
    return planted, at


def ours(program, planted, detections):
    lines = []
    for (boxes, classes), (seen, kinds, sure) in zip(planted, detections):
        lines.append("image")
        lines += [f"g {b[0]!r} {b[1]!r} {b[2]!r} {b[3]!r} {c} 0" for b, c in zip(boxes.tolist(), classes)]
        lines += [f"p {b[0]!r} {b[1]!r} {b[2]!r} {b[3]!r} {c} {s!r}" for b, c, s in zip(seen.tolist(), kinds, sure.tolist())]
    ran = subprocess.run([program, "boxes"], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
    scores = {kind: [] for kind in KINDS}
    for line in ran.stdout.splitlines():
        kind, *values = line.split()
        if kind in scores:
            scores[kind].append(max(map(float, values), default=0.0))
    scores = {kind: np.array(values) for kind, values in scores.items()}
    scores["pooled"] = 1 - np.prod([1 - scores[kind] for kind in KINDS], axis=0)
    return scores, float(ran.stderr)


def cleanlabs(planted, detections, classes):
    from cleanlab.object_detection import rank

    def corners(boxes):
        return np.hstack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]])

    labels = [{"bboxes": corners(b), "labels": c} for b, c in planted]
    predictions = []
    for seen, kinds, sure in detections:
        rows = np.hstack([corners(seen), sure[:, None]])
        predictions.append(np.array([rows[kinds == k] for k in range(classes)], dtype=object))
    begin = time.process_time()
    inputs = rank._get_valid_inputs_for_compute_scores(0.9, labels, predictions)
    parts = {"overlooked": rank.compute_overlooked_box_scores(auxiliary_inputs=inputs),
             "swapped": rank.compute_swap_box_scores(auxiliary_inputs=inputs),
             "misplaced": rank.compute_badloc_box_scores(auxiliary_inputs=inputs)}
    images = {kind: 1 - rank.pool_box_scores_per_image(scores) for kind, scores in parts.items()}
    images["pooled"] = 1 - np.exp(np.mean([np.log(np.clip(1 - images[kind], 1e-100, None)) for kind in KINDS], axis=0))
    return images, time.process_time() - begin


def measure(args, data):
    images, kin, classes = real_boxes(data)
    rows = []
    for seed in range(args.first, args.first + args.seeds):
        rng = np.random.default_rng(seed)
        chosen = [images[i] for i in rng.permutation(len(images))[: args.images or None]]
        detections = [detect(rng, b, c, kin[s]) for s, b, c in chosen]
        planted, at = plant(rng, chosen, kin)
        truth = {kind: np.array([i in at[kind] for i in range(len(chosen))]) for kind in KINDS}
        truth["pooled"] = np.any([truth[kind] for kind in KINDS], axis=0)
        for scale in SCALES:
            scaled = [(b * scale, c) for b, c in planted]
            seen = [(b * scale, c, s) for b, c, s in detections]
            own, own_seconds = ours(args.program, scaled, seen)
            theirs, their_seconds = cleanlabs(scaled, seen, classes) if not args.alone else (None, 0)
            for kind in (*KINDS, "pooled"):
                row = {"seed": seed, "scale": scale, "kind": kind, "vetset": average_precision_score(truth[kind], own[kind])}
                if theirs:
                    row["cleanlab"] = average_precision_score(truth[kind], theirs[kind])
                row["vetset_cpu_s"], row["cleanlab_cpu_s"] = own_seconds, their_seconds
                rows.append(row)
    return rows, len(images)


def speed(args):
    """Confident learning on many probabilities, and scores of boxes of many images: CPU seconds of one thread."""
    rng = np.random.default_rng(0)
    out = {}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        n, k = args.rows, args.columns
        labels = rng.integers(k, size=n).astype("<u4")
        values = np.memmap(folder / "values", "<f4", "w+", shape=(n, k))  # so that it need not be in memory
        for begin in range(0, n, 10_000):
            end = min(n, begin + 10_000)
            part = rng.random((end - begin, k), dtype=np.float32)
            part[np.arange(end - begin), labels[begin:end]] += rng.random(end - begin, dtype=np.float32) * k / 4
            values[begin:end] = part / part.sum(axis=1, keepdims=True)
        values.flush()
        labels.tofile(folder / "labels")
        ran = subprocess.run([args.program, "classes", folder / "values", folder / "labels", str(k), "quiet"],
                             capture_output=True, text=True, check=True)
        out["confident_learning"] = {"rows": n, "columns": k, "vetset_cpu_s": float(ran.stderr),
                                     "GB_per_s": round(values.nbytes / float(ran.stderr) / 1e9, 2)}
        if not args.alone:
            from cleanlab.filter import find_label_issues
            few = min(n, args.peer_rows)
            begin = time.process_time()
            find_label_issues(labels[:few].astype(int), np.array(values[:few]), n_jobs=1)
            seconds = time.process_time() - begin
            out["confident_learning"] |= {"cleanlab_rows": few, "cleanlab_cpu_s": seconds,
                                          "ratio": seconds / few * n / float(ran.stderr)}
    return out


def table_of(result):
    if planted := result.get("planted"):
        rows = planted["rows"]
        yield f"Mean AUPRC over {planted['seeds']} seeds (from {planted['first']}) of planting errors in {planted['images']} real images; one image in twenty for each kind.\n"
        yield "| scale of the images | errors | vetset | cleanlab 2.9 |"
        yield "|--:|---|--:|--:|"
        for scale in SCALES:
            for kind in (*KINDS, "pooled"):
                of = [r for r in rows if r["scale"] == scale and r["kind"] == kind]
                means = [f"{np.mean([r[who] for r in of]):.3f}" if who in of[0] else "" for who in ("vetset", "cleanlab")]
                yield f"| {scale} | {kind} | {means[0]} | {means[1]} |"
        seconds = [sum(r[who] for r in rows if r["kind"] == "pooled") for who in ("vetset_cpu_s", "cleanlab_cpu_s")]
        for kind in (*KINDS, "pooled"):
            of = [r for r in rows if r["kind"] == kind and "cleanlab" in r]
            if of:
                better = sum(r["vetset"] > r["cleanlab"] for r in of)
                ratio = np.mean([r["vetset"] for r in of]) / np.mean([r["cleanlab"] for r in of])
                yield f"\n{kind}: above cleanlab in {better} of {len(of)} seeds and scales; mean AUPRC {ratio:.1f} times its."
        yield f"\nCPU seconds for all scores: vetset {seconds[0]:.3f}, cleanlab {seconds[1]:.1f}, {seconds[1] / max(seconds[0], 1e-9):.0f} times as long.\n"
    if learnt := result.get("speed", {}).get("confident_learning"):
        yield (f"Confident learning on {learnt['rows']:,} × {learnt['columns']:,} probabilities (float32), one thread: vetset "
               f"{learnt['vetset_cpu_s']:.3f} CPU s ({learnt['GB_per_s']} GB/s), cleanlab {learnt.get('cleanlab_cpu_s', float('nan')):.2f} for "
               f"{learnt.get('cleanlab_rows', 0):,} of them: a row takes it {learnt.get('ratio', float('nan')):.0f} times as long.")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--images", type=int, default=0)
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=1_000)
    parser.add_argument("--peer-rows", type=int, default=100_000, help="of these for cleanlab, which takes more memory")
    parser.add_argument("--alone", action="store_true", help="vetset without cleanlab")
    parser.add_argument("--name", help="write bench/runs/NAME/table.md and result.json")
    args = parser.parse_args()
    result = {}
    if args.speed:
        result["speed"] = speed(args)
    if args.seeds:
        rows, images = measure(args, args.data)
        result["planted"] = {"images": images, "seeds": args.seeds, "first": args.first, "rows": rows}
    table = "\n".join(table_of(result)) + "\n"
    print(table, end="")
    if args.name:
        folder = pathlib.Path(__file__).parent / "runs" / args.name
        folder.mkdir(parents=True, exist_ok=True)
        command = " ".join(["python bench/label_errors.py", *sys.argv[1:]])
        (folder / "table.md").write_text(f"# {args.name}\n\n`{command}`\n\n{table}")
        (folder / "result.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
