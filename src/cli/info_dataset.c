/* info_dataset.c - what a dataset is, and lines of text or members of JSON for all of `mpp
 * info`. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "info_parts.h"

void info_say_text(const info_description *d, const char *name, const char *text)
{
  if (d->root != NULL) {
    json_object_set_new(d->root, name, cli_json_text(text));
  } else {
    printf("%-14s %s\n", name, text);
  }
}

void info_say_count(const info_description *d, const char *name, size_t value)
{
  cli_number_text text;
  if (d->root != NULL) {
    json_object_set_new(d->root, name, json_integer((json_int_t)value));
  } else {
    printf("%-14s %s\n", name, cli_count(text, value));
  }
}

static void say_fields(const info_description *d, const mpp_dataset_info *info)
{
  json_t *list = d->root != NULL ? json_array() : NULL;
  for (size_t f = 0; f < info->nfields; f++) {
    const mpp_field_info *known = mpp_field_find(info->field[f]);
    const char *long_name = info->long_name[f][0] != '\0' ? info->long_name[f]
                            : known != NULL               ? known->long_name
                                                          : "";
    if (list != NULL) {
      json_t *one = json_object();
      json_object_set_new(one, "name", cli_json_text(info->field[f]));
      json_object_set_new(one, "units", cli_json_text(info->units[f]));
      json_object_set_new(one, "long_name", cli_json_text(long_name));
      json_array_append_new(list, one);
    } else {
      printf("%-14s %-20s [%s] %s\n", f == 0 ? "fields" : "", info->field[f], info->units[f],
             long_name);
    }
  }
  if (list != NULL) {
    json_object_set_new(d->root, "fields", list);
  }
}

/* Fields known in advance: names, and whether they change. */
static void say_given(const info_description *d, const mpp_dataset_info *info)
{
  json_t *list = d->root != NULL ? json_array() : NULL;
  for (size_t f = 0; f < info->ngiven; f++) {
    if (list != NULL) {
      json_t *one = json_object();
      json_object_set_new(one, "name", cli_json_text(info->given[f]));
      json_object_set_new(one, "constant", json_boolean(info->constant[f]));
      json_array_append_new(list, one);
    } else {
      printf("%-14s %-20s %s\n", f == 0 ? "given" : "", info->given[f],
             info->constant[f] ? "constant in time" : "");
    }
  }
  if (list != NULL) {
    json_object_set_new(d->root, "given", list);
  }
}

/* What says which cells count nowhere. */
static void say_masks(const info_description *d, const mpp_dataset_info *info)
{
  json_t *list = d->root != NULL ? json_array() : NULL;
  for (size_t i = 0; i < info->nmasks; i++) {
    if (list != NULL) {
      json_array_append_new(list, cli_json_text(info->mask[i]));
    } else {
      printf("%-14s %-20s masked cells count nowhere\n", i == 0 ? "mask" : "", info->mask[i]);
    }
  }
  if (list != NULL) {
    json_object_set_new(d->root, "mask", list);
  }
}

/* "periodic", or "wall:open" where the sides differ */
static void edge_text(char out[32], const mpp_side side[2])
{
  static const char *const words[] = {"open", "periodic", "wall"};
  const bool both = side[0] == side[1];
  snprintf(out, 32, "%s%s%s", words[side[0]], both ? "" : ":", both ? "" : words[side[1]]);
}

/* Least and greatest value of each parameter over all trajectories. */
static mpp_status say_parameters(const info_description *d, mpp_dataset *data,
                                 const mpp_dataset_info *info)
{
  mpp_status st = MPP_OK;
  double value[MPP_MAX_PARAMETERS], low[MPP_MAX_PARAMETERS], high[MPP_MAX_PARAMETERS];
  json_t *list = d->root != NULL ? json_array() : NULL;
  for (size_t i = 0; i < info->ntrajectories && info->nparameters > 0; i++) {
    CLI_TRY(mpp_dataset_parameters(data, value, i));
    for (size_t k = 0; k < info->nparameters; k++) {
      low[k] = i == 0 || value[k] < low[k] ? value[k] : low[k];
      high[k] = i == 0 || value[k] > high[k] ? value[k] : high[k];
    }
  }
  for (size_t k = 0; k < info->nparameters; k++) {
    if (list != NULL) {
      json_t *one = json_object();
      json_object_set_new(one, "name", cli_json_text(info->parameter[k]));
      json_object_set_new(one, "least", cli_json_real(low[k]));
      json_object_set_new(one, "greatest", cli_json_real(high[k]));
      json_array_append_new(list, one);
    } else if (isnan(low[k])) {
      printf("%-14s %s varies in time\n", k == 0 ? "parameters" : "", info->parameter[k]);
    } else if (low[k] == high[k]) {
      printf("%-14s %s = %g\n", k == 0 ? "parameters" : "", info->parameter[k], low[k]);
    } else {
      printf("%-14s %s = %g to %g\n", k == 0 ? "parameters" : "", info->parameter[k], low[k],
             high[k]);
    }
  }
  if (list != NULL) {
    json_object_set(d->root, "parameters", list);
  }
done:
  json_decref(list);
  return st;
}

static mpp_status say_axes(const info_description *d, mpp_dataset *data,
                           const mpp_dataset_info *info)
{
  json_t *axes = json_array();
  mpp_status st = MPP_OK;
  for (int a = 0; a < 3; a++) {
    if (info->axis[a][0] == '\0') {
      continue;
    }
    double *x = calloc(info->grid[a] + 1, sizeof *x);
    if (x == NULL) {
      st = cli_fail(MPP_ERR_NOMEM, "no memory for %zu coordinates", info->grid[a]);
      break;
    }
    st = mpp_dataset_coordinates(data, x, a);
    const double first = x[0], last = x[info->grid[a] - 1];
    free(x);
    if (st != MPP_OK) {
      break;
    }
    char boundary[32];
    edge_text(boundary, info->edge[a]);
    if (d->root != NULL) {
      json_t *one = json_object();
      json_object_set_new(one, "name", cli_json_text(info->axis[a]));
      json_object_set_new(one, "cells", json_integer((json_int_t)info->grid[a]));
      json_object_set_new(one, "first", cli_json_real(first));
      json_object_set_new(one, "last", cli_json_real(last));
      json_object_set_new(one, "boundary", json_string(boundary));
      json_array_append_new(axes, one);
    } else {
      printf("%-14s %zu cells, centres %g to %g, %s\n", info->axis[a], info->grid[a], first, last,
             boundary);
    }
  }
  if (d->root != NULL) {
    json_object_set_new(d->root, "axes", json_incref(axes));
  }
  json_decref(axes);
  return st;
}

static mpp_status say_times(const info_description *d, mpp_dataset *data,
                            const mpp_dataset_info *info)
{
  double *t = calloc(info->nframes + 1, sizeof *t);
  if (t == NULL) {
    return cli_fail(MPP_ERR_NOMEM, "no memory for %zu times", info->nframes);
  }
  const mpp_status st = mpp_dataset_times(data, t, 0);
  if (st == MPP_OK && d->root != NULL) {
    json_object_set_new(d->root, "frames", json_integer((json_int_t)info->nframes));
    json_object_set_new(d->root, "first_time", cli_json_real(t[0]));
    json_object_set_new(d->root, "last_time", cli_json_real(t[info->nframes - 1]));
  } else if (st == MPP_OK) {
    printf("%-14s %zu, times %g to %g\n", "frames", info->nframes, t[0], t[info->nframes - 1]);
  }
  free(t);
  return st;
}

/* What the statistics file of a dataset of The Well says. */
static mpp_status say_statistics(const info_description *d, mpp_dataset *data,
                                 const mpp_dataset_info *info)
{
  mpp_field_statistics s[MPP_MAX_FIELDS];
  char path[1024];
  mpp_status st = MPP_OK;
  CLI_TRY(mpp_dataset_statistics(data, s, path));
  if (path[0] == '\0') {
    goto done;
  }
  json_t *list = d->root != NULL ? json_array() : NULL;
  if (list == NULL) {
    printf("%-14s %s\n", "statistics", path);
  }
  for (size_t f = 0; f < info->nfields; f++) {
    if (list != NULL) {
      json_array_append_new(
          list, json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "field", cli_json_text(info->field[f]),
                          "mean", cli_json_real(s[f].mean), "std", cli_json_real(s[f].std), "rms",
                          cli_json_real(s[f].rms), "mean_delta", cli_json_real(s[f].mean_delta),
                          "std_delta", cli_json_real(s[f].std_delta), "rms_delta",
                          cli_json_real(s[f].rms_delta)));
    } else {
      printf("%-14s %-20s mean %.4g, std %.4g; of increments %.4g, %.4g\n", "", info->field[f],
             s[f].mean, s[f].std, s[f].mean_delta, s[f].std_delta);
    }
  }
  if (list != NULL) {
    json_object_set_new(d->root, "statistics", list);
  }
done:
  return st;
}

mpp_status info_dataset(const info_description *d, const char *spec, const char *file,
                        const cli_check_settings *settings)
{
  mpp_dataset *data = NULL;
  mpp_status st = MPP_OK;
  const mpp_dataset_options options = {.boundary = settings->boundary, .flags = &settings->flags};
  CLI_TRY(mpp_dataset_open(&data, spec, &options));
  const mpp_dataset_info *info = mpp_dataset_get_info(data);
  info_begin(d, spec, "dataset");
  info_say_text(d, "layout", info->layout);
  info_say_text(d, "system", info->system);
  say_fields(d, info);
  say_given(d, info);
  say_masks(d, info);
  info_say_count(d, "trajectories", info->ntrajectories);
  CLI_TRY(say_times(d, data, info));
  CLI_TRY(say_axes(d, data, info));
  CLI_TRY(say_parameters(d, data, info));
  CLI_TRY(say_statistics(d, data, info));
  if (file != NULL) {
    st = info_say_attributes(d, file);
  }
done:
  mpp_dataset_close(data);
  return st;
}
