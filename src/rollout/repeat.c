/* repeat.c - a forecast made again by the settings in its file, and compared. */
#include <netcdf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "check.h"
#include "confine.h"
#include "h5.h"
#include "mpp/rollout.h"
#include "nc_compare.h"
#include "plan.h"
#include "yaml_tree.h"

/* The global text `name`, owned by the caller. */
static mpp_status read_text(char **out, const char *path, const char *name)
{
  mpp_status st = MPP_OK;
  int nc = -1;
  size_t length = 0;
  char *text = NULL;
  bool locked = false;
  int rc = NC_NOERR;
  MPP_TRY(mpp_look_at(path));
  mpp_h5_lock();
  locked = true;
  rc = mpp_fault() ? NC_EHDFERR : nc_open(path, NC_NOWRITE, &nc);
  MPP_REQUIRE(rc == NC_NOERR, MPP_ERR_DATA, "%s: cannot be opened: %s", path, nc_strerror(rc));
  rc = nc_inq_attlen(nc, NC_GLOBAL, name, &length);
  MPP_REQUIRE(rc == NC_NOERR, MPP_ERR_DATA, "%s: has no attribute '%s': it is no forecast of mpp",
              path, name);
  MPP_TRY(MPP_ALLOC(&text, length + 1));
  rc = nc_get_att_text(nc, NC_GLOBAL, name, text);
  MPP_REQUIRE(rc == NC_NOERR, MPP_ERR_DATA, "%s: attribute '%s': %s", path, name, nc_strerror(rc));
  *out = text;
  text = NULL;
done:
  if (nc >= 0) {
    nc_close(nc);
  }
  if (locked) {
    mpp_h5_unlock();
  }
  mpp_free(text);
  return st;
}

mpp_status mpp_rollout_settings(mpp_rollout_options *o, const char *path)
{
  mpp_status st = MPP_OK;
  char *text = NULL, *origin = NULL;
  mpp_yaml *yaml = NULL;
  MPP_TRY(read_text(&text, path, "mpp_config"));
  MPP_TRY(mpp_format(&origin, "%s: mpp_config", path));
  MPP_TRY(mpp_yaml_parse(&yaml, text, text != NULL ? strlen(text) : 0, origin));
  MPP_TRY(mpp_options_defaults(o, mpp_rollout_table));
  o->gain = MPP_GAIN_FULL; /* files that do not say it are older than gains */
  const mpp_yaml_node *root = mpp_yaml_root(yaml);
  for (size_t i = 0; i < root->count; i++) {
    const mpp_yaml_node *value = root->value[i];
    MPP_REQUIRE(value->kind == MPP_YAML_SCALAR, MPP_ERR_DATA, "%s: '%s' is no text or number",
                origin, root->key[i]->text);
    MPP_TRY(mpp_options_set(o, mpp_rollout_table, root->key[i]->text, value->text, origin));
  }
done:
  mpp_yaml_free(yaml);
  mpp_free(origin);
  mpp_free(text);
  return st == MPP_ERR_CONFIG ? MPP_ERR_DATA : st; /* here the text is not the user's */
}

static mpp_status set_input(char out[MPP_TEXT_MAX], const char *given)
{
  if (given == NULL || given[0] == '\0') {
    return MPP_OK;
  }
  if (strlen(given) >= MPP_TEXT_MAX) {
    return mpp_fail(MPP_ERR_USAGE, "%.100s...: the path is too long", given);
  }
  memcpy(out, given, strlen(given) + 1);
  return MPP_OK;
}

mpp_status mpp_rollout_repeat(mpp_rollout_difference **differences, size_t *count, const char *path,
                              const char *model, const char *data, const char *command,
                              mpp_rollout_observer observer, void *context)
{
  mpp_status st = MPP_OK;
  mpp_rollout_options *o = NULL;
  bool made = false;
  MPP_TRY(MPP_ALLOC(&o, 1));
  MPP_TRY(mpp_rollout_settings(o, path));
  MPP_REQUIRE(o->members * (1 + (long)o->ensemble.count) == 1 || o->member >= 0, MPP_ERR_USAGE,
              "%s: is a mean over members: repeat their files", path);
  MPP_TRY(set_input(o->model, model));
  MPP_TRY(set_input(o->data, data));
  const int length = snprintf(o->output, sizeof o->output, "%s.repeat", path);
  MPP_REQUIRE(length > 0 && (size_t)length < sizeof o->output, MPP_ERR_USAGE,
              "%.100s...: the path is too long", path);
  o->overwrite = true;
  o->resume = o->time_solver = false;
  st = mpp_rollout(NULL, o, command, observer, context);
  made = st == MPP_OK || st == MPP_ERR_DIVERGED; /* as the first one, or the files differ */
  if (made) {
    MPP_TRY(mpp_nc_compare(differences, count, path, o->output));
  }
done:
  if (made) {
    unlink(o->output);
  }
  mpp_free(o);
  return st;
}

void mpp_rollout_differences_free(mpp_rollout_difference *differences) { mpp_free(differences); }
