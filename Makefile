# Each target sets up .venv by itself, from lock files with hashes. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
PYTEST_ARGS ?= -n auto --dist loadgroup

.DEFAULT_GOAL := help
.PHONY: help demo serve test lint bench proto lock clean

help:  ## What there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/.runtime  ## Watch a customer-service agent being judged by a real sidecar
	@$(BIN)/sidecar demo

serve: .venv/.runtime  ## Run a sidecar on ./run/guard.sock
	@$(BIN)/sidecar serve

test: .venv/.dev  ## Lint, types, contracts, then every test
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: .venv/.dev  ## ruff, mypy, import contracts, the protobuf contract, fresh generated code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd proto && ../$(BIN)/buf lint
	@$(MAKE) --no-print-directory proto OUT=.venv/fresh
	diff -r -x __pycache__ -x __init__.py .venv/fresh/sidecar/v1 sidecar/v1

bench: .venv/.dev  ## Measure every hook beside an empty RPC
	$(BIN)/python benchmarks/decide.py

OUT ?= .
proto: .venv/.dev  ## Generate sidecar/v1 from proto/
	@mkdir -p $(OUT)
	@$(BIN)/python -m grpc_tools.protoc -I proto --plugin=protoc-gen-mypy=$(BIN)/protoc-gen-mypy \
	  --plugin=protoc-gen-mypy_grpc=$(BIN)/protoc-gen-mypy_grpc \
	  --python_out=$(OUT) --grpc_python_out=$(OUT) --mypy_out=quiet:$(OUT) --mypy_grpc_out=quiet:$(OUT) \
	  proto/sidecar/v1/sidecar.proto

lock: .venv/.dev  ## Resolve the lock files anew
	$(BIN)/uv pip compile -q pyproject.toml --extra build --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --upgrade -o requirements.lock
	$(BIN)/uv pip compile -q pyproject.toml --extra build --extra dev -c requirements.lock --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --upgrade -o requirements-dev.lock

clean:  ## Remove .venv and what the tools leave
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# A stamp per lock file: the runtime is enough for `demo` and `serve`; what tests need comes on top.
.venv/.runtime: requirements.lock pyproject.toml
	@echo "setting up .venv (about a minute, once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.runtime requirements-dev.lock
	@echo "adding the tools for tests"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
