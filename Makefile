# Everything a newcomer or CI needs; `make help` lists it.
PYTHON ?= python3
PORT ?= 8080
JOBS ?= auto
SBOM ?= dist/sbom.cdx.json
# The version that wrote uv.lock, and no other: it decides what is installed.
UV_VERSION := 0.13.9
BIN := .venv/bin
# Without its bytecode each process that a chore starts would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE
WEB := tests/web
READY := .venv/.ready
TSC := $(WEB)/node_modules/.bin/tsc --project $(WEB)
ESLINT := $(WEB)/node_modules/.bin/eslint --config $(WEB)/eslint.config.mjs functions infra tests

.DEFAULT_GOAL := help
.PHONY: help setup run test lint format chaos mutants fuzz bench sbom screenshots clean-local chromium engines web deploy rollback destroy cloud-check rehearsal

help: ## list these chores
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { gsub(/[$$][(]PORT[)]/, "$(PORT)"); gsub(/[$$][(]JOBS[)]/, "$(JOBS)"); gsub(/[$$][(]SBOM[)]/, "$(SBOM)"); printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## install what the project needs into .venv (again only when uv.lock changes)

# uv comes from the machine if it is that version, else from the virtual environment itself.
UV = $$(for uv in uv $(BIN)/uv; do \
  case "$$($$uv --version 2>/dev/null) " in "uv $(UV_VERSION) "*) echo $$uv; break;; esac; done)

$(READY): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv \
	  || { echo "The venv module is missing: on Debian, apt install python3-venv" >&2; exit 1; }
	@test -n "$(UV)" || $(BIN)/python -m pip install --quiet uv==$(UV_VERSION)
	@VIRTUAL_ENV= $(UV) sync --quiet --locked --inexact --group dev --python $(BIN)/python
	@touch $@

run: $(READY) ## start the whole system on http://127.0.0.1:$(PORT) (state in .local/)
	@exec $(BIN)/accueil run --port $(PORT)

# In parallel by file: a worker has one browser and seeds one workbook for all its files.
test: $(READY) chromium engines web ## run all tests ($(JOBS) at a time: JOBS), and name the ten slowest
	@$(BIN)/pytest --numprocesses $(JOBS) --dist loadfile --durations 10 --durations-min 1

lint: $(READY) web ## check format, lint, types and dependencies
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@# What anybody imports is declared; what the cloud imports is no development tool (DEP004).
	@$(BIN)/deptry . --ignore DEP004
	@$(BIN)/deptry . --extend-exclude infra --extend-exclude tests
	@if test -e $(WEB)/node_modules/.ready; then $(TSC) && $(ESLINT); else test -z "$$CI"; fi

format: $(READY) web ## format the code and mend what lint can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@if test -e $(WEB)/node_modules/.ready; then $(ESLINT) --fix; fi

chaos: $(READY) ## prove at length that nothing is lost or doubled (SEED=…; more than half an hour)
	@$(BIN)/pytest -m slow tests/functions tests/e2e/test_rollback.py
	@$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED))

mutants: $(READY) ## make small mistakes, and name those no test notices (ONLY=functions/route, SAMPLE=200)
	@$(BIN)/python -m tests.mutants $(if $(ONLY),--only $(ONLY)) $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED))

fuzz: $(READY) ## call intake at random, for some minutes (EXAMPLES=1000 for each kind of call)
	@EXAMPLES=$(or $(EXAMPLES),1000) $(BIN)/pytest tests/e2e/test_fuzz.py

bench: $(READY) ## measure what the README claims (docs/benchmarks.md)
	@$(BIN)/pytest -m slow tests/infra/bench tests/infra/lists
	@$(BIN)/python -m infra.bench

deploy: $(READY) ## bring the system to Google Cloud (STACK=lot; docs/deploy.md)
	@$(BIN)/accueil cloud deploy $(call stack,deploy)

rollback: $(READY) ## put the functions of the deployment before back (STACK=lot)
	@$(BIN)/accueil cloud rollback $(call stack,rollback)

destroy: $(READY) ## remove the functions and keep the journal (STACK=lot; FORCE=1 removes it, too)
	@$(BIN)/accueil cloud destroy $(call stack,destroy) $(if $(FORCE),--with-journal)

stack = $(or $(STACK),$(error Say which: make $(1) STACK=lot))

cloud-check: $(READY) ## judge the cloud's graph, and ask checkov for a second opinion
	@$(BIN)/python -m infra.cloud.checking

rehearsal: $(READY) ## undo an upgrade on this machine: this code and an earlier one on one state
	@$(BIN)/pytest -m slow tests/e2e/test_rollback.py

sbom: $(READY) ## list what is deployed, by uv.lock, as a CycloneDX file ($(SBOM): SBOM)
	@mkdir -p $(dir $(SBOM))
	@$(UV) export --quiet --preview-features sbom-export --format cyclonedx1.5 --frozen --no-default-groups --all-extras --output-file $(SBOM) >/dev/null
	@echo "written: $(SBOM)"

screenshots: $(READY) chromium ## take the pictures of docs/ again
	@$(BIN)/python -m infra.screenshots

clean-local: ## forget the local state (.local/, or ACCUEIL_HOME); `accueil clean`, without setup
	@$(PYTHON) -m infra.local.state

# The browser tests need a Chromium: Debian's, where this user may install it; else they say why they skip.
chromium:
	@command -v chromium-headless-shell >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	       && echo "installing Chromium for the browser tests…" \
	       && { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium-headless-shell fonts-dejavu-core fonts-liberation >/dev/null; }; } \
	  || { command -v chromium || command -v google-chrome; } >/dev/null \
	  || echo "no Chromium here: the browser tests will be skipped"

# The form's journeys are done in Firefox and WebKit, too (tests/e2e/test_engines.py).
engines:
	@{ { command -v firefox-esr || command -v firefox; } && command -v WebKitWebDriver && command -v Xvfb; } >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	       && echo "installing Firefox and WebKit for the browser tests…" \
	       && { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends firefox-esr webkit2gtk-driver xvfb >/dev/null; }; } \
	  || echo "no Firefox or WebKit here: their tests will be skipped"

# axe-core and html-validate for the same tests, tsc and eslint for lint: where npm is. Else the tests
# say why they skip, and only Python is linted; on a CI machine, which has npm, both fail.
web: $(WEB)/node_modules/.ready

$(WEB)/node_modules/.ready: $(WEB)/package-lock.json
	@if command -v npm >/dev/null; then \
	  npm ci --prefix $(WEB) --ignore-scripts --no-audit --no-fund --silent && touch $@; \
	else echo "no npm here: neither the pages' HTML and accessibility nor the scripts will be checked"; fi
