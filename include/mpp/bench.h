/* bench.h - how fast this machine computes a network: time, operations a second and memory of
 * predictions and of training steps on random data. */
#ifndef MPP_BENCH_H
#define MPP_BENCH_H

#include "mpp/cost.h"
#include "mpp/model.h"
#include "mpp/options.h"
#include "mpp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mpp_bench_options {
  int size, mode;    /* mpp_size, mpp_mode */
  int precision;     /* mpp_precision */
  mpp_int_list grid; /* cells: one number for a square, or those of each axis */
  long frames, batch, fields, repeat, threads;
  bool stages, json;
} mpp_bench_options;

MPP_API extern const mpp_option mpp_bench_table[];

/* Seconds over the repetitions. */
typedef struct mpp_bench_time {
  double median, least, most;
} mpp_bench_time;

typedef struct mpp_bench_report {
  mpp_window_shape shape;
  mpp_cost cost;
  mpp_bench_time forward, step; /* a prediction; loss, gradient, clipping and AdamW */
  /* Seconds of the parts of the fastest step; what remains of it is the loss, the normalisation of
   * the window and its base. */
  double stage[MPP_STAGES][MPP_PASSES];
  double fastest_step;                /* [s] the step of `stage` */
  double peak_flops;                  /* operations a second of large float32 products here */
  size_t forward_memory, step_memory; /* [bytes] largest of the process after each */
} mpp_bench_report;

/* Runs `repeat` predictions and as many steps after one of each that is not counted.
 * MPP_ERR_CONFIG, MPP_ERR_DATA: the options make no model or window. */
MPP_API MPP_MUST_CHECK mpp_status mpp_bench(mpp_bench_report *report,
                                            const mpp_bench_options *options);

#ifdef __cplusplus
}
#endif
#endif
