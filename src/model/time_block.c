/* time_block.c - attention over the frames of the window at each token: instance norm, q k v,
 * attention, instance norm, output map, layer scale. Keys and values come from all frames, queries
 * from the last nq: in the last block of the network only the last frame goes on. */
#include "blocks.h"

mpp_axis mpp_time_axis(const mpp_dims *d, size_t nq)
{
  return (mpp_axis){.outer = 1,
                    .n = d->T,
                    .inner = d->B * d->s,
                    .nq = nq,
                    .heads = d->heads,
                    .dh = d->width / d->heads};
}

/* x, nq, out and, with keep, y are the caller's. */
void mpp_time_take(mpp_time_tape *t, mpp_arena *arena, const mpp_dims *d, bool keep)
{
  const size_t frames = d->T * d->B, rows = frames * d->s;
  t->mean1 = mpp_arena_f32(arena, frames * d->width);
  t->rstd1 = mpp_arena_f32(arena, frames * d->width);
  t->qkv = mpp_arena_f32(arena, rows * 3 * d->width);
  t->rstd = mpp_arena_f32(arena, rows * d->heads * 2);
  t->bias = mpp_arena_f32(arena, d->heads * (2 * d->T - 1));
  if (!keep) {
    t->y = mpp_arena_f32(arena, t->nq * d->B * d->s * d->width);
  }
  t->mean2 = mpp_arena_f32(arena, t->nq * d->B * d->width);
  t->rstd2 = mpp_arena_f32(arena, t->nq * d->B * d->width);
}

static mpp_branch branch_of(const mpp_time_tape *t, const float *w, const mpp_block_layout *l,
                            const mpp_dims *d)
{
  return (mpp_branch){w + l->time_gamma, t->keep, d->B, d->s};
}

/* From qkv on, in which q and k are normed unless it is `fresh`; then it makes again what is not
 * kept. */
static void output(const mpp_time_tape *t, const float *w, const mpp_block_layout *l,
                   const mpp_dims *d, const mpp_scratch *scratch, bool fresh)
{
  const size_t c = d->width, frames = d->T * d->B, queries = t->nq * d->B;
  const mpp_attention_layout *a = &l->time;
  const mpp_axis axis = mpp_time_axis(d, t->nq);
  const mpp_qk_norm norm = mpp_qk_norm_of(w, a);
  const mpp_branch branch = branch_of(t, w, l, d);
  if (fresh || !t->y_kept) {
    mpp_attention_forward(t->y, t->qkv, fresh ? t->rstd : NULL, &norm, t->bias, &axis, 1.0f, false,
                          scratch->work);
    mpp_stage_mark(scratch->clock, MPP_STAGE_TIME_ATTENTION);
  }
  if (!fresh && t->out_kept) {
    return;
  }
  (fresh ? mpp_inorm_forward : mpp_inorm_again)(scratch->norm, t->mean2, t->rstd2, t->y,
                                                w + a->norm2_w, w + a->norm2_b, queries, d->s, c);
  mpp_stage_mark(scratch->clock, MPP_STAGE_TIME_NORM);
  mpp_linear_branch_forward(t->out, t->x + (frames - queries) * d->s * c, scratch->norm,
                            w + a->output_w, w + a->output_b, &branch, queries * d->s, c, c,
                            d->bf16);
  mpp_stage_mark(scratch->clock, MPP_STAGE_TIME_MAPS);
}

void mpp_time_output(const mpp_time_tape *t, const float *w, const mpp_block_layout *l,
                     const mpp_dims *d, const mpp_scratch *scratch)
{
  output(t, w, l, d, scratch, false);
}

void mpp_time_forward(mpp_time_tape *t, const float *w, const mpp_block_layout *l,
                      const mpp_dims *d, const mpp_scratch *scratch)
{
  const size_t c = d->width, frames = d->T * d->B;
  const mpp_attention_layout *a = &l->time;
  mpp_inorm_forward(scratch->norm, t->mean1, t->rstd1, t->x, w + a->norm1_w, w + a->norm1_b, frames,
                    d->s, c);
  mpp_stage_mark(scratch->clock, MPP_STAGE_TIME_NORM);
  mpp_linear_forward(t->qkv, scratch->norm, w + a->input_w, w + a->input_b, frames * d->s, c, 3 * c,
                     d->bf16);
  mpp_stage_mark(scratch->clock, MPP_STAGE_TIME_MAPS);
  mpp_attention_bias_forward(t->bias, w, &a->bias, d, d->T, false);
  output(t, w, l, d, scratch, true);
}

void mpp_time_backward(float *dx, float *g, const mpp_time_tape *t, const float *w,
                       const mpp_block_layout *l, const mpp_dims *d, const mpp_scratch *scratch)
{
  const size_t c = d->width, frames = d->T * d->B, queries = t->nq * d->B;
  const size_t rows = queries * d->s;
  const mpp_attention_layout *a = &l->time;
  const mpp_axis axis = mpp_time_axis(d, t->nq);
  const mpp_qk_norm norm = mpp_qk_norm_of(w, a);
  const mpp_qk_norm_grad dnorm = mpp_qk_norm_grad_of(g, a);
  const mpp_branch branch = branch_of(t, w, l, d);
  const float *dout = dx + (frames - queries) * d->s * c;
  float *dy = scratch->norm, *dqkv = scratch->dqkv;

  mpp_inorm_again(scratch->norm, t->mean2, t->rstd2, t->y, w + a->norm2_w, w + a->norm2_b, queries,
                  d->s, c);
  mpp_stage_mark(scratch->clock, MPP_STAGE_TIME_NORM);
  mpp_linear_branch_backward(scratch->dnorm, g + a->output_w, g + a->output_b, g + l->time_gamma,
                             dout, scratch->norm, w + a->output_w, w + a->output_b, &branch, rows,
                             c, c, scratch->maps, d->bf16);
  mpp_stage_mark(scratch->clock, MPP_STAGE_TIME_MAPS);
  mpp_inorm_backward_set(dy, g + a->norm2_w, g + a->norm2_b, scratch->dnorm, t->y, w + a->norm2_w,
                         t->mean2, t->rstd2, queries, d->s, c);
  mpp_stage_mark(scratch->clock, MPP_STAGE_TIME_NORM);

  mpp_zero(scratch->dbias, d->heads * (2 * d->T - 1));
  mpp_attention_backward(dqkv, &dnorm, scratch->dbias, dy, t->qkv, t->rstd, &norm, t->bias, &axis,
                         1.0f, false, scratch->work);
  mpp_attention_bias_backward(g, scratch->dbias, w, &a->bias, d, d->T, false);
  mpp_stage_mark(scratch->clock, MPP_STAGE_TIME_ATTENTION);

  mpp_inorm_again(scratch->norm, t->mean1, t->rstd1, t->x, w + a->norm1_w, w + a->norm1_b, frames,
                  d->s, c);
  mpp_stage_mark(scratch->clock, MPP_STAGE_TIME_NORM);
  mpp_linear_backward_set(scratch->dnorm, mpp_map_gradient(g, a->input_w, d->attention_kept),
                          mpp_map_gradient(g, a->input_b, d->attention_kept), dqkv, scratch->norm,
                          w + a->input_w, frames * d->s, c, 3 * c, d->bf16);
  mpp_stage_mark(scratch->clock, MPP_STAGE_TIME_MAPS);
  mpp_inorm_backward(dx, g + a->norm1_w, g + a->norm1_b, scratch->dnorm, t->x, w + a->norm1_w,
                     t->mean1, t->rstd1, frames, d->s, c);
  mpp_stage_mark(scratch->clock, MPP_STAGE_TIME_NORM);
}
