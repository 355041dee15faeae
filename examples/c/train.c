/* train.c - pretrains a small model on a dataset and says how good it is after each validation.
 *
 *   train swe.h5 run          writes run/final.safetensors */
#include <mpp/mpp.h>
#include <stdio.h>

static int fail(void)
{
  fprintf(stderr, "%s\n", mpp_last_error());
  return 1;
}

static void show(void *context, uint64_t step, const mpp_scores *scores, size_t ndatasets)
{
  (void)context;
  for (size_t d = 0; d < ndatasets; d++) {
    printf("step %llu: model %.5f, persistence %.5f\n", (unsigned long long)step,
           mpp_scores_mean(&scores[d], MPP_BY_MODEL, 0).nrmse,
           mpp_scores_mean(&scores[d], MPP_BY_PERSISTENCE, 0).nrmse);
  }
}

int main(int argc, char **argv)
{
  static mpp_train_options options; /* large, and zeroed as it has to be */
  const mpp_train_observer observer = {.validation = show};
  if (argc != 3) {
    fprintf(stderr, "usage: train DATA.h5 FOLDER\n");
    return 64;
  }
  if (mpp_options_defaults(&options, mpp_pretrain_table) != MPP_OK) {
    return fail();
  }
  snprintf(options.data[0].path, sizeof options.data[0].path, "%s", argv[1]);
  options.data[0].weight = 1.0;
  options.ndata = 1;
  snprintf(options.output, sizeof options.output, "%s", argv[2]);
  options.overwrite = true;
  options.steps = 20;
  options.warmup = 5;
  options.batch = 2;
  options.validate_windows = 4;
  options.threads = 1;
  const mpp_status status = mpp_pretrain(&options, "examples/c/train", &observer);
  return status == MPP_OK ? 0 : fail();
}
