/* swe_exact.c - dam break: J. J. Stoker, Water Waves (1957), section 10.8. Simple wave: the Riemann
 * invariant u - 2c is the same everywhere, so u = 2 (c - 1), and c is carried at the speed
 * u + c = 3c - 2 (LeVeque 2002, section 13.8). */
#include "swe_exact.h"

#include <math.h>

/* Depth between fan and shock: where the fan's velocity equals the shock's. */
static double middle_depth(double left, double right, double g)
{
  double low = right, high = left;
  for (int i = 0; i < 200; i++) { /* bisection to the last bit */
    const double h = 0.5 * (low + high);
    const double fan = 2.0 * (sqrt(g * left) - sqrt(g * h));
    const double shock = (h - right) * sqrt(0.5 * g * (h + right) / (h * right));
    if (fan > shock) {
      low = h;
    } else {
      high = h;
    }
  }
  return 0.5 * (low + high);
}

mpp_swe_point mpp_swe_dam_break(double x, double t, double left, double right, double g)
{
  const double c = sqrt(g * left);
  if (t <= 0.0) {
    return (mpp_swe_point){x < 0.0 ? left : right, 0.0};
  }
  const double h = middle_depth(left, right, g), u = 2.0 * (c - sqrt(g * h)), xi = x / t;
  if (xi < -c) {
    return (mpp_swe_point){left, 0.0};
  }
  if (xi < u - sqrt(g * h)) {
    const double w = 2.0 * c - xi;
    return (mpp_swe_point){w * w / (9.0 * g), 2.0 / 3.0 * (c + xi)};
  }
  return xi < h * u / (h - right) ? (mpp_swe_point){h, u} : (mpp_swe_point){right, 0.0};
}

mpp_swe_point mpp_swe_simple_wave(double x, double t, double g)
{
  double from = x - t; /* foot of the characteristic: from + t (3 c(from) - 2) = x */
  for (int i = 0; i < 60; i++) {
    const double bump = 0.1 * exp(-8.0 * from * from);
    const double miss = from + t * (1.0 + 3.0 * bump) - x;
    from -= miss / (1.0 - 48.0 * t * from * bump);
  }
  const double c = 1.0 + 0.1 * exp(-8.0 * from * from);
  return (mpp_swe_point){c * c / g, 2.0 * (c - 1.0)};
}
