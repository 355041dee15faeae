/* test_mask.c - values under a mask: whatever they are, nothing depends on them. */
#include "equal_bytes.h"
#include "nn.h"
#include "seen_case.h"

static const mpp_mode modes[] = {MPP_MODE_FRAME, MPP_MODE_DELTA, MPP_MODE_EXTRAPOLATE,
                                 MPP_MODE_AUTOREGRESS, MPP_MODE_WINDOW};
enum { MODES = sizeof modes / sizeof *modes };
static seen_case c, other;

/* With rolling, noise and jitter, so that masks move with the window and are shifted. */
static void loss_and_gradient_do_not_depend_on_what_is_masked(void)
{
  static const float buried[] = {NAN, INFINITY, -3e38f, 0.0f};
  for (int d = 1; d <= 3; d++) {
    for (size_t i = 0; i < MODES; i++) {
      seen_open(&c, modes[i], d, 7);
      seen_open(&other, modes[i], d, 7);
      c.masked = other.masked = true;
      c.objective.unroll = other.objective.unroll = 3;
      c.objective.noise = other.objective.noise = 0.05;
      c.objective.jitter = other.objective.jitter = true;
      c.objective.loss = other.objective.loss = i % 2 == 0 ? MPP_LOSS_SCALED : MPP_LOSS_NMSE;
      seen_bury(&other, buried[((size_t)d + i) % 4]);
      const double loss = seen_loss(&c);
      CU_ASSERT(isfinite(loss) && loss > 0.0);
      CU_ASSERT_EQUAL(loss, seen_loss(&other));
      CU_ASSERT_EQUAL(c.nrmse, other.nrmse);
      CU_ASSERT(equal_bytes(c.gradients, other.gradients, c.model->params->total * sizeof(float)));
      seen_close(&c);
      seen_close(&other);
    }
  }
}

static void a_prediction_does_not_depend_on_what_is_masked(void)
{
  static float y[4 * SEEN_MOST], z[4 * SEEN_MOST];
  for (int d = 1; d <= 3; d++) {
    for (size_t i = 0; i < MODES; i++) {
      seen_open(&c, modes[i], d, 7);
      c.shape.mask = c.mask;
      ASSERT_OK(mpp_model_predict(c.model, y, c.x, &c.shape));
      seen_bury(&c, NAN);
      ASSERT_OK(mpp_model_predict(c.model, z, c.x, &c.shape)); /* finite under the mask, too */
      CU_ASSERT(equal_bytes(y, z, 4 * c.cells * sizeof *y));
      seen_close(&c);
    }
  }
}

/* Sums of the masked path run in another order: rounding of float32 through the network. */
static void a_mask_of_nothing_changes_nothing(void)
{
  static float y[4 * SEEN_MOST], z[4 * SEEN_MOST];
  for (size_t i = 0; i < MODES; i++) {
    double largest = 0.0;
    seen_open(&c, modes[i], 2, 7);
    memset(c.mask, 0, sizeof c.mask);
    ASSERT_OK(mpp_model_predict(c.model, y, c.x, &c.shape));
    const double plain = seen_loss(&c);
    c.masked = true;
    CU_ASSERT_DOUBLE_EQUAL(seen_loss(&c) / plain, 1.0, 1e-5);
    c.shape.mask = c.mask;
    ASSERT_OK(mpp_model_predict(c.model, z, c.x, &c.shape));
    for (size_t k = 0; k < 4 * c.cells; k++) {
      largest = fmax(largest, fabs((double)y[k] - (double)z[k]));
    }
    CU_ASSERT(largest < 2e-5);
    seen_close(&c);
  }
}

/* Mean and deviation of the values that are left, from their definition. */
static void statistics_are_those_of_the_other_values(void)
{
  float mean[6], sd[6];
  seen_open(&c, MPP_MODE_FRAME, 2, 7);
  mpp_field_norm_stats_masked(mean, sd, c.x, c.mask, 4, 2, 3, c.cells);
  for (size_t k = 0; k < 6; k++) {
    double sum = 0.0, square = 0.0, n = 0.0;
    for (int pass = 0; pass < 2; pass++) {
      for (size_t t = 0; t < 4; t++) {
        for (size_t i = 0; i < c.cells; i++) {
          const size_t at = t * c.frame + k * c.cells + i;
          const double v = c.mask[at] ? 0.0 : (double)c.x[at];
          n += pass == 0 && !c.mask[at] ? 1.0 : 0.0;
          sum += pass == 0 ? v : 0.0;
          square += pass == 1 && !c.mask[at] ? (v - sum / n) * (v - sum / n) : 0.0;
        }
      }
    }
    CU_ASSERT_DOUBLE_EQUAL(mean[k], sum / n, 1e-6); /* float32 */
    CU_ASSERT_DOUBLE_EQUAL(sd[k], sqrt(square / (n - 1.0)) + 1e-7, 1e-6);
  }
  seen_close(&c);
}

/* The loss again from its definition: means over the cells of the target that are not masked. */
static void the_loss_is_over_the_other_cells(void)
{
  seen_open(&c, MPP_MODE_DELTA, 2, 7);
  c.masked = true;
  c.objective.loss = MPP_LOSS_NMSE;
  double expected = 0.0;
  const double loss = seen_loss(&c);
  for (size_t k = 0; k < 4; k++) {
    double error = 0.0, square = 0.0, n = 0.0;
    for (size_t i = 0; i < c.cells; i++) {
      const size_t at = 4 * c.frame + (k / 2 * 3 + k % 2) * c.cells + i;
      if (!c.mask[at]) {
        error += pow((double)c.work.prediction[k * c.cells + i] - (double)c.x[at], 2.0);
        square += pow((double)c.x[at], 2.0);
        n += 1.0;
      }
    }
    expected += error / n / (1e-7 + square / n) / 4.0;
  }
  CU_ASSERT_DOUBLE_EQUAL(loss / expected, 1.0, 1e-12); /* both sums in double */
  seen_close(&c);
}

static void a_field_that_is_masked_everywhere_is_left_out(void)
{
  for (int d = 1; d <= 3; d++) {
    seen_open(&c, MPP_MODE_AUTOREGRESS, d, 7);
    c.masked = true;
    for (size_t k = 0; k < SEEN_FRAMES * c.frame; k++) {
      c.mask[k] |= k / c.cells % SEEN_FIELDS == 1;
    }
    seen_bury(&c, NAN);
    CU_ASSERT(isfinite(seen_loss(&c)) && isfinite(c.nrmse));
    const size_t total = c.model->params->total;
    for (size_t k = 0; k < total; k++) { CU_ASSERT_FATAL(isfinite(c.gradients[k])); }
    seen_close(&c);
  }
}

TESTS({"loss and gradient do not depend on what is masked",
       loss_and_gradient_do_not_depend_on_what_is_masked},
      {"a prediction does not depend on what is masked",
       a_prediction_does_not_depend_on_what_is_masked},
      {"a mask of nothing changes nothing", a_mask_of_nothing_changes_nothing},
      {"statistics are those of the other values", statistics_are_those_of_the_other_values},
      {"the loss is over the other cells", the_loss_is_over_the_other_cells},
      {"a field that is masked everywhere is left out",
       a_field_that_is_masked_everywhere_is_left_out})
