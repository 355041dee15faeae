/* repeat.c - a forecast made again by the settings in its file, and compared. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "check.h"
#include "nc_compare.h"
#include "settings.h"

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
  MPP_TRY(mpp_settings_read(o, path));
  MPP_REQUIRE(o->members * (1 + (long)o->ensemble.count) == 1 || o->member >= 0, MPP_ERR_USAGE,
              "%s: is a mean over members: repeat their files", path);
  const size_t checkpoint = o->member >= 0 ? (size_t)(o->member / o->members) : 0;
  MPP_REQUIRE(checkpoint <= o->ensemble.count, MPP_ERR_DATA, "%s: has no member %ld", path,
              o->member);
  MPP_TRY(set_input(checkpoint > 0 ? o->ensemble.item[checkpoint - 1] : o->model, model));
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
