/* image.c - PNG through libpng's simplified interface, which reports by return value. */
#include "image.h"

#include <errno.h>
#include <png.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "check.h"
#include "file.h"

mpp_status mpp_image_write(const char *path, const unsigned char *rgb, size_t width, size_t height,
                           bool overwrite)
{
  mpp_status st = MPP_OK;
  char temporary[MPP_PATH_MAX] = "";
  FILE *file = NULL;
  int fd = -1;
  png_image image;
  memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  image.format = PNG_FORMAT_RGB;
  MPP_TRY(mpp_check_output(path, overwrite));
  MPP_REQUIRE(width > 0 && height > 0 && width <= 1u << 15 && height <= 1u << 15, MPP_ERR_DATA,
              "%s: a picture of %zu x %zu pixels, expected 1 to 32768 along each side", path, width,
              height);
  image.width = (png_uint_32)width;
  image.height = (png_uint_32)height;
  MPP_TRY(mpp_temporary_name(temporary, path));
  MPP_TRY(mpp_create_file(&fd, temporary));
  file = fdopen(fd, "wb");
  if (file == NULL) {
    close(fd);
    st = mpp_fail_io(temporary, errno);
    goto done;
  }
  errno = 0;
  bool written = !mpp_fault() && png_image_write_to_stdio(&image, file, 0, rgb, 0, NULL) != 0;
  int error = errno;
  if (fclose(file) != 0) {
    error = errno;
    written = false;
  }
  if (!written) {
    st = error != 0 ? mpp_fail_io(path, error)
                    : mpp_fail(MPP_ERR_IO, "%s: libpng: %s", path, image.message);
    goto done;
  }
  MPP_TRY(mpp_commit_file(temporary, path));
done:
  if (st != MPP_OK && temporary[0] != '\0') {
    unlink(temporary);
  }
  return st;
}
