# svclab: every command a person types. `make help` prints what stands behind the ##.
#
# Make runs with Q= to show each command. Out of tree, in BUILD:
#   debug    the harness             asan   tests, and what is given to labs (ASan, UBSan)
#   release  peers, benchmarks       tsan   thread checks       trees  students' programs

# What may be said on the command line, as NAME=value after make. The environment says nothing: a
# MODE or LAB that some other tool has exported must not decide what is graded.
OPTIONS := LAB LABS CHECK MUTANT SEED FILE ENOUGH V SERVICE PORT BUILD CC Q
from_command_line = $(filter command,$(firstword $(origin $(1))))
$(foreach name,$(OPTIONS),$(if $(call from_command_line,$(name)),,$(eval $(name) :=)))
UNKNOWN := $(foreach name,$(.VARIABLES),$(if $(call from_command_line,$(name)),$(filter-out $(OPTIONS),$(name))))
ifneq ($(strip $(UNKNOWN)),)
$(error There is no option $(firstword $(UNKNOWN)): make takes $(OPTIONS))
endif
# -e: the environment; -i: what failed counts as made; -t: what is not there counts as made.
REFUSED := $(foreach letter,e i t,$(findstring $(letter),$(filter-out --%,$(firstword -$(MAKEFLAGS)))))
ifneq ($(strip $(REFUSED)),)
$(error Without -$(firstword $(REFUSED)), please: it would change how code is graded)
endif

# svclab reads them from its environment, as they were typed: no shell sees what a name is made of.
$(foreach name,$(OPTIONS),$(eval export SVCLAB_$(name) := $$(value $(name))))
override BUILD := $(patsubst %/,%,$(or $(BUILD),build))
override CC    := $(or $(CC),cc)
ifeq ($(origin Q),file)
Q := @
endif
AR    := ar
SHELL := /bin/sh

# As many jobs as cores, unless the caller says otherwise.
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc)
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
.PHONY: help check check-tests hint debug run test kill-matrix bench bench-programs lint format deps \
        doctor clean images-built harness canaries peers tests diagrams handbook

help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | sort | awk -F'|' '{printf "  make %-12s %s\n", $$1, $$2}'

# --- what a student types -------------------------------------------------------------------

SVCLAB  = $(BUILD)/svclab
# flag NAME,OPTION: svclab's flag, when the option was said.
flag = $(if $(value $(2)),--$(1) "$$SVCLAB_$(2)")
# A build folder whose dates can be believed; what stands behind it works there alone.
FRESH = harness/fresh.sh '$(BUILD)' '$(FLAGS_TEXT)'
tree = $(call flag,tree,LABS)
lab  = $(call flag,lab,LAB)

check: ready-check ## grade your work: [LAB=01] [CHECK='new_order*'] [LABS=labs] [SEED=n] [V=1]
	@$(FRESH) $(MAKE) --no-print-directory harness
	@$(SVCLAB) check $(tree) $(lab) $(call flag,check,CHECK) $(call flag,seed,SEED) $(if $(filter-out 0,$(value V)),--verbose) --out $(BUILD)/report

check-tests: ready-test ## grade tests that you wrote: LAB=02 [FILE=exercises/02-breaker.tests] [ENOUGH=100]
	@$(FRESH) $(MAKE) --no-print-directory harness
	@$(SVCLAB) check-tests $(tree) $(lab) $(call flag,tests,FILE) $(call flag,enough,ENOUGH)

hint: ready-check ## the next hint for a check: CHECK=name [LAB=01]
	@$(FRESH) $(MAKE) --no-print-directory harness
	@$(SVCLAB) hint $(lab) $(call flag,check,CHECK)

debug: ready-check ## gdb at the failing call of a check: CHECK=name [LAB=01] [LABS=labs]
	@$(FRESH) $(MAKE) --no-print-directory harness
	@$(SVCLAB) debug $(tree) $(lab) $(call flag,check,CHECK)

run: ready-check ## one service to try with curl: [SERVICE=order] [PORT=8080] [LABS=labs]
	@$(FRESH) $(MAKE) --no-print-directory harness
	@$(SVCLAB) run $(tree) $(call flag,service,SERVICE) $(call flag,port,PORT)

doctor: ## what is missing on this machine, and what each thing is for
	@harness/deps.sh doctor

deps: ## install every Debian package that any command here needs
	@harness/deps.sh install all

# --- what the project runs ------------------------------------------------------------------

test: ready-test ## every test: the kit, the harness, the labs, the kill matrix
	@$(FRESH) $(MAKE) --no-print-directory harness tests
	@harness/tests/run.sh $(BUILD)

kill-matrix: ready-test ## is every known wrong solution killed by its own check? [LAB=01] [MUTANT=name]
	@$(FRESH) $(MAKE) --no-print-directory harness
	@$(SVCLAB) kill-matrix $(lab) $(call flag,mutant,MUTANT)

bench: ready-bench ## how fast: build, judging, cluster start, the order service, the breaker, the saga, simulation, chat
	@$(FRESH) $(MAKE) --no-print-directory bench-programs
	@$(BUILD)/release/bench

lint: ready-all ## format, banned calls, gcc and clang warnings, cppcheck
	+@harness/lint.sh

format: ## lay the C files out by .clang-format
	@git ls-files '*.[ch]' | xargs clang-format -i

clean: ## remove build/
	@rm -rf '$(BUILD)'

print-flags:
	@echo $(STANDARD) $(WARNINGS)

ready-check ready-test ready-bench ready-all: # packages
	@harness/deps.sh need $(@:ready-%=%)

include harness/objects.mk docs/handbook/handbook.mk
# The same for what a maintainer asks for by its own name.
ifneq ($(filter harness tests peers bench-programs images-built $(BUILD)/%,$(if $(filter 0,$(MAKELEVEL)),$(MAKECMDGOALS))),)
$(if $(shell $(FRESH) 1>&2 || echo failed),$(error The build folder cannot be used))
endif
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
