/* solver_of_data.h - the built-in solver that made a dataset, with its settings, as the file
 * says. */
#ifndef MPP_SOLVER_OF_DATA_H
#define MPP_SOLVER_OF_DATA_H

#include "mpp/dataset.h"
#include "mpp/pde.h"

/* Settings of `mpp generate` from the attributes of `file`; frames and resolution are those of the
 * dataset. MPP_ERR_DATA: no built-in solver made it, or it does not say how. */
MPP_MUST_CHECK mpp_status mpp_solver_of_data(const mpp_pde **pde, mpp_generate_options *options,
                                             const char *file, const mpp_dataset_info *info);

#endif
