/* line_file.c - lines of JSON, appended whole. */
#include "line_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"

static const char *open_file(mpp_line_file *f, const char *path, int flags)
{
  *f = (mpp_line_file){.fd = -1};
  snprintf(f->path, sizeof f->path, "%s", path);
  if (mpp_fault()) {
    errno = EIO;
  } else {
    f->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | flags, (mode_t)0666);
  }
  return f->fd < 0 ? strerror(errno) : NULL;
}

const char *mpp_line_file_create(mpp_line_file *f, const char *path)
{
  return open_file(f, path, O_TRUNC);
}

/* Whether a line belongs to what was done by `step`, with validations up to `validated`. Lines
 * that are not ours stay. */
static bool belongs(const char *line, uint64_t step, uint64_t validated)
{
  uint64_t at = 0;
  if (sscanf(line, "{\"step\":%" SCNu64, &at) != 1) {
    return true;
  }
  return at <= (strstr(line, "\"validation\"") != NULL ? validated : step);
}

/* Bytes of the leading lines that stay. */
static int64_t measure(const char *path, uint64_t step, uint64_t validated)
{
  char *line = NULL; /* of the C library */
  size_t capacity = 0;
  int64_t size = 0;
  FILE *f = fopen(path, "re");
  if (f == NULL) {
    return 0;
  }
  for (;;) {
    const ssize_t n = getline(&line, &capacity, f);
    if (n <= 0 || line[n - 1] != '\n' || !belongs(line, step, validated)) {
      break;
    }
    size += n;
  }
  free(line);
  fclose(f);
  return size;
}

const char *mpp_line_file_resume(mpp_line_file *f, const char *path, uint64_t step,
                                 uint64_t validated)
{
  const int64_t size = measure(path, step, validated);
  const char *wrong = open_file(f, path, 0);
  if (wrong != NULL) {
    return wrong;
  }
  f->size = size;
  return mpp_fault() || ftruncate(f->fd, size) != 0 ? strerror(errno) : NULL;
}

static const char *write_line(mpp_line_file *f, const char *text, size_t bytes)
{
  ssize_t n = -1;
  errno = EIO;
  if (!mpp_fault()) {
    do {
      n = write(f->fd, text, bytes);
    } while (n < 0 && errno == EINTR);
  }
  if (n == (ssize_t)bytes) {
    f->size += n;
    return NULL;
  }
  if (n > 0 && ftruncate(f->fd, f->size) != 0) {
    return strerror(errno);
  }
  return n >= 0 ? "the disk is full" : strerror(errno);
}

const char *mpp_line_file_append(mpp_line_file *f, mpp_json *j)
{
  const char *wrong = NULL;
  if (j->failed) {
    wrong = "out of memory";
  } else if (f->fd >= 0) {
    j->text[j->length] = '\n'; /* in the place of the NUL: one write a line */
    wrong = write_line(f, j->text, j->length + 1);
  }
  mpp_json_free(j);
  return wrong;
}

void mpp_line_file_close(mpp_line_file *f)
{
  if (f->fd > 0) {
    close(f->fd);
  }
  f->fd = -1;
}
