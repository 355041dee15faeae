/* drawing.c - the only caller of cairo. */
#include "drawing.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>
#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"

enum { MOST_PIXELS = 32767 };

struct mpp_drawing {
  mpp_draw_kind kind;
  cairo_surface_t *surface;
  cairo_t *cairo;
  unsigned char *bytes; /* of the file so far */
  size_t size, room;
};

/* Takes the bytes that cairo writes. */
static cairo_status_t collect(void *closure, const unsigned char *data, unsigned length)
{
  mpp_drawing *d = closure;
  if (length > d->room - d->size) {
    const size_t room = 2 * d->room + length + 65536;
    unsigned char *bytes = NULL;
    if (MPP_ALLOC(&bytes, room) != MPP_OK) {
      return CAIRO_STATUS_WRITE_ERROR;
    }
    if (d->size > 0) {
      memcpy(bytes, d->bytes, d->size);
    }
    mpp_free(d->bytes);
    d->bytes = bytes;
    d->room = room;
  }
  memcpy(d->bytes + d->size, data, length);
  d->size += length;
  return CAIRO_STATUS_SUCCESS;
}

mpp_status mpp_drawing_create(mpp_drawing **out, mpp_draw_kind kind, double width, double height)
{
  mpp_status st = MPP_OK;
  mpp_drawing *d = NULL;
  MPP_REQUIRE(width >= 1.0 && height >= 1.0 && width <= MOST_PIXELS && height <= MOST_PIXELS,
              MPP_ERR_DATA, "a picture of %.0f x %.0f pixels, expected 1 to %d along each side",
              width, height, MOST_PIXELS);
  MPP_TRY(MPP_ALLOC(&d, 1));
  d->kind = kind;
  switch (kind) {
  case MPP_DRAW_SVG:
    d->surface = cairo_svg_surface_create_for_stream(collect, d, width, height);
    break;
  case MPP_DRAW_PDF:
    d->surface = cairo_pdf_surface_create_for_stream(collect, d, width, height);
    break;
  case MPP_DRAW_PNG:
    d->surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)ceil(width), (int)ceil(height));
    break;
  }
  d->cairo = cairo_create(d->surface);
  MPP_REQUIRE(cairo_status(d->cairo) == CAIRO_STATUS_SUCCESS, MPP_ERR_NOMEM,
              "a picture of %.0f x %.0f pixels: %s", width, height,
              cairo_status_to_string(cairo_status(d->cairo)));
  cairo_set_source_rgb(d->cairo, 1.0, 1.0, 1.0);
  cairo_paint(d->cairo);
  *out = d;
  d = NULL;
done:
  mpp_drawing_destroy(d);
  return st;
}

void mpp_drawing_destroy(mpp_drawing *d)
{
  if (d == NULL) {
    return;
  }
  if (d->cairo != NULL) {
    cairo_destroy(d->cairo);
  }
  if (d->surface != NULL) {
    cairo_surface_destroy(d->surface); /* may still write */
  }
  mpp_free(d->bytes);
  mpp_free(d);
}

static void colour(mpp_drawing *d, const unsigned char rgb[3])
{
  cairo_set_source_rgb(d->cairo, rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0);
}

void mpp_drawing_fill(mpp_drawing *d, double x, double y, double width, double height,
                      const unsigned char rgb[3])
{
  colour(d, rgb);
  cairo_rectangle(d->cairo, x, y, width, height);
  cairo_fill(d->cairo);
}

void mpp_drawing_frame(mpp_drawing *d, double x, double y, double width, double height,
                       const unsigned char rgb[3])
{
  colour(d, rgb);
  cairo_set_line_width(d->cairo, 1.0);
  cairo_set_line_join(d->cairo, CAIRO_LINE_JOIN_MITER);
  cairo_rectangle(d->cairo, x - 0.5, y - 0.5, width + 1.0, height + 1.0);
  cairo_stroke(d->cairo);
}

void mpp_drawing_line(mpp_drawing *d, const double (*point)[2], size_t count, double width,
                      double dash, const unsigned char rgb[3])
{
  bool open = false;
  colour(d, rgb);
  cairo_set_line_width(d->cairo, width);
  cairo_set_line_join(d->cairo, CAIRO_LINE_JOIN_ROUND);
  cairo_set_dash(d->cairo, &dash, dash > 0.0 ? 1 : 0, 0.0);
  for (size_t i = 0; i < count; i++) {
    if (!isfinite(point[i][0]) || !isfinite(point[i][1])) {
      open = false;
    } else if (open) {
      cairo_line_to(d->cairo, point[i][0], point[i][1]);
    } else {
      cairo_move_to(d->cairo, point[i][0], point[i][1]);
      open = true;
    }
  }
  cairo_stroke(d->cairo);
  cairo_set_dash(d->cairo, NULL, 0, 0.0);
}

void mpp_drawing_clip(mpp_drawing *d, double x, double y, double width, double height)
{
  cairo_reset_clip(d->cairo);
  if (width > 0.0) {
    cairo_rectangle(d->cairo, x, y, width, height);
    cairo_clip(d->cairo);
  }
}

void mpp_drawing_image(mpp_drawing *d, double x, double y, const unsigned char *rgb, int width,
                       int height)
{
  cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
  unsigned char *pixels = cairo_image_surface_get_data(image);
  const long stride = cairo_image_surface_get_stride(image);
  for (long j = 0; j < height && pixels != NULL; j++) {
    for (long i = 0; i < width; i++) {
      const unsigned char *c = rgb + 3 * (j * width + i);
      const unsigned value = (unsigned)c[0] << 16 | (unsigned)c[1] << 8 | c[2];
      memcpy(pixels + j * stride + 4 * i, &value, sizeof value);
    }
  }
  cairo_surface_mark_dirty(image);
  cairo_set_source_surface(d->cairo, image, x, y);
  cairo_pattern_set_filter(cairo_get_source(d->cairo), CAIRO_FILTER_NEAREST);
  cairo_rectangle(d->cairo, x, y, width, height);
  cairo_fill(d->cairo);
  cairo_surface_destroy(image);
}

/* ---- text ---- */

static void choose_font(cairo_t *cairo, double size)
{
  cairo_select_font_face(cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(cairo, size);
}

static double advance_of(cairo_t *cairo, const char *text)
{
  cairo_text_extents_t extents;
  cairo_text_extents(cairo, text, &extents);
  return extents.x_advance;
}

void mpp_drawing_text(mpp_drawing *d, double x, double y, const char *text, double size,
                      mpp_align align, const unsigned char rgb[3])
{
  choose_font(d->cairo, size);
  colour(d, rgb);
  const double width = align == MPP_LEFT ? 0.0 : advance_of(d->cairo, text);
  cairo_move_to(d->cairo, align == MPP_CENTRE ? x - 0.5 * width : x - width, y);
  cairo_show_text(d->cairo, text);
}

void mpp_drawing_text_up(mpp_drawing *d, double x, double y, const char *text, double size,
                         const unsigned char rgb[3])
{
  choose_font(d->cairo, size);
  colour(d, rgb);
  cairo_save(d->cairo);
  cairo_translate(d->cairo, x, y);
  cairo_rotate(d->cairo, -0.5 * 3.14159265358979323846);
  cairo_move_to(d->cairo, -0.5 * advance_of(d->cairo, text), 0.0);
  cairo_show_text(d->cairo, text);
  cairo_restore(d->cairo);
}

double mpp_drawing_text_width(const char *text, double size)
{
  cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1, 1);
  cairo_t *cairo = cairo_create(surface);
  choose_font(cairo, size);
  const double width = advance_of(cairo, text);
  cairo_destroy(cairo);
  cairo_surface_destroy(surface);
  return width;
}

/* ---- the file ---- */

mpp_status mpp_drawing_encode(unsigned char **bytes, size_t *size, mpp_drawing *d)
{
  mpp_status st = MPP_OK;
  cairo_status_t error = cairo_status(d->cairo);
  if (error == CAIRO_STATUS_SUCCESS && d->kind == MPP_DRAW_PNG) {
    error = cairo_surface_write_to_png_stream(d->surface, collect, d);
  } else if (error == CAIRO_STATUS_SUCCESS) {
    cairo_surface_finish(d->surface);
    error = cairo_surface_status(d->surface);
  }
  MPP_REQUIRE(error == CAIRO_STATUS_SUCCESS, MPP_ERR_NOMEM, "a picture cannot be encoded: %s",
              cairo_status_to_string(error));
  *bytes = d->bytes;
  *size = d->size;
  d->bytes = NULL;
  d->size = d->room = 0;
done:
  return st;
}

const unsigned char *mpp_drawing_pixels(mpp_drawing *d, int *width, int *height, int *stride)
{
  cairo_surface_flush(d->surface);
  *width = cairo_image_surface_get_width(d->surface);
  *height = cairo_image_surface_get_height(d->surface);
  *stride = cairo_image_surface_get_stride(d->surface);
  return cairo_image_surface_get_data(d->surface);
}
