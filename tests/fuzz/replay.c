/* replay.c - runs a target over the files named, without a fuzzer: the corpus and all finds stay in
 * the suite that way. Each is read again with one fallible call failing, for every call in turn. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "fuzz.h"

/* Of long inputs some 500 calls, evenly spread. */
static int replay_faults(const uint8_t *data, size_t size)
{
  fuzz_faulty = true;
  mpp_fault_after(LONG_MAX);
  int rc = LLVMFuzzerTestOneInput(data, size);
  const long calls = LONG_MAX - mpp_fault_left();
  for (long n = 0; rc == 0 && n < calls; n += 1 + calls / 500) {
    mpp_fault_after(n);
    rc = LLVMFuzzerTestOneInput(data, size);
  }
  mpp_fault_after(-1);
  fuzz_faulty = false;
  return rc;
}

static int replay(const char *path)
{
  FILE *f = fopen(path, "rb");
  uint8_t *data = malloc((size_t)1 << 20);
  int rc = 1;
  if (f != NULL && data != NULL) {
    const size_t size = fread(data, 1, (size_t)1 << 20, f);
    printf("%s: %zu bytes\n", path, size);
    fflush(stdout); /* names the file that ends the program */
    rc = ferror(f) != 0 ? 1 : LLVMFuzzerTestOneInput(data, size);
    rc = rc != 0 ? rc : replay_faults(data, size);
  }
  if (rc != 0) {
    fprintf(stderr, "%s: cannot be replayed\n", path);
  }
  if (f != NULL) {
    fclose(f);
  }
  free(data);
  return rc;
}

int main(int argc, char **argv)
{
  int failed = argc < 2;
  for (int i = 1; i < argc; i++) { failed += replay(argv[i]) != 0; }
  return failed != 0;
}
