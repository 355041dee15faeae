/* training_log.h - the folder of a training as a report finds it, written by hand. */
#ifndef MPP_TEST_TRAINING_LOG_H
#define MPP_TEST_TRAINING_LOG_H

#include "file.h"
#include "test.h"

/* Four steps, the second not finite, two validations of one dataset at horizons 1 and 4; a line
 * that was cut short at the end. */
static inline void training_log(const char *folder)
{
  static const char log[] =
      "{\"step\":1,\"loss\":0.5,\"learning_rate\":0.1}\n"
      "{\"step\":2,\"loss\":null,\"learning_rate\":0.2,\"nonfinite\":[\"loss\"]}\n"
      "{\"step\":2,\"validation\":{\"score\":1.0,\"datasets\":[{\"system\":\"swe\",\"windows\":3,"
      "\"fields\":[\"swe:h\",\"swe:u\"],\"horizons\":[1,4],"
      "\"model\":{\"nrmse\":[[0.25,0.75],[1.0,null]]},"
      "\"persistence\":{\"nrmse\":[[1.0,3.0],[4.0,6.0]]}}]}}\n"
      "{\"step\":3,\"loss\":0.125,\"learning_rate\":0.05}\n"
      "{\"step\":3,\"validation\":{\"score\":0.5,\"datasets\":[{\"system\":\"swe\",\"windows\":3,"
      "\"fields\":[\"swe:h\",\"swe:u\"],\"horizons\":[1,4],"
      "\"model\":{\"nrmse\":[[0.125,0.125],[0.5,1.5]]},"
      "\"persistence\":{\"nrmse\":[[1.0,3.0],[4.0,6.0]]}}]}}\n"
      "{\"step\":4,\"loss\":0.25,\"learning_rate\":0.025}\n"
      "{\"step\":5,\"lo";
  char path[MPP_PATH_MAX];
  REQUIRE_OK(mpp_make_folder(folder));
  snprintf(path, sizeof path, "%s/metrics.jsonl", folder);
  REQUIRE_OK(mpp_write_text(path, log));
  snprintf(path, sizeof path, "%s/config.yaml", folder);
  REQUIRE_OK(mpp_write_text(path, "size: nano # <small>\n"));
}

/* Adds what a run has that trained on two datasets and kept its times. */
static inline void training_log_with_parts(const char *folder)
{
  static const char log[] =
      "{\"step\":1,\"loss\":0.5,\"learning_rate\":0.1,\"datasets\":[{\"dataset\":2,\"system\":"
      "\"lab\",\"micro_batches\":1,\"loss\":0.5,\"nrmse\":0.75}]}\n"
      "{\"step\":2,\"loss\":0.25,\"learning_rate\":0.1,\"datasets\":[{\"dataset\":0,\"system\":"
      "\"swe\",\"micro_batches\":1,\"loss\":0.25,\"nrmse\":0.5},{\"dataset\":2,\"system\":\"lab\","
      "\"micro_batches\":1,\"loss\":0.25,\"nrmse\":null},{\"dataset\":99,\"system\":\"none\"}]}\n"
      "{\"step\":3,\"loss\":0.125,\"learning_rate\":0.1,\"datasets\":[{\"dataset\":0,\"system\":"
      "\"swe\",\"micro_batches\":2,\"loss\":0.125,\"nrmse\":0.25}]}\n";
  static const char timing[] =
      "{\"step\":1,\"step_time\":0.5,\"data_time\":0.25,\"samples_per_second\":16}\n"
      "{\"step\":2,\"step_time\":0.25,\"data_time\":0,\"samples_per_second\":32}\n";
  char path[MPP_PATH_MAX];
  training_log(folder);
  snprintf(path, sizeof path, "%s/metrics.jsonl", folder);
  REQUIRE_OK(mpp_write_text(path, log));
  snprintf(path, sizeof path, "%s/timing.jsonl", folder);
  REQUIRE_OK(mpp_write_text(path, timing));
}

#endif
