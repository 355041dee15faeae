/* line_file.h - a file of JSON objects, one a line, each with the step that it belongs to: appended
 * by one write of O_APPEND a line, so that a killed run leaves whole lines and at most one cut
 * short. */
#ifndef MPP_LINE_FILE_H
#define MPP_LINE_FILE_H

#include <stdint.h>

#include "json.h"
#include "mpp/options.h"

typedef struct mpp_line_file {
  int fd;       /* -1: closed */
  int64_t size; /* bytes of complete lines */
  char path[MPP_TEXT_MAX + 64];
} mpp_line_file;

/* All return NULL, or what went wrong, which stays true until the next call. */

/* A new, empty file. */
const char *mpp_line_file_create(mpp_line_file *f, const char *path);

/* Goes on with a file after step `step`: lines of later steps, validations after step `validated`
 * and a line that was cut short are removed. */
const char *mpp_line_file_resume(mpp_line_file *f, const char *path, uint64_t step,
                                 uint64_t validated);

/* Ends the line of `j`, appends it and frees it. One that did not go in whole is taken back.
 * Without an open file nothing is written. */
const char *mpp_line_file_append(mpp_line_file *f, mpp_json *j);

void mpp_line_file_close(mpp_line_file *f); /* takes a closed one */

#endif
