# Everything a developer types.  Logic lives in tools/ and tests/; recipes only call it.

PY := .venv/bin/python
PROFILE_DIR ?=
PAIRS ?= resources/sample
ADAPT ?=
export QT_QPA_PLATFORM := offscreen

.PHONY: help demo test slow setup lint security qt6 zip install bench table i18n clean
.DEFAULT_GOAL := help

help:  ## list these targets
	@grep -E '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: setup  ## sharpen the sample pair with the packaged plugin; pictures and numbers in build/demo
	$(PY) tools/demo.py

test: setup  ## fast tests
	$(PY) -m pytest -m "not slow"

slow: setup  ## slow tests
	$(PY) -m pytest -m slow

setup: .venv/ready  ## install what development needs: Debian packages and .venv

.venv/ready: requirements-dev.txt pyproject.toml tools/setup.sh
	@sh tools/setup.sh
	@touch $@

lint: setup  ## style and types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

security: setup  ## the plugin site's scan of what the zip holds; any hit fails
	$(PY) -m pytest tests/tree/test_security.py

qt6: setup  ## static check for Qt 6 and QGIS 4
	$(PY) -m pytest tests/tree/test_qt6.py

zip: setup  ## the plugin as dist/ksdiff_qgis-<version>.zip
	$(PY) tools/i18n.py release
	$(PY) tools/package.py zip

install: setup  ## the plugin into the user's QGIS profile, or PROFILE_DIR=folder
	$(PY) tools/i18n.py release
	$(PY) tools/package.py install $(if $(PROFILE_DIR),"$(PROFILE_DIR)")

bench: setup  ## time and memory on large synthetic scenes
	$(PY) benchmarks/bench.py

table: setup  ## every method and model on real pairs: make table PAIRS="folder ..." [ADAPT=2], minutes for adapted ones
	$(PY) benchmarks/table.py $(PAIRS) $(if $(ADAPT),--adapt $(ADAPT))

i18n: setup  ## collect translatable texts into i18n/*.ts and compile them
	$(PY) tools/i18n.py update
	$(PY) tools/i18n.py release

clean:  ## remove what was built; .venv stays
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache i18n/*.qm *.egg-info
	find engine ksdiff_qgis tests tools benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
