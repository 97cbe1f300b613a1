/*
 * The assembler puts a file's bytes where asked: all of gcc, clang and their targets can.
 * Paths are from the root of the repository, where make runs; objects.mk says what this file
 * depends on.
 */
#include "report/styles.h"

#define STYLE(name, file)                                                                          \
    __asm__(".pushsection .rodata\n.globl " name "\n" name ":\n.incbin \"harness/report/" file     \
            "\"\n.byte 0\n.popsection\n")

STYLE("style_colours", "colours.css");
STYLE("style_page", "page.css");
STYLE("style_picture", "picture.css");
