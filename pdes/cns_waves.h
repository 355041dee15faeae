/* cns_waves.h - the plane waves that random fields and turbulence of compressible flow are made of,
 * in two and three dimensions, and where their random numbers come from. */
#ifndef MPP_CNS_WAVES_H
#define MPP_CNS_WAVES_H

#include "cns.h"
#include "num_threefry.h"
#include "num_waves.h"

enum { MPP_CNS_WAVES_FIELDS = 5, MPP_CNS_OWN_DRAWS = 1 << 24 };

/* Released generators: this sample is element i of n of each draw, the first with this key. */
typedef struct mpp_cns_batch {
  mpp_threefry_key key;
  uint32_t i, n;
} mpp_cns_batch;
mpp_cns_batch mpp_cns_batch_at(const mpp_pde_setup *setup, uint64_t sample);

/* Our own generator: draws below MPP_CNS_OWN_DRAWS are free, waves take those above. */
double mpp_cns_own(const mpp_pde_setup *setup, uint64_t sample, uint32_t draw, double low,
                   double high);

/* Waves of several fields with the same wave numbers: of at most `modes` along each axis, none of
 * them 0. Amplitude |k|^-slope, phase uniform. */
typedef struct mpp_cns_waves {
  size_t count;
  mpp_wave *wave[MPP_CNS_WAVES_FIELDS]; /* [count] each; wave[0] begins the one array there is */
} mpp_cns_waves;

/* Released generators: the key of the sample is drawn from the batch's after `splits` splits. */
MPP_MUST_CHECK mpp_status mpp_cns_waves_draw(mpp_cns_waves *waves, const mpp_pde_setup *setup,
                                             uint64_t sample, size_t fields, unsigned splits);
void mpp_cns_waves_free(mpp_cns_waves *waves); /* takes a zeroed struct */

/* Velocity v [dims, D, H, W] from the first waves, scaled so that the mean of its size is
 * `speed`. */
MPP_MUST_CHECK mpp_status mpp_cns_waves_velocity(double *v, const mpp_cns_waves *waves,
                                                 double speed, const mpp_pde_setup *setup);

#endif
