/* adapter.c - what an adapter trains, and what it makes of the weights. */
#include "adapter.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "gemm.h"
#include "rng.h"
#include "threads.h"

/* ---- the list ---- */

/* Appends an entry that stands for a part of `of`. "x.weight" and ".lora_A.weight" give
 * "x.lora_A.weight". */
static void append(mpp_params *p, const mpp_param *of, const char *suffix, size_t rank,
                   const size_t *shape)
{
  static const char tail[] = ".weight";
  mpp_param *e = &p->entry[p->count++];
  const size_t whole = strlen(of->name), cut = sizeof tail - 1;
  const bool map = of->map != MPP_MAP_NONE && whole > cut;
  *e = (mpp_param){.part = of->part,
                   .block = of->block,
                   .rank = rank,
                   .offset = p->total,
                   .count = 1,
                   .field_axis = -1,
                   .decays = of->decays,
                   .used = true};
  const int length = snprintf(e->name, sizeof e->name, "%.*s%s", (int)(map ? whole - cut : whole),
                              of->name, suffix);
  assert(length > 0 && (size_t)length < sizeof e->name);
  (void)length;
  for (size_t i = 0; i < rank; i++) {
    e->shape[i] = shape[i];
    e->count *= shape[i];
  }
  p->total += e->count;
}

static size_t inputs_of(const mpp_param *map) { return map->count / map->shape[0]; }

static void append_map(mpp_adapter *a, const mpp_param *of, size_t index)
{
  const size_t down[] = {a->set.rank, inputs_of(of)}, up[] = {of->shape[0], a->set.rank};
  a->part[a->nparts++] = (mpp_adapter_part){index, a->params->count, a->nbase, false};
  append(a->params, of, ".lora_A.weight", 2, down);
  append(a->params, of, ".lora_B.weight", 2, up);
  a->nbase += of->count;
}

static void append_columns(mpp_adapter *a, const mpp_param *of, size_t index)
{
  size_t shape[5];
  memcpy(shape, of->shape, sizeof shape);
  shape[of->field_axis] = a->nfields;
  a->part[a->nparts++] = (mpp_adapter_part){index, a->params->count, 0, true};
  append(a->params, of, ".columns", of->rank, shape);
}

static mpp_status build(mpp_adapter *a, const mpp_params *list)
{
  mpp_status st = MPP_OK;
  MPP_TRY(MPP_ALLOC(&a->params, 1));
  MPP_TRY(MPP_ALLOC(&a->params->entry, 2 * list->count));
  MPP_TRY(MPP_ALLOC(&a->part, list->count));
  for (size_t i = 0; i < list->count; i++) {
    const mpp_param *e = &list->entry[i];
    if (e->map == MPP_MAP_ATTENTION || (e->map == MPP_MAP_MLP && a->set.mlp)) {
      append_map(a, e, i);
    } else if (e->field_axis >= 0 && a->nfields > 0) {
      append_columns(a, e, i);
    }
  }
  MPP_TRY(MPP_ALLOC(&a->values, a->params->total));
  MPP_TRY(MPP_ALLOC(&a->base, a->nbase));
done:
  return st;
}

/* ---- columns ---- */

/* Floats that lie together in a column of a tensor, and how many such pieces the new fields
 * have. */
static size_t piece_size(const mpp_param *of)
{
  size_t inner = 1;
  for (size_t k = (size_t)of->field_axis + 1; k < of->rank; k++) { inner *= of->shape[k]; }
  return inner;
}

static size_t pieces(const mpp_adapter *a, const mpp_param *of)
{
  return of->count / (of->shape[of->field_axis] * piece_size(of)) * a->nfields;
}

/* Where piece i lies in the tensor; among the adapter's values the pieces lie in a row. */
static size_t place_of(const mpp_adapter *a, const mpp_param *of, size_t i)
{
  const size_t columns = of->shape[of->field_axis];
  return (i / a->nfields * columns + (size_t)a->column[i % a->nfields]) * piece_size(of);
}

static void gather_columns(float *values, const float *tensor, const mpp_adapter *a,
                           const mpp_param *of)
{
  const size_t n = piece_size(of);
  for (size_t i = 0; i < pieces(a, of); i++) {
    memcpy(values + i * n, tensor + place_of(a, of, i), n * sizeof *values);
  }
}

static void scatter_columns(float *tensor, const float *values, const mpp_adapter *a,
                            const mpp_param *of)
{
  const size_t n = piece_size(of);
  for (size_t i = 0; i < pieces(a, of); i++) {
    memcpy(tensor + place_of(a, of, i), values + i * n, n * sizeof *tensor);
  }
}

/* ---- life ---- */

static void begin_map(mpp_adapter *a, const mpp_adapter_part *part, const mpp_model *m,
                      uint64_t seed)
{
  const mpp_param *of = &m->params->entry[part->of], *down = &a->params->entry[part->entry];
  const double bound = 1.0 / sqrt((double)inputs_of(of));
  memcpy(a->base + part->kept, m->weights + of->offset, of->count * sizeof *a->base);
  for (size_t i = 0; i < down->count; i++) {
    const double u = mpp_rng_uniform(seed, MPP_STREAM_ADAPTER, i, (uint32_t)part->entry);
    a->values[down->offset + i] = (float)(bound * (2.0 * u - 1.0));
  }
}

mpp_status mpp_adapter_create(mpp_adapter **out, const mpp_model *m,
                              const mpp_adapter_settings *set, const char *base_digest,
                              const mpp_name *field, size_t nfields, uint64_t seed)
{
  mpp_status st = MPP_OK;
  mpp_adapter *a = NULL;
  MPP_REQUIRE(set->rank >= 1 && set->rank <= (size_t)m->config.embed_dim, MPP_ERR_CONFIG,
              "lora-rank: found %zu, expected 1 to the model's width %d", set->rank,
              m->config.embed_dim);
  MPP_REQUIRE(set->alpha > 0.0 && isfinite(set->alpha), MPP_ERR_CONFIG,
              "lora-alpha: found %g, expected more than 0", set->alpha);
  MPP_TRY(MPP_ALLOC(&a, 1));
  a->set = *set;
  a->nfields = nfields;
  snprintf(a->base_digest, sizeof a->base_digest, "%s", base_digest);
  MPP_TRY(MPP_ALLOC(&a->field, nfields));
  MPP_TRY(MPP_ALLOC(&a->column, nfields));
  if (nfields > 0) {
    memcpy(a->field, field, nfields * sizeof *field);
    MPP_TRY(mpp_model_columns(m, a->column, field, nfields));
  }
  MPP_TRY(build(a, m->params));
  for (size_t i = 0; i < a->nparts; i++) {
    const mpp_param *of = &m->params->entry[a->part[i].of];
    if (a->part[i].columns) {
      gather_columns(a->values + a->params->entry[a->part[i].entry].offset, m->weights + of->offset,
                     a, of);
    } else {
      begin_map(a, &a->part[i], m, seed);
    }
  }
  *out = a;
  a = NULL;
done:
  mpp_adapter_destroy(a);
  return st;
}

void mpp_adapter_destroy(mpp_adapter *a)
{
  if (a == NULL) {
    return;
  }
  mpp_params_destroy(a->params);
  mpp_free(a->field);
  mpp_free(a->column);
  mpp_free(a->values);
  mpp_free(a->part);
  mpp_free(a->base);
  mpp_free(a);
}

/* ---- weights and gradients ---- */

static void apply_map(float *w, const float *base, const float *down, const float *up,
                      const mpp_param *of, size_t rank, float scale)
{
  const size_t in = inputs_of(of);
  mpp_gemm_parallel(w, in, up, rank, false, down, in, false, of->shape[0], in, rank, 0.0f);
#pragma omp parallel for simd schedule(static) num_threads(mpp_threads())
  for (size_t i = 0; i < of->count; i++) { w[i] = base[i] + scale * w[i]; }
}

void mpp_adapter_apply(const mpp_adapter *a, mpp_model *m)
{
  const float scale = (float)(a->set.alpha / (double)a->set.rank);
  for (size_t i = 0; i < a->nparts; i++) {
    const mpp_adapter_part *part = &a->part[i];
    const mpp_param *of = &m->params->entry[part->of], *e = &a->params->entry[part->entry];
    float *w = m->weights + of->offset;
    if (part->columns) {
      scatter_columns(w, a->values + e->offset, a, of);
    } else {
      apply_map(w, a->base + part->kept, a->values + e->offset, a->values + e[1].offset, of,
                a->set.rank, scale);
    }
  }
}

/* dA = scale B^T dW, dB = scale dW A^T. */
static void project_map(float *ddown, float *dup, const float *dw, const float *down,
                        const float *up, const mpp_param *of, size_t rank, float scale)
{
  const size_t in = inputs_of(of), rows = of->shape[0];
  mpp_gemm_parallel(ddown, in, up, rank, true, dw, in, false, rank, in, rows, 0.0f);
  mpp_gemm_parallel(dup, rank, dw, in, false, down, in, true, rows, rank, in, 0.0f);
  for (size_t i = 0; i < rank * in; i++) { ddown[i] *= scale; }
  for (size_t i = 0; i < rows * rank; i++) { dup[i] *= scale; }
}

void mpp_adapter_project(const mpp_adapter *a, float *gradients, const float *of_model,
                         const mpp_params *list)
{
  const float scale = (float)(a->set.alpha / (double)a->set.rank);
  for (size_t i = 0; i < a->nparts; i++) {
    const mpp_adapter_part *part = &a->part[i];
    const mpp_param *of = &list->entry[part->of], *e = &a->params->entry[part->entry];
    if (part->columns) {
      gather_columns(gradients + e->offset, of_model + of->offset, a, of);
    } else {
      project_map(gradients + e->offset, gradients + e[1].offset, of_model + of->offset,
                  a->values + e->offset, a->values + e[1].offset, of, a->set.rank, scale);
    }
  }
}
