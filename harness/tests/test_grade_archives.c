/*
 * Archives as students hand them in: how they are packed, what they are not, how they are damaged.
 */
#include "tests/odd_archives.h"

static void tar_plain(struct text *out)
{
    tar_work(out, "");
    tar_end(out);
}

static void compressed(int filter, struct text *out)
{
    struct text tar = {0};
    tar_plain(&tar);
    compress_as(filter, &tar, out);
    text_release(&tar);
}

static void zip_plain(struct text *out)
{
    struct zip_file zip = {0};
    zip_work(&zip, "");
    zip_end(&zip, out);
}

/* All of the work below a folder, each file as the member says. */
static void zip_as(const char *folder, struct member as, struct text *out)
{
    struct zip_file zip = {0};
    for (int i = 0; i < WORK; i++) {
        char name[512];
        snprintf(name, sizeof name, "%s%s", folder, work[i].name);
        as.name = name;
        as.bytes = work[i].bytes;
        zip_add(&zip, as);
    }
    zip_end(&zip, out);
}

/* --- shapes ----------------------------------------------------------------------------------- */

static void zip_deflated(struct text *out)
{
    struct zip_file zip = {0};
    zip_add(&zip, (struct member){.name = "src/", .mode = 040755});
    for (int i = 0; i < WORK; i++)
        zip_add(&zip, (struct member){.name = work[i].name, .bytes = work[i].bytes, .method = 8});
    zip_end(&zip, out);
}

static void tar_gz(struct text *out)
{
    compressed(ARCHIVE_FILTER_GZIP, out);
}

static void tar_xz(struct text *out)
{
    compressed(ARCHIVE_FILTER_XZ, out);
}

static void tar_bz2(struct text *out)
{
    compressed(ARCHIVE_FILTER_BZIP2, out);
}

static void tar_dot(struct text *out)
{
    tar_add(out, (struct tar_member){.name = "./", .type = '5', .mode = "0000755"});
    tar_work(out, "./");
    tar_end(out);
}

static void nested_1(struct text *out)
{
    zip_as("lab01/", (struct member){0}, out);
}

static void nested_2(struct text *out)
{
    zip_as("My Work/lab 01 (final)/", (struct member){0}, out);
}

static void macos(struct text *out)
{
    static const char apple_double[] = "\0\5\x16\7\0\2\0\0Mac OS X        ";
    struct zip_file zip = {0};
    zip_add(&zip, (struct member){.name = "lab01/", .mode = 040755});
    zip_add(&zip, (struct member){.name = "lab01/.DS_Store", .bytes = "Bud1"});
    zip_add(&zip, (struct member){.name = "__MACOSX/lab01/", .mode = 040755});
    for (int i = 0; i < WORK; i++) {
        char name[64], shadow[64];
        snprintf(name, sizeof name, "lab01/%s", work[i].name);
        snprintf(shadow, sizeof shadow, "__MACOSX/lab01/%s", work[i].name);
        zip_add(&zip,
                (struct member){.name = name, .bytes = work[i].bytes, .flags = 8, .method = 8});
        zip_add(&zip, (struct member){
                          .name = shadow, .bytes = apple_double, .length = sizeof apple_double});
    }
    zip_end(&zip, out);
}

static void macos_tar(struct text *out)
{
    tar_add(out, (struct tar_member){.name = "./src/._main.c", .bytes = "\5\x16\7"});
    tar_work(out, "./");
    tar_end(out);
}

static void with_build(struct text *out)
{
    struct zip_file zip = {0};
    zip_work(&zip, "");
    zip_add(&zip, (struct member){.name = "build/src/main.c", .bytes = "/* generated */"});
    zip_add(&zip, (struct member){.name = "build/main.o",
                                  .bytes = "\x7f"
                                           "ELF"});
    zip_add(&zip, (struct member){.name = "build/svc",
                                  .bytes = "\x7f"
                                           "ELF"});
    zip_end(&zip, out);
}

static void whole_repository(struct text *out)
{
    struct zip_file zip = {0};
    zip_work(&zip, "svclab-student-01/");
    zip_add(&zip, (struct member){.name = "svclab-student-01/.git/config",
                                  .bytes = "[core]\n\tfsmonitor = \"echo ran >&2; false\"\n"});
    zip_add(&zip, (struct member){.name = "svclab-student-01/.git/hooks/post-checkout",
                                  .bytes = "#!/bin/sh\necho ran\n",
                                  .mode = 0100755});
    zip_add(&zip, (struct member){.name = "svclab-student-01/.github/workflows/classroom.yml"});
    zip_end(&zip, out);
}

/* Every file with this before it and CRLF in it. */
static void with_line_ends(const char *before, struct text *out)
{
    struct zip_file zip = {0};
    for (int i = 0; i < WORK; i++) {
        struct text bytes = {0};
        text_add(&bytes, before);
        for (const char *at = work[i].bytes; *at != '\0'; at++)
            text_addf(&bytes, "%s%c", *at == '\n' ? "\r" : "", *at);
        zip_add(&zip, (struct member){.name = work[i].name, .bytes = text_str(&bytes)});
        text_release(&bytes);
    }
    zip_end(&zip, out);
}

static void crlf(struct text *out)
{
    with_line_ends("", out);
}

static void crlf_bom(struct text *out)
{
    with_line_ends("\xef\xbb\xbf", out);
}

static void utf16(struct text *out)
{
    with_line_ends("\xff\xfe", out);
}

/* --- archives in archives --------------------------------------------------------------------- */

/* out becomes a zip that holds what was in it. */
static void wrap(const char *name, struct text *out)
{
    struct zip_file zip = {0};
    zip_add(&zip, (struct member){.name = name, .bytes = text_str(out), .length = out->length});
    text_clear(out);
    zip_end(&zip, out);
}

static void zip_in_zip(struct text *out)
{
    zip_plain(out);
    wrap("lab01.zip", out);
}

static void tar_in_zip(struct text *out)
{
    tar_gz(out);
    wrap("handin/lab01.tar.gz", out);
}

static void five_deep(struct text *out)
{
    zip_plain(out);
    for (int i = 0; i < 4; i++)
        wrap("inner.zip", out);
}

/* --- what is no archive of C files ------------------------------------------------------------ */

static void seven_zip(struct text *out)
{
    text_append(out, "7z\xbc\xaf\x27\x1c\0\4 and so on", 16);
}

static void rar(struct text *out)
{
    text_append(out, "Rar!\x1a\x07\x01\0 and so on", 16);
}

static void pdf(struct text *out)
{
    text_add(out, "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n");
}

static void html(struct text *out)
{
    text_add(out, "<!DOCTYPE html>\n<html><head><title>Log in</title></head></html>\n");
}

static void pdf_in_zip(struct text *out)
{
    pdf(out);
    wrap("report.pdf", out);
}

static void word(struct text *out)
{
    struct zip_file zip = {0};
    zip_add(&zip, (struct member){.name = "[Content_Types].xml", .bytes = "<Types/>"});
    zip_add(&zip, (struct member){.name = "word/document.xml", .bytes = "<w:document/>"});
    zip_end(&zip, out);
}

static void nothing(struct text *out)
{
    text_add(out, "");
}

static void empty_zip(struct text *out)
{
    struct zip_file zip = {0};
    zip_end(&zip, out);
}

static void empty_tar(struct text *out)
{
    for (int i = 0; i < 10; i++)
        tar_end(out);
}

static void folders_only(struct text *out)
{
    struct zip_file zip = {0};
    zip_add(&zip, (struct member){.name = "lab01/", .mode = 040755});
    zip_add(&zip, (struct member){.name = "lab01/src/", .mode = 040755});
    zip_end(&zip, out);
}

static void one_source(struct text *out)
{
    text_add(out, work[4].bytes);
}

static void one_source_gz(struct text *out)
{
    struct text source = {0};
    one_source(&source);
    compress_as(ARCHIVE_FILTER_GZIP, &source, out);
    text_release(&source);
}

/* --- passwords -------------------------------------------------------------------------------- */

static void locked(struct text *out)
{
    zip_as("", (struct member){.flags = 1}, out);
}

static void locked_aes(struct text *out)
{
    static const char field[] = "\x01\x99\x07\0\x02\0AE\x03\x08\0";
    zip_as("", (struct member){.flags = 1, .method = 99, .extra = field, .extra_length = 11}, out);
}

static void locked_partly(struct text *out)
{
    struct zip_file zip = {0};
    for (int i = 0; i < WORK; i++)
        zip_add(&zip, (struct member){
                          .name = work[i].name, .bytes = work[i].bytes, .flags = i == WORK - 1});
    zip_end(&zip, out);
}

/* --- damage and odd writers ------------------------------------------------------------------- */

static void cut(struct text *out, size_t length)
{
    out->length = length;
    out->bytes[length] = '\0';
}

static void cut_zip(struct text *out)
{
    zip_plain(out);
    cut(out, out->length * 55 / 100);
}

static void cut_tar(struct text *out)
{
    tar_plain(out);
    cut(out, TAR_BLOCK + 4);
}

static void cut_tar_gz(struct text *out)
{
    tar_gz(out);
    cut(out, out->length * 2 / 3);
}

static void wrong_checksum(struct text *out)
{
    struct zip_file zip = {0};
    for (int i = 0; i < WORK; i++)
        zip_add(&zip, (struct member){
                          .name = work[i].name, .bytes = work[i].bytes, .crc_is_wrong = i == 0});
    zip_end(&zip, out);
}

static void deflate64(struct text *out)
{
    zip_as("", (struct member){.method = 9}, out);
}

static void behind_program(struct text *out)
{
    static const char stub[512] = "MZ";
    struct text archive = {0};
    zip_plain(&archive);
    text_append(out, stub, sizeof stub);
    text_append(out, text_str(&archive), archive.length);
    text_release(&archive);
}

static void before_footer(struct text *out)
{
    zip_plain(out);
    text_add(out, "\n-- \nsent from a phone\n");
}

static void streamed(struct text *out)
{
    zip_as("", (struct member){.flags = 8, .method = 8}, out);
}

static void zip64(struct text *out)
{
    struct zip_file zip = {.is_zip64 = 1};
    zip_work(&zip, "");
    zip_end(&zip, out);
}

/* A tar in which a zip lies: two readers, two archives. It is what it begins with. */
static void tar_before_zip(struct text *out)
{
    struct zip_file zip = {0};
    zip_add(&zip, (struct member){.name = "src/main.c", .bytes = "/* another */\n"});
    tar_plain(out);
    zip_end(&zip, out);
}

static void zip_behind_gzip(struct text *out)
{
    struct text zip = {0};
    zip_plain(&zip);
    compress_as(ARCHIVE_FILTER_GZIP, &zip, out);
    text_release(&zip);
}

#define DAMAGED        "the archive is damaged (cut off); upload it again"
#define NOT_LOOKED_FOR "src/main.c, src/loop.c, include/loop.h"

static const struct odd odds[] = {
    {"plain.zip", zip_plain, TAKEN, NULL},
    {"deflated.zip", zip_deflated, TAKEN, NULL},
    {"plain-tar.tar", tar_plain, TAKEN, NULL},
    {"plain-gz.tar.gz", tar_gz, TAKEN, NULL},
    {"plain-tgz.tgz", tar_gz, TAKEN, NULL},
    {"plain-xz.tar.xz", tar_xz, TAKEN, NULL},
    {"bz2.tar.bz2", tar_bz2, REFUSED, "compressed with bzip2; hand in .zip, .tar, .tar.gz"},
    {"dot.tar", tar_dot, TAKEN, NULL},
    {"nested-1.zip", nested_1, TAKEN, NULL},
    {"nested-2.zip", nested_2, NOTED, "were found in \"My Work/lab 01 (final)/\"; hand in the"},
    {"macos.zip", macos, TAKEN, "ignored: __MACOSX/ (5 files)"},
    {"macos-tar.tar", macos_tar, TAKEN, "ignored: ._ files (macOS) (1 files)"},
    {"with-build.zip", with_build, TAKEN, "ignored: build/ (3 files)"},
    {"repository.zip", whole_repository, TAKEN, "ignored: .git/ (2 files)"},
    {"crlf.zip", crlf, CHANGED, NULL},
    {"crlf-bom.zip", crlf_bom, CHANGED, "a byte order mark was at the start of your files"},
    {"utf16.zip", utf16, CHANGED, "src/main.c is UTF-16; a C compiler reads UTF-8"},
    {"zip-in-zip.zip", zip_in_zip, NOTED, "holds another archive (lab01.zip); it was opened"},
    {"tar-in-zip.zip", tar_in_zip, NOTED, "another archive (handin/lab01.tar.gz); it was opened"},
    {"five-deep.zip", five_deep, REFUSED, "archives inside archives, more than 2 deep"},

    {"seven.7z", seven_zip, REFUSED, "this is a 7z archive; hand in .zip, .tar, .tar.gz"},
    {"seven-zip.zip", seven_zip, REFUSED, "this is a 7z archive named .zip; hand in"},
    {"rar.rar", rar, REFUSED, "this is a rar archive; hand in"},
    {"locked.zip", locked, REFUSED, "this archive has a password; hand it in again without one"},
    {"locked-aes.zip", locked_aes, REFUSED, "this archive has a password; hand it in"},
    {"locked-partly.zip", locked_partly, REFUSED, "src/main.c in this archive has a password"},
    {"empty.zip", empty_zip, REFUSED, "the archive is empty"},
    {"nothing.zip", nothing, REFUSED, "the file is empty (0 bytes)"},
    {"folders-only.zip", folders_only, REFUSED, "the archive holds folders but no files"},
    {"empty-tar.tar", empty_tar, REFUSED, "the archive is empty"},
    {"pdf.zip", pdf, REFUSED, "this is a PDF, not an archive; the lab wants the C files"},
    {"pdf-alone.pdf", pdf, REFUSED, "no C files: only pdf-alone.pdf. Looked for 01-service"},
    {"pdf-in-zip.zip", pdf_in_zip, REFUSED, "no C files: only report.pdf. Looked for 01-service"},
    {"word.zip", word, REFUSED, "this is a Word document, not an archive of C files"},
    {"html.zip", html, REFUSED, "this is a web page, not an archive (was the download logged in?)"},
    {"tar-as-zip.zip", tar_plain, NOTED, "this is a tar file named .zip; it was opened as"},
    {"zip-as-gz.tar.gz", zip_plain, NOTED, "this is a zip file named .tar.gz; it was opened as"},
    {"tar-as-gz.tar.gz", tar_plain, NOTED, "this is a tar file named .tar.gz; it was opened as"},
    {"source.c", one_source, REFUSED, NOT_LOOKED_FOR},
    {"source-text.c.txt", one_source, REFUSED, NOT_LOOKED_FOR},
    {"source-gz.c.gz", one_source_gz, REFUSED, "one compressed file was handed in, not a tar"},

    {"cut.zip", cut_zip, REFUSED, DAMAGED},
    {"cut-tar.tar", cut_tar, REFUSED, DAMAGED},
    {"cut-gz.tar.gz", cut_tar_gz, REFUSED, DAMAGED},
    {"checksum.zip", wrong_checksum, REFUSED, "the archive is damaged (checksum of one file)"},
    {"deflate64.zip", deflate64, REFUSED, "a compression method in this archive is not supported"},
    {"behind-program.zip", behind_program, TAKEN, NULL},
    {"before-footer.zip", before_footer, TAKEN, NULL},
    {"streamed.zip", streamed, TAKEN, NULL},
    {"zip64.zip", zip64, TAKEN, NULL},
    {"tar-before-zip.tar", tar_before_zip, TAKEN, NULL},
    {"zip-behind-gzip.gz", zip_behind_gzip, REFUSED, "the archive is inconsistent"},
};

START_TEST(each_archive_is_taken_or_its_report_says_why_not)
{
    odds_expect(odds, sizeof odds / sizeof odds[0]);
}
END_TEST

/* Takes in one archive as a.zip. */
static void take_one(struct grading *grading, void (*make)(struct text *out))
{
    struct text archive = {0};
    grading_open(grading, "include/loop.h\n");
    make(&archive);
    grading_write(grading, "in/a.zip", text_str(&archive), archive.length);
    ck_assert_int_eq(grading_take(grading, "in", NULL), 0);
    text_release(&archive);
}

/* What is graded is what was handed in: the compiler reads CRLF and marks. */
START_TEST(line_ends_stay_as_they_are)
{
    struct grading grading;
    take_one(&grading, crlf_bom);
    grading_holds(&grading, "s-a", "include/loop.h",
                  "\xef\xbb\xbf"
                  "int loop_once(int n);\r\n");
    grading_close(&grading);
}
END_TEST

START_TEST(one_password_for_all_is_said_of_the_archive)
{
    struct grading grading;
    take_one(&grading, locked);
    ck_assert_str_eq(grading_find(&grading, "s-a")->problem,
                     "this archive has a password; hand it in again without one");
    grading_close(&grading);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {each_archive_is_taken_or_its_report_says_why_not,
                                  line_ends_stay_as_they_are,
                                  one_password_for_all_is_said_of_the_archive, NULL};
    return run_tests("grade archives", tests);
}
