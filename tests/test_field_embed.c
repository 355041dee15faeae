/* test_field_embed.c - the fused field embedding against the two maps one after the other, its
 * gradient against central differences, and the normalised patches against their definition. */
#include "gradcheck.h"
#include "nn.h"
#include "same_bits.h"
#include "test.h"

#define DIM    ((size_t)9)
#define STATES ((size_t)7)
#define FIELDS ((size_t)3)
#define TAPS   ((size_t)16)
#define CONV   (DIM * DIM * TAPS)
#define FUSED  (DIM * FIELDS * TAPS)

static const int column[FIELDS] = {5, 0, 2};

static float conv[CONV], bag_w[DIM * STATES], bag_b[DIM], wf[FUSED + DIM], dwf[FUSED + DIM];
static float grads[CONV + DIM * STATES + DIM];
static float *const dconv = grads, *const dbag_w = grads + CONV;
static float *const dbag_b = grads + CONV + DIM * STATES;

static void fill(void)
{
  test_fill(conv, CONV, 1);
  test_fill(bag_w, DIM * STATES, 2);
  test_fill(bag_b, DIM, 3);
  test_fill(dwf, FUSED + DIM, 4);
}

/* Output channel o of one patch v [c, tap] as published: embed each cell, then convolve. */
static double two_maps(const double *v, size_t o)
{
  const double scale = sqrt((double)STATES / (double)FIELDS);
  double y = 0.0;
  for (size_t t = 0; t < TAPS; t++) {
    for (size_t i = 0; i < DIM; i++) {
      double z = (double)bag_b[i];
      for (size_t c = 0; c < FIELDS; c++) {
        z += (double)bag_w[i * STATES + (size_t)column[c]] * v[c * TAPS + t];
      }
      y += (double)conv[(o * DIM + i) * TAPS + t] * scale * z;
    }
  }
  return y;
}

static void forward_is_embedding_then_convolution(void)
{
  fill();
  mpp_field_embed_forward(wf, wf + FUSED, conv, bag_w, bag_b, column, FIELDS, FIELDS, STATES, DIM,
                          TAPS);
  for (size_t o = 0; o < DIM; o++) {
    double v[FIELDS * TAPS] = {0.0};
    const double bias = two_maps(v, o);
    CU_ASSERT(fabs((double)wf[FUSED + o] - bias) < 1e-6 * fmax(1.0, fabs(bias))); /* one rounding */
    for (size_t k = 0; k < FIELDS * TAPS; k++) {
      v[k] = 1.0;
      const double weight = two_maps(v, o) - bias;
      CU_ASSERT(fabs((double)wf[o * FIELDS * TAPS + k] - weight) < 1e-6); /* one rounding */
      v[k] = 0.0;
    }
  }
}

static double loss(void *context)
{
  (void)context;
  double sum = 0.0;
  for (size_t o = 0; o < DIM; o++) {
    double v[FIELDS * TAPS];
    for (size_t k = 0; k < FIELDS * TAPS; k++) { v[k] = (double)dwf[o * FIELDS * TAPS + k]; }
    double zero[FIELDS * TAPS] = {0.0};
    const double bias = two_maps(zero, o);
    sum += two_maps(v, o) - bias + (double)dwf[FUSED + o] * bias;
  }
  return sum;
}

static void backward_agrees_with_central_differences(void)
{
  fill();
  for (size_t i = 0; i < sizeof grads / sizeof grads[0]; i++) { grads[i] = 0.5f; }
  mpp_field_embed_backward(dconv, dbag_w, dbag_b, dwf, dwf + FUSED, conv, bag_w, bag_b, column,
                           FIELDS, FIELDS, STATES, DIM, TAPS);
  for (size_t i = 0; i < sizeof grads / sizeof grads[0]; i++) { grads[i] -= 0.5f; }
  /* The loss is linear in each of the three and in double: left are roundings next to 0.5. */
  CU_ASSERT(gradcheck(conv, dconv, CONV, 7, 0.01, loss, NULL) < 1e-6);
  CU_ASSERT(gradcheck(bag_w, dbag_w, DIM * STATES, 1, 0.01, loss, NULL) < 1e-6);
  CU_ASSERT(gradcheck(bag_b, dbag_b, DIM, 1, 0.01, loss, NULL) < 1e-6);
  for (size_t i = 0; i < DIM; i++) { CU_ASSERT_EQUAL(dbag_w[i * STATES + 1], 0.0f); } /* absent */
}

static void many_taps_are_summed_in_pieces(void)
{
  enum { D = 2, MANY = 600 };
  static float w[D * D * MANY], fused[D * MANY], bias[D];
  const float bw[D] = {0.5f, -2.0f}, bb[D] = {1.0f, 3.0f};
  const int first = 0;
  test_fill(w, sizeof w / sizeof w[0], 6);
  mpp_field_embed_forward(fused, bias, w, bw, bb, &first, 1, 1, 1, D, MANY);
  for (size_t k = 0; k < (size_t)D * MANY; k++) {
    const size_t o = k / MANY, t = k % MANY;
    const double exact =
        0.5 * (double)w[o * D * MANY + t] - 2.0 * (double)w[(o * D + 1) * MANY + t];
    CU_ASSERT(fabs((double)fused[k] - exact) < 2e-7); /* one rounding of values below 2.5 */
  }
}

static void check_patches(size_t n_time, size_t batch, const size_t grid[3], size_t f)
{
  static float x[8192], p[8192];
  const size_t fields = 3, s = grid[0] * grid[1] * grid[2], n = n_time * batch;
  float mean[8], sd[8];
  size_t factor[3], taps = 1;
  for (size_t a = 0; a < 3; a++) { taps *= factor[a] = grid[a] == 1 ? 1 : f; }
  test_fill(x, n * fields * s, 7);
  test_fill(mean, 8, 8);
  for (size_t i = 0; i < 8; i++) { sd[i] = 0.5f + (float)i; }
  mpp_field_patches(p, x, mean, sd, n_time, batch, fields, grid, f);
  for (size_t at = 0; at < n * fields * s; at++) { /* by the cells of x */
    const size_t w = at % grid[2], h = at / grid[2] % grid[1], d = at / grid[2] / grid[1] % grid[0];
    const size_t c = at / s % fields, frame = at / s / fields, k = frame % batch * fields + c;
    const size_t patch =
        ((frame * (grid[0] / factor[0]) + d / factor[0]) * (grid[1] / factor[1]) + h / factor[1]) *
            (grid[2] / factor[2]) +
        w / factor[2];
    const size_t tap = (d % factor[0] * factor[1] + h % factor[1]) * factor[2] + w % factor[2];
    const double exact = ((double)x[at] - (double)mean[k]) / (double)sd[k];
    /* two float32 roundings of values below 4 */
    CU_ASSERT(fabs((double)p[(patch * fields + c) * taps + tap] - exact) < 5e-7);
  }
}

static void patches_are_normalised_cells(void)
{
  check_patches(3, 2, (const size_t[3]){1, 8, 12}, 4);
  check_patches(2, 2, (const size_t[3]){1, 1, 6}, 2);
  check_patches(1, 2, (const size_t[3]){4, 6, 2}, 2);
}

static float patches[2 * 3 * 64];

static void run_patches(void)
{
  static float x[2 * 3 * 64];
  const float mean[3] = {0.1f, 0.2f, 0.3f}, sd[3] = {1.0f, 2.0f, 3.0f};
  test_fill(x, sizeof x / sizeof x[0], 9);
  mpp_field_patches(patches, x, mean, sd, 2, 1, 3, (const size_t[3]){1, 8, 8}, 2);
}

static void run_forward(void)
{
  mpp_field_embed_forward(wf, wf + FUSED, conv, bag_w, bag_b, column, FIELDS, FIELDS, STATES, DIM,
                          TAPS);
}

static void run_backward(void)
{
  memset(grads, 0, sizeof grads);
  mpp_field_embed_backward(dconv, dbag_w, dbag_b, dwf, dwf + FUSED, conv, bag_w, bag_b, column,
                           FIELDS, FIELDS, STATES, DIM, TAPS);
}

static void bits_do_not_depend_on_threads(void)
{
  fill();
  CU_ASSERT(same_bits(run_forward, wf, FUSED + DIM));
  CU_ASSERT(same_bits(run_backward, grads, sizeof grads / sizeof grads[0]));
  CU_ASSERT(same_bits(run_patches, patches, sizeof patches / sizeof patches[0]));
}

TESTS({"field_embed: forward is embedding then convolution", forward_is_embedding_then_convolution},
      {"field_embed: backward agrees with central differences",
       backward_agrees_with_central_differences},
      {"field_embed: many taps are summed in pieces", many_taps_are_summed_in_pieces},
      {"field_embed: patches are normalised cells", patches_are_normalised_cells},
      {"field_embed: bits do not depend on threads", bits_do_not_depend_on_threads})
