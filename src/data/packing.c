/* packing.c - what attributes say of stored values: CF conventions 1.10, sections 2.5.1 (missing
 * data, valid range), 3.1 (units), 8.1 (packed data). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "guess.h"
#include "text.h"

/* What netCDF writes where nobody wrote (NC_FILL_FLOAT, NC_FILL_DOUBLE): the same float number. */
static const double netcdf_fill = (double)9.9692099683868690e+36f;

static mpp_status add_missing(mpp_described_array *a, const mpp_array_file *f, const char *key)
{
  mpp_status st = MPP_OK;
  double value[4];
  size_t count = 0;
  MPP_TRY(mpp_array_numbers(value, &count, 4, f, a->path, key));
  for (size_t i = 0; i < count && a->nmissing < 4; i++) {
    bool there = isnan(value[i]); /* NaN is missing anyway */
    for (size_t k = 0; k < a->nmissing; k++) { there |= a->missing[k] == value[i]; }
    if (!there) {
      a->missing[a->nmissing++] = value[i];
    }
  }
done:
  return st;
}

static mpp_status read_range(mpp_described_array *a, const mpp_array_file *f)
{
  mpp_status st = MPP_OK;
  double range[2] = {-HUGE_VAL, HUGE_VAL};
  size_t both = 0, low = 0, high = 0;
  MPP_TRY(mpp_array_numbers(range, &both, 2, f, a->path, "valid_range"));
  if (both != 2) {
    range[0] = -HUGE_VAL;
    range[1] = HUGE_VAL;
    MPP_TRY(mpp_array_numbers(&range[0], &low, 1, f, a->path, "valid_min"));
    MPP_TRY(mpp_array_numbers(&range[1], &high, 1, f, a->path, "valid_max"));
  }
  if ((both == 2 || low > 0 || high > 0) && range[0] < range[1]) {
    a->low = range[0];
    a->high = range[1];
  }
done:
  return st;
}

mpp_status mpp_read_packing(mpp_described_array *a, const mpp_array_file *f, mpp_array_type type,
                            size_t size, bool netcdf)
{
  mpp_status st = MPP_OK;
  double value = 0.0;
  size_t scales = 0, offsets = 0;
  MPP_TRY(mpp_array_numbers(&value, &scales, 1, f, a->path, "scale_factor"));
  a->scale = scales > 0 ? value : 0.0;
  MPP_TRY(mpp_array_numbers(&value, &offsets, 1, f, a->path, "add_offset"));
  a->offset = offsets > 0 ? value : 0.0;
  MPP_REQUIRE(isfinite(a->scale) && isfinite(a->offset) && (scales == 0 || a->scale != 0.0),
              MPP_ERR_DATA,
              "%s: %s: scale_factor %g and add_offset %g, expected finite numbers and "
              "a factor that is not 0",
              f->path, a->path, a->scale, a->offset);
  a->scale = offsets > 0 && scales == 0 ? 1.0 : a->scale;
  MPP_TRY(add_missing(a, f, "_FillValue"));
  const bool filled = a->nmissing > 0;
  MPP_TRY(add_missing(a, f, "missing_value"));
  MPP_TRY(read_range(a, f));
  if (netcdf && !filled && type == MPP_ARRAY_REAL && a->nmissing < 4) {
    a->missing[a->nmissing++] = netcdf_fill;
  }
  /* integers of 4 and 8 bytes do not fit into float32 as they are stored */
  if (type == MPP_ARRAY_INTEGER && size > 2 && a->scale == 0.0) {
    a->scale = 1.0;
  }
done:
  return st;
}

static mpp_status copy_attribute(mpp_name out, const mpp_array_file *f, const char *object,
                                 const char *key)
{
  mpp_status st = MPP_OK;
  char *text = NULL;
  MPP_TRY(mpp_array_text(&text, f, object, key));
  mpp_copy_text(out, MPP_NAME_MAX, text != NULL ? text : "");
done:
  mpp_free(text);
  return st;
}

mpp_status mpp_read_names(mpp_name units, mpp_name long_name, mpp_name standard_name,
                          const mpp_array_file *f, const char *object)
{
  mpp_status st = MPP_OK;
  MPP_TRY(copy_attribute(units, f, object, "units"));
  MPP_TRY(copy_attribute(long_name, f, object, "long_name"));
  MPP_TRY(copy_attribute(standard_name, f, object, "standard_name"));
done:
  return st;
}
