#include "cns_setup.h"
#include "cns_waves.h"
#include "test.h"

static void waves_cross_all_axes(void)
{
  for (int dims = 2; dims <= 3; dims++) {
    const mpp_pde_setup s = cns_setup(dims, 8, 0, false, 1);
    mpp_cns_waves w = {0};
    REQUIRE_OK(mpp_cns_waves_draw(&w, &s, 0, 2, 0));
    CU_ASSERT_EQUAL(w.count, dims == 2 ? 64 : 512);
    for (size_t i = 0; i < w.count; i++) {
      const int *k = w.wave[0][i].k;
      CU_ASSERT(dims == 2 ? k[0] == 0 : k[0] != 0);
      CU_ASSERT(k[1] != 0 && k[2] != 0 && abs(k[0]) <= 4 && abs(k[1]) <= 4 && abs(k[2]) <= 4);
      CU_ASSERT(memcmp(k, w.wave[1][i].k, sizeof w.wave[1][i].k) == 0);
    }
    mpp_cns_waves_free(&w);
  }
}

static void amplitudes_follow_the_slope(void)
{
  mpp_pde_setup s = cns_setup(3, 8, MPP_CNS_3D_TURBULENT, false, 1);
  s.param[MPP_CNS_SLOPE] = 1.5;
  mpp_cns_waves w = {0};
  REQUIRE_OK(mpp_cns_waves_draw(&w, &s, 0, 3, 0));
  for (size_t i = 0; i < w.count; i++) {
    const int *k = w.wave[2][i].k;
    const double size = sqrt(k[0] * k[0] + k[1] * k[1] + k[2] * k[2]);
    CU_ASSERT_DOUBLE_EQUAL(hypot(w.wave[2][i].sine, w.wave[2][i].cosine), pow(size, -1.5), 1e-14);
  }
  mpp_cns_waves_free(&w);
}

/* Phases are uniform: the mean of 1536 unit vectors has a size of about 1 / sqrt(1536) = 0.026. */
static void phases_have_no_direction(void)
{
  for (int compat = 0; compat < 2; compat++) {
    const mpp_pde_setup s = cns_setup(3, 8, MPP_CNS_3D_RANDOM, compat == 1, 2031);
    mpp_cns_waves w = {0};
    double sum[2] = {0.0, 0.0};
    REQUIRE_OK(mpp_cns_waves_draw(&w, &s, 3, 3, 4));
    for (size_t f = 0; f < 3; f++) {
      for (size_t i = 0; i < w.count; i++) {
        const double size = hypot(w.wave[f][i].sine, w.wave[f][i].cosine);
        sum[0] += w.wave[f][i].sine / size / 1536.0;
        sum[1] += w.wave[f][i].cosine / size / 1536.0;
      }
    }
    CU_ASSERT(hypot(sum[0], sum[1]) < 0.08);
    mpp_cns_waves_free(&w);
  }
}

/* The first wave of simulation 385 of the released 512^2 set: key 2050, index 5; the key of the
 * sample is a whole number below 10^7, the phases are four numbers of the next key. */
static void released_waves_are_drawn_from_the_samples_key(void)
{
  const mpp_pde_setup s = cns_setup(2, 512, MPP_CNS_2D_RANDOM, true, 2031);
  const mpp_threefry_key batch = mpp_threefry_next(mpp_threefry_seed(2050), 4);
  const int32_t seed = mpp_threefry_randint(batch, 5, 20, 0, 10000000);
  const mpp_threefry_key key = mpp_threefry_next(mpp_threefry_seed((uint64_t)seed), 1);
  mpp_cns_waves w = {0};
  REQUIRE_OK(mpp_cns_waves_draw(&w, &s, 385, 4, 4));
  for (uint32_t f = 0; f < 4; f++) {
    const double phase = 2.0 * M_PI * (double)mpp_threefry_uniform(key, f, 4, 0.0F, 1.0F);
    const mpp_wave *wave = &w.wave[f][0];
    CU_ASSERT(wave->k[1] == -4 && wave->k[2] == -4);               /* the first one */
    CU_ASSERT(w.wave[f][1].k[1] == -3 && w.wave[f][1].k[2] == -4); /* x runs faster */
    /* the phase is a product in float32 */
    CU_ASSERT_DOUBLE_EQUAL(wave->cosine / hypot(wave->sine, wave->cosine), sin(phase), 1e-6);
  }
  mpp_cns_waves_free(&w);
}

static void batches_have_the_published_sizes(void)
{
  static const struct {
    int dims, initial;
    size_t cells;
    uint32_t batch;
  } set[] = {{2, MPP_CNS_2D_RANDOM, 128, 100},
             {2, MPP_CNS_2D_RANDOM, 512, 20},
             {2, MPP_CNS_2D_TURBULENT, 512, 20},
             {3, MPP_CNS_3D_RANDOM, 128, 10},
             {3, MPP_CNS_3D_TURBULENT, 64, 20}};
  for (size_t i = 0; i < sizeof set / sizeof set[0]; i++) {
    const mpp_pde_setup s = cns_setup(set[i].dims, set[i].cells, set[i].initial, true, 2031);
    const mpp_cns_batch b = mpp_cns_batch_at(&s, 3 * set[i].batch + 7);
    CU_ASSERT_EQUAL(b.n, set[i].batch);
    CU_ASSERT_EQUAL(b.i, 7);
    CU_ASSERT_EQUAL(b.key.word[1], 2034);
  }
}

static void the_mean_speed_is_as_asked(void)
{
  const mpp_pde_setup s = cns_setup(2, 16, MPP_CNS_2D_TURBULENT, false, 1);
  double v[2 * 16 * 16], sum = 0.0;
  mpp_cns_waves w = {0};
  REQUIRE_OK(mpp_cns_waves_draw(&w, &s, 0, 2, 0));
  REQUIRE_OK(mpp_cns_waves_velocity(v, &w, 7.0, &s));
  for (size_t i = 0; i < 256; i++) { sum += hypot(v[i], v[256 + i]) / 256.0; }
  CU_ASSERT_DOUBLE_EQUAL(sum, 7.0, 1e-12); /* rounding */
  mpp_cns_waves_free(&w);
}

TESTS({"waves cross all axes", waves_cross_all_axes},
      {"amplitudes follow the slope", amplitudes_follow_the_slope},
      {"phases have no direction", phases_have_no_direction},
      {"released waves are drawn from the sample's key",
       released_waves_are_drawn_from_the_samples_key},
      {"batches have the published sizes", batches_have_the_published_sizes},
      {"the mean speed is as asked", the_mean_speed_is_as_asked})
