# `make` lists the targets. Two are all a newcomer needs: `make run` and `make test`; each sets up what it lacks.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
STORE ?= sqlite:///var/aidgraph.sqlite
DONE := .venv/.done

.DEFAULT_GOAL := help
.PHONY: help setup run browser test check bench shares soak neo4j neo4j-stop picture fmt lock clean

help:  ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /  make \1\t/' | expand -t 16

setup: $(DONE)  ## make .venv with exactly what requirements.lock pins

$(DONE): pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: $(DONE)  ## load the catalogue and a real case into the embedded store and print what the household can get
	@$(BIN)/aidgraph --store $(STORE) load seeds/ > /dev/null
	@$(BIN)/aidgraph --store $(STORE) load seeds/cases/c4.yaml > /dev/null
	@$(BIN)/aidgraph --store $(STORE) match c4-1 --as-of 2024-09-01
	@echo
	@echo "下一步 / next:"
	@echo "  $(BIN)/aidgraph explain c4-1 anxin-relief-fund --as-of 2024-09-01"
	@echo "  $(BIN)/aidgraph match c4-1 --as-of 2024-09-01 --lang en"
	@echo "  $(BIN)/aidgraph --help"

browser:  ## Chromium and a Chinese font for the tests of the pages, from Debian's packages if there is none
	@command -v chromium google-chrome chrome > /dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } > /dev/null
	@fc-list :lang=zh | grep -q . || apt-get install -y -qq --no-install-recommends fonts-noto-cjk > /dev/null

test: $(DONE) browser  ## every test: on the embedded store, on a real Neo4j, in a real browser
	$(BIN)/python -m pytest -n 2 --dist worksteal

soak: $(DONE)  ## 400 more random catalogues through engine and oracle; 500 requests an operation and role; kill -9 twenty times each at 2,000 households, on both stores
	$(BIN)/python -m pytest -n 2 --dist worksteal -m soak

check: $(DONE)  ## what CI runs: format, lint, types, arrows, dependencies, then the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/aidgraph check seeds/
	$(MAKE) test
	$(MAKE) shares

shares: $(DONE)  ## per policy, the share of yes, no and unknown among random households
	$(BIN)/python -m seeds.synthetic --report 10000

bench: $(DONE)  ## measure, beside a peer in one run (installs the peer first)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	$(BIN)/python -m tests.bench.bench_verdicts
	$(BIN)/python -m tests.bench.bench_household
	$(BIN)/python -m tests.bench.bench_few
	$(BIN)/python -m tests.bench.bench_stores
	$(BIN)/python -m tests.bench.bench_http

neo4j: $(DONE)  ## start a real Neo4j for development, by Docker or by Maven and a JDK 17, and print its address
	@$(BIN)/python -m api.local_neo4j start

neo4j-stop: $(DONE)  ## stop it; its data stay in var/neo4j
	@$(BIN)/python -m api.local_neo4j stop

picture: $(DONE)  ## draw graph/model.py into docs/model.md
	$(BIN)/python -m graph.picture > docs/model.md

fmt: $(DONE)  ## format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:  ## resolve the dependencies anew (needs pip-tools)
	pip-compile --quiet --allow-unsafe --extra dev --generate-hashes --no-emit-find-links --no-emit-index-url --no-emit-trusted-host --strip-extras -o requirements.lock pyproject.toml

clean:  ## remove what was built
	rm -rf .venv build dist var .mypy_cache .pytest_cache .ruff_cache .hypothesis
