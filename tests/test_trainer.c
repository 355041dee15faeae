/* test_trainer.c - the golden training run, the objective's parts, and whole tiny runs: resumed,
 * killed, stopped, diverged, damaged. */
#include "trainer.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checkpoint.h"
#include "file.h"
#include "gradcheck.h"
#include "nn.h"
#include "rng.h"
#include "test.h"
#include "tiny_run.h"

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

static void sixty_steps_follow_the_published_code(void)
{
  mpp_tensor_file *weights = NULL, *run = NULL;
  mpp_model *m = NULL;
  mpp_adamw o;
  mpp_micro_work work = {0};
  float *gradients = NULL;
  double worst_loss = 0.0, worst_norm = 0.0;
  mpp_set_threads(1); /* spinning threads cost more than they bring on arrays this small */
  REQUIRE_OK(mpp_tensors_read(&weights, MPP_TEST_DATA "/golden/train/initial_weights.safetensors"));
  REQUIRE_OK(mpp_tensors_read(&run, MPP_TEST_DATA "/golden/train/run.safetensors"));
  REQUIRE_OK(mpp_checkpoint_model(&m, weights));
  const size_t total = m->params->total;
  REQUIRE_OK(mpp_adamw_create(&o, total, 0.9, 0.999, 1e-8, 1e-3));
  REQUIRE_OK(MPP_ALLOC(&gradients, total));
  const double *losses = need(run, "loss")->data, *norms = need(run, "grad_norm")->data;
  const mpp_objective objective = {.loss = MPP_LOSS_NMSE, .unroll = 1};
  for (int s = 0; s < 60; s++) {
    mpp_window_shape shape;
    double loss, nrmse;
    const float *x = golden_batch(&shape, run, s % 4);
    memset(gradients, 0, total * sizeof *gradients);
    REQUIRE_OK(mpp_micro_batch(&loss, &nrmse, gradients, m, &work, x, &shape, &objective,
                               (uint64_t)s, 1.0));
    const double norm = mpp_gradient_norm(gradients, m->params, NULL);
    mpp_gradient_clip(gradients, total, norm, 1.0);
    mpp_adamw_step(&o, m->weights, gradients, m->params, NULL, 3e-4);
    worst_loss = fmax(worst_loss, fabs(loss / losses[s] - 1.0));
    worst_norm = fmax(worst_norm, fabs(norm / norms[s] - 1.0));
  }
  printf("(loss %.1e, norm %.1e) ", worst_loss, worst_norm);
  CU_ASSERT(worst_loss < 2e-5); /* what float32 can hold over 60 steps: another engine had 2e-6 */
  CU_ASSERT(worst_norm < 1e-2); /* likewise, 2.5e-3 */
  mpp_free(gradients);
  mpp_micro_work_free(&work);
  mpp_adamw_destroy(&o);
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
  REQUIRE_OK(mpp_micro_batch(&loss, &nrmse, c->gradients, c->model, &c->work, c->x, &c->shape,
                             &c->objective, c->position, 0.5));
  return 0.5 * loss;
}

static void gradient_of_the_scaled_loss_agrees_with_differences(void)
{
  static objective_case c;
  static const mpp_mode modes[] = {MPP_MODE_FRAME, MPP_MODE_DELTA, MPP_MODE_EXTRAPOLATE};
  for (size_t i = 0; i < 3; i++) {
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
    REQUIRE_OK(mpp_micro_batch(&loss, &nrmse, c.gradients, c.model, &c.work, c.x, &c.shape,
                               &c.objective, 0, 1.0));
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
    REQUIRE_OK(mpp_micro_batch(&loss, &nrmse, c.gradients, c.model, &c.work, c.x, &c.shape,
                               &c.objective, c.position, 1.0));
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
  REQUIRE_OK(mpp_micro_batch(&loss, &nrmse, c.gradients, c.model, &c.work, c.x, &c.shape,
                             &c.objective, 0, 1.0));
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
    ASSERT_OK(mpp_micro_batch(&loss, &nrmse, c.gradients, c.model, &c.work, c.x, &c.shape,
                              &c.objective, 0, 1.0));
    CU_ASSERT(!isfinite(loss));
  }
  free_case(&c);
}

/* ---- whole runs ---- */

/* What an observer saw, and what it does. */
typedef struct witness {
  uint64_t stop_at, kill_at; /* 0: never */
  uint64_t steps, skipped, validations;
  size_t datasets;
  double first_loss, last_loss; /* of the first and last three steps */
  char messages[16384];
} witness;

static void see_step(void *context, const mpp_train_progress *p)
{
  witness *w = context;
  w->steps++;
  w->skipped = p->skipped;
  w->first_loss += p->step <= 3 ? p->loss / 3.0 : 0.0;
  w->last_loss += p->step + 3 > p->steps ? p->loss / 3.0 : 0.0;
  CU_ASSERT(p->samples_per_second > 0.0 && p->seconds_left >= 0.0);
  if (p->step == w->stop_at) {
    mpp_train_request_stop();
  }
  if (p->step == w->kill_at) {
    raise(SIGKILL);
  }
}

static void see_validation(void *context, uint64_t step, const mpp_scores *scores, size_t ndatasets)
{
  witness *w = context;
  w->validations++;
  w->datasets = ndatasets;
  CU_ASSERT(step > 0 && isfinite(mpp_scores_mean(&scores[0], MPP_BY_PERSISTENCE, 0).nrmse));
}

static void see_message(void *context, const char *text)
{
  witness *w = context;
  const size_t length = strlen(w->messages);
  snprintf(w->messages + length, sizeof w->messages - length, "%s\n", text);
}

static mpp_status run(witness *w, const mpp_train_options *o)
{
  const uint64_t stop_at = w->stop_at, kill_at = w->kill_at;
  const mpp_train_observer observer = {w, see_step, see_validation, see_message};
  *w = (witness){.stop_at = stop_at, .kill_at = kill_at};
  return mpp_pretrain(o, "mpp pretrain tiny.yaml", &observer);
}

/* A fresh pair of datasets once, and settings of a run in folder `name`. */
static void settings(mpp_train_options *o, const char *name)
{
  static bool written;
  char swe[512], diffre2d[512];
  snprintf(swe, sizeof swe, "%s", test_path(0, "swe.h5"));
  snprintf(diffre2d, sizeof diffre2d, "%s", test_path(0, "diffre2d.h5"));
  if (!written) {
    tiny_dataset(swe, 1, 8, 8);
    tiny_dataset(diffre2d, 2, 8, 16);
    written = true;
  }
  tiny_options(o, test_path(0, name), swe, diffre2d);
}

/* The run that all others are held against: 30 steps in one go, moved to "reference". */
static void reference_run(void)
{
  static bool done;
  static mpp_train_options o;
  static witness w;
  if (!done) {
    settings(&o, "run");
    REQUIRE_OK(run(&w, &o));
    CU_ASSERT_EQUAL(w.steps, 30);
    CU_ASSERT_EQUAL(w.validations, 3);
    CU_ASSERT_EQUAL(w.datasets, 2);
    CU_ASSERT_EQUAL_FATAL(rename(test_path(0, "run"), test_path(1, "reference")), 0);
    done = true;
  }
}

static void remove_run(void)
{
  char command[600];
  snprintf(command, sizeof command, "rm -rf '%s'", test_path(0, "run"));
  CU_ASSERT_EQUAL_FATAL(system(command), 0);
}

/* All bytes of a file of "run" are those of the one in folder `other`. */
static bool same_file(const char *other, const char *name)
{
  char path[64];
  char *a = NULL, *b = NULL;
  size_t na = 0, nb = 0;
  snprintf(path, sizeof path, "run/%s", name);
  REQUIRE_OK(mpp_read_text(&a, &na, test_path(0, path), 1 << 24));
  snprintf(path, sizeof path, "%s/%s", other, name);
  REQUIRE_OK(mpp_read_text(&b, &nb, test_path(0, path), 1 << 24));
  const bool same = na == nb && memcmp(a, b, na) == 0;
  if (!same) {
    fprintf(stderr, "\n%s differs (%zu and %zu bytes)\n", name, na, nb);
  }
  mpp_free(a);
  mpp_free(b);
  return same;
}

static void assert_equals_reference(void)
{
  CU_ASSERT(same_file("reference", "final.safetensors"));
  CU_ASSERT(same_file("reference", "best.safetensors"));
  CU_ASSERT(same_file("reference", "step-00000025.safetensors"));
  CU_ASSERT(same_file("reference", "step-00000030.safetensors"));
  CU_ASSERT(same_file("reference", "metrics.jsonl"));
  CU_ASSERT(same_file("reference", "config.yaml"));
}

static bool exists(const char *name) { return access(test_path(0, name), F_OK) == 0; }

static void a_run_leaves_its_last_three_checkpoints_and_its_results(void)
{
  mpp_model *m = NULL;
  reference_run();
  CU_ASSERT(!exists("reference/step-00000015.safetensors"));
  CU_ASSERT(exists("reference/step-00000020.safetensors"));
  CU_ASSERT(exists("reference/step-00000030.safetensors"));
  CU_ASSERT(!exists("reference/lock"));
  REQUIRE_OK(mpp_model_load(&m, test_path(0, "reference/best.safetensors")));
  mpp_model_destroy(m);
  REQUIRE_OK(mpp_model_load(&m, test_path(0, "reference/final.safetensors")));
  size_t count = 0;
  const mpp_name *names = mpp_model_vocabulary(m, &count);
  CU_ASSERT_EQUAL(count, 12);
  CU_ASSERT_STRING_EQUAL(names[0], "swe:h");
  CU_ASSERT_STRING_EQUAL(names[1], ""); /* never trained: not in the vocabulary */
  CU_ASSERT_STRING_EQUAL(names[5], "diffre2d:inhibitor");
  CU_ASSERT_EQUAL(mpp_model_get_config(m)->context, 4);
  mpp_model_destroy(m);
}

static void stopped_and_resumed_gives_the_bits_of_one_go(void)
{
  static mpp_train_options o;
  static witness w;
  reference_run();
  remove_run();
  settings(&o, "run");
  w.stop_at = 11;
  ASSERT_STATUS(run(&w, &o), MPP_STOPPED);
  CU_ASSERT_EQUAL(w.steps, 11);
  CU_ASSERT(exists("run/step-00000011.safetensors"));
  CU_ASSERT(!exists("run/final.safetensors"));
  o.resume = true;
  w.stop_at = 20; /* on a step whose validation has to wait for the next piece */
  ASSERT_STATUS(run(&w, &o), MPP_STOPPED);
  CU_ASSERT_EQUAL(w.validations, 0);
  w.stop_at = 0;
  ASSERT_OK(run(&w, &o));
  CU_ASSERT_EQUAL(w.steps, 10);
  CU_ASSERT_EQUAL(w.validations, 2);
  assert_equals_reference();
  ASSERT_OK(run(&w, &o)); /* nothing is left to do */
  CU_ASSERT_EQUAL(w.steps, 0);
  CU_ASSERT_PTR_NOT_NULL(strstr(w.messages, "complete"));
  assert_equals_reference();
}

/* In a child, with one thread: OpenMP's own threads do not outlive a fork. */
static void killed_and_resumed_gives_the_bits_of_one_go(void)
{
  static mpp_train_options o;
  static witness w;
  int how = 0;
  reference_run();
  remove_run();
  settings(&o, "run");
  for (uint64_t at = 8; at <= 23; at += 15) {
    o.resume = true;
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
      w.kill_at = at;
      const mpp_status st = run(&w, &o);
      _exit(st == MPP_OK ? 0 : 1);
    }
    CU_ASSERT_EQUAL_FATAL(waitpid(child, &how, 0), child);
    CU_ASSERT(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
  }
  /* What a killed writer leaves: gone at the next start. */
  REQUIRE_OK(mpp_write_text(test_path(0, "run/step-00000025.safetensors.tmp-1-1"), "half"));
  w.kill_at = 0;
  ASSERT_OK(run(&w, &o));
  CU_ASSERT_EQUAL(w.steps, 10); /* from the checkpoint of step 20 */
  CU_ASSERT(!exists("run/step-00000025.safetensors.tmp-1-1"));
  assert_equals_reference();
}

static void results_do_not_depend_on_the_number_of_threads(void)
{
  static mpp_train_options o;
  static witness w;
  for (long n = 1; n <= 3; n++) {
    remove_run();
    settings(&o, "run");
    o.steps = 6;
    o.threads = n;
    ASSERT_OK(run(&w, &o));
    if (n == 1) {
      CU_ASSERT_EQUAL_FATAL(rename(test_path(0, "run"), test_path(1, "one")), 0);
    } else {
      CU_ASSERT(same_file("one", "final.safetensors"));
      CU_ASSERT(same_file("one", "step-00000006.safetensors"));
      CU_ASSERT(same_file("one", "metrics.jsonl"));
    }
  }
}

static void a_damaged_checkpoint_is_passed_over(void)
{
  static mpp_train_options o;
  static witness w;
  reference_run();
  remove_run();
  settings(&o, "run");
  w.stop_at = 17;
  ASSERT_STATUS(run(&w, &o), MPP_STOPPED);
  CU_ASSERT_EQUAL_FATAL(truncate(test_path(0, "run/step-00000017.safetensors"), 20000), 0);
  FILE *f = fopen(test_path(0, "run/step-00000015.safetensors"), "r+b");
  CU_ASSERT_FATAL(f != NULL && fseek(f, -1000, SEEK_END) == 0);
  const int byte = fgetc(f);
  CU_ASSERT(fseek(f, -1000, SEEK_END) == 0 && fputc(byte ^ 4, f) != EOF && fclose(f) == 0);
  o.resume = true;
  w.stop_at = 0;
  ASSERT_OK(run(&w, &o));
  CU_ASSERT_EQUAL(w.steps, 20); /* from step 10 */
  CU_ASSERT_PTR_NOT_NULL(strstr(w.messages, "step-00000017.safetensors"));
  CU_ASSERT_PTR_NOT_NULL(strstr(w.messages, "step-00000015.safetensors"));
  CU_ASSERT_PTR_NOT_NULL(strstr(w.messages, "going on after step 10"));
  assert_equals_reference();
}

static void a_step_with_a_bad_gradient_is_skipped_and_counted(void)
{
  static mpp_train_options o;
  static witness w;
  char *log = NULL;
  size_t size = 0;
  remove_run();
  settings(&o, "run");
  setenv("MPP_FAULT_GRAD", "7:nan,8:inf,10:nan", 1);
  ASSERT_OK(run(&w, &o));
  unsetenv("MPP_FAULT_GRAD");
  CU_ASSERT_EQUAL(w.steps, 30);
  CU_ASSERT_EQUAL(w.skipped, 3);
  CU_ASSERT_PTR_NOT_NULL(strstr(w.messages, "step 7: skipped"));
  REQUIRE_OK(mpp_read_text(&log, &size, test_path(0, "run/metrics.jsonl"), 1 << 20));
  CU_ASSERT_PTR_NOT_NULL(strstr(log, "\"gradient_norm\":null"));
  CU_ASSERT_PTR_NOT_NULL(strstr(log, "\"skipped\":2,\"nonfinite\":[\"gradient_norm\"]"));
  mpp_free(log);
}

static void three_bad_steps_in_a_row_stop_the_run_and_keep_its_checkpoint(void)
{
  static mpp_train_options o;
  static witness w;
  reference_run();
  remove_run();
  settings(&o, "run");
  setenv("MPP_FAULT_GRAD", "17:nan,18:-inf,19:nan", 1);
  ASSERT_STATUS(run(&w, &o), MPP_ERR_DIVERGED);
  unsetenv("MPP_FAULT_GRAD");
  ASSERT_MESSAGE("step 19");
  ASSERT_MESSAGE("step-00000015.safetensors");
  CU_ASSERT_EQUAL(w.steps, 19);
  CU_ASSERT(!exists("run/final.safetensors"));
  o.resume = true; /* without the fault: as if nothing had been */
  ASSERT_OK(run(&w, &o));
  CU_ASSERT_EQUAL(w.steps, 15);
  assert_equals_reference();
}

static void a_state_that_is_not_finite_is_never_saved(void)
{
  static objective_case c;
  mpp_adamw o;
  const mpp_run_state state = {.step = 1};
  char command[] = "c", config[] = "c", data[] = "d";
  const mpp_provenance p = {command, config, data, 0};
  make_case(&c, MPP_MODE_DELTA);
  REQUIRE_OK(mpp_adamw_create(&o, c.model->params->total, 0.9, 0.999, 1e-8, 0.0));
  float *const bad[] = {o.v, o.m, c.model->weights};
  for (size_t i = 0; i < 3; i++) {
    bad[i][10] = NAN;
    ASSERT_STATUS(mpp_run_state_save(test_path(0, "bad.safetensors"), c.model, &o, &state, &p),
                  MPP_ERR_DIVERGED);
    CU_ASSERT(!exists("bad.safetensors"));
    bad[i][10] = 0.0f;
  }
  ASSERT_OK(mpp_run_state_save(test_path(0, "bad.safetensors"), c.model, &o, &state, &p));
  mpp_adamw_destroy(&o);
  free_case(&c);
}

static void a_folder_holds_one_run_at_a_time(void)
{
  static mpp_train_options o;
  static witness w;
  mpp_lock lock = {.fd = -1};
  remove_run();
  settings(&o, "run");
  o.steps = 2;
  ASSERT_OK(run(&w, &o));
  ASSERT_STATUS(run(&w, &o), MPP_ERR_EXISTS);
  ASSERT_MESSAGE("holds a run already");
  CU_ASSERT(exists("run/final.safetensors"));
  o.overwrite = true;
  o.steps = 1;
  ASSERT_OK(run(&w, &o));
  CU_ASSERT(!exists("run/step-00000002.safetensors"));
  REQUIRE_OK(mpp_lock_take(&lock, test_path(1, "run/lock")));
  ASSERT_STATUS(run(&w, &o), MPP_ERR_EXISTS);
  ASSERT_MESSAGE("process");
  mpp_lock_release(&lock);
  CU_ASSERT(exists("run/step-00000001.safetensors"));
}

static void bad_input_leaves_an_earlier_run_alone(void)
{
  static mpp_train_options o;
  static witness w;
  remove_run();
  settings(&o, "run");
  o.steps = 1;
  ASSERT_OK(run(&w, &o));
  o.overwrite = true;
  o.patch = (mpp_int_list){2, {4, 4}}; /* 8 x 8 cells are no multiple of 16 */
  ASSERT_STATUS(run(&w, &o), MPP_ERR_DATA);
  ASSERT_MESSAGE("swe.h5");
  o.patch = (mpp_int_list){2, {2, 2}};
  snprintf(o.data[1].path, sizeof o.data[1].path, "%s", test_path(1, "nowhere.h5"));
  ASSERT_STATUS(run(&w, &o), MPP_ERR_NOINPUT);
  ASSERT_MESSAGE("nowhere.h5");
  CU_ASSERT(exists("run/final.safetensors"));
}

static void settings_that_cannot_be_are_refused(void)
{
  static mpp_train_options o;
  static witness w;
  remove_run();
  settings(&o, "run");
  o.min_learning_rate = 1.0;
  ASSERT_STATUS(run(&w, &o), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("min-learning-rate");
  settings(&o, "run");
  o.ndata = 0;
  ASSERT_STATUS(run(&w, &o), MPP_ERR_CONFIG);
  settings(&o, "run");
  o.resume = o.overwrite = true;
  ASSERT_STATUS(run(&w, &o), MPP_ERR_CONFIG);
  settings(&o, "run");
  o.heads = 3; /* of a width of 16 */
  ASSERT_STATUS(run(&w, &o), MPP_ERR_CONFIG);
  CU_ASSERT(!exists("run/config.yaml"));
}

static void a_resumed_run_keeps_its_settings(void)
{
  static mpp_train_options o;
  static witness w;
  remove_run();
  settings(&o, "run");
  w.stop_at = 3;
  ASSERT_STATUS(run(&w, &o), MPP_STOPPED);
  o.resume = true;
  o.learning_rate = 2e-3;
  w.stop_at = 0;
  ASSERT_STATUS(run(&w, &o), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("learning-rate: the run has 0.001, found 0.002");
  CU_ASSERT_EQUAL(w.steps, 0);
}

static void wall_time_stops_after_the_step(void)
{
  static mpp_train_options o;
  static witness w;
  remove_run();
  settings(&o, "run");
  o.max_walltime = 1e-9;
  ASSERT_STATUS(run(&w, &o), MPP_STOPPED);
  CU_ASSERT_EQUAL(w.steps, 1);
  CU_ASSERT(exists("run/step-00000001.safetensors"));
}

static void no_trajectory_left_for_validation_is_told(void)
{
  static mpp_train_options o;
  static witness w;
  remove_run();
  settings(&o, "run");
  o.steps = 2;
  o.train_fraction = 1.0;
  o.valid_fraction = 0.0;
  ASSERT_OK(run(&w, &o));
  CU_ASSERT_EQUAL(w.validations, 0);
  CU_ASSERT_PTR_NOT_NULL(strstr(w.messages, "swe.h5:swe: no validation"));
  CU_ASSERT_PTR_NOT_NULL(strstr(w.messages, "no best.safetensors"));
  CU_ASSERT(exists("run/final.safetensors") && !exists("run/best.safetensors"));
}

/* The n-th fallible call fails. The reading thread makes such calls too, so that the n-th is not the
 * same one in every run: what must hold, holds for any. */
static void any_fallible_call_may_fail(void)
{
  static mpp_train_options o;
  static witness w;
  long n = 0, good = 0, failed = 0;
  /* Some the run survives: a line of its log, a window read ahead that is not used any more. */
  for (; good < 40 && n < 20000; n += 7) {
    mpp_model *m = NULL;
    const long live = mpp_alloc_live();
    remove_run();
    settings(&o, "run");
    o.steps = 1;
    mpp_fault_after(n);
    const mpp_status st = run(&w, &o);
    mpp_fault_after(-1);
    good = st == MPP_OK ? good + 1 : 0;
    failed += st != MPP_OK;
    CU_ASSERT(st != MPP_STOPPED && st != MPP_ERR_DIVERGED);
    CU_ASSERT_EQUAL(mpp_alloc_live(), live);
    if (exists("run/step-00000001.safetensors")) { /* whole or not there */
      ASSERT_OK(mpp_model_load(&m, test_path(0, "run/step-00000001.safetensors")));
      mpp_model_destroy(m);
    }
  }
  printf("(%ld failed, up to call %ld) ", failed, n);
  CU_ASSERT(failed > 100);
}

static void training_lowers_the_loss(void)
{
  static mpp_train_options o;
  static witness w;
  remove_run();
  settings(&o, "run");
  o.mode = MPP_MODE_FRAME; /* starts far off, so that little training shows */
  o.learning_rate = 2e-2;
  o.steps = 100;
  o.drop_path = 0.0;
  o.unroll = 1;
  o.noise = 0.0;
  ASSERT_OK(run(&w, &o));
  printf("(%.3g to %.3g) ", w.first_loss, w.last_loss);
  CU_ASSERT(w.last_loss <
            0.6 * w.first_loss); /* measured 0.4: 100 steps of a network of width 16 */
}

TESTS({"sixty steps follow the published code", sixty_steps_follow_the_published_code},
      {"gradient of the scaled loss agrees with differences",
       gradient_of_the_scaled_loss_agrees_with_differences},
      {"scaled loss divides by the error of the base",
       scaled_loss_divides_by_the_error_of_the_base},
      {"a rolled window is scored where the draw says",
       a_rolled_window_is_scored_where_the_draw_says},
      {"noise has the stated size per field", noise_has_the_stated_size_per_field},
      {"a prediction that is not finite gives no loss",
       a_prediction_that_is_not_finite_gives_no_loss},
      {"a run leaves its last three checkpoints and its results",
       a_run_leaves_its_last_three_checkpoints_and_its_results},
      {"stopped and resumed gives the bits of one go",
       stopped_and_resumed_gives_the_bits_of_one_go},
      {"killed and resumed gives the bits of one go", killed_and_resumed_gives_the_bits_of_one_go},
      {"results do not depend on the number of threads",
       results_do_not_depend_on_the_number_of_threads},
      {"a damaged checkpoint is passed over", a_damaged_checkpoint_is_passed_over},
      {"a step with a bad gradient is skipped and counted",
       a_step_with_a_bad_gradient_is_skipped_and_counted},
      {"three bad steps in a row stop the run and keep its checkpoint",
       three_bad_steps_in_a_row_stop_the_run_and_keep_its_checkpoint},
      {"a state that is not finite is never saved", a_state_that_is_not_finite_is_never_saved},
      {"a folder holds one run at a time", a_folder_holds_one_run_at_a_time},
      {"bad input leaves an earlier run alone", bad_input_leaves_an_earlier_run_alone},
      {"settings that cannot be are refused", settings_that_cannot_be_are_refused},
      {"a resumed run keeps its settings", a_resumed_run_keeps_its_settings},
      {"wall time stops after the step", wall_time_stops_after_the_step},
      {"no trajectory left for validation is told", no_trajectory_left_for_validation_is_told},
      {"any fallible call may fail", any_fallible_call_may_fail},
      {"training lowers the loss", training_lowers_the_loss})
