/* test_published.c - configurations of the published trainer, read as they are. */
#include "published.h"

#include "file.h"
#include "test.h"

static const char fixture[] = MPP_TEST_DATA "/published_config.yaml";
static mpp_train_options options; /* tens of kilobytes */
static char told[8192];
static int messages;

static void on_message(void *context, const char *text)
{
  (void)context;
  messages++;
  const size_t length = strlen(told);
  snprintf(told + length, sizeof told - length, "%s\n", text);
}

/* Defaults, then the file; *kind: whose table the options end with. */
static mpp_status read_file(const char *path, const char *name, const mpp_option **kind)
{
  const mpp_train_observer observer = {.message = on_message};
  told[0] = '\0';
  messages = 0;
  *kind = mpp_pretrain_table;
  options.ndata = 0;
  REQUIRE_OK(mpp_options_defaults(&options, *kind));
  return mpp_train_read_named(&options, kind, path, name, &observer);
}

/* The fixture with one line's `old` replaced. */
static mpp_status read_changed(const char *old, const char *new, const char *name,
                               const mpp_option **kind)
{
  char *text = NULL, *changed = NULL;
  size_t size = 0;
  const char *path = test_path(0, "changed.yaml");
  REQUIRE_OK(mpp_read_text(&text, &size, fixture, 1 << 20));
  char *at = strstr(text, old);
  CU_ASSERT_PTR_NOT_NULL_FATAL(at);
  *at = '\0';
  REQUIRE_OK(mpp_format(&changed, "%s%s%s", text, new, at + strlen(old)));
  REQUIRE_OK(mpp_write_text(path, changed));
  mpp_free(text);
  mpp_free(changed);
  return read_file(path, name, kind);
}

static void the_basic_configuration_is_taken_where_none_is_named(void)
{
  const mpp_option *kind = NULL;
  setenv("HOME", "/home/u", 1);
  REQUIRE_OK(read_file(fixture, NULL, &kind));
  CU_ASSERT_PTR_EQUAL(kind, mpp_pretrain_table);
  CU_ASSERT(options.width == 192 && options.heads == 3 && options.blocks == 12);
  CU_ASSERT_EQUAL(options.mode, MPP_MODE_FRAME);
  CU_ASSERT_EQUAL(options.bias, MPP_BIAS_REL);
  CU_ASSERT(!options.increments);
  CU_ASSERT_EQUAL(options.context, 16);
  CU_ASSERT(options.patch.count == 3 && options.patch.item[0] == 4 && options.patch.item[1] == 2);
  CU_ASSERT_EQUAL(options.loss, MPP_LOSS_NMSE);
  CU_ASSERT_EQUAL(options.drop_path, 0.1);
  CU_ASSERT(options.batch == 2 && options.accumulate == 5);
  CU_ASSERT_EQUAL(options.steps, 50 * 400); /* epochs of 2000 micro-batches, 5 a step */
  CU_ASSERT_EQUAL(options.validate_every, 400);
  CU_ASSERT_EQUAL(options.validate_windows, 82);
  CU_ASSERT_EQUAL(options.checkpoint_every, 400);
  CU_ASSERT_EQUAL(options.clip, 1.0);
  CU_ASSERT(options.train_fraction == 0.8 && options.valid_fraction == 0.1);
  CU_ASSERT_STRING_EQUAL(options.output, "/home/u/runs/basic_config");
}

static void gradient_checkpointing_is_recomputation(void)
{
  const mpp_option *kind = NULL;
  REQUIRE_OK(read_file(fixture, NULL, &kind));
  CU_ASSERT(!options.recompute);
  REQUIRE_OK(read_changed("gradient_checkpointing: !!bool False",
                          "gradient_checkpointing: !!bool True", NULL, &kind));
  CU_ASSERT(options.recompute);
}

static void a_rate_below_zero_is_d_adaptation_with_the_long_cosine(void)
{
  const mpp_option *kind = NULL;
  REQUIRE_OK(read_file(fixture, "basic_config", &kind));
  CU_ASSERT_EQUAL(options.optimizer, MPP_OPTIMIZER_DADAPT_ADAN);
  CU_ASSERT(options.learning_rate == 1.0 && options.min_learning_rate == 0.0);
  CU_ASSERT_EQUAL(options.weight_decay, 1e-3);
  CU_ASSERT_EQUAL(options.warmup, 0);
  CU_ASSERT_EQUAL(options.schedule, MPP_SCHEDULE_COSINE);
  CU_ASSERT_EQUAL(options.schedule_steps, 50 * 2000);
  REQUIRE_OK(read_changed("optimizer: 'adan'", "optimizer: 'adam'", NULL, &kind));
  CU_ASSERT_EQUAL(options.optimizer, MPP_OPTIMIZER_DADAPT_ADAM);
  REQUIRE_OK(read_changed("scheduler_epochs: -1", "scheduler_epochs: 7", NULL, &kind));
  CU_ASSERT_EQUAL(options.schedule_steps, 7 * 2000);
}

static void a_rate_of_ones_own_has_warm_up_and_a_floor(void)
{
  const mpp_option *kind = NULL;
  REQUIRE_OK(read_changed("learning_rate: -1", "learning_rate: 3e-4", NULL, &kind));
  CU_ASSERT_EQUAL(options.optimizer, MPP_OPTIMIZER_ADAN);
  CU_ASSERT(options.learning_rate == 3e-4 && options.min_learning_rate == 3e-4 / 100.0);
  CU_ASSERT(options.warmup == 1000 && options.schedule_steps == 0);
  REQUIRE_OK(read_changed("'cosine'", "'none'", NULL, &kind));
  CU_ASSERT(options.schedule == MPP_SCHEDULE_CONSTANT && options.warmup == 0);
}

static void datasets_become_globs_with_their_system(void)
{
  const mpp_option *kind = NULL;
  setenv("HOME", "/home/u", 1);
  REQUIRE_OK(read_file(fixture, NULL, &kind));
  CU_ASSERT_EQUAL_FATAL(options.ndata, 4);
  CU_ASSERT_STRING_EQUAL(options.data[0].path, "/home/u/bench/shallow:swe");
  CU_ASSERT_STRING_EQUAL(options.data[1].path, "/bench/CFD/Rand/*128*.h*5:compNS");
  CU_ASSERT_STRING_EQUAL(options.data[2].path, "/bench/CFD/Rand/*512*.h*5:compNS");
  CU_ASSERT_STRING_EQUAL(options.data[3].path, "/bench/reaction/:diffre2d");
  for (size_t i = 0; i < 4; i++) { CU_ASSERT_EQUAL(options.data[i].weight, 1.0); }
  /* a part of the folder's own name is in every path */
  REQUIRE_OK(read_changed("['/bench/reaction/', 'diffre2d', ''],\n      ]\n  valid",
                          "['/bench/reaction/', 'diffre2d', 'react'],\n      ]\n  valid", NULL,
                          &kind));
  CU_ASSERT_STRING_EQUAL(options.data[3].path, "/bench/reaction/:diffre2d");
}

static void pretrained_ones_finetune(void)
{
  const mpp_option *kind = NULL;
  REQUIRE_OK(read_file(fixture, "finetune", &kind));
  CU_ASSERT_PTR_EQUAL(kind, mpp_finetune_table);
  CU_ASSERT_STRING_EQUAL(options.model, "/weights/ckpt.tar");
  CU_ASSERT_EQUAL(options.freeze, MPP_FREEZE_NONE);
  CU_ASSERT_EQUAL(options.steps, 20 * 2000);
  CU_ASSERT_EQUAL(options.accumulate, 1);
  CU_ASSERT_EQUAL(options.batch, 2); /* merged */
  CU_ASSERT(options.train_fraction == 0.5 && options.valid_fraction == 0.25);
  CU_ASSERT_EQUAL_FATAL(options.ndata, 2);
  CU_ASSERT_STRING_EQUAL(options.data[0].path, "/bench/CFD/Turb/*M1.0*.h*5:compNS");
  CU_ASSERT_STRING_EQUAL(options.data[1].path, "/bench/lab:plasma"); /* appended: its own names */
  CU_ASSERT_PTR_NOT_NULL(strstr(told, "finetuning"));
  REQUIRE_OK(read_file(fixture, "frozen", &kind));
  CU_ASSERT_EQUAL(options.freeze, MPP_FREEZE_MIDDLE);
  REQUIRE_OK(read_file(fixture, "less_frozen", &kind));
  CU_ASSERT_EQUAL(options.freeze, MPP_FREEZE_PROCESSOR);
}

static void what_has_no_use_is_named_in_one_message(void)
{
  const mpp_option *kind = NULL;
  REQUIRE_OK(read_file(fixture, NULL, &kind));
  CU_ASSERT_PTR_NOT_NULL(strstr(told, "not needed here: log_to_wandb, log_to_screen, "));
  static const char *const named[] = {"num_data_workers", "state_names", "n_states", "entity"};
  for (size_t i = 0; i < 4; i++) {
    char *first = strstr(told, named[i]);
    CU_ASSERT_PTR_NOT_NULL_FATAL(first);
    CU_ASSERT_PTR_NULL(strstr(first + 1, named[i]));
  }
  CU_ASSERT_PTR_NOT_NULL(strstr(told, "drop_path 0.1 is taken"));
  CU_ASSERT_PTR_NOT_NULL(strstr(told, "negative floor"));
  CU_ASSERT_PTR_NULL(strstr(told, "train_data_paths"));
  CU_ASSERT_EQUAL(messages, 3);
}

/* What would change the results without a word. */
static void what_is_not_to_be_had_is_refused(void)
{
  static const struct {
    const char *old, *new, *says;
  } cases[] = {
      {"enable_amp: !!bool False", "enable_amp: !!bool True", ":11:15: 'enable_amp'"},
      {"dt: 1", "dt: 2", "'dt': found 2"},
      {"patch_size: [16, 16]", "patch_size: [8, 8]", "found 8, expected 16"},
      {"'axial_attention'", "'swin'", "'swin' is none of axial_attention"},
      {"bias_type: 'rel'", "bias_type: 'none'", "'none' is none of rel, continuous"},
      {"tie_fields: !!bool False", "tie_fields: True", "'tie_fields': found true"},
      {"rescale_gradients: !!bool False", "rescale_gradients: yes", "'rescale_gradients'"},
      {"embed_dim: 192", "embed_dims: 192", "'embed_dim' is missing"},
      {"accum_grad: 5", "accum_grad: 5\n  accum_grads: 5",
       ":37:3: unknown key 'accum_grads' (did you mean 'accum_grad'?)"},
      {"'diffre2d', ''", "'difre2d', ''",
       "unknown type of data 'difre2d' (did you mean 'diffre2d'?)"},
      {"['~/bench/shallow', 'swe', '']", "['~/bench/shallow', 'swe']", ":54:7: expected ['folder'"},
      {"['~/bench/shallow', 'swe', '']", "['/other', 'swe', '']",
       "'valid_data_paths': found other"},
      {"train_val_test: [.8, .1, .1]", "train_val_test: [.8, .1, .2]", "'train_val_test'"},
      {"optimizer: 'adan'", "optimizer: 'sgd'", "learning_rate: found -1 with sgd"},
      {"epoch_size: 2000", "epoch_size: 3", "epoch_size: found 3"},
      {"optimizer: 'adan'", "optimizer: 'lion'", "'lion' is none of adam, adan, sgd"},
      {"use_all_fields: !!bool True", "use_all_fields: !!bool False\n  pretrained: True",
       "duplicate"},
      {"embedding_offset: 0", "field_index_map_override: {a: 1}", "go by the names"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const mpp_option *kind = NULL;
    ASSERT_STATUS(read_changed(cases[i].old, cases[i].new, NULL, &kind), MPP_ERR_CONFIG);
    ASSERT_MESSAGE("changed.yaml");
    ASSERT_MESSAGE(cases[i].says);
    CU_ASSERT_EQUAL(options.ndata, 0); /* untouched */
    CU_ASSERT_PTR_EQUAL(kind, mpp_pretrain_table);
  }
}

/* Columns that are not those of the names. */
static void fields_by_number_are_refused_where_they_would_differ(void)
{
  const mpp_option *kind = NULL;
  ASSERT_STATUS(read_changed("use_all_fields: !!bool True", "use_all_fields: !!bool False",
                             "finetune", &kind),
                MPP_ERR_CONFIG);
  ASSERT_MESSAGE("fields are matched by name");
  ASSERT_OK(
      read_changed("use_all_fields: !!bool True", "use_all_fields: !!bool False", NULL, &kind));
}

static void names_that_a_file_does_not_have_are_refused(void)
{
  const mpp_option *kind = NULL;
  ASSERT_STATUS(read_file(fixture, "finetun", &kind), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("no configuration 'finetun' (did you mean 'finetune'?), found basic_config, ");
  const char *path = test_path(0, "ours.yaml");
  REQUIRE_OK(mpp_write_text(path, "small: &s {size: nano, steps: 7, data: a.h5}\n"
                                  "large: {<<: *s, size: Ti}\n"));
  REQUIRE_OK(read_file(path, "large", &kind));
  CU_ASSERT(options.size == MPP_SIZE_TI && options.steps == 7 && options.ndata == 1);
  ASSERT_STATUS(read_file(path, NULL, &kind), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("holds several configurations (small, large)");
  REQUIRE_OK(mpp_write_text(path, "size: Ti\n"));
  ASSERT_STATUS(read_file(path, "large", &kind), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("none that has a name");
}

TESTS({"the basic configuration is taken where none is named",
       the_basic_configuration_is_taken_where_none_is_named},
      {"gradient checkpointing is recomputation", gradient_checkpointing_is_recomputation},
      {"a rate below zero is D-Adaptation with the long cosine",
       a_rate_below_zero_is_d_adaptation_with_the_long_cosine},
      {"a rate of one's own has warm-up and a floor", a_rate_of_ones_own_has_warm_up_and_a_floor},
      {"datasets become globs with their system", datasets_become_globs_with_their_system},
      {"pretrained ones finetune", pretrained_ones_finetune},
      {"what has no use is named in one message", what_has_no_use_is_named_in_one_message},
      {"what is not to be had is refused", what_is_not_to_be_had_is_refused},
      {"fields by number are refused where they would differ",
       fields_by_number_are_refused_where_they_would_differ},
      {"names that a file does not have are refused", names_that_a_file_does_not_have_are_refused})
