/* file_room.c - room on the disk: taken before it is written to, and told where there is too
 * little. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "alloc.h"
#include "check.h"
#include "file.h"

static bool bytes_free(unsigned long long *out, const char *path)
{
  char folder[MPP_PATH_MAX];
  struct statvfs fs;
  if (mpp_folder_of(folder, path) != MPP_OK || statvfs(folder, &fs) != 0) {
    return false;
  }
  *out = (unsigned long long)fs.f_bavail * (unsigned long long)fs.f_frsize;
  return true;
}

mpp_status mpp_fail_io(const char *path, int error)
{
  unsigned long long room = 0;
  if ((error == ENOSPC || error == EDQUOT) && bytes_free(&room, path)) {
    return mpp_fail(MPP_ERR_IO, "%s: %s (%llu bytes free)", path, strerror(error), room);
  }
  return mpp_fail(error == ENOMEM ? MPP_ERR_NOMEM : MPP_ERR_IO, "%s: %s", path, strerror(error));
}

mpp_status mpp_fail_room(const char *path, int error, size_t needed)
{
  unsigned long long room = 0;
  struct rlimit limit;
  if ((error == ENOSPC || error == EDQUOT) && bytes_free(&room, path)) {
    return mpp_fail(MPP_ERR_IO, "%s: %s (needs up to %zu more bytes, %llu bytes free)", path,
                    strerror(error), needed, room);
  }
  if (error == EFBIG && getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    return mpp_fail(MPP_ERR_IO, "%s: %s (needs up to %zu more bytes, ulimit -f allows %llu in all)",
                    path, strerror(error), needed, (unsigned long long)limit.rlim_cur);
  }
  return mpp_fail_io(path, error);
}

mpp_status mpp_reserve_room(int fd, const char *path, size_t from, size_t size)
{
  struct rlimit limit;
  int error = 0;
  size_t end = 0;
  if (!mpp_add(&end, from, size) || end > INT64_MAX) {
    return mpp_fail(MPP_ERR_IO, "%s: %s (needs up to %zu more bytes)", path, strerror(EFBIG), size);
  }
  if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
      (rlim_t)end > limit.rlim_cur) {
    error = EFBIG;
  }
  errno = 0;
  while (error == 0 && size > 0 &&
         (mpp_fault() || fallocate(fd, FALLOC_FL_KEEP_SIZE, (off_t)from, (off_t)size) != 0)) {
    if (errno == EOPNOTSUPP || errno == ENOSYS) { /* some network file systems */
      return MPP_OK;
    }
    if (errno != EINTR) {
      error = errno != 0 ? errno : EIO;
    }
  }
  return error == 0 ? MPP_OK : mpp_fail_room(path, error, size);
}

mpp_status mpp_check_room(const char *path, const char *temporary, size_t size)
{
  mpp_status st = MPP_OK;
  int fd = -1;
  MPP_TRY(mpp_create_file(&fd, temporary));
  st = mpp_reserve_room(fd, path, 0, size);
  close(fd);
  unlink(temporary);
done:
  return st;
}
