"""Claims about packages: what pack and attest sign, what verify holds against it, and what it finds out again."""
import base64
import hashlib
import json
import shutil
import subprocess

import jsonschema
import pytest

from conftest import ROOT, failed, listing, said


def schema(name):
    return json.loads((ROOT / "docs/schema" / f"{name}-v1.json").read_text())


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def floats(value):
    if isinstance(value, float):
        return [value]
    return [f for v in (value.values() if isinstance(value, dict) else value if isinstance(value, list) else []) for f in floats(v)]


def statement(path):
    return json.loads(base64.b64decode(json.loads(path.read_bytes())["dsseEnvelope"]["payload"]))


def sign(path, said_there, key):
    """Replaces what a bundle says, signed with a key, as somebody would who has one."""
    bundle = json.loads(path.read_bytes())
    payload = canonical(said_there)
    kind = bundle["dsseEnvelope"]["payloadType"].encode()
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    made = subprocess.run(["openssl", "dgst", "-sha256", "-sign", str(key)], input=message, capture_output=True, check=True).stdout
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(payload).decode()
    bundle["dsseEnvelope"]["signatures"] = [{"sig": base64.b64encode(made).decode()}]
    path.write_bytes(canonical(bundle))


def one(folder, kind):
    found = sorted(folder.glob(f"{kind}-*.sigstore.json"))
    assert len(found) == 1, found
    return found[0]


def verify(vetset, status, *arguments):
    return said(vetset("verify", *arguments), status).splitlines()


def has(lines, *beginnings):
    for beginning in beginnings:
        assert any(line.startswith(beginning) for line in lines), (beginning, lines)


@pytest.fixture
def split(vetset, coco):
    """A dataset with two splits and the lock that made them, and two keys."""
    said(vetset("split", "coco", "-o", "street", "--ratios", "70/30", "--near", "basic"), 0)
    for key in ("team.key", "lab.key"):
        said(vetset("key", "new", key), 0)
    return vetset.folder / "street"


@pytest.fixture
def packed(vetset, split):
    said(vetset("pack", "street", "-o", "street.pkg", "--evidence", "audit,split,conversion", "--near", "basic", "--key", "team.key"), 0)
    return vetset.folder / "street.pkg"


def test_evidence_is_listed_and_every_claim_follows_its_schema(vetset, packed):
    manifest = json.loads((packed / "vetset.json").read_bytes())
    listed = {f["path"]: f for f in manifest["files"] if f["role"] == "evidence"}
    assert sorted(listed) == ["evidence/audit.json", "evidence/conversion.json", "evidence/split.json"]
    package = hashlib.sha256((packed / "vetset.json").read_bytes()).hexdigest()
    for kind in ("audit", "split", "conversion"):
        told = statement(one(packed / "attest", kind))
        predicate = told["predicate"]
        assert told["subject"] == [{"digest": {"sha256": package}, "name": "vetset.json"}]
        jsonschema.validate(predicate, schema(f"attestation-{kind}"), cls=jsonschema.Draft202012Validator)
        assert floats(predicate) == [] and predicate["dataset_id"] == manifest["dataset_id"] and predicate["result"] == "PASSED"
        document = (packed / predicate["evidence"]["path"]).read_bytes()
        assert predicate["evidence"]["sha256"] == hashlib.sha256(document).hexdigest() == listed[f"evidence/{kind}.json"]["sha256"]
        assert canonical(json.loads(document)) == document or kind == "audit"  # Python spells some doubles otherwise
        if kind != "conversion":
            jsonschema.validate(json.loads(document), schema(f"evidence-{kind}"), cls=jsonschema.Draft202012Validator)
    assert (packed / "evidence/conversion.json").read_bytes() + b"\n" == (vetset.folder / "street.pkg.proof.json").read_bytes()
    rule = json.loads((packed / "evidence/split.json").read_bytes())["rule"]
    assert rule["ratios"] == [70, 30] and rule["seed"] == 0 and rule["groups"] == 12


def test_the_same_data_make_the_same_evidence_anywhere(vetset, packed, split):
    (vetset.folder / "other").mkdir()
    shutil.copytree(split, vetset.folder / "other/elsewhere")
    done = vetset("pack", "elsewhere", "-o", "street.pkg", "--evidence", "audit,split,conversion", "--near", "basic",
                  cwd=vetset.folder / "other", env=vetset.environment(TZ="Asia/Tokyo", OMP_NUM_THREADS="1"))
    said(done, 0)
    there = vetset.folder / "other/street.pkg"
    for kind in ("audit", "split"):
        assert (there / f"evidence/{kind}.json").read_bytes() == (packed / f"evidence/{kind}.json").read_bytes()
    assert not (there / "attest").exists()  # without a key nobody says anything
    assert b"nobody's word yet" in done.stdout


def test_whoever_has_the_key_learns_what_was_said_and_by_whom(vetset, packed):
    lines = verify(vetset, 0, "street.pkg", "--key", "team.key.pub")
    has(lines, "OK   L3 audit:v1 PASSED by key ", "OK   L3 split:v1 PASSED by key ", "OK   L3 conversion:v1 PASSED by key ")
    lines = verify(vetset, 0, "street.pkg")
    has(lines, "NOT CHECKED: audit:v1 PASSED, says key ")
    lines = verify(vetset, 4, "street.pkg", "--key", "lab.key.pub")
    has(lines, "NOT CHECKED: audit:v1 PASSED, says key ")


def test_claims_are_found_again(vetset, packed):
    lines = verify(vetset, 0, "street.pkg", "--recheck", "audit,split,conversion", "--source", "street")
    has(lines, "OK   L5 audit:v1 ", "OK   L5 split:v1 ", "OK   L5 conversion:v1 ")
    lines = verify(vetset, 0, "street.pkg", "--recheck", "conversion,lineage")
    has(lines, "NOT CHECKED: conversion:v1 again: give what was converted with --source",
        "NOT CHECKED: lineage:v1 again: the package has no such claim")


def test_a_conversion_of_another_source_is_no_longer_claimed(vetset, packed, split):
    labels = next((split / "annotations").glob("*.json"))
    document = json.loads(labels.read_text())
    document["annotations"].pop()
    labels.write_text(json.dumps(document))
    lines = verify(vetset, 1, "street.pkg", "--recheck", "conversion", "--source", "street")
    has(lines, "L5 E_CLAIM attest/conversion-")
    assert any("'counts'" in line for line in lines)


@pytest.mark.parametrize("form", ["files", "shards", "tar", "sealed"])
def test_statements_are_added_and_nothing_else_changes(vetset, split, form):
    name = {"tar": "street.tar", "sealed": "street"}.get(form, "street.pkg")
    if form == "sealed":
        said(vetset("seal", "street", "--key", "team.key"), 0)
    else:
        single = ["--single-file"] if form == "tar" else []
        said(vetset("pack", "street", "-o", name, *single, "--layout", "files" if form == "tar" else form, "--key", "team.key"), 0)
    before = {} if form == "tar" else listing(vetset.folder / name)
    done = json.loads(said(vetset("attest", name, "--audit", "--split", "--near", "basic", "--key", "lab.key", "--json"), 0))
    jsonschema.validate(done, schema("attest"), cls=jsonschema.Draft202012Validator)
    assert [c["kind"] for c in done["claims"]] == ["audit", "split"]
    if form != "tar":
        after = listing(vetset.folder / name)
        assert {p: b for p, b in after.items() if p in before} == before
        assert sorted(set(after) - set(before)) == sorted(c["statement"] for c in done["claims"])
    lines = verify(vetset, 0, name, "--key", "team.key.pub,lab.key.pub", "--recheck", "audit,split")
    has(lines, "OK   L3 audit:v1 PASSED by key ", "OK   L5 audit:v1 ", "OK   L5 split:v1 ", "VERIFIED ")
    assert any(line.endswith(done["package_id"]) for line in lines)


def test_a_file_that_cannot_be_written_again_is_refused(vetset, split):
    said(vetset("seal", "street"), 0)
    shutil.make_archive(str(vetset.folder / "street"), "zip", vetset.folder / "street")
    failed(vetset("attest", "street.zip", "--audit", "--key", "team.key"), 1, "unpack this archive")


def test_without_a_key_there_is_no_statement(vetset, packed):
    before = listing(packed)
    failed(vetset("attest", "street.pkg", "--audit"), 2, "--key FILE")
    failed(vetset("attest", "street.pkg", "--key", "team.key"), 2, "say what to attest")
    failed(vetset("pack", "street", "-o", "more.pkg", "--evidence", "audit,magic"), 2, "no kind of evidence is called 'magic'")
    assert listing(packed) == before


def test_what_is_not_the_package_is_not_attested(vetset, packed):
    table = packed / "tables/samples.parquet"
    table.write_bytes(table.read_bytes()[:-1] + b"X")
    failed(vetset("attest", "street.pkg", "--audit", "--key", "lab.key"), 1, "E_DIGEST tables/samples.parquet")


def test_a_result_that_the_evidence_does_not_have_is_told(vetset, packed):
    said(vetset("attest", "street.pkg", "--audit", "--fail-on", "note", "--key", "lab.key"), 0)
    path = [p for p in sorted((packed / "attest").glob("audit-*")) if statement(p)["predicate"]["result"] == "FAILED"][0]
    forged = statement(path)
    forged["predicate"]["result"] = "PASSED"
    sign(path, forged, vetset.folder / "lab.key")
    lines = verify(vetset, 5, "street.pkg", "--key", "team.key.pub,lab.key.pub")
    has(lines, f"L4 E_EVIDENCE_MISMATCH attest/{path.name} expected=\"PASSED\" actual=\"FAILED\"")


def test_evidence_that_was_replaced_is_told(vetset, packed):
    document = packed / "evidence/audit.json"
    document.write_bytes(document.read_bytes().replace(b'"failed":false', b'"failed":true '))
    lines = verify(vetset, 1, "street.pkg", "--key", "team.key.pub")
    has(lines, "L1 E_DIGEST evidence/audit.json", "L4 E_EVIDENCE_MISMATCH evidence/audit.json")


def test_a_statement_about_an_older_version_is_stale(vetset, packed, split):
    labels = next((split / "annotations").glob("*.json"))
    document = json.loads(labels.read_text())
    document["annotations"].pop()
    labels.write_text(json.dumps(document))
    said(vetset("pack", "street", "-o", "newer.pkg", "--key", "team.key"), 0)
    old = one(packed / "attest", "split")
    shutil.copy(old, vetset.folder / "newer.pkg/attest" / old.name)
    lines = verify(vetset, 5, "newer.pkg", "--key", "team.key.pub")
    has(lines, f"L4 E_CLAIM_STALE attest/{old.name} ")


def test_a_copy_that_an_insider_puts_across_the_splits_is_found(vetset, split):
    train, val = (split / f"annotations/instances_{s}.json" for s in ("train", "val"))
    image = json.loads(val.read_text())["images"][0]
    shutil.copy(split / "images" / image["file_name"], split / "images/copy.jpg")
    document = json.loads(train.read_text())
    document["images"].append({**image, "id": 9999, "file_name": "copy.jpg"})
    train.write_text(json.dumps(document))
    said(vetset("pack", "street", "-o", "leak.pkg", "--key", "team.key"), 0)
    lines = verify(vetset, 1, "leak.pkg", "--key", "team.key.pub", "--recheck", "split")
    has(lines, f"L5 E_LEAK exact copy.jpg~{image['file_name']}")
    # Who says so openly makes no false claim; who signs that there is none does.
    (split / "split.lock").unlink()
    said(vetset("pack", "street", "-o", "open.pkg", "--key", "team.key", "--evidence", "split", "--near", "basic"), 0)
    lines = verify(vetset, 0, "open.pkg", "--key", "team.key.pub", "--recheck", "split")
    has(lines, "L3 W_FAILED attest/split-", "L5 W_LEAK exact copy.jpg~", "OK   L5 split:v1 ")
    path = one(vetset.folder / "open.pkg/attest", "split")
    forged = statement(path)
    forged["predicate"]["result"] = "PASSED"
    forged["predicate"]["crossing"] = {}
    sign(path, forged, vetset.folder / "team.key")
    lines = verify(vetset, 5, "open.pkg", "--key", "team.key.pub")
    has(lines, "L4 E_EVIDENCE_MISMATCH evidence/split.json")


def test_lineage_names_the_parent_and_counts_what_changed(vetset, packed, split):
    for labels in (split / "annotations").glob("*.json"):
        document = json.loads(labels.read_text())
        document["annotations"] = document["annotations"][1:]
        labels.write_text(json.dumps(document))
    said(vetset("pack", "street", "-o", "newer.pkg", "--key", "team.key", "--evidence", "lineage", "--earlier", "street.pkg",
                "--steps", "street.split.json"), 0)
    predicate = statement(one(vetset.folder / "newer.pkg/attest", "lineage"))["predicate"]
    jsonschema.validate(predicate, schema("attestation-lineage"), cls=jsonschema.Draft202012Validator)
    assert predicate["parents"][0]["package_id"] == "sha256:" + hashlib.sha256((packed / "vetset.json").read_bytes()).hexdigest()
    assert predicate["rows"]["objects"] == {"added": 0, "removed": 2, "changed": 0}
    step = (vetset.folder / "street.split.json").read_bytes().rstrip(b"\n")
    assert predicate["operations"][0]["name"] == "split"
    assert predicate["operations"][0]["digest"] == "sha256:" + hashlib.sha256(step).hexdigest()
    lines = verify(vetset, 0, "newer.pkg", "--recheck", "lineage", "--earlier", "street.pkg")
    has(lines, "OK   L5 lineage:v1 ")
    lines = verify(vetset, 1, "newer.pkg", "--recheck", "lineage", "--earlier", "newer.pkg")
    has(lines, "L5 E_CLAIM attest/lineage-")


@pytest.fixture
def evaluated(vetset, packed, split):
    """Predictions that miss every third object of the truth and are a little off."""
    rows = []
    for labels in sorted((split / "annotations").glob("*.json")):
        for n, a in enumerate(json.loads(labels.read_text())["annotations"]):
            if n % 3 and a.get("bbox"):
                x, y, w, h = a["bbox"]
                rows.append({"image_id": a["image_id"], "category_id": a["category_id"], "bbox": [x + 0.7, y, w, h], "score": 1 / (2 + n)})
    (vetset.folder / "results.json").write_text(json.dumps(rows))
    said(vetset("evaluate", "street", "results.json", "-o", "record.json", "--quiet"), 0)
    (vetset.folder / "model.pt").write_bytes(b"weights")
    return rows


def test_figures_are_attested_exactly_and_found_again(vetset, packed, evaluated):
    said(vetset("attest", "street.pkg", "--evaluation", "record.json", "--model", "model.pt", "--key", "lab.key"), 0)
    predicate = statement(one(packed / "attest", "evaluation"))["predicate"]
    jsonschema.validate(predicate, schema("attestation-evaluation"), cls=jsonschema.Draft202012Validator)
    assert floats(predicate) == [] and predicate["model"]["sha256"] == hashlib.sha256(b"weights").hexdigest()
    record = json.loads((vetset.folder / "record.json").read_text())
    assert [float(f["value"]) for f in predicate["figures"]] == [line["value"] for line in record["lines"]]
    lines = verify(vetset, 0, "street.pkg", "--recheck", "evaluation", "--predictions", "results.json")
    has(lines, "OK   L5 evaluation:v1 ")
    (vetset.folder / "results.json").write_text(json.dumps(evaluated[:-5]))
    lines = verify(vetset, 1, "street.pkg", "--recheck", "evaluation", "--predictions", "results.json")
    has(lines, "L5 E_CLAIM attest/evaluation-")


def test_documents_of_other_data_are_refused(vetset, packed, evaluated, split):
    said(vetset("pack", "coco", "-o", "coco.pkg"), 0)
    failed(vetset("attest", "coco.pkg", "--evaluation", "record.json", "--key", "lab.key"), 1, "the evaluation is of other data")
    failed(vetset("attest", "coco.pkg", "--conversion", "street.pkg.proof.json", "--key", "lab.key"), 1, "the proof is of other files")
    said(vetset("attest", "coco.pkg", "--conversion", "coco.pkg.proof.json", "--key", "lab.key"), 0)
    failed(vetset("attest", "coco.pkg", "--conversion", "record.json", "--key", "lab.key"), 2)


def policy(vetset, change):
    said(vetset("key", "new", "root.key"), 0)
    said(vetset("trust", "init", "policy.json", "--add", "release=team.key.pub,auditor=lab.key.pub"), 0)
    document = json.loads((vetset.folder / "policy.json").read_text())
    document.update(change)
    (vetset.folder / "policy.json").write_text(json.dumps(document))
    said(vetset("trust", "sign", "policy.json", "--key", "root.key", "-o", "trust.json"), 0)
    return ["--policy", "trust.json", "--policy-key", "root.key.pub"]


def test_a_policy_asks_for_evidence_of_a_role_with_a_result(vetset, packed):
    asked = policy(vetset, {"evidence": [{"kind": "audit", "role": "auditor", "result": "PASSED"}]})
    lines = verify(vetset, 5, "street.pkg", *asked)
    has(lines, "L4 E_ATTEST_MISSING expected=urn:vetset:attestation:audit:v1 — there is one, and none is signed by a key of the role 'auditor'")
    said(vetset("attest", "street.pkg", "--audit", "--fail-on", "note", "--key", "lab.key"), 0)
    lines = verify(vetset, 5, "street.pkg", *asked)
    has(lines, "L4 E_RESULT attest/audit-")
    said(vetset("attest", "street.pkg", "--audit", "--key", "lab.key"), 0)
    has(verify(vetset, 0, "street.pkg", *asked), "VERIFIED ")


def test_a_policy_allows_some_licences(vetset, packed):
    lines = verify(vetset, 0, "street.pkg", *policy(vetset, {"licences": ["Apache-2.0"]}))
    has(lines, "OK   L4 licences of 12 images are allowed")
    (vetset.folder / "root.key").unlink()
    (vetset.folder / "root.key.pub").unlink()
    (vetset.folder / "policy.json").unlink()
    (vetset.folder / "trust.json").unlink()
    lines = verify(vetset, 5, "street.pkg", *policy(vetset, {"licences": ["MIT"]}))
    has(lines, "L4 E_LICENSE Apache-2.0 ")


def test_a_folder_is_sealed_with_what_was_found_out_about_it(vetset, split):
    before = listing(split)
    done = json.loads(said(vetset("seal", "street", "--evidence", "audit,split", "--near", "basic", "--key", "team.key", "--json"), 0))
    jsonschema.validate(done, schema("seal"), cls=jsonschema.Draft202012Validator)
    assert [c["evidence"] for c in done["claims"]] == [".vetset/evidence/audit.json", ".vetset/evidence/split.json"]
    manifest = json.loads((split / ".vetset/vetset.json").read_bytes())
    listed = {f["path"]: f["sha256"] for f in manifest["files"] if f["role"] == "evidence"}
    assert sorted(listed) == [c["evidence"] for c in done["claims"]]
    for claim in done["claims"]:
        assert listed[claim["evidence"]] == hashlib.sha256((split / claim["evidence"]).read_bytes()).hexdigest()
        predicate = statement(split / claim["statement"])["predicate"]
        jsonschema.validate(predicate, schema(f"attestation-{claim['kind']}"), cls=jsonschema.Draft202012Validator)
        assert predicate["evidence"]["path"] == claim["evidence"] and claim["result"] == "PASSED"
    assert {p: b for p, b in listing(split).items() if not p.startswith(".vetset")} == before
    lines = verify(vetset, 0, "street", "--key", "team.key.pub", "--recheck", "audit,split")
    has(lines, "OK   L3 audit:v1 PASSED by key ", "OK   L5 audit:v1 found again", "OK   L5 split:v1 found again", "VERIFIED street ")

    # The same files, sealed again over a seal that has tables and evidence, make the same documents.
    said(vetset("seal", "street", "--evidence", "split,audit", "--near", "basic"), 0)
    again = json.loads((split / ".vetset/vetset.json").read_bytes())
    assert {f["path"]: f["sha256"] for f in again["files"] if f["role"] == "evidence"} == listed
    has(verify(vetset, 0, "street"), "INTACT street ")


def test_evidence_of_a_sealed_folder_that_says_something_else_is_found(vetset, split):
    said(vetset("seal", "street", "--evidence", "audit", "--key", "team.key"), 0)
    document = split / ".vetset/evidence/audit.json"
    document.write_bytes(document.read_bytes().replace(b'"count":', b'"count" :'))
    has(verify(vetset, 1, "street", "--key", "team.key.pub"), "L0 E_SIZE .vetset/evidence/audit.json")


@pytest.mark.parametrize("kind, words", [
    ("conversion", b"'vetset attest --conversion' adds it"), ("evaluation", b"'vetset attest' adds it"),
    ("lineage", b"a lineage needs"), ("virtue", b"no kind of evidence is called 'virtue'")])
def test_what_a_seal_cannot_find_out_leaves_the_folder_as_it_was(vetset, split, kind, words):
    before = listing(split)
    done = vetset("seal", "street", "--evidence", kind)
    assert done.returncode == 2 and words in done.stderr, done
    assert listing(split) == before
