# Pictures and the handbook, drawn into BUILD. Only what changed is made again.
#
# A chapter is docs/README.md (the front page), a lab's text, an exercise, a page of docs/ or a decision
# of docs/adr/. Each becomes one page of BUILD/handbook/ by pandoc, with filter.lua and template.html.

DIAGRAMS := $(patsubst diagrams/%.dot,$(BUILD)/diagrams/%.svg,$(wildcard diagrams/*.dot))
GRADED   := $(sort $(wildcard labs/*/README.md)) $(sort $(wildcard exercises/drill-*/README.md))
SHEETS   := $(sort $(wildcard exercises/[0-9]*.md))
CHAPTERS := docs/README.md $(filter labs/%,$(GRADED)) exercises/README.md $(SHEETS) $(filter exercises/%,$(GRADED)) \
            $(filter-out docs/README.md,$(sort $(wildcard docs/*.md))) $(sort $(wildcard docs/adr/[0-9]*.md))
PAGES    := $(BUILD)/handbook/index.html $(BUILD)/handbook/exercises.html \
            $(patsubst %,$(BUILD)/handbook/%.html,$(notdir $(GRADED:%/README.md=%))) \
            $(patsubst %.md,$(BUILD)/handbook/%.html,$(notdir $(SHEETS) $(filter-out docs/README.md,$(wildcard docs/*.md docs/adr/[0-9]*.md))))
BOOK     := docs/handbook/filter.lua docs/handbook/template.html $(BUILD)/handbook/chapters.html

diagrams: ready-$(if $(value LAB),check,test) ## pictures as files in build/diagrams/: the project's, or your lab's [LAB=04] [LABS=labs]
	@$(if $(value LAB),$(FRESH)) $(MAKE) --no-print-directory harness
	@$(if $(value LAB),$(SVCLAB) diagrams $(tree) $(lab) $(call flag,check,CHECK),$(MAKE) --no-print-directory $(DIAGRAMS))

handbook: ready-test ## the book as pages, from labs/ and docs/: build/handbook/index.html
	@$(MAKE) --no-print-directory harness
	@mkdir -p $(BUILD)/handbook
	@docs/handbook/chapters.sh $(CHAPTERS) > $(BUILD)/handbook/chapters.new
	@$(call if_new,$(BUILD)/handbook/chapters.new,$(BUILD)/handbook/chapters.html)
	@for lab in $(LAB_NAMES); do $(BUILD)/svclab list --lab $$lab --markdown | sed '1s/.*/## All checks/' > $(BUILD)/handbook/$$lab.new; \
	  $(call if_new,$(BUILD)/handbook/$$lab.new,$(BUILD)/handbook/$$lab.checks); done
	@$(MAKE) --no-print-directory $(PAGES) $(BUILD)/handbook/handbook.css
	@echo "The handbook: $(BUILD)/handbook/index.html"

.PHONY: samples
samples: ready-test ## the sample outputs in the pages, printed anew by docs/samples.sh
	@docs/samples.sh write $(BUILD)

# if_new NEW,OLD: replaces OLD by NEW only when they differ, so that nothing is made in vain.
if_new = if cmp -s $(1) $(2); then rm $(1); else mv $(1) $(2); fi

PICTURES := $(wildcard harness/report/picture*.c harness/report/svg.c harness/report/*.css)

$(BUILD)/diagrams/%.svg: diagrams/%.dot $(PICTURES) | $(BUILD)/svclab
	@mkdir -p $(@D)
	@$(BUILD)/svclab picture $< $@ && echo $@

# chapter SOURCE,MORE: the page $@ from SOURCE, with MORE (a lab's table of checks) behind it.
chapter = SVCLAB=$(BUILD)/svclab pandoc -f gfm -t html5 --template docs/handbook/template.html \
  --lua-filter docs/handbook/filter.lua --metadata chapters=$(BUILD)/handbook/chapters.html \
  --toc --toc-depth=2 --metadata source=$(1) --metadata pagetitle=svclab -o $@.new $(1) $(2) \
  && mv $@.new $@ && echo $@

$(BUILD)/handbook/%.css: harness/report/colours.css docs/handbook/%.css
	@cat $^ > $@
$(BUILD)/handbook/index.html: docs/README.md $(BOOK) $(PICTURES)
	@$(call chapter,$<)
$(BUILD)/handbook/exercises.html: exercises/README.md $(BOOK) $(PICTURES)
	@$(call chapter,$<)
$(BUILD)/handbook/%.html: labs/%/README.md $(BOOK) $(PICTURES) $(BUILD)/handbook/%.checks
	@$(call chapter,$<,$(BUILD)/handbook/$*.checks)
$(BUILD)/handbook/%.html: exercises/%/README.md $(BOOK) $(PICTURES) $(BUILD)/handbook/%.checks
	@$(call chapter,$<,$(BUILD)/handbook/$*.checks)
$(BUILD)/handbook/%.html: exercises/%.md $(BOOK) $(PICTURES)
	@$(call chapter,$<)
$(BUILD)/handbook/%.html: docs/%.md $(BOOK) $(PICTURES)
	@$(call chapter,$<)
$(BUILD)/handbook/%.html: docs/adr/%.md $(BOOK) $(PICTURES)
	@$(call chapter,$<)
$(BUILD)/handbook/chapters.html: ;
$(BUILD)/handbook/%.checks: ;
