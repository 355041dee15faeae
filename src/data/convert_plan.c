/* convert_plan.c - fields into arrays. The Well keeps scalars first, then vectors, then tensors:
 * fields whose names are NAME_x, NAME_y, ... over all axes are one vector, NAME_xx, NAME_xy, ...
 * one tensor. PDEBench's reader of one array a field takes the compressible ones by name, or one
 * called `tensor`; all others go into its layout of one group a trajectory. */
#include "convert_plan.h"

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "mpp/field.h"
#include "system.h"

/* ---- fields ---- */

static const char *name_of(const mpp_dataset_info *info, size_t source)
{
  return mpp_field_short(source < info->nfields ? info->field[source]
                                                : info->given[source - info->nfields]);
}

static bool has_time(const mpp_dataset_info *info, size_t source)
{
  return source < info->nfields || !info->constant[source - info->nfields];
}

static void add(mpp_convert_plan *p, const mpp_dataset_info *info, size_t source, bool once)
{
  const size_t i = p->nfields + p->nonce;
  p->source[i] = source;
  snprintf(p->name[i], sizeof p->name[i], "%s", name_of(info, source));
  *(once ? &p->nonce : &p->nfields) += 1;
}

/* ---- vectors and tensors ---- */

/* The axes that the grid has, in its order. */
static size_t list_axes(const char *axis[3], const mpp_dataset_info *info)
{
  size_t n = 0;
  for (int a = 0; a < 3; a++) {
    if (info->axis[a][0] != '\0') {
      axis[n++] = info->axis[a];
    }
  }
  return n;
}

/* Component k of NAME: NAME_x, or NAME_xy. */
static void component_name(mpp_name out, const char *stem, size_t length, const char *const *axis,
                           size_t ndims, int order, size_t k)
{
  snprintf(out, sizeof(mpp_name), "%.*s_%.8s%.8s", (int)length, stem,
           order == 2 ? axis[k / ndims] : axis[k], order == 2 ? axis[k % ndims] : "");
}

/* The sources of all components, if source `first` is the first of them; returns how many. */
static size_t find_components(size_t *source, size_t *stem, const mpp_dataset_info *info,
                              size_t first, int order)
{
  const char *axis[3], *name = name_of(info, first), *end = strrchr(name, '_');
  const size_t ndims = list_axes(axis, info), count = order == 2 ? ndims * ndims : ndims;
  if (end == NULL || end == name) {
    return 0;
  }
  *stem = (size_t)(end - name);
  for (size_t k = 0; k < count; k++) {
    mpp_name wanted;
    size_t found = info->nfields;
    component_name(wanted, name, *stem, axis, ndims, order, k);
    for (size_t i = 0; i < info->nfields; i++) {
      found = strcmp(name_of(info, i), wanted) == 0 ? i : found;
    }
    if (found == info->nfields || (k == 0 && found != first)) {
      return 0;
    }
    source[k] = found;
  }
  return count;
}

static void plan_part(mpp_convert_plan *p, const mpp_dataset_info *info, int order,
                      const size_t *source, size_t count, size_t stem)
{
  mpp_writer_part *part = &p->part[p->nparts++];
  *part = (mpp_writer_part){.order = order, .first = p->nfields + p->nonce};
  snprintf(part->name, sizeof part->name, "%.*s", (int)stem, name_of(info, source[0]));
  for (size_t k = 0; k < count; k++) { add(p, info, source[k], !has_time(info, source[k])); }
}

static void plan_well(mpp_convert_plan *p, const mpp_dataset_info *info)
{
  const size_t total = info->nfields + info->ngiven;
  int order_of[2 * MPP_MAX_FIELDS] = {0};
  size_t source[MPP_MAX_FIELDS] = {0}, stem = 0;
  for (int order = 2; order > 0; order--) {
    for (size_t i = 0; i < info->nfields; i++) {
      const size_t n = order_of[i] == 0 ? find_components(source, &stem, info, i, order) : 0;
      for (size_t k = 0; k < n; k++) { order_of[source[k]] = order_of[source[k]] > 0 ? -1 : order; }
    }
  }
  for (size_t i = 0; i < total; i++) { /* scalars with time */
    if (order_of[i] <= 0 && has_time(info, i)) {
      plan_part(p, info, 0, &i, 1, strlen(name_of(info, i)));
    }
  }
  for (int order = 1; order <= 2; order++) {
    for (size_t i = 0; i < info->nfields; i++) {
      const size_t n = order_of[i] == order ? find_components(source, &stem, info, i, order) : 0;
      if (n > 0) {
        plan_part(p, info, order, source, n, stem);
      }
    }
  }
  for (size_t i = 0; i < total; i++) { /* what has no time comes last */
    if (!has_time(info, i)) {
      plan_part(p, info, 0, &i, 1, strlen(name_of(info, i)));
    }
  }
  p->layout = "the-well";
}

/* ---- PDEBench ---- */

static bool has_field(const mpp_dataset_info *info, const char *name)
{
  for (size_t i = 0; i < info->nfields; i++) {
    if (strcmp(name_of(info, i), name) == 0) {
      return true;
    }
  }
  return false;
}

/* Fields of the arrays that PDEBench's reader asks for; NULL: another kind of data. */
static const char *const *array_names(const mpp_dataset_info *info, size_t ndims)
{
  static const char *const flow[] = {"density", "pressure", "Vx", "Vy", "Vz"};
  static const char *const scalar[] = {"tensor"};
  bool is_flow = info->nfields == 2 + ndims;
  for (size_t i = 0; i < 2 + ndims && is_flow; i++) { is_flow = has_field(info, flow[i]); }
  const bool steady = info->nframes == 1 && info->ngiven == 1 && info->constant[0] &&
                      strcmp(name_of(info, 1), "nu") == 0;
  const bool is_scalar = info->nfields == 1 && (ndims == 1 || (ndims == 2 && steady));
  return is_flow ? flow : is_scalar ? scalar : NULL;
}

/* Names of the axes in the layout's order; axes that stand the other way round are turned. */
static void turn_axes(mpp_convert_plan *p, const mpp_dataset_info *info, size_t ndims,
                      const char *wanted)
{
  const int first = 3 - (int)ndims;
  bool turned = ndims > 1;
  for (int k = 0; k < (int)ndims; k++) {
    const char *name = info->axis[2 - k];
    turned = turned && name[0] == wanted[k] && name[1] == '\0';
  }
  for (int k = 0; k < (int)ndims; k++) {
    p->from[first + k] = turned ? 2 - k : first + k;
    p->grid[first + k] = info->grid[p->from[first + k]];
    snprintf(p->axis[first + k], sizeof p->axis[first + k], "%c", wanted[k]);
  }
}

static void plan_pdebench(mpp_convert_plan *p, const mpp_dataset_info *info)
{
  static const char *const xyz[] = {"x", "xy", "xyz"}, *const zyx[] = {"x", "yx", "zyx"};
  const char *axis[3];
  const size_t ndims = list_axes(axis, info), total = info->nfields + info->ngiven;
  const char *const *names = array_names(info, ndims);
  p->layout = names != NULL ? "pdebench-array" : "pdebench-groups";
  turn_axes(p, info, ndims, names != NULL ? xyz[ndims - 1] : zyx[ndims - 1]);
  for (int pass = 0; pass < 2; pass++) { /* with time, without */
    for (size_t i = 0; i < total; i++) {
      const bool once = !has_time(info, i);
      if (once == (pass == 0)) {
        continue;
      }
      if (once && names == NULL) {
        snprintf(p->left[p->nleft++], sizeof(mpp_name), "%s", name_of(info, i));
        continue;
      }
      if (names != NULL && !once && info->nfields == 1) {
        p->dataset[p->nfields + p->nonce] = names[0];
      }
      add(p, info, i, once);
    }
  }
}

/* A known system names its fields by their order: data that have others are not that system's. */
static void name_system(mpp_convert_plan *p, const mpp_dataset_info *info)
{
  size_t known = 0;
  const mpp_field_info *fields = mpp_system_fields(&known, info->system);
  bool same = fields == NULL || known == p->nfields;
  for (size_t i = 0; i < p->nfields && same && fields != NULL; i++) {
    same = strcmp(fields[i].name, p->name[i]) == 0;
  }
  snprintf(p->system, sizeof p->system, "%.50s%s", info->system, same ? "" : "_converted");
}

mpp_status mpp_convert_make_plan(mpp_convert_plan *p, const mpp_dataset_info *info,
                                 mpp_convert_target to)
{
  mpp_status st = MPP_OK;
  *p = (mpp_convert_plan){.layout = NULL};
  MPP_REQUIRE(info->nfields + info->ngiven <= MPP_MAX_FIELDS, MPP_ERR_USAGE,
              "%s: %zu fields, expected at most %d (--fields chooses some)", info->path,
              info->nfields + info->ngiven, MPP_MAX_FIELDS);
  for (int a = 0; a < 3; a++) {
    p->from[a] = a;
    p->grid[a] = info->grid[a];
    memcpy(p->axis[a], info->axis[a], sizeof p->axis[a]);
  }
  MPP_REQUIRE(info->axis[2][0] != '\0', MPP_ERR_USAGE, "%s: has no axis of space", info->path);
  if (to == MPP_TO_WELL) {
    plan_well(p, info);
  } else {
    plan_pdebench(p, info);
  }
  name_system(p, info);
done:
  return st;
}
