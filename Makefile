# SPDX-License-Identifier: BSD-3-Clause
# Everyday commands. `make help` lists them; each installs what it needs and says so.
BUILD  ?= build
CONFIG ?= cmod_a7
BOARD  ?= basys3
JOBS   ?= $(shell nproc)
# Debian's Python, whatever comes first on PATH.
PYTHON := $(firstword $(wildcard /usr/bin/python3) python3)
export PYTHONPATH := $(CURDIR)/$(BUILD)/python

.PHONY: help build demo test test-board lint format regress bench bench-board synth synth-accept synth-scaling timing wave sanitize generate bitstream clean install-build install-test install-lint

help: ## these lines
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

build: install-build ## library, simulators, ncx, Python module and tests, in build/
	@cmake -S . -B $(BUILD) -G Ninja -DPython3_EXECUTABLE=$(PYTHON) -DPYTHON_EXECUTABLE=$(PYTHON) \
	  $(CMAKE_OPTIONS) >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@rm -f $(BUILD).log
	@cmake --build $(BUILD) -j $(JOBS)

demo: build ## teach the emulated FPGA handwritten digits; writes build/demo
	$(PYTHON) -m neurocorex.demo

test: install-test build ## every test
	ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

test-board: install-test build ## both suites over the virtual board's RTL: minutes
	PYTHONDONTWRITEBYTECODE=1 NCX=$(CURDIR)/$(BUILD)/bin/ncx $(PYTHON) -m pytest -q -p no:cacheprovider tests/cli --backend board-rtl
	MPLBACKEND=Agg NCX=$(CURDIR)/$(BUILD)/bin/ncx $(PYTHON) -m pytest -q -p no:cacheprovider tests/python --backend board-rtl

lint: install-lint build ## Verilator -Wall, clang-format, clang-tidy, flake8, mypy, generated files
	BUILD=$(BUILD) PYTHON=$(PYTHON) JOBS=$(JOBS) tools/lint.sh

format: install-lint ## clang-format all C++ in place
	tools/sources.sh cpp | xargs clang-format -i

regress: build ## 10,000 random networks, RTL against the model
	$(BUILD)/bin/ncx_regress --config tiny --networks 5000
	$(BUILD)/bin/ncx_regress --config tiny8 --networks 5000

bench: build ## cycles, end-to-end rates, simulation speed and load time, beside the peers that are installed; writes build/bench
	$(PYTHON) tests/bench/measure.py --ncx $(BUILD)/bin/ncx --out $(BUILD)/bench

bench-board: build ## what SystemC costs the virtual board, in simulated clocks a second
	@cmake --build $(BUILD) -j $(JOBS) --target bench_board
	@for run in 1 2 3; do for kind in plain systemc tlm; do $(BUILD)/bin/bench_board $$kind || exit 1; done; done

synth: install-test ## Yosys for Xilinx 7-series, CONFIG=cmod_a7, against the recorded area; writes build/synth
	$(PYTHON) tools/synth.py $(CONFIG) --out $(BUILD)/synth

synth-accept: install-test ## the same, and the area it finds becomes the recorded one
	$(PYTHON) tools/synth.py $(CONFIG) --out $(BUILD)/synth --accept

synth-scaling: install-test ## the same for 256, 1,024 and 4,096 neurons: LUT and FF may grow by 10 %; three syntheses
	$(PYTHON) tools/synth_scaling.py $(CONFIG) --out $(BUILD)/synth

timing: install-build ## place and route for ECP5 as a proxy for timing, CONFIG=cmod_a7; needs the Python index; writes build/timing
	$(PYTHON) tools/timing.py $(CONFIG) --out $(BUILD)/timing

bitstream: ## Vivado bitstream, BOARD=basys3; writes build/bitstream/BOARD
	@constraints/vivado/build.sh "$(BOARD)" $(BUILD)/bitstream/$(BOARD)

wave: ## a build with FST tracing in build-wave: build-wave/bin/ncx run ... --wave FILE
	$(MAKE) build BUILD=build-wave CMAKE_OPTIONS="-DNCX_WAVE=ON -DNCX_TESTS=OFF -DNCX_PYTHON=OFF"

sanitize: ## unit tests under AddressSanitizer and UndefinedBehaviorSanitizer, in build-sanitize
	$(MAKE) build BUILD=build-sanitize \
	  CMAKE_OPTIONS="-DNCX_SANITIZE=ON -DNCX_RTL=OFF -DNCX_PYTHON=OFF -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O1"
	ctest --test-dir build-sanitize --output-on-failure -j $(JOBS) -L unit

generate: ## register map -> SystemVerilog, C++, Python, Markdown
	$(PYTHON) tools/generate_map.py

clean: ## remove all build folders
	rm -rf build build-wave build-sanitize

install-build:
	@tools/install.sh build
install-test:
	@tools/install.sh build test
install-lint:
	@tools/install.sh build lint
