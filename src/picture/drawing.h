/* drawing.h - a picture in memory, by cairo: PNG, SVG or PDF. x points right, y down, in pixels
 * (PDF: points). Colours are red, green, blue from 0 to 255. Drawing cannot fail: what goes wrong
 * is kept by cairo and reported at the end. */
#ifndef MPP_DRAWING_H
#define MPP_DRAWING_H

#include <stddef.h>

#include "mpp/status.h"

typedef enum { MPP_DRAW_PNG, MPP_DRAW_SVG, MPP_DRAW_PDF } mpp_draw_kind;

typedef enum { MPP_LEFT, MPP_CENTRE, MPP_RIGHT } mpp_align;

typedef struct mpp_drawing mpp_drawing;

/* White. MPP_ERR_DATA: larger than 32767 pixels along a side. */
MPP_MUST_CHECK mpp_status mpp_drawing_create(mpp_drawing **out, mpp_draw_kind kind, double width,
                                             double height);
void mpp_drawing_destroy(mpp_drawing *d); /* takes NULL */

void mpp_drawing_fill(mpp_drawing *d, double x, double y, double width, double height,
                      const unsigned char rgb[3]);
/* One pixel wide, around the rectangle. */
void mpp_drawing_frame(mpp_drawing *d, double x, double y, double width, double height,
                       const unsigned char rgb[3]);
/* A line through the points (x, y)[count]; it is broken where a point is not finite. `dash` is the
 * length of dashes, 0: none. */
void mpp_drawing_line(mpp_drawing *d, const double (*point)[2], size_t count, double width,
                      double dash, const unsigned char rgb[3]);
/* Limits lines to a rectangle, until the next call; width 0: no limit. */
void mpp_drawing_clip(mpp_drawing *d, double x, double y, double width, double height);
/* Pixels rgb [height, width, 3], the first row on top, one a pixel of the picture. */
void mpp_drawing_image(mpp_drawing *d, double x, double y, const unsigned char *rgb, int width,
                       int height);

/* A line of UTF-8, `size` pixels high; x is its left end, middle or right end, y its base line. */
void mpp_drawing_text(mpp_drawing *d, double x, double y, const char *text, double size,
                      mpp_align align, const unsigned char rgb[3]);
/* The same, read from below; (x, y) is the middle of its base line. */
void mpp_drawing_text_up(mpp_drawing *d, double x, double y, const char *text, double size,
                         const unsigned char rgb[3]);
double mpp_drawing_text_width(const char *text, double size);

/* The file's bytes, owned by the caller (mpp_free). Nothing can be drawn afterwards. */
MPP_MUST_CHECK mpp_status mpp_drawing_encode(unsigned char **bytes, size_t *size, mpp_drawing *d);
/* The pixels of a PNG drawing, [height, width], 0xXXRRGGBB in the machine's order, `stride` bytes a
 * row; borrowed. */
const unsigned char *mpp_drawing_pixels(mpp_drawing *d, int *width, int *height, int *stride);

#endif
