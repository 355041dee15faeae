/* roll.c - values and increments in padded arrays that take turns. */
#include "roll.h"

#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "threads.h"

mpp_status mpp_roll_make(mpp_roll *r, const mpp_halo *halo, size_t fields)
{
  mpp_status st = MPP_OK;
  size_t size = 0, cells = 0;
  memset(r, 0, sizeof *r);
  r->halo = *halo;
  r->fields = fields;
  MPP_REQUIRE(mpp_mul(&size, fields, halo->size) && mpp_mul(&cells, fields, halo->cells),
              MPP_ERR_DATA, "window: too large");
  for (size_t i = 0; i <= MPP_ROLL_LAGS; i++) { MPP_TRY(MPP_ALLOC(&r->array[i], size)); }
  MPP_TRY(MPP_ALLOC(&r->next, cells));
  for (size_t c = 0; c < fields; c++) {
    r->low[c] = -INFINITY;
    r->high[c] = INFINITY;
  }
done:
  return st;
}

void mpp_roll_free(mpp_roll *r)
{
  for (size_t i = 0; i <= MPP_ROLL_LAGS; i++) { mpp_free(r->array[i]); }
  mpp_free(r->next);
  memset(r, 0, sizeof *r);
}

/* d [cells of the padded grid] = now - before; ghosts too. */
static void load_increment(const mpp_halo *h, double *d, const float *now, const float *before,
                           mpp_odd_ends odd)
{
  for (size_t z = 0; z < h->grid[0]; z++) {
    for (size_t y = 0; y < h->grid[1]; y++) {
      double *row = d + mpp_halo_row(h, z, y);
      for (size_t i = 0; i < h->grid[2]; i++) { row[i] = (double)*now++ - *before++; }
    }
  }
  mpp_halo_fill(h, d, odd);
}

void mpp_roll_begin(mpp_roll *r, const float *x, size_t stride, size_t t)
{
  const mpp_halo *h = &r->halo;
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t k = 0; k < (1 + MPP_ROLL_LAGS) * r->fields; k++) {
    const size_t i = k / r->fields, c = k % r->fields;
    double *to = r->array[i] + c * h->size;
    if (i == 0) {
      mpp_halo_load(h, to, x + t * stride + c * h->cells, r->odd[c]);
    } else if (i <= t) {
      const float *now = x + (t - i + 1) * stride + c * h->cells;
      load_increment(h, to, now, now - stride, r->odd[c]);
    } else {
      memset(to, 0, h->size * sizeof *to);
    }
  }
}

/* Values and increments of a field after the step; d: where its increments go. */
static void advance_field(mpp_roll *r, double *d, size_t c)
{
  const mpp_halo *h = &r->halo;
  const double low = r->low[c], high = r->high[c];
  double *v = r->array[0] + c * h->size, square = 0.0;
  double *next = r->next + c * h->cells;
  size_t held = 0;
  for (size_t i = 0; r->mask != NULL && i < h->cells; i++) {
    next[i] = r->mask[i] != 0 ? 0.0 : next[i];
  }
  for (size_t z = 0; z < h->grid[0]; z++) {
    for (size_t y = 0; y < h->grid[1]; y++) {
      double *row = v + mpp_halo_row(h, z, y), *step = d + mpp_halo_row(h, z, y);
#pragma omp simd reduction(+ : square, held)
      for (size_t i = 0; i < h->grid[2]; i++) {
        const double free = row[i] + next[i];
        const double kept = free > high ? high : free > low ? free : low; /* NaN is held too */
        held += kept != free;
        step[i] = kept == free ? next[i] : kept - row[i];
        square += step[i] * step[i];
        row[i] = kept;
      }
      next += h->grid[2];
    }
  }
  mpp_halo_fill(h, v, r->odd[c]);
  mpp_halo_fill(h, d, r->odd[c]);
  r->held[c] = held;
  r->moved[c] = square / (double)h->cells;
}

void mpp_roll_advance(mpp_roll *r)
{
  double *oldest = r->array[MPP_ROLL_LAGS];
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t c = 0; c < r->fields; c++) { advance_field(r, oldest + c * r->halo.size, c); }
  for (size_t i = MPP_ROLL_LAGS; i > 1; i--) { r->array[i] = r->array[i - 1]; }
  r->array[1] = oldest;
}

void mpp_roll_rest(mpp_roll *r, const float *x, size_t field)
{
  const size_t size = r->halo.size;
  mpp_halo_load(&r->halo, r->array[0] + field * size, x, r->odd[field]);
  for (size_t i = 1; i <= MPP_ROLL_LAGS; i++) {
    memset(r->array[i] + field * size, 0, size * sizeof *r->array[i]);
  }
}

void mpp_roll_store(const mpp_roll *r, float *y, size_t field)
{
  const mpp_halo *h = &r->halo;
  const double *v = r->array[0] + field * h->size;
  for (size_t z = 0; z < h->grid[0]; z++) {
    for (size_t k = 0; k < h->grid[1]; k++) {
      const double *row = v + mpp_halo_row(h, z, k);
      for (size_t i = 0; i < h->grid[2]; i++) { *y++ = (float)row[i]; }
    }
  }
}

double mpp_roll_error(const mpp_roll *r, const float *x, size_t field)
{
  const mpp_halo *h = &r->halo;
  const size_t *m = r->margin, n = h->grid[2] - 2 * m[2];
  double sum = 0.0;
  for (size_t z = m[0]; z < h->grid[0] - m[0]; z++) {
    for (size_t y = m[1]; y < h->grid[1] - m[1]; y++) {
      const double *v = r->array[0] + field * h->size + mpp_halo_row(h, z, y) + m[2];
      const float *truth = x + (z * h->grid[1] + y) * h->grid[2] + m[2];
#pragma omp simd reduction(+ : sum)
      for (size_t i = 0; i < n; i++) { sum += (v[i] - truth[i]) * (v[i] - truth[i]); }
    }
  }
  return sum / (double)((h->grid[0] - 2 * m[0]) * (h->grid[1] - 2 * m[1]) * n);
}
