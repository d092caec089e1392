"""Cards from Python are those of the command line."""

import json
import pathlib

import pytest
import vetset

SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "samples"


def test_a_card_in_every_form():
    street = vetset.open(SAMPLES / "street-coco")
    assert street.card().startswith("# street-coco\n")
    assert street.card("html").startswith("<!doctype html>")
    told = json.loads(vetset.card(street, "json"))
    assert told["stats"]["counts"]["images"] == len(street.images)
    assert json.loads(vetset.card(SAMPLES / "street-coco", "croissant"))["name"] == "street-coco"
    assert "Annex IV" in street.card(annex_iv=True)
    with pytest.raises(vetset.Error) as wrong:
        street.card("pdf")
    assert wrong.value.code == "usage"


def test_answers_come_from_a_file(tmp_path):
    file = tmp_path / "card.toml"
    file.write_text(vetset.card_questions().replace('# process = ""', 'process = "by hand"', 1))
    assert "by hand" in vetset.card(SAMPLES / "street-coco", answers=file)
    file.write_text("[use]\nintended = 3\n")
    with pytest.raises(vetset.Error, match="intended: expected a string"):
        vetset.card(SAMPLES / "street-coco", answers=file)
