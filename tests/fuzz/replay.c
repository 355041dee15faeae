/* replay.c - runs a target over the files named, without a fuzzer: the corpus and all finds stay in the
 * suite that way. */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

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
