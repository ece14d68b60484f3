.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
PYTHON ?= $(or $(shell command -v python3.11),python3)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes --no-deps
RUN_STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev

.PHONY: help setup run test check e2e interop faults bench lock

help: ## Print these words
	@grep -hE '^[a-z0-9]+:.*## ' Makefile | awk -F':.*## ' '{sub(/:.*/, "", $$1); printf "  make %-8s %s\n", $$1, $$2}'

# Installing is idempotent and cheap to skip: a stamp is older than its lock file, or there is nothing to do.
$(RUN_STAMP): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Python 3.11 is needed; name it: make PYTHON=/path/to/python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) -r requirements.txt
	touch $@

$(DEV_STAMP): requirements-dev.txt $(RUN_STAMP)
	$(PIP) -r requirements-dev.txt
	touch $@

setup: $(DEV_STAMP) ## Install what developing needs into .venv

run: $(RUN_STAMP) ## Everything on a fresh machine: install, migrate, demo, serve (PORT, DATA_DIR)
	$(BIN)/python manage.py migrate --verbosity 0
	@echo "Making the demo and issuing the samples: a minute or so ..."
	@links="$$($(BIN)/python manage.py demo)" \
	  && $(BIN)/python manage.py load_courses samples/courses.csv \
	  && $(BIN)/python manage.py issue samples/completions.csv \
	  && printf '%s\n' "$$links" \
	  && exec $(BIN)/python manage.py serve

test: $(DEV_STAMP) ## The suite on SQLite, then on PostgreSQL; throw-away servers unless TEST_*_URL are given
	$(BIN)/python -m tests.servers -- $(ARGS)

check: $(DEV_STAMP) ## Lint, types, import contract, templates, migrations, deploy checks, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/djlint --check --lint --quiet templates
	DJANGO_SETTINGS_MODULE=config.settings.test $(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m tests.production check --deploy --fail-level WARNING
	$(BIN)/pytest -q tests/contracts

e2e: $(DEV_STAMP) ## Journeys in a real browser, and WCAG 2.2 AA; needs chromium and npm (apt-get install chromium npm)
	@if command -v npm >/dev/null; then npm ci --prefix tests/e2e --ignore-scripts --no-audit --no-fund || echo "axe-core cannot be installed: its tests are skipped"; else echo "npm is absent: apt-get install npm"; fi
	$(BIN)/pytest -m e2e -n0 tests/e2e $(ARGS)

interop: $(DEV_STAMP) ## Files and tokens judged by other people's tools; needs npm, qpdf, poppler-utils, zbar-tools
	@if command -v npm >/dev/null; then npm ci --prefix tests/interop --ignore-scripts --no-audit --no-fund; else echo "npm is absent: apt-get install npm"; fi
	$(BIN)/pytest -m interop -n0 tests/interop $(ARGS)

faults: $(DEV_STAMP) ## The long forms of the fault tests, with RabbitMQ (apt-get install rabbitmq-server) and Redis
	FAULTS=long $(BIN)/python -m tests.servers --brokers -- -n0 tests/reliability $(ARGS)

bench: $(DEV_STAMP) ## The benchmarks, each printing a ratio; one with NAME=issuing; fails where an aim is missed
	@missed=; for script in benchmarks/$(if $(NAME),$(NAME),[a-z]*).py; do \
	  echo "== $$script"; $(BIN)/python "$$script" || missed="$$missed $$(basename "$$script" .py)"; done; \
	  test -z "$$missed" || { echo "missed:$$missed"; exit 1; }

lock: $(DEV_STAMP) ## Pin what requirements*.in ask for, with hashes
	$(BIN)/uv pip compile --quiet --no-header --generate-hashes --python-version 3.11 requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --no-header --generate-hashes --python-version 3.11 requirements-dev.in -o requirements-dev.txt
