"""queue, review, receive and privacy: the words of the command line, in Python."""

import json

import pytest
import vetset


@pytest.fixture(name="suspects")
def table_of_suspects(coco, tmp_path):
    path = tmp_path / "suspects.csv"
    path.write_text("image,annotation,score\nü b.png,13,0.9\na.png,11,0.5\n", encoding="utf-8")
    return path


def test_a_queue_goes_out_and_its_answers_come_back(coco, suspects, tmp_path):
    dataset = vetset.open(coco)
    queued = dataset.queue(suspects=suspects, top=1, sample=0)
    assert isinstance(queued, vetset.Dataset) and len(queued.images) == 1 and len(queued.report["items"]) == 1
    assert repr(queued.report) == "<vetset.QueueReport 1 items of 2 suspects>"
    queued.convert(tmp_path / "look", "cvat", accept="all")
    reviewed = dataset.review_apply(tmp_path / "look", queued.report, all_looked_at=True)
    assert reviewed.report["items"][0]["told"] == "confirmed" and len(reviewed.annotations) == len(dataset.annotations)
    again = vetset.review_apply(coco, tmp_path / "look", str(tmp_path / "look.queue.json"), all_looked_at=True)
    assert again.labels_id == reviewed.labels_id
    with pytest.raises(vetset.Error, match="say what makes labels suspect"):
        dataset.queue()
    with pytest.raises(vetset.Error, match="no such file"):
        dataset.review_apply(tmp_path / "look", tmp_path / "nowhere.json")


def test_a_queue_by_predictions_names_no_file_for_an_array(street):
    dataset = vetset.open(street)
    box = dataset.annotations.box[0].tolist()
    path = dataset.images.path[int(dataset.annotations.image[0])]
    other = next(name for name in dataset.categories.name if name != dataset.categories.name[int(dataset.annotations.category[0])])
    predictions = {path: {"boxes": [box], "scores": [0.99], "labels": [other]}}
    queued = vetset.queue(street, predictions=predictions, box_format="xywh", out_of_fold=True, sample=0)
    assert path in [item["image"] for item in queued.report["items"]] and queued.report["predictions"] == []


def test_a_package_is_received_or_refused(coco, tmp_path):
    package = tmp_path / "coco.pkg"
    vetset.open(coco).pack(package)
    receipt = vetset.receive(package, unsigned=True, select="FMT422", config="none")
    assert receipt and receipt.accepted and receipt["vetset-receipt"] == 1 and not receipt.statement
    with pytest.raises(vetset.Error, match="there is no counter-signature"):
        receipt.save(tmp_path / "r")
    refused = vetset.receive(package, config="none", select="FMT422")
    assert not refused and repr(refused) == "<vetset.Receipt refused>"


def test_a_counter_signature_comes_back(coco, tmp_path):
    ours, other = vetset.new_key(tmp_path / "ours.key"), vetset.new_key(tmp_path / "other.key")
    vetset.open(coco).pack(tmp_path / "coco.pkg")
    receipt = vetset.receive(tmp_path / "coco.pkg", unsigned=True, select="FMT422", config="none", sign_with=ours.private_path)
    receipt.save(tmp_path / "answer.json")
    said = vetset.read_receipt(tmp_path / "answer.json", tmp_path / "coco.pkg", key=ours.public_path)
    assert said == dict(receipt) and said["result"] == "ACCEPTED"
    with pytest.raises(vetset.Error, match="not signed by a key that was given"):
        vetset.read_receipt(tmp_path / "answer.json", tmp_path / "coco.pkg", key=[other.public_path])


def test_privacy_counts_and_strips(street, tmp_path):
    found = vetset.privacy(street)
    assert found.images >= found.looked_at > 70
    assert sum(found.counts.values()) >= len(found.counts)
    stripped = vetset.strip_metadata(street, tmp_path / "clean")
    assert stripped["images"] > 0 and not [t for t in vetset.privacy(tmp_path / "clean").things if t.removable]


def test_check_and_contract_take_a_path(street, tmp_path):
    contract = tmp_path / "contract.yaml"
    contract.write_text(vetset.contract_init(street, pixels=False))
    assert vetset.contract_check(street, contract, pixels=False)
    report = vetset.check(street, contract=contract, report=tmp_path / "street.html", config="none", images=False)
    assert (tmp_path / "street.html").read_text().startswith("<!DOCTYPE html>") or "<html" in (tmp_path / "street.html").read_text()
    assert "needs a contract" not in set(report.not_run.values())
    assert json.loads(report.to_json())
