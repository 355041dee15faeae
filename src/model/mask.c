/* mask.c - windows with values that do not count: obstacles, missing values. What lies there is
 * never read: the mean of the field's other values stands for it, which is zero after the
 * normalisation, and predictors fitted to the window see a cell at rest. */
#include <string.h>

#include "nn.h"
#include "patch_shift.h"
#include "tape.h"
#include "threads.h"

void mpp_mask_clean(float *clean, const float *x, const unsigned char *mask, const mpp_dims *d)
{
  const size_t cells = d->field_cells, pairs = d->B * d->fields;
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t k = 0; k < pairs; k++) {
    double sum = 0.0, count = 0.0;
    for (size_t i = 0; i < d->T * cells; i++) {
      const size_t at = (i / cells * pairs + k) * cells + i % cells;
      sum += mask[at] == 0 ? (double)x[at] : 0.0;
      count += mask[at] == 0 ? 1.0 : 0.0;
    }
    const float mean = count > 0.0 ? (float)(sum / count) : 0.0f;
    for (size_t i = 0; i < d->T * cells; i++) {
      const size_t at = (i / cells * pairs + k) * cells + i % cells;
      clean[at] = mask[at] == 0 ? x[at] : mean;
    }
  }
}

const float *mpp_mask_window(mpp_tape *t, const float *x, const unsigned char *mask)
{
  if (mask == NULL) {
    return x;
  }
  mpp_mask_clean(t->clean, x, mask, &t->dims);
  return t->clean;
}

void mpp_mask_shift(mpp_tape *t, const unsigned char *mask)
{
  const mpp_dims *d = &t->dims;
  if (mask != NULL && mpp_patch_shift_any(d)) {
    mpp_patch_shift_bytes(t->mask, mask, d);
  } else if (mask != NULL) {
    memcpy(t->mask, mask, d->T * d->B * d->fields * d->field_cells);
  }
}

void mpp_mask_settle(const mpp_tape *t, float *seen)
{
  const mpp_dims *d = &t->dims;
  const size_t cells = d->cells[0], pairs = d->B * d->fields;
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t k = 0; k < d->T * pairs; k++) {
    for (size_t i = k * cells; i < (k + 1) * cells; i++) {
      seen[i] = t->mask[i] == 0 ? seen[i] : t->mean[k % pairs];
    }
  }
}

void mpp_mask_cells(unsigned char *cells, const unsigned char *mask, size_t b, const mpp_dims *d)
{
  const size_t n = d->field_cells;
  memset(cells, 0, n);
  for (size_t k = 0; k < d->T * d->predicted; k++) {
    const size_t t = k / d->predicted, c = k % d->predicted;
    const unsigned char *from = mask + ((t * d->B + b) * d->fields + c) * n;
    for (size_t i = 0; i < n; i++) { cells[i] |= from[i]; }
  }
}
