/* test_track_step.c - what follows a violation: a note, the end, or the reference solver; and that
 * a killed run goes on to the same bits in each case. */
#include "kill_writes.h"
#include "rollout_case.h"

enum { WHOLE = 12 };

static int run_alone(void *options) { return run(options) == MPP_OK ? 0 : 1; }

/* A network that knows nothing of reaction and diffusion, on the solver's own frames. */
static mpp_rollout_options solver_options(const char *output)
{
  mpp_rollout_options o;
  REQUIRE_OK(mpp_options_defaults(&o, mpp_rollout_table));
  mpp_model *m = small_model(MPP_MODE_EXTRAPOLATE, true);
  REQUIRE_OK(mpp_model_save(m, test_path(0, "model.safetensors")));
  mpp_model_destroy(m);
  snprintf(o.model, sizeof o.model, "%s", test_path(0, "model.safetensors"));
  snprintf(o.data, sizeof o.data, "solver:diffusion-reaction,resolution=8,frames=24,horizon=0.5");
  snprintf(o.output, sizeof o.output, "%s", output);
  SET_NUMBER(o.steps, WHOLE);
  o.on_violation = MPP_VIOLATION_SOLVER;
  o.solver_steps = 3;
  o.max_growth = 1.2;
  o.threads = 1;
  return o;
}

static size_t read_flags(const char *path, double *guard, double *origin)
{
  const size_t n = read_variable(path, "guard", guard, WHOLE);
  CU_ASSERT_EQUAL(read_variable(path, "origin", origin, WHOLE), n);
  return n;
}

/* Frames by the solver are as right as a solver is that starts from frames of float32; the
 * network's are not. */
static void the_solver_goes_on_where_the_forecast_fails(void)
{
  const char *path = test_path(2, "solver.nc");
  double guard[WHOLE] = {0.0}, origin[WHOLE] = {0.0};
  const mpp_rollout_options o = solver_options(path);
  mpp_rollout_summary s;
  size_t solved = 0, marked = 0, left = 0;
  REQUIRE_OK(mpp_rollout(&s, &o, NULL, NULL, NULL));
  CU_ASSERT_EQUAL_FATAL(read_flags(path, guard, origin), WHOLE);
  for (size_t k = 0; k < WHOLE; k++) {
    if (guard[k] != 0.0) { /* the prediction was refused, and three frames of the solver follow */
      CU_ASSERT_EQUAL(left, 0);
      left = 3;
      marked++;
    }
    CU_ASSERT_EQUAL(origin[k], left > 0 ? 1.0 : 0.0);
    solved += left > 0;
    left -= left > 0;
  }
  CU_ASSERT(marked >= 1 && s.violations == marked && s.solver_frames == solved && s.stopped == 0);
  CU_ASSERT(s.solver_seconds_per_step > 0.0);
}

/* From frames of the truth alone (no step is the network's) the solver gives the truth. */
static void the_solver_gives_the_truth_from_true_frames(void)
{
  const char *path = test_path(2, "all.nc");
  double nrmse[WHOLE] = {0.0}, origin[WHOLE] = {0.0}, guard[WHOLE] = {0.0};
  mpp_rollout_options o = solver_options(path);
  o.max_growth = 1e-3; /* nothing passes */
  o.solver_steps = WHOLE;
  REQUIRE_OK(run(&o));
  read_flags(path, guard, origin);
  CU_ASSERT_EQUAL(read_variable(path, "activator_nrmse", nrmse, WHOLE), WHOLE);
  for (size_t k = 0; k < WHOLE; k++) {
    CU_ASSERT_EQUAL(origin[k], 1.0);
    CU_ASSERT(nrmse[k] < 1e-4); /* rtol of the solver's steps is 1e-5 or less: 1e-6 was seen */
  }
}

/* At every eighth of the writes: in stretches of the solver and of the network. */
static void a_killed_run_with_a_solver_is_continued_to_the_same_data(void)
{
  const char *whole = test_path(2, "whole.nc"), *path = test_path(3, "killed.nc");
  mpp_rollout_options o = solver_options(whole);
  CU_ASSERT_FATAL(run_killed(run_alone, &o, -1) == 0 && exists(whole));
  writes = 0;
  snprintf(o.output, sizeof o.output, "%s", path);
  REQUIRE_OK(run(&o));
  const long total = writes;
  for (long at = total / 16; at < total; at += total / 8) {
    unlink(path);
    o.resume = false;
    const int status = run_killed(run_alone, &o, at);
    CU_ASSERT(WIFSIGNALED(status) && !exists(path));
    o.resume = true;
    REQUIRE_OK(run(&o));
    CU_ASSERT(same_data(whole, path));
  }
  REQUIRE_OK(run(&o)); /* and a finished one is left alone */
  o.resume = false;
  ASSERT_STATUS(run(&o), MPP_ERR_EXISTS);
}

static void a_stopped_forecast_ends_with_the_record_that_stopped_it(void)
{
  const char *path = test_path(2, "stopped.nc");
  double guard[WHOLE] = {0.0}, origin[WHOLE] = {0.0};
  int nc = -1, at = 0;
  mpp_rollout_summary s;
  mpp_rollout_options o = solver_options(path);
  o.on_violation = MPP_VIOLATION_STOP;
  ASSERT_STATUS(mpp_rollout(&s, &o, NULL, NULL, NULL), MPP_ERR_DIVERGED);
  ASSERT_MESSAGE("times as far from its mean as the context (limit 1.2)");
  const size_t n = read_flags(path, guard, origin);
  CU_ASSERT_FATAL(n >= 1 && n < WHOLE);
  CU_ASSERT(s.steps_done == n && s.stopped == 1 && s.violations == 1);
  for (size_t k = 0; k < n; k++) { CU_ASSERT_EQUAL(guard[k] != 0.0, k + 1 == n); }
  CU_ASSERT(nc_open(path, NC_NOWRITE, &nc) == 0 &&
            nc_get_att_int(nc, NC_GLOBAL, "mpp_stopped_at_step", &at) == 0);
  CU_ASSERT_EQUAL(at, (int)n);
  nc_close(nc);
  o.on_violation = MPP_VIOLATION_WARN;
  o.overwrite = true;
  REQUIRE_OK(mpp_rollout(&s, &o, NULL, NULL, NULL));
  CU_ASSERT(s.steps_done == WHOLE && s.violations >= 1 && s.stopped == 0);
}

static void a_prediction_that_is_not_finite_is_replaced_too(void)
{
  const char *path = test_path(2, "infinite.nc");
  double guard[WHOLE] = {0.0}, origin[WHOLE] = {0.0};
  mpp_rollout_options o = solver_options(path);
  mpp_model *m = small_model(MPP_MODE_FRAME, true);
  small_model_grows(m, 1e30f);
  REQUIRE_OK(mpp_model_save(m, o.model));
  mpp_model_destroy(m);
  o.max_growth = o.max_high_share = 0.0; /* what is not finite is never let through */
  o.on_violation = MPP_VIOLATION_STOP;
  ASSERT_STATUS(run(&o), MPP_ERR_DIVERGED);
  const size_t last = read_flags(path, guard, origin);
  CU_ASSERT(last < WHOLE && guard[last > 0 ? last - 1 : 0] == 0.0);
  o.on_violation = MPP_VIOLATION_SOLVER;
  o.overwrite = true;
  ASSERT_STATUS(run(&o), MPP_ERR_DIVERGED);
  ASSERT_MESSAGE("there is nothing for a solver to go on from"); /* in what was let through */
  o.max_growth = 2.0;
  REQUIRE_OK(run(&o));
  CU_ASSERT_EQUAL(read_flags(path, guard, origin), WHOLE);
  CU_ASSERT(guard[0] > 0.0 && origin[0] == 1.0);
}

static void a_solver_needs_the_parameters_of_the_data(void)
{
  mpp_model_destroy(write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f));
  mpp_rollout_options o = options_for(test_path(2, "no.nc"));
  o.on_violation = MPP_VIOLATION_SOLVER;
  ASSERT_STATUS(run(&o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("name them with --solver");
  snprintf(o.solver, sizeof o.solver, "diffusion-reaction");
  ASSERT_STATUS(run(&o), MPP_ERR_USAGE); /* its cells are not squares */
  ASSERT_MESSAGE("are squares");
  snprintf(o.solver, sizeof o.solver, "swe");
  ASSERT_STATUS(run(&o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("has 2 fields, but the solver swe has 1");
  CU_ASSERT_FALSE(exists(test_path(2, "no.nc.partial")));
}

TESTS({"the solver goes on where the forecast fails", the_solver_goes_on_where_the_forecast_fails},
      {"the solver gives the truth from true frames", the_solver_gives_the_truth_from_true_frames},
      {"a killed run with a solver is continued to the same data",
       a_killed_run_with_a_solver_is_continued_to_the_same_data},
      {"a stopped forecast ends with the record that stopped it",
       a_stopped_forecast_ends_with_the_record_that_stopped_it},
      {"a prediction that is not finite is replaced too",
       a_prediction_that_is_not_finite_is_replaced_too},
      {"a solver needs the parameters of the data", a_solver_needs_the_parameters_of_the_data})
