/* record_log.h - records of one size, each at its own place in a file, that a kill at any time
 * cannot spoil: a record counts if its checksum does. Long computations keep what they have
 * finished in one, and go on where they stopped. */
#ifndef MPP_RECORD_LOG_H
#define MPP_RECORD_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "mpp/status.h"

typedef struct mpp_record_log mpp_record_log;

/* A record is the concatenation of its pieces. */
typedef struct mpp_piece {
  void *data;
  size_t size;
} mpp_piece;

typedef enum {
  MPP_LOG_NEW,     /* MPP_ERR_EXISTS if the file is there */
  MPP_LOG_REPLACE, /* what is there is dropped */
  MPP_LOG_CONTINUE /* what is there counts; a file that is not there is made */
} mpp_log_mode;

/* Opens the log at `path` for `count` records of `size` bytes, and locks it. `identity` are lines
 * "key=value" that say what the records are: to continue, they must be those of the file.
 * MPP_ERR_EXISTS: it is there, or another process has it. MPP_ERR_USAGE: another identity, whose
 * first line that differs is named. MPP_ERR_DATA: not such a file. MPP_ERR_IO. The caller owns
 * *out. */
MPP_MUST_CHECK mpp_status mpp_record_log_open(mpp_record_log **out, const char *path,
                                              const char *identity, size_t size, size_t count,
                                              mpp_log_mode mode);

/* Is record i there, and how many are there? */
bool mpp_record_log_has(const mpp_record_log *log, size_t i);
size_t mpp_record_log_count(const mpp_record_log *log);

/* Writes or reads record i, which must not be there, or be there; the sizes of the pieces add up to
 * that of a record. `put` may be called from several threads for different records. MPP_ERR_IO;
 * MPP_ERR_DATA: the checksum is wrong. */
MPP_MUST_CHECK mpp_status mpp_record_log_put(mpp_record_log *log, size_t i, const mpp_piece *pieces,
                                             size_t npieces);
MPP_MUST_CHECK mpp_status mpp_record_log_get(mpp_record_log *log, size_t i, const mpp_piece *pieces,
                                             size_t npieces);

/* Closes; takes NULL. The file stays unless `remove` is set. */
void mpp_record_log_close(mpp_record_log *log, bool remove);

#endif
