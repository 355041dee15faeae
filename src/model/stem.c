/* stem.c - field embedding and patch embedding: for each patch factor a convolution with
 * kernel = stride, an instance norm without centring and, between stages, a GELU. */
#include <math.h>

#include "blocks.h"
#include "patch_kernel.h"

static size_t taps(const mpp_dims *d, size_t stage) { return mpp_kernel_taps(d, stage); }

/* Floats of stage `stage`'s output, and of the patches that its convolution reads. */
static size_t output_size(const mpp_dims *d, size_t stage)
{
  return d->T * d->B * d->cells[stage + 1] * mpp_stage_width(d, stage);
}

static size_t patches_size(const mpp_dims *d, size_t stage)
{
  return d->T * d->B * d->cells[stage] * (stage == 0 ? d->inputs : d->stem);
}

static size_t packed_size(const mpp_dims *d, size_t stage)
{
  return mpp_stage_width(d, stage) * d->stem * taps(d, stage);
}

/* Of a kernel as the window's axes need it; plain ones are read where they lie. */
static size_t spread_size(const mpp_dims *d, size_t stage)
{
  return mpp_kernel_is_plain(d) ? 0 : packed_size(d, stage);
}

static size_t fused_size(const mpp_dims *d)
{
  return mpp_stage_width(d, 0) * d->inputs * taps(d, 0);
}

static size_t largest(const mpp_dims *d, size_t (*size)(const mpp_dims *, size_t), size_t first,
                      size_t end)
{
  size_t most = 0;
  for (size_t i = first; i < end; i++) { most = size(d, i) > most ? size(d, i) : most; }
  return most;
}

void mpp_stem_take_kept(mpp_stem_tape *t, mpp_arena *arena, const mpp_dims *d)
{
  t->wf = mpp_arena_f32(arena, fused_size(d));
  t->bf = mpp_arena_f32(arena, mpp_stage_width(d, 0));
  for (size_t i = 0; i < d->npatch; i++) {
    t->packed[i] = i > 0 ? mpp_arena_f32(arena, packed_size(d, i)) : NULL;
    t->u[i] = mpp_arena_f32(arena, output_size(d, i));
    t->sd[i] = mpp_arena_f32(arena, d->T * d->B * mpp_stage_width(d, i));
  }
}

void mpp_stem_take_scratch(mpp_stem_tape *t, mpp_arena *arena, const mpp_dims *d, bool keep)
{
  const size_t inner = largest(d, output_size, 0, d->npatch - 1);
  const size_t patches = largest(d, patches_size, 0, d->npatch);
  t->patches = mpp_arena_f32(arena, patches);
  t->act = mpp_arena_f32(arena, inner);
  t->kernel = mpp_arena_f32(arena, largest(d, spread_size, 0, d->npatch));
  if (keep) {
    t->dkernel = mpp_arena_f32(arena, largest(d, spread_size, 0, d->npatch));
    t->du = mpp_arena_f32(arena, largest(d, output_size, 0, d->npatch));
    t->dpatches = mpp_arena_f32(arena, largest(d, patches_size, 1, d->npatch));
    t->dact = mpp_arena_f32(arena, inner);
    t->dwf = mpp_arena_f32(arena, fused_size(d));
    t->dbf = mpp_arena_f32(arena, mpp_stage_width(d, 0));
    t->dpacked = mpp_arena_f32(arena, largest(d, packed_size, 1, d->npatch));
  }
}

/* The kernel of a stage for the window's axes: w itself, or t->kernel, until the next call. */
static const float *kernel_of(const mpp_stem_tape *t, const float *w, const mpp_stem_layout *l,
                              const mpp_dims *d, size_t stage)
{
  if (mpp_kernel_is_plain(d)) {
    return w + l->conv[stage];
  }
  mpp_kernel_spread(t->kernel, w + l->conv[stage], mpp_stage_width(d, stage) * d->stem, d, stage,
                    MPP_KERNEL_READS);
  return t->kernel;
}

/* Where the gradient of that kernel is summed; end_gradient brings it to g. */
static float *begin_gradient(const mpp_stem_tape *t, float *g, const mpp_stem_layout *l,
                             const mpp_dims *d, size_t stage)
{
  if (mpp_kernel_is_plain(d)) {
    return g + l->conv[stage];
  }
  mpp_zero(t->dkernel, packed_size(d, stage));
  return t->dkernel;
}

static void end_gradient(const mpp_stem_tape *t, float *g, const mpp_stem_layout *l,
                         const mpp_dims *d, size_t stage)
{
  if (!mpp_kernel_is_plain(d)) {
    mpp_kernel_spread_backward(g + l->conv[stage], t->dkernel, mpp_stage_width(d, stage) * d->stem,
                               d, stage, MPP_KERNEL_READS);
  }
}

/* Channels of the fields that the embedding's scale counts. */
static size_t counted(const mpp_dims *d) { return d->inputs / d->fields * d->predicted; }

/* The fused map is made for `stem` output channels at a time; a single stage has four times as
 * many, in rows that are independent of each other. */
static void fuse(mpp_stem_tape *t, const float *w, const mpp_stem_layout *l, const mpp_dims *d)
{
  const size_t rows = d->stem, k = taps(d, 0);
  const float *kernel = kernel_of(t, w, l, d, 0);
  for (size_t o = 0; o < mpp_stage_width(d, 0); o += rows) {
    mpp_field_embed_forward(t->wf + o * d->inputs * k, t->bf + o, kernel + o * rows * k,
                            w + l->bag_w, w + l->bag_b, d->input_column, d->inputs, counted(d),
                            d->n_states, rows, k);
  }
}

static void fuse_backward(float *g, const mpp_stem_tape *t, const float *w,
                          const mpp_stem_layout *l, const mpp_dims *d)
{
  const size_t rows = d->stem, k = taps(d, 0);
  const float *kernel = kernel_of(t, w, l, d, 0);
  float *dkernel = begin_gradient(t, g, l, d, 0);
  for (size_t o = 0; o < mpp_stage_width(d, 0); o += rows) {
    mpp_field_embed_backward(dkernel + o * rows * k, g + l->bag_w, g + l->bag_b,
                             t->dwf + o * d->inputs * k, t->dbf + o, kernel + o * rows * k,
                             w + l->bag_w, w + l->bag_b, d->input_column, d->inputs, counted(d),
                             d->n_states, rows, k);
  }
  end_gradient(t, g, l, d, 0);
}

/* patches = what the convolution of `stage` >= 1 reads: the GELU of the norm before it, gathered.
 * `normed` [as u] is overwritten by the norm's output; it may be `patches`. */
static void inner_patches(float *patches, float *normed, mpp_stem_tape *t, size_t stage,
                          const float *w, const mpp_stem_layout *l, const mpp_dims *d)
{
  const size_t n = d->T * d->B, i = stage - 1;
  mpp_pattern_norm_forward(normed, t->sd[i], t->u[i], w + l->norm_w[i], n, d->cells[stage],
                           mpp_stage_width(d, i));
  mpp_gelu_forward(t->act, normed, output_size(d, i));
  mpp_patch_gather(patches, t->act, n, d->grid[stage], d->factor[stage], d->stem);
}

void mpp_stem_forward(float *out, mpp_stem_tape *t, const float *x, const float *mean,
                      const float *sd, const float *w, const mpp_stem_layout *l, const mpp_dims *d)
{
  const size_t n = d->T * d->B, last = d->npatch - 1;
  fuse(t, w, l, d);
  mpp_field_patches(t->patches, x, mean, sd, d->T, d->B, d->inputs, d->grid[0], d->factor[0]);
  mpp_linear_forward(t->u[0], t->patches, t->wf, t->bf, n * d->cells[1], d->inputs * taps(d, 0),
                     mpp_stage_width(d, 0), false);
  for (size_t i = 1; i <= last; i++) {
    inner_patches(t->patches, t->patches, t, i, w, l, d);
    mpp_conv_pack(t->packed[i], kernel_of(t, w, l, d, i), mpp_stage_width(d, i), d->stem,
                  taps(d, i));
    mpp_linear_forward(t->u[i], t->patches, t->packed[i], NULL, n * d->cells[i + 1],
                       d->stem * taps(d, i), mpp_stage_width(d, i), false);
  }
  mpp_pattern_norm_forward(out, t->sd[last], t->u[last], w + l->norm_w[last], n, d->s, d->width);
}

/* du = gradient of u[stage] from dv, the gradient of its norm. */
static void norm_backward(float *g, const float *dv, mpp_stem_tape *t, size_t stage, const float *w,
                          const mpp_stem_layout *l, const mpp_dims *d)
{
  mpp_rms_inorm_backward_set(t->du, g + l->norm_w[stage], dv, t->u[stage], w + l->norm_w[stage],
                             t->sd[stage], d->T * d->B, d->cells[stage + 1],
                             mpp_stage_width(d, stage));
}

void mpp_stem_backward(float *g, const float *dout, mpp_stem_tape *t, const float *x,
                       const float *mean, const float *sd, const float *w, const mpp_stem_layout *l,
                       const mpp_dims *d)
{
  const size_t n = d->T * d->B;
  const float *dv = dout;
  for (size_t i = d->npatch - 1; i > 0; i--) {
    const size_t width = mpp_stage_width(d, i), in = d->stem * taps(d, i);
    float *normed = t->dact; /* free until the gradient of the GELU's input is known */
    norm_backward(g, dv, t, i, w, l, d);
    inner_patches(t->patches, normed, t, i, w, l, d);
    mpp_zero(t->dpacked, packed_size(d, i));
    mpp_linear_backward_set(t->dpatches, t->dpacked, NULL, t->du, t->patches, t->packed[i],
                            n * d->cells[i + 1], in, width, false);
    mpp_conv_unpack_add(begin_gradient(t, g, l, d, i), t->dpacked, width, d->stem, taps(d, i));
    end_gradient(t, g, l, d, i);
    mpp_patch_scatter(t->act, t->dpatches, n, d->grid[i], d->factor[i], d->stem);
    mpp_gelu_backward(t->act, normed, output_size(d, i - 1));
    dv = t->act;
  }
  norm_backward(g, dv, t, 0, w, l, d);
  mpp_field_patches(t->patches, x, mean, sd, d->T, d->B, d->inputs, d->grid[0], d->factor[0]);
  mpp_zero(t->dwf, fused_size(d));
  mpp_zero(t->dbf, mpp_stage_width(d, 0));
  mpp_linear_backward(NULL, t->dwf, t->dbf, t->du, t->patches, t->wf, n * d->cells[1],
                      d->inputs * taps(d, 0), mpp_stage_width(d, 0), false);
  fuse_backward(g, t, w, l, d);
}
