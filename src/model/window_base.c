/* window_base.c - what the network corrects: the frame that a predictor fitted to the window gives,
 * sample by sample. All modes but frame are this, with different rules of src/predict. Base and
 * scale take no gradient. */
#include "alloc.h"
#include "check.h"
#include "tape.h"

static const mpp_window_rule rules[] = {[MPP_MODE_DELTA] = MPP_RULE_PERSISTENCE,
                                        [MPP_MODE_EXTRAPOLATE] = MPP_RULE_POLYNOMIAL,
                                        [MPP_MODE_AUTOREGRESS] = MPP_RULE_AUTOREGRESSION,
                                        [MPP_MODE_WINDOW] = MPP_RULE_BACKTEST};

mpp_window mpp_window_sample(const float *x, size_t b, const mpp_dims *d,
                             const unsigned char *hidden)
{
  const size_t frame = d->fields * d->field_cells;
  mpp_window w = {
      .x = x + b * frame, .T = d->T, .C = d->predicted, .stride = d->B * frame, .mask = hidden};
  for (int a = 0; a < 3; a++) {
    w.grid[a] = d->field[a];
    w.edge[a] = mpp_edge_of(d->periodic[a] ? MPP_PERIODIC : MPP_OPEN);
  }
  return w;
}

/* Room for the masked cells of one sample, where there are any. */
static mpp_status reserve_cells(unsigned char **hidden, const unsigned char *mask,
                                const mpp_dims *d)
{
  return mask != NULL ? MPP_ALLOC(hidden, d->field_cells) : MPP_OK;
}

/* hidden, filled with the masked cells of sample b; NULL without a mask. */
static const unsigned char *hide(unsigned char *hidden, const unsigned char *mask, size_t b,
                                 const mpp_dims *d)
{
  if (mask != NULL) {
    mpp_mask_cells(hidden, mask, b, d);
  }
  return hidden;
}

mpp_status mpp_window_base(mpp_tape *t, const float *x, const unsigned char *mask, mpp_mode mode,
                           mpp_window_fit *const *fit)
{
  mpp_status st = MPP_OK;
  const mpp_dims *d = &t->dims;
  mpp_window_fit *own = NULL;
  unsigned char *hidden = NULL;
  MPP_TRY(reserve_cells(&hidden, mask, d));
  for (size_t b = 0; b < d->B; b++) {
    const mpp_window w = mpp_window_sample(x, b, d, hide(hidden, mask, b, d));
    const mpp_window_fit *f = fit != NULL ? fit[b] : NULL;
    if (f == NULL) {
      MPP_TRY(mpp_window_fit_create(&own, &w, rules[mode]));
      f = own;
    }
    MPP_TRY(mpp_window_fit_next(f, t->base + b * d->predicted * d->field_cells, &w));
    for (size_t c = 0; c < d->predicted; c++) {
      const double gain = f->step > 0 ? f->gain[c].gain : 1.0;
      t->scale[b * d->predicted + c] = (float)(gain * f->scale[c]);
    }
    mpp_window_fit_destroy(own);
    own = NULL;
  }
done:
  mpp_free(hidden);
  mpp_window_fit_destroy(own);
  return st;
}

bool mpp_window_base_keeps(mpp_mode mode)
{
  return mode != MPP_MODE_FRAME && mpp_window_rule_keeps(rules[mode]);
}

mpp_status mpp_window_fits(mpp_window_fit **fit, const mpp_dims *d, const float *x,
                           const unsigned char *mask, mpp_mode mode)
{
  mpp_status st = MPP_OK;
  unsigned char *hidden = NULL;
  MPP_TRY(reserve_cells(&hidden, mask, d));
  for (size_t b = 0; b < d->B && mpp_window_base_keeps(mode); b++) {
    if (fit[b] == NULL) {
      const mpp_window w = mpp_window_sample(x, b, d, hide(hidden, mask, b, d));
      MPP_TRY(mpp_window_fit_create(&fit[b], &w, rules[mode]));
    }
  }
done:
  mpp_free(hidden);
  return st;
}
