# svclab: every command a person types. `make help` prints what stands behind the ##.
#
# make Q= shows each command. Out of tree:
#   build/debug    the harness             build/asan    students' code, tests (ASan, UBSan)
#   build/release  peers, benchmarks       build/tsan    thread checks

LAB     ?=
LABS    ?= $(if $(filter drill-%,$(LAB)),exercises,labs)
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

STANDARD := -std=c11 -D_POSIX_C_SOURCE=200809L -pthread
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
            -Wvla -Wformat=2 -Wcast-qual -Wundef
OURS     := $(STANDARD) $(WARNINGS) -Werror -iquote labs -iquote harness -MMD -MP
LIBS     := -Wl,--as-needed -lmicrohttpd -lcurl -lsqlite3 -lcjson -lnettle -lm -pthread
CHECKLIB := -lcheck -lsubunit -lrt

FLAGS_debug   := -O1 -g
FLAGS_release := -O2 -g
FLAGS_tsan    := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
FLAGS_asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

KIT     := $(wildcard labs/kit/*.c)
# Worlds that a lab's probe and the judge both play in: one source, compiled on both sides.
WORLDS  := $(addprefix labs/03-saga/,saga_words.c trace.c world.c world_rules.c world_setup.c)
HARNESS := $(filter-out harness/svclab.c,$(wildcard harness/*.c harness/judge/*.c \
             harness/judge/suites/*.c harness/cluster/*.c harness/report/*.c harness/mutants/*.c))
PEERS   := $(wildcard harness/peers/*.c) harness/cluster/fault.c
PEER_PROGRAMS := $(addprefix build/peers/,$(addsuffix -service,user cart pricing inventory payment \
                   shipping notification))
TESTS   := $(patsubst harness/tests/%.c,build/asan/tests/%,$(wildcard harness/tests/test_*.c))
THREADS := $(patsubst harness/tests/%.c,build/tsan/tests/%,$(wildcard harness/tests/test_kit_store.c \
             harness/tests/test_kit_http_*.c harness/tests/test_kit_health.c harness/tests/test_kit_outbox.c \
             harness/tests/test_saga_live.c))
FAKES   := $(patsubst harness/tests/%.c,build/asan/tests/%,$(wildcard harness/tests/fake_*.c))

# As many jobs as cores, unless the caller says otherwise.
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc)
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
.PHONY: help check check-tests hint debug run test kill-matrix bench lint format deps doctor clean \
        lab lab-programs labs-built images-built harness peers tests diagrams handbook

help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | sort | awk -F'|' '{printf "  make %-12s %s\n", $$1, $$2}'

# --- what a student types -------------------------------------------------------------------

check: deps-check ## grade your work: [LAB=01] [CHECK='new_order*'] [LABS=labs] [SEED=n] [V=1]
	@$(MAKE) --no-print-directory harness labs-built
	@build/svclab check --tree '$(LABS)' --build build/asan/$(call key,$(LABS)) --out build/report \
	  $(if $(LAB),--lab '$(LAB)') $(if $(CHECK),--check '$(CHECK)') $(if $(SEED),--seed '$(SEED)') $(if $(V),--verbose)

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

# --- objects: one rule a mode ---------------------------------------------------------------

define mode_rules
build/$(1)/kit/%.o: labs/kit/%.c
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(OURS) $$(FLAGS_$(1)) -c -o $$@ $$<
build/$(1)/harness/%.o: harness/%.c
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(OURS) $$(FLAGS_$(1)) -c -o $$@ $$<
build/$(1)/given/%.o: labs/%.c
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(OURS) -iquote $$(<D) $$(FLAGS_$(1)) -c -o $$@ $$<
build/$(1)/given/%.o: exercises/%.c
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(OURS) -iquote $$(<D) $$(FLAGS_$(1)) -c -o $$@ $$<
build/$(1)/libkit.a: $$(KIT:labs/kit/%.c=build/$(1)/kit/%.o)
	@rm -f $$@ && $$(AR) rcs $$@ $$^
build/$(1)/libharness.a: $$(HARNESS:harness/%.c=build/$(1)/harness/%.o) \
                         $$(WORLDS:labs/%.c=build/$(1)/given/%.o)
	@rm -f $$@ && $$(AR) rcs $$@ $$^
endef
$(foreach mode,debug release tsan asan,$(eval $(call mode_rules,$(mode))))

key = $(subst /,_,$(patsubst %/,%,$(1)))

harness: build/svclab build/asan/canary peers
	@:
build/svclab: build/debug/harness/svclab.o build/debug/libharness.a build/debug/libkit.a
	$(Q)$(CC) $(FLAGS_debug) -o $@ $^ $(CHECKLIB) $(LIBS)

build/asan/canary: harness/judge/canary/canary.c # see judge/runtime.h
	@mkdir -p $(@D)
	$(Q)$(CC) $(OURS) $(FLAGS_asan) -o $@ $<

peers: $(PEER_PROGRAMS)
$(PEER_PROGRAMS): build/peers/peer
	@ln -f $< $@
build/peers/peer: $(PEERS:harness/%.c=build/release/harness/%.o) build/release/libkit.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(FLAGS_release) -o $@ $^ $(LIBS)

build/release/bench: $(patsubst harness/%.c,build/release/harness/%.o,$(wildcard harness/bench/*.c)) \
                     build/release/solutions/02-breaker/breaker.o \
                     build/release/libharness.a build/release/libkit.a
	$(Q)$(CC) $(FLAGS_release) -o $@ $^ $(CHECKLIB) $(LIBS)

# What deploy/Dockerfile copies: the services of the cluster by their names.
images-built: peers
	@$(MAKE) --no-print-directory lab NAME=03-saga MODE=release PROGRAMS=service LABS='$(LABS)'
	@mkdir -p build/image && cp $(PEER_PROGRAMS) build/image/
	@cp build/release/$(call key,$(LABS))/03-saga/service build/image/checkout-service

tests: build/svclab $(TESTS) $(THREADS) $(FAKES)
	@$(MAKE) --no-print-directory lab NAME=03-saga LABS=solutions PROGRAMS=service # test_saga_*
# These two play the student themselves, and have lab 03's host linked to them.
HOSTED := saga_words service_live service_log service_peers service_pool service_sagas service_timers
build/asan/tests/test_saga_live: $(HOSTED:%=build/asan/given/03-saga/%.o)
build/tsan/tests/test_saga_live: $(HOSTED:%=build/tsan/given/03-saga/%.o)
build/asan/tests/test_saga_inventory: build/asan/given/03-saga/service_inventory.o \
                                      build/asan/given/03-saga/inventory_schema.o
build/asan/tests/%: build/asan/harness/tests/%.o build/asan/libharness.a build/asan/libkit.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(FLAGS_asan) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(CHECKLIB) $(LIBS)
build/tsan/tests/%: build/tsan/harness/tests/%.o build/tsan/libkit.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(FLAGS_tsan) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(CHECKLIB) $(LIBS)

# --- a lab's programs: the student's files of one tree, the given ones, the kit --------------
# NAME is the lab, LABS the tree, GIVENS the folder of its given files. Files that the tree does not
# have come from BASE when it is set (a mutant is a tree of one file). A lab that does not compile
# leaves OUT/failed; the judge says so. A drill has no service.

OUT       = build/$(MODE)/$(call key,$(LABS))/$(NAME)
BASE     ?=
BASE_OUT  = build/$(MODE)/$(call key,$(BASE))/$(NAME)
GIVENS    = $(patsubst %/,%,$(dir $(firstword $(wildcard labs/$(NAME)/manifest exercises/$(NAME)/manifest))))
STUDENT   = $(if $(NAME),$(filter %.c,$(shell sed 's/\#.*//' $(GIVENS)/manifest)))
GIVEN     = $(filter-out $(STUDENT) probe%.c service%.c,$(notdir $(wildcard $(GIVENS)/*.c)))
SERVICE_C = $(notdir $(wildcard $(GIVENS)/service*.c))
PROBE     = $(notdir $(wildcard $(GIVENS)/probe*.c))
SERVICES  = $(if $(wildcard $(GIVENS)/service.c),service)
student_object = $(if $(if $(BASE),$(wildcard $(LABS)/$(NAME)/$(1)),y),$(OUT),$(BASE_OUT))/$(1:.c=.o)
OBJECTS   = $(foreach file,$(STUDENT),$(call student_object,$(file)))

labs-built: build/svclab
	$(if $(PICKED),,@echo "There is no lab '$(LAB)'. The labs: $(LAB_NAMES)" >&2; exit 64)
	@test -d '$(LABS)' || { echo "LABS=$(LABS) is not a folder here. Use labs, solutions, or a folder of that shape." >&2; exit 64; }
	@for lab in $(PICKED); do \
	  test -d '$(LABS)'/$$lab || continue; \
	  $(MAKE) --no-print-directory lab NAME=$$lab || exit 1; done

THREADED := 02-breaker# labs whose threads are judged: their probe is built with ThreadSanitizer too
TSAN_PROBE = build/tsan/$(call key,$(LABS))/$(NAME)/probe

lab: # the programs of one lab; never fails: what does not compile is the judge's to tell
	@mkdir -p $(OUT); rm -f $(OUT)/failed
	@if $(MAKE) --no-print-directory -k lab-programs > $(OUT)/compile.log 2>&1; \
	 then cat $(OUT)/compile.log; \
	 else grep -v '^make' $(OUT)/compile.log > $(OUT)/failed; true; fi

# A mutant is judged by two checks, so it is built for them alone: PROGRAMS says what for.
PROGRAMS ?= probe $(SERVICES) $(if $(filter $(NAME),$(THREADED)),probe-tsan)
lab-programs: $(addprefix $(OUT)/,$(PROGRAMS))
	@:

# After the other build has been looked into, so that nothing is refused twice.
$(OUT)/probe-tsan: $(if $(filter probe,$(PROGRAMS)),$(OUT)/looked-into)
$(OUT)/probe-tsan: $(wildcard $(LABS)/$(NAME)/*.c $(GIVENS)/*.[ch]) build/tsan/libkit.a
	@mkdir -p $(@D)
	@$(MAKE) -s --no-print-directory $(TSAN_PROBE) MODE=tsan
	@ln -f $(TSAN_PROBE) $@ && touch $@

WRAPPED_02-breaker := pthread_mutex_lock pthread_mutex_unlock# see its probe_turns.c
$(OUT)/probe: WRAP = $(foreach name,$(WRAPPED_$(NAME)),-Wl,--wrap=$(name))

$(OUT)/probe: $(PROBE:%.c=build/$(MODE)/given/$(NAME)/%.o)
$(OUT)/service: $(SERVICE_C:%.c=build/$(MODE)/given/$(NAME)/%.o)
$(OUT)/probe $(OUT)/service: $(OUT)/looked-into $(OBJECTS) \
                             $(GIVEN:%.c=build/$(MODE)/given/$(NAME)/%.o) build/$(MODE)/libkit.a
	$(Q)$(CC) $(FLAGS_$(MODE)) $(WRAP) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS)

# Refused is what the sanitizers would not see: see judge/refuse.h.
$(OUT)/looked-into: $(OBJECTS) $(OBJECTS:.o=.i)
	$(if $(filter asan tsan,$(MODE)),$(Q)build/svclab refuse $(OBJECTS))
	@touch $@

# A student's file is compiled, and preprocessed once more for `svclab refuse`.
TOLD = $(if $(filter tsan,$(MODE)),-w,$(WARNINGS))# the same file once more: told once is enough
define compile_student
@mkdir -p $(@D)
$(Q)$(CC) $(STUDENT_FLAGS) $(TOLD) -MMD -MP -c -o $(basename $@).o $<
$(Q)$(CC) $(STUDENT_FLAGS) -w -E -o $(basename $@).i $<
endef
STUDENT_FLAGS = $(STANDARD) $(BASE:%=-iquote %/$(NAME)) -iquote labs -iquote $(GIVENS) $(FLAGS_$(MODE))

$(OUT)/%.o $(OUT)/%.i: $(LABS)/$(NAME)/%.c
	$(compile_student)
ifneq ($(BASE),)
$(BASE_OUT)/%.o $(BASE_OUT)/%.i: $(BASE)/$(NAME)/%.c
	$(compile_student)
endif

include docs/handbook/handbook.mk
-include $(shell find build -name '*.d' 2>/dev/null)
