/* safetensors.c - reading: every number of the header is checked before it is used; the data are
 * then read tensor by tensor, each to a 64-byte boundary, since foreign files promise no
 * alignment. */
#include "safetensors.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "check.h"
#include "file.h"
#include "safetensors_private.h"
#include "short_float.h"

/* A file open for reading. */
typedef struct source {
  int fd;
  const char *path;
  size_t size, data_start;
} source;

static mpp_status read_at(const source *s, void *out, size_t offset, size_t size)
{
  char *at = out;
  while (size > 0) {
    const ssize_t n = mpp_fault()
                          ? (errno = EIO, -1)
                          : pread(s->fd, at, size < (1u << 30) ? size : (1u << 30), (off_t)offset);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n < 0) {
      return mpp_fail(MPP_ERR_IO, "%s: cannot be read: %s", s->path, strerror(errno));
    }
    if (n == 0) {
      return mpp_fail(MPP_ERR_DATA, "%s: ends at byte %zu, expected %zu", s->path, offset, s->size);
    }
    at += n;
    offset += (size_t)n;
    size -= (size_t)n;
  }
  return MPP_OK;
}

static mpp_status source_open(source *out, const char *path)
{
  mpp_status st = MPP_OK;
  struct stat info;
  MPP_TRY(mpp_check_input(path));
  const int fd = mpp_fault() ? (errno = EIO, -1) : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  MPP_REQUIRE(fd >= 0, MPP_ERR_NOINPUT, "%s: cannot be read: %s", path, strerror(errno));
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    close(fd);
    st = mpp_fail(MPP_ERR_NOINPUT, "%s: is no regular file", path);
    goto done;
  }
  *out = (source){fd, path, (size_t)info.st_size, 0};
done:
  return st;
}

/* ---- header ---- */

static mpp_status read_header(json_t **out, source *s)
{
  mpp_status st = MPP_OK;
  uint64_t length = 0;
  char *text = NULL;
  json_error_t error = {0};
  MPP_REQUIRE(s->size >= sizeof length, MPP_ERR_DATA,
              "%s: is %zu bytes long, expected a safetensors file", s->path, s->size);
  MPP_TRY(read_at(s, &length, 0, sizeof length));
  MPP_REQUIRE(length >= 2 && length <= MPP_HEADER_LIMIT, MPP_ERR_DATA,
              "%s: header of %" PRIu64 " bytes, expected 2 to %d (is it a safetensors file?)",
              s->path, length, MPP_HEADER_LIMIT);
  MPP_REQUIRE(length <= s->size - sizeof length, MPP_ERR_DATA,
              "%s: header of %" PRIu64 " bytes, and the file ends before", s->path, length);
  MPP_TRY(MPP_ALLOC(&text, (size_t)length));
  MPP_TRY(read_at(s, text, sizeof length, (size_t)length));
  MPP_REQUIRE(text[0] == '{', MPP_ERR_DATA, "%s: header does not begin with '{'", s->path);
  errno = 0;
  json_t *header =
      mpp_fault() ? NULL : json_loadb(text, (size_t)length, JSON_REJECT_DUPLICATES, &error);
  MPP_REQUIRE(header != NULL, mpp_or_memory(MPP_ERR_DATA), "%s: header, byte %d: %s", s->path,
              error.position, error.text);
  s->data_start = sizeof length + (size_t)length;
  *out = header;
done:
  mpp_free(text);
  return st;
}

/* A member of a tensor's description that is a list of at most `most` integers >= 0. */
static mpp_status read_sizes(size_t *out, size_t *count, size_t most, const json_t *list,
                             const char *path, const char *name, const char *what)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(json_is_array(list), MPP_ERR_DATA, "%s: %s: %s is no list", path, name, what);
  const size_t n = json_array_size(list);
  MPP_REQUIRE(n <= most, MPP_ERR_DATA, "%s: %s: %s has %zu items, expected at most %zu", path, name,
              what, n, most);
  for (size_t i = 0; i < n; i++) {
    const json_t *item = json_array_get(list, i);
    MPP_REQUIRE(json_is_integer(item) && json_integer_value(item) >= 0, MPP_ERR_DATA,
                "%s: %s: %s holds what is no size", path, name, what);
    out[i] = (size_t)json_integer_value(item);
  }
  *count = n;
done:
  return st;
}

static mpp_status read_dtype(mpp_dtype *out, const json_t *value, const char *path,
                             const char *name)
{
  const char *text = json_string_value(value);
  for (int d = MPP_F32; text != NULL && d <= MPP_BF16; d++) {
    if (strcmp(text, mpp_dtype_name((mpp_dtype)d)) == 0) {
      *out = (mpp_dtype)d;
      return MPP_OK;
    }
  }
  return mpp_fail(MPP_ERR_DATA, "%s: %s: dtype %s, expected F32, F64, I64, F16 or BF16", path, name,
                  text != NULL ? text : "missing");
}

static mpp_status read_tensor(mpp_tensor *t, size_t *begin, const char *name, const json_t *info,
                              const source *s)
{
  mpp_status st = MPP_OK;
  size_t offsets[2] = {0, 0}, count = 0, bytes = 0;
  t->name = name;
  MPP_REQUIRE(json_is_object(info), MPP_ERR_DATA, "%s: %s: is described by no object", s->path,
              name);
  MPP_TRY(read_dtype(&t->dtype, json_object_get(info, "dtype"), s->path, name));
  MPP_TRY(read_sizes(t->shape, &t->rank, MPP_TENSOR_RANK, json_object_get(info, "shape"), s->path,
                     name, "shape"));
  MPP_TRY(read_sizes(offsets, &count, 2, json_object_get(info, "data_offsets"), s->path, name,
                     "data_offsets"));
  MPP_REQUIRE(count == 2 && offsets[0] <= offsets[1], MPP_ERR_DATA,
              "%s: %s: data_offsets are no range", s->path, name);
  MPP_REQUIRE(offsets[1] <= s->size - s->data_start, MPP_ERR_DATA,
              "%s: %s: ends at byte %zu of the data, and the file has %zu", s->path, name,
              offsets[1], s->size - s->data_start);
  MPP_REQUIRE(mpp_product(&bytes, t->shape, t->rank) &&
                  mpp_mul(&bytes, bytes, mpp_dtype_size(t->dtype)),
              MPP_ERR_DATA, "%s: %s: its size overflows", s->path, name);
  MPP_REQUIRE(bytes == offsets[1] - offsets[0], MPP_ERR_DATA,
              "%s: %s: %zu bytes of data, expected %zu for its shape", s->path, name,
              offsets[1] - offsets[0], bytes);
  *begin = offsets[0];
done:
  return st;
}

/* ---- layout ---- */

typedef struct slot {
  size_t begin, bytes, index;
} slot;

static int by_begin(const void *a, const void *b)
{
  const slot *x = a, *y = b;
  if (x->begin != y->begin) {
    return x->begin < y->begin ? -1 : 1;
  }
  if (x->bytes != y->bytes) { /* empty tensors first */
    return x->bytes < y->bytes ? -1 : 1;
  }
  return x->index < y->index ? -1 : 1;
}

/* Puts the tensors into the order of their data, which must be without holes and overlaps. */
static mpp_status order_tensors(mpp_tensor_file *f, const source *s)
{
  mpp_status st = MPP_OK;
  slot *slots = NULL;
  mpp_tensor *sorted = NULL;
  size_t end = 0;
  MPP_TRY(MPP_ALLOC(&slots, f->ntensors));
  MPP_TRY(MPP_ALLOC(&sorted, f->ntensors));
  for (size_t i = 0; i < f->ntensors; i++) {
    const mpp_tensor *t = &f->tensors[i];
    slots[i] = (slot){f->begin[i], mpp_tensor_elements(t) * mpp_dtype_size(t->dtype), i};
  }
  if (f->ntensors > 0) {
    qsort(slots, f->ntensors, sizeof *slots, by_begin);
  }
  for (size_t i = 0; i < f->ntensors; i++) {
    sorted[i] = f->tensors[slots[i].index];
    MPP_REQUIRE(slots[i].begin >= end, MPP_ERR_DATA, "%s: %s: overlaps the tensor before it",
                s->path, sorted[i].name);
    MPP_REQUIRE(slots[i].begin == end, MPP_ERR_DATA, "%s: %s: a hole of %zu bytes before it",
                s->path, sorted[i].name, slots[i].begin - end);
    f->begin[i] = slots[i].begin;
    end += slots[i].bytes;
  }
  MPP_REQUIRE(end == s->size - s->data_start, MPP_ERR_DATA,
              "%s: %zu bytes after the last tensor, expected none", s->path,
              s->size - s->data_start - end);
  if (f->ntensors > 0) {
    memcpy(f->tensors, sorted, f->ntensors * sizeof *sorted);
  }
done:
  mpp_free(slots);
  mpp_free(sorted);
  return st;
}

static mpp_status take_header(mpp_tensor_file *f, const source *s)
{
  mpp_status st = MPP_OK;
  const char *name = NULL;
  json_t *value = NULL, *meta = json_object_get(f->header, "__metadata__");
  const size_t nmeta = json_object_size(meta);
  MPP_REQUIRE(meta == NULL || json_is_object(meta), MPP_ERR_DATA,
              "%s: __metadata__ is no object of texts", s->path);
  MPP_TRY(MPP_ALLOC(&f->meta, nmeta));
  json_object_foreach(meta, name, value)
  {
    MPP_REQUIRE(json_is_string(value), MPP_ERR_DATA, "%s: __metadata__: %s: is no text", s->path,
                name);
    f->meta[f->nmeta++] = (mpp_pair){name, json_string_value(value)};
  }
  f->ntensors = json_object_size(f->header) - (meta != NULL ? 1 : 0);
  MPP_TRY(MPP_ALLOC(&f->tensors, f->ntensors));
  MPP_TRY(MPP_ALLOC(&f->begin, f->ntensors));
  size_t n = 0;
  json_object_foreach(f->header, name, value)
  {
    if (value != meta) {
      MPP_TRY(read_tensor(&f->tensors[n], &f->begin[n], name, value, s));
      n++;
    }
  }
  MPP_TRY(order_tensors(f, s));
done:
  return st;
}

static mpp_status take_data(mpp_tensor_file *f, const source *s)
{
  mpp_status st = MPP_OK;
  size_t total = 0, at = 0;
  for (size_t i = 0; i < f->ntensors; i++) {
    const size_t bytes = mpp_tensor_elements(&f->tensors[i]) * mpp_dtype_size(f->tensors[i].dtype);
    total += (bytes + 63) / 64 * 64; /* bytes are in the file, so that this cannot overflow */
  }
  MPP_TRY(MPP_ALLOC(&f->data, total));
  for (size_t i = 0; i < f->ntensors; i++) {
    const size_t bytes = mpp_tensor_elements(&f->tensors[i]) * mpp_dtype_size(f->tensors[i].dtype);
    if (bytes > 0) {
      MPP_TRY(read_at(s, f->data + at, s->data_start + f->begin[i], bytes));
      f->tensors[i].data = f->data + at;
    }
    at += (bytes + 63) / 64 * 64;
  }
done:
  return st;
}

static mpp_status verify_digest(const mpp_tensor_file *f)
{
  mpp_status st = MPP_OK;
  char digest[MPP_DIGEST_SIZE];
  const char *expected = mpp_tensors_meta(f, MPP_DIGEST_KEY);
  if (expected == NULL) {
    for (size_t i = 0; i < f->nmeta; i++) {
      MPP_REQUIRE(strncmp(f->meta[i].text, MPP_DIGEST_PREFIX, strlen(MPP_DIGEST_PREFIX)) != 0,
                  MPP_ERR_DATA, "%s: damaged: its digest stands under the key '%s'", f->path,
                  f->meta[i].key);
    }
    goto done;
  }
  MPP_TRY(mpp_tensors_digest(digest, f->tensors, f->ntensors, f->meta, f->nmeta));
  MPP_REQUIRE(strcmp(digest, expected) == 0, MPP_ERR_DATA,
              "%s: damaged: its digest is %s, expected %s", f->path, digest, expected);
done:
  return st;
}

/* Short floats as float32, after the digest, which is that of the numbers in the file. */
static mpp_status widen(mpp_tensor_file *f)
{
  mpp_status st = MPP_OK;
  size_t total = 0;
  for (size_t i = 0; i < f->ntensors; i++) {
    total += mpp_dtype_size(f->tensors[i].dtype) == 2 ? mpp_tensor_elements(&f->tensors[i]) : 0;
  }
  MPP_TRY(MPP_ALLOC(&f->widened, total));
  float *to = f->widened;
  for (size_t i = 0; i < f->ntensors; i++) {
    mpp_tensor *t = &f->tensors[i];
    if (mpp_dtype_size(t->dtype) == 2) {
      const size_t n = mpp_tensor_elements(t);
      const uint16_t *from = t->data;
      for (size_t k = 0; k < n; k++) {
        to[k] = t->dtype == MPP_F16 ? mpp_float_of_f16(from[k]) : mpp_float_of_bf16(from[k]);
      }
      t->dtype = MPP_F32;
      t->data = to;
      to = n > 0 ? to + n : to; /* there may be none at all, and no room for any */
    }
  }
done:
  return st;
}

mpp_status mpp_tensors_read(mpp_tensor_file **out, const char *path)
{
  mpp_status st = MPP_OK;
  mpp_tensor_file *f = NULL;
  source s = {-1, path, 0, 0};
  MPP_TRY(source_open(&s, path));
  MPP_TRY(MPP_ALLOC(&f, 1));
  MPP_TRY(mpp_format(&f->path, "%s", path));
  MPP_TRY(read_header(&f->header, &s));
  MPP_TRY(take_header(f, &s));
  MPP_TRY(take_data(f, &s));
  MPP_TRY(verify_digest(f));
  MPP_TRY(widen(f));
  *out = f;
  f = NULL;
done:
  if (s.fd >= 0) {
    close(s.fd);
  }
  mpp_tensors_free(f);
  return st;
}

void mpp_tensors_free(mpp_tensor_file *f)
{
  if (f != NULL) {
    json_decref(f->header);
    mpp_free(f->path);
    mpp_free(f->tensors);
    mpp_free(f->begin);
    mpp_free(f->meta);
    mpp_free(f->data);
    mpp_free(f->widened);
    for (size_t i = 0; f->names != NULL && i < f->ntensors; i++) {
      mpp_free(f->names[i]);
      mpp_free(f->owned[i]);
    }
    mpp_free(f->names);
    mpp_free(f->owned);
    mpp_free(f);
  }
}

/* ---- access ---- */

size_t mpp_tensors_count(const mpp_tensor_file *f) { return f->ntensors; }

const mpp_tensor *mpp_tensors_at(const mpp_tensor_file *f, size_t index)
{
  return index < f->ntensors ? &f->tensors[index] : NULL;
}

const mpp_tensor *mpp_tensors_find(const mpp_tensor_file *f, const char *name)
{
  for (size_t i = 0; i < f->ntensors; i++) {
    if (strcmp(f->tensors[i].name, name) == 0) {
      return &f->tensors[i];
    }
  }
  return NULL;
}

const char *mpp_tensors_meta(const mpp_tensor_file *f, const char *key)
{
  return json_string_value(json_object_get(json_object_get(f->header, "__metadata__"), key));
}

size_t mpp_tensors_meta_count(const mpp_tensor_file *f) { return f->nmeta; }

mpp_pair mpp_tensors_meta_at(const mpp_tensor_file *f, size_t index)
{
  return index < f->nmeta ? f->meta[index] : (mpp_pair){NULL, NULL};
}

const char *mpp_tensors_path(const mpp_tensor_file *f) { return f->path; }
