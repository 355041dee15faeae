/* image.h - pictures as PNG files. (Not png.h: that name is libpng's.) */
#ifndef MPP_IMAGE_H
#define MPP_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "mpp/status.h"

/* Writes rgb [height, width, 3], first row on top, under a temporary name, then renames.
 * MPP_ERR_EXISTS: the file exists and `overwrite` is off. MPP_ERR_IO. */
MPP_MUST_CHECK mpp_status mpp_image_write(const char *path, const unsigned char *rgb, size_t width,
                                          size_t height, bool overwrite);

#endif
