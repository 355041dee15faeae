/* same_bits.h - a kernel run with 1, 2 and 3 threads must give the same bits. */
#ifndef MPP_SAME_BITS_H
#define MPP_SAME_BITS_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "mpp/model.h"

/* run() sets its own start values and leaves its result in out [count]. */
static inline bool same_bits(void (*run)(void), const float *out, size_t count)
{
  float *first = malloc(count * sizeof *first);
  bool same = first != NULL;
  for (int threads = 1; threads <= 3 && same; threads++) {
    mpp_set_threads(threads);
    run();
    if (threads == 1) {
      memcpy(first, out, count * sizeof *first);
    }
    same = memcmp(first, out, count * sizeof *first) == 0;
  }
  mpp_set_threads(0);
  free(first);
  return same;
}

#endif
