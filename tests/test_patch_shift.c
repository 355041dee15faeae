/* test_patch_shift.c - predictions with the patch grid shifted against the cells. */
#include "patch_shift.h"

#include "equal_bytes.h"
#include "tiny_model.h"
#include "window.h"

enum { H = 12, W = 8, PATCH = 4, TALL = H + PATCH, PAIRS = 4, CELLS = H * W };
enum { FRAME = PAIRS * CELLS, WINDOW = 4 * FRAME };
enum { TALL_CELLS = TALL * W, TALL_FRAME = PAIRS * TALL_CELLS, TALL_WINDOW = 4 * TALL_FRAME };

static mpp_window_shape shifted_shape(size_t down, size_t right)
{
  mpp_window_shape shape = tiny_shape(); /* y (H) open, x (W) periodic */
  shape.shift[1] = down;
  shape.shift[2] = right;
  return shape;
}

/* The window as the network shall see it, by the words of the definition: above the `down` first
 * rows in reverse, below as many of the last ones as fill a patch; moved in a circle to the
 * right. */
static void margin_by_hand(float *to, const float *from, size_t planes, size_t down, size_t right)
{
  for (size_t k = 0; k < planes; k++) {
    for (size_t h = 0; h < TALL; h++) {
      const size_t past = h - down; /* of the first row */
      const size_t row = h < down ? down - 1 - h : past >= H ? 2 * H - 1 - past : past;
      for (size_t w = 0; w < W; w++) {
        to[(k * TALL + h) * W + (w + right) % W] = from[(k * H + row) * W + w];
      }
    }
  }
}

static void the_network_sees_the_window_moved(void)
{
  static float x[WINDOW], tall[TALL_WINDOW], y[FRAME], z[TALL_FRAME];
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  mpp_model *m = tiny_model(&config, 5);
  mpp_window_shape tall_shape = tiny_shape();
  tall_shape.grid[1] = TALL;
  for (size_t down = 1; down < PATCH; down++) {
    const size_t right = PATCH - 1 - down;
    const mpp_window_shape shape = shifted_shape(down, right);
    tiny_window(x, &shape, 8);
    margin_by_hand(tall, x, 4 * PAIRS, down, right);
    ASSERT_OK(mpp_model_predict(m, z, tall, &tall_shape));
    ASSERT_OK(mpp_model_predict(m, y, x, &shape));
    for (size_t i = 0; i < FRAME; i++) { /* the same computation: to the bit */
      const size_t h = i / W % H + down, w = (i + right) % W;
      CU_ASSERT_EQUAL(y[i], z[(i / CELLS * TALL + h) * W + w]);
    }
  }
  mpp_model_destroy(m);
}

/* A periodic axis needs no margin, and a window that is moved is predicted as moved. */
static void along_a_periodic_axis_nothing_is_added(void)
{
  static float x[WINDOW], moved[WINDOW], y[FRAME], z[FRAME];
  const mpp_model_config config = tiny_config(MPP_MODE_AUTOREGRESS, MPP_BIAS_REL);
  mpp_model *m = tiny_model(&config, 5);
  const mpp_window_shape shape = shifted_shape(0, 3), plain = tiny_shape();
  size_t with = 0, without = 0;
  tiny_window(x, &shape, 8);
  for (size_t i = 0; i < WINDOW; i++) { moved[i / W * W + (i + 3) % W] = x[i]; }
  ASSERT_OK(mpp_model_predict(m, z, moved, &plain));
  ASSERT_OK(mpp_model_predict(m, y, x, &shape));
  for (size_t i = 0; i < FRAME; i++) {
    /* values up to 5; the fit of the base adds its cells up in another order */
    CU_ASSERT_DOUBLE_EQUAL(y[i], z[i / W * W + (i + 3) % W], 1e-5);
  }
  ASSERT_OK(mpp_predict_memory(&with, m, &shape, true));
  ASSERT_OK(mpp_predict_memory(&without, m, &plain, true));
  CU_ASSERT(with - without <= sizeof x + 64 * sizeof(float)); /* the moved window itself */
  mpp_model_destroy(m);
}

static void the_base_belongs_to_the_window_as_it_is(void)
{
  static float x[WINDOW], y[FRAME], frame[FRAME];
  static const mpp_mode modes[] = {MPP_MODE_DELTA, MPP_MODE_EXTRAPOLATE, MPP_MODE_AUTOREGRESS};
  const mpp_window_shape shape = shifted_shape(1, 2), plain = tiny_shape();
  tiny_window(x, &shape, 8);
  for (size_t k = 0; k < 3; k++) {
    mpp_model_config config = tiny_config(modes[k], MPP_BIAS_REL);
    static float base[FRAME];
    float scale[PAIRS];
    mpp_model *m = tiny_model(&config, 5);
    ASSERT_OK(mpp_model_predict(m, y, x, &plain));
    memcpy(base, mpp_predict_base(m), sizeof base);
    memcpy(scale, mpp_predict_scale(m), sizeof scale);
    ASSERT_OK(mpp_model_predict(m, y, x, &shape));
    CU_ASSERT(equal_bytes(mpp_predict_base(m), base, sizeof base));
    CU_ASSERT(equal_bytes(mpp_predict_scale(m), scale, sizeof scale));
    m->config.mode = MPP_MODE_FRAME; /* the same network */
    ASSERT_OK(mpp_model_predict(m, frame, x, &shape));
    const float *mean = m->tape->mean, *sd = m->tape->sd;
    for (size_t i = 0; i < FRAME; i++) {
      const size_t pair = i / CELLS;
      const double net = ((double)frame[i] - mean[pair]) / sd[pair];
      const double expected = base[i] + scale[pair] * net;
      CU_ASSERT_DOUBLE_EQUAL(y[i], expected, 1e-5); /* rounding of values up to 10 */
    }
    mpp_model_destroy(m);
  }
}

typedef struct gradient_case {
  mpp_model *model;
  mpp_window_shape shape;
  float x[WINDOW], y[FRAME], r[FRAME];
} gradient_case;

static double product_with_r(void *context)
{
  gradient_case *c = context;
  double sum = 0.0;
  REQUIRE_OK(mpp_predict_forward(c->model, c->y, c->x, &c->shape, true, NULL));
  for (size_t i = 0; i < FRAME; i++) { sum += (double)c->y[i] * c->r[i]; }
  return sum;
}

static void gradients_flow_through_the_shift(void)
{
  static gradient_case c;
  static const mpp_mode modes[] = {MPP_MODE_FRAME, MPP_MODE_AUTOREGRESS}; /* plain, increments */
  for (size_t k = 0; k < 2; k++) {
    const mpp_model_config config = tiny_config(modes[k], MPP_BIAS_REL);
    c.model = tiny_model(&config, 5);
    c.shape = shifted_shape(3, 1);
    tiny_window(c.x, &c.shape, 8);
    test_fill(c.r, FRAME, 3);
    const size_t total = c.model->params->total;
    float *g = NULL;
    REQUIRE_OK(MPP_ALLOC(&g, total));
    product_with_r(&c);
    mpp_predict_backward(c.model, g, c.r, c.x, &c.shape, NULL);
    const double error =
        gradcheck(c.model->weights, g, total, total / 200 + 1, 2e-3, product_with_r, &c);
    printf("(%.1e) ", error);
    CU_ASSERT(error < 1e-2); /* as in tiny_check_weights */
    mpp_free(g);
    mpp_model_destroy(c.model);
  }
}

static void the_memory_figure_counts_the_margin(void)
{
  static float x[WINDOW], y[FRAME];
  const mpp_model_config config = tiny_config(MPP_MODE_AUTOREGRESS, MPP_BIAS_REL);
  mpp_model *m = tiny_model(&config, 6);
  const mpp_window_shape shape = shifted_shape(2, 0), plain = tiny_shape();
  size_t bytes = 0, less = 0;
  tiny_window(x, &shape, 8);
  ASSERT_OK(mpp_predict_memory(&less, m, &plain, false));
  ASSERT_OK(mpp_predict_memory(&bytes, m, &shape, false));
  CU_ASSERT(bytes > less);
  ASSERT_OK(mpp_predict_forward(m, y, x, &shape, false, NULL));
  CU_ASSERT_EQUAL(m->tape->bytes, bytes);
  mpp_model_destroy(m);
}

static void shifts_of_a_patch_or_along_no_axis_are_refused(void)
{
  static float x[WINDOW], y[FRAME];
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  mpp_model *m = tiny_model(&config, 6);
  mpp_window_shape shape = shifted_shape(0, PATCH);
  tiny_window(x, &shape, 8);
  ASSERT_STATUS(mpp_model_predict(m, y, x, &shape), MPP_ERR_DATA);
  ASSERT_MESSAGE("shift of 4 cells along axis 2, expected at most 3");
  shape = tiny_shape();
  shape.shift[0] = 1;
  ASSERT_STATUS(mpp_model_predict(m, y, x, &shape), MPP_ERR_DATA);
  ASSERT_MESSAGE("shift of 1 cells along axis 0, expected at most 0");
  mpp_model_destroy(m);
}

TESTS({"the network sees the window moved", the_network_sees_the_window_moved},
      {"along a periodic axis nothing is added", along_a_periodic_axis_nothing_is_added},
      {"the base belongs to the window as it is", the_base_belongs_to_the_window_as_it_is},
      {"gradients flow through the shift", gradients_flow_through_the_shift},
      {"the memory figure counts the margin", the_memory_figure_counts_the_margin},
      {"shifts of a patch or along no axis are refused",
       shifts_of_a_patch_or_along_no_axis_are_refused})
