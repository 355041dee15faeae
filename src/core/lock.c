/* lock.c - one process at a time in a run directory. flock goes with its holder, so a lock of a
 * process that was killed is free; the text in the file only names the holder. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "check.h"
#include "file.h"

/* A fault asked for by a test, as the system would report it. */
static bool injected(void)
{
  if (mpp_fault()) {
    errno = EIO;
    return true;
  }
  return false;
}

/* The file behind `fd` is still the one of that name: its last holder removes it. */
static bool same_file(int fd, const char *path)
{
  struct stat open_file, named_file;
  return fstat(fd, &open_file) == 0 && stat(path, &named_file) == 0 &&
         open_file.st_dev == named_file.st_dev && open_file.st_ino == named_file.st_ino;
}

static mpp_status name_holder(int fd, const char *path)
{
  char holder[320] = "", host[256] = "?";
  long pid = 0;
  const ssize_t n = pread(fd, holder, sizeof holder - 1, 0);
  holder[n > 0 ? n : 0] = '\0';
  if (sscanf(holder, "%ld %255s", &pid, host) < 1) {
    return mpp_fail(MPP_ERR_EXISTS, "%s: is held by another process", path);
  }
  return mpp_fail(MPP_ERR_EXISTS, "%s: is held by process %ld on %s", path, pid, host);
}

/* Above the standard streams, so that a held lock is never descriptor 0. */
static int open_high(const char *path)
{
  const int low = injected() ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, (mode_t)0666);
  if (low < 0 || low > STDERR_FILENO) {
    return low;
  }
  const int high = fcntl(low, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  close(low);
  return high;
}

mpp_status mpp_lock_take(mpp_lock *lock, const char *path)
{
  mpp_status st = MPP_OK;
  int fd = -1;
  char holder[320], host[256] = "?";
  MPP_REQUIRE(strlen(path) < MPP_PATH_MAX, MPP_ERR_EXISTS, "%.100s...: path is too long", path);
  for (bool mine = false; !mine;) {
    fd = open_high(path);
    MPP_REQUIRE(fd >= 0, MPP_ERR_EXISTS, "%s: cannot be created: %s", path, strerror(errno));
    if (injected() || flock(fd, LOCK_EX | LOCK_NB) != 0) {
      st = errno == EWOULDBLOCK
               ? name_holder(fd, path)
               : mpp_fail(MPP_ERR_IO, "%s: cannot be locked: %s", path, strerror(errno));
      goto done;
    }
    mine = same_file(fd, path);
    if (!mine) {
      close(fd);
      fd = -1;
    }
  }
  gethostname(host, sizeof host - 1);
  const int n = snprintf(holder, sizeof holder, "%ld %s\n", (long)getpid(), host);
  if (injected() || ftruncate(fd, 0) != 0) {
    st = mpp_fail_io(path, errno);
    goto done;
  }
  MPP_TRY(mpp_write_all(fd, path, holder, (size_t)n));
  lock->fd = fd;
  snprintf(lock->path, sizeof lock->path, "%s", path);
  fd = -1;
done:
  if (fd >= 0) {
    close(fd);
  }
  return st;
}

void mpp_lock_release(mpp_lock *lock)
{
  if (lock->fd > 0) {
    unlink(lock->path); /* first: who opens it now gets a file of their own */
    close(lock->fd);
  }
  lock->fd = -1;
}
