/* torch_write.c - tensors as a checkpoint that torch.load reads: a pickle of protocol 2 without
 * memo, and one stored entry of numbers a tensor. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include "alloc.h"
#include "check.h"
#include "file.h"
#include "safetensors_private.h"
#include "torch_file.h"

/* Bytes of a pickle; `full`: they did not fit. */
typedef struct pickle {
  unsigned char *data;
  size_t used, size;
  bool full;
} pickle;

static void put(pickle *p, const void *data, size_t size)
{
  if (size > p->size - p->used) {
    p->full = true;
    return;
  }
  memcpy(p->data + p->used, data, size);
  p->used += size;
}

static void put_opcodes(pickle *p, const char *opcodes) { put(p, opcodes, strlen(opcodes)); }

static void put_number(pickle *p, char opcode, uint64_t value, size_t bytes)
{
  unsigned char text[9] = {(unsigned char)opcode};
  for (size_t i = 0; i < bytes; i++) { text[1 + i] = (unsigned char)(value >> (8 * i)); }
  put(p, text, 1 + bytes);
}

static void put_text(pickle *p, const char *text)
{
  put_number(p, 'X', strlen(text), 4);
  put(p, text, strlen(text));
}

/* LONG1 of eight bytes: sizes are below 2^63. */
static void put_size(pickle *p, size_t value)
{
  const unsigned char head[2] = {0x8a, 8};
  unsigned char bytes[8] = {0};
  for (size_t i = 0; i < 8; i++) { bytes[i] = (unsigned char)((uint64_t)value >> (8 * i)); }
  put(p, head, 2);
  put(p, bytes, 8);
}

/* _rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict()) */
static void put_tensor(pickle *p, const mpp_tensor *t, size_t key)
{
  char name[24];
  size_t stride[MPP_TENSOR_RANK], step = 1;
  for (size_t i = t->rank; i-- > 0;) {
    stride[i] = step;
    step *= t->shape[i];
  }
  snprintf(name, sizeof name, "%zu", key);
  put_opcodes(p, "ctorch._utils\n_rebuild_tensor_v2\n((");
  put_text(p, "storage");
  put_opcodes(p, t->dtype == MPP_F16    ? "ctorch\nHalfStorage\n"
                 : t->dtype == MPP_BF16 ? "ctorch\nBFloat16Storage\n"
                                        : "ctorch\nFloatStorage\n");
  put_text(p, name);
  put_text(p, "cpu");
  put_size(p, mpp_tensor_elements(t));
  put_opcodes(p, "tQ");
  put_size(p, 0);
  put_opcodes(p, "(");
  for (size_t i = 0; i < t->rank; i++) { put_size(p, t->shape[i]); }
  put_opcodes(p, "t(");
  for (size_t i = 0; i < t->rank; i++) { put_size(p, stride[i]); }
  put_opcodes(p, "t\x89"
                 "ccollections\nOrderedDict\n)RtR");
}

/* {"model_state": OrderedDict({name: tensor, ...})} */
static mpp_status describe(pickle *p, const mpp_tensor *tensors, size_t n)
{
  mpp_status st = MPP_OK;
  const unsigned char head[2] = {0x80, 2};
  p->size = 256;
  for (size_t i = 0; i < n; i++) { p->size += strlen(tensors[i].name) + 512; }
  MPP_TRY(MPP_ALLOC(&p->data, p->size));
  put(p, head, 2);
  put_opcodes(p, "}(");
  put_text(p, "model_state");
  put_opcodes(p, "ccollections\nOrderedDict\n)R(");
  for (size_t i = 0; i < n; i++) {
    put_text(p, tensors[i].name);
    put_tensor(p, &tensors[i], i);
  }
  put_opcodes(p, "uu.");
  MPP_REQUIRE(!p->full, MPP_ERR_INTERNAL, "pickle of %zu tensors does not fit", n);
done:
  return st;
}

static mpp_status code_of(zip_t *zip)
{
  return zip_error_code_zip(zip_get_error(zip)) == ZIP_ER_MEMORY ? MPP_ERR_NOMEM : MPP_ERR_IO;
}

/* `data` is borrowed until the file is closed. */
static mpp_status add_entry(zip_t *zip, const char *path, const char *name, const void *data,
                            size_t size)
{
  mpp_status st = MPP_OK;
  char full[64];
  snprintf(full, sizeof full, "archive/%s", name);
  zip_source_t *source = mpp_fault() ? NULL : zip_source_buffer(zip, data, size, 0);
  MPP_REQUIRE(source != NULL, MPP_ERR_NOMEM, "%s: out of memory: entry '%s'", path, name);
  const zip_int64_t index = zip_file_add(zip, full, source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(source);
  }
  MPP_REQUIRE(index >= 0 &&
                  zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_STORE, 0) == 0,
              code_of(zip), "%s: entry '%s' cannot be added: %s", path, name, zip_strerror(zip));
done:
  return st;
}

mpp_status mpp_torch_write(const char *path, const mpp_tensor *tensors, size_t n)
{
  mpp_status st = MPP_OK;
  pickle p = {.data = NULL};
  zip_t *zip = NULL;
  char temporary[MPP_PATH_MAX] = "";
  int error = 0;
  size_t whole = 0; /* bytes of all tensors */
  for (size_t i = 0; i < n; i++) {
    MPP_REQUIRE(tensors[i].dtype != MPP_F64 && tensors[i].dtype != MPP_I64, MPP_ERR_INTERNAL,
                "%s: tensor '%s' is neither float32 nor shorter", path, tensors[i].name);
  }
  MPP_TRY(describe(&p, tensors, n));
  MPP_TRY(mpp_temporary_name(temporary, path));
  zip = mpp_fault() ? NULL : zip_open(temporary, ZIP_CREATE | ZIP_EXCL, &error);
  MPP_REQUIRE(zip != NULL, error == ZIP_ER_MEMORY ? MPP_ERR_NOMEM : MPP_ERR_IO,
              "%s: cannot be created (libzip: error %d)", path, error);
  MPP_TRY(add_entry(zip, path, "data.pkl", p.data, p.used));
  for (size_t i = 0; i < n; i++) {
    char name[32];
    snprintf(name, sizeof name, "data/%zu", i);
    MPP_TRY(add_entry(zip, path, name, tensors[i].data,
                      mpp_tensor_elements(&tensors[i]) * mpp_dtype_size(tensors[i].dtype)));
  }
  MPP_TRY(add_entry(zip, path, "version", "3\n", 2));
  for (size_t i = 0; i < n; i++) {
    whole += mpp_tensor_elements(&tensors[i]) * mpp_dtype_size(tensors[i].dtype);
  }
  errno = 0;
  if (mpp_fault() || zip_close(zip) != 0) { /* all is written here */
    st = errno != 0 ? mpp_fail_room(path, errno, whole)
                    : mpp_fail(code_of(zip), "%s: cannot be written: %s", path, zip_strerror(zip));
    goto done;
  }
  zip = NULL;
  st = mpp_commit_file(temporary, path);
  temporary[0] = '\0';
done:
  if (zip != NULL) {
    zip_discard(zip);
  }
  if (temporary[0] != '\0') {
    unlink(temporary);
  }
  mpp_free(p.data);
  return st;
}
