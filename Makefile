# Two commands for a newcomer: `make demo` and `make test`. Each does its own set-up.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test check format lint types imports unit bench soak docs clean

help: ## What can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(STAMP): requirements-dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "nvx needs Python 3.11 or newer; set PYTHON=/path/to/python"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP) ## Plan and apply the quickstart against a local AWS
	@$(BIN)/python stacks/quickstart/demo.py

test: check unit ## Format, lint, types, import contracts, then every test

check: format lint types imports ## Everything that does not run the code

format: $(STAMP)
	@$(BIN)/ruff format --check .

lint: $(STAMP)
	@$(BIN)/ruff check .

types: $(STAMP)
	@$(BIN)/mypy

imports: $(STAMP)
	@$(BIN)/lint-imports
	@$(BIN)/deptry src

unit: $(STAMP)
	@$(BIN)/pytest -n 2 -m "not soak"

bench: $(STAMP) ## The bars of the design, as ratios in one run
	@$(BIN)/python -m tests.bench

soak: $(STAMP) ## The long proof
	@NVX_HYPOTHESIS=soak $(BIN)/pytest -n 2

docs: $(STAMP) ## Write the pages of docs/ that come out of the code
	@$(BIN)/python docs/generate.py

clean:
	@rm -rf $(VENV) .nvx .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
