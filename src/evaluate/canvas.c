/* canvas.c - letters are drawn dot by dot; between two dots that touch at a corner the missing
 * quarter is filled, so that slanted strokes are lines and not stairs. */
#include "canvas.h"

#include <stdbool.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "font.h"

enum { ADVANCE = MPP_FONT_WIDTH + 1, LONGEST_SIDE = 1 << 15 };

mpp_status mpp_canvas_create(mpp_canvas *c, long width, long height)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(width > 0 && height > 0 && width <= LONGEST_SIDE && height <= LONGEST_SIDE,
              MPP_ERR_DATA, "picture: %ld x %ld pixels, expected 1 to %d along each side", width,
              height, LONGEST_SIDE);
  const size_t bytes = 3 * (size_t)width * (size_t)height;
  MPP_TRY(MPP_ALLOC(&c->rgb, bytes));
  memset(c->rgb, 255, bytes);
  c->width = width;
  c->height = height;
done:
  return st;
}

void mpp_canvas_destroy(mpp_canvas *c)
{
  mpp_free(c->rgb);
  c->rgb = NULL;
}

void mpp_canvas_fill(mpp_canvas *c, long x, long y, long width, long height,
                     const unsigned char rgb[3])
{
  for (long j = y < 0 ? 0 : y; j < y + height && j < c->height; j++) {
    for (long i = x < 0 ? 0 : x; i < x + width && i < c->width; i++) {
      memcpy(c->rgb + 3 * (j * c->width + i), rgb, 3);
    }
  }
}

void mpp_canvas_frame(mpp_canvas *c, long x, long y, long width, long height,
                      const unsigned char rgb[3])
{
  mpp_canvas_fill(c, x - 1, y - 1, width + 2, 1, rgb);
  mpp_canvas_fill(c, x - 1, y + height, width + 2, 1, rgb);
  mpp_canvas_fill(c, x - 1, y - 1, 1, height + 2, rgb);
  mpp_canvas_fill(c, x + width, y - 1, 1, height + 2, rgb);
}

long mpp_canvas_text_width(const char *text, long scale)
{
  return (long)strlen(text) * ADVANCE * scale - scale;
}

static bool is_set(const unsigned char *glyph, long column, long row)
{
  return column >= 0 && column < MPP_FONT_WIDTH && row >= 0 && row < MPP_FONT_HEIGHT &&
         (glyph[column] >> row & 1) != 0;
}

/* The dot at (column, row) covers its sub-pixel (i, j) of scale x scale. An empty dot between two
 * set neighbours that meet at its corner gets the triangle there. */
static bool covers(const unsigned char *glyph, long column, long row, long i, long j, long scale)
{
  if (is_set(glyph, column, row)) {
    return true;
  }
  const long dx = 2 * i + 1 < scale ? -1 : 1, dy = 2 * j + 1 < scale ? -1 : 1;
  const long from_x = dx < 0 ? i : scale - 1 - i, from_y = dy < 0 ? j : scale - 1 - j;
  return from_x + from_y < scale / 2 && is_set(glyph, column + dx, row) &&
         is_set(glyph, column, row + dy) && !is_set(glyph, column + dx, row + dy);
}

static void draw_glyph(mpp_canvas *c, long x, long y, char letter, long scale, bool up,
                       const unsigned char rgb[3])
{
  const unsigned char *glyph = mpp_font_glyph(letter);
  for (long v = 0; v < MPP_FONT_HEIGHT * scale; v++) {
    for (long u = 0; u < MPP_FONT_WIDTH * scale; u++) {
      if (covers(glyph, u / scale, v / scale, u % scale, v % scale, scale)) {
        mpp_canvas_fill(c, up ? x + v : x + u, up ? y - u : y + v, 1, 1, rgb);
      }
    }
  }
}

void mpp_canvas_text(mpp_canvas *c, long x, long y, const char *text, long scale, mpp_align align,
                     const unsigned char rgb[3])
{
  const long width = mpp_canvas_text_width(text, scale);
  x -= align == MPP_RIGHT ? width : align == MPP_CENTRE ? width / 2 : 0;
  for (; *text != '\0'; text++, x += ADVANCE * scale) {
    draw_glyph(c, x, y, *text, scale, false, rgb);
  }
}

void mpp_canvas_text_up(mpp_canvas *c, long x, long y, const char *text, long scale,
                        const unsigned char rgb[3])
{
  y += mpp_canvas_text_width(text, scale) / 2;
  for (; *text != '\0'; text++, y -= ADVANCE * scale) {
    draw_glyph(c, x, y, *text, scale, true, rgb);
  }
}
