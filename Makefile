# Everything runs from a clean clone with python3, make, sh, git and coreutils.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin

SERVERS := $(CURDIR)/.servers

.PHONY: setup demo servers check test bench faults format clean

setup: .venv/ready

.venv/ready: pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	$(BIN)/python -m compileall -q engine providers bench faults
	touch .venv/ready

demo: setup
	@sh plans/demo/run.sh $(CURDIR)/$(BIN)/poolshift

# Servers that the slow tests need and that we did not write: each folder of tests/servers installs its own.
servers: setup
	@for own in tests/servers/*/install.sh; do sh $$own $(SERVERS) || exit 1; done

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest -q -n 2 -m "not slow and not kills"

test: servers check
	$(BIN)/python -m pytest -q -n 2 -m "slow or kills"

# Ratios on this machine; writes docs/benchmarks.md. Smaller: BENCH_PEOPLE=20000 BENCH_ONLY=mapping,plan make bench
bench: setup
	$(BIN)/python -m bench

# Bad luck on purpose; writes docs/reliability.md. Smaller: make faults FAULTS="--only kill --scale 0.25"
faults: servers
	$(BIN)/python -m faults $(FAULTS)

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis plans/demo/work
