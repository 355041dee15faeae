/* cns_waves.c - draws. By default a phase depends on the wave number, so that waves added by a
 * larger `modes` leave the others as they are. The released generators draw the phases of a wave
 * with the next key of a chain, waves in the order of their numbers, x fastest. */
#include "cns_waves.h"

#include <math.h>

#include "alloc.h"
#include "check.h"
#include "rng.h"

enum { SAMPLE_KEYS = 10000000, SPAN = 2 * MPP_WAVES_LARGEST + 1 };

static size_t batch_of(const mpp_pde_setup *s)
{
  if (mpp_cns_dims(s) == 3) {
    return (int)s->param[MPP_CNS_INITIAL] == MPP_CNS_3D_RANDOM ? 10 : 20;
  }
  return (int)s->param[MPP_CNS_INITIAL] == MPP_CNS_2D_RANDOM && s->grid.n[2] < 512 ? 100 : 20;
}

mpp_cns_batch mpp_cns_batch_at(const mpp_pde_setup *s, uint64_t sample)
{
  const size_t n = batch_of(s);
  return (mpp_cns_batch){mpp_threefry_seed(s->seed + sample / n), (uint32_t)(sample % n),
                         (uint32_t)n};
}

double mpp_cns_own(const mpp_pde_setup *s, uint64_t sample, uint32_t draw, double low, double high)
{
  return low + (high - low) * mpp_rng_uniform(s->seed, MPP_STREAM_PDE, sample, draw);
}

/* The wave at `index` of the generators' order: x runs fastest, each from -modes to modes. */
static bool wave_number(int k[3], size_t index, int modes, int dims)
{
  const size_t side = 2 * (size_t)modes + 1;
  bool crosses_all = true;
  for (int c = 0; c < 3; c++) { k[c] = 0; }
  for (int c = 0; c < dims; c++, index /= side) {
    k[3 - dims + c] = (int)(index % side) - modes;
    crosses_all = crosses_all && k[3 - dims + c] != 0;
  }
  return crosses_all;
}

static uint32_t wave_draw(const int k[3], size_t field)
{
  uint32_t index = 0;
  for (int a = 0; a < 3; a++) { index = index * SPAN + (uint32_t)(k[a] + MPP_WAVES_LARGEST); }
  return MPP_CNS_OWN_DRAWS + index * 8 + (uint32_t)field;
}

static double phase_of(const mpp_pde_setup *s, uint64_t sample, const int k[3], size_t field)
{
  return mpp_cns_own(s, sample, wave_draw(k, field), 0.0, 2.0 * M_PI);
}

mpp_status mpp_cns_waves_draw(mpp_cns_waves *w, const mpp_pde_setup *s, uint64_t sample,
                              size_t fields, unsigned splits)
{
  const int dims = mpp_cns_dims(s), modes = (int)s->param[MPP_CNS_MODES];
  const size_t side = 2 * (size_t)modes + 1, all = side * side * (dims == 3 ? side : 1);
  const mpp_cns_batch b = mpp_cns_batch_at(s, sample);
  mpp_wave *wave = NULL;
  mpp_status st = MPP_OK;
  MPP_TRY(MPP_ALLOC(&wave, fields * all));
  for (size_t f = 0; f < fields; f++) { w->wave[f] = wave + f * all; }
  mpp_threefry_key key = mpp_threefry_seed(
      (uint64_t)mpp_threefry_randint(mpp_threefry_next(b.key, splits), b.i, b.n, 0, SAMPLE_KEYS));
  for (size_t index = 0; index < all; index++) {
    int k[3];
    if (!wave_number(k, index, modes, dims)) {
      continue;
    }
    const double size = sqrt((double)(k[0] * k[0] + k[1] * k[1] + k[2] * k[2]));
    const double amplitude = pow(size, -s->param[MPP_CNS_SLOPE]);
    key = s->compat ? mpp_threefry_split(key, 0) : key;
    for (size_t f = 0; f < fields; f++) {
      const double phase =
          s->compat ? (double)((float)(2.0 * M_PI) *
                               mpp_threefry_uniform(key, (uint32_t)f, (uint32_t)fields, 0.0F, 1.0F))
                    : phase_of(s, sample, k, f);
      w->wave[f][w->count] = mpp_wave_make(k, amplitude, phase);
    }
    w->count++;
  }
done:
  return st;
}

void mpp_cns_waves_free(mpp_cns_waves *w)
{
  mpp_free(w->wave[0]);
  *w = (mpp_cns_waves){0};
}

/* Sum of |v| over the cells, by rows, so that its rounding stays that of the last digits. */
static double sum_of_sizes(const double *v, size_t dims, size_t cells, size_t row)
{
  double sum = 0.0;
  for (size_t start = 0; start < cells; start += row) {
    double line = 0.0;
    for (size_t i = start; i < start + row; i++) {
      double square = 0.0;
      for (size_t c = 0; c < dims; c++) { square += v[c * cells + i] * v[c * cells + i]; }
      line += sqrt(square);
    }
    sum += line;
  }
  return sum;
}

mpp_status mpp_cns_waves_velocity(double *v, const mpp_cns_waves *w, double speed,
                                  const mpp_pde_setup *s)
{
  const size_t cells = s->grid.n[0] * s->grid.n[1] * s->grid.n[2], dims = (size_t)mpp_cns_dims(s);
  mpp_status st = MPP_OK;
  for (size_t c = 0; c < dims; c++) {
    MPP_TRY(mpp_waves_sum(v + c * cells, s->grid.n, w->wave[c], w->count));
  }
  const double factor = speed * (double)cells / sum_of_sizes(v, dims, cells, s->grid.n[2]);
  for (size_t i = 0; i < dims * cells; i++) { v[i] *= factor; }
done:
  return st;
}
