# Objects and programs of the project: flags, sources, one rule a mode.

STANDARD := -std=c11 -D_POSIX_C_SOURCE=200809L -pthread
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
            -Wvla -Wformat=2 -Wcast-qual -Wundef
OURS     := $(STANDARD) $(WARNINGS) -Werror -iquote labs -iquote harness -MMD -MP
LIBS     := -Wl,--as-needed -lmicrohttpd -lcurl -lsqlite3 -lcjson -lnettle -lm -pthread
CHECKLIB := -lcheck -lsubunit -lrt

FLAGS_debug   := -O1 -g
FLAGS_release := -O2 -g
FLAGS_tsan    := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
FLAGS_asan    := -Og -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

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
             harness/tests/test_kit_http_*.c harness/tests/test_kit_health.c harness/tests/test_kit_outbox.c harness/tests/test_kit_sink.c \
             harness/tests/test_saga_live.c))
FAKES   := $(patsubst harness/tests/%.c,build/asan/tests/%,$(wildcard harness/tests/fake_*.c))

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
	@$(MAKE) --no-print-directory lab NAME=01-order LABS=solutions PROGRAMS=service # test_order_*
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
