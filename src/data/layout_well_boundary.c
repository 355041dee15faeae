/* layout_well_boundary.c - The Well's boundary conditions: PERIODIC, WALL or OPEN where a mask over
 * one dimension or several is set. As its reader has it, a side is a wall if all of it is, and open
 * or periodic if any of it is. A mask over all dimensions that is set inside the grid (an obstacle,
 * the walls of a maze) is a field that is given: NAME_mask, 1 where it is set. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "alloc.h"
#include "check.h"
#include "layout_well.h"

typedef struct mask {
  mpp_object_name path;
  mpp_side kind;
  int rank; /* axes in the file: [sample] [time] those of space */
  size_t shape[MPP_H5_MAX_RANK];
  mpp_axis_role role[MPP_H5_MAX_RANK];
  bool sample, time;
  size_t nspace;       /* how many of them are of space */
  int axis[3];         /* grid axis of each */
  size_t length[3], n; /* lengths of these; values of one sample and time */
  double *value;       /* [n], owned */
} mask;

static int axis_of(const mpp_description *d, const char *name)
{
  for (int a = 0; a < 3; a++) {
    if (strcmp(d->space[a].name, name) == 0) {
      return a;
    }
  }
  return -1;
}

/* Roles of the mask's axes; false: it is not one of axes that the grid has. */
static mpp_status describe_mask(bool *fits, mask *m, const mpp_data_file *f, const char *group,
                                char **dim, size_t count)
{
  mpp_status st = MPP_OK;
  int k = 0;
  *fits = false;
  MPP_TRY(mpp_well_flag(&m->sample, f, group, "sample_varying", false));
  MPP_TRY(mpp_well_flag(&m->time, f, group, "time_varying", false));
  MPP_TRY(mpp_array_shape(m->shape, &m->rank, &f->file, m->path));
  if (count == 0 || count > 3 || (size_t)m->rank != count + m->sample + m->time) {
    goto done;
  }
  if (m->sample) {
    m->role[k++] = MPP_ROLE_SAMPLE;
  }
  if (m->time) {
    m->role[k++] = MPP_ROLE_TIME;
  }
  m->n = 1;
  for (size_t i = 0; i < count; i++, k++) {
    const int axis = axis_of(f->about, dim[i]);
    if (axis < 0 || m->shape[k] != f->about->grid[axis]) {
      goto done;
    }
    m->role[k] = (mpp_axis_role)(MPP_ROLE_SPACE + axis);
    m->axis[m->nspace] = axis;
    m->length[m->nspace++] = m->shape[k];
    MPP_REQUIRE(mpp_mul(&m->n, m->n, m->shape[k]), MPP_ERR_DATA, "%s: %s: too large", f->path,
                m->path);
  }
  *fits = true;
done:
  return st;
}

/* The mask of the first sample at the first time. */
static mpp_status read_mask(mask *m, const mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  size_t start[MPP_H5_MAX_RANK] = {0}, size[MPP_H5_MAX_RANK];
  for (int i = 0; i < m->rank; i++) {
    size[i] = m->role[i] == MPP_ROLE_SAMPLE || m->role[i] == MPP_ROLE_TIME ? 1 : m->shape[i];
  }
  MPP_TRY(MPP_ALLOC(&m->value, m->n));
  MPP_TRY(mpp_array_read_f64(m->value, &f->file, m->path, start, NULL, size));
done:
  return st;
}

/* Place of value i along axis k of the mask. */
static size_t place(const mask *m, size_t i, size_t k)
{
  for (size_t last = m->nspace; last-- > k + 1;) { i /= m->length[last]; }
  return i % m->length[k];
}

/* Sets the sides of axis k that the mask covers. */
static void set_edges(mpp_side edge[2], const mask *m, size_t k)
{
  bool any[2] = {false, false}, all[2] = {true, true};
  for (size_t i = 0; i < m->n; i++) {
    const size_t at = place(m, i, k);
    for (int side = 0; side < 2; side++) {
      if (at == (side == 0 ? 0 : m->length[k] - 1)) {
        any[side] = any[side] || m->value[i] != 0.0;
        all[side] = all[side] && m->value[i] != 0.0;
      }
    }
  }
  for (int side = 0; side < 2; side++) {
    if (m->kind == MPP_SIDE_WALL ? all[side] : any[side]) {
      edge[side] = m->kind;
    }
  }
}

static bool is_inside(const mask *m, size_t i)
{
  for (size_t k = 0; k < m->nspace; k++) {
    const size_t at = place(m, i, k);
    if (at == 0 || at == m->length[k] - 1) {
      return false;
    }
  }
  return true;
}

static mpp_status give_mask(mpp_data_file *f, const mask *m, const char *name)
{
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  size_t array = 0;
  mpp_name own;
  bool inside = m->time; /* one that moves is known where it is read */
  for (size_t i = 0; i < m->n && !inside; i++) { inside = m->value[i] != 0.0 && is_inside(m, i); }
  if (!inside || d->narrays == MPP_MAX_ARRAYS || d->nfields == MPP_MAX_ARRAYS) {
    return MPP_OK;
  }
  snprintf(own, sizeof own, "%.50s_mask", name);
  MPP_TRY(mpp_describe_array(d, &array, m->path, f->path, m->rank, m->shape, m->role));
  MPP_TRY(mpp_describe_field(d, f->path, own, array, 0));
  mpp_described_field *field = &d->field[d->nfields - 1];
  field->given = true;
  field->constant = !m->time;
done:
  return st;
}

static mpp_status describe_boundary(mpp_data_file *f, const char *group, const char *name,
                                    size_t ndims)
{
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  char *type = NULL, **dim = NULL;
  size_t count = 0;
  bool fits = false, masked = false;
  mask m = {.kind = MPP_SIDE_OPEN};
  MPP_TRY(mpp_array_text(&type, &f->file, group, "bc_type"));
  MPP_TRY(mpp_array_texts(&dim, &count, &f->file, group, "associated_dims"));
  m.kind = type == NULL                        ? MPP_SIDE_OPEN
           : strcasecmp(type, "periodic") == 0 ? MPP_SIDE_PERIODIC
           : strcasecmp(type, "wall") == 0     ? MPP_SIDE_WALL
                                               : MPP_SIDE_OPEN;
  if (count == 1 && m.kind == MPP_SIDE_PERIODIC && axis_of(d, dim[0]) >= 0) {
    mpp_side *edge = d->edge[axis_of(d, dim[0])];
    edge[0] = edge[1] = m.kind; /* both ends, whatever the mask is */
  }
  snprintf(m.path, sizeof m.path, "%.240s/mask", group);
  if (!mpp_h5_has(f->file.h5, m.path)) {
    goto done;
  }
  MPP_TRY(describe_mask(&fits, &m, f, group, dim, count));
  if (!fits) {
    goto done;
  }
  MPP_TRY(read_mask(&m, f));
  for (size_t k = 0; k < m.nspace; k++) { set_edges(d->edge[m.axis[k]], &m, k); }
  MPP_TRY(mpp_well_flag(&masked, f, group, "mpp_masked", false));
  if (m.nspace == ndims && masked) {
    d->has_own_mask = true;
    MPP_TRY(mpp_describe_array(d, &d->own_mask, m.path, f->path, m.rank, m.shape, m.role));
  } else if (m.nspace == ndims && ndims > 1) {
    MPP_TRY(give_mask(f, &m, name));
  }
done:
  mpp_free(m.value);
  mpp_free(type);
  mpp_h5_members_free(dim, count);
  return st;
}

mpp_status mpp_well_boundaries(mpp_data_file *f, size_t ndims)
{
  mpp_status st = MPP_OK;
  char **member = NULL;
  size_t count = 0;
  mpp_object_name group;
  if (!mpp_h5_has(f->file.h5, "boundary_conditions")) {
    return MPP_OK;
  }
  MPP_TRY(mpp_h5_members(&member, &count, f->file.h5, f->path, "boundary_conditions"));
  for (size_t i = 0; i < count; i++) {
    const int n = snprintf(group, sizeof group, "boundary_conditions/%s", member[i]);
    if (n > 0 && (size_t)n <= 240) {
      MPP_TRY(describe_boundary(f, group, member[i], ndims));
    }
  }
done:
  mpp_h5_members_free(member, count);
  return st;
}
