/* space_block.c - axial attention inside each frame, with one set of weights for every axis and the
 * mean over the axes; then the MLP. Its instance norms divide by the unbiased standard deviation
 * and do not subtract the mean (rms_inorm.c). */
#include "blocks.h"

/* The grid axes with attention. Those of one cell have none; an axis of one patch has it (a token
 * that sees itself alone: its own v), as published. A frame of one cell passes v on. */
static size_t attention_axes(int axes[3], const mpp_dims *d)
{
  size_t count = 0;
  for (int a = 2; a >= 0; a--) {
    if (d->attends[a]) {
      axes[count++] = a;
    }
  }
  if (count == 0) {
    axes[count++] = 2;
  }
  return count;
}

mpp_axis mpp_space_axis(const mpp_dims *d, size_t frames, int axis)
{
  const size_t *grid = d->grid[d->npatch];
  mpp_axis a = {.outer = frames, .n = grid[axis], .inner = 1, .nq = grid[axis]};
  for (int i = 0; i < 3; i++) {
    a.outer *= i < axis ? grid[i] : 1;
    a.inner *= i > axis ? grid[i] : 1;
  }
  a.heads = d->heads;
  a.dh = d->width / d->heads;
  return a;
}

/* x, frames, hidden, mid, out and, with keep, y are the caller's. */
void mpp_space_take(mpp_space_tape *t, mpp_arena *arena, const mpp_dims *d, bool keep)
{
  const size_t c = d->width, rows = t->frames * d->s;
  const size_t *grid = d->grid[d->npatch];
  t->sd1 = mpp_arena_f32(arena, t->frames * c);
  t->sd2 = mpp_arena_f32(arena, t->frames * c);
  t->sd3 = mpp_arena_f32(arena, t->frames * c);
  for (int a = 0; a < 3; a++) { t->bias[a] = mpp_arena_f32(arena, d->heads * (2 * grid[a] - 1)); }
  t->qkv = mpp_arena_f32(arena, rows * 3 * c);
  t->rstd = mpp_arena_f32(arena, rows * d->heads * 2);
  float *rest = mpp_arena_f32(arena, rows * c);
  t->m = rest;
  if (!keep) {
    t->y = rest; /* read before m is written */
  }
}

static mpp_branch attention_branch(const mpp_space_tape *t, const float *w,
                                   const mpp_block_layout *l, const mpp_dims *d)
{
  return (mpp_branch){w + l->space_gamma_att, t->keep_att, d->B, d->s};
}

static mpp_branch mlp_branch(const mpp_space_tape *t, const float *w, const mpp_block_layout *l,
                             const mpp_dims *d)
{
  return (mpp_branch){w + l->space_gamma_mlp, t->keep_mlp, d->B, d->s};
}

/* y from qkv, in which q and k are normed unless it is `fresh`: the mean over the axes. */
static void attend(const mpp_space_tape *t, const float *w, const mpp_block_layout *l,
                   const mpp_dims *d, const mpp_scratch *scratch, bool fresh)
{
  const mpp_qk_norm norm = mpp_qk_norm_of(w, &l->space);
  int axes[3];
  const size_t count = attention_axes(axes, d);
  for (size_t i = 0; i < count; i++) {
    const mpp_axis axis = mpp_space_axis(d, t->frames, axes[i]);
    mpp_attention_forward(t->y, t->qkv, fresh && i == 0 ? t->rstd : NULL, &norm, t->bias[axes[i]],
                          &axis, 1.0f / (float)count, i > 0, scratch->work);
  }
  mpp_stage_mark(scratch->clock, MPP_STAGE_SPACE_ATTENTION);
}

/* mid from x and y. */
static void residual_forward(const mpp_space_tape *t, const float *w, const mpp_block_layout *l,
                             const mpp_dims *d, const mpp_scratch *scratch)
{
  const size_t c = d->width, n = t->frames;
  const mpp_attention_layout *p = &l->space;
  const mpp_branch branch = attention_branch(t, w, l, d);
  mpp_pattern_norm_forward(scratch->norm, t->sd2, t->y, w + p->norm2_w, n, d->s, c);
  mpp_stage_mark(scratch->clock, MPP_STAGE_SPACE_NORM);
  mpp_linear_branch_forward(t->mid, t->x, scratch->norm, w + p->output_w, w + p->output_b, &branch,
                            n * d->s, c, c, d->bf16);
  mpp_stage_mark(scratch->clock, MPP_STAGE_SPACE_MAPS);
}

static void attention_forward(mpp_space_tape *t, const float *w, const mpp_block_layout *l,
                              const mpp_dims *d, const mpp_scratch *scratch)
{
  const size_t c = d->width, n = t->frames;
  const mpp_attention_layout *p = &l->space;
  int axes[3];
  const size_t count = attention_axes(axes, d);
  mpp_pattern_norm_forward(scratch->norm, t->sd1, t->x, w + p->norm1_w, n, d->s, c);
  mpp_stage_mark(scratch->clock, MPP_STAGE_SPACE_NORM);
  mpp_linear_forward(t->qkv, scratch->norm, w + p->input_w, w + p->input_b, n * d->s, c, 3 * c,
                     d->bf16);
  mpp_stage_mark(scratch->clock, MPP_STAGE_SPACE_MAPS);
  for (size_t i = 0; i < count; i++) {
    const int a = axes[i];
    mpp_attention_bias_forward(t->bias[a], w, &p->bias, d, d->grid[d->npatch][a], d->periodic[a]);
  }
  attend(t, w, l, d, scratch, true);
  residual_forward(t, w, l, d, scratch);
}

/* dx: the gradient of mid on entry, of x on return. */
static void attention_backward(float *dx, float *g, const mpp_space_tape *t, const float *w,
                               const mpp_block_layout *l, const mpp_dims *d,
                               const mpp_scratch *scratch)
{
  const size_t c = d->width, n = t->frames, rows = n * d->s;
  const mpp_attention_layout *p = &l->space;
  const mpp_qk_norm norm = mpp_qk_norm_of(w, p);
  const mpp_qk_norm_grad dnorm = mpp_qk_norm_grad_of(g, p);
  const mpp_branch branch = attention_branch(t, w, l, d);
  float *dy = scratch->norm, *dqkv = scratch->dqkv;
  int axes[3];
  const size_t count = attention_axes(axes, d);

  mpp_rms_inorm_again(scratch->norm, t->sd2, t->y, w + p->norm2_w, n, d->s, c);
  mpp_stage_mark(scratch->clock, MPP_STAGE_SPACE_NORM);
  mpp_linear_branch_backward(scratch->dnorm, g + p->output_w, g + p->output_b,
                             g + l->space_gamma_att, dx, scratch->norm, w + p->output_w,
                             w + p->output_b, &branch, rows, c, c, scratch->maps, d->bf16);
  mpp_stage_mark(scratch->clock, MPP_STAGE_SPACE_MAPS);
  mpp_rms_inorm_backward_set(dy, g + p->norm2_w, scratch->dnorm, t->y, w + p->norm2_w, t->sd2, n,
                             d->s, c);
  mpp_stage_mark(scratch->clock, MPP_STAGE_SPACE_NORM);

  for (size_t i = 0; i < count; i++) {
    const mpp_axis axis = mpp_space_axis(d, n, axes[i]);
    mpp_zero(scratch->dbias, d->heads * (2 * axis.n - 1));
    mpp_attention_backward(dqkv, i + 1 == count ? &dnorm : NULL, scratch->dbias, dy, t->qkv,
                           t->rstd, &norm, t->bias[axes[i]], &axis, 1.0f / (float)count, i > 0,
                           scratch->work);
    mpp_attention_bias_backward(g, scratch->dbias, w, &p->bias, d, axis.n, d->periodic[axes[i]]);
    mpp_stage_mark(scratch->clock, MPP_STAGE_SPACE_ATTENTION);
  }
  mpp_rms_inorm_again(scratch->norm, t->sd1, t->x, w + p->norm1_w, n, d->s, c);
  mpp_stage_mark(scratch->clock, MPP_STAGE_SPACE_NORM);
  mpp_linear_backward_set(scratch->dnorm, mpp_map_gradient(g, p->input_w, d->attention_kept),
                          mpp_map_gradient(g, p->input_b, d->attention_kept), dqkv, scratch->norm,
                          w + p->input_w, rows, c, 3 * c, d->bf16);
  mpp_stage_mark(scratch->clock, MPP_STAGE_SPACE_MAPS);
  mpp_rms_inorm_backward(dx, g + p->norm1_w, scratch->dnorm, t->x, w + p->norm1_w, t->sd1, n, d->s,
                         c);
  mpp_stage_mark(scratch->clock, MPP_STAGE_SPACE_NORM);
}

/* The MLP reads mid itself; its norm follows it. */
static void mlp_forward(mpp_space_tape *t, const float *w, const mpp_block_layout *l,
                        const mpp_dims *d, const mpp_scratch *scratch)
{
  const size_t c = d->width, n = t->frames, rows = n * d->s;
  const mpp_branch branch = mlp_branch(t, w, l, d);
  float *hidden = scratch->hidden;
  for (size_t i = 0; i < rows; i += MPP_MLP_ROWS) {
    const size_t some = rows - i < MPP_MLP_ROWS ? rows - i : MPP_MLP_ROWS;
    float *before = t->hidden != NULL ? t->hidden + i * 4 * c : hidden;
    mpp_linear_forward(before, t->mid + i * c, w + l->fc1_w, w + l->fc1_b, some, c, 4 * c, d->bf16);
    mpp_gelu_forward(hidden, before, some * 4 * c);
    mpp_linear_forward(t->m + i * c, hidden, w + l->fc2_w, w + l->fc2_b, some, 4 * c, c, d->bf16);
  }
  mpp_stage_mark(scratch->clock, MPP_STAGE_MLP);
  mpp_pattern_branch_forward(t->out, t->sd3, t->mid, t->m, w + l->mlp_norm_w, &branch, n, c);
  mpp_stage_mark(scratch->clock, MPP_STAGE_SPACE_NORM);
}

/* Through both maps for the rows of mid, hidden (NULL: not kept), dm (the gradient of m) and dx, to
 * which it adds. The activation is of use for the gradient of fc2 alone. */
static void mlp_rows_backward(float *dx, float *g, const float *mid, const float *hidden,
                              const float *dm, const float *w, const mpp_block_layout *l,
                              const mpp_dims *d, const mpp_scratch *scratch, size_t rows)
{
  const size_t c = d->width;
  float *slope = scratch->hidden, *act = scratch->dhidden, *dh = scratch->dhidden;
  if (hidden == NULL) {
    mpp_linear_forward(slope, mid, w + l->fc1_w, w + l->fc1_b, rows, c, 4 * c, d->bf16);
    hidden = slope;
  }
  mpp_gelu_forward_slope(act, slope, hidden, rows * 4 * c);
  mpp_linear_backward(NULL, mpp_map_gradient(g, l->fc2_w, d->mlp_kept),
                      mpp_map_gradient(g, l->fc2_b, d->mlp_kept), dm, act, w + l->fc2_w, rows,
                      4 * c, c, d->bf16);
  mpp_linear_backward_times(dh, dm, w + l->fc2_w, slope, rows, 4 * c, c, d->bf16);
  mpp_linear_backward(dx, mpp_map_gradient(g, l->fc1_w, d->mlp_kept),
                      mpp_map_gradient(g, l->fc1_b, d->mlp_kept), dh, mid, w + l->fc1_w, rows, c,
                      4 * c, d->bf16);
}

/* dx: the gradient of out on entry, of mid on return. */
static void mlp_backward(float *dx, float *g, const mpp_space_tape *t, const float *w,
                         const mpp_block_layout *l, const mpp_dims *d, const mpp_scratch *scratch)
{
  const size_t c = d->width, n = t->frames, rows = n * d->s;
  const mpp_branch branch = mlp_branch(t, w, l, d);
  float *dm = scratch->dnorm;
  mpp_rms_branch_backward(dm, g + l->mlp_norm_w, g + l->space_gamma_mlp, dx, t->m,
                          w + l->mlp_norm_w, t->sd3, &branch, n, c, scratch->maps);
  mpp_stage_mark(scratch->clock, MPP_STAGE_SPACE_NORM);
  const size_t most = mpp_mlp_rows_backward(d);
  for (size_t i = 0; i < rows; i += most) {
    const float *hidden = t->hidden != NULL ? t->hidden + i * 4 * c : NULL;
    mlp_rows_backward(dx + i * c, g, t->mid + i * c, hidden, dm + i * c, w, l, d, scratch,
                      rows - i < most ? rows - i : most);
  }
  mpp_stage_mark(scratch->clock, MPP_STAGE_MLP);
}

void mpp_space_attend(const mpp_space_tape *t, const float *w, const mpp_block_layout *l,
                      const mpp_dims *d, const mpp_scratch *scratch)
{
  if (!t->y_kept) {
    attend(t, w, l, d, scratch, false);
  }
}

void mpp_space_output(const mpp_space_tape *t, const float *w, const mpp_block_layout *l,
                      const mpp_dims *d, const mpp_scratch *scratch)
{
  const mpp_branch branch = mlp_branch(t, w, l, d);
  mpp_rms_branch_again(t->out, t->sd3, t->mid, t->m, w + l->mlp_norm_w, &branch, t->frames,
                       d->width);
  mpp_stage_mark(scratch->clock, MPP_STAGE_SPACE_NORM);
}

void mpp_space_forward(mpp_space_tape *t, const float *w, const mpp_block_layout *l,
                       const mpp_dims *d, const mpp_scratch *scratch)
{
  attention_forward(t, w, l, d, scratch);
  mlp_forward(t, w, l, d, scratch);
}

void mpp_space_backward(float *dx, float *g, const mpp_space_tape *t, const float *w,
                        const mpp_block_layout *l, const mpp_dims *d, const mpp_scratch *scratch)
{
  mlp_backward(dx, g, t, w, l, d, scratch);
  attention_backward(dx, g, t, w, l, d, scratch);
}
