# Objects and programs of the project: flags, sources, one rule a mode.
#
# Dates decide here what is made again; that they can be trusted is harness/fresh.sh's work. Student
# code is not compiled by make: svclab does that (harness/compile), by the recipes written below.

STANDARD := -std=c11 -D_POSIX_C_SOURCE=200809L -pthread
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
            -Wvla -Wformat=2 -Wcast-qual -Wundef
OURS     := $(STANDARD) $(WARNINGS) -Werror -iquote labs -iquote harness -MMD -MP
LIBS     := -Wl,--as-needed -lcurl -lsqlite3 -lcjson -lnettle -lm -pthread
CHECKLIB := -lcheck -lsubunit -lrt
# Of what is linked with libharness.a, behind LIBS: only what reads archives loads it.
READERS  := -larchive

FLAGS_debug   := -O1 -g
FLAGS_release := -O2 -g
FLAGS_tsan    := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
FLAGS_asan    := -Og -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
MODES         := debug release tsan asan

# What every object depends on and no date shows. harness/fresh.sh compares it with the last run's.
IDENTITY := $(shell $(CC) --version 2>/dev/null | head -n 1)
FLAGS_TEXT = $(CC) | $(IDENTITY) | $(OURS) | $(LIBS) $(READERS) | $(foreach mode,$(MODES),$(FLAGS_$(mode)) |)

include $(wildcard labs/*/lab.mk)

KIT     := $(wildcard labs/kit/*.c)
PROBED  := $(wildcard labs/probe/*.c)
# Worlds that a lab's probe and the judge both play in: one source, compiled on both sides.
WORLDS  := $(foreach lab,$(notdir $(wildcard labs/[0-9][0-9]-*)),$(addprefix labs/$(lab)/,$(WORLD_$(lab))))
HARNESS := $(wildcard $(addprefix harness/,$(addsuffix /*.c,base course refuse compile process cluster \
             report load judge grade suites suites/* matrix commands))) harness/peers/fault.c
PEERS   := $(wildcard harness/peers/*.c)
PEER_PROGRAMS := $(addprefix $(BUILD)/peers/,$(addsuffix -service,user cart pricing inventory payment \
                   shipping notification))
TESTS   := $(patsubst harness/tests/%.c,$(BUILD)/asan/tests/%,$(wildcard harness/tests/test_*.c))
THREADS := $(patsubst harness/tests/%.c,$(BUILD)/tsan/tests/%,$(wildcard harness/tests/test_kit_store.c \
             harness/tests/test_kit_http_*.c harness/tests/test_kit_health.c harness/tests/test_kit_outbox.c \
             harness/tests/test_kit_sink.c harness/tests/test_kit_bus.c \
             harness/tests/test_saga_live.c))
FAKES   := $(patsubst harness/tests/%.c,$(BUILD)/asan/tests/%,$(wildcard harness/tests/fake_*.c))

# A file is made under another name: what was killed half-way leaves nothing that looks made.
# $(call object,FLAGS) in a recipe compiles the first prerequisite, $(call program,WORDS) links.
object  = $(CC) $(OURS) $(1) -MF $(@:.o=.d) -MT $@ -c -o $@.part $< && mv -f $@.part $@
program = $(CC) $(1) -o $@.part $(2) && mv -f $@.part $@

define mode_rules
$(BUILD)/$(1)/kit/%.o: labs/kit/%.c
	@mkdir -p $$(@D)
	$$(Q)$$(call object,$$(FLAGS_$(1)))
$(BUILD)/$(1)/probe/%.o: labs/probe/%.c
	@mkdir -p $$(@D)
	$$(Q)$$(call object,$$(FLAGS_$(1)))
$(BUILD)/$(1)/harness/%.o: harness/%.c
	@mkdir -p $$(@D)
	$$(Q)$$(call object,-DBUILD_FOLDER='"$(BUILD)"' $$(FLAGS_$(1)))
$(BUILD)/$(1)/given/%.o: labs/%.c
	@mkdir -p $$(@D)
	$$(Q)$$(call object,-iquote $$(<D) $$(FLAGS_$(1)))
$(BUILD)/$(1)/given/%.o: exercises/%.c
	@mkdir -p $$(@D)
	$$(Q)$$(call object,-iquote $$(<D) $$(FLAGS_$(1)))
$(BUILD)/$(1)/libkit.a: $$(KIT:labs/kit/%.c=$(BUILD)/$(1)/kit/%.o)
	@rm -f $$@ $$@.part && $$(AR) rcs $$@.part $$^ && mv $$@.part $$@
$(BUILD)/$(1)/libprobe.a: $$(PROBED:labs/probe/%.c=$(BUILD)/$(1)/probe/%.o)
	@rm -f $$@ $$@.part && $$(AR) rcs $$@.part $$^ && mv $$@.part $$@
$(BUILD)/$(1)/libharness.a: $$(HARNESS:harness/%.c=$(BUILD)/$(1)/harness/%.o) \
                         $$(WORLDS:labs/%.c=$(BUILD)/$(1)/given/%.o)
	@rm -f $$@ $$@.part && $$(AR) rcs $$@.part $$^ && mv $$@.part $$@
endef
$(foreach mode,$(MODES),$(eval $(call mode_rules,$(mode))))

# The style sheets that it holds (see there) are no #include.
$(foreach mode,$(MODES),$(BUILD)/$(mode)/harness/report/styles.o): $(wildcard harness/report/*.css)

# --- the recipes of the labs (harness/compile/recipe.h) ---------------------------------------

LAB_NAMES := $(notdir $(wildcard labs/[0-9][0-9]-* exercises/drill-*))
# Only what the asked lab needs; svclab says when there is no such lab.
PICKED    := $(or $(filter $(LAB)%,$(LAB_NAMES)),$(LAB_NAMES))

home       = $(patsubst %/,%,$(dir $(wildcard labs/$(1)/manifest exercises/$(1)/manifest)))
sources    = $(notdir $(wildcard $(call home,$(1))/$(2).c))
students   = $(filter %.c,$(file <$(call home,$(1))/manifest))
given      = $(filter-out $(call students,$(1)) probe%.c service%.c,$(call sources,$(1),*))
objects    = $(patsubst %.c,$(BUILD)/$(1)/given/$(2)/%.o,$(3))
# Given objects of the probe and of the service: $(call ...,MODE,LAB).
of_probe   = $(call objects,$(1),$(2),$(call sources,$(2),probe*) $(call given,$(2)))
of_service = $(if $(call sources,$(2),service),$(call objects,$(1),$(2),$(call sources,$(2),service*) \
               $(filter-out $(PROBE_ONLY_$(2)),$(call given,$(2)))))
define newline


endef
# A line of a recipe for each word: $(call lines,KEY,WORDS).
lines  = $(subst $(newline) ,$(newline),$(foreach word,$(2),$(1) $(word)$(newline)))
comma := ,
wraps  = $(addprefix -Wl$(comma)--wrap=,$(WRAPPED_$(2)))
libs   = $(BUILD)/$(1)/libkit.a $(LIBS)
recipe = identity $(IDENTITY)$(newline)$(call lines,compiler,$(CC))$(call \
  lines,compile,$(STANDARD) $(FLAGS_$(1)))$(call lines,warn,$(WARNINGS))$(call \
  lines,probe,$(FLAGS_$(1)) $(call wraps,$(1),$(2)) $(call of_probe,$(1),$(2)) $(BUILD)/$(1)/libprobe.a $(libs))$(if \
  $(call of_service,$(1),$(2)),$(call lines,service,$(FLAGS_$(1)) $(call of_service,$(1),$(2)) $(libs)))

define recipe_rule # MODE,LAB
$(BUILD)/$(1)/given/$(2)/recipe: $(call of_probe,$(1),$(2)) $(call of_service,$(1),$(2)) \
                               $(BUILD)/$(1)/libprobe.a $(BUILD)/$(1)/libkit.a
	@mkdir -p $$(@D)
	$$(file >$$@.new,$$(call recipe,$(1),$(2)))@sum=$$$$(sha256sum $$^) && echo "given $$$$(printf '%s' "$$$$sum" | sha256sum | cut -c1-64)" >> $$@.new && mv $$@.new $$@
endef
$(foreach lab,$(LAB_NAMES),$(foreach mode,asan tsan release,$(eval $(call recipe_rule,$(mode),$(lab)))))

RECIPES := $(foreach lab,$(PICKED),$(BUILD)/asan/given/$(lab)/recipe \
             $(if $(THREADED_$(lab)),$(BUILD)/tsan/given/$(lab)/recipe))

# --- programs ---------------------------------------------------------------------------------

harness: $(BUILD)/svclab canaries peers $(RECIPES) ## build what judges: svclab, its peers, what is given to labs
	@:
$(BUILD)/svclab: $(BUILD)/debug/harness/svclab.o $(BUILD)/debug/libharness.a $(BUILD)/debug/libprobe.a \
                 $(BUILD)/debug/libkit.a
	$(Q)$(call program,$(FLAGS_debug),$^ $(CHECKLIB) $(LIBS) $(READERS))

# See process/runtime.h. A compiler that cannot link a sanitizer stops nothing: svclab names what is
# missing when it compiles a lab (compile/link.c).
canaries: $(BUILD)/peers/canary-asan $(BUILD)/peers/canary-tsan
	@:
CANARY := harness/process/canary/canary.c harness/process/threads.c
$(BUILD)/peers/canary-%: $(CANARY) harness/process/threads.h
	@mkdir -p $(@D) && rm -f $@
	$(Q)if $(call program,$(filter-out -MMD -MP,$(OURS)) $(FLAGS_$*),$(CANARY)); then :; else echo "$@ is left out" >&2; fi

peers: $(PEER_PROGRAMS)
$(PEER_PROGRAMS): $(BUILD)/peers/peer
	@ln -f $< $@
$(BUILD)/peers/peer: $(PEERS:harness/%.c=$(BUILD)/release/harness/%.o) $(BUILD)/release/libprobe.a \
                     $(BUILD)/release/libkit.a
	@mkdir -p $(@D)
	$(Q)$(call program,$(FLAGS_release),$^ $(LIBS))

# The benchmark drives the reference breaker and simulates the reference chat from inside, and drives
# services from outside.
INSIDE := $(BUILD)/release/solutions/02-breaker/breaker.o $(BUILD)/release/solutions/04-chat/chat_design.o \
          $(patsubst labs/%.c,$(BUILD)/release/given/%.o,$(wildcard labs/04-chat/chat_build*.c))
$(BUILD)/release/solutions/%.o: solutions/%.c
	@mkdir -p $(@D)
	$(Q)$(call object,-iquote labs/$(*D) $(FLAGS_release))
$(BUILD)/release/bench: $(patsubst harness/%.c,$(BUILD)/release/harness/%.o,$(wildcard harness/bench/*.c)) \
                        $(INSIDE) $(BUILD)/release/libharness.a $(BUILD)/release/libprobe.a \
                        $(BUILD)/release/libkit.a
	$(Q)$(call program,$(FLAGS_release),$^ $(CHECKLIB) $(LIBS) $(READERS) -lmicrohttpd)
bench-programs: harness $(BUILD)/release/bench $(foreach lab,01-order 02-breaker 03-saga 04-chat,$(BUILD)/release/given/$(lab)/recipe)
	@for lab in 01 02 03 04; do $(SVCLAB) build --lab $$lab --tree solutions --mode release || exit; done

# What deploy/Dockerfile copies: the services of the cluster by their names.
images-built: peers $(BUILD)/svclab $(BUILD)/release/given/03-saga/recipe
	@$(SVCLAB) build --lab 03 --mode release $(tree) --out $(BUILD)/image/checkout
	@cp $(PEER_PROGRAMS) $(BUILD)/image/ && cp $(BUILD)/image/checkout/service $(BUILD)/image/checkout-service

tests: harness $(TESTS) $(THREADS) $(FAKES)
	@$(SVCLAB) build --lab 03 --tree solutions # test_saga_*
	@$(SVCLAB) build --lab 00 --tree solutions # test_machine
	@$(SVCLAB) build --lab 01 --tree solutions # test_order_*
	@$(SVCLAB) build --lab 04 --tree solutions # test_chat_calibration
# These two play the student themselves, and have lab 03's host linked to them.
HOSTED := saga_words service_live service_log service_peers service_pool service_sagas service_timers
$(BUILD)/asan/tests/test_saga_live: $(HOSTED:%=$(BUILD)/asan/given/03-saga/%.o)
$(BUILD)/tsan/tests/test_saga_live: $(HOSTED:%=$(BUILD)/tsan/given/03-saga/%.o)
$(BUILD)/asan/tests/test_saga_inventory: $(BUILD)/asan/given/03-saga/service_inventory.o \
                                         $(BUILD)/asan/given/03-saga/inventory_schema.o
# This plays the rest of the node that opens lab 04's door.
$(BUILD)/asan/tests/test_chat_door: $(BUILD)/asan/given/04-chat/service_door.o \
                                    $(BUILD)/asan/given/04-chat/service_wire.o
# These play the student too: what they declare goes through lab 04's builder.
DECLARED := $(patsubst labs/%.c,$(BUILD)/asan/given/%.o,$(wildcard labs/04-chat/chat_build*.c))
$(addprefix $(BUILD)/asan/tests/,fake_design $(addprefix test_chat_,design model wire rules rules_data load load_any failure calibration)): $(DECLARED)
$(BUILD)/asan/tests/%: $(BUILD)/asan/harness/tests/%.o $(BUILD)/asan/libharness.a $(BUILD)/asan/libprobe.a \
                       $(BUILD)/asan/libkit.a
	@mkdir -p $(@D)
	$(Q)$(call program,$(FLAGS_asan),$(filter %.o,$^) $(filter %.a,$^) $(CHECKLIB) $(LIBS) $(READERS))
$(BUILD)/tsan/tests/%: $(BUILD)/tsan/harness/tests/%.o $(BUILD)/tsan/libprobe.a $(BUILD)/tsan/libkit.a
	@mkdir -p $(@D)
	$(Q)$(call program,$(FLAGS_tsan),$(filter %.o,$^) $(filter %.a,$^) $(CHECKLIB) $(LIBS))
