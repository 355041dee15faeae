/* arena.h - bump allocation measured by the same code that uses it: base NULL measures, base set
 * takes. No list of sizes that could drift from the use. */
#ifndef MPP_ARENA_H
#define MPP_ARENA_H

#include <assert.h>
#include <stddef.h>

typedef struct mpp_arena {
  char *base;            /* NULL: measuring */
  size_t used, capacity; /* bytes */
} mpp_arena;

/* `count` floats, 64-byte aligned; NULL while measuring. */
static inline float *mpp_arena_f32(mpp_arena *a, size_t count)
{
  const size_t at = a->used;
  a->used += (count * sizeof(float) + 63) & ~(size_t)63;
  if (a->base == NULL) {
    return NULL;
  }
  assert(a->used <= a->capacity && "layout differs between measuring and taking");
  return (float *)(void *)(a->base + at);
}

#endif
