/* canvas.h - a picture in memory: rectangles, pixels, text of a 5 x 7 font. x points right, y down,
 * both in pixels; what falls outside is dropped. */
#ifndef MPP_CANVAS_H
#define MPP_CANVAS_H

#include <stddef.h>

#include "mpp/status.h"

typedef struct mpp_canvas {
  long width, height;
  unsigned char *rgb; /* [height, width, 3], owned */
} mpp_canvas;

typedef enum { MPP_LEFT, MPP_CENTRE, MPP_RIGHT } mpp_align;

/* White. MPP_ERR_DATA: more than 32768 pixels along a side. */
MPP_MUST_CHECK mpp_status mpp_canvas_create(mpp_canvas *c, long width, long height);
void mpp_canvas_destroy(mpp_canvas *c);

void mpp_canvas_fill(mpp_canvas *c, long x, long y, long width, long height,
                     const unsigned char rgb[3]);
void mpp_canvas_frame(mpp_canvas *c, long x, long y, long width, long height,
                      const unsigned char rgb[3]); /* one pixel, around the rectangle */

/* A line of text, `scale` pixels a dot; x is its left end, middle or right end, y its top. */
void mpp_canvas_text(mpp_canvas *c, long x, long y, const char *text, long scale, mpp_align align,
                     const unsigned char rgb[3]);
/* The same, read from below; y is its middle, x its left side. */
void mpp_canvas_text_up(mpp_canvas *c, long x, long y, const char *text, long scale,
                        const unsigned char rgb[3]);
long mpp_canvas_text_width(const char *text, long scale);

#endif
