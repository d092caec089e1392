#!/usr/bin/env python3
"""Builds the wheel and shows that it works outside the checkout: alone, and beside another pyarrow in one process.

    tests/wheel.py [--keep]     --keep leaves the wheels and environments in build/wheel-test

1. `pip wheel .`, then auditwheel: every library that is not part of manylinux is carried, under a name of our own.
2. What is carried is named in THIRD_PARTY_LICENSES with its licence, and none is GPL or LGPL.
3. In a fresh environment without pyarrow: the program, and the Python tests.
4. In one with another pyarrow: both import orders, tables handed both ways.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build/wheel-test"
OTHER_PYARROW = "24.0.0"
# Of manylinux, and so of every system: glibc's own, the runtime of the compiler, zlib.
OF_THE_SYSTEM = re.compile(r"lib(c|m|dl|rt|pthread|gcc_s|stdc\+\+|z)\.so|ld-linux")
FREE = {"Apache-2.0", "MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Zlib", "IJG", "libpng-2.0", "blessing", "bzip2-1.0.6"}

BESIDE = """
import sys
first, second = sys.argv[1:3]
__import__(first), __import__(second)
import pyarrow as pa, pyarrow.parquet as pq, pyarrow.compute as pc, vetset
assert pa.__version__ == sys.argv[4], pa.__version__
ds = vetset.open(sys.argv[3])
table = pa.table(ds.annotations)
table.validate(full=True)
assert table.num_rows == len(ds.annotations) > 0
assert pc.sum(table["width"]).as_py() is not None and pa.chunked_array(ds.images.path).to_pylist() == list(ds.images.path)
ds.annotations.to_parquet("ours.parquet")
assert pq.read_table("ours.parquet").equals(table)
pq.write_table(table, "theirs.parquet", compression="zstd")
assert pq.read_table("theirs.parquet").equals(table)
again = pa.table(table)  # through their stream while ours is loaded
del ds
assert again.to_pylist() == table.to_pylist()
libraries = {line.split("/")[-1].strip() for line in open("/proc/self/maps") if "arrow.so" in line}
print(first, "then", second, sorted(libraries))
assert any(name.startswith("libvetset_arrow") for name in libraries) and any(name.startswith("libarrow.so") for name in libraries)
"""


def run(*command, **options):
    print("$", " ".join(str(word) for word in command), flush=True)
    # Outside the checkout, and without what a developer's shell says of Python.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON") and k != "LD_LIBRARY_PATH"}
    return subprocess.run([str(word) for word in command], check=True, env=environment, **options)


def output(*command, **options):
    return run(*command, stdout=subprocess.PIPE, text=True, **options).stdout


def environment(name, *packages):
    folder = WORK / name
    venv.create(folder, with_pip=True, clear=True)
    run(folder / "bin/pip", "install", "-q", "--disable-pip-version-check", *packages)
    return folder / "bin"


def build():
    own = pathlib.Path(sys.executable).parent
    os.environ["PATH"] = f"{own}:{os.environ['PATH']}"
    os.environ.setdefault("CC", "cc")  # as CMake takes them by itself, so that a compiler cache serves both
    os.environ.setdefault("CXX", "c++")
    run(sys.executable, "-m", "pip", "wheel", "-q", "--disable-pip-version-check", "--no-deps", "--no-build-isolation",
        "-w", WORK / "plain", ROOT)
    (plain,) = (WORK / "plain").glob("vetset-*.whl")
    run(own / "auditwheel", "repair", "-w", WORK / "repaired", plain)
    (repaired,) = (WORK / "repaired").glob("vetset-*.whl")
    assert "manylinux" in repaired.name, repaired.name
    print(f"{repaired.name}: {repaired.stat().st_size / 1e6:.1f} MB")
    return plain, repaired


def library(name):
    """libcrypto of libcrypto-1a2b3c4d.so.3"""
    return re.sub(r"(-[0-9a-f]{8})?\.so.*$", "", name)


def check_contents(wheel):
    folder = WORK / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    objects = [p for p in folder.rglob("*") if p.is_file() and p.open("rb").read(4) == b"\x7fELF"]
    carried = {p.name for p in objects}
    for path in objects:
        dynamic = output("readelf", "-dW", path)
        for needed in re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic):
            assert needed in carried or OF_THE_SYSTEM.match(needed), f"{path.name} needs {needed}, which is not carried"
        for search in re.findall(r"\((?:RPATH|RUNPATH)\).*\[(.*)\]", dynamic):
            assert all(part.startswith("$ORIGIN") for part in search.split(":")), f"{path.name} looks in {search}"
    assert not any(name.startswith(("libarrow", "libparquet")) for name in carried), "Arrow goes by a name of our own"
    program = next(p for p in objects if p.name == "vetset")
    assert "arrow" not in output("readelf", "-dW", program), "the program does without Arrow"

    (listed,) = folder.glob("*.dist-info/licenses/THIRD_PARTY_LICENSES")
    licences = dict(re.findall(r"^  (lib[\w+-]+) +(\S+) ", listed.read_text(), re.M))
    own = {"libvetset_tables"}  # what the program opens when it meets a package: code of ours
    libraries = {library(p.name) for p in objects if p.name.startswith("lib")} - own
    assert libraries == set(licences), f"carried, and listed: {libraries ^ set(licences)}"
    assert {licence for several in licences.values() for licence in several.split("/")} <= FREE, licences
    for text in ("LICENSE.txt", "NOTICE.txt"):
        assert (folder / "vetset/_libs" / text).exists(), f"Arrow's {text}"
    print("carries", ", ".join(sorted(libraries)))


def check_program(bin_folder, scratch):
    version = re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.M)[1]
    assert version in output(bin_folder / "vetset", "--version", cwd=scratch)
    shutil.copytree(ROOT / "samples/street", scratch / "street", dirs_exist_ok=True)
    assert "yolo" in output(bin_folder / "vetset", "detect", "street", cwd=scratch)
    stated = output(bin_folder / "python", "-c", "import vetset, importlib.metadata as m; print(vetset.version, m.version('vetset'))",
                    cwd=scratch)
    assert stated.split() == [version, version], stated


def check_alone(wheel, scratch):
    alone = environment("alone", wheel, "pytest", "nanobind")
    assert "pyarrow" not in output(alone / "pip", "list", "--disable-pip-version-check")
    check_program(alone, scratch)
    run(alone / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", ROOT / "python/tests", cwd=scratch)


def check_beside(wheel, scratch):
    beside = environment("beside", wheel, "pytest", "polars", "pandas", f"pyarrow=={OTHER_PYARROW}")
    for order in (("pyarrow", "vetset"), ("vetset", "pyarrow")):
        run(beside / "python", "-c", BESIDE, *order, "street", OTHER_PYARROW, cwd=scratch)
    run(beside / "python", "-c",
        "import vetset, polars, pandas; ds = vetset.open('street'); "
        "assert polars.DataFrame(ds.annotations).height == len(ds.annotations) == len(pandas.DataFrame.from_arrow(ds.annotations))",
        cwd=scratch)
    run(beside / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", ROOT / "python/tests", cwd=scratch)
    # The plug-in is there by itself.
    run(beside / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--vetset", "street", "--vetset-fail-on", "never",
        cwd=scratch)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--keep", action="store_true")
    keep = arguments.parse_args().keep
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        plain, repaired = build()
        check_contents(repaired)
        check_alone(repaired, scratch)
        check_beside(repaired, scratch)
        # What `pip install .` gives is the plain one: it takes this system's libraries, and Arrow from itself.
        check_program(environment("plain-one", plain), scratch)
    if not keep:
        shutil.rmtree(WORK)
    print("the wheel works")


if __name__ == "__main__":
    main()
