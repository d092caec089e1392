"""Long calls leave the interpreter to others, hear Ctrl-C, tell of themselves, and may be made from many threads."""

import concurrent.futures
import signal
import threading
import time

import pytest
import vetset


def test_other_threads_go_on(large):
    stop, steps = threading.Event(), []

    def count():
        while not stop.is_set():
            steps.append(time.monotonic())
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    began = time.monotonic()
    vetset.open(large, threads=1)
    ended = time.monotonic()
    stop.set()
    thread.join()
    inside = [s for s in steps if began < s < ended]
    longest = max(b - a for a, b in zip(inside, inside[1:]))
    assert len(inside) > 20 and longest < (ended - began) / 2


def test_ctrl_c_stops_a_conversion(large, tmp_path):
    ds = vetset.open(large)

    def interrupt(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(KeyboardInterrupt):
            ds.convert(tmp_path / "out", to="coco", images="none", threads=1)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert list(tmp_path.iterdir()) == [], "nothing is published, and no staging is left"
    assert len(ds.check(select="FMT407", images=False).findings) == 0, "the dataset is as it was"


@pytest.mark.parametrize("verb", [lambda ds: ds.fix(), lambda ds: ds.transform(where="area > 0"), lambda ds: vetset.diff(ds, ds)])
def test_ctrl_c_comes_out_of_what_edits_and_compares(large, verb):
    ds = vetset.open(large)

    def interrupt(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.03)
        with pytest.raises(KeyboardInterrupt):
            verb(ds)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert len(ds.annotations) == 400_000 and not ds.steps


def test_progress_is_told_in_the_calling_thread(large):
    told, threads = [], set()

    def progress(what, done, total):
        told.append((what, done, total))
        threads.add(threading.get_ident())

    vetset.open(large, progress=progress)
    assert told and threads == {threading.get_ident()}
    assert all(isinstance(what, str) and done >= 0 for what, done, _ in told)


def test_what_progress_raises_comes_out(large):
    class Enough(Exception):
        pass

    def progress(*_):
        raise Enough

    with pytest.raises(Enough):
        vetset.open(large, progress=progress)


def test_one_dataset_serves_many_threads(coco):
    ds = vetset.open(coco)

    def ask(_):
        box = ds.annotations.box
        return ds.check().to_json(), ds.labels_id, box.sum(), list(ds.images.path), bool(ds.images.__arrow_c_stream__())

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(64)))
    assert all(answer == answers[0] for answer in answers)
