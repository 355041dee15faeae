/* ensemble.h - mean and spread of the members of each context, from their files. */
#ifndef MPP_ENSEMBLE_H
#define MPP_ENSEMBLE_H

#include "track.h"

/* One file for each context of the job; `first` gets the name of the first, "" if there are no
 * members. Members count up to the record at which they were stopped. Reads one record of one
 * member at a time. The job is that of the last checkpoint. */
MPP_MUST_CHECK mpp_status mpp_ensemble_write(char *first, size_t size, const mpp_job *job);

#endif
