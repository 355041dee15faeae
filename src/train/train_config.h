/* train_config.h - the configuration of a run as YAML text, and whether two of them give the same
 * numbers. */
#ifndef MPP_TRAIN_CONFIG_H
#define MPP_TRAIN_CONFIG_H

#include "mpp/train.h"

/* Every setting of `table` that describes the run, and its datasets, as YAML that
 * mpp_train_read_config reads back to the same values. *out is owned by the caller. */
MPP_MUST_CHECK mpp_status mpp_train_config_text(char **out, const mpp_train_options *options,
                                                const mpp_option *table);

/* MPP_ERR_CONFIG names the first key whose value changes the numbers of a run and differs between
 * `stored`, read from `path`, and `given`, with both values. */
MPP_MUST_CHECK mpp_status mpp_train_config_agrees(const mpp_train_options *stored,
                                                  const mpp_train_options *given,
                                                  const mpp_option *table, const char *path);

#endif
