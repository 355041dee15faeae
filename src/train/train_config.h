/* train_config.h - the configuration of a run: read from YAML, written as YAML text, and two of
 * them compared. */
#ifndef MPP_TRAIN_CONFIG_H
#define MPP_TRAIN_CONFIG_H

#include "mpp/train.h"
#include "yaml_tree.h"

enum {
  MPP_PLACE_MAX = 4096 + 64,        /* "config.yaml:4:3" */
  MPP_VALUE_MAX = 2 * MPP_TEXT_MAX, /* any setting as text */
};

/* Settings of a dataset in the list `data`. */
extern const mpp_option mpp_data_entry_table[];

/* ---- train_config.c: pieces of reading, for every kind of configuration file ---- */

/* "config.yaml:4:3": where a node stands. Returns out. */
const char *mpp_config_place(char out[MPP_PLACE_MAX], const char *path, const mpp_yaml_node *node);

/* One pair of a map into the settings of `table`. MPP_ERR_CONFIG names place, key and what is
 * expected. */
MPP_MUST_CHECK mpp_status mpp_config_set(void *settings, const mpp_option *table,
                                         const mpp_yaml_node *key, const mpp_yaml_node *value,
                                         const char *path);

/* ---- train_config_text.c ---- */

/* Every setting of `table` that describes the run, and its datasets, as YAML that
 * mpp_train_read_config reads back to the same values. Relative paths become absolute ones, so that
 * the directory of a run can be moved. *out is owned by the caller. */
MPP_MUST_CHECK mpp_status mpp_train_config_text(char **out, const mpp_train_options *options,
                                                const mpp_option *table);

/* MPP_ERR_CONFIG names the first key whose value changes the numbers of a run and differs between
 * `stored`, read from `path`, and `given`, with both values. */
MPP_MUST_CHECK mpp_status mpp_train_config_agrees(const mpp_train_options *stored,
                                                  const mpp_train_options *given,
                                                  const mpp_option *table, const char *path);

#endif
