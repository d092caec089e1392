"""--json of every verb is one document that its schema describes."""
import json
import pathlib

import jsonschema
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def schema(name):
    return json.loads((ROOT / "docs/schema" / f"{name}-v1.json").read_text())


def valid(done, name, statuses=(0,)):
    assert done.stderr == b"" and done.returncode in statuses, done
    document = json.loads(done.stdout)
    jsonschema.validate(document, schema(name), cls=jsonschema.Draft202012Validator)
    return document


def test_the_schemas_are_schemas():
    found = sorted((ROOT / "docs/schema").glob("*.json"))
    assert found
    for path in found:
        jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text()))


def test_check(vetset, street, coco):
    assert valid(vetset("check", "street", "--json"), "check", (1,))["counts"]
    valid(vetset("check", "coco", "--json"), "check")


@pytest.mark.parametrize("arguments, status", [(["--accept", "all"], 0), ([], 1), (["--accept", "all", "--dry-run"], 0)])
def test_convert(vetset, coco, arguments, status):
    done = vetset("convert", "coco", "out", "--to", "yolo", "--json", *arguments)
    printed = valid(done, "proof", (status,))
    assert printed["verdict"] == ("undecided" if status else "declared")
    proof = vetset.folder / "out.proof.json"
    assert proof.exists() == (status == 0 and "--dry-run" not in arguments)
    if proof.exists():
        assert json.loads(proof.read_text()) == printed


def test_explain(vetset, street):
    told = valid(vetset("explain", "LBL112", "--set", "image-size=1280", "--json"), "explain")
    assert told["rule"]["name"] == "tiny-object" and told["findings"] == []
    assert ("image-size", "1280", "640") in [(s["name"], s["value"], s["default"]) for s in told["rule"]["thresholds"]]
    checked = json.loads(vetset("check", "street", "--json").stdout)["findings"]
    one = next(f for f in checked if f.get("file"))
    for what in (one["fingerprint"], f"{one['code']}:{one['file']}"):
        told = valid(vetset("explain", what, "street", "--json"), "explain")
        assert one in told["findings"] and told["rule"]["code"] == one["code"]
    assert vetset("explain", "0" * 32, "street", "--json").stdout == b""


def test_seal_and_verify(vetset, coco):
    valid(vetset("key", "new", "a.key", "--json"), "key")
    sealed = valid(vetset("seal", "coco", "--key", "a.key", "--json"), "seal")
    seen = valid(vetset("verify", "coco", "--key", "a.key.pub", "--json"), "verify")
    assert seen["verdict"] == "VERIFIED" and seen["dataset_id"] == sealed["dataset_id"] and seen["signers"] == [sealed["key"]]
    (coco / "new").write_text("")
    assert valid(vetset("verify", "coco", "--json"), "verify", (1,))["verdict"] == "BROKEN"


def test_detect_formats_rules_identity(vetset, street, coco):
    assert valid(vetset("detect", "street", "--json"), "detect")["candidates"][0]["format"] == "yolo"
    assert {"coco", "yolo"} <= {f["id"] for f in valid(vetset("formats", "--json"), "formats")}
    assert "FMT401" in [r["code"] for r in valid(vetset("rules", "--json"), "rules")]
    ids = valid(vetset("identity", "coco", "--json"), "identity")
    assert ids["dataset_id"] == valid(vetset("seal", "coco", "--json"), "seal")["dataset_id"]
    assert valid(vetset("identity", "street", "--json"), "identity")["dataset_id"] is None  # an image is missing


def test_scan(vetset, street):
    seen = valid(vetset("scan", "street", "--json", "--no-cache"), "scan")
    assert seen["images"] == 73 and seen["decoded"] == 70 and len(seen["problems"]) == 2


def test_an_error_prints_no_half_document(vetset):
    done = vetset("check", "nowhere", "--json")
    assert done.returncode == 2 and done.stdout == b""


def test_contract_privacy_and_agreement(vetset, street, coco):
    assert vetset("contract", "init", "coco", "-o", "contract.yaml", "--no-pixels").returncode == 0
    told = valid(vetset("contract", "check", "coco", "--contract", "contract.yaml", "--no-pixels", "--json"), "contract-check")
    assert told["clauses"], told
    checked = valid(vetset("check", "coco", "--contract", "contract.yaml", "--json"), "check")
    assert "not_run" not in next(r for r in checked["rules"] if r["code"] == "COV205"), checked["rules"]
    valid(vetset("privacy", "street", "--json"), "privacy")
    assert valid(vetset("agreement", "coco", "coco", "--json"), "agreement")


def test_slices(vetset, coco):
    told = valid(vetset("slices", "coco", "--no-pixels", "--least", "1", "--json"), "slices")
    assert told["errors"] is None and told["labels"]["of"][0]["items"] > 0


def test_queue_and_review(vetset, coco):
    document = json.loads((coco / "annotations/instances_train.json").read_text())
    of = {i["id"]: i["file_name"] for i in document["images"]}
    rows = [f"{of[a['image_id']]},{a['id']},LBL131,{0.9 - n / 100}" for n, a in enumerate(document["annotations"][:6])]
    (vetset.folder / "suspects.csv").write_text("\n".join(["image,annotation,code,score", *rows]) + "\n")
    assert vetset("queue", "coco", "--suspects", "suspects.csv", "-o", "to-review", "--to", "coco").returncode == 0
    queue = json.loads((vetset.folder / "to-review.queue.json").read_text())
    jsonschema.validate(queue, schema("queue"), cls=jsonschema.Draft202012Validator)
    assert len(queue["items"]) == 6
    told = valid(vetset("review", "apply", "to-review", "coco", "--queue", "to-review.queue.json", "--json"), "review")
    assert [item["told"] for item in told["items"]] == ["untouched"] * 6 and not told["edits"]


def test_doctor(vetset):
    site = vetset.folder / "site/perf_analyzer-0.1.0.dist-info"
    site.mkdir(parents=True)
    (site / "METADATA").write_text("Name: perf-analyzer\nVersion: 0.1.0\n\n")
    (vetset.folder / "edge.json").write_text('{"vetset_machine": 1, "cpu": {"online": 8, "quota": 1.5}}')
    told = valid(vetset("doctor", "--site", "site", "--target", "edge.json", "--json"), "doctor", (1,))
    assert [line["check"] for line in told["lines"]] == ["cpu-quota", "placeholder"]
    done = vetset("doctor", "--describe")
    jsonschema.validate(json.loads(done.stdout), schema("machine"), cls=jsonschema.Draft202012Validator)
