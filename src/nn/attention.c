/* attention.c - multi-head attention along one axis of the token grid, of q and k that qk_norm.c has
 * normed.
 *
 * The work is a list of units (head, sequence), heads slowest, cut into fixed slots of equal
 * length. A thread computes unit after unit in scratch of its own; the sums of the gradient of the
 * bias belong to the slots and are added in their order: the same bits for any number of
 * threads. What happens inside a unit is in attention_unit.h. */
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
  size_t row;           /* floats of a token in qkv */
  size_t heads_a_slot;  /* most heads that the units of a slot belong to */
  size_t scratch_bytes; /* of a thread; `slots` of them come first in the work space */
  size_t slot_sums;     /* floats of a slot: [heads_a_slot, nq, N] */
} layout;

static layout layout_of(const mpp_axis *a)
{
  layout l = {.unit = mpp_unit_shape_of(a), .sequences = a->outer * a->inner};
  l.units = a->heads * l.sequences;
  l.slots = mpp_min_size(l.units, MPP_NN_CHUNKS);
  l.row = a->heads * 3 * a->dh;
  l.heads_a_slot = mpp_min_size(a->heads, a->heads / MPP_NN_CHUNKS + 2);
  l.slot_sums = l.heads_a_slot * a->nq * l.unit.N;
  mpp_arena measure = {0};
  mpp_unit_take(&measure, &l.unit);
  l.scratch_bytes = measure.used;
  return l;
}

size_t mpp_attention_work(const mpp_axis *a)
{
  const layout l = layout_of(a);
  return l.slots * (l.scratch_bytes / sizeof(float) + l.slot_sums);
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

static float *sums_of_slot(float *work, const layout *l, size_t slot)
{
  return work + l->slots * l->scratch_bytes / sizeof(float) + slot * l->slot_sums;
}

static size_t slot_start(const layout *l, size_t slot) { return l->units * slot / l->slots; }

/* Offset of a unit's head in its first token of qkv [outer, n, inner, heads, 3, dh]. */
static size_t unit_in(const mpp_axis *a, const layout *l, size_t u)
{
  const size_t sequence = u % l->sequences, head = u / l->sequences;
  const size_t token = sequence / a->inner * a->n * a->inner + sequence % a->inner;
  return token * l->row + head * 3 * a->dh;
}

/* The same for y [outer, nq, inner, heads, dh]. */
static size_t unit_out(const mpp_axis *a, const layout *l, size_t u)
{
  const size_t sequence = u % l->sequences, head = u / l->sequences;
  const size_t token = sequence / a->inner * a->nq * a->inner + sequence % a->inner;
  return (token * a->heads + head) * a->dh;
}

/* The rows of a unit lie apart, as far as a line of the grid along some axes: no hardware sees which
 * come next, and without asking for them early the third-level cache's latency is the bound. */
static void ask_for(const float *rows, size_t step, size_t n, size_t floats)
{
  enum { LINE = 16 };
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < floats; j += LINE) { __builtin_prefetch(rows + i * step + j, 0, 2); }
  }
}

/* What the unit after u of the slot reads. */
static void ask_for_next(const float *qkv, const mpp_axis *a, const layout *l, size_t u, size_t end)
{
  if (u + 1 < end) {
    ask_for(qkv + unit_in(a, l, u + 1), l->unit.in_step, a->n, 3 * a->dh);
  }
}

void mpp_attention_forward(float *y, const float *qkv, const mpp_qk_norm *norm, const float *bias,
                           const mpp_axis *a, float weight, bool add, float *work)
{
  const layout l = layout_of(a);
#pragma omp parallel for schedule(static) num_threads(threads_of(&l))
  for (size_t slot = 0; slot < l.slots; slot++) {
    const mpp_unit s = my_scratch(work, &l);
    mpp_unit_load_norm(&s, norm, &l.unit);
    for (size_t u = slot_start(&l, slot), loaded = a->heads; u < slot_start(&l, slot + 1); u++) {
      const size_t head = u / l.sequences;
      if (head != loaded) {
        mpp_unit_load_bias(&s, bias + head * a->n * a->n, &l.unit);
        loaded = head;
      }
      ask_for_next(qkv, a, &l, u, slot_start(&l, slot + 1));
      mpp_unit_forward(y + unit_out(a, &l, u), &s, qkv + unit_in(a, &l, u), &l.unit, weight, add);
    }
  }
}

/* Adds the sums of the slots, in order. */
static void add_sums(float *dbias, const mpp_axis *a, const layout *l, float *work)
{
  const size_t n = a->n, nq = a->nq;
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t row = 0; row < a->heads * nq; row++) {
    const size_t head = row / nq, i = row % nq;
    float *to = dbias + (head * n + n - nq + i) * n;
    for (size_t slot = 0; slot < l->slots; slot++) {
      const size_t first = slot_start(l, slot) / l->sequences;
      const size_t last = (slot_start(l, slot + 1) - 1) / l->sequences;
      if (head >= first && head <= last) {
        const float *sums = sums_of_slot(work, l, slot);
        const float *from = sums + ((head - first) * nq + i) * l->unit.N;
#pragma omp simd
        for (size_t j = 0; j < n; j++) { to[j] += from[j]; }
      }
    }
  }
}

void mpp_attention_backward(float *dqkv, float *dbias, const float *dy, const float *qkv,
                            const mpp_qk_norm *norm, const float *bias, const mpp_axis *a,
                            float weight, bool add, float *work)
{
  const layout l = layout_of(a);
#pragma omp parallel for schedule(static) num_threads(threads_of(&l))
  for (size_t slot = 0; slot < l.slots; slot++) {
    const mpp_unit s = my_scratch(work, &l);
    const size_t begin = slot_start(&l, slot), end = slot_start(&l, slot + 1),
                 first_head = begin / l.sequences;
    float *sums = sums_of_slot(work, &l, slot);
    memset(sums, 0, l.slot_sums * sizeof *sums);
    mpp_unit_load_norm(&s, norm, &l.unit);
    for (size_t u = begin, loaded = a->heads; u < end; u++) {
      const size_t head = u / l.sequences;
      if (head != loaded) {
        mpp_unit_load_bias(&s, bias + head * a->n * a->n, &l.unit);
        loaded = head;
      }
      ask_for_next(qkv, a, &l, u, end);
      if (u + 1 < end) {
        ask_for(dqkv + unit_in(a, &l, u + 1), l.unit.in_step, a->n, 3 * a->dh);
        ask_for(dy + unit_out(a, &l, u + 1), l.unit.out_step, a->nq, a->dh);
      }
      mpp_unit_backward(dqkv + unit_in(a, &l, u), sums + (head - first_head) * a->nq * l.unit.N,
                        dy + unit_out(a, &l, u), &s, qkv + unit_in(a, &l, u), &l.unit, weight, add);
    }
  }
  add_sums(dbias, a, &l, work);
}
