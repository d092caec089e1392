#!/usr/bin/env python3
"""Claims about packages, read by somebody who has no vetset: a DSSE reader of twenty lines with openssl, DuckDB
on the tables, hashlib on the files, pycocotools on the predictions. Each claim's figures are found a second way.

    VETSET=build/release/vetset .venv-judges/bin/python tests/judges/evidence_judge.py
"""
import base64
import collections
import contextlib
import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import duckdb
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from judging import DATA, ROOT, VETSET, finish, run, say  # noqa: E402


class InvalidSignature(Exception):
    pass


def vetset(*command, status=0):
    done = run(VETSET, *command)
    if done.returncode != status:
        say(False, f"vetset {' '.join(map(str, command))}", f"exit {done.returncode}\n{done.stdout}{done.stderr}")
        sys.exit(finish())
    return done.stdout


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def read_statement(path, public_key, manifest):
    """The predicate of a statement that this key signed about this manifest."""
    envelope = json.loads(path.read_bytes())["dsseEnvelope"]
    payload, kind = base64.b64decode(envelope["payload"], validate=True), envelope["payloadType"].encode()
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    with tempfile.NamedTemporaryFile() as signature:
        pathlib.Path(signature.name).write_bytes(base64.b64decode(envelope["signatures"][0]["sig"], validate=True))
        done = subprocess.run(["openssl", "dgst", "-sha256", "-verify", str(public_key), "-signature", signature.name], input=message, capture_output=True)
    if done.returncode != 0:
        raise InvalidSignature(path.name)
    statement = json.loads(payload)
    assert envelope["payloadType"] == "application/vnd.in-toto+json" and statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"] == [{"digest": {"sha256": sha256(manifest)}, "name": "vetset.json"}]
    return statement["predicateType"].split(":")[3], statement["predicate"]


def claims_of(package, public_key):
    manifest = (package / "vetset.json").read_bytes()
    files = {f["path"]: f for f in json.loads(manifest)["files"]}
    found = {}
    for path in sorted((package / "attest").glob("*-*.sigstore.json")):
        kind, predicate = read_statement(path, public_key, manifest)
        evidence = predicate["evidence"]
        document = evidence["text"].encode() if "text" in evidence else (package / evidence["path"]).read_bytes()
        assert sha256(document) == evidence["sha256"] and len(document) == evidence["size"]
        assert "text" in evidence or files[evidence["path"]]["sha256"] == evidence["sha256"]
        assert predicate["dataset_id"] == json.loads(manifest)["dataset_id"]
        found[kind] = (predicate, json.loads(document))
    return found


def root_of(rows):
    """RFC 6962."""
    if not rows:
        return sha256(b"")
    level = [hashlib.sha256(b"\0" + r).digest() for r in rows]

    def fold(leaves):
        if len(leaves) == 1:
            return leaves[0]
        k = 1 << (len(leaves) - 1).bit_length() - 1
        return hashlib.sha256(b"\1" + fold(leaves[:k]) + fold(leaves[k:])).digest()
    return fold(level).hex()


def query(package, sql):
    return duckdb.sql(sql.replace("TABLES", str(package / "tables"))).fetchall()


COPIES = """WITH s AS (SELECT media_sha256, unnest(splits) AS split FROM 'TABLES/samples.parquet')
            SELECT media_sha256 FROM s GROUP BY 1 HAVING count(DISTINCT split) > 1"""


def judge_split(name, package, predicate):
    crossing = predicate["crossing"].get("bytes", 0)
    say((crossing == 0) == (query(package, COPIES) == []), f"{name}: DuckDB finds copies across the splits exactly where split:v1 does", predicate["crossing"])
    sizes = query(package, """SELECT p.name, count(DISTINCT m.sample_id) FROM 'TABLES/memberships.parquet' m
        JOIN 'TABLES/splits.parquet' p USING (split_id) GROUP BY 1""")
    told = collections.Counter()
    for split in predicate["splits"]:
        for part in split["name"].split(" = "):
            told[part] += split["images"]
    say(dict(sizes) == dict(told), f"{name}: the splits have as many images as DuckDB counts", (sizes, told))
    images = predicate["detector"]["images"] if predicate["detector"] else 0
    say(predicate["compared_pairs"] == images * (images - 1) // 2, f"{name}: every pair of {images} images was compared")


def judge_conversion(name, source, package, predicate, proof):
    files = proof["source"].get("files", [])
    good = all((source / f["path"]).is_file() and "sha256:" + sha256((source / f["path"]).read_bytes()) == f["digest"] for f in files)
    say(good, f"{name}: the {len(files)} source files have the digests of conversion:v1")
    rows = [f"{f['digest'][7:]} {f['bytes']} {f['path']}".encode() for f in files]
    say(not files or "sha256:" + root_of(rows) == predicate["source"]["root"], f"{name}: and its Merkle root")
    counts = {t: query(package, f"SELECT count(*) FROM 'TABLES/{t}.parquet'")[0][0] for t in ("samples", "annotations", "categories")}
    after = predicate["counts"]["after"]
    say(list(counts.values()) == [after["images"], after["annotations"], after["categories"]], f"{name}: DuckDB counts as many rows", (counts, after))


def judge_audit(name, package, predicate, document):
    per_rule = collections.Counter(f["code"] for f in document["check"]["findings"])
    counts = {c["code"]: c["count"] for c in predicate["checks"]}
    say(all(min(20, counts[code]) == n for code, n in per_rule.items()), f"{name}: the sample has up to 20 findings of each rule that has some")
    by_severity = collections.Counter()
    for check in predicate["checks"]:
        by_severity[check["severity"] + "s"] += check["count"]
    say(predicate["findings"]["count"] == sum(counts.values()), f"{name}: the findings are those of the checks", predicate["findings"]["count"])
    # Every finding is under the root: a check of anybody's gives it again.
    again = json.loads(run(VETSET, "check", package, "--json").stdout)["findings"]
    say(len(again) >= len(document["check"]["findings"]), f"{name}: 'vetset check' finds as many")


def judge_lineage(name, earlier, package, predicate):
    moved = lambda a, b: query(package, f"""SELECT count(*) FROM '{a}/tables/annotations.parquet'
        WHERE ann_id NOT IN (SELECT ann_id FROM '{b}/tables/annotations.parquet')""")[0][0]  # noqa: E731
    objects = predicate["rows"]["objects"]
    say((moved(package, earlier), moved(earlier, package)) == (objects["added"], objects["removed"]), f"{name}: DuckDB counts the objects that came and went", objects)
    parent = json.loads((earlier / "vetset.json").read_bytes())
    say(predicate["parents"][0]["dataset_id"] == parent["dataset_id"], f"{name}: lineage:v1 names its parent")


def judge_evaluation(name, truth, predictions, predicate):
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(truth))
        judge = COCOeval(coco, coco.loadRes(str(predictions)), predicate["iou_type"])
        judge.params.imgIds = sorted(coco.getImgIds())
        judge.evaluate(), judge.accumulate(), judge.summarize()
    told = [float(f["value"]) for f in predicate["figures"]]
    say(all(abs(a - b) < 1e-12 for a, b in zip(told, judge.stats)) and len(told) == len(judge.stats), f"{name}: pycocotools' {len(told)} figures are those of evaluation:v1", (told, list(judge.stats)))


def judge(source, folder, key):
    name, package = source.name, folder / "set.pkg"
    splits = json.loads(vetset("stats", source, "--json")).get("splits", [])
    kinds = "audit,conversion" + (",split" if len({s["name"] for s in splits}) > 1 else "")
    vetset("pack", source, "-o", package, "--evidence", kinds, "--key", key, "--near", "basic")
    found = claims_of(package, folder / "team.key.pub")
    say(set(found) == set(kinds.split(",")), f"{name}: the statements are this key's, about this manifest, with their evidence: {', '.join(found)}")
    judge_conversion(name, source, package, *found["conversion"])
    judge_audit(name, package, *found["audit"])
    if "split" in found:
        judge_split(name, package, found["split"][0])
    lines = vetset("verify", package, "--key", folder / "team.key.pub", "--recheck", kinds, "--source", source)
    say(lines.count("OK   L5") == len(found), f"{name}: vetset finds {kinds} again", lines)
    return package


def judge_sample(folder, key):
    """Everything on the sample, with leaks, an earlier version and predictions."""
    source = folder / "street"
    vetset("split", ROOT / "samples/street-coco", "-o", source, "--ratios", "70/30", "--near", "basic")
    package = judge(source, folder, key)
    labels = sorted((source / "annotations").glob("*.json"))
    val = json.loads(labels[1].read_text())
    shutil.copy(source / "images" / val["images"][0]["file_name"], source / "images/copy.jpg")
    train = json.loads(labels[0].read_text())
    train["images"].append({**val["images"][0], "id": 99999, "file_name": "copy.jpg"})
    train["annotations"] = train["annotations"][2:]
    labels[0].write_text(json.dumps(train))
    newer = folder / "newer.pkg"
    (source / "split.lock").unlink()
    vetset("pack", source, "-o", newer, "--evidence", "split,lineage", "--earlier", package, "--key", key, "--near", "basic")
    found = claims_of(newer, folder / "team.key.pub")
    judge_split("street with a leak", newer, found["split"][0])
    say(found["split"][0]["result"] == "FAILED" and len(query(newer, COPIES)) == 1, "street with a leak: split:v1 has FAILED")
    judge_lineage("street with a leak", package, newer, found["lineage"][0])
    # One flipped bit of the payload, and the reader believes nothing.
    path = next((newer / "attest").glob("split-*"))
    text = path.read_text()
    bundle = json.loads(text)
    payload = bytearray(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    payload[payload.index(b"FAILED") : payload.index(b"FAILED") + 6] = b"PASSED"
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(payload).decode()
    path.write_text(json.dumps(bundle, sort_keys=True, separators=(",", ":")))
    try:
        read_statement(path, folder / "team.key.pub", (newer / "vetset.json").read_bytes())
        believed = True
    except InvalidSignature:
        believed = False
    done = run(VETSET, "verify", newer, "--key", folder / "team.key.pub")
    say(not believed and done.returncode == 4 and "E_SIG" in done.stdout, "a statement that was edited is nobody's, says openssl and says vetset", done.stdout)


def judge_figures(folder, key):
    truth, predictions = DATA / "coco-eval/instances_val2014_100.json", DATA / "coco-eval/instances_val2014_fakebbox100_results.json"
    if not truth.exists():
        return print("skipped 1: VETSET_DATA")
    package, record = folder / "coco.pkg", folder / "record.json"
    vetset("pack", truth, "-o", package)
    vetset("evaluate", truth, predictions, "-o", record, "--quiet")
    vetset("attest", package, "--evaluation", record, "--key", key)
    predicate, _ = claims_of(package, folder / "team.key.pub")["evaluation"]
    judge_evaluation("coco-eval", truth, predictions, predicate)
    lines = vetset("verify", package, "--recheck", "evaluation", "--predictions", predictions)
    say("OK   L5 evaluation:v1" in lines, "coco-eval: vetset finds the figures again", lines)
    return None


def judge_guide(folder):
    """The page of claims: its commands, then its Python."""
    page = (ROOT / "docs/guide/claims.md").read_text(encoding="utf-8")
    os.chdir(folder)
    shutil.copytree(ROOT / "samples/street-coco", "street-coco")
    commands = [line[2:] for block in page.split("```console\n")[1:] for line in block.split("```")[0].splitlines() if line.startswith("$ ")]
    environment = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}"}
    os.mkdir("bin")
    os.symlink(VETSET, "bin/vetset")
    for command in commands:
        subprocess.run(["bash", "-c", command], env=environment, capture_output=True)
    printed = io.StringIO()
    scope = {}
    with contextlib.redirect_stdout(printed):
        for block in page.split("```python\n")[1:]:
            exec(compile(block.split("```")[0], "docs/guide/claims.md", "exec"), scope)  # noqa: S102
    os.chdir(ROOT)
    lines = printed.getvalue().splitlines()
    say(lines[:3] == [f"urn:vetset:attestation:{k}:v1 PASSED" for k in ("audit", "conversion", "split")] and lines[3] == "1" and
        lines[-1] == "vetset verify PACKAGE --recheck audit", "docs/guide/claims.md: its Python prints what it says", printed.getvalue())


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        vetset("key", "new", folder / "team.key")
        judge_sample(folder, folder / "team.key")
        judge_figures(folder, folder / "team.key")
        missing = 0
        for data in ("bccd", "rice-pest", "chess-coco"):
            if not (DATA / data).exists():
                missing += 1
                continue
            shutil.rmtree(folder / "set.pkg", ignore_errors=True)
            judge(DATA / data, folder, folder / "team.key")
        if missing:
            print(f"skipped {missing}: VETSET_DATA")
        os.mkdir(folder / "guide")
        judge_guide(folder / "guide")
    return finish()


if __name__ == "__main__":
    sys.exit(main())
