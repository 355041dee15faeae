/* memory.c - /proc, control groups (version 2, then 1) and resource limits. What cannot be read
 * limits nothing. */
#include "memory.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

size_t mpp_memory_line(const char *path, const char *name, size_t otherwise)
{
  char line[256];
  const size_t length = strlen(name);
  size_t value = otherwise;
  FILE *f = fopen(path, "re");
  while (f != NULL && fgets(line, sizeof line, f) != NULL) {
    if (strncmp(line, name, length) == 0 && line[length] == ':') {
      value = (size_t)strtoull(line + length + 1, NULL, 10) * 1024;
      break;
    }
  }
  if (f != NULL) {
    fclose(f);
  }
  return value;
}

/* A file that holds one number; false: no such file, or a word as "max". */
static bool read_number(size_t *out, const char *path)
{
  char line[64], *end = NULL;
  bool good = false;
  FILE *f = fopen(path, "re");
  if (f != NULL && fgets(line, sizeof line, f) != NULL) {
    const unsigned long long value = strtoull(line, &end, 10);
    good = end != line;
    *out = (size_t)value;
  }
  if (f != NULL) {
    fclose(f);
  }
  return good;
}

/* What a group leaves: `most` in `folder` less what is used, of which the file cache `inactive` can
 * be given back. */
static size_t left_in(const char *folder, const char *most, const char *used)
{
  char path[1200];
  size_t limit = 0, now = 0;
  snprintf(path, sizeof path, "%s/%s", folder, most);
  if (!read_number(&limit, path) || limit > SIZE_MAX / 2) {
    return SIZE_MAX;
  }
  snprintf(path, sizeof path, "%s/%s", folder, used);
  if (!read_number(&now, path)) {
    return SIZE_MAX;
  }
  snprintf(path, sizeof path, "%s/memory.stat", folder);
  FILE *f = fopen(path, "re");
  char line[128];
  while (f != NULL && fgets(line, sizeof line, f) != NULL) {
    if (strncmp(line, "inactive_file ", 14) == 0) {
      const size_t cache = (size_t)strtoull(line + 14, NULL, 10);
      now -= cache < now ? cache : now;
    }
  }
  if (f != NULL) {
    fclose(f);
  }
  return now < limit ? limit - now : 0;
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* The groups that the process is in, and those around them: each may have a limit. */
static size_t left_in_groups(void)
{
  char line[1024], folder[1100];
  size_t least = SIZE_MAX;
  FILE *f = fopen("/proc/self/cgroup", "re");
  while (f != NULL && fgets(line, sizeof line, f) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    const bool second = strncmp(line, "0::", 3) == 0;
    char *path = strrchr(line, ':');
    if (path == NULL || (!second && strstr(line, ":memory:") == NULL)) {
      continue;
    }
    for (path++;;) {
      snprintf(folder, sizeof folder, "%s%s", second ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory",
               path);
      least = smaller(least,
                      second ? left_in(folder, "memory.max", "memory.current")
                             : left_in(folder, "memory.limit_in_bytes", "memory.usage_in_bytes"));
      char *slash = strrchr(path, '/');
      if (slash == NULL || path[0] == '\0') {
        break;
      }
      *slash = '\0';
    }
  }
  if (f != NULL) {
    fclose(f);
  }
  return least;
}

mpp_memory mpp_memory_look(void)
{
  static const char status[] = "/proc/self/status";
  struct rlimit limit;
  mpp_memory m = {.resident = mpp_memory_line(status, "VmRSS", 0),
                  .peak = mpp_memory_line(status, "VmHWM", 0),
                  .addresses = mpp_memory_line(status, "VmSize", 0),
                  .available = mpp_memory_line("/proc/meminfo", "MemAvailable", SIZE_MAX),
                  .address_limit = SIZE_MAX};
  m.available = smaller(m.available, left_in_groups());
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    m.address_limit = (size_t)limit.rlim_cur;
  }
  return m;
}

size_t mpp_memory_room(const mpp_memory *m)
{
  size_t more = m->available;
  if (m->address_limit != SIZE_MAX) {
    more = smaller(more, m->address_limit > m->addresses ? m->address_limit - m->addresses : 0);
  }
  return more > SIZE_MAX - m->resident ? SIZE_MAX : more + m->resident;
}

bool mpp_memory_is_short(void)
{
  enum { PLENTY = 256 << 20 };
  if (errno != ENOMEM) {
    return false;
  }
  void *p = mmap(NULL, PLENTY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p != MAP_FAILED) {
    munmap(p, PLENTY);
  }
  return p == MAP_FAILED;
}
