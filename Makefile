# Everything is one command away. What is done lives in devtools/; this file only names it.
.DEFAULT_GOAL := help
.PHONY: help setup run stop db test check unit lint types fmt faults bench texts clean reset

PY := .venv/bin/python
# The first Python that is new enough: the one asked for (PYTHON=...), the virtualenv's, the machine's.
define SETUP
for python in $(PYTHON) $(PY) python3.11 python3.12 python3.13 python3.14 python3; do \
	if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found="$$python"; break; fi; \
done; \
if [ -z "$$found" ]; then echo "LeadGov needs Python 3.11 or newer; set PYTHON=/path/to/it." >&2; exit 1; fi; \
"$$found" -m devtools.environment
endef

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

setup: ## the virtualenv, from the pinned and hashed lock; again only when the lock changed
	@$(SETUP)

run: ## the whole product in this terminal; PORT=8001 and DATABASE_URL=... are honoured
	@$(SETUP) --run && exec $(PY) -m devtools.launch

stop: ## stop what runs in this folder: the product and both databases
	@[ ! -x $(PY) ] || $(PY) -m devtools.cleanup stop

db: setup ## start the private PostgreSQL alone and print its DATABASE_URL
	@$(PY) -m devtools.database start

test: setup ## set up, then everything `make check` runs
	@$(PY) -m devtools.check

check: ## format, lint, types, layers, migrations, deployment check, all tests; each is run
	@$(PY) -m devtools.check

unit: setup ## the tests that need no database
	@$(PY) -m pytest tests/unit -q

lint: setup ## format, lint and layers
	@$(PY) -m devtools.check format lint layers

types: setup ## the type check
	@$(PY) -m devtools.check types

fmt: setup ## put the code in the common form
	@$(PY) -m ruff check --fix . ; $(PY) -m ruff format .

faults: setup ## the long campaigns that kill, cut and flood; LEADGOV_FAULTS_SHARE=short for a part
	@$(PY) -m devtools.check faults

bench: setup ## the measurements
	@$(PY) -m bench

texts: setup ## how many texts there are to translate; LANGUAGES="de fr" brings those catalogs up
	@$(PY) -m devtools.texts $(LANGUAGES)

clean: ## stop all; remove caches, collected files and the tests' database; the data is kept
	@[ ! -x $(PY) ] || $(PY) -m devtools.cleanup clean

reset: ## stop all and erase the product's own database; the next run begins anew
	@[ ! -x $(PY) ] || $(PY) -m devtools.cleanup reset
