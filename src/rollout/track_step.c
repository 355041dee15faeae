/* track_step.c - one step of a forecast: a record taken over, a frame of the reference solver, or a
 * prediction that is corrected, watched and, where it fails, replaced.
 *
 * Frames of the solver are computed again when a run is continued, from the window where it took
 * over, since its state has more than a record holds: so they are the same bits. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "rollout_nc.h"
#include "threads.h"
#include "track.h"

/* Ends the track before its last step and gives the file its final name. */
static mpp_status stop(mpp_track *t, const char *note, size_t step)
{
  mpp_status st = MPP_OK;
  t->stopped = MPP_ERR_DIVERGED;
  snprintf(t->message, sizeof t->message, "%s", mpp_last_error());
  MPP_TRY(mpp_rollout_nc_note(t->file, note, (long)step));
  MPP_TRY(mpp_track_finish(t));
done:
  return st;
}

/* Stores t->y; ends the track after its last record, or after one that the guards refuse. */
static mpp_status store(mpp_track *t)
{
  mpp_status st = MPP_OK;
  MPP_TRY(mpp_track_store(t));
  if (t->bits != 0 && t->options->on_violation == MPP_VIOLATION_STOP) {
    mpp_fail(MPP_ERR_DIVERGED, "%s: step %zu: %s", t->output, t->done, t->violation);
    MPP_TRY(stop(t, "mpp_stopped_at_step", t->done));
  } else if (t->done == t->steps) {
    MPP_TRY(mpp_track_finish(t));
  }
done:
  return st;
}

/* ---- the reference solver ---- */

/* A frame so far from the context has no physics that a solver could go on by in finite time. */
static const double far_away = 100.0;

static mpp_status check_last(mpp_track *t)
{
  mpp_guard_record seen;
  mpp_guard_look(&t->guard, &seen, t->window + (t->job->T - 1) * t->job->frame);
  for (size_t f = 0; f < t->job->info->nfields; f++) {
    if (seen.growth[f] > far_away) {
      return mpp_fail(MPP_ERR_DATA,
                      "the frame before has %s %.3g times as far from its mean as the context: "
                      "there is nothing for a solver to go on from",
                      t->job->info->field[f], seen.growth[f]);
    }
  }
  return MPP_OK;
}

/* From the last frames of the window on. The solver starts anew in each stretch. */
static mpp_status hand_over(mpp_track *t)
{
  mpp_status st = MPP_OK;
  const size_t T = t->job->T, count = T < 3 ? T : 3;
  const double begin = mpp_clock();
  MPP_TRY(check_last(t));
  MPP_TRY(
      mpp_pde_stream_continue(t->reference.stream, t->window + (T - count) * t->job->frame, count));
  t->solver_left = (size_t)t->options->solver_steps;
  t->solver_seconds += mpp_clock() - begin;
done:
  return st;
}

/* The next frame of the stretch into t->y. After the last one predictors of the window see it. */
static mpp_status solve(mpp_track *t)
{
  mpp_status st = MPP_OK;
  const double begin = mpp_clock();
  MPP_TRY(mpp_pde_stream_next(t->reference.stream, t->y));
  mpp_track_hold(t, t->y);
  t->seconds = mpp_clock() - begin;
  t->solver_seconds += t->seconds;
  t->solved++;
  t->solver_left--;
done:
  return st;
}

static mpp_status refit(mpp_track *t)
{
  return t->solver_left > 0 || t->finished ? MPP_OK : mpp_track_fit(t);
}

/* Stores the frame that the solver gives; `bits` are those of the prediction it stands for. */
static mpp_status store_solved(mpp_track *t, unsigned bits)
{
  mpp_status st = MPP_OK;
  mpp_guard_record seen;
  st = solve(t);
  if (st == MPP_ERR_DIVERGED) {
    mpp_fail_prefix(st, "%s: step %zu", t->output, t->done + 1);
    st = stop(t, "mpp_stopped_at_step", t->done + 1);
    goto done;
  }
  MPP_TRY(st);
  mpp_guard_look(&t->guard, &seen, t->y);
  mpp_track_fill_series(t, &seen, NULL, NULL);
  mpp_track_set_flags(t, bits, true);
  MPP_TRY(store(t));
  MPP_TRY(refit(t));
done:
  return st;
}

/* What follows a prediction that the guards refuse, where the solver is asked to go on. */
static mpp_status replace(mpp_track *t, unsigned bits)
{
  mpp_status st = hand_over(t);
  if (st == MPP_ERR_DATA || st == MPP_ERR_USAGE) { /* a state without physics */
    mpp_fail_prefix(st, "%s: step %zu", t->output, t->done + 1);
    return stop(t, "mpp_stopped_at_step", t->done + 1);
  }
  return st == MPP_OK ? store_solved(t, bits) : st;
}

/* ---- steps ---- */

/* A record of the earlier run. */
static mpp_status take_record(mpp_track *t)
{
  mpp_status st = MPP_OK;
  mpp_guard_record seen;
  MPP_TRY(mpp_rollout_nc_read(t->old, t->y, t->values, t->done));
  mpp_track_hold(t, t->y);
  mpp_track_get_flags(t);
  t->seconds = 0.0;
  if (t->by_solver) {
    if (t->solver_left == 0) {
      MPP_TRY(hand_over(t));
    }
    MPP_TRY(solve(t));
  } else if (t->fitted != NULL) { /* goes on from its own state */
    mpp_window_forecast_step(t->fitted, t->truth);
  }
  if (t->bits != 0) { /* for the words of it */
    mpp_guard_look(&t->guard, &seen, t->y);
    snprintf(t->violation, sizeof t->violation, "%s", seen.text);
  }
  const bool by_solver = t->by_solver;
  MPP_TRY(store(t));
  if (by_solver) {
    MPP_TRY(refit(t));
  }
done:
  return st;
}

mpp_status mpp_track_begin_step(mpp_track *t, bool *needs)
{
  mpp_status st = MPP_OK;
  t->violation[0] = '\0';
  *needs = false;
  MPP_TRY(mpp_track_look_ahead(t));
  if (t->done < t->kept) {
    MPP_TRY(take_record(t));
  } else if (t->solver_left > 0) {
    MPP_TRY(store_solved(t, 0));
  } else {
    *needs = true;
  }
done:
  return st;
}

mpp_status mpp_track_accept(mpp_track *t, double seconds)
{
  mpp_status st = MPP_OK;
  const int action = t->options->on_violation;
  double clipped[MPP_MAX_FIELDS], shift[MPP_MAX_FIELDS];
  mpp_guard_record seen;
  t->seconds = seconds;
  t->model_seconds += seconds;
  t->predicted++;
  mpp_track_hold(t, t->y);
  t->physics.hidden = t->known.next_mask;
  mpp_physics_apply(&t->physics, t->y, clipped, shift);
  mpp_guard_look(&t->guard, &seen, t->y);
  snprintf(t->violation, sizeof t->violation, "%s", seen.text);
  if (seen.bits != 0 && action == MPP_VIOLATION_SOLVER) {
    return replace(t, seen.bits);
  }
  mpp_track_fill_series(t, &seen, clipped, shift);
  mpp_track_set_flags(t, seen.bits, false);
  MPP_TRY(store(t));
done:
  return st;
}

mpp_status mpp_track_refuse(mpp_track *t, double seconds)
{
  t->seconds = seconds;
  t->model_seconds += seconds;
  t->predicted++;
  snprintf(t->violation, sizeof t->violation, "%.255s", mpp_last_error());
  if (t->options->on_violation == MPP_VIOLATION_SOLVER) {
    return replace(t, MPP_GUARD_NONFINITE);
  }
  mpp_fail_prefix(MPP_ERR_DIVERGED, "%s: step %zu", t->output, t->done + 1);
  return stop(t, "mpp_diverged_at_step", t->done + 1);
}
