"""What the judges share: where vetset, the data and others' code are, how a program is run, and the tally they end with."""
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
VETSET = str(pathlib.Path(os.environ.get("VETSET") or "build/release/vetset").absolute())
JUDGES = str(pathlib.Path(os.environ.get("JUDGES") or ROOT / ".venv-judges/bin/python").absolute())
DATA = pathlib.Path(os.environ.get("VETSET_DATA") or ROOT.parent / "shared/data")

answers = {True: 0, False: 0}


def say(ok, what, why=""):
    """Counts an answer and prints its line; gives the answer back."""
    answers[bool(ok)] += 1
    print(f"{'ok  ' if ok else 'FAIL'} {what}{'' if ok else ': ' + str(why)[:1500]}", flush=True)
    return ok


def finish():
    """Prints the tally; the exit status."""
    print(f"{answers[True]} passed, {answers[False]} failed")
    return 1 if answers[False] else 0


def run(*command):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, stdin=subprocess.DEVNULL)
