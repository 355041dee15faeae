/* fuzz_torch.c - checkpoints of PyTorch: a zip file with a pickle. */
#include "alloc.h"
#include "fuzz.h"
#include "fuzz_tensors.h"
#include "torch_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const long live = mpp_alloc_live();
  mpp_tensor_file *f = NULL;
  const char *path = fuzz_file(data, size);
  if (!mpp_torch_is(path)) {
    return 0;
  }
  const mpp_status st = mpp_torch_read(&f, path);
  if (st == MPP_OK) {
    touch_tensors(f);
  }
  mpp_tensors_free(f);
  fuzz_check(st, live);
  return 0;
}
