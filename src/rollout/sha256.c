/* sha256.c - the digest by which other tools (sha256sum) find a checkpoint again; by nettle. */
#include <errno.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "attributes.h"
#include "check.h"

mpp_status mpp_file_sha256(char out[65], const char *path)
{
  mpp_status st = MPP_OK;
  struct sha256_ctx context;
  uint8_t *buffer = NULL, digest[SHA256_DIGEST_SIZE];
  const size_t size = 1 << 20;
  FILE *file = NULL;
  MPP_TRY(MPP_ALLOC(&buffer, size));
  file = mpp_fault() ? NULL : fopen(path, "rb");
  MPP_REQUIRE(file != NULL, MPP_ERR_NOINPUT, "%s: %s", path, strerror(errno));
  sha256_init(&context);
  for (size_t n = size; n == size;) {
    n = fread(buffer, 1, size, file);
    sha256_update(&context, n, buffer);
  }
  MPP_REQUIRE(ferror(file) == 0, MPP_ERR_NOINPUT, "%s: cannot be read: %s", path, strerror(errno));
  sha256_digest(&context, sizeof digest, digest);
  for (size_t i = 0; i < sizeof digest; i++) { snprintf(out + 2 * i, 3, "%02x", digest[i]); }
done:
  if (file != NULL) {
    fclose(file);
  }
  mpp_free(buffer);
  return st;
}
