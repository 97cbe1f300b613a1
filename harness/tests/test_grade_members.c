/*
 * What is in archives: names of every encoding and shape, names that are traps, links, devices,
 * bombs. None of it is ever a path, and nothing is written but the lab's files.
 */
#include "tests/odd_archives.h"

enum { BOMB_BYTES = 32 << 20, MANY = 6000, SHARED = 400 };

/* The work below a folder, and one member more in a zip. */
static void zip_and(const char *folder, struct member more, struct text *out)
{
    struct zip_file zip = {0};
    zip_work(&zip, folder);
    zip_add(&zip, more);
    zip_end(&zip, out);
}

static void zip_in(const char *folder, int flags, int is_dos, struct text *out)
{
    struct zip_file zip = {0};
    for (int i = 0; i < WORK; i++) {
        char name[512];
        snprintf(name, sizeof name, "%s%s", folder, work[i].name);
        for (char *at = name; is_dos > 1 && *at != '\0'; at++)
            *at = *at == '/' ? '\\' : *at;
        zip_add(&zip, (struct member){
                          .name = name, .bytes = work[i].bytes, .flags = flags, .is_dos = is_dos});
    }
    zip_end(&zip, out);
}

static void tar_and(struct tar_member more, struct text *out)
{
    tar_work(out, "");
    tar_add(out, more);
    tar_end(out);
}

/* --- encodings -------------------------------------------------------------------------------- */

static void backslashes(struct text *out)
{
    zip_in("lab01/", 0, 2, out);
}

static void cp437(struct text *out)
{
    zip_in("N\xa3\xa4"
           "ez-Zo\x89/",
           0, 1, out);
}

static void cp1252(struct text *out)
{
    zip_in("N\xfa\xf1"
           "ez\x96Zo\xeb \x80/",
           0, 1, out);
}

static void gbk(struct text *out)
{
    zip_in("\xc0\xee\xd0\xa1\xc3\xf7/", 0, 1, out);
}

static void utf8_unflagged(struct text *out)
{
    zip_in("Núñez Zoë 李小明/", 0, 0, out);
}

static void utf8_flagged(struct text *out)
{
    zip_in("Núñez Zoë 李小明/", ZIP_UTF8, 0, out);
}

static void utf8_flag_lies(struct text *out)
{
    zip_in("N\xfa\xf1"
           "ez/",
           ZIP_UTF8, 0, out);
}

static void decomposed(struct text *out)
{
    zip_in("Nu\xcc\x81n\xcc\x83"
           "ez Zoe\xcc\x88/",
           ZIP_UTF8, 0, out);
}

/* Info-ZIP's second name, in UTF-8, beside one in CP437. */
static void second_name(struct text *out)
{
    struct zip_file zip = {0};
    for (int i = 0; i < WORK; i++) {
        char old[64], new[64];
        struct text field = {0};
        snprintf(old, sizeof old, "Zo\x89/%s", work[i].name);
        snprintf(new, sizeof new, "Zoë/%s", work[i].name);
        put(&field, 0x7075, 2);
        put(&field, 5 + strlen(new), 2);
        put(&field, 1, 1);
        put(&field, crc32_of(old, strlen(old)), 4);
        text_add(&field, new);
        zip_add(&zip, (struct member){.name = old,
                                      .bytes = work[i].bytes,
                                      .is_dos = 1,
                                      .extra = text_str(&field),
                                      .extra_length = field.length});
        text_release(&field);
    }
    zip_end(&zip, out);
}

static void both_accents(struct text *out)
{
    struct zip_file zip = {0};
    zip_work(&zip, "");
    zip_add(&zip, (struct member){.name = "src/résumé.c", .bytes = "/* 1 */", .flags = ZIP_UTF8});
    zip_add(&zip, (struct member){.name = "src/re\xcc\x81sume\xcc\x81.c",
                                  .bytes = "/* 2 */",
                                  .flags = ZIP_UTF8});
    zip_end(&zip, out);
}

static void pax(struct text *out)
{
    for (int i = 0; i < WORK; i++) {
        char record[512];
        const char *name = work[i].name;
        const int length = snprintf(record, sizeof record, "000 path=Núñez/%0120d/%s\n", 7, name);
        snprintf(record, sizeof record, "%d path=Núñez/%0120d/%s\n", length, 7, name);
        tar_add(out, (struct tar_member){.name = "PaxHeader", .bytes = record, .type = 'x'});
        tar_add(out, (struct tar_member){.name = "short", .bytes = work[i].bytes});
    }
    tar_end(out);
}

/* --- copies --------------------------------------------------------------------------------- */

static void two_copies(struct text *out)
{
    struct zip_file zip = {0};
    zip_work(&zip, "lab01/");
    zip_add(&zip, (struct member){.name = "lab01-old/src/main.c", .bytes = "/* older */\n"});
    zip_add(&zip, (struct member){.name = "lab01-old/src/loop.c", .bytes = work[3].bytes});
    zip_add(&zip, (struct member){.name = "lab01-old/include/loop.h", .bytes = work[2].bytes});
    zip_end(&zip, out);
}

static void two_equal_copies(struct text *out)
{
    struct zip_file zip = {0};
    zip_work(&zip, "lab01/");
    zip_work(&zip, "lab01-copy/");
    zip_end(&zip, out);
}

/* The folder that has the lab's own name counts before any other. */
static void copy_beside_lab(struct text *out)
{
    struct zip_file zip = {0};
    zip_work(&zip, "svclab/labs/01-service/");
    zip_add(&zip, (struct member){.name = "svclab/backup/src/main.c", .bytes = "/* older */\n"});
    zip_end(&zip, out);
}

/* --- names ------------------------------------------------------------------------------------ */

static void differ_in_case(struct text *out)
{
    zip_and("", (struct member){.name = "src/MAIN.C", .bytes = "/* other */\n"}, out);
}

static void upper_case(struct text *out)
{
    struct zip_file zip = {0};
    for (int i = 0; i < WORK; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s", work[i].name);
        for (char *at = name; *at != '\0'; at++)
            *at = *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
        zip_add(&zip, (struct member){.name = name, .bytes = work[i].bytes});
    }
    zip_end(&zip, out);
}

static void twice_in_zip(struct text *out)
{
    zip_and("", (struct member){.name = "src/main.c", .bytes = "/* second copy */\n"}, out);
}

static void twice_in_tar(struct text *out)
{
    tar_add(out, (struct tar_member){.name = "src/main.c", .bytes = "/* first copy */\n"});
    tar_work(out, "");
    tar_end(out);
}

static void two_names(struct text *out)
{
    zip_and("", (struct member){.name = "notes.txt", .local_name = "evil.c"}, out);
}

static void long_name(struct text *out)
{
    char name[512];
    snprintf(name, sizeof name, "src/%0298d.c", 7);
    zip_and("", (struct member){.name = name}, out);
}

static void deep(struct text *out)
{
    struct text name = {0};
    for (int i = 0; i < 200; i++)
        text_add(&name, "d/");
    text_add(&name, "main.c");
    zip_and("", (struct member){.name = text_str(&name)}, out);
    text_release(&name);
}

static void zip_names(const char *const *names, struct text *out)
{
    struct zip_file zip = {0};
    zip_work(&zip, "");
    for (; *names != NULL; names++)
        zip_add(&zip, (struct member){.name = *names});
    zip_end(&zip, out);
}

static void control(struct text *out)
{
    zip_names((const char *const[]){"a\nb.c", "a\tb.c", "\x1b[2Jclear.c", "end.c ", "end.c.", NULL},
              out);
}

static void hostile(struct text *out)
{
    zip_names((const char *const[]){"-o.c", "@args.c", "<img src=x onerror=alert(1)>.c",
                                    "=HYPERLINK(\"x\").c", "$(touch pwned).c", "a'; rm -rf x; '.c",
                                    "src/%s%n.c", NULL},
              out);
}

static void windows(struct text *out)
{
    zip_names((const char *const[]){"con.c", "aux.h", "a:b.c", "C:/lab/src/main.c",
                                    "C:/lab/src/loop.c", "C:/lab/include/loop.h", NULL},
              out);
}

/* --- ways out --------------------------------------------------------------------------------- */

static void leaves(struct text *out)
{
    zip_and("", (struct member){.name = "src/../../../escape.c"}, out);
}

static void leaves_by_backslash(struct text *out)
{
    zip_and("", (struct member){.name = "..\\..\\escape.c", .is_dos = 1}, out);
}

static void absolute(struct text *out)
{
    zip_and("", (struct member){.name = "/tmp/svclab-escape.c"}, out);
}

static void zip_link(struct text *out)
{
    zip_and("", (struct member){.name = "passwd.c", .bytes = "/etc/passwd", .mode = 0120777}, out);
}

static void tar_link(struct text *out)
{
    tar_and((struct tar_member){.name = "src/link.c", .type = '2', .link = "main.c"}, out);
}

static void write_through(struct text *out)
{
    tar_work(out, "");
    tar_add(out, (struct tar_member){.name = "out", .type = '2', .link = "/tmp"});
    tar_add(out, (struct tar_member){.name = "out/svclab-escape.c", .bytes = "\n"});
    tar_end(out);
}

static void work_is_link(struct text *out)
{
    for (int i = 0; i < WORK - 1; i++)
        tar_add(out, (struct tar_member){.name = work[i].name, .bytes = work[i].bytes});
    tar_add(out, (struct tar_member){
                     .name = "src/main.c", .type = '2', .link = "/grade/solution/main.c"});
    tar_end(out);
}

static void hard_link(struct text *out)
{
    tar_and((struct tar_member){.name = "shadow.c", .type = '1', .link = "/etc/shadow"}, out);
}

static void device(struct text *out)
{
    tar_and((struct tar_member){.name = "dev", .type = '3'}, out);
}

static void pipe_file(struct text *out)
{
    tar_and((struct tar_member){.name = "fifo", .type = '6'}, out);
}

static void modes(struct text *out)
{
    tar_add(out, (struct tar_member){.name = "src/", .type = '5', .mode = "0000000"});
    for (int i = 0; i < WORK; i++)
        tar_add(out, (struct tar_member){.name = work[i].name,
                                         .bytes = work[i].bytes,
                                         .mode = i % 2 ? "0000000" : "0006755"});
    tar_end(out);
}

static void times(struct text *out)
{
    for (int i = 0; i < WORK; i++)
        tar_add(out, (struct tar_member){.name = work[i].name,
                                         .bytes = work[i].bytes,
                                         .mtime = i % 2 ? "00000000000" : "40306116577"});
    tar_end(out);
}

/* --- size ------------------------------------------------------------------------------------- */

static void bomb(struct text *out)
{
    char *zeros = calloc(1, BOMB_BYTES);
    ck_assert_ptr_nonnull(zeros);
    zip_compressed("zeros.txt", zeros, BOMB_BYTES, out);
    free(zeros);
}

static void many(struct text *out)
{
    struct zip_file zip = {0};
    for (int i = 0; i < MANY; i++) {
        char name[32];
        snprintf(name, sizeof name, "f/%05d.c", i);
        zip_add(&zip, (struct member){.name = name});
    }
    zip_end(&zip, out);
}

/* Many names, and the bytes of one file. */
static void overlap(struct text *out)
{
    struct zip_file zip = {0};
    zip_work(&zip, "");
    for (int i = 0; i < SHARED; i++)
        zip_add(&zip, (struct member){.name = "o/same.txt", .bytes = "shared", .shares = i > 0});
    zip_end(&zip, out);
}

static void tar_claims(struct text *out)
{
    tar_add(out, (struct tar_member){.name = "big.c", .claims = "\x80\0\0\0\0\x08\0\0\0\0\0\0"});
}

static void zip_claims(struct text *out)
{
    zip_and("", (struct member){.name = "big.c", .bytes = "int x", .claims = 0xfffffff0}, out);
}

/* A file that is too large to be a source. */
static void large_source(struct text *out)
{
    struct text bytes = {0};
    while (bytes.length <= HANDED_BYTES_MAX)
        text_add(&bytes, "/* ............................................................ */\n");
    struct zip_file zip = {0};
    zip_add(&zip, (struct member){.name = "src/main.c", .bytes = text_str(&bytes)});
    zip_end(&zip, out);
    text_release(&bytes);
}

static const struct odd odds[] = {
    {"backslashes.zip", backslashes, TAKEN, NULL},
    {"cp437.zip", cp437, TAKEN, "N\\xa3\\xa4ez-Zo\\x89/"},
    {"cp1252.zip", cp1252, TAKEN, NULL},
    {"gbk.zip", gbk, TAKEN, NULL},
    {"utf8-unflagged.zip", utf8_unflagged, TAKEN, NULL},
    {"utf8-flagged.zip", utf8_flagged, TAKEN, "Núñez Zoë 李小明/"},
    {"utf8-flag-lies.zip", utf8_flag_lies, TAKEN, "N\\xfa\\xf1ez/"},
    {"decomposed.zip", decomposed, TAKEN, "Núñez Zoë/"},
    {"second-name.zip", second_name, TAKEN, "Zoë/"},
    {"both-accents.zip", both_accents, NOTED, "names look the same (src/résumé.c)"},
    {"pax.tar", pax, NOTED, "your files were found in \"Núñez/"},
    {"two-copies.zip", two_copies, REFUSED,
     "2 copies of 01-service were handed in (lab01-old/, lab01/); none was chosen"},
    {"equal-copies.zip", two_equal_copies, TAKEN, NULL},
    {"copy-beside-lab.zip", copy_beside_lab, TAKEN, "ignored: svclab/backup/src/ (1 files)"},
    {"case.zip", differ_in_case, NOTED, "two files whose names differ only in case: src/main.c"},
    {"upper-case.zip", upper_case, NOTED, "src/main.c was not found; SRC/MAIN.C looks like it"},
    {"twice.zip", twice_in_zip, REFUSED, "src/main.c is twice in this archive, with different"},
    {"twice-tar.tar", twice_in_tar, NOTED, "src/main.c is twice in this archive; the later one"},
    {"two-names.zip", two_names, REFUSED, "the archive is inconsistent (names differ)"},
    {"long-name.zip", long_name, REFUSED, "a file name is longer than 255 bytes (src/000"},
    {"deep.zip", deep, REFUSED, "folders are nested more than 32 deep"},
    {"control.zip", control, TAKEN, "(5 files): control characters or odd endings in their names"},
    {"hostile.zip", hostile, TAKEN, "(7 files): names that are not of [A-Za-z0-9_.-]"},
    {"windows.zip", windows, TAKEN, "(6 files): names that Windows reserves"},

    {"leaves.zip", leaves, REFUSED, "a file name leaves the archive with .."},
    {"leaves-back.zip", leaves_by_backslash, REFUSED,
     "leaves the archive with .. (../../escape.c)"},
    {"absolute.zip", absolute, REFUSED, "a file name is absolute (/tmp/svclab-escape.c)"},
    {"link.zip", zip_link, REFUSED, "links are not accepted (passwd.c)"},
    {"link-tar.tar", tar_link, REFUSED, "links are not accepted (src/link.c)"},
    {"write-through.tar", write_through, REFUSED, "links are not accepted (out)"},
    {"work-is-link.tar", work_is_link, REFUSED, "src/main.c is a link, not a file"},
    {"hard-link.tar", hard_link, REFUSED, "links are not accepted (shadow.c)"},
    {"device.tar", device, REFUSED, "special files are not accepted (dev)"},
    {"pipe.tar", pipe_file, REFUSED, "special files are not accepted (fifo)"},
    {"modes.tar", modes, TAKEN, NULL},
    {"times.tar", times, TAKEN, NULL},

    {"bomb.zip", bomb, REFUSED, "has more than 200 times its size, the limit (ratio)"},
    {"many.zip", many, REFUSED, "many.zip holds more than 5000 files, the limit"},
    {"overlap.zip", overlap, REFUSED, "the archive is inconsistent (members overlap)"},
    {"tar-claims.tar", tar_claims, REFUSED, "the archive is damaged (a size that cannot be)"},
    {"zip-claims.zip", zip_claims, REFUSED, "the archive is damaged (a size that cannot be)"},
    {"large-source.zip", large_source, REFUSED,
     "main.c has 1025 KB; a source file has at most 1024 KB"},
};

START_TEST(each_member_is_taken_or_the_report_says_why_not)
{
    odds_expect(odds, sizeof odds / sizeof odds[0]);
    ck_assert_msg(!files_exist("/tmp/svclab-escape.c"), "something left its archive");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {each_member_is_taken_or_the_report_says_why_not, NULL};
    return run_tests("grade members", tests);
}
