/* test_destem.c - tokens back to fields, against transposed convolutions written down plainly. */
#include "tiny_model.h"

enum { B = 2, FIELDS = 2, H = 12, W = 8, CELLS = H * W, WINDOW = 4 * B * FIELDS * CELLS };

static mpp_model *model_with_patch(int n, int f0, int f1)
{
  mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  config.npatch = n;
  config.patch[0] = f0;
  config.patch[1] = f1;
  return tiny_model(&config, 4);
}

/* u [out, h f, w f] = transposed convolution of a [in, h, w]; weight of (i, o, tap) at
 * kernel[(i * columns + column[o]) * f * f + tap]. */
static void spread_out(double *u, const double *a, const float *kernel, size_t columns,
                       const int *column, size_t out, size_t in, size_t f, size_t h, size_t w)
{
  memset(u, 0, out * h * f * w * f * sizeof *u);
  for (size_t o = 0; o < out; o++) {
    const size_t at = column != NULL ? (size_t)column[o] : o;
    for (size_t i = 0; i < in; i++) {
      for (size_t p = 0; p < h * f * w * f; p++) {
        const size_t row = p / (w * f), col = p % (w * f), tap = row % f * f + col % f;
        u[o * h * f * w * f + p] +=
            (double)kernel[(i * columns + at) * f * f + tap] * a[(i * h + row / f) * w + col / f];
      }
    }
  }
}

/* In place: g x / (unbiased standard deviation + 1e-8), then GELU. */
static void norm_and_gelu(double *u, const float *g, size_t c, size_t s)
{
  for (size_t o = 0; o < c; o++) {
    double mean = 0.0, square = 0.0;
    for (size_t i = 0; i < s; i++) { mean += u[o * s + i] / (double)s; }
    for (size_t i = 0; i < s; i++) { square += (u[o * s + i] - mean) * (u[o * s + i] - mean); }
    for (size_t i = 0; i < s; i++) {
      const double v = (double)g[o] * u[o * s + i] / (sqrt(square / (double)(s - 1)) + 1e-8);
      u[o * s + i] = v * 0.5 * (1.0 + erf(v / sqrt(2.0)));
    }
  }
}

/* Normalised output [FIELDS, CELLS] of sample b, from the tokens that the destem read. */
static void reference(double *net, const mpp_model *m, const mpp_window_shape *s, size_t b)
{
  static double a[24 * CELLS], u[24 * CELLS];
  const mpp_tape *t = m->tape;
  const mpp_destem_layout *l = &m->params->layout->destem;
  const size_t last = (size_t)m->config.npatch - 1, tokens = t->dims.s;
  size_t h = t->dims.grid[last + 1][1], w = t->dims.grid[last + 1][2], in = 24;
  for (size_t i = 0; i < 24 * tokens; i++) {
    a[i] = t->destem.z[(b * tokens + i % tokens) * 24 + i / tokens];
  }
  for (size_t i = 0; i < last; i++) {
    const size_t f = (size_t)m->config.patch[last - i];
    spread_out(u, a, m->weights + l->deconv[i], 6, NULL, 6, in, f, h, w);
    h *= f;
    w *= f;
    in = 6;
    norm_and_gelu(u, m->weights + l->norm_w[i], 6, h * w);
    memcpy(a, u, 6 * h * w * sizeof *a);
  }
  spread_out(net, a, m->weights + l->kernel, 4, s->column, FIELDS, in, (size_t)m->config.patch[0],
             h, w);
  for (size_t i = 0; i < (size_t)FIELDS * CELLS; i++) {
    net[i] += (double)m->weights[l->bias + (size_t)s->column[i / CELLS]];
  }
}

static void fields_are_those_of_the_transposed_convolutions(void)
{
  static float x[WINDOW], y[B * FIELDS * CELLS];
  static double net[FIELDS * CELLS];
  const mpp_window_shape shape = tiny_shape();
  const int patches[][3] = {{2, 2, 2}, {1, 2, 0}, {1, 4, 0}};
  tiny_window(x, &shape, 3);
  for (size_t k = 0; k < 3; k++) {
    mpp_model *m = model_with_patch(patches[k][0], patches[k][1], patches[k][2]);
    REQUIRE_OK(mpp_predict_forward(m, y, x, &shape, true, NULL));
    double largest = 0.0;
    for (size_t b = 0; b < B; b++) {
      reference(net, m, &shape, b);
      for (size_t i = 0; i < sizeof net / sizeof *net; i++) {
        const size_t pair = b * FIELDS + i / CELLS;
        const double expected = m->tape->mean[pair] + m->tape->sd[pair] * net[i];
        largest = fmax(largest, fabs((double)y[b * FIELDS * CELLS + i] - expected));
      }
    }
    CU_ASSERT(largest < 2e-5); /* float32 sums of up to 24 terms, values of some units */
    mpp_model_destroy(m);
  }
}

static void run_destem(const tiny_part *p)
{
  mpp_tape *t = p->tape;
  mpp_destem_forward(t->net, &t->destem, p->model->weights, &p->model->params->layout->destem,
                     &t->dims);
}

static void gradients_agree_with_differences(void)
{
  static float x[WINDOW], r[B * FIELDS * CELLS], dz[B * 24 * CELLS];
  const mpp_window_shape shape = tiny_shape();
  const int patches[][3] = {{2, 2, 2}, {1, 4, 0}};
  tiny_window(x, &shape, 3);
  test_fill(r, sizeof r / sizeof *r, 9);
  for (size_t k = 0; k < 2; k++) {
    mpp_model *m = model_with_patch(patches[k][0], patches[k][1], patches[k][2]);
    const mpp_destem_layout *l = &m->params->layout->destem;
    mpp_tape *t = tiny_tape(m, &shape, x);
    tiny_part part = {.tape = t, .model = m, .run = run_destem, .out = t->net, .r = r};
    float *g = NULL;
    part.n = sizeof r / sizeof *r;
    REQUIRE_OK(MPP_ALLOC(&g, m->params->total));
    memset(dz, 0, sizeof dz);
    run_destem(&part);
    mpp_destem_backward(dz, g, r, &t->destem, m->weights, l, &t->dims);
    tiny_check_weights(&part, g, l->kernel, 1);
    tiny_check_weights(&part, g, l->bias, 1);
    for (int i = 0; i + 1 < m->config.npatch; i++) {
      tiny_check_weights(&part, g, l->deconv[i], 7);
      tiny_check_weights(&part, g, l->norm_w[i], 1);
    }
    /* As for the weights: rounding of the loss over the step. */
    CU_ASSERT(gradcheck(t->destem.z, dz, B * t->dims.s * 24, 3, 2e-2, tiny_loss, &part) < 1e-2);
    mpp_free(g);
    mpp_model_destroy(m);
  }
}

TESTS({"fields are those of the transposed convolutions",
       fields_are_those_of_the_transposed_convolutions},
      {"gradients agree with differences", gradients_agree_with_differences})
