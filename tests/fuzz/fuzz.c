/* fuzz.c - files in memory, and what must hold after each input. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "alloc.h"

#if defined(__SANITIZE_ADDRESS__) /* as gcc says it */
#define WITH_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_SANITIZER
#endif
#endif
#ifdef WITH_SANITIZER
#include <sanitizer/lsan_interface.h>
#endif

static _Noreturn void broken(const char *what)
{
  fprintf(stderr, "fuzz: %s\n", what);
  abort();
}

bool fuzz_faulty = false;

static char name[64];

static void remove_file(void) { unlink(name); }

/* HDF5 asks for the real path of what it opens: a file without a name will not do. */
const char *fuzz_file(const uint8_t *data, size_t size)
{
  if (name[0] == '\0') {
    snprintf(name, sizeof name, "/dev/shm/mpp-fuzz-%ld", (long)getpid());
    atexit(remove_file);
  }
  FILE *f = fopen(name, "wb");
  if (f == NULL || fwrite(data, 1, size, f) != size || fclose(f) != 0) {
    broken("no file in memory");
  }
  return name;
}

void fuzz_check(mpp_status st, long live)
{
  const bool foreign = fuzz_faulty || st == MPP_OK || st == MPP_ERR_DATA || st == MPP_ERR_CONFIG ||
                       st == MPP_ERR_USAGE || st == MPP_ERR_NOINPUT || st == MPP_ERR_NOMEM;
  if (!foreign) {
    fprintf(stderr, "%s: %s\n", mpp_status_name(st), mpp_last_error());
    broken("a failure that no input may cause");
  }
  if (st != MPP_OK && mpp_last_error()[0] == '\0') {
    broken("a failure without words");
  }
  if (mpp_alloc_live() != live) {
    broken("memory is left");
  }
}

void fuzz_ignore_leaks(bool on)
{
#ifdef WITH_SANITIZER
  if (on) {
    __lsan_disable();
  } else {
    __lsan_enable();
  }
#else
  (void)on;
#endif
}

unsigned fuzz_take(fuzz_bytes *b)
{
  if (b->left == 0) {
    return 0;
  }
  b->left--;
  return *b->at++;
}

unsigned fuzz_below(fuzz_bytes *b, unsigned n) { return fuzz_take(b) % n; }

const char *fuzz_word(fuzz_bytes *b, const char *const *words, unsigned n)
{
  return words[fuzz_below(b, n)];
}
