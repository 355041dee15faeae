/* confine.c - one child a file, which answers through a pipe or dies. */
#include "confine.h"

#include <errno.h>
#include <linux/landlock.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "h5.h"
#include "memory.h"
#include "mpp/input.h"

enum {
  CPU_SECONDS = 10,   /* of the child: 10000 groups take 2 */
  START_MILLI = 5000, /* until the child has the lock of HDF5 */
  ATTEMPTS = 3,       /* at a moment when no other thread has it */
  MESSAGE_MAX = 2048,
  WITHOUT_MEMORY = 2 /* code of a child that ends so */
};

typedef struct answer {
  mpp_status st;
  char message[MESSAGE_MAX];
} answer;
_Static_assert(sizeof(answer) <= 4096, "a pipe takes it in one piece (PIPE_BUF)");

static atomic_bool trusted;

void mpp_trust_input(bool trust)
{
  atomic_store(&trusted, trust);
  mpp_h5_allow_plugins(trust);
}

static bool write_all(int fd, const void *data, size_t size)
{
  ssize_t n;
  do {
    n = write(fd, data, size);
  } while (n < 0 && errno == EINTR);
  return n == (ssize_t)size;
}

/* Nothing of the file system can be changed and no program started: the first version of Landlock
 * has all these. A kernel without it leaves the limits below. */
static void forbid_changes(void)
{
  const struct landlock_ruleset_attr all = {
      .handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                           LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                           LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
                           LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                           LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
                           LANDLOCK_ACCESS_FS_MAKE_SYM};
  const long rules = syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
  if (rules >= 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) {
    (void)syscall(SYS_landlock_restrict_self, (int)rules, 0);
  }
}

static bool limit(__rlimit_resource_t resource, rlim_t most)
{
  struct rlimit now;
  if (getrlimit(resource, &now) != 0) {
    return false;
  }
  now.rlim_cur = now.rlim_max = most < now.rlim_max ? most : now.rlim_max;
  return setrlimit(resource, &now) == 0;
}

/* A file of zero bytes at most is a file that cannot be written; a pipe is none. */
static bool confine(void)
{
  const mpp_memory m = mpp_memory_look();
  const rlim_t room = m.available == SIZE_MAX || m.addresses > SIZE_MAX - m.available
                          ? RLIM_INFINITY
                          : (rlim_t)(m.addresses + m.available);
  forbid_changes();
  return limit(RLIMIT_CORE, 0) && limit(RLIMIT_CPU, CPU_SECONDS) && limit(RLIMIT_FSIZE, 0) &&
         limit(RLIMIT_AS, room);
}

static const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGXCPU};
enum { DEADLY = sizeof deadly / sizeof deadly[0] };

/* HDF5 crashes, or ends the program, where an allocation fails: no fault of the file. */
static void on_end(int code, void *context)
{
  (void)context;
  errno = ENOMEM;
  _exit(mpp_memory_is_short() ? WITHOUT_MEMORY : code);
}

static void on_crash(int number)
{
  errno = ENOMEM; /* that of the allocation may be gone */
  if (number != SIGXCPU && mpp_memory_is_short()) {
    _exit(WITHOUT_MEMORY);
  }
  signal(number, SIG_DFL);
  raise(number);
}

/* Dies quietly of what would kill it: no core file, no report of a sanitizer. */
static void watch_end(void)
{
  static char stack[1 << 16]; /* the other one may be full */
  const stack_t own = {.ss_sp = stack, .ss_size = sizeof stack};
  const struct sigaction act = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK};
  (void)sigaltstack(&own, NULL);
  for (int i = 0; i < DEADLY; i++) { sigaction(deadly[i], &act, NULL); }
  (void)on_exit(on_end,
                NULL); /* before those of the program, which would write what it has begun */
}

static _Noreturn void run_child(int fd, const char *path, mpp_inspection inspect,
                                const void *context)
{
  answer a = {.st = MPP_OK};
  watch_end();
  signal(SIGXFSZ, SIG_IGN); /* a write is refused, not deadly */
  if (!confine()) {
    _exit(1);
  }
  mpp_h5_lock(); /* for ever, if another thread had it when we were forked */
  const char started = 's';
  bool written = write_all(fd, &started, 1);
  a.st = inspect(path, context);
  snprintf(a.message, sizeof a.message, "%s", a.st == MPP_OK ? "" : mpp_last_error());
  written = written && write_all(fd, &a, sizeof a);
  _exit(written ? 0 : 1);
}

/* Reads up to `size` bytes; fewer mean that the child has ended. */
static size_t read_all(int fd, void *data, size_t size)
{
  size_t have = 0;
  while (have < size) {
    const ssize_t n = read(fd, (char *)data + have, size - have);
    if (n > 0) {
      have += (size_t)n;
    } else if (n == 0 || errno != EINTR) {
      break;
    }
  }
  return have;
}

static bool has_started(int fd)
{
  struct pollfd p = {.fd = fd, .events = POLLIN};
  int rc;
  do {
    rc = poll(&p, 1, START_MILLI);
  } while (rc < 0 && errno == EINTR);
  return rc > 0;
}

/* One child; false: it did not come to the file. */
static bool ask_child(mpp_status *st, const char *path, mpp_inspection inspect, const void *context)
{
  int ends[2], how = 0;
  char started = 0;
  answer a = {.st = MPP_OK};
  if (pipe(ends) != 0) {
    return false;
  }
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    run_child(ends[1], path, inspect, context);
  }
  close(ends[1]);
  bool asked = child > 0 && has_started(ends[0]) && read_all(ends[0], &started, 1) == 1;
  const bool answered = asked && read_all(ends[0], &a, sizeof a) == sizeof a;
  if (child > 0) {
    if (!answered) {
      kill(child, SIGKILL); /* it is dead, or waits for a lock */
    }
    while (waitpid(child, &how, 0) < 0 && errno == EINTR) {}
  }
  close(ends[0]);
  if (answered) {
    a.message[sizeof a.message - 1] = '\0';
    *st = a.st == MPP_OK ? MPP_OK : mpp_fail(a.st, "%s", a.message);
  } else if (asked && WIFEXITED(how) && WEXITSTATUS(how) == WITHOUT_MEMORY) {
    *st = mpp_fail(MPP_ERR_NOMEM, "%s: out of memory while it was looked at", path);
  } else if (asked) {
    *st = mpp_fail(MPP_ERR_DATA, "%s: HDF5 file is damaged: reading it %s", path,
                   WIFSIGNALED(how) && WTERMSIG(how) == SIGXCPU ? "does not end"
                                                                : "crashes the HDF5 library");
  }
  return asked;
}

mpp_status mpp_confine(bool *looked, const char *path, mpp_inspection inspect, const void *context)
{
  mpp_status st = MPP_OK;
  *looked = false;
  MPP_TRY(mpp_h5_init()); /* in the parent, so that each child need not */
  for (int i = 0; i < ATTEMPTS && !*looked && !atomic_load(&trusted); i++) {
    mpp_h5_lock(); /* waits for a reading thread */
    mpp_h5_unlock();
    *looked = ask_child(&st, path, inspect, context);
  }
done:
  return st;
}
