/* statistics.h - moments of fields over a dataset, and The Well's file of them (stats.yaml): mean,
 * std (of the population) and rms of the values, and of their increments from frame to frame. */
#ifndef MPP_STATISTICS_H
#define MPP_STATISTICS_H

#include "mpp/dataset.h"

/* Number, mean and sum of squared distances from it. */
typedef struct mpp_moments {
  double n, mean, square;
} mpp_moments;

/* Joins the moments of values x [n]; of the differences x - before where that is not NULL. Summed
 * in double in the order of memory. */
void mpp_moments_add(mpp_moments *m, const float *x, const float *before, size_t n);
double mpp_moments_std(const mpp_moments *m);
double mpp_moments_rms(const mpp_moments *m);

/* Writes the file: value and increment [fields], fields of the parts as they follow. MPP_ERR_IO. */
MPP_MUST_CHECK mpp_status mpp_statistics_write(const char *path, const mpp_writer_part *part,
                                               size_t nparts, size_t ndims,
                                               const mpp_moments *value,
                                               const mpp_moments *increment);

#endif
