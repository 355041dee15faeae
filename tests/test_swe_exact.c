#include "swe_exact.h"
#include "test.h"

/* Depth and speed of the middle state and speed of the shock, from independent solutions. */
static void dam_breaks_have_the_known_middle_states(void)
{
  const mpp_swe_point a = mpp_swe_dam_break(1.3, 1.0, 2.0, 1.0, 1.0);
  CU_ASSERT_DOUBLE_EQUAL(a.h, 1.453840892375, 1e-12); /* digits given */
  CU_ASSERT_DOUBLE_EQUAL(a.u, 0.416920630975, 1e-12);
  const mpp_swe_point b = mpp_swe_dam_break(0.9, 1.0, 1.0, 0.125, 1.0);
  CU_ASSERT_DOUBLE_EQUAL(b.h, 0.4287553708, 1e-10);
  CU_ASSERT_DOUBLE_EQUAL(b.u, 0.6904117124, 1e-10);
  CU_ASSERT_EQUAL(mpp_swe_dam_break(1.33556, 1.0, 2.0, 1.0, 1.0).h, a.h);
  CU_ASSERT_EQUAL(mpp_swe_dam_break(1.33558, 1.0, 2.0, 1.0, 1.0).h, 1.0);
}

static void the_fan_is_continuous_and_keeps_its_invariant(void)
{
  double before = 2.0;
  for (int i = -1500; i < 1300; i++) {
    const mpp_swe_point p = mpp_swe_dam_break(1e-3 * i, 1.0, 2.0, 1.0, 1.0);
    CU_ASSERT_DOUBLE_EQUAL(p.u + 2.0 * sqrt(p.h), 2.0 * sqrt(2.0), 1e-14); /* rounding */
    CU_ASSERT(p.h <= before + 1e-14 && before - p.h < 2e-3);               /* slope times spacing */
    before = p.h;
  }
}

/* h_t + (hu)_x = 0 and (hu)_t + (hu^2 + g h^2/2)_x = 0 by central differences. */
static void the_simple_wave_solves_the_equations(void)
{
  const double e = 1e-4, g = 1.7;
  for (int i = -150; i < 250; i++) {
    const double x = 0.01 * i;
    const mpp_swe_point l = mpp_swe_simple_wave(x - e, 0.4, g),
                        r = mpp_swe_simple_wave(x + e, 0.4, g);
    const mpp_swe_point a = mpp_swe_simple_wave(x, 0.4 - e, g),
                        b = mpp_swe_simple_wave(x, 0.4 + e, g);
    const double mass = (b.h - a.h) + (r.h * r.u - l.h * l.u);
    const double flux =
        r.h * r.u * r.u + 0.5 * g * r.h * r.h - l.h * l.u * l.u - 0.5 * g * l.h * l.h;
    /* e^2 times third derivatives, which reach 1e2 */
    CU_ASSERT_DOUBLE_EQUAL(mass / (2.0 * e), 0.0, 1e-5);
    CU_ASSERT_DOUBLE_EQUAL((b.h * b.u - a.h * a.u + flux) / (2.0 * e), 0.0, 1e-5);
  }
}

TESTS({"dam breaks have the known middle states", dam_breaks_have_the_known_middle_states},
      {"the fan is continuous and keeps its invariant",
       the_fan_is_continuous_and_keeps_its_invariant},
      {"the simple wave solves the equations", the_simple_wave_solves_the_equations})
