/* stop.h - the flag behind mpp_train_request_stop. */
#ifndef MPP_STOP_H
#define MPP_STOP_H

#include <stdbool.h>

bool mpp_stop_requested(void);
void mpp_stop_clear(void);

#endif
