/* destem.c - tokens of the last frame back to fields: for each patch factor a transposed
 * convolution with kernel = stride; all but the last are followed by an instance norm without
 * centring and a GELU. The last one has one output column a field of the vocabulary, and only those
 * of the fields present are computed. */
#include <string.h>

#include "blocks.h"
#include "patch_kernel.h"

/* Stage i undoes the stem's stage npatch - 1 - i: from level npatch - i of the grid to the one
 * above. */
static size_t level(const mpp_dims *d, size_t stage) { return d->npatch - stage; }

static size_t factor(const mpp_dims *d, size_t stage) { return d->factor[level(d, stage) - 1]; }

static size_t taps(const mpp_dims *d, size_t stage)
{
  return mpp_kernel_taps(d, level(d, stage) - 1);
}

static size_t input_width(const mpp_dims *d, size_t stage)
{
  return stage == 0 ? d->width : d->stem;
}

static size_t output_width(const mpp_dims *d, size_t stage)
{
  return stage + 1 == d->npatch ? d->predicted : d->stem;
}

static size_t output_size(const mpp_dims *d, size_t stage)
{
  return d->B * d->cells[level(d, stage) - 1] * output_width(d, stage);
}

static size_t packed_size(const mpp_dims *d, size_t stage)
{
  return taps(d, stage) * output_width(d, stage) * input_width(d, stage);
}

/* Of a kernel [in, out, taps] as the window's axes need it, with all columns of the head; plain
 * ones are read where they lie. */
static size_t kernel_pairs(const mpp_dims *d, size_t stage)
{
  return input_width(d, stage) * (stage + 1 == d->npatch ? d->n_states : d->stem);
}

static size_t largest_kernel(const mpp_dims *d)
{
  size_t most = 0;
  for (size_t i = 0; i < d->npatch && !mpp_kernel_is_plain(d); i++) {
    const size_t size = kernel_pairs(d, i) * taps(d, i);
    most = size > most ? size : most;
  }
  return most;
}

/* Largest output of the stages before the head. */
static size_t largest_inner(const mpp_dims *d)
{
  size_t most = 0;
  for (size_t i = 0; i + 1 < d->npatch; i++) {
    most = output_size(d, i) > most ? output_size(d, i) : most;
  }
  return most;
}

void mpp_destem_take_kept(mpp_destem_tape *t, mpp_arena *arena, const mpp_dims *d)
{
  for (size_t i = 0; i < d->npatch; i++) {
    t->packed[i] = mpp_arena_f32(arena, packed_size(d, i));
    if (i + 1 < d->npatch) {
      t->u[i] = mpp_arena_f32(arena, output_size(d, i));
      t->sd[i] = mpp_arena_f32(arena, d->B * d->stem);
    }
  }
  t->head_bias = mpp_arena_f32(arena, taps(d, d->npatch - 1) * d->predicted);
}

void mpp_destem_take_scratch(mpp_destem_tape *t, mpp_arena *arena, const mpp_dims *d, bool keep)
{
  const size_t inner = largest_inner(d);
  t->patches = mpp_arena_f32(arena, inner);
  t->act = mpp_arena_f32(arena, inner);
  t->kernel = mpp_arena_f32(arena, largest_kernel(d));
  if (keep) {
    t->dkernel = mpp_arena_f32(arena, largest_kernel(d));
    size_t packed = 0;
    for (size_t i = 0; i < d->npatch; i++) {
      packed = packed_size(d, i) > packed ? packed_size(d, i) : packed;
    }
    t->du = mpp_arena_f32(arena, inner);
    t->dpatches = mpp_arena_f32(arena, inner);
    t->dact = mpp_arena_f32(arena, inner);
    t->dpacked = mpp_arena_f32(arena, packed);
    t->dbias = mpp_arena_f32(arena, taps(d, d->npatch - 1) * d->predicted);
  }
}

static size_t offset_of(const mpp_destem_layout *l, const mpp_dims *d, size_t stage)
{
  return stage + 1 == d->npatch ? l->kernel : l->deconv[stage];
}

/* The kernel of a stage for the window's axes: w itself, or t->kernel, until the next call. */
static const float *kernel_of(const mpp_destem_tape *t, const float *w, const mpp_destem_layout *l,
                              const mpp_dims *d, size_t stage)
{
  const float *published = w + offset_of(l, d, stage);
  if (mpp_kernel_is_plain(d)) {
    return published;
  }
  mpp_kernel_spread(t->kernel, published, kernel_pairs(d, stage), d, level(d, stage) - 1,
                    MPP_KERNEL_WRITES);
  return t->kernel;
}

/* Where the gradient of that kernel is summed; end_gradient brings it to g. */
static float *begin_gradient(const mpp_destem_tape *t, float *g, const mpp_destem_layout *l,
                             const mpp_dims *d, size_t stage)
{
  if (mpp_kernel_is_plain(d)) {
    return g + offset_of(l, d, stage);
  }
  mpp_zero(t->dkernel, kernel_pairs(d, stage) * taps(d, stage));
  return t->dkernel;
}

static void end_gradient(const mpp_destem_tape *t, float *g, const mpp_destem_layout *l,
                         const mpp_dims *d, size_t stage)
{
  if (!mpp_kernel_is_plain(d)) {
    mpp_kernel_spread_backward(g + offset_of(l, d, stage), t->dkernel, kernel_pairs(d, stage), d,
                               level(d, stage) - 1, MPP_KERNEL_WRITES);
  }
}

/* packed [taps, predicted, in] = the columns of the fields predicted of kernel [in, n_states,
 * taps]. */
static void pack_head(mpp_destem_tape *t, const float *w, const mpp_destem_layout *l,
                      const mpp_dims *d)
{
  const size_t last = d->npatch - 1, in = input_width(d, last), k = taps(d, last);
  const float *kernel = kernel_of(t, w, l, d, last);
  for (size_t tap = 0; tap < k; tap++) {
    for (size_t f = 0; f < d->predicted; f++) {
      const size_t column = (size_t)d->column[f];
      float *row = t->packed[last] + (tap * d->predicted + f) * in;
      for (size_t i = 0; i < in; i++) { row[i] = kernel[(i * d->n_states + column) * k + tap]; }
      t->head_bias[tap * d->predicted + f] = w[l->bias + column];
    }
  }
}

static void unpack_head_add(float *g, const mpp_destem_tape *t, const mpp_destem_layout *l,
                            const mpp_dims *d)
{
  const size_t last = d->npatch - 1, in = input_width(d, last), k = taps(d, last);
  float *dkernel = begin_gradient(t, g, l, d, last);
  for (size_t tap = 0; tap < k; tap++) {
    for (size_t f = 0; f < d->predicted; f++) {
      const size_t column = (size_t)d->column[f];
      const float *row = t->dpacked + (tap * d->predicted + f) * in;
      for (size_t i = 0; i < in; i++) { dkernel[(i * d->n_states + column) * k + tap] += row[i]; }
      g[l->bias + column] += t->dbias[tap * d->predicted + f];
    }
  }
  end_gradient(t, g, l, d, last);
}

/* t->act = what stage + 1 reads: GELU of the norm of u[stage]. `normed` gets the norm's output. */
static void activate(float *normed, mpp_destem_tape *t, size_t stage, const float *w,
                     const mpp_destem_layout *l, const mpp_dims *d)
{
  mpp_pattern_norm_forward(normed, t->sd[stage], t->u[stage], w + l->norm_w[stage], d->B,
                           d->cells[level(d, stage) - 1], d->stem);
  mpp_gelu_forward(t->act, normed, output_size(d, stage));
}

void mpp_destem_forward(float *net, mpp_destem_tape *t, const float *w, const mpp_destem_layout *l,
                        const mpp_dims *d)
{
  const size_t last = d->npatch - 1;
  const float *x = t->z;
  for (size_t i = 0; i < last; i++) {
    mpp_deconv_pack(t->packed[i], kernel_of(t, w, l, d, i), input_width(d, i), d->stem, taps(d, i));
    mpp_linear_forward(t->patches, x, t->packed[i], NULL, d->B * d->cells[level(d, i)],
                       input_width(d, i), taps(d, i) * d->stem, false);
    mpp_patch_scatter(t->u[i], t->patches, d->B, d->grid[level(d, i) - 1], factor(d, i), d->stem);
    activate(t->patches, t, i, w, l, d);
    x = t->act;
  }
  pack_head(t, w, l, d);
  mpp_linear_forward(net, x, t->packed[last], t->head_bias, d->B * d->cells[1],
                     input_width(d, last), taps(d, last) * d->predicted, false);
}

void mpp_destem_backward(float *dz, float *g, const float *dnet, mpp_destem_tape *t, const float *w,
                         const mpp_destem_layout *l, const mpp_dims *d)
{
  const float *dpatches = dnet; /* gradient of what the linear map of a stage gives */
  for (size_t i = d->npatch; i-- > 0;) {
    const bool head = i + 1 == d->npatch;
    const size_t in = input_width(d, i), out = taps(d, i) * output_width(d, i);
    const size_t rows = d->B * d->cells[level(d, i)];
    const float *x = t->z;
    float *dx = dz, *normed = t->patches;
    if (i > 0) {
      activate(normed, t, i - 1, w, l, d);
      x = t->act;
      dx = t->dact;
      mpp_zero(dx, rows * in);
    }
    mpp_zero(t->dpacked, packed_size(d, i));
    if (head) {
      mpp_zero(t->dbias, out);
    }
    mpp_linear_backward(dx, t->dpacked, head ? t->dbias : NULL, dpatches, x, t->packed[i], rows, in,
                        out, false);
    if (head) {
      unpack_head_add(g, t, l, d);
    } else {
      mpp_deconv_unpack_add(begin_gradient(t, g, l, d, i), t->dpacked, in, d->stem, taps(d, i));
      end_gradient(t, g, l, d, i);
    }
    if (i > 0) { /* through GELU, norm and scatter of the stage before */
      const size_t size = output_size(d, i - 1);
      mpp_gelu_backward(dx, normed, size);
      mpp_zero(t->du, size);
      mpp_rms_inorm_backward(t->du, g + l->norm_w[i - 1], dx, t->u[i - 1], w + l->norm_w[i - 1],
                             t->sd[i - 1], d->B, d->cells[level(d, i)], d->stem);
      mpp_patch_gather(t->dpatches, t->du, d->B, d->grid[level(d, i)], factor(d, i - 1), d->stem);
      dpatches = t->dpatches;
    }
  }
}
