/* torch_read.c - a zip file with a pickle, data.pkl, that names tensors, and an entry data/KEY for
 * the numbers of each. Entries are stored, not compressed; everything that the pickle says of a
 * tensor is checked against the size of its entry. */
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include "alloc.h"
#include "check.h"
#include "file.h"
#include "pickle.h"
#include "safetensors_private.h"
#include "short_float.h"
#include "torch_file.h"

enum { NAME_LIMIT = 512, PICKLE_LIMIT = 64 << 20 };

typedef enum { F32, F64, F16, BF16, I64 } number_kind;

static const struct {
  const char *storage;
  number_kind kind;
  size_t size;
} storages[] = {{"torch FloatStorage", F32, 4},
                {"torch DoubleStorage", F64, 8},
                {"torch HalfStorage", F16, 2},
                {"torch BFloat16Storage", BF16, 2},
                {"torch LongStorage", I64, 8}};

/* A tensor as the pickle describes it. */
typedef struct description {
  const char *name, *key; /* borrowed from the pickle */
  number_kind kind;
  size_t itemsize, storage, offset; /* bytes a number, numbers of the entry, the first one used */
  size_t rank, shape[MPP_TENSOR_RANK], stride[MPP_TENSOR_RANK];
} description;

typedef struct archive {
  const char *path;
  zip_t *zip;
  char prefix[NAME_LIMIT]; /* "archive/" */
} archive;

static mpp_status bad(const archive *a, const char *name, const char *what)
{
  return mpp_fail(MPP_ERR_DATA, "%s: tensor '%.80s': %s", a->path, name, what);
}

/* ---- zip ---- */

/* Bytes of an entry, owned by the caller. The checksums of zip files may be wrong on purpose
 * (torch.serialization.set_crc32_options): the raw bytes are read. */
static mpp_status read_entry(void **out, size_t *size, const archive *a, const char *name,
                             size_t limit)
{
  mpp_status st = MPP_OK;
  zip_stat_t info;
  zip_file_t *file = NULL;
  void *data = NULL;
  char full[2 * NAME_LIMIT];
  snprintf(full, sizeof full, "%s%s", a->prefix, name);
  const zip_int64_t index = zip_name_locate(a->zip, full, ZIP_FL_ENC_RAW);
  MPP_REQUIRE(index >= 0 && zip_stat_index(a->zip, (zip_uint64_t)index, 0, &info) == 0,
              MPP_ERR_DATA, "%s: entry '%.200s' is not there", a->path, full);
  MPP_REQUIRE(info.comp_method == ZIP_CM_STORE && info.encryption_method == ZIP_EM_NONE &&
                  info.comp_size == info.size,
              MPP_ERR_DATA, "%s: entry '%.200s' is compressed or encrypted, expected stored bytes",
              a->path, full);
  MPP_REQUIRE(info.size <= limit, MPP_ERR_DATA,
              "%s: entry '%.200s': found %llu bytes, expected at most %zu", a->path, full,
              (unsigned long long)info.size, limit);
  *size = (size_t)info.size;
  MPP_TRY(mpp_alloc(&data, *size + 1, 1));
  file = mpp_fault() ? NULL : zip_fopen_index(a->zip, (zip_uint64_t)index, ZIP_FL_COMPRESSED);
  MPP_REQUIRE(file != NULL && zip_fread(file, data, *size) == (zip_int64_t)*size, MPP_ERR_DATA,
              "%s: entry '%.200s' cannot be read", a->path, full);
  *out = data;
  data = NULL;
done:
  if (file != NULL) {
    zip_fclose(file);
  }
  mpp_free(data);
  return st;
}

/* Entries lie in one folder, named after the file that was written: that of "data.pkl". */
static mpp_status find_prefix(archive *a)
{
  mpp_status st = MPP_OK;
  const zip_int64_t count = zip_get_num_entries(a->zip, 0);
  size_t found = 0;
  for (zip_int64_t i = 0; i < count; i++) {
    const char *name = zip_get_name(a->zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW);
    const size_t length = name != NULL ? strlen(name) : 0;
    const char *slash = name != NULL ? strchr(name, '/') : NULL;
    if (slash != NULL && strcmp(slash, "/data.pkl") == 0) {
      MPP_REQUIRE(length < sizeof a->prefix, MPP_ERR_DATA, "%s: name of an entry is too long",
                  a->path);
      snprintf(a->prefix, sizeof a->prefix, "%.*s/", (int)(slash - name), name);
      found++;
    }
  }
  MPP_REQUIRE(
      found == 1, MPP_ERR_DATA,
      "%s: a zip file with %zu entries 'FOLDER/data.pkl', expected one: not a checkpoint of "
      "PyTorch",
      a->path, found);
done:
  return st;
}

static mpp_status check_byte_order(const archive *a)
{
  mpp_status st = MPP_OK;
  void *order = NULL;
  size_t size = 0;
  char full[NAME_LIMIT + 16];
  snprintf(full, sizeof full, "%sbyteorder", a->prefix);
  if (zip_name_locate(a->zip, full, ZIP_FL_ENC_RAW) < 0) {
    return MPP_OK; /* files from before PyTorch 2.1 */
  }
  MPP_TRY(read_entry(&order, &size, a, "byteorder", 16));
  assert(order != NULL);
  MPP_REQUIRE(size == 6 && memcmp(order, "little", 6) == 0, MPP_ERR_DATA,
              "%s: numbers are not little-endian", a->path);
done:
  mpp_free(order);
  return st;
}

/* ---- what the pickle says ---- */

static bool calls(const mpp_pickle_value *v, const char *global, size_t least_arguments)
{
  return v->kind == MPP_PICKLE_CALL && v->item[0]->kind == MPP_PICKLE_GLOBAL &&
         strcmp(v->item[0]->text, global) == 0 && v->item[1]->kind == MPP_PICKLE_TUPLE &&
         v->item[1]->count >= least_arguments;
}

static bool is_size(const mpp_pickle_value *v)
{
  return v->kind == MPP_PICKLE_INT && v->number >= 0;
}

/* ("storage", torch.FloatStorage, key, place, numbers) */
static mpp_status describe_storage(description *d, const archive *a, const mpp_pickle_value *v)
{
  mpp_status st = MPP_OK;
  const mpp_pickle_value *id = v->kind == MPP_PICKLE_PERSISTENT ? v->item[0] : NULL;
  if (id == NULL || id->kind != MPP_PICKLE_TUPLE || id->count < 5 ||
      id->item[0]->kind != MPP_PICKLE_TEXT || strcmp(id->item[0]->text, "storage") != 0 ||
      id->item[1]->kind != MPP_PICKLE_GLOBAL || id->item[2]->kind != MPP_PICKLE_TEXT ||
      !is_size(id->item[4])) {
    return bad(a, d->name, "its storage is described in an unknown way");
  }
  d->key = id->item[2]->text;
  d->storage = (size_t)id->item[4]->number;
  MPP_REQUIRE(strlen(d->key) < 64 && strchr(d->key, '/') == NULL, MPP_ERR_DATA,
              "%s: tensor '%.80s': key '%.80s', expected a short name", a->path, d->name, d->key);
  for (size_t i = 0; i < sizeof storages / sizeof storages[0]; i++) {
    if (strcmp(id->item[1]->text, storages[i].storage) == 0) {
      d->kind = storages[i].kind;
      d->itemsize = storages[i].size;
      return MPP_OK;
    }
  }
  st = mpp_fail(MPP_ERR_DATA, "%s: tensor '%.80s': storage '%.80s', expected floats or int64",
                a->path, d->name, id->item[1]->text);
done:
  return st;
}

/* Everything that it uses lies within the storage. */
static mpp_status check_extent(const description *d, const archive *a)
{
  size_t last = d->offset, step = 0, count = 0;
  if (!mpp_product(&count, d->shape, d->rank) || count > (size_t)1 << 40) {
    return bad(a, d->name, "its shape is too large");
  }
  for (size_t i = 0; i < d->rank && count > 0; i++) {
    if (!mpp_mul(&step, d->shape[i] - 1, d->stride[i]) || !mpp_add(&last, last, step)) {
      return bad(a, d->name, "its strides are too large");
    }
  }
  return count == 0 || last < d->storage ? MPP_OK
                                         : bad(a, d->name, "it reaches beyond its storage");
}

static mpp_status describe(description *d, const archive *a, const mpp_pickle_value *v)
{
  mpp_status st = MPP_OK;
  if (calls(v, "torch._utils _rebuild_parameter", 1)) {
    v = v->item[1]->item[0];
  }
  if (!calls(v, "torch._utils _rebuild_tensor_v2", 4)) {
    return bad(a, d->name, "found something else than a tensor");
  }
  mpp_pickle_value **argument = v->item[1]->item;
  const mpp_pickle_value *shape = argument[2], *stride = argument[3];
  if (!is_size(argument[1]) || shape->kind != MPP_PICKLE_TUPLE ||
      stride->kind != MPP_PICKLE_TUPLE || shape->count != stride->count ||
      shape->count > MPP_TENSOR_RANK) {
    return bad(a, d->name, "its shape is described in an unknown way");
  }
  MPP_TRY(describe_storage(d, a, argument[0]));
  d->offset = (size_t)argument[1]->number;
  d->rank = shape->count;
  for (size_t i = 0; i < d->rank; i++) {
    if (!is_size(shape->item[i]) || !is_size(stride->item[i])) {
      return bad(a, d->name, "its shape or strides are no sizes");
    }
    d->shape[i] = (size_t)shape->item[i]->number;
    d->stride[i] = (size_t)stride->item[i]->number;
  }
  MPP_TRY(check_extent(d, a));
done:
  return st;
}

static mpp_status find_state(const mpp_pickle_value **out, const archive *a, const mpp_pickle *p)
{
  static const char *const keys[] = {"model_state", "state_dict", "model"};
  const mpp_pickle_value *root = mpp_pickle_root(p);
  *out = root;
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    const mpp_pickle_value *found = mpp_pickle_get(root, keys[i]);
    if (found != NULL) {
      *out = found;
      break;
    }
  }
  return mpp_pickle_is_dict(*out) ? MPP_OK
                                  : mpp_fail(MPP_ERR_DATA, "%s: holds no dict of tensors", a->path);
}

/* ---- numbers ---- */

/* Number `from` of a storage becomes number `to` of an array. */
static void copy_number(void *out, size_t to, const void *data, size_t from, number_kind kind)
{
  uint16_t half = 0;
  switch (kind) {
  case F32:
    memcpy((float *)out + to, (const char *)data + 4 * from, 4);
    break;
  case F64:
  case I64:
    memcpy((double *)out + to, (const char *)data + 8 * from, 8);
    break;
  case F16:
  case BF16:
    memcpy(&half, (const char *)data + 2 * from, 2);
    ((float *)out)[to] = kind == F16 ? mpp_float_of_f16(half) : mpp_float_of_bf16(half);
    break;
  }
}

static void copy_strided(void *out, const void *data, const description *d, size_t count)
{
  size_t at[MPP_TENSOR_RANK] = {0}, from = d->offset;
  for (size_t i = 0; i < count; i++) {
    copy_number(out, i, data, from, d->kind);
    for (size_t axis = d->rank; axis-- > 0;) {
      from += d->stride[axis];
      if (++at[axis] < d->shape[axis]) {
        break;
      }
      from -= d->stride[axis] * d->shape[axis];
      at[axis] = 0;
    }
  }
}

static mpp_status read_tensor(mpp_tensor_file *f, const archive *a, const description *d)
{
  mpp_status st = MPP_OK;
  mpp_tensor *t = &f->tensors[f->ntensors];
  char entry[80];
  void *data = NULL, *numbers = NULL;
  size_t size = 0, count = 0, expected = 0;
  if (!mpp_mul(&expected, d->storage, d->itemsize)) {
    return bad(a, d->name, "its storage is too large");
  }
  snprintf(entry, sizeof entry, "data/%s", d->key);
  MPP_TRY(read_entry(&data, &size, a, entry, expected));
  assert(data != NULL);
  MPP_REQUIRE(size == expected, MPP_ERR_DATA, "%s: entry '%s': found %zu bytes, expected %zu",
              a->path, entry, size, expected);
  *t = (mpp_tensor){.dtype = d->kind == F64   ? MPP_F64
                             : d->kind == I64 ? MPP_I64
                                              : MPP_F32,
                    .rank = d->rank};
  memcpy(t->shape, d->shape, sizeof t->shape);
  count = mpp_tensor_elements(t);
  MPP_TRY(mpp_alloc(&numbers, count + 1, mpp_dtype_size(t->dtype)));
  copy_strided(numbers, data, d, count);
  MPP_TRY(mpp_format(&f->names[f->ntensors], "%s", d->name));
  t->name = f->names[f->ntensors];
  t->data = numbers;
  f->owned[f->ntensors++] = numbers;
  numbers = NULL;
done:
  mpp_free(data);
  mpp_free(numbers);
  return st;
}

static mpp_status read_state(mpp_tensor_file *f, const archive *a, const mpp_pickle_value *state)
{
  mpp_status st = MPP_OK;
  const size_t first = state->kind == MPP_PICKLE_CALL ? 2 : 0, n = (state->count - first) / 2;
  MPP_TRY(MPP_ALLOC(&f->tensors, n + 1));
  MPP_TRY(MPP_ALLOC(&f->names, n + 1));
  MPP_TRY(MPP_ALLOC(&f->owned, n + 1));
  for (size_t i = first; i + 1 < state->count; i += 2) {
    description d = {.name = state->item[i]->text};
    MPP_REQUIRE(state->item[i]->kind == MPP_PICKLE_TEXT && strlen(d.name) < NAME_LIMIT,
                MPP_ERR_DATA, "%s: a key of the state is no name", a->path);
    MPP_REQUIRE(mpp_tensors_find(f, d.name) == NULL, MPP_ERR_DATA,
                "%s: tensor '%.80s' stands there twice", a->path, d.name);
    MPP_TRY(describe(&d, a, state->item[i + 1]));
    MPP_TRY(read_tensor(f, a, &d));
  }
done:
  return st;
}

/* ---- file ---- */

/* A pickle that begins with this integer is a checkpoint of PyTorch before 1.6. */
static const unsigned char old_magic[] = {0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a};

static size_t head_of(unsigned char head[16], const char *path)
{
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  const ssize_t n = fd >= 0 ? read(fd, head, 16) : 0;
  if (fd >= 0) {
    close(fd);
  }
  return n > 0 ? (size_t)n : 0;
}

static bool is_old(const unsigned char *head, size_t n)
{
  return n >= 2 + sizeof old_magic && memcmp(head + 2, old_magic, sizeof old_magic) == 0;
}

bool mpp_torch_is(const char *path)
{
  unsigned char head[16] = {0};
  const size_t n = head_of(head, path);
  return (n >= 4 && memcmp(head, "PK\003\004", 4) == 0) || is_old(head, n);
}

mpp_status mpp_torch_read(mpp_tensor_file **out, const char *path)
{
  mpp_status st = MPP_OK;
  archive a = {.path = path};
  mpp_pickle *pickle = NULL;
  mpp_tensor_file *f = NULL;
  const mpp_pickle_value *state = NULL;
  unsigned char head[16] = {0};
  void *text = NULL;
  size_t size = 0;
  int error = 0;
  MPP_TRY(mpp_check_input(path));
  MPP_REQUIRE(!is_old(head, head_of(head, path)), MPP_ERR_DATA,
              "%s: a checkpoint of PyTorch before 1.6: save it again with a newer one", path);
  a.zip = mpp_fault() ? NULL : zip_open(path, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  MPP_REQUIRE(a.zip != NULL, MPP_ERR_DATA, "%s: no sound zip file (libzip: error %d)", path, error);
  MPP_TRY(find_prefix(&a));
  MPP_TRY(check_byte_order(&a));
  MPP_TRY(read_entry(&text, &size, &a, "data.pkl", PICKLE_LIMIT));
  MPP_TRY(mpp_pickle_read(&pickle, text, size, path));
  MPP_TRY(find_state(&state, &a, pickle));
  MPP_TRY(MPP_ALLOC(&f, 1));
  MPP_TRY(mpp_format(&f->path, "%s", path));
  MPP_TRY(read_state(f, &a, state));
  *out = f;
  f = NULL;
done:
  if (a.zip != NULL) {
    zip_discard(a.zip);
  }
  mpp_free(text);
  mpp_pickle_free(pickle);
  mpp_tensors_free(f);
  return st;
}
