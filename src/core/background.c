/* background.c - starting threads. */
#include "background.h"

#include <signal.h>

#include "alloc.h"
#include "check.h"

mpp_status mpp_background_start(pthread_t *thread, void *(*run)(void *), void *argument,
                                const char *what)
{
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before); /* inherited */
  const int error = mpp_fault() ? 1 : pthread_create(thread, NULL, run, argument);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return error == 0 ? MPP_OK : mpp_fail(MPP_ERR_NOMEM, "%s cannot be started", what);
}
