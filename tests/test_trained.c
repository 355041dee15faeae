/* test_trained.c - what a finetuning trains: shares of the learning rate by depth, adapters in the
 * place of weights, and that both come back after any stop. */
#include <unistd.h>

#include "file.h"
#include "finetune_case.h"
#include "tiny_model.h"

static float factor_named(const mpp_params *p, const float *factors, const char *name)
{
  const mpp_param *e = mpp_params_find(p, name);
  CU_ASSERT_PTR_NOT_NULL_FATAL(e);
  return factors[e - p->entry];
}

static void the_learning_rate_falls_from_the_output_to_the_stem(void)
{
  static const struct {
    const char *name;
    float whole, of_fields; /* factors with freeze none and processor */
  } expected[] = {{"debed.out_kernel", 1.0f, 1.0f},
                  {"debed.out_proj.0.weight", 1.0f, 1.0f},
                  {"blocks.1.spatial.mlp.fc1.weight", 0.5f, 0.0f},
                  {"blocks.0.temporal.gamma", 0.25f, 0.0f},
                  {"blocks.0.temporal.norm1.bias", 0.25f, 0.0f},
                  {"blocks.0.spatial.norm1.bias", 0.0f, 0.0f}, /* stored, takes no part */
                  {"embed.in_proj.0.weight", 0.125f, 0.125f},
                  {"space_bag.weight", 1.0f, 1.0f},
                  {"space_bag.increment_weight", 1.0f, 1.0f},
                  {"space_bag.bias", 1.0f, 1.0f}};
  const mpp_model_config config = tiny_config(MPP_MODE_AUTOREGRESS, MPP_BIAS_REL);
  mpp_model *m = tiny_model(&config, 1);
  float *factors = malloc(m->params->count * sizeof *factors);
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    mpp_learning_factors(factors, m->params, 2, MPP_FREEZE_NONE, 0.5);
    CU_ASSERT_EQUAL(factor_named(m->params, factors, expected[i].name), expected[i].whole);
    mpp_learning_factors(factors, m->params, 2, MPP_FREEZE_PROCESSOR, 0.5);
    CU_ASSERT_EQUAL(factor_named(m->params, factors, expected[i].name), expected[i].of_fields);
  }
  free(factors);
  mpp_model_destroy(m);
}

/* The model after one step of plain gradient descent. */
static mpp_model *one_step(int optimizer, double layer_decay)
{
  static mpp_train_options o;
  settings(&o, "step");
  o.optimizer = optimizer;
  o.learning_rate = 1e-2;
  o.beta1 = 0.0;
  o.clip = 0.0;
  o.steps = optimizer == MPP_OPTIMIZER_ADAN ? 2 : 1; /* the first remembers its gradient only */
  o.layer_decay = layer_decay;
  REQUIRE_OK(mpp_finetune(&o, "mpp finetune", &observer));
  return load("step/final.safetensors");
}

/* The distance that an entry went from `before`. */
static double distance(const mpp_param *e, const float *before, const float *after)
{
  double sum = 0.0;
  for (size_t i = e->offset; i < e->offset + e->count; i++) {
    sum += pow((double)after[i] - before[i], 2.0);
  }
  return sqrt(sum);
}

static void a_step_is_shorter_the_farther_from_the_output(void)
{
  static const char *const names[] = {"debed.out_kernel", "blocks.1.spatial.gamma_mlp",
                                      "blocks.0.spatial.gamma_mlp", "embed.in_proj.1.weight"};
  static const int optimizers[] = {MPP_OPTIMIZER_SGD, MPP_OPTIMIZER_ADAMW, MPP_OPTIMIZER_ADAN};
  for (size_t k = 0; k < 3; k++) {
    mpp_model *before = beginning(), *whole = one_step(optimizers[k], 1.0);
    mpp_model *decayed = one_step(optimizers[k], 0.5);
    for (size_t i = 0; i < 4; i++) {
      const mpp_param *e = mpp_params_find(before->params, names[i]);
      const double ratio = distance(e, before->weights, decayed->weights) /
                           distance(e, before->weights, whole->weights);
      /* Rounding of weights around 1 that move by 1e-5 and more: 1e-2 */
      CU_ASSERT_DOUBLE_EQUAL(ratio, pow(0.5, (double)i), 0.02 * pow(0.5, (double)i));
    }
    mpp_model_destroy(before);
    mpp_model_destroy(whole);
    mpp_model_destroy(decayed);
  }
}

/* ---- adapters ---- */

static void lora_settings(mpp_train_options *o, const char *output)
{
  settings(o, output);
  o->lora_rank = 2;
  o->lora_maps = MPP_LORA_ALL;
}

/* Whether entry i of a tensor lies in a column of the two new fields. */
static bool is_new(const mpp_param *e, size_t i, const int column[2])
{
  size_t inner = 1;
  if (e->field_axis < 0) {
    return false;
  }
  for (size_t k = (size_t)e->field_axis + 1; k < e->rank; k++) { inner *= e->shape[k]; }
  const int at = (int)(i / inner % e->shape[e->field_axis]);
  return at == column[0] || at == column[1];
}

static void an_adapter_moves_maps_and_new_columns_and_nothing_else(void)
{
  static mpp_train_options o;
  static const mpp_name fresh[] = {"lab:activator", "lab:inhibitor"};
  int column[2];
  lora_settings(&o, "lora");
  REQUIRE_OK(mpp_finetune(&o, "mpp finetune", &observer));
  CU_ASSERT_PTR_NOT_NULL(strstr(messages, "an adapter of rank 2"));
  mpp_model *before = beginning(), *after = load("lora/final.safetensors");
  REQUIRE_OK(mpp_model_columns(after, column, fresh, 2));
  for (size_t i = 0; i < after->params->count; i++) {
    const mpp_param *e = &after->params->entry[i];
    size_t moved_new = 0, moved_old = 0, fresh_entries = 0;
    for (size_t k = 0; k < e->count; k++) {
      const bool differs = before->weights[e->offset + k] != after->weights[e->offset + k];
      *(is_new(e, k, column) ? &moved_new : &moved_old) += differs;
      fresh_entries += is_new(e, k, column);
    }
    if (e->map == MPP_MAP_NONE ? moved_old > 0 : moved_old == 0) {
      fprintf(stderr, "\n%s: %zu of %zu moved\n", e->name, moved_old, e->count);
      CU_FAIL("a weight that should not move moved, or the other way round");
    }
    CU_ASSERT_EQUAL(moved_new, fresh_entries);
  }
  mpp_model_destroy(before);
  mpp_model_destroy(after);
}

static void the_adapter_on_its_base_is_the_final_model(void)
{
  static mpp_train_options o;
  mpp_model *joined = NULL;
  lora_settings(&o, "lora");
  o.lora_maps = MPP_LORA_ATTENTION;
  o.lora_alpha = 5.0;
  o.validate_every = 3;
  o.validate_windows = 2;
  REQUIRE_OK(mpp_finetune(&o, "mpp finetune", &observer));
  for (int best = 0; best < 2; best++) {
    mpp_model *whole = load(best == 1 ? "lora/best.safetensors" : "lora/final.safetensors");
    REQUIRE_OK(mpp_model_load_adapted(
        &joined, pretrained(),
        path_of(best == 1 ? "lora/best-adapter.safetensors" : "lora/adapter.safetensors")));
    CU_ASSERT(same_weights(whole, joined));
    mpp_model_destroy(joined);
    mpp_model_destroy(whole);
  }
  ASSERT_STATUS(mpp_model_load_adapted(&joined, test_path(3, "lora/final.safetensors"),
                                       path_of("lora/adapter.safetensors")),
                MPP_ERR_DATA);
  ASSERT_MESSAGE("belongs to another model");
}

/* Both files hold the same bytes. */
static bool same_file(const char *a_folder, const char *b_folder, const char *name)
{
  char path[128];
  char *a = NULL, *b = NULL;
  size_t na = 0, nb = 0;
  snprintf(path, sizeof path, "%s/%s", a_folder, name);
  REQUIRE_OK(mpp_read_text(&a, &na, path_of(path), 1 << 24));
  snprintf(path, sizeof path, "%s/%s", b_folder, name);
  REQUIRE_OK(mpp_read_text(&b, &nb, path_of(path), 1 << 24));
  const bool same = na == nb && memcmp(a, b, na) == 0;
  mpp_free(a);
  mpp_free(b);
  return same;
}

/* test_path's slots are used again by path_of. */
static void move_file(const char *from, const char *to)
{
  char old[512];
  snprintf(old, sizeof old, "%s", path_of(from));
  CU_ASSERT_EQUAL_FATAL(rename(old, path_of(to)), 0);
}

/* Everything that a run may have, on: an average, validations, patience, a cooldown. */
static void full_settings(mpp_train_options *o, const char *output, int optimizer)
{
  lora_settings(o, output);
  o->optimizer = optimizer;
  o->learning_rate = -1.0;
  o->schedule = optimizer % (MPP_SCHEDULE_RSQRT + 1);
  o->steps = 9;
  o->warmup = 2;
  o->cooldown = 3;
  o->ema = 0.9;
  o->validate_every = 2;
  o->validate_windows = 2;
  o->checkpoint_every = 3;
  o->patience = 3;
}

static void an_adapter_resumes_to_the_bits_of_one_go_with_every_optimizer(void)
{
  static const char *const kept[] = {"final.safetensors",        "adapter.safetensors",
                                     "best-adapter.safetensors", "best.safetensors",
                                     "ema.safetensors",          "metrics.jsonl"};
  static mpp_train_options o;
  for (int k = 0; k <= MPP_OPTIMIZER_SGD; k++) {
    full_settings(&o, "pieces", k);
    REQUIRE_OK(mpp_finetune(&o, "mpp finetune", &observer));
    char command[600];
    snprintf(command, sizeof command, "rm -rf '%s'", path_of("whole"));
    CU_ASSERT_EQUAL_FATAL(system(command), 0);
    move_file("pieces", "whole");
    /* with another start each, so that all kinds of steps are met: 1 to 4, and two more */
    for (uint64_t at = 1 + (uint64_t)k % 4; at <= 8; at += 3) {
      full_settings(&o, "pieces", k);
      o.overwrite = false;
      o.resume = true;
      stop_at = at;
      ASSERT_STATUS(mpp_finetune(&o, "mpp finetune", &observer), MPP_STOPPED);
    }
    stop_at = 0;
    move_file("pretrained", "elsewhere");
    REQUIRE_OK(mpp_finetune(&o, "mpp finetune", &observer)); /* the base is not needed to go on */
    move_file("elsewhere", "pretrained");
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
      const bool same = same_file("whole", "pieces", kept[i]);
      if (!same) {
        fprintf(stderr, "\noptimizer %d: %s differs\n", k, kept[i]);
      }
      CU_ASSERT(same);
    }
  }
}

static void the_mean_of_an_adapter_is_a_model_of_its_own(void)
{
  static mpp_train_options o;
  full_settings(&o, "lora", MPP_OPTIMIZER_ADAMW);
  o.patience = 0;
  REQUIRE_OK(mpp_finetune(&o, "mpp finetune", &observer));
  mpp_model *mean = load("lora/ema.safetensors"), *last = load("lora/final.safetensors");
  mpp_model *before = beginning();
  const mpp_param *map = mpp_params_find(before->params, "blocks.1.temporal.output_head.weight");
  const mpp_param *norm = mpp_params_find(before->params, "blocks.1.temporal.norm1.weight");
  CU_ASSERT(!same_weights(mean, last));
  CU_ASSERT(moved(map, before->weights, mean->weights));
  CU_ASSERT(!moved(norm, before->weights, mean->weights));
  mpp_model_destroy(before);
  mpp_model_destroy(mean);
  mpp_model_destroy(last);
}

static void settings_that_contradict_each_other_are_refused(void)
{
  static mpp_train_options o;
  lora_settings(&o, "refused");
  o.freeze = MPP_FREEZE_MIDDLE;
  ASSERT_STATUS(mpp_finetune(&o, "mpp finetune", &observer), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("freeze: adapters leave every weight as it is");
  lora_settings(&o, "refused");
  o.lora_rank = 17;
  ASSERT_STATUS(mpp_finetune(&o, "mpp finetune", &observer), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("lora-rank: found 17, expected 1 to the model's width 16");
  settings(&o, "refused");
  o.layer_decay = 0.9;
  o.optimizer = MPP_OPTIMIZER_DADAPT_ADAM;
  o.learning_rate = 1.0;
  ASSERT_STATUS(mpp_finetune(&o, "mpp finetune", &observer), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("layer-decay");
  settings(&o, "refused");
  o.patience = 2; /* validate_every is 0 */
  ASSERT_STATUS(mpp_finetune(&o, "mpp finetune", &observer), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("patience");
  CU_ASSERT_NOT_EQUAL(access(path_of("refused/config.yaml"), F_OK), 0);
  lora_settings(&o, "resumed");
  stop_at = 2;
  ASSERT_STATUS(mpp_finetune(&o, "mpp finetune", &observer), MPP_STOPPED);
  stop_at = 0;
  o.overwrite = false;
  o.resume = true;
  o.lora_rank = 3;
  ASSERT_STATUS(mpp_finetune(&o, "mpp finetune", &observer), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("lora-rank: the run has 2, found 3");
}

TESTS({"the learning rate falls from the output to the stem",
       the_learning_rate_falls_from_the_output_to_the_stem},
      {"a step is shorter the farther from the output",
       a_step_is_shorter_the_farther_from_the_output},
      {"an adapter moves maps and new columns and nothing else",
       an_adapter_moves_maps_and_new_columns_and_nothing_else},
      {"the adapter on its base is the final model", the_adapter_on_its_base_is_the_final_model},
      {"an adapter resumes to the bits of one go with every optimizer",
       an_adapter_resumes_to_the_bits_of_one_go_with_every_optimizer},
      {"the mean of an adapter is a model of its own",
       the_mean_of_an_adapter_is_a_model_of_its_own},
      {"settings that contradict each other are refused",
       settings_that_contradict_each_other_are_refused})
