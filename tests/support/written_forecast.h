/* written_forecast.h - a small forecast file, record by record. */
#ifndef MPP_WRITTEN_FORECAST_H
#define MPP_WRITTEN_FORECAST_H

#include "rollout_nc.h"
#include "test.h"

enum { NX = 6, NY = 5, CELLS = NX * NY, FIELDS = 2, FRAME = FIELDS * CELLS };
enum { RECORDS = 4, TRUTH = 3, NOTHING = 99 };

/* ---- a small forecast: layout "array", x slowest in memory ---- */

static double x_centres[NX], y_centres[NY], none[1];
static mpp_dataset_info info = {
    .path = "file.h5",
    .layout = "pdebench-array",
    .system = "swe",
    .nfields = FIELDS,
    .field = {"swe:h", "lab:tracer"},
    .units = {"m", "kg m-3"},
    .grid = {1, NX, NY},
    .axis = {"", "x", "y"},
};
static const mpp_nc_text texts[] = {{"Conventions", "CF-1.10, ACDD-1.3", false},
                                    {"mpp_sample", "0", true},
                                    {"history", "today", false}};

static inline mpp_rollout_nc_layout layout(void)
{
  for (size_t i = 0; i < NX; i++) { x_centres[i] = -1.0 + (double)i; }
  for (size_t i = 0; i < NY; i++) { y_centres[i] = 0.5 * (double)i; }
  return (mpp_rollout_nc_layout){.info = &info,
                                 .coordinate = {none, x_centres, y_centres},
                                 .steps = RECORDS,
                                 .has_truth = true,
                                 .deflate = 1,
                                 .text = texts,
                                 .ntexts = 3};
}

static float prediction[RECORDS][FRAME], truth[RECORDS][FRAME];
static double score[FIELDS] = {0.25, 0.5};

static inline mpp_status append(mpp_rollout_nc *w, size_t record)
{
  test_fill(prediction[record], FRAME, 100 + record);
  test_fill(truth[record], FRAME, 200 + record);
  mpp_rollout_record r = {.time = 0.25 * (double)record, .prediction = prediction[record]};
  if (record < TRUTH) {
    r.truth = truth[record];
    r.nrmse = score;
    r.vrmse = score;
  }
  return mpp_rollout_nc_append(w, &r);
}

static inline mpp_status write_file(const char *path)
{
  mpp_rollout_nc *w = NULL;
  const mpp_rollout_nc_layout l = layout();
  mpp_status st = mpp_rollout_nc_create(&w, path, &l);
  for (size_t k = 0; st == MPP_OK && k < RECORDS; k++) { st = append(w, k); }
  if (st != MPP_OK) {
    mpp_rollout_nc_abandon(w);
    return st;
  }
  return mpp_rollout_nc_close(w);
}

/* Records that can be continued from, each held at what was appended. */
static inline size_t count_good_records(const char *path)
{
  mpp_rollout_nc *w = NULL;
  const mpp_rollout_nc_layout l = layout();
  size_t records = NOTHING;
  float back[FRAME], expected[FRAME];
  ASSERT_OK(mpp_rollout_nc_open(&w, &records, path, &l));
  for (size_t k = 0; w != NULL && k < records; k++) {
    test_fill(expected, FRAME, 100 + k);
    ASSERT_OK(mpp_rollout_nc_read(w, back, NULL, k));
    CU_ASSERT_EQUAL(memcmp(back, expected, sizeof back), 0);
  }
  mpp_rollout_nc_abandon(w);
  return records;
}

#endif
