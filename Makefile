# The two commands of the README, and what the people who work on the program type.
# Needs Python >= 3.11 and make; everything else goes into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
URL ?=
# CI installs the versions of constraints.txt; others what the ranges of pyproject.toml allow.
LOCKED := $(if $(CI),-c constraints.txt)

.DEFAULT_GOAL := help
.PHONY: help crawl wheel test test-all check audit lock docs format clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-10s %s\n", $$1, $$2}'

$(VENV)/run.stamp: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: $(PYTHON) is older than 3.11; use make PYTHON=python3.12 ..." >&2; exit 2; }
	@echo "Setting up $(VENV), once; this takes a minute ..." >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(LOCKED) -e .
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp pyproject.toml
	@echo "Adding what the tests need to $(VENV), once ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(LOCKED) -e '.[test]'
	@touch $@

$(VENV)/docs.stamp: $(VENV)/run.stamp pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(LOCKED) -e '.[docs]'
	@touch $@

crawl: $(VENV)/run.stamp ## URL=https://example.com: find, fetch, clean and store a site's articles in ingest.db; without URL a bundled demo site
	@$(BIN)/ingest --home . $(if $(URL),crawl $(URL),demo)

test: $(VENV)/test.stamp ## the test suite (under 8 minutes)
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow"
	@echo "All tests passed. Next: make check (linters, types, import contracts), make test-all (the long tests too)."

test-all: $(VENV)/test.stamp ## the long tests and the quality gates too
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m slow

check: $(VENV)/test.stamp ## linters, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports

audit: $(VENV)/run.stamp ## known holes in what is installed, by PyPI's advisories (needs the network; no part of make test)
	@test -x $(VENV)/audit/bin/pip-audit || { $(PYTHON) -m venv $(VENV)/audit && $(VENV)/audit/bin/python -m pip install --quiet --disable-pip-version-check 'pip-audit>=2.9,<3'; }
	@$(BIN)/python -m pip freeze --exclude-editable > $(VENV)/audit/installed.txt
	@$(VENV)/audit/bin/pip-audit --strict --no-deps --disable-pip -r $(VENV)/audit/installed.txt

wheel: $(VENV)/run.stamp ## a wheel in dist/, for pipx install
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'build>=1.3,<2'
	@$(BIN)/python -m build --wheel --outdir dist . > /dev/null && ls dist/*.whl

lock: $(VENV)/run.stamp ## write constraints.txt anew: the versions that the container and CI install
	@test -x $(VENV)/lock/bin/uv || { $(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'; }
	@echo '# Exact versions for the container and for CI, made by `make lock`; the ranges are those of pyproject.toml.' > constraints.txt
	@$(VENV)/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-header --no-annotate --no-emit-index-url pyproject.toml >> constraints.txt

docs: $(VENV)/docs.stamp ## the documentation as HTML in docs/_build, warnings as errors
	$(BIN)/python -m sphinx -W --keep-going -q docs docs/_build

format: $(VENV)/test.stamp ## let ruff format and fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## remove .venv and caches; databases and raw pages stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist docs/_build docs/generated
