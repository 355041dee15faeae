/* window_list.h - which windows of a dataset an evaluation scores, and how far ahead. */
#ifndef MPP_WINDOW_LIST_H
#define MPP_WINDOW_LIST_H

#include "mpp/metrics.h"

/* Windows are numbered over trajectory and start, start fastest. */
typedef struct mpp_window_list {
  size_t count;               /* windows that are scored */
  size_t trajectory;          /* the split's first one */
  size_t starts, choice;      /* starts in each trajectory; windows to choose from */
  const mpp_int_list *chosen; /* the starts, if there are any; else 0, 1, 2, ...; of the options */
  size_t *group_of;           /* [count] number of the trajectory, equal ones as one */
} mpp_window_list;

/* Split, horizons (of the scores; *reach: the largest) and windows of T frames, by the options,
 * which have to outlive the list. Errors: MPP_ERR_USAGE; MPP_ERR_DATA: trajectories too short, or
 * none. */
MPP_MUST_CHECK mpp_status mpp_window_list_choose(mpp_window_list *w, mpp_scores *scores,
                                                 size_t *reach, const mpp_dataset *data, size_t T,
                                                 const mpp_evaluate_options *options);

/* Numbers the trajectories of the windows, which come in their order, and tells the range of the
 * windows' first frames in the scores. */
MPP_MUST_CHECK mpp_status mpp_window_list_group(mpp_window_list *w, size_t *ngroups,
                                                mpp_scores *scores, const mpp_dataset *data);

/* Window i of those that are scored. */
void mpp_window_list_at(size_t *trajectory, size_t *start, const mpp_window_list *w, size_t i);

void mpp_window_list_free(mpp_window_list *w);

#endif
