/* full_disk.c - loaded before all other libraries (LD_PRELOAD), it makes one folder a disk of
 * FULL_DISK_BYTES: what is written below FULL_DISK_FOLDER beyond that fails with ENOSPC, and
 * statvfs tells what is left. Room is counted by the sizes of the files there and what is
 * reserved. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

static long long used_in(const char *folder)
{
  long long sum = 0;
  DIR *d = opendir(folder);
  for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
    char path[4096];
    struct stat info;
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
        (size_t)snprintf(path, sizeof path, "%s/%s", folder, e->d_name) >= sizeof path ||
        lstat(path, &info) != 0) {
      continue;
    }
    const long long blocks = (info.st_size + 4095) / 4096 * 4096;
    sum += S_ISDIR(info.st_mode) ? used_in(path) : blocks;
  }
  if (d != NULL) {
    closedir(d);
  }
  return sum;
}

static long long room(void)
{
  const char *folder = getenv("FULL_DISK_FOLDER"), *bytes = getenv("FULL_DISK_BYTES");
  const long long left =
      atoll(bytes != NULL ? bytes : "0") - used_in(folder != NULL ? folder : ".");
  return left > 0 ? left : 0;
}

/* Whether the file grows beyond what there is when it reaches to `end`. */
static int is_full(int fd, long long end)
{
  char link[64], path[4096];
  struct stat info;
  const char *folder = getenv("FULL_DISK_FOLDER");
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t n = readlink(link, path, sizeof path - 1);
  path[n > 0 ? n : 0] = '\0';
  if (folder == NULL || strncmp(path, folder, strlen(folder)) != 0 || fstat(fd, &info) != 0 ||
      !S_ISREG(info.st_mode)) {
    return 0;
  }
  const long long blocks = (info.st_size + 4095) / 4096 * 4096;
  return end > blocks && end - blocks > room();
}

static ssize_t refused(void)
{
  errno = ENOSPC;
  return -1;
}

ssize_t write(int fd, const void *buf, size_t n)
{
  const off_t at = lseek(fd, 0, SEEK_CUR);
  return at >= 0 && is_full(fd, at + (long long)n) ? refused() : syscall(SYS_write, fd, buf, n);
}

ssize_t pwrite(int fd, const void *buf, size_t n, off_t offset)
{
  return is_full(fd, offset + (long long)n) ? refused() : syscall(SYS_pwrite64, fd, buf, n, offset);
}

ssize_t pwrite64(int fd, const void *buf, size_t n, off64_t offset)
{
  return pwrite(fd, buf, n, offset);
}

int fallocate(int fd, int mode, off_t offset, off_t len)
{
  return is_full(fd, offset + len) ? (int)refused()
                                   : (int)syscall(SYS_fallocate, fd, mode, offset, len);
}

int statvfs(const char *file, struct statvfs *buf)
{
  int (*real)(const char *, struct statvfs *) =
      (int (*)(const char *, struct statvfs *))dlsym(RTLD_NEXT, "statvfs");
  const int rc = real(file, buf);
  if (rc == 0 && getenv("FULL_DISK_FOLDER") != NULL) {
    buf->f_bavail = (fsblkcnt_t)room() / buf->f_frsize;
  }
  return rc;
}
