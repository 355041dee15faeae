/* window_input.c - what the network takes from the window. Statistics take no gradient.
 *
 * With increments the stem has two channels a field: the values, normalised by mean and standard
 * deviation over the window, and the increments x_t - x_{t-1} (0 in the first frame), divided by
 * their RMS over the last frames. A frame differs from the one before by a few percent or less, and
 * attention would have to cancel two frames to that accuracy to see it. */
#include <math.h>

#include "tape.h"
#include "threads.h"
#include "window.h"

/* input = values and increments of the window, side by side. */
static void lay_side_by_side(mpp_tape *t, const float *x)
{
  const mpp_dims *d = &t->dims;
  const size_t fields = d->fields, cells = d->cells[0], frame = d->B * fields * cells;
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t k = 0; k < d->T * d->B * fields; k++) {
    const size_t n = k / fields, c = k % fields;
    const float *now = x + k * cells, *before = n >= d->B ? now - frame : now;
    float *value = t->input + (n * d->inputs + c) * cells, *increment = value + fields * cells;
    for (size_t i = 0; i < cells; i++) {
      value[i] = now[i];
      increment[i] = now[i] - before[i];
    }
    if (t->mask != NULL) { /* nothing is known of what has been or becomes masked */
      const unsigned char *hidden = t->mask + k * cells,
                          *earlier = n >= d->B ? hidden - frame : hidden;
      for (size_t i = 0; i < cells; i++) {
        increment[i] = (hidden[i] | earlier[i]) == 0 ? increment[i] : 0.0f;
      }
    }
  }
}

/* Masked cells have no increments: what their zeros take from the RMS of field `pair` is given
 * back. */
static float share_of_unmasked(const mpp_tape *t, size_t pair)
{
  const mpp_dims *d = &t->dims;
  const size_t cells = d->cells[0], pairs = d->B * d->fields;
  double count = 0.0;
  for (size_t k = 0; k < d->T && t->mask != NULL; k++) {
    const unsigned char *hidden = t->mask + (k * pairs + pair) * cells;
    for (size_t i = 0; i < cells; i++) { count += hidden[i] == 0 ? 1.0 : 0.0; }
  }
  return t->mask == NULL || count == 0.0 ? 1.0f
                                         : (float)sqrt(count / ((double)d->T * (double)cells));
}

void mpp_window_input(mpp_tape *t, const float *x)
{
  const mpp_dims *d = &t->dims;
  const size_t fields = d->fields, cells = d->cells[0];
  mpp_field_norm_stats_masked(t->mean, t->sd, x, t->mask, d->T, d->B, fields, cells);
  if (t->mask != NULL) {
    mpp_mask_settle(t, t->shifted != NULL ? t->shifted : t->clean);
  }
  if (t->input == NULL) {
    return;
  }
  lay_side_by_side(t, x);
  /* The error of persistence is the increment: its backtest gives the RMS, floored. */
  mpp_window_backtest(t->order, t->increment_rms, x, 0, d->T, d->B, fields, cells);
  for (size_t b = 0; b < d->B; b++) {
    for (size_t c = 0; c < fields; c++) {
      const size_t pair = b * fields + c, at = b * d->inputs + c;
      t->input_mean[at] = t->mean[pair];
      t->input_sd[at] = t->sd[pair];
      t->input_mean[at + fields] = 0.0f;
      t->input_sd[at + fields] = t->increment_rms[pair] / share_of_unmasked(t, pair);
    }
  }
}
