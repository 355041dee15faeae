/* test_micro_batch.c - the objective of a micro-batch (rolled windows, noise, both losses), and the
 * golden training run, which is sixty of them with AdamW. */
#include "micro_batch.h"

#include "checkpoint.h"
#include "gradcheck.h"
#include "nn.h"
#include "optimizer.h"
#include "rng.h"
#include "test.h"

/* ---- golden run ---- */

static const mpp_tensor *need(const mpp_tensor_file *file, const char *name)
{
  const mpp_tensor *t = mpp_tensors_find(file, name);
  if (t == NULL) {
    CU_FAIL_FATAL("golden tensor is missing");
  }
  return t;
}

/* Shape and data of golden batch `b`; the file has the boundary of W before that of H. */
static const float *golden_batch(mpp_window_shape *shape, const mpp_tensor_file *file, int b)
{
  char name[64];
  snprintf(name, sizeof name, "batch%d.state_labels", b);
  const int64_t *labels = need(file, name)->data;
  snprintf(name, sizeof name, "batch%d.bcs", b);
  const int64_t *bcs = need(file, name)->data;
  snprintf(name, sizeof name, "batch%d.x", b);
  const mpp_tensor *x = need(file, name);
  *shape = (mpp_window_shape){
      .T = x->shape[0] - 1,
      .B = x->shape[1],
      .C = x->shape[2],
      .grid = {1, x->shape[3], x->shape[4]},
      .boundary = {MPP_OPEN, bcs[1] ? MPP_PERIODIC : MPP_OPEN, bcs[0] ? MPP_PERIODIC : MPP_OPEN}};
  for (size_t c = 0; c < shape->C; c++) { shape->column[c] = (int)labels[c]; }
  return x->data;
}

static const mpp_optimizer_settings adamw = {
    .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 1e-3};

static void sixty_steps_follow_the_published_code(void)
{
  mpp_tensor_file *weights = NULL, *run = NULL;
  mpp_model *m = NULL;
  mpp_optimizer o;
  mpp_micro_work work = {0};
  float *gradients = NULL;
  double worst_loss = 0.0, worst_norm = 0.0;
  mpp_set_threads(1); /* spinning threads cost more than they bring on arrays this small */
  REQUIRE_OK(mpp_tensors_read(&weights, MPP_TEST_DATA "/golden/train/initial_weights.safetensors"));
  REQUIRE_OK(mpp_tensors_read(&run, MPP_TEST_DATA "/golden/train/run.safetensors"));
  REQUIRE_OK(mpp_checkpoint_model(&m, weights));
  const size_t total = m->params->total;
  REQUIRE_OK(mpp_optimizer_create(&o, mpp_optimizer_method_of(MPP_OPTIMIZER_ADAMW), total, &adamw));
  REQUIRE_OK(MPP_ALLOC(&gradients, total));
  const double *losses = need(run, "loss")->data, *norms = need(run, "grad_norm")->data;
  const mpp_objective objective = {.loss = MPP_LOSS_NMSE, .unroll = 1};
  for (int s = 0; s < 60; s++) {
    mpp_window_shape shape;
    double loss, nrmse;
    const float *x = golden_batch(&shape, run, s % 4);
    memset(gradients, 0, total * sizeof *gradients);
    REQUIRE_OK(mpp_micro_batch(&loss, &nrmse, gradients, m, &work, x, NULL, NULL, &shape,
                               &objective, (uint64_t)s, 1.0));
    const double norm = mpp_gradient_norm(gradients, m->params, NULL);
    mpp_optimizer_clip(&o, norm, 1.0);
    mpp_optimizer_step(&o, m->weights, gradients, m->params, NULL, 3e-4);
    worst_loss = fmax(worst_loss, fabs(loss / losses[s] - 1.0));
    worst_norm = fmax(worst_norm, fabs(norm / norms[s] - 1.0));
  }
  printf("(loss %.1e, norm %.1e) ", worst_loss, worst_norm);
  CU_ASSERT(worst_loss < 2e-5); /* what float32 can hold over 60 steps: another engine had 2e-6 */
  CU_ASSERT(worst_norm < 1e-2); /* likewise, 2.5e-3 */
  mpp_free(gradients);
  mpp_micro_work_free(&work);
  mpp_optimizer_destroy(&o);
  mpp_model_destroy(m);
  mpp_tensors_free(weights);
  mpp_tensors_free(run);
}

/* ---- the objective ---- */

enum { T = 4, K = 3, B = 2, C = 2, ROWS = B * C, SIDE = 8, CELLS = SIDE * SIDE };
enum { FRAME = ROWS * CELLS, LAST = (T - 1) * FRAME, NEXT = T * FRAME, ALL = (T + K) * FRAME };

typedef struct objective_case {
  mpp_model *model;
  mpp_window_shape shape;
  mpp_objective objective;
  mpp_micro_work work;
  uint64_t position;
  float *gradients;
  float x[ALL];
} objective_case;

/* A network with weights large enough that all of them matter, and smooth data. */
static void make_case(objective_case *c, mpp_mode mode)
{
  static const mpp_name names[C] = {"lab:a", "lab:b"};
  const mpp_model_config config = {.embed_dim = 16,
                                   .num_heads = 2,
                                   .processor_blocks = 1,
                                   .npatch = 2,
                                   .patch = {2, 2},
                                   .bias = MPP_BIAS_REL,
                                   .mode = mode,
                                   .context = T};
  memset(c, 0, sizeof *c);
  mpp_set_threads(1);
  REQUIRE_OK(mpp_model_create(&c->model, &config, names, C, 3));
  REQUIRE_OK(MPP_ALLOC(&c->gradients, c->model->params->total));
  for (size_t i = 0; i < c->model->params->total; i++) {
    c->model->weights[i] += 0.1f * (float)mpp_rng_normal(8, MPP_STREAM_INIT, i, 0);
  }
  c->shape = (mpp_window_shape){.T = T, .B = B, .C = C, .grid = {1, SIDE, SIDE}, .column = {0, 1}};
  c->objective = (mpp_objective){.loss = MPP_LOSS_SCALED, .unroll = 1, .seed = 5};
  for (size_t t = 0, i = 0; t < T + K; t++) {
    for (size_t k = 0; k < ROWS; k++) {
      for (size_t j = 0; j < CELLS; j++) {
        c->x[i++] = (float)(1.0 + sin(0.3 * (double)(t * (k + 1)) + 0.2 * (double)j) +
                            0.01 * (double)(t * t));
      }
    }
  }
}

static void free_case(objective_case *c)
{
  mpp_model_destroy(c->model);
  mpp_micro_work_free(&c->work);
  mpp_free(c->gradients);
}

static double case_loss(void *context)
{
  objective_case *c = context;
  double loss, nrmse;
  REQUIRE_OK(mpp_micro_batch(&loss, &nrmse, c->gradients, c->model, &c->work, c->x, NULL, NULL,
                             &c->shape, &c->objective, c->position, 0.5));
  return 0.5 * loss;
}

static void gradient_of_the_scaled_loss_agrees_with_differences(void)
{
  static objective_case c;
  static const mpp_mode modes[] = {MPP_MODE_FRAME, MPP_MODE_DELTA, MPP_MODE_EXTRAPOLATE,
                                   MPP_MODE_WINDOW};
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
    make_case(&c, modes[i]);
    const size_t total = c.model->params->total;
    float *analytic = NULL;
    REQUIRE_OK(MPP_ALLOC(&analytic, total));
    case_loss(&c);
    memcpy(analytic, c.gradients, total * sizeof *analytic);
    const double error =
        gradcheck(c.model->weights, analytic, total, total / 150 + 1, 5e-4, case_loss, &c);
    printf("(%.1e) ", error);
    CU_ASSERT(error < 2e-2); /* h^2 times a rough net, rounding 6e-8 / h */
    mpp_free(analytic);
    free_case(&c);
  }
}

/* The loss again from its definition, where base and scale are known without the network: in mode
 * delta the last frame and, in mode frame, a thousandth of the standard deviation. */
static void scaled_loss_divides_by_the_error_of_the_base(void)
{
  static objective_case c;
  static const mpp_mode modes[] = {MPP_MODE_FRAME, MPP_MODE_DELTA};
  float mean[ROWS], sd[ROWS];
  for (size_t i = 0; i < 2; i++) {
    double loss, nrmse, expected = 0.0;
    make_case(&c, modes[i]);
    REQUIRE_OK(mpp_micro_batch(&loss, &nrmse, c.gradients, c.model, &c.work, c.x, NULL, NULL,
                               &c.shape, &c.objective, 0, 1.0));
    mpp_field_norm_stats(mean, sd, c.x, T, B, C, CELLS);
    for (size_t k = 0; k < ROWS; k++) {
      double error = 0.0, step = 0.0;
      for (size_t j = k * CELLS; j < (k + 1) * CELLS; j++) {
        error += pow((double)c.work.prediction[j] - c.x[NEXT + j], 2.0) / CELLS;
        step += pow((double)c.x[LAST + j] - c.x[NEXT + j], 2.0) / CELLS;
      }
      const double s = i == 0 ? 1e-3 * sd[k] + 1e-7 : mpp_predict_scale(c.model)[k];
      expected += error / (step + s * s) / ROWS;
    }
    CU_ASSERT_DOUBLE_EQUAL(loss / expected, 1.0, 1e-12); /* both sums in double */
    free_case(&c);
  }
}

/* y = the prediction after `ahead` steps of the window over its own predictions. */
static void roll_by_hand(float y[FRAME], objective_case *c, uint64_t ahead)
{
  static float window[T * FRAME];
  memcpy(window, c->x, sizeof window);
  REQUIRE_OK(mpp_model_predict(c->model, y, window, &c->shape));
  for (uint64_t j = 0; j < ahead; j++) {
    memmove(window, window + FRAME, LAST * sizeof *window);
    memcpy(window + LAST, y, FRAME * sizeof *y);
    REQUIRE_OK(mpp_model_predict(c->model, y, window, &c->shape));
  }
}

static void a_rolled_window_is_scored_where_the_draw_says(void)
{
  static objective_case c;
  static float y[FRAME];
  bool seen[K] = {false};
  make_case(&c, MPP_MODE_DELTA);
  c.objective.loss = MPP_LOSS_NMSE;
  c.objective.unroll = K;
  for (c.position = 0; c.position < 12; c.position++) {
    double loss, nrmse, expected_nrmse;
    REQUIRE_OK(mpp_micro_batch(&loss, &nrmse, c.gradients, c.model, &c.work, c.x, NULL, NULL,
                               &c.shape, &c.objective, c.position, 1.0));
    const uint64_t ahead = mpp_rng_below(5, MPP_STREAM_UNROLL, c.position, 0, K);
    roll_by_hand(y, &c, ahead);
    const float *target = c.x + (T + ahead) * FRAME;
    CU_ASSERT_EQUAL(loss, mpp_nmse_forward(&expected_nrmse, y, target, B, C, CELLS));
    CU_ASSERT_EQUAL(nrmse, expected_nrmse);
    seen[ahead] = true;
  }
  CU_ASSERT(seen[0] && seen[1] && seen[2]);
  free_case(&c);
}

/* The same rolls by hand, with the patch grid of each pass where its draw puts it: the scored pass
 * is number 0, those before it 1, 2, .. */
static void each_pass_has_its_own_patch_grid(void)
{
  static objective_case c;
  static float y[FRAME], window[T * FRAME];
  bool seen[4][4] = {{false}};
  make_case(&c, MPP_MODE_DELTA);
  c.objective.loss = MPP_LOSS_NMSE;
  c.objective.unroll = K;
  c.objective.jitter = true;
  c.shape.boundary[2] = MPP_PERIODIC;
  for (c.position = 0; c.position < 100; c.position++) {
    double loss, nrmse, expected_nrmse;
    REQUIRE_OK(mpp_micro_batch(&loss, &nrmse, c.gradients, c.model, &c.work, c.x, NULL, NULL,
                               &c.shape, &c.objective, c.position, 1.0));
    const uint64_t ahead = mpp_rng_below(5, MPP_STREAM_UNROLL, c.position, 0, K);
    memcpy(window, c.x, sizeof window);
    for (uint64_t j = 1; j <= ahead + 1; j++) {
      const uint32_t pass = j <= ahead ? (uint32_t)j : 0;
      mpp_window_shape shape = c.shape;
      shape.shift[1] = mpp_rng_below(5, MPP_STREAM_JITTER, c.position, 3 * pass + 1, 4);
      shape.shift[2] = mpp_rng_below(5, MPP_STREAM_JITTER, c.position, 3 * pass + 2, 4);
      seen[shape.shift[1]][shape.shift[2]] = true;
      REQUIRE_OK(mpp_model_predict(c.model, y, window, &shape));
      memmove(window, window + FRAME, LAST * sizeof *window);
      memcpy(window + LAST, y, FRAME * sizeof *y);
    }
    const float *target = c.x + (T + ahead) * FRAME;
    CU_ASSERT_EQUAL(loss, mpp_nmse_forward(&expected_nrmse, y, target, B, C, CELLS));
  }
  for (int i = 0; i < 16; i++) { CU_ASSERT(seen[i / 4][i % 4]); }
  free_case(&c);
}

static void gradient_with_jitter_agrees_with_differences(void)
{
  static objective_case c;
  make_case(&c, MPP_MODE_EXTRAPOLATE);
  c.objective.jitter = true;
  const size_t total = c.model->params->total;
  float *analytic = NULL;
  REQUIRE_OK(MPP_ALLOC(&analytic, total));
  case_loss(&c);
  memcpy(analytic, c.gradients, total * sizeof *analytic);
  const double error =
      gradcheck(c.model->weights, analytic, total, total / 150 + 1, 5e-4, case_loss, &c);
  printf("(%.1e) ", error);
  CU_ASSERT(error < 2e-2); /* as without jitter */
  mpp_free(analytic);
  free_case(&c);
}

/* In mode window: the prediction of a rolled and noisy window has the fit of the clean first one,
 * whoever made it. */
static void the_base_is_fitted_to_the_window_without_noise(void)
{
  static objective_case c;
  static float y[FRAME], made[FRAME];
  make_case(&c, MPP_MODE_WINDOW);
  c.objective.unroll = K;
  c.objective.noise = 0.1;
  for (c.position = 0; c.position < 6; c.position++) {
    mpp_window_fit *fit[B] = {NULL};
    double loss, nrmse, again;
    REQUIRE_OK(mpp_predict_fit(fit, c.model, c.x, &c.shape));
    REQUIRE_OK(mpp_micro_batch(&loss, &nrmse, c.gradients, c.model, &c.work, c.x, NULL, NULL,
                               &c.shape, &c.objective, c.position, 1.0));
    memcpy(made, c.work.prediction, sizeof made);
    REQUIRE_OK(mpp_predict_frame(c.model, y, c.work.window, &c.shape, fit));
    CU_ASSERT(test_relative_error(made, y, FRAME) < 1e-6); /* a pass with tape has other tiles */
    REQUIRE_OK(mpp_micro_batch(&again, &nrmse, c.gradients, c.model, &c.work, c.x, NULL, fit,
                               &c.shape, &c.objective, c.position, 1.0));
    CU_ASSERT(memcmp(made, c.work.prediction, sizeof made) == 0 && again == loss);
    for (size_t b = 0; b < B; b++) { mpp_window_fit_destroy(fit[b]); }
  }
  free_case(&c);
}

static void noise_has_the_stated_size_per_field(void)
{
  static objective_case c;
  double loss, nrmse;
  float mean[ROWS], sd[ROWS];
  make_case(&c, MPP_MODE_DELTA);
  for (size_t i = 0; i < ALL; i++) {
    c.x[i] *= i / CELLS % 2 == 0 ? 1.0f : 100.0f; /* the second field is larger */
  }
  c.objective.noise = 0.1;
  mpp_field_norm_stats(mean, sd, c.x, T, B, C, CELLS);
  REQUIRE_OK(mpp_micro_batch(&loss, &nrmse, c.gradients, c.model, &c.work, c.x, NULL, NULL,
                             &c.shape, &c.objective, 0, 1.0));
  for (size_t k = 0; k < ROWS; k++) {
    double sum = 0.0;
    for (size_t t = 0; t < T; t++) {
      for (size_t j = 0; j < CELLS; j++) {
        const size_t at = (t * ROWS + k) * CELLS + j;
        const double e = ((double)c.work.window[at] - c.x[at]) / (0.1 * sd[k]);
        sum += e * e;
      }
    }
    /* mean of 256 squares of normals: 1 with standard deviation sqrt(2/256) = 0.09 */
    CU_ASSERT_DOUBLE_EQUAL(sum / (T * CELLS), 1.0, 0.35);
  }
  free_case(&c);
}

static void a_prediction_that_is_not_finite_gives_no_loss(void)
{
  static objective_case c;
  make_case(&c, MPP_MODE_DELTA);
  c.model->weights[mpp_params_find(c.model->params, "debed.out_bias")->offset] = INFINITY;
  for (c.objective.unroll = 1; c.objective.unroll <= K; c.objective.unroll += K - 1) {
    double loss = 0.0, nrmse;
    ASSERT_OK(mpp_micro_batch(&loss, &nrmse, c.gradients, c.model, &c.work, c.x, NULL, NULL,
                              &c.shape, &c.objective, 0, 1.0));
    CU_ASSERT(!isfinite(loss));
  }
  free_case(&c);
}

TESTS({"sixty steps follow the published code", sixty_steps_follow_the_published_code},
      {"gradient of the scaled loss agrees with differences",
       gradient_of_the_scaled_loss_agrees_with_differences},
      {"scaled loss divides by the error of the base",
       scaled_loss_divides_by_the_error_of_the_base},
      {"a rolled window is scored where the draw says",
       a_rolled_window_is_scored_where_the_draw_says},
      {"each pass has its own patch grid", each_pass_has_its_own_patch_grid},
      {"gradient with jitter agrees with differences",
       gradient_with_jitter_agrees_with_differences},
      {"the base is fitted to the window without noise",
       the_base_is_fitted_to_the_window_without_noise},
      {"noise has the stated size per field", noise_has_the_stated_size_per_field},
      {"a prediction that is not finite gives no loss",
       a_prediction_that_is_not_finite_gives_no_loss})
