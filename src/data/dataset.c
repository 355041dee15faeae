/* dataset.c - trajectories of one system in one or several files: opened, described, split. */
#include "mpp/dataset.h"

#include <string.h>

#include "alloc.h"
#include "check.h"
#include "dataset_impl.h"
#include "probe.h"

/* What the user says: the description that `spec` may name, the options, the label. */
static mpp_status make_request(mpp_dataset *d, const mpp_dataset_options *options)
{
  mpp_status st = MPP_OK;
  char *files = NULL;
  mpp_data_request *r = NULL;
  MPP_TRY(MPP_ALLOC(&d->request, 1));
  r = d->request;
  *r = (mpp_data_request){.origin = "the command line", .code = MPP_ERR_USAGE};
  if (mpp_file_set_is_description(&d->files)) {
    r->origin = d->files.path;
    r->code = MPP_ERR_CONFIG;
    MPP_TRY(mpp_data_request_read(r, &files, d->files.file[0]));
    MPP_TRY(mpp_file_set_expand(&d->files, files));
    r->origin = d->files.path; /* a copy took its place */
  }
  if (options->flags != NULL) {
    MPP_TRY(mpp_data_request_flags(r, options->flags));
  }
  if (options->boundary != NULL && options->boundary[0] != '\0') {
    MPP_TRY(mpp_data_request_set(r, "boundary", options->boundary, "command line", MPP_ERR_USAGE));
  }
  if (d->files.system[0] != '\0') {
    memcpy(r->system, d->files.system, sizeof r->system);
  }
  r->many_files = d->files.count > 1;
done:
  mpp_free(files);
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
  for (size_t i = 0; i < d->nruns; i++) { most = d->in_run[i] > most ? d->in_run[i] : most; }
  const mpp_split_rule rule = strcmp(d->info.layout, mpp_file_layout_ins.name) == 0
                                  ? MPP_SPLIT_ACROSS_FLOOR
                              : most == 1 ? MPP_SPLIT_ACROSS
                                          : MPP_SPLIT_WITHIN;
  d->nsegments = 3 * d->nruns;
  MPP_TRY(MPP_ALLOC(&d->segment, d->nsegments));
  mpp_split_files(d->segment, d->part, d->in_run, d->nruns, train, valid, rule);
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
  *out = NULL;
  MPP_TRY(MPP_ALLOC(&d, 1));
  d->open = mpp_data_file_none;
  MPP_TRY(mpp_file_set_find(&d->files, spec));
  MPP_TRY(make_request(d, options));
  MPP_TRY(MPP_ALLOC(&probed, d->files.count));
  for (size_t i = 0; i < d->files.count; i++) {
    MPP_TRY(mpp_data_file_probe(&probed[i], d->files.file[i], d->request));
  }
  d->info.path = d->files.path;
  mpp_h5_lock();
  st = mpp_dataset_look(d, probed);
  mpp_h5_unlock();
  MPP_TRY(st);
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
  for (size_t i = 0; d->kept != NULL && i < d->nruns; i++) { mpp_free(d->kept[i]); }
  mpp_free(d->kept);
  mpp_file_set_free(&d->files);
  mpp_free(d->request);
  mpp_free(d->about);
  mpp_free(d->frames);
  mpp_free(d->in_run);
  mpp_free(d->segment);
  mpp_free(d->twin);
  mpp_read_buffer_free(&d->buffer);
  mpp_free(d->window);
  mpp_free(d->missing);
  mpp_free(d->whole);
  mpp_free(d->sign);
  mpp_free(d->covered);
  mpp_free(d->hidden);
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
