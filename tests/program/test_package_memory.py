"""What verifying a large package takes: a digest and a key of each row, never the rows."""
import json
import subprocess
import sys

SAMPLES = 200_000
MOST = 64e6 + 120 * SAMPLES + 24e6  # what is promised, and something for the allocator of this machine


# A process counts what its parent held when it began, so the parent is a small one.
MEASURE = """
import os, subprocess, sys
done = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)
said = done.stdout.read()
_, status, usage = os.wait4(done.pid, 0)
print(usage.ru_maxrss * 1024, os.waitstatus_to_exitcode(status), said.decode())
"""


def peak(vetset, *arguments):
    """The most bytes that a run had in memory, and what it said; it must succeed."""
    done = subprocess.run([sys.executable, "-c", MEASURE, *vetset.command(*arguments)], cwd=vetset.folder, env=vetset.environment(), capture_output=True, text=True, timeout=300)
    most, status, said = done.stdout.split(" ", 2)
    assert status == "0", done
    return int(most), said


def test_verifying_holds_no_rows(vetset):
    images = [{"id": i + 1, "file_name": f"images/{i:012}.jpg", "width": 640, "height": 480} for i in range(SAMPLES)]
    boxes = [{"id": i + 1, "image_id": i + 1, "category_id": 1 + i % 3, "bbox": [i % 300 + 0.5, 2, 30, 40], "area": 1200, "iscrowd": 0} for i in range(SAMPLES)]
    document = {"images": images, "annotations": boxes, "categories": [{"id": c, "name": f"class {c}"} for c in (1, 2, 3)]}
    (vetset.folder / "large.json").write_text(json.dumps(document))
    done = vetset("pack", "large.json", "-o", "large", "--layout", "external", "--from", "coco")
    assert done.returncode == 0, done
    most, said = peak(vetset, "verify", "large", "--threads", "2")
    assert most < MOST, f"{most / 1e6:.0f} MB"
    assert f"images={SAMPLES} objects={SAMPLES}" in said
