/* parameters.h - physical parameters: numbers in attributes and names of files, conditions on
 * them. */
#ifndef MPP_PARAMETERS_H
#define MPP_PARAMETERS_H

#include "file_layout.h"

/* Adds what the file's own attributes (one number each) and its name ("Eta0.01_M0.1") say. */
MPP_MUST_CHECK mpp_status mpp_parameters_of_file(mpp_data_file *f);

/* Adds those of the name of a file alone: words between '_' that are letters and then a number. */
void mpp_parameters_of_name(mpp_description *d, const char *path);

/* Does a trajectory fulfil all conditions of `where`: "eta<0.05", "M=0.1,eta>=0.01"? Comparisons
 * are
 * <, <=, >, >=, = (to 1e-6 relative), !=; names without regard to case.
 * MPP_ERR_USAGE: no condition, or a parameter that is not there; the message lists those that
 * are. */
MPP_MUST_CHECK mpp_status mpp_parameters_where(bool *holds, const char *where,
                                               const mpp_description *d, const double *value,
                                               const char *path);

#endif
