/* test_run_environment.c - what is written down of the circumstances of a run. */
#include "run_environment.h"

#include "file.h"
#include "test.h"

static char told[2048];

static void on_message(void *context, const char *text)
{
  (void)context;
  snprintf(told, sizeof told, "%s", text);
}

static const mpp_train_observer observer = {.message = on_message};

static void a_line_is_added_each_time(void)
{
  static mpp_train_options options;
  char *text = NULL;
  size_t size = 0;
  const char *path = test_path(0, "environment.jsonl");
  options.seed = 17;
  setenv("OMP_NUM_THREADS", "3", 1);
  setenv("MPP_TEST_\"QUOTED\"", "a\nb", 1);
  setenv("SECRET_TOKEN", "hidden", 1);
  told[0] = '\0';
  mpp_run_environment_add(path, "mpp pretrain 'a b'", &options, 0, &observer);
  mpp_run_environment_add(path, "mpp pretrain --resume", &options, 40, &observer);
  CU_ASSERT_STRING_EQUAL(told, "");
  REQUIRE_OK(mpp_read_text(&text, &size, path, 1 << 20));
  char *second = strchr(text, '\n');
  CU_ASSERT_PTR_NOT_NULL_FATAL(second);
  *second++ = '\0';
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"step\":0,"));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"command\":\"mpp pretrain 'a b'\",\"seed\":17,"));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"OMP_NUM_THREADS\":\"3\""));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"MPP_TEST_\\\"QUOTED\\\"\":\"a\\nb\""));
  CU_ASSERT_PTR_NULL(strstr(text, "hidden"));
  CU_ASSERT_PTR_NOT_NULL(strstr(second, "\"step\":40,"));
  CU_ASSERT_EQUAL(second[strlen(second) - 1], '\n');
  mpp_free(text);
}

static void a_folder_that_cannot_be_written_is_told(void)
{
  static mpp_train_options options;
  told[0] = '\0';
  mpp_run_environment_add(test_path(0, "none/environment.jsonl"), "mpp", &options, 0, &observer);
  CU_ASSERT_PTR_NOT_NULL(strstr(told, "the training goes on"));
  mpp_run_environment_add(test_path(0, "none/environment.jsonl"), "mpp", &options, 0, NULL);
}

TESTS({"a line is added each time", a_line_is_added_each_time},
      {"a folder that cannot be written is told", a_folder_that_cannot_be_written_is_told})
