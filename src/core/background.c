/* background.c - starting threads. */
#include "background.h"

#include <signal.h>
#include <stdlib.h>

#include "alloc.h"
#include "check.h"

typedef struct job {
  void *(*run)(void *);
  void *argument;
} job;

/* With room for who looks at a crash by a full stack: HDF5 without memory calls itself for ever. */
static void *begin(void *argument)
{
  char room[1 << 14];
  const stack_t own = {.ss_sp = room, .ss_size = sizeof room};
  const job j = *(job *)argument;
  free(argument);
  (void)sigaltstack(&own, NULL);
  void *result = j.run(j.argument);
  (void)sigaltstack(&(const stack_t){.ss_flags = SS_DISABLE}, NULL);
  return result;
}

mpp_status mpp_background_start(pthread_t *thread, void *(*run)(void *), void *argument,
                                const char *what)
{
  static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
  mpp_status st = MPP_OK;
  job *j = mpp_fault() ? NULL : malloc(sizeof *j); /* not of mpp_alloc_live: freed at any moment */
  sigset_t others, before;
  MPP_REQUIRE(j != NULL, MPP_ERR_NOMEM, "%s cannot be started", what);
  *j = (job){run, argument};
  sigfillset(&others);
  for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) { sigdelset(&others, own[i]); }
  pthread_sigmask(SIG_SETMASK, &others, &before); /* inherited */
  const int error = mpp_fault() ? 1 : pthread_create(thread, NULL, begin, j);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  MPP_REQUIRE(error == 0, MPP_ERR_NOMEM, "%s cannot be started", what);
  j = NULL;
done:
  free(j);
  return st;
}
