/* blas.c - OpenBLAS in a process with limits: one thread, and room for its calls. */
#include "blas.h"

#include <assert.h>
#include <cblas.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "alloc.h"
#include "threads.h"

/* Of OpenBLAS's memory.c, since GotoBLAS: a buffer of its pool, and back into the pool. */
extern void *blas_memory_alloc(int procpos);
extern void blas_memory_free(void *buffer);

static const size_t buffer_size = (size_t)128 << 20; /* the largest of its kernels (BUFFER_SIZE) */
static const size_t beside = (size_t)1 << 20;        /* what else a call may take */
enum { SHARE = 8, PLACES_MOST = 64 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static atomic_int places; /* 0: not looked yet, or no room; -1: no limit */
static sem_t free_places;

/* When the library is loaded, since OpenBLAS may not be computing at that time. */
__attribute__((constructor)) static void make_blas_serial(void) { openblas_set_num_threads(1); }

static bool limited(__rlimit_resource_t resource)
{
  struct rlimit now;
  return getrlimit(resource, &now) == 0 && now.rlim_cur != RLIM_INFINITY;
}

/* Asks as OpenBLAS will. */
static bool has_room(size_t size)
{
  void *p = mpp_fault()
                ? MAP_FAILED
                : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p != MAP_FAILED) {
    munmap(p, size);
  }
  return p != MAP_FAILED;
}

/* Buffers of the pool, all taken at once and given back. */
static int fill_pool(int most)
{
  void *buffer[PLACES_MOST];
  int count = 0;
  size_t wanted = buffer_size + beside;
  while (count < most && has_room(wanted)) {
    buffer[count++] = blas_memory_alloc(0);
    wanted = SHARE * (buffer_size + beside); /* of those after the first */
  }
  for (int i = 0; i < count; i++) { blas_memory_free(buffer[i]); }
  return count;
}

mpp_status mpp_blas_reserve(void)
{
  mpp_status st = MPP_OK;
  if (atomic_load(&places) != 0) {
    return MPP_OK;
  }
  pthread_mutex_lock(&mutex);
  if (atomic_load(&places) == 0) {
    const int threads = mpp_threads() < PLACES_MOST ? mpp_threads() : PLACES_MOST;
    const int count = limited(RLIMIT_AS) || limited(RLIMIT_DATA) ? fill_pool(threads) : -1;
    MPP_REQUIRE(
        count != 0, MPP_ERR_NOMEM,
        "out of memory: OpenBLAS needs %zu MiB of address space for its work, and the limit "
        "of the process (ulimit -v, -d) leaves less",
        (buffer_size + beside) >> 20);
    MPP_REQUIRE(count < 0 || sem_init(&free_places, 0, (unsigned)count) == 0, MPP_ERR_NOMEM,
                "out of memory: no semaphore");
    atomic_store(&places, count);
  }
done:
  pthread_mutex_unlock(&mutex);
  return st;
}

int mpp_blas_places(void) { return atomic_load(&places); }

void mpp_blas_enter(void)
{
  if (atomic_load_explicit(&places, memory_order_relaxed) == 0) {
    const mpp_status late = mpp_blas_reserve();
    assert(late == MPP_OK); /* or the call would never come back */
    (void)late;
  }
  if (atomic_load_explicit(&places, memory_order_relaxed) > 0) {
    while (sem_wait(&free_places) != 0 && errno == EINTR) {}
  }
}

void mpp_blas_leave(void)
{
  if (atomic_load_explicit(&places, memory_order_relaxed) > 0) {
    sem_post(&free_places);
  }
}
