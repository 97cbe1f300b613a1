# A lab's programs: the student's files of one tree, the given ones, the kit.
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
$(OUT)/probe-tsan: $(wildcard $(LABS)/$(NAME)/*.c $(GIVENS)/*.[ch]) build/tsan/libprobe.a build/tsan/libkit.a
	@mkdir -p $(@D)
	@$(MAKE) -s --no-print-directory $(TSAN_PROBE) MODE=tsan
	@ln -f $(TSAN_PROBE) $@ && touch $@

WRAPPED_02-breaker := pthread_mutex_lock pthread_mutex_unlock# see its probe_turns.c
$(OUT)/probe: WRAP = $(foreach name,$(WRAPPED_$(NAME)),-Wl,--wrap=$(name))

$(OUT)/probe: $(PROBE:%.c=build/$(MODE)/given/$(NAME)/%.o)
$(OUT)/service: $(SERVICE_C:%.c=build/$(MODE)/given/$(NAME)/%.o)
$(OUT)/probe $(OUT)/service: $(OUT)/looked-into $(OBJECTS) \
                             $(GIVEN:%.c=build/$(MODE)/given/$(NAME)/%.o) build/$(MODE)/libprobe.a build/$(MODE)/libkit.a
	$(Q)$(CC) $(FLAGS_$(MODE)) $(WRAP) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS)

# Refused is what the sanitizers would not see: see refuse/refuse.h.
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
