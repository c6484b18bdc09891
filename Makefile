# Needs make and a Python of at least 3.11; everything else is installed into .venv and .cache.
# The end-to-end tests also need node and npm: they install the pinned client themselves.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
UV_VERSION := 0.13.9

.DEFAULT_GOAL := help
.PHONY: help setup test demo torture e2e lint format docs docs-check bench bench-check dist lock release-check check clean

help:  ## Show the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: $(STAMP)  ## Make .venv with the locked development packages and this project, editable

$(STAMP): pyproject.toml requirements-dev.lock
	@test -n "$(PYTHON)" || { echo "make: no Python of at least 3.11 found on PATH" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

test: $(STAMP)  ## Run the unit and property tests
	$(BIN)/python -m pytest tests --ignore=tests/e2e -n auto

torture: $(STAMP)  ## Kill, fill, lock and spoil for long: the fault tests in their whole form (about 30 minutes)
	CODEMEMORY_TORTURE=1 $(BIN)/python -m pytest tests/fault -rs -s

e2e: $(STAMP)  ## Run the end-to-end tests with the real client against a scripted API
	$(BIN)/python -m pytest tests/e2e -rs -n 2

demo: $(STAMP)  ## Show a remembered session from end to end
	$(BIN)/python tests/demo.py

lint: $(STAMP)  ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict

format: $(STAMP)  ## Format the source
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(STAMP)  ## Write the generated parts of the documentation
	$(BIN)/python -m docs.generate

docs-check: $(STAMP)  ## Fail when the generated parts of the documentation are stale
	$(BIN)/python -m docs.generate --check

bench: $(STAMP)  ## Measure everything and write benchmarks/results; TRANSCRIPTS=folder QUERIES=file for real material
	$(BIN)/python -m benchmarks.bench $(if $(TRANSCRIPTS),--transcripts $(TRANSCRIPTS)) $(if $(QUERIES),--queries $(QUERIES))

bench-check: $(STAMP)  ## The short form with its limits, as continuous integration runs it
	$(BIN)/python -m benchmarks.bench --ci

dist: $(STAMP)  ## Make one executable file of the program and its packages: dist/codememory
	$(BIN)/python .ci/dist.py dist/codememory

lock:  ## Pin every package with its hashes for all platforms and every Python from 3.11
	test -x .cache/uv/bin/uv || $(PYTHON) -m venv .cache/uv
	.cache/uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(PYTHON) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
		>.cache/build-requirements.in
	.cache/uv/bin/uv pip compile $(LOCK_OPTIONS) pyproject.toml .cache/build-requirements.in -o requirements.lock
	.cache/uv/bin/uv pip compile $(LOCK_OPTIONS) --extra dev --constraint requirements.lock \
		pyproject.toml .cache/build-requirements.in -o requirements-dev.lock

LOCK_OPTIONS := --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --upgrade

release-check: $(STAMP)  ## Check that one version is named everywhere and that the packages build
	$(BIN)/python -m pytest tests/unit/test_release.py
	rm -rf dist
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .

check: lint test e2e  ## Lint and run every test

clean:  ## Remove what the other targets made, .venv included
	rm -rf $(VENV) .cache dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
