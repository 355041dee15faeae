/* split.h - training, validation and test parts of a set of files. */
#ifndef MPP_SPLIT_H
#define MPP_SPLIT_H

#include "mpp/dataset.h"

/* Trajectories first .. first + count - 1 of the dataset are those of one file from `local` on. */
typedef struct mpp_segment {
  size_t first, count;
  size_t file, local;
} mpp_segment;

/* Numbers the trajectories of `nfiles` files (in_file[i] of them in file i) part by part, so that
 * each part is contiguous: segment [3 * nfiles] in the order of the numbers, part [3] their counts.
 * Published rounding: ceil(fraction n) within each file, never past its end, the rest to the test
 * part. With `across` (files that belong together: incompressible flow, or one trajectory a file)
 * the files are taken as one: with floor for the former, with ceil for the latter. */
typedef enum { MPP_SPLIT_WITHIN, MPP_SPLIT_ACROSS, MPP_SPLIT_ACROSS_FLOOR } mpp_split_rule;
void mpp_split_files(mpp_segment *segment, size_t part[3], const size_t *in_file, size_t nfiles,
                     double train, double valid, mpp_split_rule rule);

/* The same with groups of trajectories that stay together: group [n] of each trajectory, numbered
 * in the order of their first members, `ngroups` of them. Groups are split with the published
 * rounding; order [n] is the trajectories part by part, in their order within each, part [3] their
 * counts. */
void mpp_split_groups(size_t *order, size_t part[3], const size_t *group, size_t n, size_t ngroups,
                      double train, double valid);

/* The segment that holds a trajectory; `trajectory` is less than the number of all. Segments are in
 * the order of `first`. */
const mpp_segment *mpp_split_locate(const mpp_segment *segment, size_t nsegments,
                                    size_t trajectory);

#endif
