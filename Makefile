# make demo    the page on http://127.0.0.1:8000/  (make demo ARGS="--port 8001 --data /tmp/second")
# make class   a class on the local network: address, join code and QR code in the terminal
# make test    every check and every test (-j3: the checks beside the first tests)
# make lint    the checks alone
# make bench   the measurements of docs/performance.md
# make chaos   kills a team server's processes three hundred times, and looks whether anything is lost (about ten minutes)
# make figure  draws docs/figure.svg anew

BIN := .venv/bin
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$each -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$each && break; done)
# What proves the same on any database.
WITHOUT_DATABASE := $(addprefix --ignore tests/,core outside machinery api/kept api/printers api/test_fuzz.py api/test_any_input.py \
	api/test_openapi.py page/test_films.py page/test_fidelity.py test_documents.py test_purity.py test_translations.py)
# A file's tests stay together, so that they can share what they set up; files that wait for servers are begun first. One
# process more than there are cores, 4 at most.
SIDE_BY_SIDE := -n $(shell expr $$(nproc 2>/dev/null || echo 2) + 1) --maxprocesses 4 --dist loadfile --no-loadscope-reorder
# In CI a test that fails is run once more, and the summary names each that was: a race on a loaded machine is seen there
# and holds nobody up, a defect fails twice.
RERUNS := $(if $(CI),--reruns 1)

# The page's modules are formatted and tested with Node.js, where there is one new enough.
HAS_NODE := $(shell command -v npm >/dev/null && node -e 'process.exit(+(process.versions.node.split(".")[0] < 20))' && echo yes)

.PHONY: demo class test test-sqlite test-postgres test-browser lint lint-js test-js bench chaos figure

demo: .venv/demo.stamp
	@$(BIN)/python -c '$(NEW_ENOUGH)' || { echo "The Python of .venv is gone; remove the folder .venv and try again."; exit 1; }
	@$(BIN)/python manage.py demo $(ARGS)

class: .venv/demo.stamp
	@$(BIN)/python manage.py class $(ARGS)

test:  # with -j the checks run beside the first tests
	@$(MAKE) --no-print-directory lint test-js test-sqlite
	@$(MAKE) --no-print-directory test-postgres
	@$(MAKE) --no-print-directory test-browser

test-sqlite: .venv/test.stamp
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(RERUNS) --ignore tests/browser $(ARGS)

test-postgres: .venv/test.stamp
	@test -z "$$TEST_POSTGRES_URL" || { echo "The database's tests again, on PostgreSQL:"; \
		DATABASE_URL="$$TEST_POSTGRES_URL" $(BIN)/python -m pytest $(SIDE_BY_SIDE) $(RERUNS) --ignore tests/browser $(WITHOUT_DATABASE); }

test-browser: .venv/test.stamp
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(RERUNS) tests/browser

lint: .venv/test.stamp lint-js
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run

ifeq ($(HAS_NODE),yes)
lint-js: node_modules/.stamp
	npx prettier --check static/js static/css tests/js "docs/*.js"

test-js:
	node --test tests/js/*.test.js
else
lint-js test-js:
	@echo "Skipped: $@ (no Node.js 20 or newer with npm here; on Debian: apt-get install nodejs npm)"
	@test -z "$$CI" || { echo "In CI a skip is a failure."; exit 1; }
endif

bench: .venv/test.stamp
	$(BIN)/python -m bench.rollout
	$(BIN)/python -m bench.idle
	$(BIN)/python -m bench.clusters
	$(BIN)/python -m bench.fanout
	$(BIN)/python -m bench.fps
	$(BIN)/python -m bench.slow_link
	$(BIN)/python -m bench.rehearse
	$(BIN)/python -m bench.schedule
	$(BIN)/python -m bench.api
	$(BIN)/python -m bench.team
	$(BIN)/python -m bench.soak
	$(BIN)/python -m bench.classroom
	$(BIN)/python -m bench.board

chaos: .venv/test.stamp
	$(BIN)/python -m bench.chaos $(ARGS)

figure: .venv/test.stamp
	$(BIN)/python docs/draw_figure.py

.venv/demo.stamp: requirements.txt | $(BIN)/pip
	@echo "Installing requirements.txt into .venv (once, about half a minute) ..."
	@$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/test.stamp: requirements.txt requirements-dev.txt | $(BIN)/pip
	@echo "Installing requirements-dev.txt into .venv ..."
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet -r requirements-dev.txt
	@touch $@

node_modules/.stamp: package.json package-lock.json
	@npm ci --no-audit --no-fund
	@touch $@

$(BIN)/pip:
	@test -n "$(PYTHON)" || \
		{ echo "Rollstage needs Python 3.11 or newer, here is $$(python3 --version 2>&1). Name another: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c '$(NEW_ENOUGH)' || \
		{ echo "Rollstage needs Python 3.11 or newer, $(PYTHON) is $$($(PYTHON) --version 2>&1)."; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		{ echo "This Python can't make a virtual environment yet. On Debian: apt-get install python3-venv"; exit 1; }
	@echo "Creating .venv with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv --clear .venv
