/* tape.c - lays out the working memory of a pass. What a backward pass reads to its end comes
 * first; below it the scratch of the stem, of the blocks and of the destem lie over one another,
 * since each is dead when the next begins, and then the arrays of the blocks. The stem's scratch
 * lies over these, too: it runs before them in the forward pass, and after them in the backward
 * pass. */
#include "tape.h"

#include <string.h>

#include "alloc.h"
#include "check.h"
#include "patch_shift.h"
#include "threads.h"

mpp_status mpp_tape_create(mpp_tape **out, const mpp_model_config *config)
{
  mpp_status st = MPP_OK;
  mpp_tape *t = NULL;
  MPP_TRY(MPP_ALLOC(&t, 1));
  MPP_TRY(MPP_ALLOC(&t->time, (size_t)config->processor_blocks));
  MPP_TRY(MPP_ALLOC(&t->space, (size_t)config->processor_blocks));
  MPP_TRY(MPP_ALLOC(&t->block_end, (size_t)config->processor_blocks));
  *out = t;
  t = NULL;
done:
  mpp_tape_destroy(t);
  return st;
}

void mpp_tape_destroy(mpp_tape *t)
{
  if (t == NULL) {
    return;
  }
  mpp_free(t->block_end);
  mpp_free(t->space);
  mpp_free(t->time);
  mpp_free(t->memory);
  mpp_free(t);
}

void mpp_zero(float *x, size_t n)
{
  const size_t piece = (size_t)1 << 16;
  if (n <= piece) {
    memset(x, 0, n * sizeof *x);
    return;
  }
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t i = 0; i < n; i += piece) {
    memset(x + i, 0, (n - i < piece ? n - i : piece) * sizeof *x);
  }
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

void mpp_scratch_take(mpp_scratch *scratch, mpp_arena *arena, const mpp_dims *d, bool keep)
{
  const size_t rows = d->T * d->B * d->s, c = d->width;
  mpp_axis axis = mpp_time_axis(d, d->T);
  size_t work = mpp_attention_work(&axis), n = d->T;
  axis = mpp_time_axis(d, 1);
  work = larger(work, mpp_attention_work(&axis));
  for (int a = 0; a < 3; a++) {
    for (int last = 0; last < 2; last++) {
      axis = mpp_space_axis(d, last ? d->B : d->T * d->B, a);
      work = larger(work, mpp_attention_work(&axis));
      n = larger(n, axis.n);
    }
  }
  const size_t most = keep ? mpp_mlp_rows_backward(d) : MPP_MLP_ROWS;
  const size_t hidden = (rows < most ? rows : most) * 4 * c;
  scratch->norm = mpp_arena_f32(arena, rows * c);
  scratch->work = mpp_arena_f32(arena, work);
  if (keep) {
    scratch->dnorm = mpp_arena_f32(arena, rows * c);
    scratch->dbias = mpp_arena_f32(arena, d->heads * (2 * n - 1));
    scratch->maps = mpp_arena_f32(arena, mpp_linear_branch_work(c, c));
    scratch->time_y = mpp_arena_f32(arena, rows * c);
    scratch->time_out = mpp_arena_f32(arena, rows * c);
    scratch->space_y = mpp_arena_f32(arena, rows * c);
  }
  const size_t mark = arena->used;
  scratch->hidden = mpp_arena_f32(arena, (keep ? 2 : 1) * hidden);
  if (keep) {
    scratch->dhidden = scratch->hidden != NULL ? scratch->hidden + hidden : NULL;
    const size_t end = arena->used;
    arena->used = mark;
    scratch->dqkv = mpp_arena_f32(arena, rows * 3 * c);
    arena->used = larger(arena->used, end);
  }
}

_Static_assert(sizeof(int) == sizeof(float), "an array of int takes the room of floats");

static void take_input(mpp_tape *t, mpp_arena *arena, bool increments)
{
  const mpp_dims *d = &t->dims;
  const size_t pairs = d->B * d->fields;
  t->mean = mpp_arena_f32(arena, pairs);
  t->sd = mpp_arena_f32(arena, pairs);
  t->order = (int *)(void *)mpp_arena_f32(arena, pairs);
  const size_t window = d->T * pairs;
  t->clean = d->masked ? mpp_arena_f32(arena, window * d->field_cells) : NULL;
  t->mask = NULL;
  if (d->masked) { /* bytes in the room of floats */
    t->mask = (unsigned char *)(void *)mpp_arena_f32(arena, (window * d->cells[0] + 3) / 4);
  }
  t->shifted = mpp_patch_shift_any(d) ? mpp_arena_f32(arena, window * d->cells[0]) : NULL;
  t->input = NULL;
  t->input_mean = t->mean;
  t->input_sd = t->sd;
  t->increment_rms = NULL;
  if (increments) {
    t->input_mean = mpp_arena_f32(arena, d->B * d->inputs);
    t->input_sd = mpp_arena_f32(arena, d->B * d->inputs);
    t->increment_rms = mpp_arena_f32(arena, pairs);
    t->input = mpp_arena_f32(arena, d->T * d->B * d->inputs * d->cells[0]);
  }
}

static void take_base(mpp_tape *t, mpp_arena *arena, mpp_mode mode)
{
  const mpp_dims *d = &t->dims;
  const size_t pairs = d->B * d->predicted;
  t->scale = NULL;
  t->base = NULL;
  if (mode != MPP_MODE_FRAME) {
    t->scale = mpp_arena_f32(arena, pairs);
    t->base = mpp_arena_f32(arena, pairs * d->field_cells);
  }
}

void mpp_tape_take(mpp_tape *t, mpp_arena *arena, const mpp_model *m, bool keep, bool drop)
{
  const mpp_dims *d = &t->dims;
  const size_t blocks = (size_t)m->config.processor_blocks;
  take_input(t, arena, m->config.increments);
  take_base(t, arena, m->config.mode);
  t->net = mpp_arena_f32(arena, d->B * d->predicted * d->cells[0]);
  t->tokens = mpp_arena_f32(arena, d->T * d->B * d->s * d->width);
  if (keep) {
    t->dtokens = mpp_arena_f32(arena, d->T * d->B * d->s * d->width);
    t->shared = mpp_arena_f32(arena, d->T * d->B * d->s * d->width);
    mpp_stem_take_kept(&t->stem, arena, d);
    mpp_destem_take_kept(&t->destem, arena, d);
  }

  const size_t start = arena->used;
  if (!keep) {
    mpp_stem_take_kept(&t->stem, arena, d);
  }
  mpp_stem_take_scratch(&t->stem, arena, d, keep);
  const size_t stem_end = arena->used;

  arena->used = start;
  if (!keep) {
    mpp_destem_take_kept(&t->destem, arena, d);
  }
  mpp_destem_take_scratch(&t->destem, arena, d, keep);
  const size_t destem_end = arena->used;

  arena->used = start;
  mpp_scratch_take(&t->scratch, arena, d, keep);
  if (keep) { /* what the blocks keep is alive while the destem runs */
    arena->used = larger(arena->used, destem_end);
  }
  mpp_blocks_take(t, arena, m, stem_end, keep, drop);
  arena->used = larger(arena->used, larger(stem_end, destem_end));
  t->destem.z = t->space[blocks - 1].out;
}

mpp_status mpp_tape_prepare(mpp_tape *t, const mpp_model *m, const mpp_dims *dims, bool keep,
                            bool drop)
{
  mpp_status st = MPP_OK;
  mpp_arena arena = {NULL, 0, 0};
  t->kept = false;
  t->dims = *dims;
  mpp_tape_take(t, &arena, m, keep, drop);
  if (arena.used > t->bytes) {
    float *memory = NULL;
    mpp_free(t->memory); /* first: both together may not fit */
    t->memory = NULL;
    t->bytes = 0;
    MPP_TRY(MPP_ALLOC(&memory, arena.used / sizeof(float)));
    t->memory = memory;
    t->bytes = arena.used;
  }
  arena = (mpp_arena){(char *)t->memory, 0, t->bytes};
  mpp_tape_take(t, &arena, m, keep, drop);
  t->kept = keep;
done:
  return st;
}
