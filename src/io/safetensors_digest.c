/* safetensors_digest.c - XXH3-128 over what a file says, not over its bytes: pairs and tensors in
 * the order of their names, each text with its length before it, so that another writer may lay the
 * same content out in another way. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "alloc.h"
#include "check.h"
#include "safetensors_private.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "safetensors hold little-endian numbers, which this code neither swaps nor hashes"
#endif

static const struct {
  const char *name;
  size_t size;
} dtypes[] = {[MPP_F32] = {"F32", 4},
              [MPP_F64] = {"F64", 8},
              [MPP_I64] = {"I64", 8},
              [MPP_F16] = {"F16", 2},
              [MPP_BF16] = {"BF16", 2}};

size_t mpp_dtype_size(mpp_dtype dtype) { return dtypes[dtype].size; }

const char *mpp_dtype_name(mpp_dtype dtype) { return dtypes[dtype].name; }

size_t mpp_tensor_elements(const mpp_tensor *t)
{
  size_t n = 0;
  /* Tensors that were read have been checked; those to be written are in memory. */
  return mpp_product(&n, t->shape, t->rank) ? n : 0;
}

static int by_key(const void *a, const void *b)
{
  return strcmp(((const mpp_pair *)a)->key, ((const mpp_pair *)b)->key);
}

static int by_name(const void *a, const void *b)
{
  return strcmp(((const mpp_tensor *)a)->name, ((const mpp_tensor *)b)->name);
}

static void add_number(XXH3_state_t *state, uint64_t n)
{
  XXH3_128bits_update(state, &n, sizeof n);
}

static void add_text(XXH3_state_t *state, const char *text)
{
  const size_t length = strlen(text);
  add_number(state, length);
  XXH3_128bits_update(state, text, length);
}

static void add_tensor(XXH3_state_t *state, const mpp_tensor *t)
{
  add_text(state, t->name);
  add_text(state, mpp_dtype_name(t->dtype));
  add_number(state, t->rank);
  for (size_t i = 0; i < t->rank; i++) { add_number(state, t->shape[i]); }
  const size_t bytes = mpp_tensor_elements(t) * mpp_dtype_size(t->dtype);
  if (bytes > 0) {
    XXH3_128bits_update(state, t->data, bytes);
  }
}

mpp_status mpp_tensors_digest(char out[MPP_DIGEST_SIZE], const mpp_tensor *tensors, size_t ntensors,
                              const mpp_pair *meta, size_t nmeta)
{
  mpp_status st = MPP_OK;
  mpp_pair *pairs = NULL;
  mpp_tensor *sorted = NULL;
  XXH3_state_t *state = NULL;
  size_t npairs = 0;
  MPP_TRY(MPP_ALLOC(&pairs, nmeta));
  MPP_TRY(MPP_ALLOC(&sorted, ntensors));
  state = mpp_fault() ? NULL : XXH3_createState();
  MPP_REQUIRE(state != NULL, MPP_ERR_NOMEM, "out of memory: state of a digest");
  for (size_t i = 0; i < nmeta; i++) {
    if (strcmp(meta[i].key, MPP_DIGEST_KEY) != 0) {
      pairs[npairs++] = meta[i];
    }
  }
  for (size_t i = 0; i < ntensors; i++) { sorted[i] = tensors[i]; }
  if (npairs > 0) {
    qsort(pairs, npairs, sizeof *pairs, by_key);
  }
  if (ntensors > 0) {
    qsort(sorted, ntensors, sizeof *sorted, by_name);
  }
  XXH3_128bits_reset(state);
  add_number(state, npairs);
  for (size_t i = 0; i < npairs; i++) {
    add_text(state, pairs[i].key);
    add_text(state, pairs[i].text);
  }
  add_number(state, ntensors);
  for (size_t i = 0; i < ntensors; i++) { add_tensor(state, &sorted[i]); }
  const XXH128_hash_t hash = XXH3_128bits_digest(state);
  mpp_digest_print(out, hash.high64, hash.low64);
done:
  XXH3_freeState(state);
  mpp_free(sorted);
  mpp_free(pairs);
  return st;
}
