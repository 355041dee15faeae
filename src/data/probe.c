/* probe.c - one child a file, which answers through a pipe or dies. */
#include "probe.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"
#include "check.h"
#include "described.h"

enum {
  CPU_SECONDS = 30,   /* of the child: 10000 groups take 2 */
  START_MILLI = 5000, /* until the child has the lock of HDF5 */
  ATTEMPTS = 3,       /* at a moment when no other thread has it */
  MESSAGE_MAX = 2048
};

typedef struct answer {
  mpp_status st;
  char message[MESSAGE_MAX];
} answer;
_Static_assert(sizeof(answer) <= 4096, "a pipe takes it in one piece (PIPE_BUF)");

/* Everything a dataset will ask of the metadata, and the first frame. */
static mpp_status inspect(const char *path, const mpp_data_request *request)
{
  mpp_status st = MPP_OK;
  mpp_data_file f = mpp_data_file_none;
  mpp_read_buffer buffer = {0};
  float *frame = NULL;
  double *x = NULL;
  size_t n = 0;
  MPP_TRY(mpp_data_file_open(&f, path, request));
  MPP_TRY(mpp_described_verify(&f));
  const mpp_description *d = f.about;
  const size_t factors[] = {d->nfields, d->grid[0], d->grid[1], d->grid[2]};
  const mpp_part space[3] = {{0, 1, d->grid[0]}, {0, 1, d->grid[1]}, {0, 1, d->grid[2]}};
  MPP_REQUIRE(mpp_product(&n, factors, 4), MPP_ERR_DATA, "%s: a frame does not fit into memory",
              path);
  MPP_TRY(MPP_ALLOC(&frame, n));
  MPP_TRY(mpp_described_read(&f, &buffer, frame, 0, d->nfields, 0, (mpp_part){0, 1, 1}, space));
  MPP_TRY(MPP_ALLOC(&x, n > d->nframes ? n : d->nframes)); /* no axis is longer than a frame */
  for (size_t i = 0; i < d->ntrajectories; i++) { MPP_TRY(mpp_described_times(&f, x, i)); }
  for (int a = 0; a < 3; a++) {
    if (d->space[a].name[0] != '\0') {
      MPP_TRY(mpp_described_coordinates(&f, x, a));
    }
  }
done:
  mpp_free(x);
  mpp_free(frame);
  mpp_read_buffer_free(&buffer);
  mpp_data_file_close(&f);
  return st;
}

static bool write_all(int fd, const void *data, size_t size)
{
  ssize_t n;
  do {
    n = write(fd, data, size);
  } while (n < 0 && errno == EINTR);
  return n == (ssize_t)size;
}

/* Dies quietly of what would kill it: no core file, no report of a sanitizer. */
static _Noreturn void run_child(int fd, const char *path, const mpp_data_request *request)
{
  static const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGXCPU};
  const struct rlimit no_core = {0, 0}, cpu = {CPU_SECONDS, CPU_SECONDS};
  answer a = {.st = MPP_OK};
  for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++) { signal(deadly[i], SIG_DFL); }
  if (setrlimit(RLIMIT_CORE, &no_core) != 0 || setrlimit(RLIMIT_CPU, &cpu) != 0) {
    _exit(1);
  }
  mpp_h5_lock(); /* for ever, if another thread had it when we were forked */
  const char started = 's';
  bool written = write_all(fd, &started, 1);
  a.st = inspect(path, request);
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
static bool ask_child(mpp_status *st, const char *path, const mpp_data_request *request)
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
    run_child(ends[1], path, request);
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
  } else if (asked) {
    *st = mpp_fail(MPP_ERR_DATA, "%s: HDF5 file is damaged: reading it %s", path,
                   WIFSIGNALED(how) && WTERMSIG(how) == SIGXCPU ? "does not end"
                                                                : "crashes the HDF5 library");
  }
  return asked;
}

mpp_status mpp_data_file_probe(bool *probed, const char *path, const mpp_data_request *request)
{
  mpp_status st = MPP_OK;
  *probed = false;
  MPP_TRY(mpp_h5_init()); /* in the parent, so that each child need not */
  for (int i = 0; i < ATTEMPTS && !*probed; i++) {
    mpp_h5_lock(); /* waits for a reading thread */
    mpp_h5_unlock();
    *probed = ask_child(&st, path, request);
  }
done:
  return st;
}
