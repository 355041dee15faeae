/* file_set.h - a dataset specification PATH[:SYSTEM] taken apart, and the files it stands for. */
#ifndef MPP_FILE_SET_H
#define MPP_FILE_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "mpp/field.h"

typedef struct mpp_file_set {
  char *path;      /* without the label */
  mpp_name system; /* the label, "" if there is none */
  size_t count;
  char **file; /* sorted by name, bytewise */
} mpp_file_set;

/* PATH is a file, a folder (its *.h5 and *.hdf5, or else its *.nc) or a glob. A colon begins a
 * label only if a plain word follows it and no file has the whole name. MPP_ERR_NOINPUT: nothing
 * there. The caller owns *out and frees it with mpp_file_set_free. */
MPP_MUST_CHECK mpp_status mpp_file_set_find(mpp_file_set *out, const char *spec);
/* Is it one file named *.yaml or *.yml, a description that names others? */
bool mpp_file_set_is_description(const mpp_file_set *set);

/* Replaces that file by those that `names` (one a line: files, folders, globs) stand for, relative
 * to its folder. The path stays. */
MPP_MUST_CHECK mpp_status mpp_file_set_expand(mpp_file_set *set, const char *names);
void mpp_file_set_free(mpp_file_set *set); /* takes a zeroed set */

#endif
