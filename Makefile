# `make run` and `make test` are all that a newcomer needs, `make serve` opens the console; `make help` lists the rest.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# An editable install links file by file: a new file, or new metadata, needs it again; an edit does not.
TREE := $(shell (find src models training eval service -name '*.py' -o -name '*.toml' -o -name '*.html' -o -name '*.css' -o -name '*.js' | LC_ALL=C sort; cat pyproject.toml constraints.txt) | cksum | cut -d' ' -f1)
BASE := $(VENV)/installed-base-$(TREE)
# What `make test` installs; CI adds what looks at pages.
EXTRAS ?= dev
DEV := $(VENV)/installed-$(EXTRAS)-$(TREE)
SERVICE := $(VENV)/installed-service-$(TREE)
# Processes get whole modules, as conftest.py says; one that dies is not replaced, for its tests fail.
PROCESSES ?= 2
SHARING := --dist loadfile --no-loadscope-reorder --max-worker-restart 0
# The console's one script that others wrote: fetched by `make vendor`, committed, held to this checksum.
HTMX_VERSION := 2.0.11
HTMX_SHA256 := d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717
STATIC := service/api/console/static
PORT ?= 8080
DEMO := out/console
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: help run serve test check format lint types contracts wheel gate eval train train-encoder train-cascade benchmarks bench bench-encoder bench-cascade bench-explanations bench-service bench-review bench-console bench-audit soak soak-service soak-audit vendor clean

help:  ## List what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /: /' | column -t -s:

run: | $(BASE)  ## Set up, then rank the sample queue with the bundled model
	@$(BIN)/tocsin scan samples/queue.jsonl --show-text --top 15

serve: | $(SERVICE)  ## Set up, then open the review console with the sample queue, at PORT=8080 of this machine alone
	@mkdir -p out && mkdir -p -m 700 $(DEMO)
	@$(BIN)/tocsin review import samples/queue.jsonl --state $(DEMO) --policy samples/console-policy.toml --quiet
	@$(BIN)/tocsin review import samples/console.jsonl --state $(DEMO) --policy samples/console-policy.toml --quiet
	@echo "the console: http://127.0.0.1:$(PORT)/review (Ctrl-C ends it; rm -r $(DEMO) begins anew)"
	@$(BIN)/tocsin serve --review --insecure-local --port $(PORT) --state $(DEMO) --policy samples/console-policy.toml

test: $(DEV)  ## Set up, then run every test; PROCESSES=2 share them, but for those that must be alone; 0 is one by one
	@failed=0; \
	$(BIN)/pytest -q -m 'not alone' -n $(PROCESSES) $(SHARING) || failed=1; \
	$(BIN)/pytest -q -m alone $$(grep -rl --include='test_*.py' 'mark[.]alone' tests) || failed=1; \
	exit $$failed

check: lint types contracts test wheel  ## Everything that CI does

format: $(DEV)  ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lint: $(DEV)  ## Check format and style
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: $(DEV)  ## Check types, tests included
	@$(BIN)/mypy
	@$(BIN)/mypy tests/service/review/conftest.py
	@$(BIN)/mypy conftest.py

contracts: $(DEV)  ## Check that imports go one way
	@$(BIN)/lint-imports

wheel: $(DEV)  ## Build a wheel and scan with it in a clean environment, without what training needs
	@tests/wheel.sh $(BIN)/python

gate: $(DEV)  ## Hold the bundle that ships to its floors and ceilings, on the corpora in TOCSIN_DATA
	@if [ -n "$$TOCSIN_DATA" ] || [ "$$CI" = true ]; then $(BIN)/tocsin eval gate; \
	else echo "gate: not run, for it needs the labelled corpora: TOCSIN_DATA must name their folder"; fi

eval: $(DEV)  ## Measure the bundle that ships, whole, beside other classifiers, on the corpora in TOCSIN_DATA
	@$(BIN)/python bench/peer_scores.py --out out/peers
	@$(BIN)/tocsin eval default --out out/report $$(for file in out/peers/*.csv; do \
	  echo --scores "$$(basename "$$file" .csv)=$$file"; done)

train: $(DEV)  ## Train the screen that ships again, from the corpora in TOCSIN_DATA; encoder and cascade come next
	@$(BIN)/tocsin train --recipe screen --out models/default --version 0.5.0 --work out/train

train-encoder: $(DEV)  ## Train the encoder that ships again, beside the screen that ships, from BACKBONE
	@$(BIN)/tocsin train --recipe encoder --out models/default --version 0.5.0 --work out/encoder \
	  $(if $(BACKBONE),--backbone $(BACKBONE))

train-cascade: $(DEV)  ## Distil the screen of the cascade that ships again, from the encoder that ships
	@$(BIN)/tocsin train --recipe cascade --out models/default --version 0.5.0 --work out/cascade

benchmarks: $(DEV)  ## Fine-tune BACKBONE on each corpus's own official task; a run that was stopped goes on
	@$(BIN)/tocsin train --task all --out out/tasks $(if $(BACKBONE),--backbone $(BACKBONE))

bench: $(DEV)  ## Measure speed, memory and start beside peers, on the posts of the corpora in TOCSIN_DATA
	@$(BIN)/python bench/throughput.py

bench-encoder: $(DEV)  ## Measure the encoder beside transformers.pipeline on the same weights, those in LAYOUT
	@$(BIN)/python bench/encoder.py --layout $(or $(LAYOUT),out/encoder/huggingface)

bench-cascade: $(DEV)  ## Measure what the cascade clears, loses and saves, on a stream of ordinary posts
	@$(BIN)/python bench/cascade.py

bench-explanations: $(DEV)  ## Measure whether the words that explanations name are those that scores hang on
	@$(BIN)/python bench/explanations.py

bench-service: $(DEV)  ## Load the server through every face, beside a naive one; needs Linux, wrk and hey
	@$(BIN)/python bench/service_load.py

bench-review: $(DEV)  ## Load the review queue with 16 reviewers beside the naive way; needs PostgreSQL's server
	@$(BIN)/python bench/review_queue.py

bench-audit: $(DEV)  ## Measure an audit from Parquet to Parquet beside transformers.pipeline on the same weights, those in LAYOUT
	@$(BIN)/python bench/audit_run.py --layout $(or $(LAYOUT),out/encoder/huggingface)

bench-console: $(DEV)  ## Measure the console's lists over 100,000 open tasks; needs PostgreSQL's server
	@$(BIN)/python bench/review_pages.py

soak:  ## Run soak-service, then soak-audit
	@$(MAKE) --no-print-directory soak-service
	@$(MAKE) --no-print-directory soak-audit

soak-service: $(DEV)  ## Hold the server at overload for SECONDS=600, then stop it; needs Linux and wrk
	@$(BIN)/python bench/service_soak.py --seconds $(or $(SECONDS),600)

soak-audit: $(DEV)  ## Audit 10,000 to 5,000,000 rows; the cost of a row and memory must stay; needs Linux
	@$(BIN)/python bench/audit_soak.py

vendor:  ## Fetch the console's one third-party script anew (needs npm): at HTMX_VERSION, held to HTMX_SHA256
	@folder=$$(mktemp -d) && npm pack --silent --pack-destination "$$folder" htmx.org@$(HTMX_VERSION) >/dev/null \
	  && tar -xzf "$$folder"/htmx.org-$(HTMX_VERSION).tgz -C "$$folder" \
	  && echo "$(HTMX_SHA256)  $$folder/package/dist/htmx.min.js" | sha256sum --check --quiet \
	  && cp "$$folder/package/dist/htmx.min.js" $(STATIC)/htmx.min.js \
	  && cp "$$folder/package/LICENSE" $(STATIC)/htmx.LICENSE && rm -r "$$folder"

clean:  ## Remove what was made
	rm -rf build $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tocsin needs Python 3.11 or newer")'
	@$(PYTHON) -m venv $(VENV)

$(BASE): $(VENV)/bin/python
	@echo "setting up (once, less than a minute) ..."
	@$(PIP) --editable . --config-settings editable_mode=strict
	@touch $@

$(SERVICE): $(VENV)/bin/python
	@echo "setting up the server (once, less than a minute) ..."
	@$(PIP) --editable '.[service]' --config-settings editable_mode=strict
	@touch $@ $(BASE)

$(DEV): $(VENV)/bin/python
	@echo "setting up for development (once, about a minute) ..."
	@$(PIP) --editable '.[$(EXTRAS)]' --config-settings editable_mode=strict
	@touch $@ $(BASE) $(SERVICE)
