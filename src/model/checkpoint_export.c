/* checkpoint_export.c - weights alone, for others or in fewer bytes. */
#include <math.h>
#include <stdlib.h>

#include "alloc.h"
#include "check.h"
#include "checkpoint.h"
#include "checkpoint_config.h"
#include "short_float.h"
#include "torch_file.h"

static uint16_t to_short(float value, mpp_storage storage)
{
  return storage == MPP_STORE_F16 ? mpp_f16_of_float(value) : mpp_bf16_of_float(value);
}

static float from_short(uint16_t bits, mpp_storage storage)
{
  return storage == MPP_STORE_F16 ? mpp_float_of_f16(bits) : mpp_float_of_bf16(bits);
}

/* The numbers of a tensor of float32 become those of `storage`, kept in `to`. */
static mpp_status shorten(mpp_tensor *t, uint16_t *to, mpp_storage storage, const char *path)
{
  mpp_status st = MPP_OK;
  const float *from = t->data;
  const bool half = storage == MPP_STORE_F16;
  const size_t count = mpp_tensor_elements(t);
  for (size_t i = 0; i < count; i++) {
    to[i] = to_short(from[i], storage);
    MPP_REQUIRE(isfinite(from_short(to[i], storage)), MPP_ERR_DATA,
                "%s: tensor '%s': value %zu is %g, expected at most %s of %s; %s holds it", path,
                t->name, i, (double)from[i], half ? "65504" : "3.39e38",
                half ? "float16" : "bfloat16", half ? "bf16" : "f32");
  }
  t->dtype = half ? MPP_F16 : MPP_BF16;
  t->data = to;
done:
  return st;
}

/* The weights as tensors of `storage`; the caller frees both. */
static mpp_status list_as(mpp_tensor **out, uint16_t **numbers, const mpp_model *m,
                          const char *path, mpp_storage storage)
{
  mpp_status st = MPP_OK;
  const size_t count = m->params->count;
  MPP_REQUIRE(storage >= MPP_STORE_F32 && storage <= MPP_STORE_BF16, MPP_ERR_CONFIG,
              "storage: found %d, expected " MPP_STORAGE_CHOICES, (int)storage);
  MPP_TRY(MPP_ALLOC(out, count));
  MPP_TRY(mpp_checkpoint_list(*out, m, path));
  if (storage != MPP_STORE_F32) {
    MPP_TRY(MPP_ALLOC(numbers, m->params->total));
    for (size_t k = 0; k < count; k++) {
      MPP_TRY(shorten(&(*out)[k], *numbers + m->params->entry[k].offset, storage, path));
    }
  }
done:
  return st;
}

mpp_status mpp_model_save_as(const mpp_model *m, const char *path, mpp_storage storage)
{
  mpp_status st = MPP_OK;
  mpp_tensor *tensors = NULL;
  uint16_t *numbers = NULL;
  mpp_pair pairs[MPP_CONFIG_PAIRS + 1];
  mpp_config_text text = {.vocabulary = NULL};
  MPP_TRY(list_as(&tensors, &numbers, m, path, storage));
  MPP_TRY(mpp_checkpoint_write_config(pairs, &text, m));
  pairs[MPP_CONFIG_PAIRS] = (mpp_pair){"dtype", storage == MPP_STORE_F16 ? "f16" : "bf16"};
  MPP_TRY(mpp_tensors_write(path, tensors, m->params->count, pairs,
                            MPP_CONFIG_PAIRS + (storage != MPP_STORE_F32 ? 1 : 0)));
done:
  free(text.vocabulary);
  mpp_free(numbers);
  mpp_free(tensors);
  return st;
}

mpp_status mpp_model_export_torch(const mpp_model *m, const char *path, mpp_storage storage)
{
  mpp_status st = MPP_OK;
  mpp_tensor *tensors = NULL;
  uint16_t *numbers = NULL;
  MPP_REQUIRE(!m->config.edges, MPP_ERR_DATA,
              "%s: the model has an embedding of edges (edge_embed.weight), expected a network as "
              "published for PyTorch",
              path);
  MPP_TRY(list_as(&tensors, &numbers, m, path, storage));
  MPP_TRY(mpp_torch_write(path, tensors, m->params->count));
done:
  mpp_free(numbers);
  mpp_free(tensors);
  return st;
}

size_t mpp_model_storage_losses(const mpp_model *m, mpp_storage storage, const char **first)
{
  const float least = storage == MPP_STORE_F16 ? 0x1p-14F : 0x1p-126F; /* normal number */
  size_t losses = 0;
  *first = NULL;
  for (size_t k = 0; storage != MPP_STORE_F32 && k < m->params->count; k++) {
    const mpp_param *e = &m->params->entry[k];
    float largest = 0.0F;
    for (size_t i = 0; i < e->count; i++) {
      largest = fmaxf(largest, fabsf(m->weights[e->offset + i]));
    }
    if (largest > 0.0F && largest < least) {
      *first = *first != NULL ? *first : e->name;
      losses++;
    }
  }
  return losses;
}
