# One target a task. `make help` lists them; Python 3.11 or newer and make are all that is needed.

PYTHON ?= python3
ARGS ?=
.DEFAULT_GOAL := help
.PHONY: help run setup test lint lock clean

help: ## List the tasks
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo '  Options of permits demo: make run ARGS="--port 8100 --data DIR --empty --at 2026-11-24T09:00"'

run: setup ## Start the demonstration: database, city, both agencies, worker and web, until Ctrl-C
	@exec .venv/bin/python -m permits demo $(ARGS)

setup: ## Prepare .venv and the front-end files, without starting anything
	@$(PYTHON) deploy/setup.py

test: ## Run every check and test, as CI does (ARGS go to pytest)
	@$(PYTHON) deploy/setup.py --dev
	@exec .venv/bin/python deploy/check.py $(ARGS)

lint: ## Run ruff, mypy and import-linter only
	@$(PYTHON) deploy/setup.py --dev
	@exec .venv/bin/python deploy/check.py lint

# The locks hold for every system and Python from 3.11 on, and name no address. Needs uv; nothing else does.
LOCK = uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml

lock: ## Lock the newest packages anew: requirements.txt and requirements-dev.txt
	$(LOCK) --output-file requirements.txt
	$(LOCK) --extra dev --output-file requirements-dev.txt

clean: ## Remove what set-up and checks made; the data in var/ stays
	rm -rf .venv .setup.lock node_modules permits/web/static/vendor test-artefacts
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find permits integrations migrations tests deploy -name __pycache__ -type d -prune -exec rm -rf {} +
