# Two commands do all the set-up: `make run` and `make test`. The others are parts of them.
#
#   make run FEED=papers.xml MODEL=qwen2.5-7b.gguf ARGS="--top 5 --language zh"

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

MODEL ?= smollm2-135m-instruct
FEED ?= examples/sample.atom.xml
ARGS ?=
PART ?= dev
# The sample feed comes with the sample reader's interests; your own feed with your own config.
SAMPLE_CONFIG = $(if $(filter examples/sample.atom.xml,$(FEED)),--config examples/config.toml)

.DEFAULT_GOAL := help
.PHONY: help run test test-fast lint format models bench bench-engine bench-ranking bench-quality bench-scale clean

help:
	@echo "make run       install, get the default models, make a digest of the sample feed"
	@echo "make test      install what the tests need and run them all, with the real models"
	@echo "make lint      ruff and mypy"
	@echo "make models    get, check and prepare the default models"
	@echo "make bench     measure speed and memory of the whole program"
	@echo "make bench-engine FEED=…  compare the engine with the sequential way and with bare llama.cpp"
	@echo "make bench-ranking DATA=DIR DAYS='A.xml B.xml'  relevance, keywords and speed against the baselines"
	@echo "make bench-quality DATA=DIR  roles, extractive and shown summaries, the checks, keywords, relevance"
	@echo "make bench-scale   100,000 archived papers against 20 interests"
	@echo "make clean     remove the environment; models stay in the user cache"

run: $(VENV)/.installed
	@$(BIN)/digest models get --prepare --quiet
	@$(BIN)/digest --local-model "$(MODEL)" --feed "$(FEED)" $(SAMPLE_CONFIG) $(ARGS)

models: $(VENV)/.installed
	@$(BIN)/digest models get --prepare

test: $(VENV)/.dev models
	$(BIN)/python -m pytest --cov --cov-report=term

test-fast: $(VENV)/.dev
	$(BIN)/python -m pytest -m "not model"

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev models
	$(BIN)/python -m bench.end_to_end

bench-engine: $(VENV)/.dev models
	$(BIN)/python -m bench.engine --papers "$(FEED)" --model "$(MODEL)" $(ARGS)

bench-ranking: $(VENV)/.dev models
	@$(PIP) install --quiet --constraint constraints.txt --editable ".[bench]"
	$(BIN)/python -m bench.ranking --data "$(DATA)" --part "$(PART)" --days $(DAYS) $(ARGS)

bench-quality: $(VENV)/.dev models
	$(BIN)/python -m bench.quality --data "$(DATA)" --part "$(PART)" $(if $(DAYS),--days $(DAYS)) $(ARGS)

bench-scale: $(VENV)/.dev
	$(BIN)/python -m bench.scale $(ARGS)

clean:
	rm -rf $(VENV)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "digest needs Python 3.11 or newer: name one with make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "Python's venv is missing: on Debian or Ubuntu, apt install python3-venv" >&2; exit 1; }

# llama-cpp-python comes as source. CMAKE_ARGS reaches its build: -DGGML_CUDA=on, -DGGML_METAL=on, …
$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	@command -v cmake >/dev/null && command -v c++ >/dev/null || \
		{ echo "a C++ compiler and cmake are needed: on Debian or Ubuntu, apt install g++ cmake make" >&2; exit 1; }
	@$(BIN)/python -c 'import llama_cpp' 2>/dev/null || \
		echo "Installing. llama.cpp is compiled for this machine: about 5 minutes on 2 cores, once; pip caches it."
	@$(PIP) install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.installed
	@$(PIP) install --quiet --constraint constraints.txt --editable ".[dev]"
	@touch $@
