"""The action of GitHub, as far as it can be tried without GitHub: its file's form, and its steps as bash runs them."""
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ACTION = (ROOT / "action.yml").read_text()


def step(name):
    """The script of a step, without the indentation that YAML asks for, and the names of its environment."""
    at = ACTION.index(f"- name: {name}\n")
    text = ACTION[at:ACTION.find("    - name:", at + 1) if "    - name:" in ACTION[at + 1:] else None]
    script = text.split("run: |\n", 1)[1]
    lines = [line[8:] if line.strip() else "" for line in script.splitlines()]
    return "\n".join(lines) + "\n", re.findall(r"^        (\w+): \$\{\{", text, re.M)


def run_check(vetset, **values):
    script, names = step("Check the dataset")
    folder = vetset.folder
    given = {name: values.get(name, "") for name in names}
    given.setdefault("SARIF", "")
    given["SARIF"], given["MARKDOWN"] = "vetset.sarif", "vetset.md"
    beside = folder / "bin"
    beside.mkdir(exist_ok=True)
    if not (beside / "vetset").exists():
        (beside / "vetset").symlink_to(vetset.command()[0])
    env = vetset.environment(GITHUB_STEP_SUMMARY=str(folder / "summary.md"), GITHUB_OUTPUT=str(folder / "output"), **given)
    env["PATH"] = f"{beside}:{env['PATH']}"
    return subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], cwd=folder, env=env, capture_output=True)


def git(folder, *words):
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *words], cwd=folder, check=True, capture_output=True,
                   env={"PATH": os.environ["PATH"], "HOME": str(folder)})


def test_no_input_is_pasted_into_a_script():
    for name in ["Install vetset", "Check the dataset"]:
        script, names = step(name)
        assert "${{" not in script
        assert names
        for name in names:
            assert f'"${name}' in script or f"${name}" in script, name


def test_a_step_annotates_sums_up_and_gives_its_status(vetset, street):
    done = run_check(vetset, DATASET="street")
    assert done.returncode == 1, done
    assert b"::error file=street/labels/" in done.stdout
    assert (vetset.folder / "output").read_text() == "status=1\n"
    assert (vetset.folder / "summary.md").read_text() == (vetset.folder / "vetset.md").read_text()
    assert (vetset.folder / "vetset.sarif").read_text().startswith("{")
    (vetset.folder / "output").unlink()
    assert run_check(vetset, DATASET="street", ARGUMENTS="--select FMT407  --fail-on never").returncode == 0


def test_of_a_pull_request_only_what_it_broke_counts(vetset, street):
    git(vetset.folder, "init", "-q", "-b", "main")
    git(vetset.folder, "add", "street")
    git(vetset.folder, "commit", "-qm", "one")
    base = subprocess.run(["git", "rev-parse", "HEAD"], cwd=vetset.folder, capture_output=True, text=True).stdout.strip()
    assert run_check(vetset, DATASET="street", SINCE="auto", BASE=base).returncode == 0
    labels = street / "labels/train/street_0001.txt"
    labels.write_text(labels.read_text() + labels.read_text().splitlines()[-1] + "\n")
    done = run_check(vetset, DATASET="street", SINCE="auto", BASE=base)
    assert done.returncode == 1 and done.stdout.count(b"::error ") == 1, done
    assert "LBL105" in (vetset.folder / "vetset.md").read_text()


@pytest.mark.parametrize("path", ["no where", "$(touch pwned)", "; touch pwned"])
def test_a_path_is_a_path(vetset, path):
    assert run_check(vetset, DATASET=path).returncode == 2
    assert not (vetset.folder / "pwned").exists()
