"""A dataset goes from one hand to another: what is told of keys of the wrong half, of a folder that is sealed anew, of a package
without images, and of claims that somebody else wrote."""
import base64
import json


def lines(done, status):
    assert done.returncode == status, done
    return done.stdout.decode().splitlines()


def refused(done):
    assert done.returncode == 2 and done.stdout == b"", done
    return done.stderr.decode().strip()


def test_a_key_of_the_wrong_half_is_told_as_such(vetset, coco):
    lines(vetset("key", "new", "team.key"), 0)
    lines(vetset("seal", "coco", "--key", "team.key"), 0)
    assert refused(vetset("verify", "coco", "--key", "team.key")) == \
        "vetset: team.key: is a private key; expected its public half, the file that ends in .pub"
    assert refused(vetset("seal", "coco", "--key", "team.key.pub")) == \
        "vetset: team.key.pub: is a public key; expected the private one, which signs"


def test_a_folder_that_is_sealed_anew_tells_what_goes_with_the_former_seal(vetset, coco):
    lines(vetset("key", "new", "team.key"), 0)
    lines(vetset("seal", "coco", "--key", "team.key"), 0)
    lines(vetset("attest", "coco", "--audit", "--key", "team.key"), 0)
    told = lines(vetset("seal", "coco"), 0)
    assert "  the former seal was signed, and this one is not" in told
    assert "  1 statement of the former seal went with it; 'vetset attest' makes new ones" in told
    assert not any("former" in line for line in lines(vetset("seal", "coco"), 0))


def test_what_a_look_at_the_splits_leaves_open_is_told(vetset, coco):
    lines(vetset("split", "coco", "-o", "street", "--ratios", "70/30", "--near", "basic"), 0)
    lines(vetset("seal", "street"), 0)
    assert "NOT CHECKED: whether the labels are right, and whether near-duplicates cross the splits" in lines(vetset("verify", "street"), 0)
    told = lines(vetset("verify", "street", "--recheck", "split"), 0)
    assert [line for line in told if line.startswith("NOT CHECKED: whether")] == \
        ["NOT CHECKED: whether the labels are right, and near-duplicates that this search does not reach"]


def test_images_that_lie_elsewhere_are_bound_and_were_not_looked_at(vetset, coco):
    lines(vetset("pack", "coco", "-o", "files.pkg", "--layout", "files"), 0)
    lines(vetset("pack", "coco", "-o", "labels.pkg", "--layout", "external"), 0)
    sealed = [json.loads((vetset.folder / name / "vetset.json").read_bytes()) for name in ("files.pkg", "labels.pkg")]
    assert sealed[0]["dataset_id"] == sealed[1]["dataset_id"]
    count = sealed[1]["dataset"]["media"]["count"]
    assert count > 0
    told = lines(vetset("verify", "labels.pkg"), 0)
    assert f"NOT CHECKED: the images: they lie elsewhere, and digests of {count} are sealed here" in told
    sample = sorted(p.relative_to(vetset.folder / "files.pkg/media").as_posix() for p in (vetset.folder / "files.pkg/media").rglob("*.jpg"))[0]
    lines(vetset("prove", "labels.pkg", "--sample", sample.rsplit("/", 1)[-1], "-o", "proof.json"), 0)
    lines(vetset("prove", "files.pkg/vetset.json", "--check", "proof.json"), 4)  # another package
    lines(vetset("prove", "labels.pkg/vetset.json", "--check", "proof.json"), 0)


def test_a_card_stands_claims_that_say_next_to_nothing(vetset, coco):
    lines(vetset("key", "new", "team.key"), 0)
    lines(vetset("pack", "coco", "-o", "street.pkg"), 0)
    lines(vetset("attest", "street.pkg", "--audit", "--key", "team.key"), 0)
    path = next((vetset.folder / "street.pkg/attest").glob("audit-*"))
    bundle = json.loads(path.read_bytes())
    statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    for kind in ("audit", "split", "conversion", "lineage", "evaluation"):
        statement["predicate"] = {}
        statement["predicateType"] = f"urn:vetset:attestation:{kind}:v1"
        bundle["dsseEnvelope"]["payload"] = base64.b64encode(json.dumps(statement).encode()).decode()
        path.write_text(json.dumps(bundle))
        assert any(line.startswith(f"| `{kind}` |") for line in lines(vetset("card", "street.pkg"), 0)), kind


def test_labels_alone_come_out_whole_where_an_image_has_none(vetset, street):
    lines(vetset("pack", street, "-o", "labels.pkg", "--layout", "external"), 0)
    lines(vetset("unpack", "labels.pkg", "-o", "out"), 0)
    ids = [json.loads(vetset("identity", path, "--json").stdout)["labels_id"] for path in (street, "labels.pkg", "out")]
    assert ids[0] == ids[1]
    assert lines(vetset("diff", "labels.pkg", "out", "--no-images"), 0)
