/* picture.h - PNG files read back as pixels. */
#ifndef MPP_TEST_PICTURE_H
#define MPP_TEST_PICTURE_H

#include <cairo.h>

#include "test.h"

typedef struct picture {
  long width, height;
  unsigned char *rgb; /* [height, width, 3]; freed by the test */
} picture;

/* From cairo's pixels. */
static inline picture picture_of(const unsigned char *pixels, int width, int height, int stride)
{
  picture p = {width, height, malloc(3 * (size_t)width * (size_t)height)};
  CU_ASSERT_FATAL(p.rgb != NULL);
  for (long i = 0; i < p.width * p.height; i++) {
    unsigned value = 0;
    memcpy(&value, pixels + i / width * stride + i % width * 4, sizeof value);
    for (int k = 0; k < 3; k++) { p.rgb[3 * i + k] = (unsigned char)(value >> (16 - 8 * k)); }
  }
  return p;
}

static inline picture read_picture(const char *path)
{
  cairo_surface_t *s = cairo_image_surface_create_from_png(path);
  CU_ASSERT_EQUAL_FATAL(cairo_surface_status(s), CAIRO_STATUS_SUCCESS);
  const picture p =
      picture_of(cairo_image_surface_get_data(s), cairo_image_surface_get_width(s),
                 cairo_image_surface_get_height(s), cairo_image_surface_get_stride(s));
  cairo_surface_destroy(s);
  return p;
}

static inline bool picture_has(const picture *p, long x, long y, const unsigned char rgb[3])
{
  return x >= 0 && y >= 0 && x < p->width && y < p->height &&
         memcmp(p->rgb + 3 * (y * p->width + x), rgb, 3) == 0;
}

/* Nearly so: edges of lines are blended with what is behind them. */
static inline bool picture_near(const picture *p, long x, long y, const unsigned char rgb[3])
{
  const unsigned char *at = p->rgb + 3 * (y * p->width + x);
  bool near = true;
  for (int k = 0; k < 3; k++) { near = near && abs(at[k] - rgb[k]) <= 100; }
  return near;
}

/* How many pixels of a rectangle have the colour. */
static inline long picture_count(const picture *p, long x, long y, long width, long height,
                                 const unsigned char rgb[3])
{
  long count = 0;
  for (long i = 0; i < width * height; i++) {
    count += picture_has(p, x + i % width, y + i / width, rgb);
  }
  return count;
}

#endif
