/* finished.h - whether a dataset that is there is all that a run has to make. */
#ifndef MPP_FINISHED_H
#define MPP_FINISHED_H

#include "digest.h"
#include "file.h"
#include "mpp/pde.h"
#include "pde_case.h"

/* The attribute of a dataset that says of which request it is. */
#define MPP_REQUEST_KEY "request"

/* Digest of everything that the bits of `samples` samples of a case depend on. */
MPP_MUST_CHECK mpp_status mpp_request_digest(char out[MPP_DIGEST_SIZE], const mpp_pde_case *c,
                                             size_t samples);

/* Where finished samples are kept: "<output>.partial". MPP_ERR_EXISTS: the name is too long. */
MPP_MUST_CHECK mpp_status mpp_samples_path(char path[MPP_PATH_MAX], const char *output);

/* With --resume: did an earlier run of the same request give its dataset the name? What it left of
 * its samples, records of `record_size` bytes, is removed then. MPP_ERR_NOMEM. */
MPP_MUST_CHECK mpp_status mpp_was_finished(bool *finished, const mpp_generate_options *o,
                                           const mpp_pde_case *c, size_t record_size);

#endif
