/* attention.c - multi-head attention along one axis of the token grid, with normed queries and keys
 * (qk_norm.h).
 *
 * The work is a list of units (sequence, head), heads fastest: those of a sequence read what lies
 * together. It is cut into fixed slots of equal length. A thread computes unit after unit in
 * scratch of its own; the sums of the gradients of the parameters belong to the slots and are added
 * in their order: the same bits for any number of threads. What happens inside a unit is in
 * attention_unit.h. */
#include <assert.h>
#include <omp.h>
#include <string.h>

#include "attention_unit.h"
#include "chunks.h"
#include "nn.h"
#include "threads.h"

typedef struct layout {
  mpp_unit_shape unit;
  size_t sequences, units, slots;
  size_t biases;        /* floats of the biases of all heads as the units take them */
  size_t sums;          /* of a slot: their gradients, and [4, dh] of the norm */
  size_t scratch_bytes; /* of a thread; `slots` of them come first in the work space, then the bias
                           as the units need it, then the sums of the slots */
} layout;

/* Slots are as many as their sums find room in SUMS_MOST floats, but not fewer than SLOTS_LEAST. */
enum { SUMS_MOST = 1 << 20, SLOTS_LEAST = 8 };

static layout layout_of(const mpp_axis *a)
{
  layout l = {.unit = mpp_unit_shape_of(a), .sequences = a->outer * a->inner};
  l.units = a->heads * l.sequences;
  l.biases = a->heads * l.unit.bias;
  l.sums = l.biases + 4 * a->dh;
  l.slots = mpp_min_size(SUMS_MOST / l.biases, MPP_NN_CHUNKS);
  l.slots = mpp_min_size(l.slots > SLOTS_LEAST ? l.slots : SLOTS_LEAST, l.units);
  mpp_arena measure = {0};
  mpp_unit_take(&measure, &l.unit);
  l.scratch_bytes = measure.used;
  return l;
}

size_t mpp_attention_work(const mpp_axis *a)
{
  const layout l = layout_of(a);
  return l.slots * (l.scratch_bytes / sizeof(float) + l.sums) + l.biases;
}

/* Threads that have work, so that each has scratch: there is as much as there are slots. */
static int threads_of(const layout *l)
{
  return (int)mpp_min_size((size_t)mpp_threads(), l->slots);
}

static mpp_unit my_scratch(float *work, const layout *l)
{
  assert(work != NULL);
  mpp_arena m = {(char *)work + (size_t)omp_get_thread_num() * l->scratch_bytes, 0,
                 l->scratch_bytes};
  return mpp_unit_take(&m, &l->unit);
}

static float *bias_of(float *work, const layout *l, size_t head)
{
  return work + l->slots * l->scratch_bytes / sizeof(float) + head * l->unit.bias;
}

static float *sums_of_slot(float *work, const layout *l, size_t slot)
{
  return bias_of(work, l, 0) + l->biases + slot * l->sums;
}

static size_t slot_start(const layout *l, size_t slot) { return l->units * slot / l->slots; }

/* A unit's head in its first token, counted in [outer, n, inner, heads]. */
static size_t unit_first(const mpp_axis *a, size_t u)
{
  const size_t sequence = u / a->heads, head = u % a->heads;
  return (sequence / a->inner * a->n * a->inner + sequence % a->inner) * a->heads + head;
}

/* Offset of the same in qkv [outer, n, inner, heads, 3, dh]. */
static size_t unit_in(const mpp_axis *a, size_t u) { return unit_first(a, u) * 3 * a->dh; }

/* And in y [outer, nq, inner, heads, dh]. */
static size_t unit_out(const mpp_axis *a, size_t u)
{
  const size_t sequence = u / a->heads, head = u % a->heads;
  const size_t token = sequence / a->inner * a->nq * a->inner + sequence % a->inner;
  return (token * a->heads + head) * a->dh;
}

static void spread_bias(float *work, const float *bias, const mpp_axis *a, const layout *l)
{
  for (size_t h = 0; h < a->heads; h++) {
    mpp_unit_spread_bias(bias_of(work, l, h), bias + h * (2 * a->n - 1), &l->unit);
  }
}

void mpp_attention_forward(float *y, float *qkv, float *rstd, const mpp_qk_norm *norm,
                           const float *bias, const mpp_axis *a, float weight, bool add,
                           float *work)
{
  const layout l = layout_of(a);
  spread_bias(work, bias, a, &l);
#pragma omp parallel for schedule(static) num_threads(threads_of(&l))
  for (size_t slot = 0; slot < l.slots; slot++) {
    mpp_unit s = my_scratch(work, &l);
    const size_t end = slot_start(&l, slot + 1);
    mpp_unit_load_norm(&s, norm, &l.unit);
    for (size_t u = slot_start(&l, slot); u < end; u++) {
      float *x = qkv + unit_in(a, u);
      s.next = u + 1 < end ? (mpp_unit_next){.x = qkv + unit_in(a, u + 1)} : (mpp_unit_next){0};
      if (rstd != NULL) {
        mpp_unit_norm(x, rstd + 2 * unit_first(a, u), 2 * a->inner * a->heads, &l.unit);
      }
      mpp_unit_forward(y + unit_out(a, u), &s, x, bias_of(work, &l, u % a->heads), &l.unit, weight,
                       add);
    }
  }
}

/* Adds the sums of the slots, in order, into those of the first, and these to dbias. */
static void add_bias_sums(float *dbias, const mpp_axis *a, const layout *l, float *work)
{
  const size_t bias = l->unit.bias;
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t h = 0; h < a->heads; h++) {
    float *first = sums_of_slot(work, l, 0) + h * bias;
    for (size_t slot = 1; slot < l->slots; slot++) {
      const float *sums = sums_of_slot(work, l, slot) + h * bias;
#pragma omp simd
      for (size_t i = 0; i < bias; i++) { first[i] += sums[i]; }
    }
    mpp_unit_gather_bias(dbias + h * (2 * a->n - 1), first, &l->unit);
  }
}

static void add_norm_sums(const mpp_qk_norm_grad *dnorm, const mpp_axis *a, const layout *l,
                          float *work)
{
  float *const out[4] = {dnorm->gq, dnorm->bq, dnorm->gk, dnorm->bk};
  for (size_t slot = 0; slot < l->slots; slot++) {
    const float *sums = sums_of_slot(work, l, slot) + l->biases;
    for (size_t k = 0; k < 4; k++) {
      for (size_t j = 0; j < a->dh; j++) { out[k][j] += sums[k * a->dh + j]; }
    }
  }
}

void mpp_attention_backward(float *dqkv, const mpp_qk_norm_grad *dnorm, float *dbias,
                            const float *dy, const float *qkv, const float *rstd,
                            const mpp_qk_norm *norm, const float *bias, const mpp_axis *a,
                            float weight, bool add, float *work)
{
  const layout l = layout_of(a);
  spread_bias(work, bias, a, &l);
#pragma omp parallel for schedule(static) num_threads(threads_of(&l))
  for (size_t slot = 0; slot < l.slots; slot++) {
    mpp_unit s = my_scratch(work, &l);
    const size_t end = slot_start(&l, slot + 1);
    float *sums = sums_of_slot(work, &l, slot);
    memset(sums, 0, l.sums * sizeof *sums);
    mpp_unit_load_norm(&s, norm, &l.unit);
    for (size_t u = slot_start(&l, slot); u < end; u++) {
      const size_t head = u % a->heads;
      s.next = u + 1 < end ? (mpp_unit_next){qkv + unit_in(a, u + 1), dqkv + unit_in(a, u + 1),
                                             dy + unit_out(a, u + 1)}
                           : (mpp_unit_next){0};
      mpp_unit_backward(dqkv + unit_in(a, u), sums + head * l.unit.bias, dy + unit_out(a, u), &s,
                        qkv + unit_in(a, u), bias_of(work, &l, head), &l.unit, weight, add);
      if (dnorm != NULL) {
        mpp_unit_norm_backward(dqkv + unit_in(a, u), sums + l.biases, &s, qkv + unit_in(a, u),
                               rstd + 2 * unit_first(a, u), 2 * a->inner * a->heads, &l.unit);
      }
    }
  }
  add_bias_sums(dbias, a, &l, work);
  if (dnorm != NULL) {
    add_norm_sums(dnorm, a, &l, work);
  }
}
