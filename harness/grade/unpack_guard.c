#define _GNU_SOURCE /* close_range */
/*
 * The reader needs no files, no sockets, no processes: it is given both its descriptors. A system
 * call that is not on the list fails with EPERM; the C library copes, an attacker has nothing.
 */
#include "grade/unpack_guard.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MEMORY_MB = 1024 }; /* xz asks for 64 MB and some at its highest level */

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

/* A sanitized program maps terabytes before main. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { IS_SANITIZED = 1 };
#else
enum { IS_SANITIZED = 0 };
#endif

static int set_limits(const struct unpack_limits *limits)
{
    const rlim_t cpu = (rlim_t)limits->cpu_s, memory = (rlim_t)MEMORY_MB << 20;
    alarm((unsigned)limits->wall_s);
    if (setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}) != 0 ||
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){0, 0}) != 0 ||
        setrlimit(RLIMIT_CPU, &(struct rlimit){cpu, cpu + 1}) != 0)
        return -1;
    return IS_SANITIZED ? 0 : setrlimit(RLIMIT_AS, &(struct rlimit){memory, memory});
}

#ifdef ARCHITECTURE
#define ALLOW(call)                                                                                \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static int set_filter(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(SYS_read),
        ALLOW(SYS_write),
        ALLOW(SYS_lseek),
        ALLOW(SYS_mmap),
        ALLOW(SYS_munmap),
        ALLOW(SYS_mremap),
        ALLOW(SYS_mprotect),
        ALLOW(SYS_madvise),
        ALLOW(SYS_brk),
        ALLOW(SYS_futex),
        ALLOW(SYS_clock_gettime),
        ALLOW(SYS_getrandom),
        ALLOW(SYS_sched_yield),
        ALLOW(SYS_sigaltstack),
        ALLOW(SYS_rt_sigreturn),
        ALLOW(SYS_rt_sigprocmask),
        ALLOW(SYS_getpid),
        ALLOW(SYS_gettid),
        ALLOW(SYS_exit),
        ALLOW(SYS_exit_group),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -1;
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        return errno == EINVAL || errno == ENOSYS ? 0 : -1; /* a kernel without filters */
    return 0;
}
#else
static int set_filter(void)
{
    return 0;
}
#endif

int unpack_guard(const struct unpack_limits *limits)
{
    close_range(STDERR_FILENO + 1, ~0U, 0);
    prctl(PR_SET_DUMPABLE, 0);
    return set_limits(limits) == 0 && set_filter() == 0 ? 0 : -1;
}
