/* dataset.c - trajectories of one system in one or several files: opened, described, split. */
#include "mpp/dataset.h"

#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "dataset_impl.h"
#include "probe.h"
#include "system.h"

/* Takes over what the first file says. */
static void fill_info(mpp_dataset_info *info, const mpp_data_file *f)
{
  info->layout = f->layout->name;
  memcpy(info->system, f->system, sizeof info->system);
  info->nfields = f->nfields;
  info->nframes = f->nframes;
  memcpy(info->grid, f->grid, sizeof info->grid);
  memcpy(info->axis, f->axis, sizeof info->axis);
}

static mpp_status name_fields(mpp_dataset_info *info, const mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  for (size_t c = 0; c < f->nfields; c++) {
    MPP_TRY(mpp_field_qualify(info->field[c], f->system, f->field[c]));
    const mpp_field_info *known = mpp_field_find(info->field[c]);
    snprintf(info->units[c], sizeof info->units[c], "%s", known != NULL ? known->units : "1");
  }
done:
  return st;
}

/* Boundaries of the open file: those of its system and name, or of its own attribute. */
static mpp_status file_boundary(mpp_boundary boundary[3], mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  char *text = NULL, *origin = NULL;
  mpp_system_boundary(boundary, f->axis, f->system, f->path);
  if (mpp_h5_has_attribute(f->id, "/", "boundary")) {
    MPP_TRY(mpp_h5_attribute_text(&text, f->id, f->path, "/", "boundary"));
    MPP_TRY(mpp_format(&origin, "%s: attribute boundary", f->path));
    MPP_TRY(mpp_boundary_parse(boundary, f->axis, text, origin));
  }
done:
  mpp_free(text);
  mpp_free(origin);
  return st == MPP_ERR_USAGE ? MPP_ERR_DATA : st; /* here the text is not the user's */
}

/* Opens each file once, in turn. With `boundary` given those of the files do not matter. `verified`
 * [files.count]: its trajectories have been held at one shape. */
static mpp_status look_at_files(mpp_dataset *d, const char *boundary, const bool *verified)
{
  mpp_status st = MPP_OK;
  mpp_boundary own[3];
  mpp_h5_lock();
  for (size_t i = 0; i < d->files.count; i++) {
    MPP_TRY(mpp_dataset_use_file(d, i));
    if (!verified[i] && d->open.layout->verify != NULL) {
      MPP_TRY(d->open.layout->verify(&d->open));
    }
    d->in_file[i] = d->open.ntrajectories;
    MPP_TRY(file_boundary(own, &d->open));
    if (i == 0) {
      fill_info(&d->info, &d->open);
      MPP_TRY(name_fields(&d->info, &d->open));
      memcpy(d->info.boundary, own, sizeof own);
    }
    MPP_REQUIRE(boundary[0] != '\0' || memcmp(own, d->info.boundary, sizeof own) == 0, MPP_ERR_DATA,
                "%s: boundaries are not those of %s: state which, or use one of them alone",
                d->open.path, d->files.file[0]);
    MPP_REQUIRE(mpp_add(&d->info.ntrajectories, d->info.ntrajectories, d->in_file[i]), MPP_ERR_DATA,
                "%s: too many trajectories", d->open.path);
  }
  if (boundary[0] != '\0') {
    MPP_TRY(mpp_boundary_parse(d->info.boundary, d->info.axis, boundary, d->info.path));
  }
done:
  mpp_h5_unlock();
  return st;
}

static mpp_status split(mpp_dataset *d, const mpp_dataset_options *options)
{
  mpp_status st = MPP_OK;
  const bool given = options->train != 0.0 || options->valid != 0.0;
  const double train = given ? options->train : 0.8, valid = given ? options->valid : 0.1;
  /* 1e-9: fractions like 0.9 and 0.1 may add up to a little more than 1 */
  MPP_REQUIRE(train >= 0.0 && valid >= 0.0 && train + valid <= 1.0 + 1e-9, MPP_ERR_USAGE,
              "%s: fractions %g for training and %g for validation, expected at most 1 together",
              d->info.path, train, valid);
  size_t most = 0;
  for (size_t i = 0; i < d->files.count; i++) {
    most = d->in_file[i] > most ? d->in_file[i] : most;
  }
  const mpp_split_rule rule = strcmp(d->info.layout, mpp_file_layout_ins.name) == 0
                                  ? MPP_SPLIT_ACROSS_FLOOR
                              : most == 1 ? MPP_SPLIT_ACROSS
                                          : MPP_SPLIT_WITHIN;
  mpp_split_files(d->segment, d->part, d->in_file, d->files.count, train, valid, rule);
  if (options->distinct) {
    MPP_TRY(mpp_dataset_split_distinct(d, train, valid));
  }
  d->max_train = options->max_trajectories;
done:
  return st;
}

mpp_status mpp_dataset_open(mpp_dataset **out, const char *spec, const mpp_dataset_options *options)
{
  static const mpp_dataset_options defaults = {0};
  mpp_status st = MPP_OK;
  mpp_dataset *d = NULL;
  size_t frame = 0;
  bool *probed = NULL;
  options = options != NULL ? options : &defaults;
  const char *boundary = options->boundary != NULL ? options->boundary : "";
  *out = NULL;
  MPP_TRY(MPP_ALLOC(&d, 1));
  d->open.id = -1;
  MPP_TRY(mpp_file_set_find(&d->files, spec));
  MPP_TRY(MPP_ALLOC(&probed, d->files.count));
  for (size_t i = 0; i < d->files.count; i++) {
    MPP_TRY(mpp_data_file_probe(&probed[i], d->files.file[i], d->files.system));
  }
  d->info.path = d->files.path;
  MPP_TRY(MPP_ALLOC(&d->in_file, d->files.count));
  d->nsegments = 3 * d->files.count;
  MPP_TRY(MPP_ALLOC(&d->segment, d->nsegments));
  MPP_TRY(look_at_files(d, boundary, probed));
  const size_t factors[] = {d->info.nfields, d->info.grid[0], d->info.grid[1],
                            d->info.grid[2], d->info.nframes, sizeof(double)};
  MPP_REQUIRE(mpp_product(&frame, factors, 6), MPP_ERR_DATA,
              "%s: a trajectory does not fit into memory", d->info.path);
  MPP_TRY(split(d, options));
  *out = d;
  d = NULL;
done:
  mpp_free(probed);
  mpp_dataset_close(d);
  return st;
}

void mpp_dataset_close(mpp_dataset *d)
{
  if (d == NULL) {
    return;
  }
  if (d->maker != NULL) {
    d->maker->close(d->made_by);
    mpp_free(d);
    return;
  }
  mpp_h5_lock();
  mpp_data_file_close(&d->open);
  mpp_h5_unlock();
  mpp_file_set_free(&d->files);
  mpp_free(d->in_file);
  mpp_free(d->segment);
  mpp_free(d->twin);
  mpp_free(d->buffer);
  mpp_free(d);
}

const mpp_dataset_info *mpp_dataset_get_info(const mpp_dataset *d) { return &d->info; }

void mpp_dataset_split(const mpp_dataset *d, mpp_split which, size_t *first, size_t *count)
{
  *first = 0;
  *count = d->info.ntrajectories;
  if (which == MPP_ALL) {
    return;
  }
  for (int p = 0; p < (int)which; p++) { *first += d->part[p]; }
  *count = d->part[which];
  if (which == MPP_TRAIN && d->max_train > 0 && d->max_train < *count) {
    *count = d->max_train;
  }
}
