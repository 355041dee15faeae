/* dataset_missing.c - values of a frame that do not count or are no numbers: masked, missing, or a
 * fault of the data, which is told with its place. */
#include <math.h>
#include <stdio.h>

#include "check.h"
#include "dataset_impl.h"

/* "y 3, x 17", in the entries of the file */
static void cell_text(char *out, size_t size, const mpp_dataset *d, size_t cell)
{
  const size_t *grid = d->info.grid;
  const size_t index[3] = {cell / (grid[1] * grid[2]), cell / grid[2] % grid[1], cell % grid[2]};
  size_t used = 0;
  for (int a = 0; a < 3; a++) {
    if (d->info.axis[a][0] != '\0' && used < size) {
      const int n = snprintf(out + used, size - used, "%s%s %zu", used > 0 ? ", " : "",
                             d->info.axis[a], d->space[a].from + index[a] * d->space[a].step);
      used += n > 0 ? (size_t)n : 0;
    }
  }
}

static mpp_status fail_not_finite(const mpp_dataset *d, const mpp_frame_place *p, size_t at,
                                  float value)
{
  mpp_status st = MPP_OK;
  const mpp_described_field *f = &d->open.about->field[p->field];
  const mpp_described_array *a = &d->open.about->array[f->array];
  mpp_object_name object;
  char cell[128] = "";
  const bool declared = isnan(value) && (a->nmissing > 0 || a->low != a->high);
  MPP_TRY(mpp_described_object(object, &d->open, a, p->trajectory));
  cell_text(cell, sizeof cell, d, at);
  if (declared) {
    return mpp_fail(MPP_ERR_DATA,
                    "%s: %s: trajectory %zu, frame %zu, field '%s:%s', cell %s: found a missing "
                    "value, expected a number (--fill mean, nearest or mask takes it)",
                    d->open.path, object, p->trajectory, p->frame, d->info.system, f->name, cell);
  }
  st = mpp_fail(MPP_ERR_DATA,
                "%s: %s: trajectory %zu, frame %zu, field '%s:%s', cell %s: found %g, expected a "
                "finite number",
                d->open.path, object, p->trajectory, p->frame, d->info.system, f->name, cell,
                (double)value);
done:
  return st;
}

/* Fills what is missing of one frame of one field, or says where it is. */
static mpp_status check_frame(const mpp_dataset *d, float *x, const size_t grid[3],
                              const mpp_frame_place *p)
{
  mpp_status st = MPP_OK;
  const size_t n = grid[0] * grid[1] * grid[2];
  const mpp_fill fill = d->request->fill;
  size_t bad = n, infinite = n;
  bool filled = true;
  for (size_t i = n; i-- > 0;) {
    bad = isfinite(x[i]) ? bad : i;
    infinite = isinf(x[i]) ? i : infinite;
  }
  const size_t at = fill == MPP_FILL_NONE ? bad : infinite;
  if (at < n) {
    return fail_not_finite(d, p, at, x[at]);
  }
  if (bad < n) {
    MPP_TRY(mpp_fill_missing(&filled, x, grid, d->wraps, fill));
    MPP_REQUIRE(filled, MPP_ERR_DATA,
                "%s: trajectory %zu, frame %zu, field '%s:%s': all values are missing or masked, "
                "nothing to fill them with",
                d->open.path, p->trajectory, p->frame, d->info.system,
                d->open.about->field[p->field].name);
  }
done:
  return st;
}

/* Mean of the finite values that none of these masks covers; false: there are none. */
static bool open_mean(float *mean, const float *x, const unsigned char *covered, unsigned masks,
                      size_t n)
{
  double sum = 0.0;
  size_t count = 0;
  for (size_t i = 0; i < n; i++) {
    if ((covered[i] & masks) == 0 && isfinite(x[i])) {
      sum += (double)x[i];
      count++;
    }
  }
  *mean = count > 0 ? (float)(sum / (double)count) : NAN;
  return count > 0;
}

mpp_status mpp_dataset_settle(const mpp_dataset *d, float *x, unsigned char *hidden,
                              const unsigned char *covered, const size_t grid[3], mpp_frame_place p,
                              bool checked)
{
  mpp_status st = MPP_OK;
  const size_t n = grid[0] * grid[1] * grid[2];
  const mpp_fill fill = d->request->fill;
  const bool given = p.field >= d->info.nfields;
  const bool filled = covered != NULL && (fill == MPP_FILL_MEAN || fill == MPP_FILL_NEAREST);
  const unsigned masks = d->open.about->field[p.field].masks;
  float under = NAN; /* what takes the place of a masked value */
  if (covered != NULL && !(checked && fill == MPP_FILL_NEAREST)) {
    const bool any = open_mean(&under, x, covered, masks, n);
    MPP_REQUIRE(any || !checked || given, MPP_ERR_DATA,
                "%s: trajectory %zu, frame %zu, field '%s:%s': all values are missing or masked",
                d->open.path, p.trajectory, p.frame, d->info.system,
                d->open.about->field[p.field].name);
    under = any ? under : 0.0f;
  }
  for (size_t i = 0; i < n; i++) {
    /* what is given, such as the shape of an obstacle, is known there, too */
    const bool masked = covered != NULL && (covered[i] & masks) != 0 && (!given || isnan(x[i]));
    if (hidden != NULL) {
      hidden[i] = (unsigned char)(masked || (isnan(x[i]) && !filled));
    }
    x[i] = masked ? under : x[i];
  }
  if (checked) {
    MPP_TRY(check_frame(d, x, grid, &p));
  }
done:
  return st;
}
