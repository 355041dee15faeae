/* settings.h - the settings that a forecast was made with, from its file. */
#ifndef MPP_SETTINGS_H
#define MPP_SETTINGS_H

#include "frames.h"
#include "mpp/rollout.h"

/* Options of the forecast in `path`, as its attribute mpp_config says. MPP_ERR_DATA: it is no
 * forecast of ours. */
MPP_MUST_CHECK mpp_status mpp_settings_read(mpp_rollout_options *out, const char *path);

/* The frames that the forecast in `path` started from, opened as its settings say; `data`, unless
 * "", stands for data that have moved. A file without settings may have the attributes mpp_dataset
 * and mpp_boundary. The caller owns *out. MPP_ERR_DATA: neither; errors of mpp_frames_open. */
MPP_MUST_CHECK mpp_status mpp_settings_frames(mpp_frames **out, const char *path, const char *data);

#endif
