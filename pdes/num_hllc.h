/* num_hllc.h - the HLLC flux of an ideal gas, inline so that a loop over faces fills the vector
 * units. E. F. Toro, M. Spruce and W. Speares, Shock Waves 4 (1994) 25; P. Batten et al., SIAM J.
 * Sci. Comput. 18 (1997) 1553. */
#ifndef MPP_NUM_HLLC_H
#define MPP_NUM_HLLC_H

#include <math.h>

/* Primitive state at a face: velocity normal to it, transverse velocities [m s-1], density [kg
 * m-3], pressure [Pa]; the last two are positive. */
typedef struct mpp_gas_state {
  double u, v, w, density, pressure;
} mpp_gas_state;

/* Fluxes of mass, momentum (normal, transverse) and energy through a face, and the speed of its
 * fastest wave. */
typedef struct mpp_gas_flux {
  double mass, u, v, w, energy, speed;
} mpp_gas_flux;

static inline double mpp_least(double a, double b) { return a < b ? a : b; }
static inline double mpp_most(double a, double b) { return a > b ? a : b; }

/* Energy density; `heat` = 1/(gamma - 1). */
static inline double mpp_gas_energy(const mpp_gas_state *q, double heat)
{
  return q->pressure * heat + 0.5 * q->density * (q->u * q->u + (q->v * q->v + q->w * q->w));
}

/* Outer waves at min(u) - max(c) and max(u) + max(c), so that density and pressure stay positive.
 * Between them the flux is that of the star state on the side that the contact moves away from,
 * written with its speed s as factor of all fluxes but the pressure: a contact at rest (s = 0)
 * gives the same on both sides. Every expression has the same bits for the mirror image. */
static inline mpp_gas_flux mpp_hllc(const mpp_gas_state *l, const mpp_gas_state *r, double gamma,
                                    double heat)
{
  const double ratio = mpp_most(l->pressure * r->density, r->pressure * l->density);
  const double c = sqrt(gamma * ratio / (l->density * r->density));
  const double low = mpp_least(l->u, r->u) - c, high = mpp_most(l->u, r->u) + c;
  const double al = l->density * (l->u - low), ar = r->density * (high - r->u);
  const double s = ((al * l->u + ar * r->u) + (l->pressure - r->pressure)) / (al + ar);
  const double pressure = 0.5 * ((l->pressure + r->pressure) + (al * (l->u - s) + ar * (s - r->u)));
  const int left = s > 0.0;
  const mpp_gas_state k = {.u = left ? l->u : r->u,
                           .density = left ? l->density : r->density,
                           .pressure = left ? l->pressure : r->pressure};
  const double edge = left ? low : high;
  const double across_l = l->v * l->v + l->w * l->w, across_r = r->v * r->v + r->w * r->w;
  const double energy =
      k.pressure * heat + 0.5 * k.density * (k.u * k.u + (left ? across_l : across_r));
  const double scale = 1.0 / (edge - s);
  const int star = left ? low < 0.0 : high > 0.0; /* else all waves go one way */
  const double fu = star ? s : k.u, fp = star ? pressure : k.pressure;
  const double density = star ? k.density * (edge - k.u) * scale : k.density;
  const double fe =
      star ? (((edge - k.u) * energy - k.pressure * k.u) + pressure * s) * scale : energy;
  /* Both sides stand in the sum, one of them times 0: no branch keeps loops from filling
   * vectors. */
  const double mass = density * fu, mass_l = mpp_most(mass, 0.0), mass_r = mpp_least(mass, 0.0);
  return (mpp_gas_flux){.mass = mass,
                        .u = mass * fu + fp,
                        .v = mass_l * l->v + mass_r * r->v,
                        .w = mass_l * l->w + mass_r * r->w,
                        .energy = (fe + fp) * fu,
                        .speed = mpp_most(-low, high)};
}

/* The flux behind PDEBench's released data: the same outer waves, between them the physical flux of
 * the star state (whose energy is not HLLC's), and at rest (s = 0) the flux of the right state,
 * which breaks mirror symmetry. */
static inline mpp_gas_flux mpp_hllc_released(const mpp_gas_state *l, const mpp_gas_state *r,
                                             double gamma, double heat)
{
  const double ratio = mpp_most(l->pressure * r->density, r->pressure * l->density);
  const double c = sqrt(gamma * ratio / (l->density * r->density));
  const double low = mpp_least(l->u, r->u) - c, high = mpp_most(l->u, r->u) + c;
  const double al = l->density * (low - l->u), ar = r->density * (high - r->u);
  const double s = ((ar * r->u - al * l->u) - r->pressure + l->pressure) / (ar - al);
  const int inner_left = low * s < 0.0, inner_right = high * s < 0.0;
  const int left = (low > 0.0) | inner_left, star = (low <= 0.0) & (inner_left | inner_right);
  const double edge = left ? low : high, u = left ? l->u : r->u;
  const double density = left ? l->density : r->density;
  const double fu = star ? s : u;
  const double fp = star ? l->pressure + al * (s - l->u) : (left ? l->pressure : r->pressure);
  const double mass = (star ? density * (edge - u) / (edge - s) : density) * fu;
  const double on_left = left ? 1.0 : 0.0, on_right = 1.0 - on_left;
  const double v = on_left * l->v + on_right * r->v, w = on_left * l->w + on_right * r->w;
  return (mpp_gas_flux){.mass = mass,
                        .u = mass * fu + fp,
                        .v = mass * v,
                        .w = mass * w,
                        .energy = gamma * heat * fp * fu + 0.5 * mass * (fu * fu + (v * v + w * w)),
                        .speed = mpp_most(-low, high)};
}

#endif
