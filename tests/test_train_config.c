/* test_train_config.c - settings of training from YAML, back to YAML, and compared. */
#include "train_config.h"

#include <unistd.h>

#include "config.h"
#include "file.h"
#include "test.h"
#include "trainer.h"

static mpp_train_options options; /* tens of kilobytes */

static const char *write_config(const char *text)
{
  const char *path = test_path(0, "train.yaml");
  REQUIRE_OK(mpp_write_text(path, text));
  return path;
}

/* Defaults, then the file. */
static mpp_status read_config(const char *text)
{
  options.ndata = 0; /* no row of the table */
  REQUIRE_OK(mpp_options_defaults(&options, mpp_pretrain_table));
  return mpp_train_read_config(&options, mpp_pretrain_table, write_config(text));
}

static void defaults_of_both_tables_are_within_their_own_ranges(void)
{
  ASSERT_OK(mpp_options_defaults(&options, mpp_pretrain_table));
  CU_ASSERT_EQUAL(options.mode, MPP_MODE_WINDOW);
  CU_ASSERT_EQUAL(options.size, MPP_SIZE_NANO);
  CU_ASSERT_EQUAL(options.beta2, -1.0); /* the optimizer's own */
  CU_ASSERT_EQUAL(options.horizons.count, 2);
  ASSERT_OK(mpp_options_defaults(&options, mpp_finetune_table));
  CU_ASSERT_EQUAL(options.steps, 500);
  CU_ASSERT_EQUAL(options.freeze, MPP_FREEZE_NONE);
}

static void every_key_of_a_file_is_read(void)
{
  REQUIRE_OK(read_config("size: Ti\n"
                         "patch: [4, 2]\n"
                         "learning_rate: 3e-4 # a comment\n"
                         "max-walltime: 2h\n"
                         "horizons: 1,5,20\n"
                         "resume: true\n"
                         "data:\n"
                         "  - swe.h5:swe\n"
                         "  - {path: 'cfd.h5', weight: 2.5, boundary: \"x=periodic,y=open\"}\n"));
  CU_ASSERT_EQUAL(options.size, MPP_SIZE_TI);
  CU_ASSERT(options.patch.count == 2 && options.patch.item[0] == 4 && options.patch.item[1] == 2);
  CU_ASSERT_EQUAL(options.learning_rate, 3e-4);
  CU_ASSERT_EQUAL(options.max_walltime, 7200.0);
  CU_ASSERT(options.horizons.count == 3 && options.horizons.item[2] == 20);
  CU_ASSERT(options.resume);
  CU_ASSERT_EQUAL(options.ndata, 2);
  CU_ASSERT_STRING_EQUAL(options.data[0].path, "swe.h5:swe");
  CU_ASSERT_EQUAL(options.data[0].weight, 1.0);
  CU_ASSERT_STRING_EQUAL(options.data[0].boundary, "");
  CU_ASSERT_STRING_EQUAL(options.data[1].path, "cfd.h5");
  CU_ASSERT_EQUAL(options.data[1].weight, 2.5);
  CU_ASSERT_STRING_EQUAL(options.data[1].boundary, "x=periodic,y=open");
}

static void anchors_and_merge_keys_work(void)
{
  REQUIRE_OK(read_config("data:\n"
                         "  - &first {path: a.h5, weight: 3}\n"
                         "  - {<<: *first, path: b.h5}\n"));
  CU_ASSERT_EQUAL(options.ndata, 2);
  CU_ASSERT_STRING_EQUAL(options.data[1].path, "b.h5");
  CU_ASSERT_EQUAL(options.data[1].weight, 3.0);
}

/* Each wrong file: where the message points, and what it says. */
static void wrong_files_are_refused_with_line_and_column(void)
{
  static const struct {
    const char *text, *place, *says;
  } cases[] = {
      {"size: Ti\nlerning_rate: 1\n", "train.yaml:2:1", "did you mean 'learning"},
      {"size: Ti\nsteps: many\n", "train.yaml:2:8", "many"},
      {"clip: -1\n", "train.yaml:1:7", "-1"},
      {"size: huge\n", "train.yaml:1:7", "huge"},
      {"steps: [1, 2]\n", "train.yaml:1:8", "expected one value"},
      {"steps: {a: 1}\n", "train.yaml:1:8", "found a map"},
      {"patch: [[4], 2]\n", "train.yaml:1:9", "nested"},
      {"data:\n  - path: a.h5\n    wieght: 2\n", "train.yaml:3:5", "did you mean 'weight'"},
      {"data:\n  - path: a.h5\n    weight: 0\n", "train.yaml:3:13", "0"},
      {"data:\n  - weight: 1\n", "train.yaml:2:5", "without a path"},
      {"data:\n  - [a.h5]\n", "train.yaml:2:5", "found a list"},
      {"model: m.safetensors\n", "train.yaml:1:1", "model"}, /* a key of finetuning */
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ASSERT_STATUS(read_config(cases[i].text), MPP_ERR_CONFIG);
    ASSERT_MESSAGE(cases[i].place);
    ASSERT_MESSAGE(cases[i].says);
    CU_ASSERT_EQUAL(options.ndata, 0); /* untouched */
  }
  ASSERT_STATUS(mpp_train_read_config(&options, mpp_pretrain_table, test_path(1, "none.yaml")),
                MPP_ERR_NOINPUT);
}

static void too_many_datasets_are_refused(void)
{
  ASSERT_STATUS(read_config("data: [a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a]\n"),
                MPP_ERR_CONFIG);
  ASSERT_MESSAGE("17 datasets");
}

static void text_of_a_configuration_reads_back_the_same(void)
{
  char *text = NULL, *again = NULL;
  REQUIRE_OK(mpp_options_defaults(&options, mpp_pretrain_table));
  options.learning_rate = 0.1 + 0.2; /* needs 17 digits */
  options.loss = MPP_LOSS_SCALED;
  options.patch.count = 0;
  options.ndata = 2;
  options.data[0] = (mpp_data_entry){"/a \"b\"\\ c: #d\t\xc3\xa9.h5:lab", "x=open", 1.0 / 3.0};
  options.data[1] = (mpp_data_entry){"/'", "", 1.0};
  snprintf(options.output, sizeof options.output, "%s", "- {run}: [1]");
  REQUIRE_OK(mpp_train_config_text(&text, &options, mpp_pretrain_table));
  REQUIRE_OK(read_config(text));
  CU_ASSERT_EQUAL(options.learning_rate, 0.1 + 0.2);
  CU_ASSERT_STRING_EQUAL(options.data[0].path, "/a \"b\"\\ c: #d\t\xc3\xa9.h5:lab");
  CU_ASSERT_EQUAL(options.data[0].weight, 1.0 / 3.0);
  CU_ASSERT_STRING_EQUAL(options.output, "- {run}: [1]");
  REQUIRE_OK(mpp_train_config_text(&again, &options, mpp_pretrain_table));
  CU_ASSERT_STRING_EQUAL(text, again);
  mpp_free(text);
  mpp_free(again);
}

static void resumed_runs_keep_what_changes_their_numbers(void)
{
  static mpp_train_options given;
  REQUIRE_OK(mpp_options_defaults(&options, mpp_pretrain_table));
  options.ndata = 1;
  options.data[0] = (mpp_data_entry){"a.h5", "", 1.0};
  given = options;
  given.threads = 3; /* these do not change them */
  given.resume = true;
  given.max_walltime = 60.0;
  given.checkpoint_every = 7;
  ASSERT_OK(mpp_train_config_agrees(&options, &given, mpp_pretrain_table, "run/config.yaml"));
  given.clip = 2.5;
  ASSERT_STATUS(mpp_train_config_agrees(&options, &given, mpp_pretrain_table, "run/config.yaml"),
                MPP_ERR_CONFIG);
  ASSERT_MESSAGE("run/config.yaml: clip: the run has 1, found 2.5");
  given.clip = options.clip;
  given.data[0].weight = 2.0;
  ASSERT_STATUS(mpp_train_config_agrees(&options, &given, mpp_pretrain_table, "c"), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("data[0].weight");
  given.ndata = 2;
  ASSERT_STATUS(mpp_train_config_agrees(&options, &given, mpp_pretrain_table, "c"), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("1 datasets, found 2");
}

/* As they lie in examples/: keys, values, and together a network that can be. */
static void every_example_is_a_run_that_can_be(void)
{
  static const char *const names[] = {"nano", "micro",       "ti",         "s",      "b",
                                      "l",    "pretrain_ti", "quickstart", "solvers"};
  static const int widths[] = {48, 96, 192, 384, 768, 1024, 192, 48, 48};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char path[256];
    mpp_model_config c;
    snprintf(path, sizeof path, "%s/../../examples/configs/%s.yaml", MPP_TEST_DATA, names[i]);
    options.ndata = 0;
    REQUIRE_OK(mpp_options_defaults(&options, mpp_pretrain_table));
    REQUIRE_OK(mpp_train_read_config(&options, mpp_pretrain_table, path));
    CU_ASSERT(options.ndata >= 2);
    mpp_settings_resolve(&options, mpp_pretrain_table);
    ASSERT_OK(mpp_settings_check(&options));
    REQUIRE_OK(mpp_pretrain_config(&c, &options));
    ASSERT_OK(mpp_config_check(&c));
    CU_ASSERT_EQUAL(c.embed_dim, widths[i]);
  }
}

/* Paths are absolute in the text; data may lie in another folder later, under their names. */
static void paths_hold_wherever_the_run_is_moved_to(void)
{
  static mpp_train_options given;
  char *text = NULL, folder[512];
  CU_ASSERT_PTR_NOT_NULL_FATAL(getcwd(folder, sizeof folder));
  REQUIRE_OK(mpp_options_defaults(&options, mpp_finetune_table));
  options.ndata = 3;
  options.data[0] = (mpp_data_entry){"data/a.h5:lab", "", 1.0};
  options.data[1] = (mpp_data_entry){"/data/b.h5", "", 1.0};
  options.data[2] = (mpp_data_entry){"solver:swe,samples=3", "", 1.0};
  snprintf(options.model, sizeof options.model, "m.safetensors");
  given = options;
  REQUIRE_OK(mpp_train_config_text(&text, &options, mpp_finetune_table));
  options.ndata = 0;
  const char *path = write_config(text);
  REQUIRE_OK(mpp_train_read_config(&options, mpp_finetune_table, path));
  CU_ASSERT(strncmp(options.data[0].path, folder, strlen(folder)) == 0);
  CU_ASSERT_STRING_EQUAL(options.data[0].path + strlen(folder), "/data/a.h5:lab");
  CU_ASSERT_STRING_EQUAL(options.data[1].path, "/data/b.h5");
  CU_ASSERT_STRING_EQUAL(options.data[2].path, "solver:swe,samples=3");
  CU_ASSERT_STRING_EQUAL(options.model + strlen(folder), "/m.safetensors");
  ASSERT_OK(mpp_train_config_agrees(&options, &given, mpp_finetune_table, "c"));
  given.data[1] = (mpp_data_entry){"/elsewhere/b.h5", "", 1.0};
  ASSERT_OK(mpp_train_config_agrees(&options, &given, mpp_finetune_table, "c"));
  given.data[0] = (mpp_data_entry){"/elsewhere/a.h5:other", "", 1.0};
  ASSERT_STATUS(mpp_train_config_agrees(&options, &given, mpp_finetune_table, "c"), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("data[0].path: the run has");
  mpp_free(text);
}

TESTS({"defaults of both tables are within their own ranges",
       defaults_of_both_tables_are_within_their_own_ranges},
      {"every key of a file is read", every_key_of_a_file_is_read},
      {"anchors and merge keys work", anchors_and_merge_keys_work},
      {"wrong files are refused with line and column",
       wrong_files_are_refused_with_line_and_column},
      {"too many datasets are refused", too_many_datasets_are_refused},
      {"text of a configuration reads back the same", text_of_a_configuration_reads_back_the_same},
      {"paths hold wherever the run is moved to", paths_hold_wherever_the_run_is_moved_to},
      {"every example is a run that can be", every_example_is_a_run_that_can_be},
      {"resumed runs keep what changes their numbers",
       resumed_runs_keep_what_changes_their_numbers})
