/* layout_pdearena.c - PDEArena's HDF5 files: one group named by the split (train, valid, test) with
 * fields [sample, time, space, ...] (u, vx, vy; of Maxwell's equations d_field, h_field with a last
 * axis of components) and lines t, x, y [sample, n]. Source: pdearena, data generation scripts. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "guess.h"

static const char *const modes[] = {"train", "valid", "test"};

static const char *mode_of(const mpp_data_file *f)
{
  for (size_t i = 0; f->file.h5 >= 0 && i < sizeof modes / sizeof modes[0]; i++) {
    if (mpp_h5_has(f->file.h5, modes[i])) {
      return modes[i];
    }
  }
  return NULL;
}

static const mpp_array *member(const mpp_data_file *f, const char *mode, const char *name)
{
  char path[MPP_OBJECT_MAX];
  snprintf(path, sizeof path, "%s/%s", mode, name);
  for (size_t i = 0; i < f->file.count; i++) {
    if (strcmp(f->file.array[i].name, path) == 0) {
      return &f->file.array[i];
    }
  }
  return NULL;
}

static bool matches(const mpp_data_file *f)
{
  char path[64];
  const char *mode = mode_of(f);
  if (mode == NULL) {
    return false;
  }
  snprintf(path, sizeof path, "%s/dt", mode);
  const bool flow = mpp_h5_has(f->file.h5, path);
  snprintf(path, sizeof path, "%s/d_field", mode);
  return flow || mpp_h5_has(f->file.h5, path);
}

/* A field has samples, times and the axes of space of the one with the most axes. */
static bool is_field(const mpp_array *a, const mpp_array *most)
{
  if (a->type != MPP_ARRAY_REAL || a->rank < 3 || a->rank < most->rank) {
    return false;
  }
  for (int i = 0; i < most->rank; i++) {
    if (a->shape[i] != most->shape[i]) {
      return false;
    }
  }
  return true;
}

/* The array in the group with the most axes. */
static const mpp_array *widest(const mpp_data_file *f, const char *mode)
{
  const mpp_array *most = NULL;
  const size_t length = strlen(mode);
  for (size_t i = 0; i < f->file.count; i++) {
    const mpp_array *a = &f->file.array[i];
    if (strncmp(a->name, mode, length) == 0 && a->name[length] == '/' &&
        a->type == MPP_ARRAY_REAL && (most == NULL || a->rank > most->rank)) {
      most = a;
    }
  }
  return most;
}

static mpp_status add_field(mpp_data_file *f, const mpp_array *a, int naxes)
{
  static const char *const letters[3] = {"x", "y", "z"};
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  mpp_axis_role role[MPP_H5_MAX_RANK] = {MPP_ROLE_SAMPLE, MPP_ROLE_TIME};
  size_t array = 0;
  for (int i = 2; i < a->rank; i++) {
    role[i] =
        i < 2 + naxes ? (mpp_axis_role)(MPP_ROLE_SPACE + 3 - naxes + i - 2) : MPP_ROLE_COMPONENT;
  }
  MPP_TRY(mpp_describe_array(d, &array, a->name, f->path, a->rank, a->shape, role));
  const size_t n = mpp_described_components(&d->array[array]);
  for (size_t k = 0; k < n; k++) {
    mpp_name name;
    snprintf(name, sizeof name, "%.40s%s%s", mpp_guess_base(a->name), n > 1 ? "_" : "",
             n > 1 && k < 3 ? letters[k] : "");
    MPP_TRY(mpp_describe_field(d, f->path, name, array, k));
  }
done:
  return st;
}

/* t, x, y: [sample, n] or [n]; without them entries are numbered. */
static void describe_scale(mpp_described_scale *s, const mpp_array *a, const char *name,
                           mpp_axis_role role, size_t length)
{
  snprintf(s->name, sizeof s->name, "%s", name);
  s->step = 1.0;
  if (a != NULL && (a->rank == 1 || a->rank == 2) && a->shape[a->rank - 1] == length) {
    s->array = mpp_file_layout_line(a->name, MPP_ROLE_SAMPLE, a->shape[0]);
    s->array.rank = a->rank;
    s->array.role[a->rank - 1] = role;
    s->array.length[a->rank - 1] = length;
  }
}

/* Parameters [sample]: buo_y and the like; steps of the grid are none. */
static void add_parameters(mpp_data_file *f, const char *mode)
{
  static const char *const other[] = {"dt", "dx", "dy", "dz", "t", "x", "y", "z"};
  mpp_description *d = f->about;
  const size_t length = strlen(mode);
  for (size_t i = 0; i < f->file.count && d->nparameters < MPP_MAX_PARAMETERS; i++) {
    const mpp_array *a = &f->file.array[i];
    const char *base = mpp_guess_base(a->name);
    bool is_other = strncmp(a->name, mode, length) != 0 || a->rank != 1 ||
                    a->shape[0] != d->ntrajectories || strlen(base) >= MPP_NAME_MAX;
    for (size_t k = 0; k < sizeof other / sizeof other[0]; k++) {
      is_other = is_other || strcmp(base, other[k]) == 0;
    }
    if (!is_other) {
      mpp_described_parameter *p = &d->parameter[d->nparameters++];
      *p = (mpp_described_parameter){
          .array = mpp_file_layout_line(a->name, MPP_ROLE_SAMPLE, a->shape[0])};
      snprintf(p->name, sizeof p->name, "%s", base);
    }
  }
}

static mpp_status describe(mpp_data_file *f)
{
  static const char *const names[3] = {"x", "y", "z"};
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  mpp_name label;
  const char *mode = mode_of(f);
  MPP_TRY(mpp_array_file_list(&f->file, 4096));
  const mpp_array *most = widest(f, mode);
  MPP_REQUIRE(most != NULL && most->rank >= 3, MPP_ERR_DATA,
              "%s: %s: found no field, expected arrays [sample, time, space, ...]", f->path, mode);
  const bool vector = most->rank > 3 && most->shape[most->rank - 1] <= 3;
  const int naxes = most->rank - 2 - (vector ? 1 : 0);
  MPP_REQUIRE(naxes >= 1 && naxes <= 3, MPP_ERR_DATA,
              "%s: %s: found %d axes, expected sample, time and 1 to 3 of space", f->path,
              most->name, most->rank);
  d->ntrajectories = most->shape[0];
  d->has_sample_axis = true;
  d->nframes = most->shape[1];
  mpp_file_layout_axes(d, names, most->shape + 2, (size_t)naxes);
  for (size_t i = 0; i < f->file.count; i++) {
    if (is_field(&f->file.array[i], most)) {
      MPP_TRY(add_field(f, &f->file.array[i], naxes));
    }
  }
  describe_scale(&d->time, member(f, mode, "t"), "t", MPP_ROLE_TIME, d->nframes);
  for (int i = 0; i < naxes; i++) {
    const int a = 3 - naxes + i;
    describe_scale(&d->space[a], member(f, mode, names[i]), names[i],
                   (mpp_axis_role)(MPP_ROLE_SPACE + a), d->grid[a]);
  }
  MPP_TRY(mpp_file_layout_label(label, f));
  MPP_TRY(mpp_file_layout_name(f, label, "pdearena"));
  add_parameters(f, mode);
  mpp_describe_note(d, MPP_NOTE_BOUNDARY, true, "smoke is open, the velocity has walls");
done:
  return st;
}

const mpp_file_layout mpp_file_layout_pdearena = {
    .name = "pdearena",
    .matches = matches,
    .describe = describe,
};
