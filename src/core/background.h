/* background.h - threads that work beside the computation. */
#ifndef MPP_BACKGROUND_H
#define MPP_BACKGROUND_H

#include <pthread.h>

#include "mpp/status.h"

/* Starts a thread that takes no signals but of its own crashes: those are for the threads of the
 * program. `what` names it in the message. MPP_ERR_NOMEM. */
MPP_MUST_CHECK mpp_status mpp_background_start(pthread_t *thread, void *(*run)(void *),
                                               void *argument, const char *what);

#endif
