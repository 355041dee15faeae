/* file.c - inputs are checked before a library sees them, outputs appear whole under their final
 * name: temporary name beside it, fsync, rename, fsync of the folder. */
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "check.h"

/* A fault asked for by a test, as the system would report it. */
static bool injected(void)
{
  if (mpp_fault()) {
    errno = EIO;
    return true;
  }
  return false;
}

mpp_status mpp_folder_of(char out[MPP_PATH_MAX], const char *path)
{
  const char *slash = strrchr(path, '/');
  const size_t length = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);
  if (length >= MPP_PATH_MAX) {
    return mpp_fail(MPP_ERR_EXISTS, "%.100s...: path of %zu bytes, expected fewer than %d", path,
                    strlen(path), MPP_PATH_MAX);
  }
  memcpy(out, length > 0 ? path : ".", length > 0 ? length : 1);
  out[length > 0 ? length : 1] = '\0';
  return MPP_OK;
}

mpp_status mpp_check_input(const char *path)
{
  struct stat info;
  if (injected() || stat(path, &info) != 0) {
    return errno == ENOENT || errno == ENOTDIR
               ? mpp_fail(MPP_ERR_NOINPUT, "%s: no such file", path)
               : mpp_fail(MPP_ERR_NOINPUT, "%s: cannot be read: %s", path, strerror(errno));
  }
  if (!S_ISREG(info.st_mode)) {
    return mpp_fail(MPP_ERR_NOINPUT, "%s: is %s, expected a regular file", path,
                    S_ISDIR(info.st_mode)    ? "a folder"
                    : S_ISFIFO(info.st_mode) ? "a pipe"
                                             : "a device or socket");
  }
  if (faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) != 0) {
    return mpp_fail(MPP_ERR_NOINPUT, "%s: cannot be read: %s", path, strerror(errno));
  }
  return MPP_OK;
}

mpp_status mpp_check_output(const char *path, bool overwrite)
{
  mpp_status st = MPP_OK;
  char folder[MPP_PATH_MAX];
  struct stat info;
  MPP_REQUIRE(path[0] != '\0', MPP_ERR_EXISTS, "the name of an output file is empty");
  MPP_TRY(mpp_folder_of(folder, path));
  MPP_REQUIRE(!injected() && stat(folder, &info) == 0, MPP_ERR_EXISTS,
              "%s: cannot be created: folder '%s': %s", path, folder, strerror(errno));
  MPP_REQUIRE(S_ISDIR(info.st_mode), MPP_ERR_EXISTS, "%s: cannot be created: '%s' is not a folder",
              path, folder);
  MPP_REQUIRE(faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0, MPP_ERR_EXISTS,
              "%s: cannot be created: folder '%s': %s", path, folder, strerror(errno));
  if (stat(path, &info) == 0) { /* a rename would replace folders, devices and pipes alike */
    MPP_REQUIRE(S_ISREG(info.st_mode), MPP_ERR_EXISTS, "%s: exists and is not a regular file",
                path);
    MPP_REQUIRE(overwrite, MPP_ERR_EXISTS, "%s: exists already (overwrite it with --overwrite)",
                path);
  }
done:
  return st;
}

mpp_status mpp_temporary_name(char out[MPP_PATH_MAX], const char *final)
{
  static atomic_uint counter;
  char suffix[64];
  const int n =
      snprintf(suffix, sizeof suffix, ".tmp-%ld-%u", (long)getpid(), atomic_fetch_add(&counter, 1));
  const char *slash = strrchr(final, '/');
  const size_t folder = slash == NULL ? 0 : (size_t)(slash - final) + 1;
  size_t base = strlen(final) - folder;
  const bool fits = base <= NAME_MAX;
  if (base + (size_t)n > NAME_MAX) { /* a final name may use all 255 bytes */
    base = NAME_MAX - (size_t)n;
  }
  if (!fits || folder + base + (size_t)n >= MPP_PATH_MAX) {
    return mpp_fail(MPP_ERR_EXISTS, "%.100s...: path of %zu bytes is too long", final,
                    strlen(final));
  }
  memcpy(out, final, folder + base);
  memcpy(out + folder + base, suffix, (size_t)n + 1);
  return MPP_OK;
}

void mpp_remove_temporaries(const char *final)
{
  char folder[MPP_PATH_MAX], path[MPP_PATH_MAX];
  const char *slash = strrchr(final, '/'), *base = slash == NULL ? final : slash + 1;
  const size_t length = strlen(base);
  if (mpp_folder_of(folder, final) != MPP_OK) {
    return;
  }
  DIR *entries = opendir(folder);
  for (struct dirent *e; entries != NULL && (e = readdir(entries)) != NULL;) {
    if (strncmp(e->d_name, base, length) == 0 && strncmp(e->d_name + length, ".tmp-", 5) == 0 &&
        (size_t)snprintf(path, sizeof path, "%s/%s", folder, e->d_name) < sizeof path) {
      unlink(path);
    }
  }
  if (entries != NULL) {
    closedir(entries);
  }
}

mpp_status mpp_sync_path(const char *path)
{
  const int fd = injected() ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return mpp_fail_io(path, errno);
  }
  /* Some file systems have no fsync for folders and say EINVAL. */
  const int error = injected() ? EIO : fsync(fd) != 0 && errno != EINVAL ? errno : 0;
  close(fd);
  return error == 0 ? MPP_OK : mpp_fail_io(path, error);
}

mpp_status mpp_commit_file(const char *temporary, const char *final)
{
  mpp_status st = MPP_OK;
  char folder[MPP_PATH_MAX];
  MPP_TRY(mpp_folder_of(folder, final));
  MPP_TRY(mpp_sync_path(temporary));
  if (injected() || rename(temporary, final) != 0) {
    st = mpp_fail_io(final, errno);
    goto done;
  }
  MPP_TRY(mpp_sync_path(folder));
done:
  if (st != MPP_OK) {
    unlink(temporary);
  }
  return st;
}

mpp_status mpp_make_folder(const char *path)
{
  struct stat info;
  if (!injected() && mkdir(path, 0777) == 0) {
    return MPP_OK;
  }
  const int error = errno;
  if (error == EEXIST && stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
    return MPP_OK;
  }
  return mpp_fail(MPP_ERR_EXISTS, "%s: folder cannot be created: %s", path, strerror(error));
}

mpp_status mpp_read_text(char **out, size_t *size, const char *path, size_t limit)
{
  mpp_status st = MPP_OK;
  char *text = NULL;
  size_t length = 0;
  struct stat info;
  int fd = -1;
  MPP_TRY(mpp_check_input(path));
  fd = injected() ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  MPP_REQUIRE(fd >= 0 && fstat(fd, &info) == 0, MPP_ERR_NOINPUT, "%s: cannot be read: %s", path,
              strerror(errno));
  MPP_REQUIRE(S_ISREG(info.st_mode), MPP_ERR_NOINPUT, "%s: is not a regular file", path);
  MPP_REQUIRE((uintmax_t)info.st_size <= limit, MPP_ERR_DATA,
              "%s: is %jd bytes long, expected at most %zu", path, (intmax_t)info.st_size, limit);
  MPP_TRY(MPP_ALLOC(&text, (size_t)info.st_size + 1));
  while (length < (size_t)info.st_size) {
    const ssize_t n = injected() ? -1 : read(fd, text + length, (size_t)info.st_size - length);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    MPP_REQUIRE(n >= 0, MPP_ERR_IO, "%s: cannot be read: %s", path, strerror(errno));
    if (n == 0) {
      break; /* shortened while we read */
    }
    length += (size_t)n;
  }
  text[length] = '\0';
  *out = text;
  text = NULL;
  *size = length;
done:
  if (fd >= 0) {
    close(fd);
  }
  mpp_free(text);
  return st;
}

mpp_status mpp_write_all(int fd, const char *path, const void *data, size_t size)
{
  const char *at = data;
  while (size > 0) {
    /* Linux writes at most 2 GiB - 4 KiB at once. */
    const ssize_t n = injected() ? -1 : write(fd, at, size < (1u << 30) ? size : (1u << 30));
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n < 0) {
      return mpp_fail_room(path, errno, size);
    }
    at += n;
    size -= (size_t)n;
  }
  return MPP_OK;
}

mpp_status mpp_create_file(int *fd, const char *path)
{
  const int got =
      injected() ? -1 : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)0666);
  if (got < 0) {
    return errno == ENOSPC || errno == EDQUOT || errno == EIO
               ? mpp_fail_io(path, errno)
               : mpp_fail(MPP_ERR_EXISTS, "%s: cannot be created: %s", path, strerror(errno));
  }
  *fd = got;
  return MPP_OK;
}

mpp_status mpp_write_text(const char *path, const char *text)
{
  return mpp_write_bytes(path, text, strlen(text));
}

mpp_status mpp_write_bytes(const char *path, const void *data, size_t size)
{
  mpp_status st = MPP_OK;
  char temporary[MPP_PATH_MAX];
  int fd = -1;
  MPP_TRY(mpp_temporary_name(temporary, path));
  MPP_TRY(mpp_create_file(&fd, temporary));
  st = mpp_reserve_room(fd, path, 0, size);
  st = st == MPP_OK ? mpp_write_all(fd, path, data, size) : st;
  if ((injected() || close(fd) != 0) && st == MPP_OK) {
    st = mpp_fail_io(path, errno);
  }
  if (st != MPP_OK) {
    unlink(temporary);
    goto done;
  }
  st = mpp_commit_file(temporary, path);
done:
  return st;
}

size_t mpp_descriptors_left(void)
{
  enum { MOST = 65536 };
  struct rlimit limit;
  size_t left = 0;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return MOST;
  }
  for (int fd = 0; fd < MOST && (rlim_t)fd < limit.rlim_cur; fd++) {
    left += fcntl(fd, F_GETFD) == -1;
  }
  return left;
}
