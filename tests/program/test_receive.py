"""receive: the receiver's own checks on what was sent; a counter-signature that holds, or a list of defects."""
import base64
import json
import subprocess

import jsonschema
import pytest
from conftest import failed, listing, said
from test_json import schema


@pytest.fixture
def keys(vetset):
    for name in ["sender", "ours", "other"]:
        assert vetset("key", "new", f"{name}.key").returncode == 0


@pytest.fixture
def package(vetset, coco, keys):
    assert vetset("pack", "coco", "-o", "coco.pkg", "--key", "sender.key").returncode == 0
    return vetset.folder / "coco.pkg"


def receipt(done, status):
    assert done.returncode == status and done.stderr == b"", done
    document = json.loads(done.stdout)
    jsonschema.validate(document, schema("receipt"), cls=jsonschema.Draft202012Validator)
    return document


def test_what_is_good_is_counter_signed_and_nothing_is_written_into_it(vetset, package):
    before = listing(package)
    text = said(vetset("receive", "coco.pkg", "--key", "sender.key.pub", "--sign-with", "ours.key", "-o", "answer.json"), 0)
    assert "VERIFIED" in text and "ACCEPTED" in text
    assert listing(package) == before
    assert "ACCEPTED" in said(vetset("receive", "coco.pkg", "--receipt", "answer.json", "--key", "ours.key.pub"), 0)
    failed(vetset("receive", "coco.pkg", "--receipt", "answer.json", "--key", "other.key.pub"), 1, "not signed by a key")
    failed(vetset("receive", "coco.pkg", "--receipt", "answer.json"), 2, "--key")
    # The signature by openssl's hands: DSSE's pre-authentication encoding of the payload.
    envelope = json.loads((vetset.folder / "answer.json").read_text())["dsseEnvelope"]
    payload = base64.b64decode(envelope["payload"])
    kind = envelope["payloadType"].encode()
    (vetset.folder / "signed").write_bytes(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
    (vetset.folder / "sig").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    subprocess.run(["openssl", "dgst", "-sha256", "-verify", "ours.key.pub", "-signature", "sig", "signed"], cwd=vetset.folder, check=True,
                   capture_output=True)
    statement = json.loads(payload)
    assert statement["predicateType"] == "urn:vetset:attestation:receipt:v1"
    jsonschema.validate(statement["predicate"], schema("receipt"), cls=jsonschema.Draft202012Validator)
    assert f"sha256:{statement['subject'][0]['digest']['sha256']}" == statement["predicate"]["package"]["package_id"]


def test_faults_are_defects_by_the_receivers_measure(vetset, street, keys):
    assert vetset("pack", "street", "-o", "street.pkg", "--key", "sender.key").returncode == 0
    done = receipt(vetset("receive", "street.pkg", "--key", "sender.key.pub", "--sign-with", "ours.key", "--json"), 1)
    assert done["result"] == "REFUSED" and {d["code"] for d in done["defects"]} >= {"LBL105", "LEA301"}
    assert not list(vetset.folder.glob("*.receipt.sigstore.json")), "what is refused is not signed"
    (vetset.folder / "vetset.toml").write_text('[check]\nselect = ["FMT401"]\n')
    assert receipt(vetset("receive", "street.pkg", "--key", "sender.key.pub", "--json"), 0)["defects"] == []
    said(vetset("receive", "street.pkg", "--key", "sender.key.pub", "--select", "LBL105", "--markdown", "defects.md"), 1)
    page = (vetset.folder / "defects.md").read_text()
    assert page.startswith("# Refused: ") and "LBL105" in page


def test_a_stranger_or_a_change_is_a_defect(vetset, package):
    done = receipt(vetset("receive", "coco.pkg", "--key", "other.key.pub", "--json"), 1)
    assert {d["kind"] for d in done["defects"]} == {"signature"} and "check" in done
    assert receipt(vetset("receive", "coco.pkg", "--json"), 1)["defects"][0]["kind"] == "signature"
    assert receipt(vetset("receive", "coco.pkg", "--unsigned", "--json"), 0)["result"] == "ACCEPTED"
    image = next(p for p in package.rglob("*") if p.suffix in (".jpg", ".png"))
    image.write_bytes(image.read_bytes() + b"x")
    done = receipt(vetset("receive", "coco.pkg", "--key", "sender.key.pub", "--json"), 1)
    assert done["defects"][0]["kind"] == "package" and "check" not in done, done


def test_a_receipt_is_of_one_package(vetset, package, coco):
    assert vetset("receive", "coco.pkg", "--key", "sender.key.pub", "--sign-with", "ours.key", "-o", "answer.json").returncode == 0
    assert vetset("pack", "coco", "-o", "later.pkg", "--key", "sender.key", "--name", "later").returncode == 0
    failed(vetset("receive", "later.pkg", "--receipt", "answer.json", "--key", "ours.key.pub"), 1, "another package")
    (vetset.folder / "answer.json").write_text("{}")
    failed(vetset("receive", "coco.pkg", "--receipt", "answer.json", "--key", "ours.key.pub"), 2, "answer.json")
    failed(vetset("receive", "nowhere", "--key", "sender.key.pub"), 2, "nowhere")
    failed(vetset("receive", "coco.pkg", "--sign-with", "nowhere.key"), 2, "nowhere.key")
    failed(vetset("receive", "coco.pkg", "--contract", "nowhere.yaml"), 2, "nowhere.yaml")
    failed(vetset("receive", "coco.pkg", "-o", "answer.json"), 2, "--sign-with")


def test_rules_of_our_own_that_did_not_run_are_told(vetset, package):
    (vetset.folder / "team_rules.py").write_text("raise SystemExit('it ran')")
    (vetset.folder / "vetset.toml").write_text('[check]\nrules = ["team_rules.py"]\n')
    command = ("receive", "coco.pkg", "--key", "sender.key.pub", "--fail-on", "never")
    text = said(vetset(*command, "--markdown", "answer.md"), 0)
    assert "NOT RUN  team_rules.py was not run: " in text
    assert "\nNot run: team\\_rules.py was not run: " in (vetset.folder / "answer.md").read_text()
    (missing,) = receipt(vetset(*command, "--json"), 0)["check"]["not_run"]
    assert missing.startswith("team_rules.py was not run: ")
    (vetset.folder / "vetset.toml").unlink()
    assert "not_run" not in receipt(vetset(*command, "--json"), 0)["check"]
