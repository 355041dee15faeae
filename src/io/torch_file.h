/* torch_file.h - checkpoints of PyTorch (zip files since version 1.6): their named tensors, read
 * without Python and without executing the pickle inside. */
#ifndef MPP_TORCH_FILE_H
#define MPP_TORCH_FILE_H

#include <stdbool.h>

#include "safetensors.h"

/* Does the file begin as a zip file, or as a checkpoint of PyTorch before 1.6? */
bool mpp_torch_is(const char *path);

/* Reads the tensors of the dict "model_state", "state_dict" or "model", or of the whole file if it
 * has none of these. float16 and bfloat16 become float32; other numbers than those, float32,
 * float64 and int64 are refused. MPP_ERR_NOINPUT; MPP_ERR_DATA: damaged, not such a file, or asking
 * for what weights do not need. The caller frees *out by mpp_tensors_free. */
MPP_MUST_CHECK mpp_status mpp_torch_read(mpp_tensor_file **out, const char *path);

/* Writes {"model_state": OrderedDict of the tensors}, float32 or short floats, as torch.load reads
 * it. Atomic. MPP_ERR_IO. */
MPP_MUST_CHECK mpp_status mpp_torch_write(const char *path, const mpp_tensor *tensors,
                                          size_t ntensors);

#endif
