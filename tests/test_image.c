/* PNG files, read back by libpng. */
#include "image.h"

#include <png.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

static unsigned char picture[3 * 5 * 4];

static void fill_picture(void)
{
  for (size_t i = 0; i < sizeof picture; i++) { picture[i] = (unsigned char)(7 * i + 3); }
}

static void a_picture_comes_back_pixel_by_pixel(void)
{
  const char *path = test_path(0, "a.png");
  unsigned char back[sizeof picture] = {0};
  png_image image;
  fill_picture();
  REQUIRE_OK(mpp_image_write(path, picture, 5, 4, false));
  memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  CU_ASSERT_FATAL(png_image_begin_read_from_file(&image, path) != 0);
  CU_ASSERT_EQUAL(image.width, 5);
  CU_ASSERT_EQUAL(image.height, 4);
  image.format = PNG_FORMAT_RGB;
  CU_ASSERT(png_image_finish_read(&image, NULL, back, 0, NULL) != 0);
  CU_ASSERT_EQUAL(memcmp(back, picture, sizeof picture), 0);
}

static void an_existing_picture_is_kept_unless_told(void)
{
  const char *path = test_path(0, "b.png");
  fill_picture();
  REQUIRE_OK(mpp_image_write(path, picture, 5, 4, false));
  ASSERT_STATUS(mpp_image_write(path, picture, 4, 5, false), MPP_ERR_EXISTS);
  ASSERT_MESSAGE("b.png");
  ASSERT_OK(mpp_image_write(path, picture, 4, 5, true));
}

static void a_device_is_no_output(void)
{
  ASSERT_STATUS(mpp_image_write("/dev/full", picture, 5, 4, true), MPP_ERR_EXISTS);
  ASSERT_MESSAGE("not a regular file");
}

static void every_fallible_call_may_fail(void)
{
  const char *path = test_path(0, "c.png");
  long n = 0;
  mpp_status st = MPP_ERR_IO;
  for (; n < 100 && st != MPP_OK; n++) {
    mpp_fault_after(n);
    st = mpp_image_write(path, picture, 5, 4, false);
    mpp_fault_after(-1);
    if (st != MPP_OK && access(path, F_OK) == 0) {
      /* only the fsync of the folder comes after the rename */
      unlink(path);
      CU_ASSERT_EQUAL(st, MPP_ERR_IO);
    }
  }
  ASSERT_OK(st);
  CU_ASSERT(n > 5);
}

static void an_empty_picture_is_refused(void)
{
  ASSERT_STATUS(mpp_image_write(test_path(0, "d.png"), picture, 0, 4, false), MPP_ERR_DATA);
  ASSERT_STATUS(mpp_image_write(test_path(0, "d.png"), picture, 40000, 4, false), MPP_ERR_DATA);
}

TESTS({"a picture comes back pixel by pixel", a_picture_comes_back_pixel_by_pixel},
      {"an existing picture is kept unless told", an_existing_picture_is_kept_unless_told},
      {"a device is no output", a_device_is_no_output},
      {"every fallible call may fail", every_fallible_call_may_fail},
      {"an empty picture is refused", an_empty_picture_is_refused})
