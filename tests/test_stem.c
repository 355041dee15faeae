/* test_stem.c - the fused embedding against the one that the published code writes down. */
#include "tiny_model.h"

enum { T = 4, B = 2, FIELDS = 2, H = 8, W = 12, FRAMES = T * B, CELLS = H * W };
enum { WINDOW = FRAMES * FIELDS * CELLS };

static mpp_window_shape shape_of_test(void)
{
  mpp_window_shape s = tiny_shape();
  s.grid[1] = H;
  s.grid[2] = W;
  return s;
}

static mpp_model *model_with_patch(int n, int f0, int f1)
{
  mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  config.npatch = n;
  config.patch[0] = f0;
  config.patch[1] = f1;
  return tiny_model(&config, 4);
}

/* u [out, h/f, w/f] = convolution of a [in, h, w] with kernel = stride = f. */
static void convolve(double *u, const double *a, const float *kernel, size_t out, size_t in,
                     size_t f, size_t h, size_t w)
{
  for (size_t o = 0; o < out; o++) {
    for (size_t i = 0; i < h / f; i++) {
      for (size_t j = 0; j < w / f; j++) {
        double sum = 0.0;
        for (size_t k = 0; k < in * f * f; k++) {
          const size_t c = k / (f * f), row = i * f + k / f % f, column = j * f + k % f;
          sum += (double)kernel[o * in * f * f + k] * a[(c * h + row) * w + column];
        }
        u[(o * (h / f) + i) * (w / f) + j] = sum;
      }
    }
  }
}

/* In place: g x / (unbiased standard deviation + 1e-8), then GELU unless `last`. */
static void norm_and_gelu(double *u, const float *g, size_t c, size_t s, bool last)
{
  for (size_t o = 0; o < c; o++) {
    double mean = 0.0, square = 0.0;
    for (size_t i = 0; i < s; i++) { mean += u[o * s + i] / (double)s; }
    for (size_t i = 0; i < s; i++) { square += (u[o * s + i] - mean) * (u[o * s + i] - mean); }
    for (size_t i = 0; i < s; i++) {
      const double v = (double)g[o] * u[o * s + i] / (sqrt(square / (double)(s - 1)) + 1e-8);
      u[o * s + i] = last ? v : v * 0.5 * (1.0 + erf(v / sqrt(2.0)));
    }
  }
}

/* Tokens of frame n, [C, s], as the published code computes them: embedding at full resolution,
 * then one convolution a factor. */
static void reference(double *tokens, const mpp_model *m, const mpp_window_shape *s, const float *x,
                      size_t n)
{
  static double a[24 * CELLS], u[24 * CELLS];
  const mpp_tape *t = m->tape;
  const mpp_stem_layout *l = &m->params->layout->stem;
  const double scale = sqrt(4.0 / FIELDS);
  for (size_t i = 0; i < 6; i++) {
    for (size_t p = 0; p < CELLS; p++) {
      double sum = m->weights[l->bag_b + i];
      for (size_t c = 0; c < FIELDS; c++) {
        const size_t pair = n % B * FIELDS + c;
        const double v = ((double)x[(n * FIELDS + c) * CELLS + p] - t->mean[pair]) / t->sd[pair];
        sum += (double)m->weights[l->bag_w + i * 4 + (size_t)s->column[c]] * v;
      }
      a[i * CELLS + p] = scale * sum;
    }
  }
  size_t h = H, w = W;
  for (size_t i = 0; i < (size_t)m->config.npatch; i++) {
    const size_t f = (size_t)m->config.patch[i];
    const bool last = i + 1 == (size_t)m->config.npatch;
    const size_t out = last ? 24 : 6;
    convolve(u, a, m->weights + l->conv[i], out, 6, f, h, w);
    h /= f;
    w /= f;
    norm_and_gelu(u, m->weights + l->norm_w[i], out, h * w, last);
    memcpy(a, u, out * h * w * sizeof *a);
  }
  memcpy(tokens, a, 24 * h * w * sizeof *a);
}

static void tokens_are_those_of_the_unfused_embedding(void)
{
  static float x[WINDOW];
  static double expected[24 * CELLS];
  const mpp_window_shape shape = shape_of_test();
  const int patches[][3] = {{2, 2, 2}, {1, 2, 0}, {1, 4, 0}};
  tiny_window(x, &shape, 3);
  for (size_t k = 0; k < 3; k++) {
    mpp_model *m = model_with_patch(patches[k][0], patches[k][1], patches[k][2]);
    const mpp_tape *t = tiny_tape(m, &shape, x);
    const size_t s = t->dims.s;
    double difference = 0.0, norm = 0.0;
    for (size_t n = 0; n < FRAMES; n++) {
      reference(expected, m, &shape, x, n);
      for (size_t i = 0; i < 24 * s; i++) {
        const double error = t->tokens[(n * s + i % s) * 24 + i / s] - expected[i];
        difference += error * error;
        norm += expected[i] * expected[i];
      }
    }
    CU_ASSERT(sqrt(difference / norm) < 3e-6); /* float32 sums of up to 96 terms */
    mpp_model_destroy(m);
  }
}

static void run_stem(const tiny_part *p)
{
  mpp_tape *t = p->tape;
  mpp_stem_forward(t->tokens, &t->stem, p->x, t->mean, t->sd, p->model->weights,
                   &p->model->params->layout->stem, &t->dims);
}

static void gradients_agree_with_differences(void)
{
  static float x[WINDOW];
  const mpp_window_shape shape = shape_of_test();
  const int patches[][3] = {{2, 2, 2}, {1, 4, 0}};
  tiny_window(x, &shape, 3);
  for (size_t k = 0; k < 2; k++) {
    mpp_model *m = model_with_patch(patches[k][0], patches[k][1], patches[k][2]);
    const mpp_stem_layout *l = &m->params->layout->stem;
    mpp_tape *t = tiny_tape(m, &shape, x);
    tiny_part part = {.tape = t, .model = m, .run = run_stem, .out = t->tokens, .x = x};
    float *r = NULL, *g = NULL;
    part.n = FRAMES * t->dims.s * 24;
    REQUIRE_OK(MPP_ALLOC(&r, part.n));
    REQUIRE_OK(MPP_ALLOC(&g, m->params->total));
    test_fill(r, part.n, 9);
    part.r = r;
    run_stem(&part);
    mpp_stem_backward(g, r, &t->stem, x, t->mean, t->sd, m->weights, l, &t->dims);
    tiny_check_weights(&part, g, l->bag_w, 1);
    tiny_check_weights(&part, g, l->bag_b, 1);
    for (int i = 0; i < m->config.npatch; i++) {
      tiny_check_weights(&part, g, l->conv[i], 7);
      tiny_check_weights(&part, g, l->norm_w[i], 1);
    }
    CU_ASSERT_EQUAL(g[l->bag_w + 1], 0.0f); /* column 1 takes no part */
    mpp_free(g);
    mpp_free(r);
    mpp_model_destroy(m);
  }
}

TESTS({"tokens are those of the unfused embedding", tokens_are_those_of_the_unfused_embedding},
      {"gradients agree with differences", gradients_agree_with_differences})
