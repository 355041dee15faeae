/* fuzz.h - what the fuzz targets share. A target takes any bytes, hands them to one reader of mpp
 * and holds what every reader promises: no crash, nothing left in memory, an error that has
 * words. */
#ifndef MPP_FUZZ_H
#define MPP_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mpp/status.h"

/* libFuzzer's entry, defined once a target. */
MPP_API int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes as a file in memory; its name, valid until the next call. */
const char *fuzz_file(const uint8_t *data, size_t size);

/* Fallible calls fail besides: any failure will do. */
extern bool fuzz_faulty;

/* Aborts unless `st` is a success, or a failure of the kinds that foreign bytes may cause, with a
 * message; and unless `live` blocks of memory are left. */
void fuzz_check(mpp_status st, long live);

/* What a library leaks while the target makes a file with it is not the reader's: on before, off
 * after. */
void fuzz_ignore_leaks(bool on);

/* Bytes taken one after the other; zeros when they have run out. */
typedef struct fuzz_bytes {
  const uint8_t *at;
  size_t left;
} fuzz_bytes;
unsigned fuzz_take(fuzz_bytes *b);              /* 0 to 255 */
unsigned fuzz_below(fuzz_bytes *b, unsigned n); /* 0 to n - 1, n <= 256 */
const char *fuzz_word(fuzz_bytes *b, const char *const *words, unsigned n); /* one of them */

#endif
