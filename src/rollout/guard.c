/* guard.c - range, balances and spectrum of a frame against those of the context. */
#include "guard.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"

static const double least_share = 0.01; /* of short waves: below it nothing is wrong with a field */

void mpp_guard_free(mpp_guard *g)
{
  mpp_spectrum_destroy(g->spectrum);
  *g = (mpp_guard){0};
}

/* Mean over the context and largest distance from it. */
static void find_range(mpp_guard *g, const float *x, size_t T)
{
  const size_t C = g->info->nfields;
  for (size_t f = 0; f < C; f++) {
    double sum = 0.0, reach = 0.0;
    for (size_t t = 0; t < T; t++) {
      const float *field = x + (t * C + f) * g->cells;
      double frame = 0.0;
      for (size_t i = 0; i < g->cells; i++) { frame += (double)field[i]; }
      sum += frame / (double)g->cells;
    }
    g->mean[f] = sum / (double)T;
    for (size_t t = 0; t < T; t++) {
      const float *field = x + (t * C + f) * g->cells;
      for (size_t i = 0; i < g->cells; i++) {
        reach = fmax(reach, fabs((double)field[i] - g->mean[f]));
      }
      g->share[f] = fmax(g->share[f], mpp_spectrum_high_share(g->spectrum, field));
    }
    /* Less is rounding of float32: nothing to measure growth by. */
    g->reach[f] = reach > 1e-6 * fabs(g->mean[f]) ? reach : 0.0;
  }
}

mpp_status mpp_guard_begin(mpp_guard *g, const mpp_rollout_options *o, const mpp_dataset_info *info,
                           const mpp_reference *reference, const float *x, size_t T)
{
  mpp_status st = MPP_OK;
  g->info = info;
  g->cells = info->grid[0] * info->grid[1] * info->grid[2];
  g->max_growth = o->max_growth;
  g->max_drift = o->max_drift;
  g->max_high_share = o->max_high_share;
  g->stream = reference->stream;
  MPP_TRY(mpp_spectrum_create(&g->spectrum, info->grid, info->boundary));
  find_range(g, x, T);
  if (g->stream != NULL) {
    mpp_pde_stream_balance(g->stream, &g->balance, x + (T - 1) * info->nfields * g->cells);
  }
done:
  return st;
}

static void find(mpp_guard_record *out, unsigned bit, const char *format, const char *name,
                 double value, double limit)
{
  if (out->text[0] == '\0') {
    snprintf(out->text, sizeof out->text, format, name, value, limit);
  }
  out->bits |= bit;
}

static void look_at_field(const mpp_guard *g, mpp_guard_record *out, const float *y, size_t f)
{
  const char *name = g->info->field[f];
  double reach = 0.0;
  for (size_t i = 0; i < g->cells; i++) { reach = fmax(reach, fabs((double)y[i] - g->mean[f])); }
  out->growth[f] = g->reach[f] > 0.0 ? reach / g->reach[f] : NAN;
  out->high_share[f] = mpp_spectrum_high_share(g->spectrum, y);
  if (g->max_growth > 0.0 && out->growth[f] > g->max_growth) {
    find(out, MPP_GUARD_RANGE, "%s is %.3g times as far from its mean as the context (limit %.3g)",
         name, out->growth[f], g->max_growth);
  }
  const double most = g->max_high_share * fmax(g->share[f], least_share);
  if (g->max_high_share > 0.0 && out->high_share[f] > most) {
    find(out, MPP_GUARD_SPECTRUM, "%s has %.3g of its variance in short waves (limit %.3g)", name,
         out->high_share[f], most);
  }
}

static void look_at_balance(mpp_guard *g, mpp_guard_record *out, const float *y)
{
  mpp_pde_balance now = {0};
  if (g->balance.count == 0) {
    return;
  }
  mpp_pde_stream_balance(g->stream, &now, y);
  for (size_t i = 0; i < g->balance.count; i++) {
    const double size = g->balance.size[i];
    out->total[i] = i < now.count ? now.value[i] : NAN;
    out->drift[i] = size > 0.0 ? (out->total[i] - g->balance.value[i]) / size : NAN;
    if (g->balance.closed && g->max_drift > 0.0 && fabs(out->drift[i]) > g->max_drift) {
      find(out, MPP_GUARD_BALANCE, "%s drifted by %.3g (limit %.3g)", g->balance.name[i],
           out->drift[i], g->max_drift);
    }
  }
}

void mpp_guard_look(mpp_guard *g, mpp_guard_record *out, const float *y)
{
  *out = (mpp_guard_record){.bits = 0};
  for (size_t f = 0; f < g->info->nfields; f++) { look_at_field(g, out, y + f * g->cells, f); }
  look_at_balance(g, out, y);
}
