/* stop.c - a flag that signal handlers may set; training looks at it after every step. */
#include "stop.h"

#include <signal.h>

#include "mpp/train.h"

static volatile sig_atomic_t requested;

void mpp_train_request_stop(void) { requested = 1; }

bool mpp_stop_requested(void) { return requested != 0; }

void mpp_stop_clear(void) { requested = 0; }
