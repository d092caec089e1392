"""The store of a scan, from outside: killed runs, two at once, places that cannot be written, files that are no store."""
import json
import os
import resource
import shutil
import signal
import subprocess
import time

import pytest

STORE = ".cache/vetset/facts-v1.sqlite"


@pytest.fixture
def many(vetset, street):
    """Four copies of the sample's pictures, each with bytes of its own at its end: every one is decoded."""
    pictures = sorted(p for p in (street / "images").rglob("*.jpg") if p.stat().st_size > 1000)
    for n in range(4):
        folder = vetset.folder / "many" / f"class_{n}"
        folder.mkdir(parents=True)
        for picture in pictures:
            (folder / picture.name).write_bytes(picture.read_bytes() + f"copy {n}".encode())
    return vetset.folder / "many"


def facts(vetset, *arguments):
    done = vetset("scan", "many", "-o", "facts.jsonl", "--json", *arguments)
    assert done.returncode == 0, done
    return json.loads(done.stdout), (vetset.folder / "facts.jsonl").read_bytes()


def test_a_second_run_reads_nothing_and_says_the_same(vetset, many):
    time.sleep(0.1)
    fresh, rows = facts(vetset, "--no-cache")
    assert not (vetset.folder / STORE).exists()
    first, first_rows = facts(vetset)
    second, second_rows = facts(vetset)
    assert fresh["decoded"] == first["decoded"] > 200 and first["remembered"] == 0
    assert second["read"] == second["decoded"] == 0
    assert rows == first_rows == second_rows
    rehashed, rehashed_rows = facts(vetset, "--rehash")
    assert rehashed["read"] == first["read"] and rehashed["decoded"] == 0 and rehashed_rows == rows


@pytest.mark.parametrize("threads", ["1", "2"])
def test_a_run_that_is_killed_leaves_a_store_that_holds(vetset, many, threads):
    _, rows = facts(vetset, "--no-cache")
    for delay in (0.02, 0.05, 0.1, 0.2, 0.3):
        running = vetset.start("scan", "many", "--threads", threads)
        time.sleep(delay)
        running.send_signal(signal.SIGKILL)
        running.communicate()
    seen, after = facts(vetset)
    assert seen["notes"] == [] and after == rows
    again, after = facts(vetset)
    assert again["decoded"] == 0 and after == rows


def test_two_runs_at_once_share_a_store(vetset, many):
    _, rows = facts(vetset, "--no-cache")
    running = [vetset.start("scan", "many", "-o", f"facts_{n}.jsonl") for n in range(3)]
    for one in running:
        _, said = one.communicate()
        assert one.returncode == 0 and said.count(b"\n") == 1 and b" remembered" in said  # and no complaint
    assert all((vetset.folder / f"facts_{n}.jsonl").read_bytes() == rows for n in range(3))
    again, after = facts(vetset)
    assert again["decoded"] == 0 and after == rows


def test_a_broken_store_is_moved_aside(vetset, many):
    _, rows = facts(vetset)
    (vetset.folder / STORE).write_bytes(b"no database at all" * 1000)
    for rest in ("-wal", "-shm"):
        (vetset.folder / (STORE + rest)).unlink(missing_ok=True)
    seen, after = facts(vetset)
    assert "was broken" in seen["notes"][0] and after == rows
    assert (vetset.folder / (STORE + ".broken")).exists()
    assert facts(vetset)[0]["decoded"] == 0


def test_where_nothing_can_be_kept_the_scan_goes_on(vetset, many):
    _, rows = facts(vetset, "--no-cache")
    (vetset.folder / ".cache").write_text("a file where the folder belongs")
    done = vetset("scan", "many", "-o", "facts.jsonl")
    assert done.returncode == 0 and (vetset.folder / "facts.jsonl").read_bytes() == rows
    assert b"nothing is remembered" in done.stderr
    homeless = {name: value for name, value in vetset.environment().items() if name != "HOME"}
    done = vetset("scan", "many", env=homeless)
    assert done.returncode == 0 and b"there is no home folder" in done.stderr


def test_a_store_that_may_not_grow_keeps_what_it_has(vetset, many):
    _, rows = facts(vetset, "--no-cache")
    environment = vetset.environment()

    def small():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writing beyond fails, as on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    done = subprocess.run(vetset.command("scan", "many", "--json"), cwd=vetset.folder, env=environment, preexec_fn=small,
                          capture_output=True)
    assert done.returncode == 0, done
    assert any("not remembered" in note or "nothing is remembered" in note for note in json.loads(done.stdout)["notes"])
    seen, after = facts(vetset)
    assert seen["notes"] == [] and after == rows


def test_what_is_read_only_is_read(vetset, many):
    facts(vetset)
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    store = vetset.folder / ".cache/vetset"
    store.chmod(0o500)
    try:
        done = vetset("scan", "many")
        assert done.returncode == 0
    finally:
        store.chmod(0o700)


def test_a_moved_dataset_is_read_and_not_decoded(vetset, many):
    facts(vetset)
    shutil.move(many, vetset.folder / "moved")
    seen = json.loads(vetset("scan", "moved", "--json").stdout)
    assert seen["read"] > 200 and seen["decoded"] == 0


def test_scan_says_what_it_cannot_write(vetset, many):
    for arguments, words in ((["-o", "facts.txt"], b".parquet"), (["--no-cache", "--rehash"], b"--rehash")):
        done = vetset("scan", "many", *arguments)
        assert done.returncode == 2 and words in done.stderr and done.stdout == b""
