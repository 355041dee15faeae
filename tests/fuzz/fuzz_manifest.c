/* fuzz_manifest.c - manifests; what they name is looked for and read. */
#include "alloc.h"
#include "fuzz.h"
#include "mpp/info.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const long live = mpp_alloc_live();
  mpp_check_summary summary;
  size_t files = 0;
  const mpp_status st = mpp_manifest_verify(&summary, &files, fuzz_file(data, size), NULL);
  if (st == MPP_OK && summary.faults > files) {
    return 1;
  }
  fuzz_check(st, live);
  return 0;
}
