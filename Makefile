# Bunri's commands; `make` alone lists them. They need Python 3.11 or newer and nothing else.
#   make run PORT=9000              another port
#   make test ARGS=tests/unit       a part of the tests
#   make test PROCESSES=0           one after another, in one process
#   make run PYTHON=/path/python    this Python instead of the first that is new enough

.DEFAULT_GOAL := help
.PHONY: help run test check bench rehearsal screenshots browser clean distclean
.DELETE_ON_ERROR:

RUN := .venv
DEV := .venv-dev
PROCESSES := logical
CHROMIUM := $(or $(BUNRI_CHROMIUM),/usr/bin/chromium)
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
INSTALL := -m pip install --disable-pip-version-check -c constraints.txt

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: $(RUN)/.installed ## the web page on http://127.0.0.1:8080; the first time, its environment before
	@$(if $(PORT),BUNRI_WEB__PORT=$(PORT)) exec $(RUN)/bin/bunri web

test: $(DEV)/.installed browser ## all tests, and everything that they need
	$(DEV)/bin/python -m pytest -n $(PROCESSES) --maxprocesses 4 --dist loadfile $(ARGS)

check: $(DEV)/.installed ## format, lint, types, layering
	$(DEV)/bin/ruff format --check .
	$(DEV)/bin/ruff check .
	$(DEV)/bin/mypy
	$(DEV)/bin/lint-imports

bench: $(DEV)/.installed ## the performance figures of this machine, then those of the inference host beside others
	@$(DEV)/bin/bunri bench
	@$(DEV)/bin/bunri bench --http

rehearsal: $(DEV)/.installed ## the slim image's stages in a folder, its packages installed anew: minutes
	BUNRI_REHEARSAL=1 $(DEV)/bin/python -m pytest tests/e2e/test_container_rehearsal.py

screenshots: $(DEV)/.installed browser ## draw the README's pictures anew, from the page in a real browser
	BUNRI_SCREENSHOTS=docs/images $(DEV)/bin/python -m pytest tests/e2e/test_screenshots.py

clean: ## remove caches and what builds leave behind
	rm -rf build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.venv*' -prune -exec rm -rf {} +

distclean: clean ## remove the environments as well; data, caches of pixels and training runs stay
	rm -rf $(RUN) $(DEV)

# An environment is made once, and brought up to date when what it is made from has changed.
$(RUN)/.installed: pyproject.toml constraints.txt
	@$(call environment,$(RUN))
	$(RUN)/bin/python $(INSTALL) -e .
	@touch $@

$(DEV)/.installed: pyproject.toml constraints.txt
	@$(call environment,$(DEV))
	$(DEV)/bin/python $(INSTALL) -e '.[dev]'
	@touch $@

# The browser tests skip, saying so, where there is no Chromium; Korean text needs a font that has it.
browser: ## Chromium and a Korean font for the tests, where this machine can install them
	@if [ -x '$(CHROMIUM)' ] && fc-list :lang=ko family 2>/dev/null | grep -q .; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get -q update && DEBIAN_FRONTEND=noninteractive \
	    apt-get -q install -y --no-install-recommends chromium fontconfig fonts-noto-cjk && exit 0; \
	fi; \
	echo 'The browser tests want Chromium (or BUNRI_CHROMIUM=/where/it/is) and a Korean font; on Debian:' \
	  'sudo apt-get install chromium fontconfig fonts-noto-cjk'

# $(call environment,FOLDER): a virtual environment there, unless one with a Python that is new enough is there.
# A name on the path is tried, not trusted: version switchers put up names that do not run.
define environment
$(1)/bin/python $(NEW_ENOUGH) 2>/dev/null && exit 0; \
for python in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
  if "$$python" $(NEW_ENOUGH) 2>/dev/null; then \
    "$$python" -m venv --clear $(1) && exit 0; \
    echo "$$python cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; \
  fi; \
done; \
echo 'Bunri needs Python 3.11 or newer; install it, or say where it is: make PYTHON=/path/to/python' >&2; exit 1
endef
