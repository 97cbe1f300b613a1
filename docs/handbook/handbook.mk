# Pictures and the handbook, drawn into build/. Only what changed is made again.
#
# A chapter is docs/README.md (the front page), a lab's text, an exercise, a page of docs/ or a decision
# of docs/adr/. Each becomes one page of build/handbook/ by pandoc, with filter.lua and template.html.

DIAGRAMS := $(patsubst diagrams/%.dot,build/diagrams/%.svg,$(wildcard diagrams/*.dot))
GRADED   := $(sort $(wildcard labs/*/README.md)) $(sort $(wildcard exercises/drill-*/README.md))
SHEETS   := $(sort $(wildcard exercises/[0-9]*.md))
CHAPTERS := docs/README.md $(filter labs/%,$(GRADED)) exercises/README.md $(SHEETS) $(filter exercises/%,$(GRADED)) \
            $(filter-out docs/README.md,$(sort $(wildcard docs/*.md))) $(sort $(wildcard docs/adr/[0-9]*.md))
PAGES    := build/handbook/index.html build/handbook/exercises.html \
            $(patsubst %,build/handbook/%.html,$(notdir $(GRADED:%/README.md=%))) \
            $(patsubst %.md,build/handbook/%.html,$(notdir $(SHEETS) $(filter-out docs/README.md,$(wildcard docs/*.md docs/adr/[0-9]*.md))))
BOOK     := docs/handbook/filter.lua docs/handbook/template.html build/handbook/chapters.html

diagrams: deps-test ## the pictures of diagrams/, drawn into build/diagrams/
	@$(MAKE) --no-print-directory harness
	@$(MAKE) --no-print-directory $(DIAGRAMS)

handbook: deps-test ## the book as pages, from labs/ and docs/: build/handbook/index.html
	@$(MAKE) --no-print-directory harness
	@mkdir -p build/handbook
	@docs/handbook/chapters.sh $(CHAPTERS) > build/handbook/chapters.new
	@$(call if_new,build/handbook/chapters.new,build/handbook/chapters.html)
	@for lab in $(LAB_NAMES); do build/svclab list --lab $$lab --markdown | sed '1s/.*/## All checks/' > build/handbook/$$lab.new; \
	  $(call if_new,build/handbook/$$lab.new,build/handbook/$$lab.checks); done
	@$(MAKE) --no-print-directory $(PAGES) build/handbook/handbook.css
	@echo "The handbook: build/handbook/index.html"

# if_new NEW,OLD: replaces OLD by NEW only when they differ, so that nothing is made in vain.
if_new = if cmp -s $(1) $(2); then rm $(1); else mv $(1) $(2); fi

PICTURES := $(wildcard harness/report/picture*.c harness/report/svg.c harness/report/*.css)

build/diagrams/%.svg: diagrams/%.dot $(PICTURES) | build/svclab
	@mkdir -p $(@D)
	@build/svclab picture $< $@ && echo $@

# chapter SOURCE,MORE: the page $@ from SOURCE, with MORE (a lab's table of checks) behind it.
chapter = SVCLAB=build/svclab pandoc -f gfm -t html5 --template docs/handbook/template.html \
  --lua-filter docs/handbook/filter.lua --metadata chapters=build/handbook/chapters.html \
  --toc --toc-depth=2 --metadata source=$(1) --metadata pagetitle=svclab -o $@.new $(1) $(2) \
  && mv $@.new $@ && echo $@

build/handbook/%.css: harness/report/colours.css docs/handbook/%.css
	@cat $^ > $@
build/handbook/index.html: docs/README.md $(BOOK) $(PICTURES)
	@$(call chapter,$<)
build/handbook/exercises.html: exercises/README.md $(BOOK) $(PICTURES)
	@$(call chapter,$<)
build/handbook/%.html: labs/%/README.md $(BOOK) $(PICTURES) build/handbook/%.checks
	@$(call chapter,$<,build/handbook/$*.checks)
build/handbook/%.html: exercises/%/README.md $(BOOK) $(PICTURES) build/handbook/%.checks
	@$(call chapter,$<,build/handbook/$*.checks)
build/handbook/%.html: exercises/%.md $(BOOK) $(PICTURES)
	@$(call chapter,$<)
build/handbook/%.html: docs/%.md $(BOOK) $(PICTURES)
	@$(call chapter,$<)
build/handbook/%.html: docs/adr/%.md $(BOOK) $(PICTURES)
	@$(call chapter,$<)
build/handbook/chapters.html: ;
build/handbook/%.checks: ;
