/* ins_exact.c - with x and y exchanged, v is -u, (v . grad) v is (u . grad) u, and p is itself. */
#include "ins_exact.h"

#include <math.h>

static double growth(double t) { return 1.0 + 0.5 * sin(3.0 * t); }

static double squared_sine(double x) { return sin(M_PI * x) * sin(M_PI * x); }

double mpp_ins_exact_velocity(int axis, double x, double y, double t)
{
  return axis == 0 ? growth(t) * squared_sine(x) * sin(2.0 * M_PI * y)
                   : -growth(t) * sin(2.0 * M_PI * x) * squared_sine(y);
}

double mpp_ins_exact_particles(double x, double y)
{
  return 1.0 + squared_sine(x) * squared_sine(y);
}

/* What a time adds: g, g' and the viscosity that belongs to them. */
typedef struct moment {
  double g, rate, nu;
} moment;

/* Along the axis of `a`, for the flow whose velocity there is `sign` g sin^2(pi a) sin(2 pi b). */
static inline double force(mpp_ins_wave a, mpp_ins_wave b, double sign, moment m)
{
  const double s = a.sine * a.sine, d = 2.0 * a.sine * a.cosine;
  const double sb = b.sine * b.sine, db = 2.0 * b.sine * b.cosine;
  const double convection = m.g * m.g * M_PI * s * d * (db * db - 2.0 * sb * (1.0 - 2.0 * sb));
  const double laplacian = m.g * 2.0 * M_PI * M_PI * (1.0 - 4.0 * s) * db;
  const double pressure = -0.25 * M_PI * m.g * a.sine * b.cosine;
  return sign * (m.rate * s * db - m.nu * laplacian) + convection + pressure;
}

void mpp_ins_exact_force(double *to, double factor, size_t n, int axis, mpp_ins_wave x,
                         const mpp_ins_wave *y, double t, double nu)
{
  const moment m = {growth(t), 1.5 * cos(3.0 * t), nu};
  for (size_t j = 0; j < n; j++) {
    to[j] += factor * (axis == 0 ? force(x, y[2 * j], 1.0, m) : force(y[2 * j], x, -1.0, m));
  }
}
