/* parameters.c - physical parameters of a file and of its name, and conditions on them. */
#include "parameters.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "condition.h"
#include "number.h"

/* ---- where they are found ---- */

/* Numbers of the file that are no physics: counters, and what mpp writes of its own run. */
static bool is_physical(const char *name)
{
  static const char *const other[] = {"latestIndex", "time",           "nsteps",
                                      "seed",        "n_spatial_dims", "n_trajectories",
                                      "steps",       "resolution",     "frames"};
  for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
    if (strcasecmp(name, other[i]) == 0) {
      return false;
    }
  }
  return strncmp(name, "mpp_", 4) != 0 && name[0] != '_';
}

static mpp_status take_attribute(void *context, const mpp_array_attribute *a)
{
  if (a->text == NULL && a->count == 1 && isfinite(a->value[0]) && is_physical(a->name)) {
    mpp_describe_parameter(context, a->name, a->value[0]);
  }
  return MPP_OK;
}

mpp_status mpp_parameters_of_file(mpp_data_file *f)
{
  const mpp_status st = mpp_array_attributes(&f->file, "/", take_attribute, f->about);
  if (st == MPP_OK) {
    mpp_parameters_of_name(f->about, f->path);
  }
  return st;
}

/* "Eta1.e-8" -> Eta, 1e-8. A number that begins with 0 and no point is a counter: "run0012". */
static bool read_word(mpp_name name, double *value, const char *word, size_t length)
{
  char text[MPP_NAME_MAX], *end = NULL;
  size_t letters = 0;
  if (length >= sizeof text) {
    return false;
  }
  memcpy(text, word, length);
  text[length] = '\0';
  while (isalpha((unsigned char)text[letters])) { letters++; }
  const char *number = text + letters;
  if (letters == 0 || !isdigit((unsigned char)number[0]) ||
      (number[0] == '0' && isdigit((unsigned char)number[1]))) {
    return false;
  }
  *value = mpp_number_read(number, &end);
  memcpy(name, text, letters);
  name[letters] = '\0';
  return *end == '\0' && isfinite(*value);
}

void mpp_parameters_of_name(mpp_description *d, const char *path)
{
  const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
  const char *dot = strrchr(name, '.');
  const char *end = dot != NULL && !isdigit((unsigned char)dot[1]) ? dot : name + strlen(name);
  /* the first word is what the file is of ("pyro2_..."), unless it has a decimal point */
  const size_t first = strcspn(name, "_");
  const char *begin = memchr(name, '.', first) != NULL && name + first < end ? name : name + first;
  for (const char *at = begin; at < end;) {
    const size_t length = strcspn(at, "_");
    const size_t here = at + length < end ? length : (size_t)(end - at);
    mpp_name key;
    double value = 0.0;
    if (read_word(key, &value, at, here) && is_physical(key)) {
      mpp_describe_parameter(d, key, value);
    }
    at += here + 1;
  }
}

/* ---- conditions ---- */

static mpp_status find(size_t *index, const mpp_description *d, const char *name, const char *path)
{
  char known[256] = "none";
  size_t used = 0;
  for (size_t i = 0; i < d->nparameters; i++) {
    if (strcasecmp(d->parameter[i].name, name) == 0) {
      *index = i;
      return MPP_OK;
    }
    if (used < sizeof known) {
      const int n = snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "",
                             d->parameter[i].name);
      used += n > 0 ? (size_t)n : 0;
    }
  }
  return mpp_fail(MPP_ERR_USAGE, "%s: where: parameter '%s': not there, found %s", path, name,
                  known);
}

mpp_status mpp_parameters_where(bool *holds, const char *where, const mpp_description *d,
                                const double *value, const char *path)
{
  mpp_status st = MPP_OK;
  bool all = true;
  char *origin = NULL;
  MPP_TRY(mpp_format(&origin, "%s: where", path));
  for (const char *at = where; at != NULL;) {
    const char *comma = strchr(at, ',');
    mpp_condition c = {.value = 0.0};
    size_t index = 0;
    MPP_TRY(mpp_condition_read(&c, at, comma != NULL ? (size_t)(comma - at) : strlen(at), false,
                               origin, MPP_ERR_USAGE));
    MPP_TRY(find(&index, d, c.name, path));
    MPP_REQUIRE(!d->parameter[index].varies, MPP_ERR_USAGE,
                "%s: where: parameter '%s' varies in time, expected one number a trajectory", path,
                c.name);
    all = mpp_condition_holds(&c, value[index]) && all;
    at = comma != NULL ? comma + 1 : NULL;
  }
  *holds = all;
done:
  mpp_free(origin);
  return st;
}
