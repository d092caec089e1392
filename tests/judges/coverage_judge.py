#!/usr/bin/env python3
"""Holds slices, combination coverage and drift against plain enumeration with pandas, itertools, SciPy and scikit-learn.

    VETSET=build/release/vetset .venv-judges/bin/python tests/judges/coverage_judge.py [--count N]

Random datasets are written as COCO. SliceLine's score of every slice, Fisher's test of every slice and class with
Benjamini and Yekutieli's rates, and pairs that hardly meet are worked out naively; shares of t-way combinations, with
constraints, by listing every full combination; the Jensen-Shannon divergence, the Kolmogorov-Smirnov distance and the
area under the curve of a domain classifier by SciPy and scikit-learn. Prints a line a question and `N passed, N failed`.
"""
import argparse
import itertools
import json
import pathlib
import random
import re
import sys
import tempfile

import numpy
import pandas
import scipy.stats
from scipy.spatial.distance import jensenshannon
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.metrics import roc_auc_score
from sklearn.naive_bayes import CategoricalNB

from judging import VETSET, finish, run, say

NEAR = 1e-9
NAMES = ("a", "b", "c", "d")


def attribute(name):
    return f"image.attribute.{name}"


def close(ours, theirs, near=NEAR):
    return abs(ours - theirs) <= near * max(1.0, abs(theirs))


class Made:
    """Images with four attributes that may be missing and one object each, in two splits; what a model finds of them."""

    def __init__(self, folder, seed, images, planted):
        draw = random.Random(seed)
        rows = []
        for i in range(images):
            row = {n: None if draw.random() < .05 else f"{n}{draw.randrange(3)}" for n in NAMES}
            row["split"] = "val" if draw.random() < .3 else "train"
            row["class"] = "bus" if draw.random() < (.7 if planted and row["a"] == "a1" else .3) else "car"
            if planted and row["split"] == "val" and draw.random() < .5:
                row["b"] = "b2"
            if planted and row["c"] == "c0" and row["d"] == "d0" and draw.random() < .95:
                row["d"] = "d1"
            wrong = .8 if planted and row["a"] == "a1" and row["c"] == "c2" else .2
            row["error"] = int(draw.random() < wrong)
            rows.append(row)
        self.table = pandas.DataFrame(rows)
        self.folder = pathlib.Path(folder) / f"{seed}-{images}-{planted}"
        (self.folder / "annotations").mkdir(parents=True)
        found = []
        for split in ("train", "val"):
            document = {"images": [], "annotations": [], "categories": [{"id": 1, "name": "car"}, {"id": 2, "name": "bus"}]}
            for i, row in enumerate(rows):
                if row["split"] != split:
                    continue
                category = 1 + (row["class"] == "bus")
                document["images"].append({"id": i, "file_name": f"{i}.jpg", "width": 100, "height": 100,
                                           "attributes": {n: row[n] for n in NAMES if row[n] is not None}})
                box = [10, 10, 20, 20]
                document["annotations"].append({"id": i, "image_id": i, "category_id": category, "bbox": box, "area": 400, "iscrowd": 0})
                found.append({"image_id": i, "category_id": category, "bbox": [70, 70, 20, 20] if row["error"] else box, "score": .9})
            (self.folder / "annotations" / f"instances_{split}.json").write_text(json.dumps(document))
        self.found = self.folder.parent / f"{self.folder.name}.found.json"
        self.found.write_text(json.dumps(found))

    def slices(self, *more, by=NAMES):
        done = run(VETSET, "slices", self.folder, "--no-pixels", "--json", "--by", ",".join(map(attribute, by)), *more)
        return json.loads(done.stdout) if done.returncode == 0 else say(False, "slices", done.stderr)

    def inside(self, where):
        """Who is in a slice that the document names."""
        of = pandas.Series(True, self.table.index)
        for one in where:
            of &= self.table[one["factor"].removeprefix("image.attribute.")] == one["level"]
        return of

    def all_slices(self, depth):
        for n in range(1, depth + 1):
            for names in itertools.combinations(NAMES, n):
                for levels in itertools.product(*(sorted(self.table[name].dropna().unique()) for name in names)):
                    yield (self.table[list(names)] == levels).all(axis=1)


def judge_errors(made, depth, least, alpha=.95):
    told = made.slices("--predictions", made.found, "--out-of-fold", "--depth", str(depth), "--least", str(least), "--top", "12")["errors"]
    error, n = made.table["error"], len(made.table)
    scores = []
    for inside in made.all_slices(depth):
        if inside.sum() >= least and error[inside].sum() > 0 and inside.sum() < n:
            score = alpha * (error[inside].mean() / error.mean() - 1) - (1 - alpha) * (n / inside.sum() - 1)
            scores += [score] if score > 0 else []
    scores = sorted(scores, reverse=True)[:12]
    ours = [s["score"] for s in told["slices"]]
    say(len(ours) == len(scores) and all(map(close, ours, scores)), f"SliceLine, depth {depth}, {least} or more of {n}: {len(scores)} best scores",
        f"{ours} and {scores}")
    wrong = [s for s in told["slices"] if made.inside(s["where"]).sum() != s["items"] or not close(s["error"], error[made.inside(s["where"])].mean())]
    say(not wrong and close(told["mean"], error.mean()), "their sizes and errors", wrong)
    return told


def fisher(inside, marked):
    """phi, and twice the smaller tail."""
    n, size, yes, both = len(inside), inside.sum(), marked.sum(), (inside & marked).sum()
    phi = numpy.corrcoef(inside, marked)[0, 1]
    law = scipy.stats.hypergeom(n, yes, size)
    return phi, min(1.0, 2 * min(law.cdf(both), law.sf(both - 1)))


def judge_uneven(what, made, told, marks, name_of, least):
    chances, strong = [], []
    for inside in made.all_slices(2):
        if not least <= inside.sum() < len(inside):
            continue
        for name, marked in marks.items():
            phi, p = fisher(inside, marked)
            chances.append(p if abs(phi) >= .1 else 1.0)
            strong.append((abs(phi), len(chances) - 1))
    q = scipy.stats.false_discovery_control(chances, method="by") if chances else []
    held = sorted((phi for phi, k in strong if phi >= .1 and q[k] <= .05), reverse=True)
    say(told["looked_at"] == len(chances) and told["held"] == len(held), f"{what}: {len(chances)} looked at, {len(held)} held",
        f"{told['looked_at']}, {told['held']}")
    if held:
        say(held[0] / 1.1 - 1e-6 <= abs(told["slices"][0]["phi"]) <= held[0] + 1e-6, f"{what}: the strongest, phi {held[0]:.3f}, or one condition "
            "of it that says nearly as much", told["slices"][0])
    far = []
    for s in told["slices"]:
        inside, marked = made.inside(s["where"]), marks[name_of(s)]
        phi, p = fisher(inside, marked)
        figures = (inside.sum(), (inside & marked).sum(), (~inside).sum(), (~inside & marked).sum())
        if figures != (s["items"], s["with"], s["others"], s["others_with"]) or not close(s["phi"], phi, 1e-6) or abs(s["p"] - p) > 1e-6 * p + 1e-300:
            far.append((s, figures, phi, p))
    say(not far, f"{what}: figures of {len(told['slices'])}", far[:1])


def judge_labels(made, least):
    told = made.slices("--least", str(least))["labels"]
    images = told["of"][0]
    classes = {c: made.table["class"] == c for c in ("car", "bus")}
    judge_uneven("classes", made, images["labels"], classes, lambda s: s["class"], least)
    judge_uneven("drift", made, images["drift"], {"val": made.table["split"] == "val"}, lambda s: s["split"], least)
    chances, thin = [], []
    for one, other in itertools.combinations(NAMES, 2):
        known = made.table[[one, other]].dropna()
        counts = pandas.crosstab(known[one], known[other])
        for x, y in itertools.product(counts.index, counts.columns):
            a, b, n = counts.loc[x].sum(), counts[y].sum(), len(known)
            if min((made.table[one] == x).sum(), (made.table[other] == y).sum()) < least or a * b / n < least:
                continue
            few = counts.loc[x, y] * 2 <= a * b / n
            chances.append(scipy.stats.hypergeom(n, a, b).cdf(counts.loc[x, y]) if few else 1.0)
            thin.append((few, a * b / n - counts.loc[x, y], len(chances) - 1))
    q = scipy.stats.false_discovery_control(chances, method="by") if chances else []
    held = sorted((missing for few, missing, k in thin if few and q[k] <= .05), reverse=True)
    ours = [s["expected"] - s["items"] for s in told["thin"]["slices"]]
    say(told["thin"]["looked_at"] == len(chances) and len(ours) == len(held[:10]) and all(map(close, ours, held)),
        f"pairs that hardly meet: {len(held)} of {len(chances)}", f"{ours}, {held}")
    return bool(images["labels"]["slices"] or images["drift"]["slices"] or told["thin"]["slices"])


def judge_combinations(made, seed):
    """t-way coverage with a constraint, and what val shows and train lacks."""
    draw = random.Random(seed)
    banned = {"a": f"a{draw.randrange(3)}", "b": f"b{draw.randrange(3)}"}
    levels = {n: [f"{n}{k}" for k in range(4)] for n in NAMES}  # one that nobody has
    least = draw.choice([1, 2, 5])
    lines = ["vetset: 1", "unit: image", "factors:"]
    lines += [f"  {n}: {{from: {attribute(n)}, levels: [{', '.join(levels[n])}]}}" for n in NAMES]
    lines += ["constraints:", f"  - not: {{a: {banned['a']}, b: {banned['b']}}}", "coverage:"]
    lines += [f"  - t_way: {{factors: [{', '.join(NAMES)}], t: {t}, min: {least}, report: true}}" for t in (1, 2, 3)]
    lines += [f"  - sdcc: {{from: val, minus: train, factors: [{', '.join(NAMES)}], t: {t}, at_most: 1}}" for t in (1, 2)]
    contract = made.folder.parent / f"{made.folder.name}.yaml"
    contract.write_text("\n".join(lines) + "\n")
    done = run(VETSET, "contract", "check", made.folder, "--contract", contract, "--no-pixels", "--json")
    if done.returncode == 2:
        return say(False, "contract", done.stderr)
    clauses = json.loads(done.stdout)["clauses"]
    whole = [c for c in itertools.product(*levels.values()) if (c[0], c[1]) != (banned["a"], banned["b"])]
    t_way = [c for c in clauses if c["kind"] == "t_way"]
    for t, clause in zip((1, 2, 3), t_way):
        valid = covered = 0
        for places in itertools.combinations(range(len(NAMES)), t):
            can_be = {tuple(c[p] for p in places) for c in whole}
            there = made.table[[NAMES[p] for p in places]].dropna().value_counts()
            valid += len(can_be)
            covered += sum(there.get(c, 0) >= least for c in can_be)
        say(close(clause["measured"], covered / valid), f"{t}-way coverage, {least} or more: {covered} of {valid}", clause)
    sdcc = [c for c in clauses if c["kind"] == "sdcc"]
    for t, clause in zip((1, 2), sdcc):
        shown, lacking = 0, 0
        for names in itertools.combinations(NAMES, t):
            sides = []
            for split in ("val", "train"):
                rows = made.table[made.table["split"] == split][list(names)].dropna()
                sides.append({r for r in rows.itertuples(index=False, name=None)
                              if not (dict(zip(names, r)).get("a") == banned["a"] and dict(zip(names, r)).get("b") == banned["b"])})
            shown += len(sides[0])
            lacking += len(sides[0] - sides[1])
        say(close(clause["measured"], lacking / shown), f"{t}-way combinations of val that train lacks: {lacking} of {shown}", clause)


def drift_of(folder):
    done = run(VETSET, "check", folder, "--select", "COV213", "--json")
    return [f for f in json.loads(done.stdout)["findings"] if f["code"] == "COV213"]


def judge_drift(made):
    told = [f for f in drift_of(made.folder) if "Jensen-Shannon" in f["message"]]
    shares = [made.table[made.table["split"] == s]["b"].fillna("not known").value_counts() for s in ("val", "train")]
    p, q = shares[0].align(shares[1], fill_value=0)
    expected = jensenshannon(p, q, base=2) ** 2
    say(len(told) == (expected > .1) and all(close(f["score"], expected) for f in told), f"Jensen-Shannon divergence {expected:.4f}", told)


def judge_weak_signs(folder, seed, numeric):
    """Many attributes that each moved a little, or one number that moved: a classifier, and the distance of distributions."""
    draw = numpy.random.default_rng(seed)
    n, moved = 600, numeric
    side = (draw.random(n) < .4).astype(int)
    if numeric:
        columns = {"speed": numpy.round(draw.normal(50 + 12 * side, 10), 3)}
    else:
        columns = {f"x{k}": numpy.where(draw.random(n) < .16 * side, 0, draw.integers(0, 3, n)) for k in range(14)}
    there = pathlib.Path(folder) / f"signs-{seed}-{moved}"
    (there / "annotations").mkdir(parents=True)
    for s, split in enumerate(("train", "val")):
        images = [{"id": int(i), "file_name": f"{i}.jpg", "width": 100, "height": 100,
                   "attributes": {k: float(v[i]) if numeric else f"v{v[i]}" for k, v in columns.items()}} for i in numpy.flatnonzero(side == s)]
        (there / "annotations" / f"instances_{split}.json").write_text(json.dumps(
            {"images": images, "categories": [{"id": 1, "name": "car"}],
             "annotations": [{"id": i["id"], "image_id": i["id"], "category_id": 1, "bbox": [1, 1, 9, 9], "area": 81, "iscrowd": 0} for i in images]}))
    told = drift_of(there)
    if numeric:
        expected = scipy.stats.ks_2samp(columns["speed"][side == 1], columns["speed"][side == 0]).statistic
        seen = [float(m[1]) for f in told if (m := re.search(r"Kolmogorov-Smirnov distance ([\d.]+)", f["message"]))]
        return say(len(seen) == 1 and abs(seen[0] - expected) <= .00501, f"Kolmogorov-Smirnov distance {expected:.4f}", told)
    table = numpy.stack(list(columns.values()), axis=1)
    scores = cross_val_predict(CategoricalNB(min_categories=3), table, side, cv=GroupKFold(5), groups=numpy.arange(n), method="predict_proba")[:, 1]
    area = roc_auc_score(side, scores)
    seen = [float(m[1]) for f in told if (m := re.search(r"AUC ([\d.]+)", f["message"]))]
    return say(len(seen) == 1 and abs(seen[0] - area) < .03, f"area of a domain classifier {area:.3f}", told)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=6)
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(count):
            for planted in (True, False):
                made = Made(folder, seed, 300 + 100 * (seed % 4), planted)
                told = judge_errors(made, 1 + seed % 3, 10 + seed)
                if planted and seed % 3 > 0:
                    best = {one["level"] for one in told["slices"][0]["where"]}
                    say({"a1", "c2"} <= best and told["slices"][0]["chance"] <= .05, "the planted slice is the worst", told["slices"][0])
                judge_labels(made, 10 + seed)
                judge_combinations(made, seed)
                judge_drift(made)
            judge_weak_signs(folder, seed, False)
            judge_weak_signs(folder, seed, True)
        # Noise: what is said of it, at all.
        runs = max(20, 4 * count)
        loud = weak = drifts = 0
        for seed in range(1000, 1000 + runs):
            made = Made(folder, seed, 250, False)
            labels = made.slices()["labels"]
            loud += any(part["slices"] for part in (labels["of"][0]["labels"], labels["of"][0]["drift"], labels["thin"]))
            errors = made.slices("--predictions", made.found, "--out-of-fold")["errors"]["slices"]
            weak += bool(errors) and errors[0]["chance"] <= .05
            drifts += bool(drift_of(made.folder))
        most = scipy.stats.binom(runs, .05).ppf(.999)
        for what, alarms in (("slices of labels", loud), ("slices of errors", weak), ("drift", drifts)):
            say(alarms <= most, f"{what}: {alarms} of {runs} datasets of noise, {most:.0f} at most")
    return finish()


if __name__ == "__main__":
    sys.exit(main())
