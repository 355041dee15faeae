/* solver_source.h - datasets of a training that are solvers: "solver:SYSTEM,NAME=VALUE,...", where
 * the names are those of mpp_pde_parse and, for the training,
 *   samples   distinct trajectories before they come again; 0: none comes twice
 *   reuse     windows drawn of a trajectory, in the mean; 0: as many as it has
 *   pool      trajectories that are drawn from at a time; 0: up to 8, as 256 MiB hold
 *   held-out  trajectories for validation, and as many for tests; 0: up to 8, as 256 MiB hold
 *   threads   that compute trajectories ahead
 * The seed is that of the training unless it is given. */
#ifndef MPP_SOLVER_SOURCE_H
#define MPP_SOLVER_SOURCE_H

#include "mpp/train.h"
#include "sampler.h"
#include "train_config.h"
#include "yaml_tree.h"

/* Whether a path of a dataset names a solver. */
bool mpp_solver_named(const char *path);

/* On a command line commas separate datasets as well: puts "solver:swe" and the words "name=value"
 * after it together again. */
void mpp_solver_join_words(mpp_text_list *words);

/* entry->path from a map with the key 'solver', whose other keys are the names above, weight and
 * boundary. MPP_ERR_CONFIG names file, line and column. */
MPP_MUST_CHECK mpp_status mpp_solver_read_entry(mpp_data_entry *entry, const mpp_yaml_node *map,
                                                const char *path);

/* Starts the solver of an entry: dataset, pool and reuse (0: left to the caller) of *source; the
 * caller closes the dataset. `note` says in one line what is kept in memory. */
MPP_MUST_CHECK mpp_status mpp_solver_open(mpp_source *source, char *note, size_t note_size,
                                          const mpp_train_options *options,
                                          const mpp_data_entry *entry);

#endif
