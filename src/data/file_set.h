/* file_set.h - a dataset specification PATH[:SYSTEM] taken apart, and the files it stands for. */
#ifndef MPP_FILE_SET_H
#define MPP_FILE_SET_H

#include <stddef.h>

#include "mpp/field.h"

typedef struct mpp_file_set {
  char *path;      /* without the label */
  mpp_name system; /* the label, "" if there is none */
  size_t count;
  char **file; /* sorted by name, bytewise */
} mpp_file_set;

/* PATH is a file, a folder (its *.h5 and *.hdf5) or a glob. A colon begins a label only if a plain
 * word follows it and no file has the whole name. MPP_ERR_NOINPUT: nothing there.
 * The caller owns *out and frees it with mpp_file_set_free. */
MPP_MUST_CHECK mpp_status mpp_file_set_find(mpp_file_set *out, const char *spec);
void mpp_file_set_free(mpp_file_set *set); /* takes a zeroed set */

#endif
