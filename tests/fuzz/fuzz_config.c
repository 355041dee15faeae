/* fuzz_config.c - configurations of training, our own and those of the published trainer. */
#include "alloc.h"
#include "fuzz.h"
#include "mpp/train.h"
#include "train_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static mpp_train_options options;
  const long live = mpp_alloc_live();
  char *text = NULL;
  mpp_status st = mpp_options_defaults(&options, mpp_pretrain_table);
  if (st == MPP_OK) {
    st = mpp_train_read_config(&options, mpp_pretrain_table, fuzz_file(data, size));
  }
  if (st == MPP_OK) {
    st = mpp_train_config_text(&text, &options, mpp_pretrain_table);
  }
  mpp_free(text);
  fuzz_check(st, live);
  return 0;
}
