#include "num_weno.h"

#include "test.h"

/* Average of x^m over the cell i of width 1 around i. */
static double power_average(int i, int m)
{
  return (pow(i + 0.5, m + 1) - pow(i - 0.5, m + 1)) / (m + 1);
}

static double value(const mpp_weno_poly *p, double s)
{
  double sum = 0.0;
  for (int m = 4; m >= 0; m--) { sum = sum * s + p->a[m]; }
  return sum;
}

/* With a floor far above all differences the weights are the linear ones. */
static void quartics_are_reproduced(void)
{
  static const double a[5] = {0.3, -1.2, 0.8, 0.5, -0.7};
  double u[5] = {0.0};
  for (int i = 0; i < 5; i++) {
    for (int m = 0; m < 5; m++) { u[i] += a[m] * power_average(i - 2, m); }
  }
  const mpp_weno_poly p = mpp_weno_ao(u + 2, 1e30);
  for (int m = 0; m < 5; m++) { CU_ASSERT_DOUBLE_EQUAL(p.a[m], a[m], 1e-13); /* rounding */ }
}

/* Whatever the weights. */
static void every_polynomial_has_the_average_of_its_cell(void)
{
  float x[5];
  double u[5];
  for (uint64_t seed = 0; seed < 50; seed++) {
    test_fill(x, 5, seed);
    for (int i = 0; i < 5; i++) { u[i] = (double)x[i]; }
    const mpp_weno_poly p = mpp_weno_ao(u + 2, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(p.a[0] + p.a[2] / 12.0 + p.a[4] / 80.0, u[2], 1e-15); /* rounding */
    CU_ASSERT_DOUBLE_EQUAL(mpp_weno_outflow(&p, 1.0), u[2], 1e-14);
    CU_ASSERT_DOUBLE_EQUAL(mpp_weno_face(&p, 1.0), value(&p, 0.5), 1e-14);
    CU_ASSERT_DOUBLE_EQUAL(mpp_weno_face(&p, -1.0), value(&p, -0.5), 1e-14);
  }
}

/* Simpson's rule on 200 panels. */
static void the_outflow_is_the_integral_up_to_the_face(void)
{
  const double u[5] = {1.0, 2.5, 3.0, -1.0, 0.5};
  const mpp_weno_poly p = mpp_weno_ao(u + 2, 1e-12);
  for (int k = 0; k <= 10; k++) {
    const double part = 0.1 * k, h = part / 200.0;
    double sum = 0.0;
    for (int i = 0; i < 200; i++) {
      const double s = 0.5 - part + i * h;
      sum += h / 6.0 * (value(&p, s) + 4.0 * value(&p, s + 0.5 * h) + value(&p, s + h));
    }
    CU_ASSERT_DOUBLE_EQUAL(mpp_weno_outflow(&p, part), sum, 1e-11); /* h^4 */
  }
}

/* Next to a step of height 1 the parabola from its own side wins: next to nothing of the step is
 * seen from there. */
static void steps_are_not_looked_across(void)
{
  static const double step[8] = {0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0};
  for (int i = 2; i < 6; i++) {
    const mpp_weno_poly p = mpp_weno_ao(step + i, 1e-12);
    for (int side = -1; side <= 1; side += 2) {
      CU_ASSERT_DOUBLE_EQUAL(mpp_weno_face(&p, side), step[i],
                             1e-9); /* floor / jump^2, by 1/0.01 */
    }
  }
}

/* At the upper face of sin: error of the quartic dx^5 u^(5) / 60. */
static double sine_error(int n)
{
  double worst = 0.0;
  const double dx = 2.0 * M_PI / n;
  for (int i = 0; i < n; i++) {
    double u[5];
    for (int k = 0; k < 5; k++) {
      const double x = (i + k - 2) * dx;
      u[k] = (cos(x) - cos(x + dx)) / dx;
    }
    const mpp_weno_poly p = mpp_weno_ao(u + 2, pow(n, -4.0));
    worst = fmax(worst, fabs(mpp_weno_face(&p, 1.0) - sin((i + 1) * dx)));
  }
  return worst;
}

static void smooth_functions_are_met_at_fifth_order_extrema_included(void)
{
  const double order = log2(sine_error(64) / sine_error(128));
  CU_ASSERT_DOUBLE_EQUAL(order, 5.0, 0.2); /* terms of higher order */
}

static void mirror_images_and_signs_are_kept(void)
{
  float x[5];
  double u[5], v[5], w[5];
  for (uint64_t seed = 0; seed < 50; seed++) {
    test_fill(x, 5, seed);
    for (int i = 0; i < 5; i++) {
      u[i] = (double)x[i];
      v[4 - i] = (double)x[i];
      w[i] = -(double)x[i];
    }
    const mpp_weno_poly p = mpp_weno_ao(u + 2, 1e-12), q = mpp_weno_ao(v + 2, 1e-12);
    const mpp_weno_poly r = mpp_weno_ao(w + 2, 1e-12);
    /* Rounding: here, unlike in pdes/, products and sums may be contracted. */
    CU_ASSERT_DOUBLE_EQUAL(mpp_weno_face(&p, 1.0), mpp_weno_face(&q, -1.0), 1e-15);
    CU_ASSERT_EQUAL(mpp_weno_face(&p, 1.0), -mpp_weno_face(&r, 1.0));
  }
}

TESTS({"quartics are reproduced", quartics_are_reproduced},
      {"every polynomial has the average of its cell",
       every_polynomial_has_the_average_of_its_cell},
      {"the outflow is the integral up to the face", the_outflow_is_the_integral_up_to_the_face},
      {"steps are not looked across", steps_are_not_looked_across},
      {"smooth functions are met at fifth order, extrema included",
       smooth_functions_are_met_at_fifth_order_extrema_included},
      {"mirror images and signs are kept", mirror_images_and_signs_are_kept})
