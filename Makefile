# Two commands do everything: `make demo` and `make test`. They install what they need.
.PHONY: demo test soak setup setup-test release dev format lint bench clean

PRESET ?= release
VENV := .venv/bin
JOBS ?= $(shell nproc)

demo: release
	@samples/demo.sh

test: setup-test
	@$(VENV)/python tests/run.py

# The long runs: 10,000 random datasets a format, 30 minutes of fuzzing, all pairs.
soak: setup-test
	@$(VENV)/python tests/run.py --soak

setup:
	@tools/setup.sh build

setup-test:
	@tools/setup.sh build test

release: setup
	@cmake --preset release -DPython_EXECUTABLE=$(CURDIR)/.venv/bin/python > build-release.log 2>&1 || (cat build-release.log; exit 1)
	@cmake --build build/release --target vetset_program -j $(JOBS)
	@rm -f build-release.log

dev: setup
	@cmake --preset dev -DPython_EXECUTABLE=$(CURDIR)/.venv/bin/python
	@cmake --build build/dev -j $(JOBS)

format: setup
	@git ls-files '*.cpp' '*.h' | xargs $(VENV)/clang-format -i

lint: setup
	@$(VENV)/python tests/run.py --only format,layers

bench: release
	@$(VENV)/python bench/run.py

clean:
	@rm -rf build dist
