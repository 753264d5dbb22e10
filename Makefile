# Every target sets up what it needs. Python 3.11+, venv and make are all that a machine must have.
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-exhaustive faults fault mutation check bench bench-growth soak interop browser browser-tools vectors schemas format clean

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(BIN)/uv
STAMP  := $(VENV)/.synced
CWT    := tests/interop/cwt
BROWSER := tests/browser
MUTMUT := .venv-mutation
WORKERS ?= 2
RUNS ?= 20000

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

$(UV):
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.8"

$(STAMP): pyproject.toml uv.lock | $(UV)
	@$(UV) sync --frozen --quiet --python $(BIN)/python
	@touch $@

setup: $(STAMP) ## make the virtual environment from uv.lock

demo: $(STAMP) ## the worked example: 200,000 pieces from 42 makers, audited and verified
	@$(BIN)/tally demo

test: $(STAMP) interop ## run the tests, all but those of the pages (make browser)
	@$(BIN)/python -m pytest -n $(WORKERS) -m "not slow" --ignore=tests/browser

test-exhaustive: $(STAMP) interop ## the tests and the exhaustive ones (longer)
	@$(BIN)/python -m pytest -n $(WORKERS)

faults: $(STAMP) ## seeded faults struck into the log's writer: RUNS=20000 of them (about half an hour)
	@seq 0 1000 $$(($(RUNS) - 1000)) | xargs -P $(WORKERS) -I{} sh -c '$(BIN)/python -m tests.fault.replay {}-$$(({} + 999))'

fault: $(STAMP) ## do one seeded run again: make fault SEED=123
	@$(BIN)/python -m tests.fault.replay $(SEED)
mutation: $(STAMP) $(MUTMUT)/.synced ## change the rules in every small way, see which change no test notices (hours)
	@PATH="$(CURDIR)/$(MUTMUT)/bin:$$PATH" mutmut run --max-children $(WORKERS)
	@$(BIN)/python -m tests.mutation_report

$(MUTMUT)/.synced: pyproject.toml uv.lock | $(UV)
	@UV_PROJECT_ENVIRONMENT=$(MUTMUT) $(UV) sync --frozen --quiet --no-install-project --group mutation --python $(PYTHON)
	@touch $@

check: $(STAMP) ## ruff, mypy --strict, the floors
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-timing 2>/dev/null || $(BIN)/lint-imports

bench: $(STAMP) ## measure against limits taken in the same run; writes bench-results/
	@$(BIN)/python -m tests.bench
	@$(BIN)/python -m tests.bench.http

bench-growth: $(STAMP) ## grow a log to ten million entries, measured on the way (hours, 15 GB): SIZES="10000 1000000"
	@$(BIN)/python -m tests.bench.growth $(SIZES)

soak: $(STAMP) ## a served log under mixed load, memory watched: a minute, or SECONDS=3600
	@$(BIN)/python -m tests.bench.soak $(SECONDS)

interop: $(CWT)/.venv/.synced ## the independent verifiers that need an environment of their own

$(CWT)/.venv/.synced: $(CWT)/pyproject.toml $(CWT)/uv.lock | $(UV)
	@$(UV) sync --frozen --quiet --project $(CWT) --python $(PYTHON)
	@touch $@

browser-tools: $(BROWSER)/node_modules/.synced ## axe-core, for the tests of the pages (needs npm)

browser: $(STAMP) browser-tools ## the pages in Chromium and the verifier in Node, under axe-core
	@$(BIN)/python -m pytest -n $(WORKERS) -m "not slow" tests/browser

$(BROWSER)/node_modules/.synced: $(BROWSER)/package.json $(BROWSER)/package-lock.json
	@npm ci --silent --no-audit --no-fund --ignore-scripts --prefix $(BROWSER)
	@touch $@

vectors: $(STAMP) ## write what is generated again: specs/vectors, specs/schemas, docs/cli.md, docs/messages.md
	@$(BIN)/python -m tests.vectors_statement
	@$(BIN)/python -m tests.vectors_proof
	@$(BIN)/python -m tests.vectors_bundle
	@$(BIN)/python -m tests.vectors_disclosure
	@$(BIN)/python -m tests.schemas
	@$(BIN)/python -m tests.cli_page
	@$(BIN)/python -m tests.messages.page

format: $(STAMP) ## format the code
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

clean: ## remove what the targets made
	rm -rf $(VENV) $(CWT)/.venv $(BROWSER)/node_modules $(MUTMUT) mutants bench-results .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
