/* alloc.c - blocks of zeroed, 64-byte aligned memory with a header of one cache line before them.
 * Memory comes from calloc: large blocks are fresh pages of the system, which the thread that first
 * writes them gets from its own node, and which cost nothing until then. */
#include "alloc.h"

#include <assert.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "check.h"

enum { ALIGNMENT = 64, LARGE_PAGE = 2 << 20, LARGE_BLOCK = 4 * LARGE_PAGE };

typedef struct header {
  void *raw;      /* what calloc gave */
  uint64_t guard; /* finds writes before the block and frees of foreign pointers */
} header;

static const uint64_t guard_live = 0x6d70702d6c697665u, guard_freed = 0x6d70702d66726565u;

static atomic_long live_blocks;
static atomic_long fault_countdown = -1;

/* Asks for large pages where a block has several: rows of matrices lie farther apart than small
 * pages, so that each row costs a walk through the page table (a step of size S took 3 % longer).
 * It is advice: where the system has none to give, nothing changes. */
static void advise_pages(char *raw, size_t total)
{
#ifdef MADV_HUGEPAGE
  if (total >= LARGE_BLOCK) {
    const size_t first = (size_t)(-(uintptr_t)raw % LARGE_PAGE);
    (void)madvise(raw + first, (total - first) / LARGE_PAGE * LARGE_PAGE, MADV_HUGEPAGE);
  }
#else
  (void)raw;
  (void)total;
#endif
}

mpp_status mpp_alloc(void **out, size_t count, size_t size)
{
  void *p = NULL;
  size_t bytes = 0, total = 0;
  assert(size > 0);
  if (count > 0) {
    const bool fits = mpp_mul(&bytes, count, size) &&
                      mpp_add(&total, bytes, sizeof(header) + ALIGNMENT - 1) &&
                      total <= PTRDIFF_MAX;
    char *raw = fits && !mpp_fault() ? calloc(1, total) : NULL;
    if (raw == NULL) {
      return mpp_fail(MPP_ERR_NOMEM, "out of memory: %zu items of %zu bytes", count, size);
    }
    advise_pages(raw, total);
    const size_t first = (size_t)((uintptr_t)(raw + sizeof(header)) % ALIGNMENT);
    char *block = raw + sizeof(header) + (first == 0 ? 0 : ALIGNMENT - first);
    const header h = {.raw = raw, .guard = guard_live};
    memcpy(block - sizeof h, &h, sizeof h);
    p = block;
    atomic_fetch_add(&live_blocks, 1);
  }
  memcpy((void *)out, &p, sizeof p); /* *out may be any object pointer (MPP_ALLOC) */
  return MPP_OK;
}

void mpp_free(void *p)
{
  if (p != NULL) {
    char *at = (char *)p - sizeof(header);
    header h;
    memcpy(&h, at, sizeof h);
    assert(h.guard == guard_live && "not from mpp_alloc, freed twice, or overwritten before it");
    memcpy(at + offsetof(header, guard), &guard_freed, sizeof guard_freed);
    free(h.raw);
    atomic_fetch_sub(&live_blocks, 1);
  }
}

mpp_status mpp_reserve(void **out, size_t *capacity, size_t count, size_t size)
{
  mpp_status st = MPP_OK;
  if (count > *capacity) {
    void *old = NULL, *none = NULL;
    memcpy(&old, (const void *)out, sizeof old); /* any object pointer, as above */
    mpp_free(old);
    memcpy((void *)out, &none, sizeof none);
    *capacity = 0;
    MPP_TRY(mpp_alloc(out, count, size));
    *capacity = count;
  }
done:
  return st;
}

mpp_status mpp_format(char **out, const char *format, ...)
{
  mpp_status st = MPP_OK;
  char *text = NULL;
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  const int n = vsnprintf(NULL, 0, format, args);
  MPP_REQUIRE(n >= 0, MPP_ERR_INTERNAL, "cannot format '%s'", format);
  MPP_TRY(MPP_ALLOC(&text, (size_t)n + 1));
  vsnprintf(text, (size_t)n + 1, format, again);
  *out = text;
done:
  va_end(again);
  va_end(args);
  return st;
}

long mpp_alloc_live(void) { return atomic_load(&live_blocks); }

void mpp_fault_after(long n) { atomic_store(&fault_countdown, n); }

long mpp_fault_left(void) { return atomic_load(&fault_countdown); }

bool mpp_fault(void)
{
  long n = atomic_load_explicit(&fault_countdown, memory_order_relaxed);
  while (n >= 0) {
    if (atomic_compare_exchange_weak(&fault_countdown, &n, n - 1)) {
      return n == 0;
    }
  }
  return false;
}

bool mpp_product(size_t *out, const size_t *factors, size_t n)
{
  size_t product = 1;
  bool zero = false;
  for (size_t i = 0; i < n; i++) { zero = zero || factors[i] == 0; }
  for (size_t i = 0; i < n && !zero; i++) {
    if (!mpp_mul(&product, product, factors[i])) {
      return false;
    }
  }
  *out = zero ? 0 : product;
  return true;
}
