/* window_list.c - spread evenly over all (trajectory, start) of a split. */
#include "window_list.h"

#include "alloc.h"
#include "check.h"
#include "evaluate_memory.h"

static const long default_horizons[] = {1, 5, 10, 20};

static mpp_status choose_split(mpp_split *split, size_t *first, size_t *count,
                               const mpp_dataset *data, int wanted)
{
  mpp_status st = MPP_OK;
  bool distinct = false; /* the caller opened the dataset so */
  *split = mpp_evaluate_split(&distinct, wanted);
  MPP_REQUIRE(*split >= MPP_TRAIN && *split <= MPP_ALL, MPP_ERR_USAGE, "split %d is none of 0..6",
              wanted);
  mpp_dataset_split(data, *split, first, count);
  if (*count == 0 && *split == MPP_TEST) {
    *split = MPP_VALID;
    mpp_dataset_split(data, *split, first, count);
  }
  if (*count == 0) {
    *split = MPP_ALL;
    mpp_dataset_split(data, *split, first, count);
  }
  MPP_REQUIRE(*count > 0, MPP_ERR_DATA, "%s: has no trajectories",
              mpp_dataset_get_info(data)->path);
done:
  return st;
}

/* Fills horizons; *reach is the largest. */
static mpp_status choose_horizons(mpp_scores *scores, size_t *reach, const mpp_dataset_info *info,
                                  const mpp_evaluate_options *options, size_t T, size_t start)
{
  mpp_status st = MPP_OK;
  const mpp_int_list *wanted = &options->horizons;
  const size_t most = info->nframes > T + start ? info->nframes - T - start : 0;
  *reach = 0;
  scores->every_step = options->steps > 0;
  MPP_REQUIRE(options->steps <= MPP_MAX_HORIZONS, MPP_ERR_USAGE, "%ld steps, expected at most %d",
              options->steps, MPP_MAX_HORIZONS);
  for (long k = 1; k <= options->steps; k++) { scores->horizon[scores->nhorizons++] = k; }
  for (size_t i = 0; i < sizeof default_horizons / sizeof default_horizons[0]; i++) {
    if (wanted->count == 0 && options->steps == 0 &&
        ((size_t)default_horizons[i] <= most || i == 0)) {
      scores->horizon[scores->nhorizons++] = default_horizons[i];
    }
  }
  for (size_t i = 0; i < wanted->count; i++) {
    MPP_REQUIRE(wanted->item[i] >= 1, MPP_ERR_USAGE, "horizon %ld, expected 1 or more",
                wanted->item[i]);
    MPP_REQUIRE(options->steps == 0 || wanted->item[i] <= options->steps, MPP_ERR_USAGE,
                "horizon %ld is past step %ld, the last one that is scored", wanted->item[i],
                options->steps);
    if (options->steps == 0) {
      scores->horizon[scores->nhorizons++] = wanted->item[i];
    }
  }
  for (size_t h = 0; h < scores->nhorizons; h++) {
    *reach = (size_t)scores->horizon[h] > *reach ? (size_t)scores->horizon[h] : *reach;
  }
  MPP_REQUIRE(*reach <= most, MPP_ERR_DATA,
              "%s: trajectories of %zu frames, expected at least %zu (context %zu, horizon %zu)",
              info->path, info->nframes, start + T + *reach, T, *reach);
done:
  return st;
}

/* The middle of the i-th of `count` equal parts of the choice. */
void mpp_window_list_at(size_t *trajectory, size_t *start, const mpp_window_list *w, size_t i)
{
  const double part = (double)w->choice / (double)w->count;
  const size_t middle = (size_t)(((double)i + 0.5) * part);
  const size_t at = middle < w->choice ? middle : w->choice - 1;
  *trajectory = w->trajectory + at / w->starts;
  *start = w->chosen->count > 0 ? (size_t)w->chosen->item[at % w->starts] : at % w->starts;
}

mpp_status mpp_window_list_group(mpp_window_list *w, size_t *ngroups, mpp_scores *scores,
                                 const mpp_dataset *data)
{
  mpp_status st = MPP_OK;
  size_t *twin = NULL; /* of each group */
  MPP_TRY(MPP_ALLOC(&twin, w->count));
  MPP_TRY(MPP_ALLOC(&w->group_of, w->count));
  *ngroups = 0;
  scores->first_start = SIZE_MAX;
  for (size_t i = 0, last = SIZE_MAX; i < w->count; i++) {
    size_t trajectory = 0, start = 0;
    mpp_window_list_at(&trajectory, &start, w, i);
    scores->first_start = start < scores->first_start ? start : scores->first_start;
    scores->last_start = start > scores->last_start ? start : scores->last_start;
    if (trajectory == last) {
      w->group_of[i] = w->group_of[i - 1];
      continue;
    }
    last = trajectory;
    const size_t first = mpp_dataset_twin(data, trajectory);
    size_t g = first == trajectory ? *ngroups : 0;
    while (g < *ngroups && twin[g] != first) { g++; }
    twin[g] = first;
    *ngroups += g == *ngroups;
    w->group_of[i] = g;
  }
done:
  mpp_free(twin);
  return st;
}

mpp_status mpp_window_list_choose(mpp_window_list *w, mpp_scores *scores, size_t *reach,
                                  const mpp_dataset *data, size_t T,
                                  const mpp_evaluate_options *options)
{
  mpp_status st = MPP_OK;
  const mpp_dataset_info *info = mpp_dataset_get_info(data);
  size_t count = 0, last = 0;
  w->chosen = &options->starts;
  for (size_t i = 0; i < w->chosen->count; i++) {
    MPP_REQUIRE(w->chosen->item[i] >= 0, MPP_ERR_USAGE, "start %ld, expected 0 or more",
                w->chosen->item[i]);
    last = (size_t)w->chosen->item[i] > last ? (size_t)w->chosen->item[i] : last;
  }
  MPP_TRY(choose_split(&scores->split, &w->trajectory, &count, data, options->split));
  MPP_TRY(choose_horizons(scores, reach, info, options, T, last));
  w->starts = w->chosen->count > 0 ? w->chosen->count : info->nframes - T - *reach + 1;
  MPP_REQUIRE(mpp_mul(&w->choice, count, w->starts), MPP_ERR_DATA, "%s: too many windows",
              info->path);
  w->count = options->windows > 0 && (size_t)options->windows < w->choice ? (size_t)options->windows
                                                                          : w->choice;
  scores->nwindows = w->count;
done:
  return st;
}

void mpp_window_list_free(mpp_window_list *w)
{
  mpp_free(w->group_of);
  w->group_of = NULL;
}
