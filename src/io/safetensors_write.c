/* safetensors_write.c - a checkpoint appears whole or not at all: new temporary file, fsync, read
 * back and compared by hash, rename, fsync of the folder. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "alloc.h"
#include "check.h"
#include "file.h"
#include "safetensors_private.h"

static size_t bytes_of(const mpp_tensor *t)
{
  return mpp_tensor_elements(t) * mpp_dtype_size(t->dtype);
}

/* jansson refuses texts that are not UTF-8, and objects that it has no memory for. */
static mpp_status put_text(json_t *object, const char *key, const char *text, const char *path)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(json_object_get(object, key) == NULL, MPP_ERR_INTERNAL, "%s: two values of '%s'",
              path, key);
  errno = 0;
  MPP_REQUIRE(!mpp_fault() && json_object_set_new(object, key, json_string(text)) == 0,
              mpp_or_memory(MPP_ERR_INTERNAL), "%s: '%s': is no UTF-8 text, or out of memory", path,
              key);
done:
  return st;
}

static mpp_status put_tensor(json_t *header, const mpp_tensor *t, size_t begin, const char *path)
{
  mpp_status st = MPP_OK;
  errno = 0;
  json_t *shape = json_array();
  bool good = !mpp_fault();
  MPP_REQUIRE(json_object_get(header, t->name) == NULL, MPP_ERR_INTERNAL, "%s: two tensors '%s'",
              path, t->name);
  for (size_t i = 0; i < t->rank; i++) {
    good = good && json_array_append_new(shape, json_integer((json_int_t)t->shape[i])) == 0;
  }
  json_t *info =
      json_pack("{s:s, s:O, s:[I,I]}", "dtype", mpp_dtype_name(t->dtype), "shape", shape,
                "data_offsets", (json_int_t)begin, (json_int_t)begin + (json_int_t)bytes_of(t));
  good = json_object_set_new(header, t->name, info) == 0 && good;
  MPP_REQUIRE(good, mpp_or_memory(MPP_ERR_INTERNAL),
              "%s: '%s': name is no UTF-8 text, or out of memory", path, t->name);
done:
  json_decref(shape);
  return st;
}

/* The longest types come first, so that every tensor lies at a multiple of its element's size. */
static void order_by_size(mpp_tensor *order, const mpp_tensor *tensors, size_t n)
{
  size_t at = 0;
  for (size_t size = 8; size >= 2; size /= 2) {
    for (size_t i = 0; i < n; i++) {
      if (mpp_dtype_size(tensors[i].dtype) == size) {
        order[at++] = tensors[i];
      }
    }
  }
}

/* *out = length and JSON text, padded with spaces to a multiple of 64 bytes. */
static mpp_status make_header(char **out, size_t *size, const char *path, const mpp_tensor *order,
                              size_t n, const mpp_pair *meta, size_t nmeta, const char *digest)
{
  mpp_status st = MPP_OK;
  json_t *header = json_object(), *metadata = json_object();
  char *padded = NULL;
  size_t begin = 0;
  MPP_REQUIRE(header != NULL && metadata != NULL, MPP_ERR_NOMEM, "out of memory: header of %s",
              path);
  for (size_t i = 0; i < nmeta; i++) {
    if (strcmp(meta[i].key, MPP_DIGEST_KEY) != 0) {
      MPP_TRY(put_text(metadata, meta[i].key, meta[i].text, path));
    }
  }
  MPP_TRY(put_text(metadata, MPP_DIGEST_KEY, digest, path));
  MPP_REQUIRE(json_object_set(header, "__metadata__", metadata) == 0, MPP_ERR_NOMEM,
              "out of memory: header of %s", path);
  for (size_t i = 0; i < n; i++) {
    MPP_TRY(put_tensor(header, &order[i], begin, path));
    begin += bytes_of(&order[i]);
  }
  const size_t length = mpp_fault() ? 0 : json_dumpb(header, NULL, 0, JSON_COMPACT);
  const size_t total = (sizeof(uint64_t) + length + 63) / 64 * 64;
  MPP_REQUIRE(length > 0, MPP_ERR_NOMEM, "out of memory: header of %s", path);
  MPP_REQUIRE(total <= MPP_HEADER_LIMIT, MPP_ERR_INTERNAL, "%s: header of %zu bytes", path, total);
  MPP_TRY(MPP_ALLOC(&padded, total));
  const uint64_t stated = total - sizeof stated;
  memset(padded, ' ', total);
  memcpy(padded, &stated, sizeof stated);
  MPP_REQUIRE(json_dumpb(header, padded + sizeof stated, length, JSON_COMPACT) == length,
              MPP_ERR_NOMEM, "out of memory: header of %s", path);
  *out = padded;
  padded = NULL;
  *size = total;
done:
  mpp_free(padded);
  json_decref(metadata);
  json_decref(header);
  return st;
}

/* The bytes of a file, as they are on the disk if the system lets us drop its copy of them. */
static mpp_status hash_file(XXH128_hash_t *out, const char *path)
{
  enum { PIECE = 1 << 20 };
  mpp_status st = MPP_OK;
  char *buffer = NULL;
  XXH3_state_t *state = XXH3_createState();
  const int fd = mpp_fault() ? (errno = EIO, -1) : open(path, O_RDONLY | O_CLOEXEC);
  MPP_REQUIRE(fd >= 0, MPP_ERR_IO, "%s: cannot be read back: %s", path, strerror(errno));
  MPP_REQUIRE(state != NULL, MPP_ERR_NOMEM, "out of memory: state of a digest");
  MPP_TRY(MPP_ALLOC(&buffer, PIECE));
  posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  XXH3_128bits_reset(state);
  for (;;) {
    const ssize_t n = mpp_fault() ? (errno = EIO, -1) : read(fd, buffer, PIECE);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    MPP_REQUIRE(n >= 0, MPP_ERR_IO, "%s: cannot be read back: %s", path, strerror(errno));
    if (n == 0) {
      break;
    }
    XXH3_128bits_update(state, buffer, (size_t)n);
  }
  *out = XXH3_128bits_digest(state);
done:
  if (fd >= 0) {
    close(fd);
  }
  XXH3_freeState(state);
  mpp_free(buffer);
  return st;
}

static mpp_status write_and_compare(const char *temporary, const char *header, size_t size,
                                    const mpp_tensor *order, size_t n)
{
  mpp_status st = MPP_OK;
  int fd = -1;
  bool created = false;
  size_t whole = size;
  XXH128_hash_t stored = {0, 0};
  XXH3_state_t *state = XXH3_createState();
  MPP_REQUIRE(state != NULL, MPP_ERR_NOMEM, "out of memory: state of a digest");
  XXH3_128bits_reset(state);
  MPP_TRY(mpp_create_file(&fd, temporary));
  created = true;
  for (size_t i = 0; i < n; i++) { whole += bytes_of(&order[i]); } /* in memory, so no overflow */
  MPP_TRY(mpp_reserve_room(fd, temporary, 0, whole));
  XXH3_128bits_update(state, header, size);
  MPP_TRY(mpp_write_all(fd, temporary, header, size));
  for (size_t i = 0; i < n; i++) {
    if (bytes_of(&order[i]) > 0) {
      XXH3_128bits_update(state, order[i].data, bytes_of(&order[i]));
      MPP_TRY(mpp_write_all(fd, temporary, order[i].data, bytes_of(&order[i])));
    }
  }
  const int closing = fd;
  fd = -1;
  if (close(closing) != 0) {
    st = mpp_fail_io(temporary, errno);
    goto done;
  }
  MPP_TRY(mpp_sync_path(temporary));
  MPP_TRY(hash_file(&stored, temporary));
  MPP_REQUIRE(XXH128_isEqual(stored, XXH3_128bits_digest(state)), MPP_ERR_IO,
              "%s: what was read back differs from what was written", temporary);
done:
  if (fd >= 0) {
    close(fd);
  }
  if (created && st != MPP_OK) {
    unlink(temporary);
  }
  XXH3_freeState(state);
  return st;
}

mpp_status mpp_tensors_write(const char *path, const mpp_tensor *tensors, size_t ntensors,
                             const mpp_pair *meta, size_t nmeta)
{
  mpp_status st = MPP_OK;
  char temporary[MPP_PATH_MAX] = "", digest[MPP_DIGEST_SIZE], *header = NULL;
  mpp_tensor *order = NULL;
  size_t size = 0;
  MPP_TRY(mpp_tensors_digest(digest, tensors, ntensors, meta, nmeta));
  MPP_TRY(MPP_ALLOC(&order, ntensors));
  order_by_size(order, tensors, ntensors);
  MPP_TRY(make_header(&header, &size, path, order, ntensors, meta, nmeta, digest));
  MPP_TRY(mpp_temporary_name(temporary, path));
  MPP_TRY(write_and_compare(temporary, header, size, order, ntensors));
  MPP_TRY(mpp_commit_file(temporary, path));
done:
  mpp_free(order);
  mpp_free(header);
  return st;
}
