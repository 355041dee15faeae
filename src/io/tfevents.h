/* tfevents.h - event files of TensorBoard: scalars over steps. A file is a row of records, each
 * uint64 length, masked CRC-32C of these 8 bytes, a protobuf message tensorflow.Event of that
 * length, masked CRC-32C of the message; all little-endian
 * (tensorflow/core/lib/io/record_writer.cc, core/util/event.proto,
 * core/framework/summary.proto). */
#ifndef MPP_TFEVENTS_H
#define MPP_TFEVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mpp/status.h"

enum { MPP_TAG_MAX = 160 };

typedef struct mpp_scalar {
  char tag[MPP_TAG_MAX]; /* "train/loss"; TensorBoard groups by the part before the slash */
  double value;
} mpp_scalar;

/* A new file with its first record; one of that name is replaced. The caller closes *fd. */
MPP_MUST_CHECK mpp_status mpp_tfevents_create(int *fd, const char *path, double time);

/* Opens a file to go on with: records from the first one on whose step is above `step`, or above
 * `late` if its first tag begins with `late_prefix`, and one that was cut short are removed.
 * MPP_ERR_IO; MPP_ERR_DATA: no event file. */
MPP_MUST_CHECK mpp_status mpp_tfevents_resume(int *fd, const char *path, uint64_t step,
                                              const char *late_prefix, uint64_t late);

/* Appends one record. Values that are not finite are kept as they are. time: seconds since 1970. */
MPP_MUST_CHECK mpp_status mpp_tfevents_append(int fd, const char *path, double time, uint64_t step,
                                              const mpp_scalar *scalars, size_t count);

/* CRC-32C (Castagnoli) of `size` bytes. */
uint32_t mpp_crc32c(const void *data, size_t size);

#endif
