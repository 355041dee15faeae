/* record_log.c - a header with the identity, then slots of [checksum, record], XXH3 of the record
 * with its index as the seed. Numbers are in the order of the machine: such a file does not
 * travel. */
#include "record_log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "alloc.h"
#include "check.h"
#include "file.h"

static const char magic[16] = "mpp records 1\n";

/* Seeds of 0 would give a slot of zeros, as a hole in the file reads, a chance. */
static const uint64_t seed_of_first = 0x6d7070;

typedef struct log_header {
  char magic[16];
  uint64_t size, identity; /* bytes of a record, and of the identity that follows */
} log_header;

struct mpp_record_log {
  int fd;
  char path[MPP_PATH_MAX];
  size_t size, count;
  off_t first;  /* where the slots begin */
  bool *there;  /* [count], owned */
  size_t found; /* of them */
};

static off_t slot_of(const mpp_record_log *log, size_t i)
{
  return log->first + (off_t)(i * (sizeof(uint64_t) + log->size));
}

/* Whole transfers at a position; false with errno, 0 at the end of the file. */
static bool write_at(int fd, const void *data, size_t size, off_t at)
{
  const char *from = data;
  while (size > 0) {
    const ssize_t n = mpp_fault() ? (errno = EIO, -1) : pwrite(fd, from, size, at);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      return false;
    }
    from += n;
    at += n;
    size -= (size_t)n;
  }
  return true;
}

static bool read_at(int fd, void *data, size_t size, off_t at)
{
  char *to = data;
  errno = 0;
  while (size > 0) {
    const ssize_t n = pread(fd, to, size, at);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      return false;
    }
    to += n;
    at += n;
    size -= (size_t)n;
  }
  return true;
}

/* ---- identity ---- */

/* The first line in which two texts differ, as lengths that "%.*s" prints. */
static mpp_status other_identity(const char *path, const char *found, const char *expected)
{
  size_t f = strcspn(found, "\n"), e = strcspn(expected, "\n");
  while (f == e && strncmp(found, expected, f) == 0 && found[f] != '\0') {
    found += f + 1;
    expected += e + 1;
    f = strcspn(found, "\n");
    e = strcspn(expected, "\n");
  }
  return mpp_fail(MPP_ERR_USAGE,
                  "%s: made with other options: found '%.*s', expected '%.*s': continue with the "
                  "same ones, or start anew with --overwrite",
                  path, (int)f, found, (int)e, expected);
}

static mpp_status check_header(const mpp_record_log *log, const char *identity)
{
  mpp_status st = MPP_OK;
  log_header header;
  struct stat info;
  char *found = NULL;
  MPP_REQUIRE(read_at(log->fd, &header, sizeof header, 0) &&
                  memcmp(header.magic, magic, sizeof magic) == 0 && fstat(log->fd, &info) == 0 &&
                  header.identity < (uint64_t)info.st_size,
              MPP_ERR_DATA, "%s: not the records of an interrupted run: remove it to start anew",
              log->path);
  MPP_TRY(MPP_ALLOC(&found, (size_t)header.identity + 1));
  MPP_REQUIRE(read_at(log->fd, found, (size_t)header.identity, sizeof header), MPP_ERR_DATA,
              "%s: header cut short", log->path);
  if (strcmp(found, identity) != 0 || header.size != log->size) {
    st = other_identity(log->path, found, identity);
  }
done:
  mpp_free(found);
  return st;
}

static mpp_status write_header(const mpp_record_log *log, const char *identity)
{
  log_header header = {.size = log->size, .identity = strlen(identity)};
  memcpy(header.magic, magic, sizeof magic);
  if (ftruncate(log->fd, 0) != 0 || !write_at(log->fd, identity, strlen(identity), sizeof header) ||
      !write_at(log->fd, &header, sizeof header, 0)) {
    return mpp_fail_io(log->path, errno);
  }
  return MPP_OK;
}

/* ---- records ---- */

/* Marks the records whose checksum is right; reads the file once. */
static mpp_status find_records(mpp_record_log *log)
{
  mpp_status st = MPP_OK;
  void *record = NULL;
  struct stat info;
  MPP_TRY(mpp_alloc(&record, log->size, 1));
  MPP_REQUIRE(fstat(log->fd, &info) == 0, MPP_ERR_IO, "%s: %s", log->path, strerror(errno));
  for (size_t i = 0; i < log->count && slot_of(log, i + 1) <= info.st_size; i++) {
    uint64_t sum = 0;
    log->there[i] = read_at(log->fd, &sum, sizeof sum, slot_of(log, i)) &&
                    read_at(log->fd, record, log->size, slot_of(log, i) + (off_t)sizeof sum) &&
                    sum == XXH3_64bits_withSeed(record, log->size, seed_of_first + i);
    log->found += log->there[i];
  }
done:
  mpp_free(record);
  return st;
}

/* Of the concatenated pieces, as find_records has it of the whole. */
static mpp_status checksum(uint64_t *sum, const mpp_record_log *log, size_t i,
                           const mpp_piece *pieces, size_t npieces)
{
  mpp_status st = MPP_OK;
  XXH3_state_t *state = mpp_fault() ? NULL : XXH3_createState();
  MPP_REQUIRE(state != NULL, MPP_ERR_NOMEM, "%s: out of memory: checksum", log->path);
  XXH3_64bits_reset_withSeed(state, seed_of_first + i);
  for (size_t k = 0; k < npieces; k++) {
    XXH3_64bits_update(state, pieces[k].data, pieces[k].size);
  }
  *sum = XXH3_64bits_digest(state);
done:
  XXH3_freeState(state);
  return st;
}

/* The checksum goes last. */
mpp_status mpp_record_log_put(mpp_record_log *log, size_t i, const mpp_piece *pieces,
                              size_t npieces)
{
  mpp_status st = MPP_OK;
  uint64_t sum = 0;
  off_t at = slot_of(log, i) + (off_t)sizeof sum;
  assert(i < log->count);
  MPP_TRY(checksum(&sum, log, i, pieces, npieces));
  for (size_t k = 0; k < npieces; k++) {
    if (!write_at(log->fd, pieces[k].data, pieces[k].size, at)) {
      st = mpp_fail_room(log->path, errno, pieces[k].size);
      goto done;
    }
    at += (off_t)pieces[k].size;
  }
  if (!write_at(log->fd, &sum, sizeof sum, slot_of(log, i))) {
    st = mpp_fail_io(log->path, errno);
    goto done;
  }
  log->there[i] = true;
#pragma omp atomic
  log->found++;
done:
  return st;
}

mpp_status mpp_record_log_get(mpp_record_log *log, size_t i, const mpp_piece *pieces,
                              size_t npieces)
{
  mpp_status st = MPP_OK;
  uint64_t stored = 0, sum = 0;
  off_t at = slot_of(log, i);
  bool good = read_at(log->fd, &stored, sizeof stored, at);
  at += (off_t)sizeof stored;
  for (size_t k = 0; k < npieces && good; k++) {
    good = read_at(log->fd, pieces[k].data, pieces[k].size, at);
    at += (off_t)pieces[k].size;
  }
  MPP_TRY(checksum(&sum, log, i, pieces, npieces));
  MPP_REQUIRE(good && sum == stored, MPP_ERR_DATA, "%s: record %zu is damaged", log->path, i);
done:
  return st;
}

bool mpp_record_log_has(const mpp_record_log *log, size_t i) { return log->there[i]; }

size_t mpp_record_log_count(const mpp_record_log *log) { return log->found; }

/* ---- file ---- */

/* Nothing counts before the header, which is written last: a kill leaves zeros in its place. */
static bool has_begun(const mpp_record_log *log)
{
  static const log_header none = {.size = 0};
  log_header header;
  return !read_at(log->fd, &header, sizeof header, 0) || memcmp(&header, &none, sizeof none) != 0;
}

static mpp_status open_file(mpp_record_log *log, mpp_log_mode mode, bool *fresh)
{
  mpp_status st = MPP_OK;
  struct stat info;
  log->fd = open(log->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  MPP_REQUIRE(log->fd >= 0, MPP_ERR_EXISTS, "%s: cannot be opened: %s", log->path, strerror(errno));
  MPP_REQUIRE(flock(log->fd, LOCK_EX | LOCK_NB) == 0, MPP_ERR_EXISTS,
              "%s: another process is writing it", log->path);
  MPP_REQUIRE(fstat(log->fd, &info) == 0 && S_ISREG(info.st_mode), MPP_ERR_EXISTS,
              "%s: not a regular file", log->path);
  *fresh = info.st_size == 0 || mode == MPP_LOG_REPLACE || !has_begun(log);
  MPP_REQUIRE(
      *fresh || mode == MPP_LOG_CONTINUE, MPP_ERR_EXISTS,
      "%s: finished samples of an interrupted run: continue it with --resume, or start anew "
      "with --overwrite",
      log->path);
done:
  return st;
}

mpp_status mpp_record_log_open(mpp_record_log **out, const char *path, const char *identity,
                               size_t size, size_t count, mpp_log_mode mode)
{
  mpp_status st = MPP_OK;
  mpp_record_log *log = NULL;
  bool fresh = false;
  size_t total = 0;
  MPP_REQUIRE(strlen(path) < MPP_PATH_MAX, MPP_ERR_EXISTS, "%.100s...: path is too long", path);
  MPP_REQUIRE(size > 0 && size < SIZE_MAX / 4 && mpp_mul(&total, size + 64, count) &&
                  total < INT64_MAX / 2,
              MPP_ERR_USAGE, "%s: %zu records of %zu bytes are too many", path, count, size);
  MPP_TRY(MPP_ALLOC(&log, 1));
  log->fd = -1;
  log->size = size;
  log->count = count;
  log->first = (off_t)(sizeof(log_header) + strlen(identity));
  snprintf(log->path, sizeof log->path, "%s", path);
  MPP_TRY(MPP_ALLOC(&log->there, count));
  MPP_TRY(open_file(log, mode, &fresh));
  if (fresh) {
    MPP_TRY(write_header(log, identity));
    MPP_TRY(mpp_reserve_room(log->fd, log->path, 0, (size_t)slot_of(log, count)));
  } else {
    MPP_TRY(check_header(log, identity));
    MPP_TRY(find_records(log));
  }
  *out = log;
  log = NULL;
done:
  mpp_record_log_close(log, fresh); /* of one that failed; what others wrote stays */
  return st;
}

void mpp_record_log_close(mpp_record_log *log, bool remove)
{
  if (log != NULL) {
    if (remove) {
      unlink(log->path); /* while it is locked */
    }
    if (log->fd >= 0) {
      close(log->fd);
    }
    mpp_free(log->there);
    mpp_free(log);
  }
}
