/* track_series.c - the numbers of a record beside its fields: what was watched, what was done. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "rollout_nc_file.h"
#include "track.h"

static const char guard_words[] =
    "prediction_not_finite range_left balance_drifted short_waves_grown";
static const char origin_words[] = "model reference_solver";

/* "<before><name><after>" */
static mpp_nc_series *add(mpp_track *t, const char *units, const char *before, const char *name,
                          const char *after)
{
  mpp_nc_series *s = &t->series[t->nseries++];
  *s = (mpp_nc_series){.units = units};
  snprintf(s->name, sizeof s->name, "%s%.64s%s", before, name, after);
  return s;
}

/* Words as "growth of water depth: ..." */
static void say(mpp_nc_series *s, const char *what, const char *words)
{
  snprintf(s->long_name, sizeof s->long_name, "%.40s: %s", what, words);
}

static void list_field(mpp_track *t, size_t f, const char *name)
{
  const char *what = mpp_field_short(t->job->info->field[f]);
  say(add(t, "1", "", name, "_growth"), what,
      "largest distance from the context's mean, in units of the context's");
  say(add(t, "1", "", name, "_high_share"), what, "share of short waves in the variance");
  if (t->physics.clips[f]) {
    say(add(t, "1", "", name, "_clipped"), what, "cells that were clipped");
  }
  for (size_t i = 0; i < t->physics.nrules; i++) {
    const mpp_physics_rule *rule = &t->physics.rule[i];
    if (rule->field == f) {
      mpp_nc_series *s =
          add(t, t->physics.clips[f] ? "1" : t->job->info->units[f], "", name, "_shift");
      snprintf(s->long_name, sizeof s->long_name, "%.40s: %s to keep %.40s", what,
               t->physics.clips[f] ? "relative change" : "added",
               rule->quantity[0] != '\0' ? rule->quantity : "its mean");
    }
  }
}

mpp_status mpp_track_list_series(mpp_track *t)
{
  mpp_status st = MPP_OK;
  mpp_nc_name names[MPP_MAX_FIELDS];
  mpp_nc_name_fields(names, t->job->info, t->job->style);
  MPP_TRY(MPP_ALLOC(&t->series, MPP_NC_SERIES_MAX));
  t->nseries = 0;
  for (size_t f = 0; f < t->job->info->nfields; f++) { list_field(t, f, names[f]); }
  for (size_t i = 0; i < t->guard.balance.count; i++) {
    const char *name = t->guard.balance.name[i];
    say(add(t, "1", "total_", name, ""), name, "integral over the domain");
    say(add(t, "1", "total_", name, "_drift"), name, "relative change since the context");
  }
  mpp_nc_series *s = add(t, NULL, "", "guard", "");
  snprintf(s->long_name, sizeof s->long_name, "what the guards found of the prediction");
  s->meanings = guard_words;
  s->bits = true;
  s = add(t, NULL, "", "origin", "");
  snprintf(s->long_name, sizeof s->long_name, "what computed the frame");
  s->meanings = origin_words;
done:
  return st;
}

void mpp_track_fill_series(mpp_track *t, const mpp_guard_record *guard, const double *clipped,
                           const double *shift)
{
  double *v = t->values;
  for (size_t f = 0; f < t->job->info->nfields; f++) {
    *v++ = guard->growth[f];
    *v++ = guard->high_share[f];
    if (t->physics.clips[f]) {
      *v++ = clipped != NULL ? clipped[f] : 0.0;
    }
    for (size_t i = 0; i < t->physics.nrules; i++) {
      if (t->physics.rule[i].field == f) {
        *v++ = shift != NULL ? shift[f] : 0.0;
      }
    }
  }
  for (size_t i = 0; i < t->guard.balance.count; i++) {
    *v++ = guard->total[i];
    *v++ = guard->drift[i];
  }
}

void mpp_track_set_flags(mpp_track *t, unsigned bits, bool by_solver)
{
  t->values[t->nseries - 2] = (double)bits;
  t->values[t->nseries - 1] = by_solver ? 1.0 : 0.0;
  t->bits = bits;
  t->by_solver = by_solver;
}

void mpp_track_get_flags(mpp_track *t)
{
  const double bits = t->values[t->nseries - 2];
  t->bits = bits >= 0.0 && bits < 16.0 ? (unsigned)bits : 0;
  t->by_solver = t->values[t->nseries - 1] == 1.0;
}
