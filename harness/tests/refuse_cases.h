/*
 * Files that must be refused, each a way around the sanitizers or the check for static data; and
 * honest ones that look alike.
 */
#ifndef TESTS_REFUSE_CASES_H
#define TESTS_REFUSE_CASES_H

struct refuse_case {
    const char *name;   /* NAME.c, NAME.h */
    const char *says;   /* what is said of it, NULL = nothing: it is built */
    const char *source; /* NAME.c */
    const char *header; /* NAME.h, NULL = none */
};

#define BELONGS  "belongs to the sanitizers"
#define ASSEMBLY "__asm__ is not watched"
#define HIDES    "hides code or data"
#define CHANGES  "changes how the file is compiled"
#define UNSEEN   "ends the process unseen"
#define STARTS   "starts a process"
#define PAST     "reaches past the C library"
#define MEMORY   "takes or unlocks memory"

static const struct refuse_case refuse_cases[] = {
    /* Sanitizers switched off. */
    {"attribute", "attribute.c:2: no_sanitize " BELONGS,
     "int first(const int *list);\n"
     "__attribute__((no_sanitize(\"address\"))) int first(const int *list) { return *list; }\n",
     NULL},
    {"pasted", "pasted.c:2: no_sanitize " BELONGS,
     "#define PASTE(a, b) a##b\n"
     "__attribute__((PASTE(no_, sanitize)(\"address\"))) int x(int *list) { return *list; }\n",
     NULL},
    {"header", "header.h:1: no_sanitize_thread " BELONGS,
     "#include \"header.h\"\nint x(int *list) { return *list; }\n",
     "__attribute__((no_sanitize_thread)) int x(int *list);\n"},
    {"macro", "macro.c:2: __no_sanitize__ " BELONGS,
     "#include \"macro.h\"\nFAST int x(int *list) { return *list; }\n",
     "#define FAST __attribute__((__no_sanitize__(\"undefined\")))\n"},
    {"old_name", "no_address_safety_analysis " BELONGS,
     "int x(int *list) __attribute__((no_address_safety_analysis));\n", NULL},
    {"system_file", "/usr/include/x.h:1: no_sanitize_address " BELONGS,
     "# 1 \"/usr/include/x.h\" 1 3\n"
     "int x(int *list) __attribute__((no_sanitize_address));\n",
     NULL},
    {"leak_disable", "leak_disable.c:2: __lsan_disable " BELONGS,
     "\nvoid __lsan_disable(void);\nvoid x(void);\nvoid x(void) { __lsan_disable(); }\n", NULL},
    {"leak_ignored", "__lsan_ignore_object " BELONGS, "void __lsan_ignore_object(const void *p);\n",
     NULL},
    {"options", "__asan_default_options " BELONGS,
     "const char *__asan_default_options(void);\n"
     "const char *__asan_default_options(void) { return \"detect_leaks=0\"; }\n",
     NULL},
    {"label_of_runtime", ASSEMBLY,
     "int quiet(void) __asm__(\"__lsan_is_turned_off\");\nint quiet(void) { return 1; }\n", NULL},
    {"builtin", "__builtin___asan_unpoison_stack_memory " BELONGS,
     "void x(char *p);\n"
     "void x(char *p) { __builtin___asan_unpoison_stack_memory(p, 8); }\n",
     NULL},
    {"races_ignored", "AnnotateIgnoreReadsBegin " BELONGS,
     "void AnnotateIgnoreReadsBegin(const char *file, int line);\n", NULL},
    {"pragma", "pragma.c:1: #pragma GCC optimize",
     "#pragma GCC optimize(\"wrapv\")\nint x(int a) { return a + 1; }\n", NULL},
    {"pragma_operator", CHANGES,
     "_Pragma(\"GCC optimize (\\\"wrapv\\\")\") int x(int a) { return a + 1; }\n", NULL},
    {"pragma_clang", CHANGES,
     "#pragma clang attribute push(__attribute__((no_sanitize(\"address\"))), "
     "apply_to = function)\n",
     NULL},
    {"attribute_optimize", "the attribute optimize " HIDES,
     "__attribute__((noinline, optimize(\"wrapv\"))) int x(int a) { return a + 1; }\n", NULL},
    {"own_allocator", "own_allocator.c:2: malloc is defined here in place of",
     "#include <stdlib.h>\nvoid *malloc(size_t size) { static char all[64]; return all + size; }\n",
     NULL},

    /* Variables that no symbol shows. */
    {"label", ASSEMBLY, "int count __asm__(\".Lcount\");\n", NULL},
    {"label_in_parts", ASSEMBLY, "int (count) __asm__(\"\" \".\" \"Lcount\");\n", NULL},
    {"label_escaped", ASSEMBLY, "int (count) __asm__(\"\\56Lcount\");\n", NULL},
    {"label_of_a_register", "register outside of a function",
     "register long count __asm__(\"r15\");\nvoid x(void) { count++; }\n", NULL},
    {"top_level", ASSEMBLY, "__asm__(\".data\\n.Lcount: .long 0\");\n", NULL},
    {"instruction", ASSEMBLY, "void x(void) { __asm__ volatile(\"nop\"); }\n", NULL},
    {"system_call", ASSEMBLY,
     "void x(int a) <% register long n __asm__(\"rax\") = 231; if (a) __asm__(\"syscall\"); %>\n",
     NULL},
    {"one_instruction", ASSEMBLY, "void x(int a) <% if (a) __asm__(\"syscall\"); %>\n", NULL},
    {"ident", "#ident", "#ident \"a\\\"\\n.data\\n.Lcount: .long 0\\n.ident \\\"\"\n", NULL},
    {"section", "section.c:1: the attribute section " HIDES,
     "static int count __attribute__((section(\"asan_globals\")));\nint x(void) { return ++count; "
     "}\n",
     NULL},
    {"section_spelt", "the attribute __section__ " HIDES,
     "static int count __attribute((unused, __section__(\".data.rel.ro\")));\n", NULL},
    {"attribute_in_attribute", "begins an attribute within another",
     "int count __attribute__((aligned(sizeof(int __attribute__((unused)))), section(\".a\")));\n",
     NULL},
    {"name_of_data", "__unnamed_1 " BELONGS, "int __unnamed_1;\n", NULL},

    /* Before main, after it, and away from it. */
    {"before_main", "the attribute constructor " HIDES,
     "__attribute__((constructor)) static void first(void) {}\n", NULL},
    {"after_main", "the attribute destructor " HIDES,
     "#include <unistd.h>\n__attribute__((destructor(101))) static void last(void) { _exit(0); }\n",
     NULL},
    {"resolver", "the attribute ifunc " HIDES,
     "static void *pick(void) { return 0; }\nint x(void) __attribute__((ifunc(\"pick\")));\n",
     NULL},
    {"exit_handler", "exit_handler.c:3: _exit " UNSEEN,
     "#include <stdlib.h>\n#include <unistd.h>\nstatic void last(void) { _exit(0); }\n"
     "void x(void) { atexit(last); }\n",
     NULL},
    {"exit_by_label", "exit_by_label.c: _exit " UNSEEN,
     "void leave(int status) __asm__(\"_exit\");\nvoid x(void) { leave(0); }\n", NULL},
    {"exit_by_pointer", "_Exit " UNSEEN,
     "#include <stdlib.h>\nvoid (*const leave[])(int) = {_Exit};\n", NULL},
    {"exit_quickly", "quick_exit " UNSEEN, "#include <stdlib.h>\nvoid x(void) { quick_exit(0); }\n",
     NULL},
    {"forks", "forks.c:2: fork " STARTS,
     "#include <unistd.h>\nint x(void) { return fork() == 0; }\n", NULL},
    {"runs", "execv " STARTS,
     "#include <unistd.h>\nint x(char **a) { return execv(\"/bin/true\", a); }\n", NULL},
    {"shell", "system " STARTS, "#include <stdlib.h>\nint x(void) { return (system)(\"true\"); }\n",
     NULL},
    {"spawns", "posix_spawn " STARTS,
     "#include <spawn.h>\nint x(char **a) { return posix_spawn(0, \"/bin/true\", 0, 0, a, a); }\n",
     NULL},
    {"calls_by_number", "syscall " PAST,
     "long syscall(long n, ...);\nlong x(void) { return syscall(231, 0); }\n", NULL},
    {"calls_by_name", "dlsym " PAST,
     "#include <dlfcn.h>\nvoid *x(void) { return dlsym(0, \"_exit\"); }\n", NULL},
    {"unlocks", "mprotect " MEMORY,
     "#include <sys/mman.h>\nstatic const long page[1024];\n"
     "int x(void) { return mprotect((void *)page, sizeof page, PROT_READ | PROT_WRITE); }\n",
     NULL},
    {"maps", "mmap " MEMORY,
     "#include <sys/mman.h>\nvoid *x(void) { return mmap(0, 1, PROT_READ, MAP_SHARED, 3, 0); }\n",
     NULL},

    {"calls_clone", "calls_clone.c:3: clone " STARTS,
     "int clone(int order);\nint x(int order);\nint x(int order) { return clone(order); }\n", NULL},

    /* Honest. */
    {"has_clone", NULL, "int clone(int order);\nint clone(int order) { return order; }\n", NULL},
    {"own_and_static", NULL,
     "static void free(int *p) { *p = 0; }\nvoid x(int *p);\nvoid x(int *p) { free(p); }\n", NULL},
    {"usual", NULL,
     "#include <assert.h>\n#include <errno.h>\n#include <math.h>\n#include <pthread.h>\n"
     "#include <stdatomic.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"
     "#include <sys/select.h>\n#include <time.h>\n#include <unistd.h>\n#include <wchar.h>\n"
     "#include \"kit/db.h\"\n#include \"kit/http_server.h\"\n#include \"kit/json.h\"\n"
     "#include \"kit/log.h\"\n#include \"kit/thread.h\"\n"
     "static const char *const names[] = {\"one\", \"two\"};\n"
     "static const struct { int a[2]; } table = {.a = {[0] = 1, [1] = 2}};\n"
     "static void *thread(void *lock) { pthread_mutex_lock(lock); pthread_mutex_unlock(lock);\n"
     "    return NULL; }\n"
     "double use(int i, size_t n) {\n"
     "    char text[20]; pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; pthread_t id;\n"
     "    atomic_int count; atomic_init(&count, 1); fd_set set; FD_ZERO(&set); FD_SET(i, &set);\n"
     "    char *copy = malloc(n); assert(copy != NULL); memcpy(copy, names[i], n);\n"
     "    if (pthread_create(&id, NULL, thread, &lock) == 0) pthread_join(id, NULL);\n"
     "    pthread_cleanup_push(free, NULL); pthread_cleanup_pop(0);\n"
     "    snprintf(text, sizeof text, \"%s\", copy); free(copy); errno = 0;\n"
     "    if (wctob(L'a') == 0) exit(EXIT_FAILURE);\n"
     "    return fabs(sqrt(i)) + table.a[table.a[0]] + text[0] + atomic_load(&count); }\n",
     NULL},
    {"names_alike", NULL,
     "#include <stddef.h>\n"
     "struct kind { void (*constructor)(void); void (*destructor)(void *); int asm, section; };\n"
     "static int section(const char *name) { return name[0]; }\n"
     "static int fork(void) { return section(\"fork\"); }\n"
     "static int mmap_like(int execv) { return execv; }\n"
     "int sanitize(int sanitizer, int optimize);\n"
     "int sanitize(int sanitizer, int optimize) {\n"
     "    struct kind free_kind = {.asm = fork(), .section = mmap_like(optimize)};\n"
     "    int a[2] = {0, 1}; return sanitizer + free_kind.asm + a[a[free_kind.section]]; }\n",
     NULL},
    {"words_alike", NULL,
     "/* no_sanitize, __asm__(\"nop\"), fork() and _exit(0) in a comment */\n"
     "const char *words(void);\n"
     "const char *words(void) { return \"no_sanitize __asm__ ((section)) \\\" fork() _exit\"; }\n"
     "// __lsan_disable();\n"
     "#if 0\n__attribute__((section(\"x\"))) it's _exit(0)\n#endif\n",
     NULL},
    {"attributes_alike", NULL,
     "#include <stdio.h>\n"
     "static void destructor(int *p) { *p = 0; }\n"
     "struct __attribute__((packed, aligned(2))) wire { char kind; int size; };\n"
     "__attribute__((format(printf, 1, 2))) int say(const char *format, ...);\n"
     "_Noreturn __attribute__((cold, noreturn)) void stop(void);\n"
     "__attribute__((warn_unused_result, nonnull(1))) int use(struct wire *wire, register int n);\n"
     "int use(struct wire *wire, register int n) {\n"
     "    int owned __attribute__((cleanup(destructor))) = n; register int i = 0;\n"
     "    switch (n) { case 0: i++; __attribute__((fallthrough)); default: break; }\n"
     "    return owned + wire->size + i; }\n",
     NULL},
    {"pragmas_alike", NULL,
     "#include \"pragmas_alike.h\"\n"
     "#pragma GCC diagnostic push\n#pragma GCC diagnostic ignored \"-Wconversion\"\n"
     "#pragma STDC FP_CONTRACT OFF\n_Pragma(\"GCC poison tmpnam\")\n"
     "int sum(const int *list) { int all = 0;\n#pragma GCC unroll 4\n"
     "    for (int i = 0; i < 8; i++) all += list[i];\n    return all; }\n"
     "#pragma GCC diagnostic pop\n",
     "#pragma once\nint sum(const int *list);\n"},
    {0},
};

#endif
