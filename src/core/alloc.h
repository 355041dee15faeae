/* alloc.h - the only allocator: checked sizes, zeroed, 64-byte aligned, counted, made to fail. */
#ifndef MPP_ALLOC_H
#define MPP_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

#include "mpp/status.h"

/* *out = zeroed array of count * size bytes, or NULL for count 0. MPP_ERR_NOMEM: overflow or no
 * memory; *out is untouched then. */
MPP_MUST_CHECK mpp_status mpp_alloc(void **out, size_t count, size_t size);
#define MPP_ALLOC(pointer, count) mpp_alloc((void **)(pointer), (count), sizeof **(pointer))

/* *out, of *capacity items, is replaced by zeroed room for `count` where it has less; what it held
 * is lost. After MPP_ERR_NOMEM it is NULL, of 0. */
MPP_MUST_CHECK mpp_status mpp_reserve(void **out, size_t *capacity, size_t count, size_t size);
#define MPP_RESERVE(pointer, capacity, count) \
  mpp_reserve((void **)(pointer), (capacity), (count), sizeof **(pointer))

/* *out = formatted text, owned by the caller. */
MPP_MUST_CHECK mpp_status mpp_format(char **out, const char *format, ...) MPP_PRINTF(2, 3);

void mpp_free(void *p); /* takes NULL */

/* Blocks not yet freed: tests hold it at 0. */
long mpp_alloc_live(void);

/* Fault injection: the n-th fallible call from now on fails (0: the next); -1: none. Every wrapper
 * of a fallible library call asks mpp_fault() first. */
void mpp_fault_after(long n);
bool mpp_fault(void);

/* Fallible calls before the one that is to fail; -1: it has, or none is to. */
long mpp_fault_left(void);

/* out = a * b; false on overflow. */
static inline bool mpp_mul(size_t *out, size_t a, size_t b)
{
  return !__builtin_mul_overflow(a, b, out);
}
static inline bool mpp_add(size_t *out, size_t a, size_t b)
{
  return !__builtin_add_overflow(a, b, out);
}
/* out = product of n factors; false on overflow. */
bool mpp_product(size_t *out, const size_t *factors, size_t n);

#endif
