/* cns_exact.c - E. F. Toro, Riemann Solvers and Numerical Methods for Fluid Dynamics (2009),
 * chapter 4; simple wave: L. D. Landau and E. M. Lifshitz, Fluid Mechanics, section 101: the
 * invariant u - 2c/(gamma - 1) is the same everywhere and u is carried at the speed u + c. */
#include "cns_exact.h"

#include <math.h>

static double sound_speed(mpp_gas_point q, double gamma)
{
  return sqrt(gamma * q.pressure / q.density);
}

/* ---- Riemann problem ---- */

/* Velocity that a gas gains towards the contact when its pressure becomes p: Toro's f_K. */
static double gain(double p, mpp_gas_point q, double gamma)
{
  const double c = sound_speed(q, gamma);
  if (p > q.pressure) {
    const double a = 2.0 / ((gamma + 1.0) * q.density);
    const double b = (gamma - 1.0) / (gamma + 1.0) * q.pressure;
    return (p - q.pressure) * sqrt(a / (p + b));
  }
  return 2.0 * c / (gamma - 1.0) * (pow(p / q.pressure, 0.5 * (gamma - 1.0) / gamma) - 1.0);
}

static double star_density(double p, mpp_gas_point q, double gamma)
{
  const double ratio = p / q.pressure, g = (gamma - 1.0) / (gamma + 1.0);
  return q.density * (p > q.pressure ? (ratio + g) / (g * ratio + 1.0) : pow(ratio, 1.0 / gamma));
}

mpp_gas_star mpp_gas_riemann_star(mpp_gas_point left, mpp_gas_point right, double gamma)
{
  const double jump = right.u - left.u;
  double low = 0.0, high = fmax(left.pressure, right.pressure);
  while (gain(high, left, gamma) + gain(high, right, gamma) + jump < 0.0) { high *= 2.0; }
  for (int i = 0; i < 2000 && low < high; i++) { /* bisection to the last bit */
    const double p = 0.5 * (low + high);
    if (!(low < p && p < high)) {
      break;
    }
    if (gain(p, left, gamma) + gain(p, right, gamma) + jump < 0.0) {
      low = p;
    } else {
      high = p;
    }
  }
  const double p = high;
  return (mpp_gas_star){.pressure = p,
                        .u = 0.5 * (left.u + right.u) +
                             0.5 * (gain(p, right, gamma) - gain(p, left, gamma)),
                        .density_left = star_density(p, left, gamma),
                        .density_right = star_density(p, right, gamma)};
}

/* The left half of the fan: what lies at xi below the contact. */
static mpp_gas_point left_of_contact(mpp_gas_point q, double p, double u, double density,
                                     double gamma, double xi)
{
  const double c = sound_speed(q, gamma);
  const mpp_gas_point star = {density, u, p};
  if (p > q.pressure) {
    const double ratio = p / q.pressure;
    const double mach = sqrt(0.5 * (gamma + 1.0) / gamma * ratio + 0.5 * (gamma - 1.0) / gamma);
    return xi < q.u - c * mach ? q : star;
  }
  if (xi < q.u - c) {
    return q;
  }
  if (xi >= u - sound_speed(star, gamma)) {
    return star;
  }
  const double inside = (2.0 * c + (gamma - 1.0) * (q.u - xi)) / (gamma + 1.0); /* sound speed */
  const double ratio = pow(inside / c, 2.0 / (gamma - 1.0));
  return (mpp_gas_point){q.density * ratio, xi + inside, q.pressure * pow(ratio, gamma)};
}

mpp_gas_point mpp_gas_riemann(mpp_gas_point left, mpp_gas_point right, double gamma, double xi)
{
  const mpp_gas_star star = mpp_gas_riemann_star(left, right, gamma);
  if (xi < star.u) {
    return left_of_contact(left, star.pressure, star.u, star.density_left, gamma, xi);
  }
  right.u = -right.u;
  mpp_gas_point q = left_of_contact(right, star.pressure, -star.u, star.density_right, gamma, -xi);
  q.u = -q.u;
  return q;
}

/* ---- waves ---- */

mpp_gas_point mpp_gas_simple_wave(double x, double t, double gamma, double amplitude, double length)
{
  const double k = 2.0 * M_PI / length, slope = 0.5 * (gamma + 1.0);
  double from = x - t; /* where the value at (x, t) started */
  for (int i = 0; i < 50; i++) {
    const double u = amplitude * sin(k * from);
    const double change =
        (from + (1.0 + slope * u) * t - x) / (1.0 + slope * amplitude * k * cos(k * from) * t);
    from -= change;
    if (fabs(change) < 1e-15 * length) {
      break;
    }
  }
  const double u = amplitude * sin(k * from), c = 1.0 + 0.5 * (gamma - 1.0) * u;
  const double density = pow(c, 2.0 / (gamma - 1.0));
  return (mpp_gas_point){density, u, pow(density, gamma) / gamma};
}

mpp_gas_point mpp_gas_damped_wave(double x, double t, double gamma, double amplitude, double length,
                                  double nu)
{
  /* u = Re a(t) e^{ikx}, density = 1 + Re r(t) e^{ikx}: r' = -ik a, a' = -ik r - nu k^2 a, with
   * a(0) = r(0) = -i amplitude. */
  const double k = 2.0 * M_PI / length, damping = 0.5 * nu * k * k;
  const double omega = sqrt(k * k - damping * damping);
  const double decay = amplitude * exp(-damping * t), c = cos(omega * t), s = sin(omega * t);
  const double even = decay * (c - damping / omega * s), odd = decay * k / omega * s;
  const double even_r = decay * (c + damping / omega * s);
  const double u = even * sin(k * x) - odd * cos(k * x);
  const double r = even_r * sin(k * x) - odd * cos(k * x);
  return (mpp_gas_point){1.0 + r, u, (1.0 + gamma * r) / gamma};
}
