"""Rules of a team's own: how they are written, where they are found, and that they take part like any other."""

import json
import os
import subprocess
import sys

import pytest
import vetset

TEAM = '''
import vetset

@vetset.rule("TEAM001", summary="a crowd of cats", severity="error")
def crowd_of_cats(tables):
    """Counts them."""
    rows = tables.annotations
    for row, crowd in enumerate(rows.flag("crowd")):
        if crowd == 1:
            yield vetset.Found("is a crowd", annotation=row)

@vetset.rule("TEAM002", summary="no image is this small", message="is {width} wide")
def small_image(tables):
    for row, width in enumerate(tables.images.width):
        if width < 30:
            yield {"image": row, "width": width}
'''


@vetset.rule("ACME001", summary="every image is suspect", evidence="hint")
def every_image(tables):
    """Looks at all of them.

    ## Why it matters

    It does not.
    """
    return {"image": list(range(len(tables.images)))}


def own(report, family="ACME"):
    return [f for f in report.findings if f.code.startswith(family)]


def broken_rule(code, body):
    names = {"vetset": vetset}
    lines = "\n".join("    " + line for line in body.splitlines())
    exec(f"@vetset.rule('{code}', summary='s')\ndef rule_{code.lower()}(t):\n{lines}\n", names)
    return names[f"rule_{code.lower()}"]


def test_a_function_is_a_rule_like_any_other(coco):
    report = vetset.check(coco, rules=[every_image], config="none")
    found = own(report)
    assert [(f.rule, f.severity, f.evidence, f.message, f.image) for f in found] == [
        ("every-image", "warning", "hint", "every image is suspect", row) for row in (0, 1)]
    (result,) = (r for r in report.results if r.code == "ACME001")
    assert (result.name, result.title, result.count, result.not_run) == ("every-image", "every image is suspect", 2, None)
    assert own(vetset.check(coco, rules=[every_image], ignore="every-image", config="none")) == []
    report = vetset.check(coco, "ACME", rules=[every_image], severity={"ACME001": "error"}, config="none")
    assert report.errors == 2 and not report.ok and len(report.findings) == 2


def test_it_is_in_every_output(coco):
    report = vetset.check(coco, "ACME001", rules=[every_image], config="none", fail_on="warning")
    document = json.loads(report.to_json())
    assert [f["rule"] for f in document["findings"]] == ["every-image"] * 2
    assert "ACME001  every-image" in str(report)
    sarif = json.loads(report.to_sarif())["runs"][0]
    (rule,) = (r for r in sarif["tool"]["driver"]["rules"] if r["id"] == "ACME001")
    assert "It does not." in rule["help"]["text"] and len(sarif["results"]) == 2
    assert 'classname="vetset.ACME"' in report.to_junit() and "title=ACME001 every-image" in report.to_github()
    assert report.to_jsonl().count("ACME001") == 2 and "ACME001 every-image" in report.to_markdown()
    page = report.to_html()
    assert "Looks at all of them." in page and "ACME001" in page
    assert "Why it matters" in vetset.explain(every_image) == vetset.explain("ACME001", rules=[every_image])


def test_known_and_waived_findings_do_not_count(coco, tmp_path):
    report = vetset.check(coco, "ACME", rules=[every_image], config="none")
    report.write_baseline(tmp_path / "known.json")
    again = vetset.check(coco, "ACME", rules=[every_image], config="none", baseline=tmp_path / "known.json")
    assert not again.findings and again.taken_out["baseline"] == 2
    (tmp_path / "vetset.toml").write_text('[[waiver]]\nrule = "ACME001"\npath = "a.png"\nreason = "known"\n')
    waived = vetset.check(coco, "ACME", rules=[every_image], config=tmp_path / "vetset.toml")
    assert waived.taken_out["waived"] == 1 and len(waived.findings) == 1


@pytest.mark.parametrize("give", ["found", "dict", "columns", "arrow", "pandas", "polars"])
def test_findings_come_in_any_shape(coco, give):
    rows = {"annotation": [1, 0], "message": ["late", "early"], "score": [0.5, 2.0], "shade": ["x", "y"]}

    @vetset.rule("ACME002", summary="s")
    def shapes(tables):
        if give == "found":
            return [vetset.Found(m, annotation=a, score=s) for a, m, s in zip(*list(rows.values())[:3])]
        if give == "dict":
            return (dict(zip(rows, values)) for values in zip(*rows.values()))
        if give == "columns":
            return rows
        if give == "arrow":
            return pytest.importorskip("pyarrow").table(rows)
        module = pytest.importorskip(give)
        return module.DataFrame(rows)

    found = own(vetset.check(coco, "ACME", rules=[shapes], config="none"))
    assert [(f.annotation, f.message, f.score) for f in found] == [(0, "early", 2.0), (1, "late", 0.5)]


def test_places_are_rows_paths_names_pairs_and_files(coco):
    @vetset.rule("ACME003", summary="s", severity="note")
    def places(tables):
        yield vetset.Found("whole dataset")
        yield vetset.Found("image", image="ü b.png")
        yield vetset.Found("class", category="dog")
        yield vetset.Found("pair", annotation=2, other=0)
        yield vetset.Found("file", file="instances.json", line=3, severity="error", fix="write it again")

    found = {f.message: f for f in own(vetset.check(coco, "ACME", rules=[places], config="none"))}
    assert found["whole dataset"].image is None and found["image"].image == 1 and found["class"].category == 1
    assert found["pair"].annotation == 2
    assert (found["file"].line, found["file"].severity, found["file"].fix) == (3, "error", "write it again")


def test_the_order_of_findings_is_not_that_of_the_rule(coco):
    def make(order):
        @vetset.rule("ACME004", summary="s", name="order")
        def order_rule(tables):
            for n in order:
                yield vetset.Found(f"message {n}", image=n % 2)

        return vetset.check(coco, "ACME", rules=[order_rule], config="none").to_json()

    assert make([0, 1, 2, 3]) == make([3, 1, 0, 2])


@pytest.mark.parametrize("body, said", [
    ("return [][1]", "IndexError: list index out of range"),
    ("yield vetset.Found('m', annotation=99)", "IndexError: there is no annotation in row 99, only 3 rows from 0"),
    ("yield vetset.Found('m', annotation='a')", "TypeError: annotation is 'a', expected the number of a row"),
    ("yield vetset.Found('m', image='nowhere.png')", "there is no image called 'nowhere.png'"),
    ("yield vetset.Found('m', severity='bad', image=0)", "severity is 'bad', expected error, warning, note"),
    ("yield vetset.Found('m', score=float('inf'))", "score is inf, expected a number"),
    ("yield vetset.Found('m', other=1)", "the first is not said"),
    ("return 7", "a rule gave a int; expected findings"),
    ("return {'image': [0, 1], 'message': ['one']}", "columns have 1, 2 rows"),
    ("raise KeyError", "KeyError"),
])
def test_a_rule_that_breaks_is_told_and_the_others_go_on(coco, body, said):
    report = vetset.check(coco, "ACME", rules=[broken_rule("ACME005", body), every_image], config="none")
    assert report.not_run["ACME005"].startswith("broke at ") and said in report.not_run["ACME005"]
    assert "Traceback" not in str(report) and "1 rule broke" in str(report)
    assert len(own(report)) == 2 and not report.ok
    (result,) = (r for r in report.results if r.code == "ACME005")
    assert result.broken
    assert vetset.check(coco, "ACME", rules=[broken_rule("ACME005", body)], config="none", fail_on="never").ok


def test_what_was_not_given_is_needed(coco):
    rules = [broken_rule(f"ACME01{n}", f"return t.{what}") for n, what in
             enumerate(["facts", "predictions", "probabilities", "embeddings"])]
    report = vetset.check(coco, "ACME", rules=rules, config="none")
    assert list(report.not_run.values())[-4:] == ["needs --pixels", "needs --predictions", "needs --probabilities", "needs --embeddings"]
    assert report.ok and not any(r.broken for r in report.results)
    kept = []
    keeps = broken_rule("ACME020", "t.images\nkept.append(t)\nreturn []")
    keeps.__globals__["kept"] = kept
    vetset.check(coco, "ACME", rules=[keeps], config="none")
    with pytest.raises(vetset.Error, match="the check is over"):
        kept[0].images


def test_facts_and_predictions_are_tables(coco):
    np = pytest.importorskip("numpy")
    seen = {}

    @vetset.rule("ACME006", summary="s")
    def looks(tables):
        seen["facts"] = len(tables.facts)
        seen["predicted"] = tables.predictions.to_arrow().to_pylist() if "pyarrow" in sys.modules else len(tables.predictions)
        seen["same"] = tables.embeddings is embeddings
        seen["box"] = tables.annotations.box.base is not None and not tables.annotations.box.flags.owndata
        return ()

    embeddings = np.eye(2, 4, dtype=np.float32)
    predictions = [{"image_id": 7, "category_id": 9, "bbox": [1, 2, 3, 4], "score": 0.5}]
    report = vetset.check(coco, "ACME", rules=[looks], pixels=True, cache=False, predictions=predictions,
                          embeddings=embeddings, config="none")
    assert "ACME006" not in report.not_run, report.not_run
    assert seen["facts"] == 2 and seen["same"]
    if isinstance(seen["predicted"], list):
        assert seen["predicted"] == [{"image": 0, "image_path": "a.png", "category": 1, "category_name": "dog", "x": 1.0,
                                      "y": 2.0, "width": 3.0, "height": 4.0, "score": 0.5}]


@pytest.mark.parametrize("options, said", [
    ({"code": "FMT999"}, "is a code of the catalogue, whose codes begin with FMT"),
    ({"code": "team1"}, "expected three to eight capital letters"),
    ({"severity": "bad"}, "severity is one of error, warning, note, not 'bad'"),
    ({"evidence": "sure"}, "evidence is one of proof, calibrated, hint"),
    ({"summary": " "}, "expected a summary"),
    ({"name": "Not A Name"}, "expected a name of small letters"),
    ({"name": "box-outside-image"}, "is the name of a rule of the catalogue"),
])
def test_a_rule_that_cannot_be_one_is_refused_where_it_is_written(options, said):
    options = {"code": "ACME007", "summary": "s", **options}
    code = options.pop("code")
    with pytest.raises(vetset.Error, match=said):
        vetset.rule(code, **options)(lambda tables: [])


def test_two_rules_of_one_code_are_refused(coco):
    with pytest.raises(vetset.Error, match="'ACME005' is there twice"):
        vetset.check(coco, rules=[broken_rule("ACME005", "return []"), broken_rule("ACME005", "return ()")], config="none")
    with pytest.raises(vetset.Error, match="found the function test_two_rules"):
        vetset.check(coco, rules=[test_two_rules_of_one_code_are_refused])


def test_a_file_of_rules_is_run_where_vetset_toml_of_ours_names_it(coco, tmp_path, monkeypatch):
    (tmp_path / "team_rules.py").write_text(TEAM)
    (tmp_path / "vetset.toml").write_text('[check]\nselect = ["TEAM"]\nrules = ["team_rules.py"]\n')
    monkeypatch.chdir(tmp_path)
    report = vetset.check("coco")
    assert [(f.code, f.message) for f in report.findings] == [("TEAM001", "is a crowd"), ("TEAM002", "is 20 wide")]
    assert not list(tmp_path.glob("**/__pycache__"))
    assert vetset.check("coco", rules=[], select="FMT407").results[-1].code != "TEAM002"
    with pytest.raises(vetset.Error, match="no rule is called 'TEAM003' .did you mean 'TEAM00"):
        vetset.check("coco", select="TEAM003")


def test_rules_that_came_with_a_dataset_are_not_run(coco, tmp_path, monkeypatch):
    (coco / "team_rules.py").write_text("raise SystemExit('it ran')")
    (coco / "vetset.toml").write_text('[check]\nrules = ["team_rules.py"]\nselect = ["TEAM001", "OWN"]\n')
    for folder, name in ((tmp_path, "coco"), (coco, ".")):
        monkeypatch.chdir(folder)
        report = vetset.check(name)
        assert report.not_run["OWN001"].startswith("team_rules.py was not run: ")
        assert "rules=[…] runs it" in str(report)


def test_a_file_that_is_no_file_of_rules_is_an_error_with_its_place(coco, tmp_path):
    path = tmp_path / "team_rules.py"
    for text, said, line in [("def x(:\n", "rules cannot be read: invalid syntax", 1), ("import vetset\n1 / 0\n", "ZeroDivisionError", 2),
                             ("import vetset\n", "has no rule", None),
                             ("import vetset\n\n@vetset.rule('FMT1', summary='s')\ndef f(t): pass\n", "is no code for a rule", 3)]:
        path.write_text(text)
        with pytest.raises(vetset.Error, match=said) as raised:
            vetset.check(coco, rules=[path])
        assert raised.value.file.endswith("team_rules.py") and raised.value.line == line
    with pytest.raises(vetset.Error, match="no such file"):
        vetset.check(coco, rules=[tmp_path / "nowhere.py"])


def test_what_is_new_since_an_earlier_dataset(coco, tmp_path):
    import shutil

    shutil.copytree(coco, tmp_path / "before")
    document = json.loads((coco / "instances.json").read_text())
    document["annotations"].append({"id": 14, "image_id": 3, "category_id": 9, "bbox": [1, 1, 5, 5], "area": 25, "iscrowd": 1})
    (coco / "instances.json").write_text(json.dumps(document))
    (tmp_path / "team_rules.py").write_text(TEAM)
    report = vetset.check(coco, "TEAM", rules=[tmp_path / "team_rules.py"], diff_from=tmp_path / "before", config="none")
    assert [f.code for f in report.findings] == ["TEAM001"] and report.taken_out["baseline"] == 2


def program():
    return os.environ.get("VETSET")


@pytest.mark.skipif(not program(), reason="VETSET names no program")
def test_the_program_has_python_run_them(coco, tmp_path):
    (tmp_path / "team_rules.py").write_text(TEAM + "\nprint('loud')\n")
    (tmp_path / "vetset.toml").write_text('[check]\nselect = ["TEAM"]\nrules = ["team_rules.py"]\n')
    folder = os.path.dirname(os.path.dirname(vetset.__file__))

    def run(*words, python=sys.executable):
        environment = {**os.environ, "VETSET_PYTHON": python, "PYTHONPATH": folder}
        done = subprocess.run([program(), *words], cwd=tmp_path, env=environment, capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    status, text, loud = run("check", "coco", "--all")
    assert status == 1 and "loud" in loud and "loud" not in text
    assert "error TEAM001 crowd-of-cats: is a crowd (a.png, annotation 12)" in text and "is 20 wide" in text
    status, text, _ = run("check", "coco", "--json")
    own_document = json.loads(vetset.check(coco, "TEAM", rules=[tmp_path / "team_rules.py"], config="none").to_json())
    assert json.loads(text)["findings"] == own_document["findings"]
    assert "Counts them." in run("explain", "TEAM001", "coco")[1]
    assert "is a crowd" in run("explain", "TEAM001:a.png", "coco")[1]
    catalogue = len(vetset.rules())
    status, text, said = run("rules")
    assert status == 0 and len(text.splitlines()) == catalogue and "--rules FILE reads them" in said
    listed = run("rules", "--rules", "team_rules.py")[1].splitlines()
    assert len(listed) == catalogue + 2 and any(line.startswith("TEAM001  error    crowd-of-cats") for line in listed)
    assert len(run("rules", "--rules", "none")[1].splitlines()) == catalogue
    assert [r["code"] for r in json.loads(run("rules", "--rules", "team_rules.py", "--json")[1])[catalogue:]][:2] == ["TEAM001", "TEAM002"]
    status, text, said = run("rules", "--rules", "team_rules.py", python="/nowhere/python")
    assert status == 2 and text == "" and "no Python here has vetset" in said
    status, text, _ = run("check", "coco", python="/nowhere/python")
    assert status == 0 and "OWN001 team_rules.py was not run: no Python here has vetset" in text
    (tmp_path / "team_rules.py").write_text(TEAM + "\nimport os\n@vetset.rule('TEAM003', summary='s')\ndef ends(t): os._exit(3)\n")
    status, text, _ = run("check", "coco")
    assert status == 1 and "OWN001 team_rules.py broke: Python ended with status 3" in text
    (tmp_path / "team_rules.py").write_text("import nothing_like_it\n")
    status, text, said = run("check", "coco")
    assert status == 2 and "team_rules.py:1: rules cannot be loaded: ModuleNotFoundError" in said
