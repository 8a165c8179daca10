# Each target sets up .venv by itself, from lock files with hashes. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PYTEST_ARGS ?= -n auto --dist loadgroup
# containment.py needs recordings: it is run by hand.
BENCHMARKS := $(filter-out benchmarks/measure.py benchmarks/containment.py,$(wildcard benchmarks/*.py))
unexport PYTHONPATH PYTHONHOME

.DEFAULT_GOAL := help
.PHONY: demo serve test fuzz lint bench proto lock clean help

demo: .venv/.runtime  ## Watch a customer-service agent being judged by a real sidecar
	@$(BIN)/sidecar demo

serve: .venv/.runtime  ## Serve on run/guard.sock, with a trial issuer and settings made in run/ once
	@$(BIN)/sidecar serve --trial run

test: .venv/.dev  ## Lint, types, contracts, then every test; PYTEST_ARGS passes options on
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest $(PYTEST_ARGS)

# Guided by coverage; what is new goes into the corpus, and an input that breaks something is left in the folder.
FUZZ_SECONDS ?= 60
fuzz: .venv/.dev  ## Throw octets at each door of the verifier, FUZZ_SECONDS each; on Linux with Python 3.11
	@for target in strict_json token payload tokens scope; do \
	  $(BIN)/python -m tests.identity.fuzz $$target -max_total_time=$(FUZZ_SECONDS) -max_len=16384 || exit; \
	done

lint: .venv/.dev  ## ruff, mypy, import contracts, the protobuf contract, fresh generated code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd proto && ../$(BIN)/buf lint
	@$(MAKE) --no-print-directory unbroken
	@$(MAKE) --no-print-directory proto OUT=.venv/fresh
	diff -r -x __pycache__ -x __init__.py .venv/fresh/sidecar/v1 sidecar/v1
	diff -r -x __pycache__ -x __init__.py .venv/fresh/sidecar/workload sidecar/workload

# Nothing to compare with where there is no history: in an archive, in a shallow clone of another branch.
.PHONY: unbroken
unbroken:
	@main=$$(git rev-parse -q --verify origin/main 2>&1 || git rev-parse -q --verify main 2>&1) || exit 0; \
	git cat-file -e "$$main:proto/sidecar/v1/sidecar.proto" 2>/dev/null || exit 0; \
	rm -rf .venv/main && mkdir .venv/main && git archive "$$main" proto | tar -x -C .venv/main || exit 1; \
	echo "cd proto && ../$(BIN)/buf breaking --against the contract on main"; \
	cd proto && ../$(BIN)/buf breaking --against ../.venv/main/proto

bench: .venv/.dev  ## Measure every hook beside an empty RPC, and the parts beside what else does them
	@for script in $(BENCHMARKS); do $(BIN)/python $$script || exit; echo; done

OUT ?= .
proto: .venv/.dev  ## Generate sidecar/v1 and sidecar/workload from proto/
	@mkdir -p $(OUT)
	@$(BIN)/python -m grpc_tools.protoc -I proto --plugin=protoc-gen-mypy=$(BIN)/protoc-gen-mypy \
	  --plugin=protoc-gen-mypy_grpc=$(BIN)/protoc-gen-mypy_grpc \
	  --python_out=$(OUT) --grpc_python_out=$(OUT) --mypy_out=quiet:$(OUT) --mypy_grpc_out=quiet:$(OUT) \
	  proto/sidecar/v1/sidecar.proto proto/sidecar/workload/v1/workload.proto

# LOCK=--upgrade takes the newest of everything; without it only what pyproject.toml asks for changes.
LOCK ?=
COMPILE := $(BIN)/uv pip compile -q pyproject.toml --extra build --universal --python-version 3.11 \
  --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links
lock: .venv/.dev  ## Resolve the lock files after a change of pyproject.toml; LOCK=--upgrade renews all
	$(COMPILE) $(LOCK) -o requirements.lock
	$(COMPILE) $(LOCK) --extra classifier -c requirements.lock -o requirements-classifier.lock
	$(COMPILE) $(LOCK) --extra classifier --extra dev -c requirements-classifier.lock -o requirements-dev.lock

clean:  ## Remove .venv and what the tools leave; run/ stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-6s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "PYTHON=python3.12 before or behind a command picks the Python for a new .venv."

define NEEDS
import sys
if sys.version_info < (3, 11):
    sys.exit("needs Python 3.11 or newer, and $(PYTHON) is %d.%d: name another with PYTHON=" % sys.version_info[:2])
try:
    import ensurepip, venv
except ImportError:
    sys.exit("needs Python's venv, and $(PYTHON) comes without it: install python3-venv or the like")
endef
export NEEDS

# Installs the lock file $(1), and the sidecar itself as it stands here. What was interrupted begins anew: pip takes a
# package of which half the files are there for installed. Of pip's output only how far it is is told.
define set-up
@if [ -e .venv/.unfinished ] || ! $(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
  $(PYTHON) -c "$$NEEDS" || exit 1; \
  echo "making .venv with $$($(PYTHON) --version)"; \
  rm -rf .venv && mkdir .venv && touch .venv/.unfinished && $(PYTHON) -m venv .venv || exit 1; \
fi
@touch .venv/.unfinished
@echo "installing what $(1) pins: $$(grep -c == $(1)) packages; takes a minute, once"
@{ $(PIP) install --require-hashes -r $(1) || echo FAILED; } | { \
  found=0; while read -r line; do case "$$line" in \
    "Collecting "* | "Processing "* | "Requirement already satisfied: "*) \
      found=$$((found + 1)); [ $$((found % 20)) -ne 0 ] || echo "  $$found found" ;; \
    "Installing collected packages"*) echo "  $$found found, installing them" ;; \
    FAILED) exit 1 ;; \
  esac; done; }
@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
@rm .venv/.unfinished
endef

# A stamp per lock file: the runtime is enough for `demo` and `serve`; for the tests, all is installed that they need.
.venv/.runtime: requirements.lock pyproject.toml
	$(call set-up,$<)
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.runtime
	$(call set-up,$<)
	@touch .venv/.runtime $@
