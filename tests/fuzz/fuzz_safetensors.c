/* fuzz_safetensors.c - files of tensors: the header, the data, the digest. */
#include "alloc.h"
#include "fuzz.h"
#include "fuzz_tensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const long live = mpp_alloc_live();
  mpp_tensor_file *f = NULL;
  const mpp_status st = mpp_tensors_read(&f, fuzz_file(data, size));
  if (st == MPP_OK) {
    touch_tensors(f);
  }
  mpp_tensors_free(f);
  fuzz_check(st, live);
  return 0;
}
