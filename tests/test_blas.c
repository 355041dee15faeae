/* test_blas.c - OpenBLAS in a process with little address space, each in a child of its own that an
 * alarm ends where a call hangs. */
#include "blas.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "normal_equations.h"
#include "test.h"

enum { MiB = 1 << 20, HANGS = 60, SIDE = 12, ROWS = 100 };

/* What `run` gives in a child that may map `room` more bytes. */
static int in_child(size_t room, int (*run)(void))
{
  int how = 0;
  const pid_t child = fork();
  if (child == 0) {
    struct rlimit limit;
    alarm(HANGS);
    const bool got = getrlimit(RLIMIT_AS, &limit) == 0;
    limit.rlim_cur = (rlim_t)(mpp_memory_look().addresses + room);
    _exit(got && setrlimit(RLIMIT_AS, &limit) == 0 ? run() : 100);
  }
  CU_ASSERT_FATAL(child > 0 && waitpid(child, &how, 0) == child);
  return WIFEXITED(how) ? WEXITSTATUS(how) : 200 + WTERMSIG(how);
}

static int reserve(void)
{
  const bool refused = mpp_blas_reserve() == MPP_ERR_NOMEM &&
                       strstr(mpp_last_error(), "OpenBLAS needs 129 MiB") != NULL;
  return refused ? 10 + mpp_blas_places() : mpp_blas_places();
}

static int reserve_for_four(void)
{
  mpp_set_threads(4);
  return reserve();
}

static int reserve_when_there_is_room(void)
{
  struct rlimit limit;
  const int refused = reserve();
  if (refused != 10 || getrlimit(RLIMIT_AS, &limit) != 0) {
    return 100;
  }
  limit.rlim_cur += (rlim_t)200 * MiB;
  return setrlimit(RLIMIT_AS, &limit) == 0 ? reserve() : 101;
}

/* Products of four threads with room for one: right, and they end. */
static int compute(void)
{
  double a[SIDE * ROWS], g[4][SIDE * SIDE] = {{0.0}}, expected = 0.0;
  int wrong = 0;
  mpp_set_threads(4);
  const mpp_status st = mpp_blas_reserve();
  for (int i = 0; i < SIDE * ROWS; i++) { a[i] = 1.0 + i % 3; }
  for (int i = 0; i < ROWS; i++) { expected += a[i] * a[i]; }
#pragma omp parallel for num_threads(4) schedule(static)
  for (int t = 0; t < 4; t++) {
    for (int k = 0; k < 200; k++) { mpp_gram_add(g[t], SIDE, a, ROWS, SIDE, ROWS); }
  }
  for (int t = 0; t < 4; t++) { wrong += fabs(g[t][0] - 200.0 * expected) > 1e-6 * expected; }
  return st == MPP_OK && wrong == 0 ? mpp_blas_places() : 100;
}

static int compute_unprepared(void)
{
  double a[4] = {1.0, 2.0, 3.0, 4.0}, g[4] = {0.0};
  mpp_gram_add(g, 2, a, 2, 2, 2);
  return g[0] == 5.0 ? mpp_blas_places() : 100;
}

static void without_a_limit_nothing_is_reserved(void)
{
  struct rlimit limit;
  CU_ASSERT_FATAL(getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY);
  REQUIRE_OK(mpp_blas_reserve());
  CU_ASSERT_EQUAL(mpp_blas_places(), -1);
}

static void too_little_room_is_refused(void)
{
  CU_ASSERT_EQUAL(in_child((size_t)100 * MiB, reserve), 10);
  CU_ASSERT_EQUAL(in_child((size_t)100 * MiB, reserve_when_there_is_room), 1);
}

static void a_call_without_room_ends_the_process(void)
{
  CU_ASSERT_EQUAL(in_child((size_t)100 * MiB, compute_unprepared), 200 + SIGABRT);
}

/* 129 MiB the first, eight times that left before each other one. OpenBLAS's own thread, where it
 * has one, may have mapped a buffer already, which is one more. */
static void calls_beside_each_other_take_an_eighth(void)
{
  CU_ASSERT_EQUAL(in_child((size_t)200 * MiB, reserve_for_four), 1);
  const int places = in_child((size_t)(129 * 9 + 100) * MiB, reserve_for_four);
  CU_ASSERT(places == 2 || places == 3);
  CU_ASSERT_EQUAL(in_child((size_t)1 << 36, reserve_for_four), 4);
}

static void calls_wait_for_the_room_that_there_is(void)
{
  CU_ASSERT_EQUAL(in_child((size_t)240 * MiB, compute), 1);
  CU_ASSERT_EQUAL(in_child((size_t)200 * MiB, compute_unprepared), 1);
}

TESTS({"too little room is refused", too_little_room_is_refused},
      {"a call without room ends the process", a_call_without_room_ends_the_process},
      {"calls beside each other take an eighth", calls_beside_each_other_take_an_eighth},
      {"calls wait for the room that there is", calls_wait_for_the_room_that_there_is},
      {"without a limit nothing is reserved", without_a_limit_nothing_is_reserved})
