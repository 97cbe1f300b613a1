/*
 * The commands of the pages are run, as a reader types them: curl against the service that the page
 * has started, scripts of a probe, make check where it is quick. The reference stands in for the
 * reader's own code. A table names what is not run, with the reason.
 */
#define _GNU_SOURCE
#include "tests/markdown.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "course/lab.h"
#include "suites/suites.h"
#include "tests/run_tests.h"

static const struct {
    const char *begin, *reason;
} not_run[] = {
    {"make check-tests", "a part of run.sh"},
    {"make kill-matrix", "a part of run.sh"},
    {"make handbook", "a part of run.sh"},
    {"make diagrams", "a part of run.sh"},
    {"make samples", "a part of run.sh, which compares"},
    {"make test", "this is a part of it"},
    {"make bench", "takes minutes, and the machine alone"},
    {"make debug", "gdb waits for a person"},
    {"make hint", "counts what a person has seen"},
    {"make watch", "waits for a person"},
    {"make doctor", "says what this machine lacks"},
    {"make deps", "installs packages"},
    {"make check", "of a whole lab: the part `solutions` of run.sh"},
    {"build/svclab", "named in a sentence; what needs a run is a part of run.sh"},
    {"svclab", "named in a sentence"},
    {"docker ", "needs Docker"},
    {"git ", "changes the tree"},
    {"$EDITOR ", "waits for a person"},
};

enum { CURL_TIMED_OUT = 28 };
enum kind { KIND_NONE, KIND_SERVICE, KIND_SCRIPT, KIND_MAKE };

/* A page that is being read, and the service that it has started last. */
struct reading {
    enum kind wanted; /* the others are passed over */
    char folder[128]; /* where that service runs: build/run is below it */
    pid_t pid;        /* of svclab run; 0 = none */
    int out;
    struct text said;      /* what svclab run said */
    char script[CODE_MAX]; /* the printf of the line before */
    char id[80];           /* of the last answer that had one */
    struct text done;      /* calls of make, one a line: each is made once */
    int ran;
};

/* Replaces each `old` in the text. */
static void replace(struct text *text, const char *old, const char *fresh)
{
    struct text result = {0};
    const char *at = text_str(text);
    for (const char *next; (next = strstr(at, old)) != NULL; at = next + strlen(old)) {
        text_append(&result, at, (size_t)(next - at));
        text_add(&result, fresh);
    }
    text_add(&result, at);
    text_release(text);
    *text = result;
}

/* Runs a line of shell; its words are added to said. Its exit status; -1 by a signal, or when it
 * could not be run. */
static int shell(const char *line, struct text *said)
{
    char bytes[1024];
    size_t got = 0;
    FILE *out = popen(line, "r");
    if (out == NULL)
        return -1;
    while ((got = fread(bytes, 1, sizeof bytes, out)) > 0)
        text_append(said, bytes, got);
    const int status = pclose(out);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* --- a service -------------------------------------------------------------------------------- */

static void stop_service(struct reading *reading)
{
    if (reading->pid == 0)
        return;
    kill(reading->pid, SIGTERM);
    ck_assert_int_eq(waitpid(reading->pid, NULL, 0), reading->pid);
    close(reading->out);
    text_release(&reading->said);
    files_remove(reading->folder);
    reading->pid = 0;
}

/* A folder of its own with the peers in it: the reader's own build/run is not touched. */
static void make_folder(struct reading *reading, const char *root)
{
    char path[192], peers[512];
    snprintf(reading->folder, sizeof reading->folder, BUILD_FOLDER "/asan/tests/docs-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(reading->folder));
    snprintf(path, sizeof path, "%s/" BUILD_FOLDER, reading->folder);
    ck_assert_int_eq(files_make(path, NULL), 0);
    snprintf(path, sizeof path, "%s/" BUILD_FOLDER "/peers", reading->folder);
    snprintf(peers, sizeof peers, "%s/" BUILD_FOLDER "/peers", root);
    ck_assert_int_eq(symlink(peers, path), 0);
}

static void run_service(const char *root, const struct reading *reading, const char *service,
                        int out)
{
    char program[512], programs[512];
    snprintf(program, sizeof program, "%s/" BUILD_FOLDER "/svclab", root);
    snprintf(programs, sizeof programs, "%s/" BUILD_FOLDER "/trees/solutions", root);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO); /* a few lines: they fit into the pipe */
    if (chdir(reading->folder) == 0)
        execl(program, "svclab", "run", "--service", service, "--port", "0", "--tree", "solutions",
              "--programs", programs, (char *)NULL);
    _exit(127);
}

static void start_service(struct reading *reading, const struct code *code, const char *service)
{
    char root[384], byte = '\0';
    int ends[2];
    stop_service(reading);
    ck_assert_ptr_nonnull(getcwd(root, sizeof root));
    make_folder(reading, root);
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    reading->pid = fork();
    ck_assert_int_ge(reading->pid, 0);
    if (reading->pid == 0)
        run_service(root, reading, service, ends[1]);
    close(ends[1]);
    reading->out = ends[0];
    while (strstr(text_str(&reading->said), "another terminal:") == NULL) {
        ck_assert_msg(read(reading->out, &byte, 1) == 1, "%s:%d: '%s' says only: %s", code->page,
                      code->line, code->text, text_str(&reading->said));
        text_append(&reading->said, &byte, 1);
    }
}

/* The address behind these words in what svclab run said, without http://. */
static void address_behind(const struct reading *reading, const char *words, char *out, size_t size)
{
    const char *at = strstr(text_str(&reading->said), words);
    const char *url = at == NULL ? NULL : strstr(at, "http://");
    const char *address = url == NULL ? "" : url + strlen("http://");
    ck_assert_msg(address[0] != '\0', "svclab run names no %s", words);
    snprintf(out, size, "%.*s", (int)strcspn(address, " \n"), address);
}

/* --- curl ------------------------------------------------------------------------------------- */

/* Whether the status is one that the page promises: behind a #, or as "It answers 201" below. */
static int is_promised(const struct code *code, const char *status)
{
    static const char answers[] = "It answers ";
    const char *below = code->below + strspn(code->below, " \n");
    int promises = 0;
    for (const char *at = code->note; *at != '\0'; at++)
        promises |= isdigit((unsigned char)at[0]) && isdigit((unsigned char)at[1]) &&
                    isdigit((unsigned char)at[2]);
    if (promises)
        return strstr(code->note, status) != NULL;
    if (strncmp(below, answers, strlen(answers)) == 0)
        return strncmp(below + strlen(answers), status, 3) == 0;
    return status[0] == '2';
}

static void keep_id(struct reading *reading, const char *answer)
{
    const char *id = strstr(answer, "\"id\":\"");
    if (id == NULL)
        return;
    id += strlen("\"id\":\"");
    snprintf(reading->id, sizeof reading->id, "%.*s", (int)strcspn(id, "\""), id);
}

/* A 503 that lasts is one; a machine that is busy for a moment says the same. */
static void run_curl(struct reading *reading, const struct code *code)
{
    struct text line = {0}, said = {0};
    char address[64] = "", id[96];
    ck_assert_msg(reading->pid != 0, "%s:%d: no service runs here: name it by make run first",
                  code->page, code->line);
    text_add(&line, code->text);
    const int shows_ledger = strstr(code->text, "ADDRESS") != NULL;
    address_behind(reading, shows_ledger ? "inventory-service" : "answers on", address,
                   sizeof address);
    snprintf(id, sizeof id, "/%s", reading->id);
    replace(&line, "localhost:8080", address);
    replace(&line, "ADDRESS", address);
    replace(&line, "/ID", id);
    const int is_endless = strstr(code->text, "curl -N") != NULL; /* some of a stream is enough */
    replace(&line, "curl ",
            is_endless ? "curl -sS --max-time 2 -w '\\n%{http_code}' "
                       : "curl -sS --retry 3 --max-time 20 -w '\\n%{http_code}' ");
    int status = shell(text_str(&line), &said);
    if (is_endless && status == CURL_TIMED_OUT)
        status = 0;
    const char *last = strrchr(text_str(&said), '\n');
    const int right = strstr(code->text, " | ") != NULL
                          ? said.length > 0
                          : last != NULL && is_promised(code, last + 1);
    ck_assert_msg(status == 0 && right, "%s:%d: '%s' answers:\n%s", code->page, code->line,
                  text_str(&line), text_str(&said));
    keep_id(reading, text_str(&said));
    text_release(&line);
    text_release(&said);
}

/* --- scripts, make ---------------------------------------------------------------------------- */

/* A printf and the probe that plays what it wrote. */
static void run_probe(struct reading *reading, const struct code *code)
{
    struct text line = {0}, said = {0};
    text_addf(&line, "cd " BUILD_FOLDER "/asan/tests && %s && %s", reading->script, code->text);
    replace(&line, "/tmp/script", "docs.script");
    replace(&line, "build/trees/labs/", "../../trees/solutions/");
    const int status = shell(text_str(&line), &said);
    ck_assert_msg(status == 0 && strstr(text_str(&said), "< ok") != NULL &&
                      strstr(text_str(&said), "< bad") == NULL,
                  "%s:%d: '%s' ends with %d and says:\n%s", code->page, code->line, code->text,
                  status, text_str(&said));
    text_release(&line);
    text_release(&said);
}

/* Quick ones: the tour, a drill, a part of a lab. */
static int is_quick_check(const char *text)
{
    return strncmp(text, "make check ", 11) == 0 && strchr(text, '[') == NULL &&
           (strstr(text, "LAB=00") != NULL || strstr(text, "LAB=drill-") != NULL ||
            (strstr(text, "LAB=") != NULL && strstr(text, "CHECK=") != NULL)) &&
           strstr(text, "NAME") == NULL;
}

static void run_make(struct reading *reading, const struct code *code)
{
    struct text line = {0}, said = {0};
    text_add(&line, code->text);
    replace(&line, "make ", "make -s --no-print-directory BUILD=" BUILD_FOLDER " ");
    if (strstr(code->text, "make check") != NULL && strstr(code->text, "LABS=") == NULL)
        text_add(&line, " LABS=solutions");
    text_add(&line, " 2>&1\n");
    if (strstr(text_str(&reading->done), text_str(&line)) == NULL) {
        const int status = shell(text_str(&line), &said);
        ck_assert_msg(status == 0, "%s:%d: '%s' ends with %d and says:\n%s", code->page, code->line,
                      text_str(&line), status, text_str(&said));
        text_add(&reading->done, text_str(&line));
    }
    text_release(&line);
    text_release(&said);
}

/* What is to be done with a command, NOTHING for one of not_run. */
static enum kind kind_of(const struct code *code)
{
    const char *text = code->text;
    if (strncmp(text, "make run", 8) == 0 || strncmp(text, "curl ", 5) == 0 ||
        strstr(text, "docker compose up") != NULL)
        return KIND_SERVICE;
    if (strncmp(text, "printf ", 7) == 0 || strncmp(text, "build/trees/labs/", 17) == 0)
        return KIND_SCRIPT;
    if (is_quick_check(text) || strcmp(text, "make help") == 0)
        return KIND_MAKE;
    for (size_t i = 0; i < sizeof not_run / sizeof not_run[0]; i++)
        if (strncmp(text, not_run[i].begin, strlen(not_run[i].begin)) == 0)
            return KIND_NONE;
    ck_assert_msg(strcmp(text, "make") == 0,
                  "%s:%d: '%s' is not run: teach it to kind_of, or give a reason in not_run",
                  code->page, code->line, text);
    return KIND_NONE;
}

static void run_service_of(struct reading *reading, const struct code *code)
{
    static const char service[] = "make run SERVICE=";
    char name[32];
    if (strncmp(code->text, "curl ", 5) == 0) {
        run_curl(reading, code);
    } else if (strncmp(code->text, service, strlen(service)) == 0) {
        const char *at = code->text + strlen(service);
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, " "), at);
        start_service(reading, code, name);
    } else if (strncmp(code->text, "docker ", 7) == 0) {
        start_service(reading, code, "checkout"); /* the one that is published */
    }
}

static void run_code(const struct code *code, void *context)
{
    struct reading *reading = context;
    if (!is_command(code->text) || kind_of(code) != reading->wanted)
        return;
    reading->ran++;
    if (reading->wanted == KIND_SERVICE)
        run_service_of(reading, code);
    else if (reading->wanted == KIND_MAKE)
        run_make(reading, code);
    else if (strncmp(code->text, "printf ", 7) == 0)
        snprintf(reading->script, sizeof reading->script, "%s", code->text);
    else
        run_probe(reading, code);
}

static void run_all(enum kind wanted, int least)
{
    glob_t pages = {0};
    struct reading reading = {.wanted = wanted};
    pages_find(&pages);
    for (size_t i = 0; i < pages.gl_pathc; i++) {
        code_of_page(pages.gl_pathv[i], run_code, &reading);
        stop_service(&reading);
    }
    ck_assert_msg(reading.ran >= least, "only %d commands: are they still found?", reading.ran);
    text_release(&reading.done);
    globfree(&pages);
}

START_TEST(services_answer_as_the_page_says)
{
    run_all(KIND_SERVICE, 15);
}
END_TEST

START_TEST(probes_play_the_scripts_of_the_page)
{
    run_all(KIND_SCRIPT, 8);
}
END_TEST

START_TEST(quick_checks_pass)
{
    run_all(KIND_MAKE, 8);
}
END_TEST

/* Builds what the pages use, outside of the test's time. */
static void build_solutions(void)
{
    for (int i = 0; all_labs[i] != NULL; i++) {
        struct text line = {0}, said = {0};
        if (strncmp(all_labs[i]->name, "drill", 5) == 0)
            continue;
        text_addf(&line,
                  "make -s --no-print-directory BUILD=" BUILD_FOLDER
                  " check LABS=solutions LAB=%s CHECK=%s 2>&1",
                  all_labs[i]->name, lab_check(all_labs[i], 0)->id);
        if (shell(text_str(&line), &said) != 0)
            fputs(text_str(&said), stderr);
        text_release(&line);
        text_release(&said);
    }
}

int main(void)
{
    const TTest *const tests[] = {services_answer_as_the_page_says,
                                  probes_play_the_scripts_of_the_page, quick_checks_pass, NULL};
    build_solutions();
    return run_tests("docs run", tests);
}
