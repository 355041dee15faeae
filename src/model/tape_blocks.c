/* tape_blocks.c - what the blocks keep for the backward pass, in the order of the blocks, and the
 * gradients of the weights over it: when those of a block are first written, the arrays of all
 * blocks after it are dead. So a training takes the memory of the larger of both, and of one block
 * of the smaller. */
#include "check.h"
#include "tape.h"

/* Arrays of block i. Without keep, and where blocks are computed again, all share those of the
 * first, which are the largest; what a block computed again is made from is the output of the one
 * before. */
static void take_block(mpp_tape *t, mpp_arena *arena, size_t i, bool last, bool keep, bool drop)
{
  const mpp_dims *d = &t->dims;
  mpp_time_tape *time = &t->time[i];
  mpp_space_tape *space = &t->space[i];
  if ((keep && !t->recompute) || i == 0) {
    time->nq = last ? 1 : d->T;
    space->frames = time->nq * d->B;
    mpp_time_take(time, arena, d, keep);
    mpp_space_take(space, arena, d, keep);
  } else {
    *time = t->time[0];
    *space = t->space[0];
    time->nq = last ? 1 : d->T;
    space->frames = time->nq * d->B;
  }
  space->hidden = NULL;
  const size_t all = d->T * d->B * d->s * d->width, size = time->nq * d->B * d->s * d->width;
  if (keep) {
    *(t->recompute ? &space->out : &space->mid) = mpp_arena_f32(arena, size);
  } else { /* while measuring there are no tokens */
    time->x = t->tokens;
    time->out = t->tokens != NULL ? t->tokens + (all - size) : NULL;
    space->x = space->mid = space->out = time->out;
  }
  time->keep = drop ? mpp_arena_f32(arena, d->B) : NULL;
  space->keep_att = drop ? mpp_arena_f32(arena, d->B) : NULL;
  space->keep_mlp = drop ? mpp_arena_f32(arena, d->B) : NULL;
}

/* Arrays that the blocks of a pass with `keep` share unless a block keeps its own, and what goes
 * from one to the next. Where blocks run again they keep out and share mid, else the other way
 * round. */
static void link_block(mpp_tape *t, mpp_arena *arena, size_t i)
{
  const mpp_dims *d = &t->dims;
  const mpp_scratch *s = &t->scratch;
  mpp_time_tape *time = &t->time[i];
  mpp_space_tape *space = &t->space[i];
  const size_t size = time->nq * d->B * d->s * d->width;
  time->y = time->y_kept ? mpp_arena_f32(arena, size) : s->time_y;
  time->out = space->x = time->out_kept ? mpp_arena_f32(arena, size) : s->time_out;
  space->y = space->y_kept ? mpp_arena_f32(arena, size) : s->space_y;
  space->hidden = space->hidden_kept ? mpp_arena_f32(arena, 4 * size) : NULL;
  *(t->recompute ? &space->mid : &space->out) = t->shared;
  time->x = i == 0 ? t->tokens : t->space[i - 1].out;
}

static void take_blocks(mpp_tape *t, mpp_arena *arena, size_t blocks, bool keep, bool drop)
{
  for (size_t i = 0; i < blocks; i++) {
    take_block(t, arena, i, i + 1 == blocks, keep, drop);
    if (keep) {
      link_block(t, arena, i);
    }
    t->block_end[i] = arena->used;
  }
}

/* The gradients [params->total] as low as they may lie: those of block i behind what it and the
 * blocks before it keep, those of the stem behind its scratch. */
static void take_gradients(mpp_tape *t, mpp_arena *arena, const mpp_params *params, size_t blocks,
                           size_t stem_end)
{
  size_t begin = stem_end;
  for (size_t i = 0; i < blocks; i++) {
    const size_t before = params->layout->block[i].first * sizeof(float);
    if (t->block_end[i] > begin + before) {
      begin = t->block_end[i] - before;
    }
  }
  arena->used = (begin + 63) & ~(size_t)63;
  t->gradients = mpp_arena_f32(arena, params->total);
}

/* ---- what need not be made again ---- */

/* Dearest for its size first: a product has as many operations for each float of the first two, and
 * the time block's output a norm too; attention has fewer. All of it would be 7 arrays [rows, C] a
 * block, beside 8 that are kept anyway: small networks have all of it, large ones, whose weights
 * take the memory, the first of it. */
typedef enum { TIME_OUT, HIDDEN, SPACE_Y, TIME_Y, SPARES } spare;

static bool *spare_of(mpp_tape *t, spare what, size_t i)
{
  switch (what) {
  case TIME_OUT:
    return &t->time[i].out_kept;
  case HIDDEN:
    return &t->space[i].hidden_kept;
  case SPACE_Y:
    return &t->space[i].y_kept;
  default:
    return &t->time[i].y_kept;
  }
}

/* Keeps what, one after the other, does not take more than t->spare bytes beyond a pass without any
 * of it and without gradients. */
static void choose_spares(mpp_tape *t, const mpp_arena *arena, const mpp_model *m, size_t stem_end,
                          bool drop)
{
  const size_t blocks = (size_t)m->config.processor_blocks;
  mpp_arena least = {NULL, arena->used, 0};
  take_blocks(t, &least, blocks, true, drop);
  for (size_t k = 0; k < SPARES * blocks; k++) {
    bool *kept = spare_of(t, (spare)(k / blocks), k % blocks);
    mpp_arena trial = {NULL, arena->used, 0};
    *kept = true;
    take_blocks(t, &trial, blocks, true, drop);
    if (m->gradients_within) {
      take_gradients(t, &trial, m->params, blocks, stem_end);
    }
    *kept = trial.used <= least.used + t->spare;
  }
}

void mpp_blocks_take(mpp_tape *t, mpp_arena *arena, const mpp_model *m, size_t stem_end, bool keep,
                     bool drop)
{
  const size_t blocks = (size_t)m->config.processor_blocks;
  for (size_t k = 0; k < SPARES * blocks; k++) {
    *spare_of(t, (spare)(k / blocks), k % blocks) = false;
  }
  if (keep && !t->recompute) {
    choose_spares(t, arena, m, stem_end, drop);
  }
  take_blocks(t, arena, blocks, keep, drop);
  t->gradients = NULL;
  if (keep && m->gradients_within) {
    take_gradients(t, arena, m->params, blocks, stem_end);
  }
}
