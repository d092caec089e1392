"""Claims, proofs of single samples and trust policies: the words of attest, verify --recheck, prove and trust."""

import json
import shutil

import pytest
import vetset


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def key(tmp_path):
    return vetset.new_key(tmp_path / "team.key")


@pytest.fixture
def parted(coco, tmp_path):
    """The same images in two splits."""
    vetset.open(coco).split("50/50", near="none").convert(tmp_path / "parted", to="coco", accept="all")
    return tmp_path / "parted"


@pytest.fixture
def package(coco, tmp_path, key):
    vetset.open(coco).pack(tmp_path / "pets.pkg", name="pets", version="1.2.0", key=key.private_path)
    return tmp_path / "pets.pkg"


def lines_of(seen, level):
    return [line for line in seen.lines if line.level == level]


def test_a_package_is_attested_and_its_claims_are_found_again(parted, tmp_path, key):
    package = tmp_path / "parted.pkg"
    vetset.open(parted).pack(package, key=key.private_path)
    before = {p: p.read_bytes() for p in package.rglob("*") if p.is_file()}
    done = vetset.attest(package, key=key.private_path, audit=True, select="FMT", fail_on="never", split=True, near="basic")
    assert [c.kind for c in done.claims] == ["audit", "split"] and done.key_hint == key.hint
    assert done.package_id == vetset.Package(package).package_id and "audit, split" in repr(done)
    audit = done.claims[0]
    assert audit.result == "PASSED" and audit.evidence is None and (package / audit.statement).is_file() and audit.says
    assert {p: p.read_bytes() for p in before} == before
    said = {e.kind: e for e in vetset.Package(package).evidence}
    assert said["audit"].result == "PASSED" and said["audit"].signed_by == key.hint and said["audit"].about_this
    assert json.loads(said["audit"].predicate["evidence"]["text"])["asked"]["select"] == ["FMT"]

    seen = vetset.verify(package, key.public_path, recheck="audit,split")
    assert seen.verdict == "verified" and [line.code for line in lines_of(seen, "L5")] == ["OK", "OK"]
    seen = vetset.Package(package).verify(recheck=["lineage"])
    assert seen and seen.not_checked[-1] == "lineage:v1 again: the package has no such claim"
    assert not lines_of(vetset.verify(package), "L5")


def test_a_claim_is_as_strict_as_it_is_asked(package, key):
    """One box reaches past its image: a finding below error."""
    made = vetset.attest(package, key=key.private_path, audit=True, fail_on="note").claims[0]
    assert made.result == "FAILED"
    with pytest.raises(vetset.Error) as raised:
        vetset.attest(package, key=key.private_path, audit=True, fail_on="sometimes")
    assert raised.value.code == "usage"


def test_a_conversion_that_was_of_other_data_is_broken(coco, tmp_path, key):
    proof = vetset.open(coco).convert(tmp_path / "yolo", to="yolo", accept="all", proof=tmp_path / "proof.json")
    assert proof.verdict != "undeclared"
    vetset.seal(tmp_path / "yolo")
    vetset.attest(tmp_path / "yolo", key=key.private_path, conversion=tmp_path / "proof.json")
    same = vetset.verify(tmp_path / "yolo", recheck="conversion", source=coco)
    assert same.verdict == "intact" and lines_of(same, "L5")[0].code == "OK"
    document = json.loads((coco / "instances.json").read_text())
    document["annotations"].pop()
    (coco / "instances.json").write_text(json.dumps(document))
    other = vetset.verify(tmp_path / "yolo", recheck="conversion", source=coco)
    assert other.verdict == "broken" and {line.code for line in lines_of(other, "L5")} == {"E_CLAIM"}


def test_what_a_model_scored_is_found_again(coco, package, tmp_path, key):
    results = [{"image_id": 7, "category_id": 5, "bbox": [1, 2, 10, 10], "score": 0.9},
               {"image_id": 3, "category_id": 5, "bbox": [15, 4, 10, 3], "score": 0.5}]
    (tmp_path / "results.json").write_text(json.dumps(results))
    record = tmp_path / "record.json"
    record.write_text(vetset.evaluate(package, tmp_path / "results.json", iou_type="bbox").to_json())
    (tmp_path / "model.bin").write_bytes(b"weights")
    made = vetset.attest(package, key=key.private_path, evaluation=record, model=tmp_path / "model.bin").claims[0]
    assert made.kind == "evaluation" and made.result is None
    said = next(e for e in vetset.Package(package).evidence if e.kind == "evaluation")
    assert json.loads(said.predicate["evidence"]["text"])["model"]["size"] == len(b"weights")
    seen = vetset.verify(package, recheck="evaluation", predictions=tmp_path / "results.json")
    assert seen.verdict == "intact" and [line.code for line in lines_of(seen, "L5")] == ["OK"]
    results[0]["bbox"] = [20, 20, 1, 1]
    (tmp_path / "results.json").write_text(json.dumps(results))
    seen = vetset.verify(package, recheck="evaluation", predictions=tmp_path / "results.json")
    assert seen.verdict == "broken" and {line.code for line in lines_of(seen, "L5")} == {"E_CLAIM"}


def test_what_changed_since_an_earlier_version_is_found_again(coco, tmp_path, key):
    shutil.copytree(coco, tmp_path / "first")
    vetset.seal(coco, evidence="lineage", earlier=tmp_path / "first", key=key.private_path)
    assert "lineage" in {said.kind for said in vetset.Package(coco).evidence}
    seen = vetset.verify(coco, key.public_path, recheck="lineage", earlier=tmp_path / "first")
    assert seen.verdict == "verified" and lines_of(seen, "L5")[0].code == "OK"
    made = vetset.Package(coco).attest(key=key.private_path, lineage=tmp_path / "first")
    assert [claim.kind for claim in made.claims] == ["lineage"]


def test_a_folder_is_sealed_with_evidence(parted, key):
    seal = vetset.open(parted).seal(evidence=["audit", "split"], near="none", key=key.private_path)
    assert [c.evidence for c in seal.claims] == [".vetset/evidence/audit.json", ".vetset/evidence/split.json"]
    assert set(vetset.Package(parted).documents) >= {c.evidence for c in seal.claims}
    assert vetset.verify(parted, key.public_path, recheck="audit,split").verdict == "verified"
    with pytest.raises(vetset.Error, match="attest --conversion"):
        vetset.seal(parted, evidence="conversion")
    with pytest.raises(TypeError):
        vetset.seal(parted, evidence="audit", strict=True)


def test_a_package_is_packed_with_evidence_that_was_asked_for(coco, tmp_path):
    packed = vetset.open(coco).pack(tmp_path / "p", evidence="audit", ignore="FMT")
    assert [(c.kind, c.evidence, c.statement) for c in packed.seal.claims] == [("audit", "evidence/audit.json", None)]
    assert json.loads(vetset.Package(tmp_path / "p").documents["evidence/audit.json"])["asked"]["ignore"] == ["FMT"]


@pytest.mark.parametrize("asked, words", [({}, "say what to attest"), ({"audit": True, "key": ""}, "say whose")])
def test_a_claim_needs_a_kind_and_somebody(package, key, asked, words):
    with pytest.raises(vetset.Error, match=words) as raised:
        vetset.attest(package, **{"key": key.private_path, **asked})
    assert raised.value.code == "usage"


def test_one_sample_is_proved_without_the_package(package, tmp_path):
    proof = vetset.Package(package).prove("a.png")
    assert (proof.sample, proof.annotations, proof.has_image) == ("a.png", 2, True)
    assert proof.package_id == vetset.Package(package).package_id and "'a.png', 2 annotations" in repr(proof)
    proof.save(tmp_path / "proof.json")
    assert json.loads((tmp_path / "proof.json").read_text()) == json.loads(proof.json)
    shutil.copy(package / "vetset.json", tmp_path / "vetset.json")
    checked = vetset.check_proof(tmp_path / "proof.json", tmp_path / "vetset.json")
    assert checked.json == proof.json
    text = proof.json.replace("a.png", "b.png")
    (tmp_path / "proof.json").write_text(text)
    with pytest.raises(vetset.Error) as raised:
        vetset.check_proof(tmp_path / "proof.json", tmp_path / "vetset.json")
    assert raised.value.code == "untrusted"
    with pytest.raises(vetset.Error, match="b.png"):
        vetset.prove(package, "b.png")


def test_a_policy_is_made_signed_shown_and_asked(package, tmp_path, key):
    root = vetset.new_key(tmp_path / "root.key")
    made = vetset.trust_init(tmp_path / "policy.json", {"release": key.public_path}, name="ours")
    assert made.document["name"] == "ours" and made.signed_by is None and not made.checked
    assert vetset.trust_show(tmp_path / "policy.json") == made
    signed = vetset.trust_sign(tmp_path / "policy.json", tmp_path / "trust.json", root.private_path)
    assert signed.signed_by == root.hint and signed.document == made.document
    assert vetset.trust_show(tmp_path / "trust.json", root.public_path) == signed
    assert vetset.trust_show(tmp_path / "trust.json").checked is False
    with pytest.raises(vetset.Error) as raised:
        vetset.trust_show(tmp_path / "trust.json", key.public_path)
    assert raised.value.code == "untrusted"
    with pytest.raises(vetset.Error, match="is there already"):
        vetset.trust_sign(tmp_path / "policy.json", tmp_path / "trust.json", root.private_path)

    asked = {"policy": tmp_path / "trust.json", "policy_key": root.public_path}
    assert vetset.verify(package, **asked).verdict == "verified"
    document = json.loads((tmp_path / "policy.json").read_text())
    document["evidence"] = [{"kind": "audit", "result": "PASSED", "role": "release"}]
    (tmp_path / "policy.json").write_text(json.dumps(document))
    vetset.trust_sign(tmp_path / "policy.json", tmp_path / "trust.json", root.private_path, overwrite=True)
    assert vetset.verify(package, **asked).verdict == "against policy"
    vetset.attest(package, key=key.private_path, audit=True)
    assert vetset.verify(package, **asked).verdict == "verified"
