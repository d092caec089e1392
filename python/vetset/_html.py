"""Summaries for notebooks: one small table each, no scripts, no styles of their own; everything is escaped."""

from __future__ import annotations

import collections.abc
import html
import typing

MOST = 20


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return html.escape("" if value is None else str(value))


def _table(
    title: str,
    head: collections.abc.Sequence[str],
    rows: collections.abc.Iterable[collections.abc.Sequence[object]],
    foot: str = "",
) -> str:
    """A title, at most `MOST` rows, and how many more there are. `title` and `foot` are plain text."""
    rows = list(rows)
    parts = [f"<div><strong>{html.escape(title)}</strong>"]
    if rows:
        parts.append("<table><thead><tr>" + "".join(f"<th>{html.escape(h)}</th>" for h in head) + "</tr></thead><tbody>")
        parts += ["<tr>" + "".join(f"<td>{_cell(c)}</td>" for c in row) + "</tr>" for row in rows[:MOST]]
        parts.append("</tbody></table>")
    if len(rows) > MOST:
        parts.append(f"<div>and {len(rows) - MOST:,} more</div>")
    if foot:
        parts.append(f"<div>{html.escape(foot)}</div>")
    return "".join(parts) + "</div>"


def _counted(count: int, one: str) -> str:
    return f"{count:,} {one}" + ("" if count == 1 else "es" if one.endswith("s") else "s")


def dataset(ds: typing.Any) -> str:
    rows: list[tuple[str, object]] = [
        ("format", " ".join(word for word in (ds.format, ds.dialect) if word)),
        ("images", len(ds.images)),
        ("annotations", len(ds.annotations)),
        ("classes", ", ".join(ds.categories.name[:MOST]) + (" …" if len(ds.categories) > MOST else "")),
        ("splits", ", ".join(dict.fromkeys(ds.splits.name[:MOST]))),
    ]
    rows += [(step.name, step.summary) for step in ds.steps]
    return _table(f"vetset.Dataset {ds.path}", ("", ""), rows)


def package(opened: typing.Any) -> str:
    files = opened.manifest["files"]
    rows: list[tuple[str, object]] = [
        ("dataset", opened.dataset_id),
        ("labels", opened.labels_id),
        ("made of", opened.manifest["layout"]["format"]),
        ("files", len(files)),
        ("bytes", sum(file["size"] for file in files)),
    ]
    rows += [("statements", ", ".join(said.kind for said in opened.evidence))] if opened.evidence else []
    rows += [("documents", ", ".join(opened.documents))] if opened.documents else []
    return _table(f"vetset.Package {opened.name} {opened.version} {opened.path}", ("", ""), rows, "not verified here")


def scan(seen: typing.Any) -> str:
    def named(counts: list[dict[str, typing.Any]]) -> str:
        return ", ".join(f"{one['name']} {one['images']:,}" for one in counts[:MOST])

    rows: list[tuple[str, object]] = [
        ("images", seen["images"]),
        ("types", named(seen["types"])),
        ("decoded", named(seen["statuses"])),
        ("distinct files", seen["distinct_bytes"]),
        ("distinct pictures", seen["distinct_pixels"]),
        ("with a time, a place, a camera", ", ".join(f"{seen['exif'][what]:,}" for what in ("time", "place", "camera"))),
    ]
    rows += [(f"median {what}", seen[what].get("median")) for what in ("sharpness", "brightness", "contrast", "noise")]
    rows += [(f"{p['status']}: {p['reason']}", f"{len(p['images']):,}, first {p['images'][0]}") for p in seen.problems[:8]]
    return _table(repr(seen)[1:-1], ("", ""), rows, " · ".join(seen["notes"]))


def check(report: typing.Any) -> str:
    first = {}
    for finding in report:
        first.setdefault(finding.code, finding)
    rows = []
    for code, finding in first.items():
        place = ":".join(str(part) for part in (finding.file, finding.line) if part is not None)
        rows.append((finding.severity, code, finding.rule, report.counts.get(code, 0), place, finding.message))
    foot = ", ".join(_counted(n, what) for n, what in
                     ((report.errors, "error"), (report.warnings, "warning"), (report.notes, "note")))
    return _table("vetset.CheckReport", ("severity", "code", "rule", "count", "first", "message"), rows, foot)


def proof(done: typing.Any) -> str:
    rows = [(line["field"], line["outcome"], line["count"]) for line in done.lines if line["outcome"] != "kept"]
    title = f"vetset.Proof {done['from']} to {done['to']}: {done.verdict}"
    foot = "every other field came back as it was" if rows else "every field came back as it was"
    return _table(title, ("field", "outcome", "records"), rows, foot)


def fix(report: typing.Any) -> str:
    first = {}
    for edit in report.edits:
        first.setdefault(edit["repair"], edit)
    rows = [(first[name]["code"], name, count, f"{first[name]['where']}: {first[name]['what']}")
            for name, count in report.counts.items()]
    left = ", ".join(f"{name} ({count:,})" for name, count in report.unsafe.items())
    return _table("vetset.FixReport " + _counted(sum(report.counts.values()), "repair"),
                  ("code", "repair", "count", "first"), rows, f"not done without unsafe=True: {left}" if left else "")


def split(report: typing.Any) -> str:
    rows = [(s["name"], s["images"], s["groups"], s["objects"], f"{s['mean_deviation']:.1%}", f"{s['worst_deviation']:.1%}",
             s["worst_class"]) for s in report.splits]
    return _table(f"vetset.SplitReport {report.summary}",
                  ("split", "images", "groups", "objects", "off by", "worst", "class"), rows)


def transform(report: typing.Any) -> str:
    before, after = report["before"], report["after"]
    rows = [(what, before[what], after[what]) for what in ("images", "annotations", "categories", "splits")]
    return _table("vetset.TransformReport", ("", "before", "after"), rows)


def combine(report: typing.Any) -> str:
    rows = [(s["name"], s["format"], s["counts"]["images"], s["counts"]["annotations"], s["counts"]["categories"])
            for s in report["sources"]]
    after = report["after"]
    rows.append(("together", "", after["images"], after["annotations"], after["categories"]))
    return _table("vetset.CombineReport", ("dataset", "format", "images", "annotations", "classes"), rows)


def diff(report: typing.Any) -> str:
    if report.equal:
        return _table("vetset.Diff no difference", (), ())
    rows = [(what, report[what]["added"], report[what]["removed"], report[what]["changed"]) for what in ("images", "objects")]
    rows += [(f"class {c['name']}", c["added"], c["removed"], c["changed"]) for c in report["classes"]
             if c["added"] or c["removed"] or c["changed"]]
    return _table("vetset.Diff", ("", "added", "removed", "changed"), rows)


def stats(report: typing.Any) -> str:
    counts = report["counts"]
    title = f"vetset.Stats {_counted(counts['images'], 'image')}, {_counted(counts['annotations'], 'object')}"
    rows = [(c["name"], c["objects"], c["images"]) for c in sorted(report["classes"], key=lambda c: -c["objects"])]
    splits = ", ".join(f"{s['name'] or '(no split)'} {s['images']:,}" for s in report["splits"])
    return _table(title, ("class", "objects", "images"), rows, f"images: {splits}" if splits else "")


def evaluation(done: typing.Any) -> str:
    rows = [(line.metric, "mean" if line.iou is None else f"{line.iou:.2f}", line.area, line.max_dets,
             f"{line.value:.3f}" if line.value > -1 else "") for line in done.lines]
    met = ", ".join(f"{quirk.id} ({quirk.count:,})" for quirk in done.quirks)
    counts = ", ".join(_counted(n, what[:-1]) for what, n in done.counts.items())
    return _table(f"vetset.Evaluation {done.iou_type}, {done.mode}: {counts}",
                  ("", "IoU", "area", "detections", "value"), rows, f"quirks of the reference met: {met}" if met else "")
