/* settings.c - the attribute mpp_config of a forecast: a YAML text of options. */
#include "settings.h"

#include <string.h>

#include "confine.h"
#include "h5.h"
#include "nc.h"
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
  MPP_TRY(mpp_look_at_netcdf(path));
  mpp_h5_lock();
  locked = true;
  MPP_TRY(mpp_netcdf_open(&nc, path, false));
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

mpp_status mpp_settings_read(mpp_rollout_options *o, const char *path)
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

/* An attribute that may be missing. */
static mpp_status read_optional(char *out, size_t size, const char *path, const char *name)
{
  char *text = NULL;
  const mpp_status st = read_text(&text, path, name);
  if (st == MPP_OK && text != NULL && strlen(text) < size) {
    memcpy(out, text, strlen(text) + 1);
  }
  mpp_free(text);
  return st == MPP_ERR_DATA ? MPP_OK : st;
}

mpp_status mpp_settings_frames(mpp_frames **out, const char *path, const char *data)
{
  mpp_status st = MPP_OK;
  mpp_rollout_options *o = NULL;
  mpp_data_flags flags;
  long frames = 1;
  *out = NULL;
  MPP_TRY(MPP_ALLOC(&o, 1));
  st = mpp_settings_read(o, path);
  if (st == MPP_ERR_DATA) {
    MPP_TRY(mpp_options_defaults(o, mpp_rollout_table));
    MPP_TRY(read_optional(o->data, sizeof o->data, path, "mpp_dataset"));
    MPP_TRY(read_optional(o->boundary, sizeof o->boundary, path, "mpp_boundary"));
    st = MPP_OK;
  }
  MPP_TRY(st);
  MPP_REQUIRE(data[0] != '\0' || o->data[0] != '\0', MPP_ERR_DATA,
              "%s: does not say which frames it was made from", path);
  flags = o->flags;
  MPP_TRY(mpp_rollout_stride(&frames, flags.stride, o->flags.stride));
  MPP_TRY(mpp_frames_open(out, data[0] != '\0' ? data : o->data, o->boundary, &flags));
done:
  mpp_free(o);
  return st;
}
