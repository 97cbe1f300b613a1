# svclab: every command a person types. `make help` prints what stands behind the ##.
#
# make Q= shows each command. Out of tree:
#   build/debug    the harness             build/asan    students' code, tests (ASan, UBSan)
#   build/release  peers, benchmarks       build/tsan    thread checks

LAB     ?=
LABS    ?= $(if $(filter drill%,$(LAB)),exercises,labs)
CHECK   ?=
MUTANT  ?=
SEED    ?=
FILE    ?=
ENOUGH  ?= 100
V       ?=
SERVICE ?= order
PORT    ?= 8080
MODE    ?= asan
Q       ?= @

LAB_NAMES := $(notdir $(wildcard labs/[0-9][0-9]-* exercises/drill-*))
PICKED    := $(if $(LAB),$(filter $(LAB)%,$(LAB_NAMES)),$(LAB_NAMES))

# As many jobs as cores, unless the caller says otherwise.
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc)
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
.PHONY: help check check-tests hint debug run test kill-matrix bench lint format deps doctor clean \
        lab lab-programs labs-built images-built harness canaries peers tests diagrams handbook

help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | sort | awk -F'|' '{printf "  make %-12s %s\n", $$1, $$2}'

# --- what a student types -------------------------------------------------------------------

check: deps-check ## grade your work: [LAB=01] [CHECK='new_order*'] [LABS=labs] [SEED=n] [V=1]
	@$(MAKE) --no-print-directory harness labs-built
	@build/svclab check --tree '$(LABS)' --build build/asan/$(call key,$(LABS)) --out build/report \
	  $(if $(LAB),--lab '$(LAB)') $(if $(CHECK),--check '$(CHECK)') $(if $(SEED),--seed '$(SEED)') $(if $(filter-out 0,$(V)),--verbose)

check-tests: deps-test ## grade tests that you wrote: LAB=02 [FILE=exercises/02-breaker.tests] [ENOUGH=100]
	@$(MAKE) --no-print-directory harness
	@build/svclab check-tests --lab '$(LAB)' --enough '$(ENOUGH)' \
	  --tests '$(or $(FILE),$(if $(filter labs,$(LABS)),exercises,$(LABS))/$(if $(LAB),$(firstword $(PICKED))).tests)'

hint: deps-check ## the next hint for a check: CHECK=name [LAB=01]
	@$(MAKE) --no-print-directory harness
	@build/svclab hint $(if $(LAB),--lab '$(LAB)') --check '$(CHECK)'

debug: deps-check ## gdb at the failing call of a check: CHECK=name [LAB=01] [LABS=labs]
	@$(MAKE) --no-print-directory harness labs-built
	@build/svclab debug --tree '$(LABS)' --build build/asan/$(call key,$(LABS)) $(if $(LAB),--lab '$(LAB)') --check '$(CHECK)'

run: deps-check ## one service to try with curl: [SERVICE=order] [PORT=8080] [LABS=labs]
	@$(MAKE) --no-print-directory harness labs-built
	@build/svclab run --service '$(SERVICE)' --port '$(PORT)' --tree '$(LABS)' --build build/asan/$(call key,$(LABS))

doctor: ## what is missing on this machine, and what each thing is for
	@harness/deps.sh doctor

deps: ## install every Debian package that any command here needs
	@harness/deps.sh install all

# --- what the project runs ------------------------------------------------------------------

test: deps-test ## every test: the kit, the harness, the labs, the kill matrix
	@$(MAKE) --no-print-directory harness tests
	@harness/tests/run.sh

kill-matrix: deps-test ## is every known wrong solution killed by its own check? [LAB=01] [MUTANT=name]
	@$(MAKE) --no-print-directory harness
	@build/svclab kill-matrix $(if $(LAB),--lab '$(LAB)') $(if $(MUTANT),--mutant '$(MUTANT)')

bench: deps-bench ## how fast: build, judging, cluster start, the order service, the breaker, the saga
	@$(MAKE) --no-print-directory lab MODE=release LABS=solutions NAME=01-order
	@$(MAKE) --no-print-directory lab MODE=release LABS=solutions NAME=02-breaker PROGRAMS=service
	@$(MAKE) --no-print-directory lab MODE=release LABS=solutions NAME=03-saga
	@$(MAKE) --no-print-directory harness build/release/bench
	@build/release/bench

lint: deps-all ## format, banned calls, gcc and clang warnings, cppcheck
	+@harness/lint.sh

format: ## lay the C files out by .clang-format
	@git ls-files '*.[ch]' | xargs clang-format -i

clean: ## remove build/
	@rm -rf build

print-flags:
	@echo $(STANDARD) $(WARNINGS)

deps-check deps-test deps-bench deps-all:
	@harness/deps.sh need $(@:deps-%=%)

include harness/objects.mk harness/labs.mk docs/handbook/handbook.mk
-include $(shell find build -name '*.d' 2>/dev/null)
