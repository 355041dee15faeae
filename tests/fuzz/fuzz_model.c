/* fuzz_model.c - models in safetensors files: what the metadata say against what the tensors
 * are. */
#include "alloc.h"
#include "fuzz.h"
#include "mpp/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const long live = mpp_alloc_live();
  mpp_model *m = NULL;
  const mpp_status st = mpp_model_load(&m, fuzz_file(data, size));
  mpp_model_destroy(m);
  fuzz_check(st, live);
  return 0;
}
