/* info.h - what a file is: model, adapter, dataset or forecast. */
#ifndef MPP_INFO_H
#define MPP_INFO_H

#include <stddef.h>

#include "mpp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  MPP_FILE_MODEL,
  MPP_FILE_DATASET,
  MPP_FILE_FORECAST,
  MPP_FILE_ADAPTER /* of a model, see mpp_model_load_adapted */
} mpp_file_kind;

/* Looks at the first bytes and the content. MPP_ERR_NOINPUT, MPP_ERR_DATA: none of them. */
MPP_API MPP_MUST_CHECK mpp_status mpp_identify(mpp_file_kind *out, const char *path);

/* Name and text of what a file says of itself (global attributes, metadata), in its order.
 * Each call of `each` gets one pair, borrowed until it returns. */
typedef void (*mpp_attribute_observer)(void *context, const char *name, const char *text);
MPP_API MPP_MUST_CHECK mpp_status mpp_read_attributes(const char *path, mpp_attribute_observer each,
                                                      void *context);

/* A variable of a forecast; texts are "" where the file has none. */
typedef struct mpp_variable {
  const char *name, *units, *long_name;
  size_t ndims;
  const char *dimension[4]; /* names, slowest first: "time", "y", "x" */
  size_t shape[4];
} mpp_variable;

/* The variables of a forecast (netCDF), in its order; those with more than four dimensions are left
 * out. Each call of `each` gets one, borrowed until it returns. MPP_ERR_NOINPUT, MPP_ERR_DATA. */
typedef void (*mpp_variable_observer)(void *context, const mpp_variable *variable);
MPP_API MPP_MUST_CHECK mpp_status mpp_read_variables(const char *path, mpp_variable_observer each,
                                                     void *context);

#ifdef __cplusplus
}
#endif
#endif
