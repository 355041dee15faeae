/* kill_writes.h - HDF5 writes through pwrite: a program that includes this has its own, which
 * counts the calls, can kill the process at one of them, or fail from one on. Include it in one
 * file only. */
#ifndef MPP_KILL_WRITES_H
#define MPP_KILL_WRITES_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mpp/status.h"

static long writes, kill_at = -1, fail_at = -1;
static bool no_space; /* what fallocate finds */

static ssize_t counted_write(int fd, const void *data, size_t size, off_t at)
{
  const long n = writes++;
  if (n == kill_at) {
    kill(getpid(), SIGKILL);
  }
  if (fail_at >= 0 && n >= fail_at) {
    errno = ENOSPC;
    return -1;
  }
  return syscall(SYS_pwrite64, fd, data, size, at);
}

/* The default visibility lets the libraries find them. */
MPP_API ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
  return counted_write(fd, data, size, at);
}
MPP_API ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
  return counted_write(fd, data, size, at);
}

MPP_API int fallocate(int fd, int mode, off_t at, off_t size)
{
  if (no_space) {
    errno = ENOSPC;
    return -1;
  }
  return (int)syscall(SYS_fallocate, fd, mode, at, size);
}

/* Exit status of a child that runs `work` and is killed at write `at` (-1: never). */
static inline int run_killed(int (*work)(void *), void *context, long at)
{
  int status = 0;
  const pid_t child = fork();
  if (child == 0) {
    writes = 0;
    kill_at = at;
    _exit(work(context));
  }
  return child > 0 && waitpid(child, &status, 0) == child ? status : -1;
}

#endif
