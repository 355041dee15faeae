/* meter.h - what is measured of one predicted frame beside its truth: per field a record of numbers
 * that are added up (one: of which the largest is kept) over windows before they become metrics. */
#ifndef MPP_METER_H
#define MPP_METER_H

#include <stddef.h>

#include "mpp/metrics.h"

/* Entries of a record; from MPP_REC_BINS on sums of |FFT e|^2 over the bins. */
enum {
  MPP_REC_NRMSE,
  MPP_REC_VRMSE,
  MPP_REC_RMSE,
  MPP_REC_NRMSE_PDEBENCH,
  MPP_REC_BALANCE, /* (sum e / cells)^2 */
  MPP_REC_BRMSE,
  MPP_REC_CORRELATION,
  MPP_REC_MAX, /* kept, not added */
  MPP_REC_BINS
};

typedef struct mpp_meter mpp_meter;

/* For frames [nfields, D, H, W] of more than one cell. The caller owns *out. */
MPP_MUST_CHECK mpp_status mpp_meter_create(mpp_meter **out, const size_t grid[3], size_t nfields);
void mpp_meter_destroy(mpp_meter *m); /* takes NULL */

size_t mpp_meter_length(const mpp_meter *m); /* entries of a record */

/* Leaves the cells where mask [nfields, D, H, W] is not 0 out of all that follows, until it is set
 * anew; borrowed; NULL: none. Each field has a cell that counts. In transforms their error is 0,
 * and a frame has the mean of its other cells there. */
void mpp_meter_hide(mpp_meter *m, const unsigned char *mask);

/* record [nfields, length] of a frame. */
void mpp_meter_measure(mpp_meter *m, double *record, const float *prediction, const float *truth);

/* The same of a forecast that diverged before: all errors infinite, no correlation. */
void mpp_meter_diverged(const mpp_meter *m, double *record);

/* Metrics [MPP_METRICS] from a record of `windows` windows put together. */
void mpp_meter_metrics(const mpp_meter *m, double *metric, const double *record, double windows);

/* Power [nfields, bins] of a frame, as mpp_score_details has it. */
size_t mpp_meter_power_bins(const mpp_meter *m);
void mpp_meter_power(mpp_meter *m, double *power, const float *frame);

#endif
