/* split.c - the published split. Source: MPP reference, data_utils/hdf5_datasets.py,
 * _get_directory_stats: by sample within each file with ceil, or ("file" level, incompressible
 * flow) over all samples of the sorted files with int(). The published test part ends at
 * int(fraction n); here it has the rest, so that no trajectory is in no part. */
#include "split.h"

#include <assert.h>
#include <math.h>

/* Sizes of the three parts of n trajectories. */
static void sizes(size_t part[3], size_t n, double train, double valid, bool round_down)
{
  const double fraction[2] = {train, valid};
  size_t left = n;
  for (int p = 0; p < 2; p++) {
    const double exact = fraction[p] * (double)n;
    const size_t wanted = (size_t)(round_down ? floor(exact) : ceil(exact));
    part[p] = wanted < left ? wanted : left;
    left -= part[p];
  }
  part[2] = left;
}

static size_t overlap(size_t a0, size_t a1, size_t b0, size_t b1)
{
  const size_t low = a0 > b0 ? a0 : b0, high = a1 < b1 ? a1 : b1;
  return high > low ? high - low : 0;
}

void mpp_split_files(mpp_segment *segment, size_t part[3], const size_t *in_file, size_t nfiles,
                     double train, double valid, mpp_split_rule rule)
{
  size_t total = 0, first = 0, whole[3];
  for (size_t f = 0; f < nfiles; f++) { total += in_file[f]; }
  sizes(whole, total, train, valid, rule == MPP_SPLIT_ACROSS_FLOOR);
  for (size_t p = 0, begin = 0; p < 3; p++) { /* [begin, begin + whole[p]) over all files */
    part[p] = 0;
    size_t before = 0; /* trajectories of the files before f */
    for (size_t f = 0; f < nfiles; f++) {
      size_t own[3], local = 0;
      mpp_segment *s = &segment[p * nfiles + f];
      if (rule == MPP_SPLIT_WITHIN) {
        sizes(own, in_file[f], train, valid, false);
        for (size_t q = 0; q < p; q++) { local += own[q]; }
        *s = (mpp_segment){.first = first, .count = own[p], .file = f, .local = local};
      } else {
        local = begin > before ? begin - before : 0;
        const size_t count = overlap(begin, begin + whole[p], before, before + in_file[f]);
        *s = (mpp_segment){.first = first, .count = count, .file = f, .local = local};
      }
      first += s->count;
      part[p] += s->count;
      before += in_file[f];
    }
    begin += whole[p];
  }
  assert(first == total);
}

void mpp_split_groups(size_t *order, size_t part[3], const size_t *group, size_t n, size_t ngroups,
                      double train, double valid)
{
  size_t whole[3], filled = 0;
  sizes(whole, ngroups, train, valid, false);
  for (size_t p = 0, begin = 0; p < 3; begin += whole[p++]) {
    const size_t before = filled;
    for (size_t i = 0; i < n; i++) {
      if (group[i] >= begin && group[i] < begin + whole[p]) {
        order[filled++] = i;
      }
    }
    part[p] = filled - before;
  }
  assert(filled == n);
}

/* The last one that begins at or before the trajectory: empty ones end where the next begins. */
const mpp_segment *mpp_split_locate(const mpp_segment *segment, size_t nsegments, size_t trajectory)
{
  size_t low = 0, high = nsegments;
  while (high - low > 1) {
    const size_t middle = low + (high - low) / 2;
    if (segment[middle].first <= trajectory) {
      low = middle;
    } else {
      high = middle;
    }
  }
  assert(trajectory - segment[low].first < segment[low].count);
  return &segment[low];
}
