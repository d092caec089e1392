"""The stub that type checkers read is the one that the module gives of itself."""

import difflib
import inspect
import pathlib

import pytest
import vetset

STUB = pathlib.Path(vetset.__file__).with_name("_core.pyi")


def test_the_stub_is_that_of_the_module():
    stubgen = pytest.importorskip("nanobind.stubgen")
    generator = stubgen.StubGen(module=vetset._core)
    generator.put(vetset._core)
    made = generator.get()
    lines = difflib.unified_diff(STUB.read_text().splitlines(), made.splitlines(), "python/vetset/_core.pyi", "made", lineterm="")
    assert made == STUB.read_text(), "\n".join(lines)


def test_every_public_name_is_there_and_documented():
    assert sorted(vetset.__all__) == vetset.__all__
    stub = STUB.read_text()
    for name in vetset.__all__:
        value = getattr(vetset, name)
        if getattr(value, "__module__", "") == "vetset._core":
            assert f"class {name}" in stub or f"def {name}" in stub, name
        if inspect.isclass(value) or inspect.isfunction(value):
            assert value.__doc__, name
    assert STUB.with_name("py.typed").exists()
