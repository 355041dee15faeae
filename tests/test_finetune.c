/* test_finetune.c - fields matched by name, what moves and what stays, data for a few samples. */
#include <unistd.h>

#include "file.h"
#include "finetune_case.h"
#include "tiny_model.h"

/* Entries of `e` in column `column` of its field axis that are the same in a and b. */
static size_t unmoved_entries(const mpp_param *e, const float *a, const float *b, size_t column)
{
  size_t same = 0, inner = 1;
  for (size_t k = (size_t)e->field_axis + 1; k < e->rank; k++) { inner *= e->shape[k]; }
  for (size_t i = 0; i < e->count; i++) {
    if (i / inner % e->shape[e->field_axis] == column) {
      same += a[e->offset + i] == b[e->offset + i];
    }
  }
  return same;
}

/* The same over all parameters with fields as columns: the embedding, that of the increments where
 * there is one, the output's kernel and its bias. */
static size_t unmoved(const mpp_model *a, const mpp_model *b, size_t column)
{
  size_t same = 0, tensors = 0;
  for (size_t i = 0; i < b->params->count; i++) {
    const mpp_param *e = &b->params->entry[i];
    if (e->field_axis >= 0) {
      same += unmoved_entries(e, a->weights, b->weights, column);
      tensors++;
    }
  }
  CU_ASSERT_EQUAL(tensors, b->config.increments ? 4 : 3);
  return same;
}

static void every_appended_parameter_moves_under_every_freeze(void)
{
  static mpp_train_options o;
  static const mpp_name fresh[] = {"lab:activator", "lab:inhibitor"};
  for (int freeze = 0; freeze <= MPP_FREEZE_PROCESSOR; freeze++) {
    int column[2];
    settings(&o, "finetuned");
    o.freeze = freeze;
    REQUIRE_OK(mpp_finetune(&o, "mpp finetune", &observer));
    mpp_model *before = beginning(), *after = load("finetuned/final.safetensors");
    REQUIRE_OK(mpp_model_columns(after, column, fresh, 2));
    CU_ASSERT_EQUAL(unmoved(before, after, (size_t)column[0]), 0);
    CU_ASSERT_EQUAL(unmoved(before, after, (size_t)column[1]), 0);
    mpp_model_destroy(before);
    mpp_model_destroy(after);
  }
}

static bool begins_with(const char *text, const char *prefix)
{
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool published_freeze_trains(const char *name, mpp_freeze freeze)
{
  const bool bag = begins_with(name, "space_bag."), debed = begins_with(name, "debed.");
  if (freeze == MPP_FREEZE_MIDDLE) {
    return bag || strcmp(name, "debed.out_kernel") == 0 || strcmp(name, "debed.out_bias") == 0;
  }
  return freeze == MPP_FREEZE_NONE || bag || debed || begins_with(name, "embed.");
}

static void frozen_weights_stay_and_all_others_move(void)
{
  static mpp_train_options o;
  for (int freeze = 0; freeze <= MPP_FREEZE_PROCESSOR; freeze++) {
    settings(&o, "finetuned");
    o.freeze = freeze;
    REQUIRE_OK(mpp_finetune(&o, "mpp finetune", &observer));
    mpp_model *before = beginning(), *after = load("finetuned/final.safetensors");
    for (size_t i = 0; i < after->params->count; i++) {
      const mpp_param *e = &after->params->entry[i];
      const bool expected = e->used && published_freeze_trains(e->name, (mpp_freeze)freeze);
      if (moved(e, before->weights, after->weights) != expected) {
        fprintf(stderr, "\n%s with freeze %d\n", e->name, freeze);
        CU_FAIL("a weight that should not move moved, or the other way round");
      }
    }
    mpp_model_destroy(before);
    mpp_model_destroy(after);
  }
}

static void the_message_lists_known_and_new_fields(void)
{
  static mpp_train_options o;
  settings(&o, "finetuned");
  o.steps = 1;
  REQUIRE_OK(mpp_finetune(&o, "mpp finetune", &observer));
  CU_ASSERT_PTR_NOT_NULL(
      strstr(messages, "fields the model knows: swe:h; new ones, appended: none"));
  CU_ASSERT_PTR_NOT_NULL(strstr(messages, "fields the model knows: none; new ones, appended: "
                                          "lab:activator, lab:inhibitor"));
}

static void settings_come_from_the_model(void)
{
  static mpp_train_options o;
  settings(&o, "finetuned");
  o.steps = 1;
  REQUIRE_OK(mpp_finetune(&o, "mpp finetune", &observer));
  mpp_model *m = load("finetuned/final.safetensors");
  CU_ASSERT_EQUAL(m->config.context, 4);
  CU_ASSERT_EQUAL(m->config.embed_dim, 16);
  mpp_model_destroy(m);
  settings(&o, "finetuned");
  o.steps = 1;
  o.context = 6;
  REQUIRE_OK(mpp_finetune(&o, "mpp finetune", &observer));
  m = load("finetuned/final.safetensors");
  CU_ASSERT_EQUAL(m->config.context, 6);
  mpp_model_destroy(m);
}

static void a_stopped_finetuning_goes_on_to_the_same_bits(void)
{
  static mpp_train_options o;
  settings(&o, "whole");
  o.freeze = MPP_FREEZE_PROCESSOR;
  REQUIRE_OK(mpp_finetune(&o, "mpp finetune", &observer));
  settings(&o, "pieces");
  o.freeze = MPP_FREEZE_PROCESSOR;
  stop_at = 2;
  ASSERT_STATUS(mpp_finetune(&o, "mpp finetune", &observer), MPP_STOPPED);
  stop_at = 0;
  o.overwrite = false;
  o.resume = true;
  REQUIRE_OK(mpp_finetune(&o, "mpp finetune", &observer));
  mpp_model *whole = load("whole/final.safetensors"), *pieces = load("pieces/final.safetensors");
  CU_ASSERT(same_weights(whole, pieces));
  mpp_model_destroy(whole);
  mpp_model_destroy(pieces);
}

/* "other.h5": diffre2d.h5 with the same first trajectory and others in another order. */
static void write_other(void)
{
  static float x[TINY_FRAMES * 2 * 8 * 16];
  mpp_dataset *data = NULL;
  mpp_writer *w = NULL;
  double along[2][16], time[TINY_FRAMES];
  REQUIRE_OK(mpp_dataset_open(&data, path_of("diffre2d.h5:diffre2d"), NULL));
  REQUIRE_OK(mpp_dataset_times(data, time, 0));
  REQUIRE_OK(mpp_dataset_coordinates(data, along[0], 1));
  REQUIRE_OK(mpp_dataset_coordinates(data, along[1], 2));
  const mpp_dataset_info *info = mpp_dataset_get_info(data);
  mpp_writer_options to = {.path = path_of("other.h5"),
                           .layout = "pdebench-groups",
                           .nfields = 2,
                           .field = {"activator", "inhibitor"},
                           .ntrajectories = TINY_TRAJECTORIES,
                           .nframes = TINY_FRAMES,
                           .grid = {info->grid[0], info->grid[1], info->grid[2]},
                           .coordinate = {NULL, along[0], along[1]},
                           .time = time};
  memcpy(to.axis, info->axis, sizeof to.axis);
  REQUIRE_OK(mpp_writer_create(&w, &to));
  for (size_t n = 0; n < TINY_TRAJECTORIES; n++) {
    REQUIRE_OK(mpp_dataset_read(data, x, n == 0 ? 0 : TINY_TRAJECTORIES - n, 0, TINY_FRAMES));
    REQUIRE_OK(mpp_writer_append(w, x, NULL, NULL, 0));
  }
  REQUIRE_OK(mpp_writer_finish(w));
  mpp_dataset_close(data);
}

static mpp_model *finetune_on(const char *file, long samples)
{
  static mpp_train_options o;
  settings(&o, "few");
  o.data_words.count = 1;
  snprintf(o.data_words.item[0], MPP_TEXT_MAX, "%s:lab", path_of(file));
  o.samples = samples;
  o.steps = 3;
  REQUIRE_OK(mpp_finetune(&o, "mpp finetune", &observer));
  return load("few/final.safetensors");
}

static void the_first_samples_are_all_that_is_read(void)
{
  pretrained(); /* writes diffre2d.h5 */
  write_other();
  for (long samples = 0; samples <= 1; samples++) { /* 0: all, and there the files differ */
    mpp_model *a = finetune_on("diffre2d.h5", samples), *b = finetune_on("other.h5", samples);
    CU_ASSERT_EQUAL(same_weights(a, b), samples == 1);
    mpp_model_destroy(a);
    mpp_model_destroy(b);
  }
}

/* An array file with fields of these names, each another wave. */
static void write_named(const char *path, const char *const *names, size_t count)
{
  static float x[TINY_FRAMES * 2 * 8 * 8];
  double along[8], time[TINY_FRAMES];
  mpp_writer *w = NULL;
  mpp_writer_options to = {.path = path,
                           .layout = "pdebench-array",
                           .nfields = count,
                           .ntrajectories = TINY_TRAJECTORIES,
                           .nframes = TINY_FRAMES,
                           .grid = {1, 8, 8},
                           .axis = {"", "x", "y"},
                           .coordinate = {NULL, along, along},
                           .time = time};
  for (size_t f = 0; f < count; f++) { snprintf(to.field[f], sizeof to.field[f], "%s", names[f]); }
  for (size_t i = 0; i < 8; i++) { along[i] = ((double)i + 0.5) / 8.0; }
  for (size_t i = 0; i < TINY_FRAMES; i++) { time[i] = 0.1 * (double)i; }
  REQUIRE_OK(mpp_writer_create(&w, &to));
  for (size_t n = 0; n < TINY_TRAJECTORIES; n++) {
    tiny_wave(x, count, 8, 8, n);
    REQUIRE_OK(mpp_writer_append(w, x, NULL, NULL, 0));
  }
  REQUIRE_OK(mpp_writer_finish(w));
}

/* A model of the fields a, b, c; then data with some of them, in another order: the columns of
 * those move, and no other. */
static void fields_are_found_by_name_in_any_order_and_number(void)
{
  static mpp_train_options o;
  static const mpp_name vocabulary[] = {"own:a", "own:b", "own:c"};
  static const char *const names[][2] = {{"c", "a"}, {"b", NULL}, {"b", "c"}};
  static const char *const files[] = {"ca.h5", "b.h5", "bc.h5"};
  const mpp_model_config config = tiny_config(MPP_MODE_AUTOREGRESS, MPP_BIAS_REL);
  for (size_t k = 0; k < 3; k++) {
    const size_t count = names[k][1] != NULL ? 2 : 1;
    mpp_model *m = NULL;
    settings(&o, "named");
    write_named(test_path(3, files[k]), names[k], count);
    o.data_words.count = 1;
    snprintf(o.data_words.item[0], MPP_TEXT_MAX, "%s:own", test_path(3, files[k]));
    REQUIRE_OK(mpp_model_create(&m, &config, vocabulary, 3, 4));
    snprintf(o.model, sizeof o.model, "%s", test_path(4, "abc.safetensors"));
    REQUIRE_OK(mpp_model_save(m, o.model));
    o.freeze = MPP_FREEZE_MIDDLE;
    o.samples = 1;
    REQUIRE_OK(mpp_finetune(&o, "mpp finetune", &observer));
    CU_ASSERT_PTR_NOT_NULL(strstr(messages, "new ones, appended: none"));
    mpp_model *after = load("named/final.safetensors");
    const mpp_param *kernel = mpp_params_find(m->params, "debed.out_kernel");
    for (size_t column = 0; column < 3; column++) {
      bool trained = false;
      for (size_t f = 0; f < count; f++) {
        trained = trained || names[k][f][0] == vocabulary[column][4];
      }
      const size_t whole = kernel->count / 3;
      CU_ASSERT_EQUAL(unmoved_entries(kernel, m->weights, after->weights, column),
                      trained ? 0 : whole);
    }
    mpp_model_destroy(after);
    mpp_model_destroy(m);
  }
}

static void wrong_models_are_refused(void)
{
  static mpp_train_options o;
  settings(&o, "refused");
  o.model[0] = '\0';
  ASSERT_STATUS(mpp_finetune(&o, "mpp finetune", &observer), MPP_ERR_CONFIG);
  snprintf(o.model, sizeof o.model, "%s", path_of("none.safetensors"));
  ASSERT_STATUS(mpp_finetune(&o, "mpp finetune", &observer), MPP_ERR_NOINPUT);
  REQUIRE_OK(mpp_write_text(path_of("text.safetensors"), "no model at all\n"));
  snprintf(o.model, sizeof o.model, "%s", path_of("text.safetensors"));
  ASSERT_STATUS(mpp_finetune(&o, "mpp finetune", &observer), MPP_ERR_DATA);
  CU_ASSERT_NOT_EQUAL(access(path_of("refused/config.yaml"), F_OK), 0);
}

TESTS({"every appended parameter moves under every freeze",
       every_appended_parameter_moves_under_every_freeze},
      {"frozen weights stay and all others move", frozen_weights_stay_and_all_others_move},
      {"the message lists known and new fields", the_message_lists_known_and_new_fields},
      {"settings come from the model", settings_come_from_the_model},
      {"a stopped finetuning goes on to the same bits",
       a_stopped_finetuning_goes_on_to_the_same_bits},
      {"the first samples are all that is read", the_first_samples_are_all_that_is_read},
      {"fields are found by name in any order and number",
       fields_are_found_by_name_in_any_order_and_number},
      {"wrong models are refused", wrong_models_are_refused})
