/* roll.h - a forecast that feeds on itself: the values of the last frame and the increments before
 * it, in double. Every predictor of the window gives the next increments from these. Increments are
 * carried, not differences of rounded frames. */
#ifndef MPP_ROLL_H
#define MPP_ROLL_H

#include "halo.h"
#include "mpp/field.h"
#include "mpp/status.h"

enum { MPP_ROLL_LAGS = 4 };

typedef struct mpp_roll {
  mpp_halo halo;
  size_t fields;
  double *array[1 + MPP_ROLL_LAGS]; /* [fields, halo.size]: values; last increment, those before */
  double *next;                     /* [fields, halo.cells]: next increments */
  double low[MPP_MAX_FIELDS], high[MPP_MAX_FIELDS]; /* values are kept between these */
  size_t held[MPP_MAX_FIELDS];                      /* cells that the last step kept there */
  double moved[MPP_MAX_FIELDS];                     /* mean square of the last increments */
  mpp_odd_ends odd[MPP_MAX_FIELDS];
  const unsigned char *mask; /* [halo.cells], borrowed: where not 0 increments are 0; or NULL */
  size_t margin[3];          /* cells at both ends of an axis that errors leave out */
} mpp_roll;

/* The caller frees *r with mpp_roll_free in every case. */
MPP_MUST_CHECK mpp_status mpp_roll_make(mpp_roll *r, const mpp_halo *halo, size_t fields);
void mpp_roll_free(mpp_roll *r);

/* Begins after frame t of x (frames `stride` floats apart); increments before frame 0 are 0. */
void mpp_roll_begin(mpp_roll *r, const float *x, size_t stride, size_t t);

/* Adds the next increments. */
void mpp_roll_advance(mpp_roll *r);

/* A field is at rest at values x [cells]. */
void mpp_roll_rest(mpp_roll *r, const float *x, size_t field);

/* y [cells]: the values of a field. */
void mpp_roll_store(const mpp_roll *r, float *y, size_t field);

/* Mean square difference of the values of a field from x [cells], inside the margin. */
double mpp_roll_error(const mpp_roll *r, const float *x, size_t field);

#endif
