/* test_resumed.c - a run is gone on with by the command, the network and the data that it began
 * with. */
#include "test.h"
#include "train_case.h"

static mpp_train_options o;
static witness w;

/* A run that was stopped after `stop_at` steps, to be gone on with. */
static void stop_run(uint64_t stop_at)
{
  remove_run();
  settings(&o, "run");
  w.stop_at = stop_at;
  ASSERT_STATUS(run(&w, &o), MPP_STOPPED);
  w.stop_at = 0;
  o.resume = true;
}

/* Leaves a copy of a checkpoint of `change`d settings where the stopped run has its own. */
static void put_other_checkpoint(void (*change)(mpp_train_options *))
{
  static mpp_train_options other;
  char command[1200];
  snprintf(command, sizeof command, "rm -rf '%s'", test_path(0, "other"));
  CU_ASSERT_EQUAL_FATAL(system(command), 0);
  settings(&other, "other");
  change(&other);
  w.stop_at = 2;
  ASSERT_STATUS(run(&w, &other), MPP_STOPPED);
  w.stop_at = 0;
  snprintf(command, sizeof command, "cp '%s' '%s'", test_path(0, "other/step-00000002.safetensors"),
           test_path(1, "run/step-00000002.safetensors"));
  CU_ASSERT_EQUAL_FATAL(system(command), 0);
}

static void another_context(mpp_train_options *other) { other->context = 3; }
static void another_mode(mpp_train_options *other) { other->mode = MPP_MODE_FRAME; }
static void edges(mpp_train_options *other) { other->edges = true; }
static void another_width(mpp_train_options *other) { other->width *= 2; }
static void another_patch(mpp_train_options *other) { other->patch.count = 1; }
static void nothing(mpp_train_options *other) { (void)other; }
static void one_dataset(mpp_train_options *other) { other->ndata = 1; }

static void a_checkpoint_of_another_network_is_refused(void)
{
  static const struct {
    void (*change)(mpp_train_options *);
    const char *words;
  } cases[] = {
      {another_context, "checkpoint of step 2: context: the run has 4, found 3"},
      {another_mode, "checkpoint of step 2: mode: the run has"},
      {edges, "checkpoint of step 2: edges: the run has false, found true"},
      {another_width, "width: the run has"},
      {another_patch, "patch: the run has"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    stop_run(2);
    put_other_checkpoint(cases[i].change);
    ASSERT_STATUS(run(&w, &o), MPP_ERR_CONFIG);
    ASSERT_MESSAGE(cases[i].words);
    CU_ASSERT_EQUAL(w.steps, 0);
  }
}

static void a_checkpoint_of_other_fields_is_refused(void)
{
  stop_run(2);
  put_other_checkpoint(one_dataset);
  ASSERT_STATUS(run(&w, &o), MPP_ERR_DATA);
  ASSERT_MESSAGE("diffre2d.h5: found 'diffre2d:activator', 'diffre2d:inhibitor', expected fields");
  ASSERT_MESSAGE("run/step-00000002.safetensors has columns for: 'swe:h'");
  remove_run();
  settings(&o, "run");
  o.ndata = 1;
  w.stop_at = 2;
  ASSERT_STATUS(run(&w, &o), MPP_STOPPED);
  put_other_checkpoint(nothing);
  o.resume = true;
  ASSERT_STATUS(run(&w, &o), MPP_ERR_CONFIG);
  ASSERT_MESSAGE(
      "checkpoint of step 2: found a column for 'diffre2d:activator', expected no fields");
}

/* The path stays, the content does not. */
static void data_of_another_shape_are_refused(void)
{
  stop_run(3);
  CU_ASSERT_EQUAL_FATAL(unlink(test_path(0, "swe.h5")), 0);
  tiny_dataset(test_path(0, "swe.h5"), 1, 8, 12);
  ASSERT_STATUS(run(&w, &o), MPP_ERR_DATA);
  ASSERT_MESSAGE("swe.h5:swe: found ");
  ASSERT_MESSAGE("1x8x12 cells, expected ");
  CU_ASSERT_EQUAL(w.steps, 0);
  CU_ASSERT_EQUAL_FATAL(unlink(test_path(0, "swe.h5")), 0);
  tiny_dataset(test_path(0, "swe.h5"), 1, 8, 8);
  ASSERT_OK(run(&w, &o));
  CU_ASSERT_EQUAL(w.steps, 27);
}

static void a_run_of_the_other_command_is_named(void)
{
  stop_run(2);
  snprintf(o.model, sizeof o.model, "%s", test_path(0, "run/step-00000002.safetensors"));
  ASSERT_STATUS(mpp_finetune(&o, "mpp finetune", NULL), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("config.yaml: found a run of pretrain, expected one of finetune");
}

static void a_refused_run_leaves_no_folder(void)
{
  remove_run();
  settings(&o, "run/of/mine");
  o.context = 400; /* more than there is */
  ASSERT_STATUS(run(&w, &o), MPP_ERR_DATA);
  CU_ASSERT(!exists("run"));
  CU_ASSERT_EQUAL_FATAL(mkdir(test_path(0, "run"), 0777), 0);
  ASSERT_STATUS(run(&w, &o), MPP_ERR_DATA);
  CU_ASSERT(exists("run")); /* was there before */
  CU_ASSERT(!exists("run/of"));
}

TESTS({"a checkpoint of another network is refused", a_checkpoint_of_another_network_is_refused},
      {"a checkpoint of other fields is refused", a_checkpoint_of_other_fields_is_refused},
      {"data of another shape are refused", data_of_another_shape_are_refused},
      {"a run of the other command is named", a_run_of_the_other_command_is_named},
      {"a refused run leaves no folder", a_refused_run_leaves_no_folder})
