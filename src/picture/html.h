/* html.h - the text of a page that needs no other file. */
#ifndef MPP_HTML_H
#define MPP_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "drawing.h"

typedef struct mpp_html {
  char *text; /* owned; ended by NUL */
  size_t length, room;
  bool failed; /* memory ran out: text is void */
} mpp_html;

void mpp_html_free(mpp_html *h);

/* Markup as it is. */
void mpp_html_put(mpp_html *h, const char *markup);
/* Text: what has a meaning in markup is escaped. */
void mpp_html_text(mpp_html *h, const char *text);
void mpp_html_printf(mpp_html *h, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "data:TYPE;base64,..." */
void mpp_html_data(mpp_html *h, const char *type, const unsigned char *bytes, size_t size);
/* <img> of a drawing, which is then destroyed; `alt` is its text for those who do not see it. */
MPP_MUST_CHECK mpp_status mpp_html_drawing(mpp_html *h, mpp_drawing *d, mpp_draw_kind kind,
                                           const char *alt);
/* The same of an SVG drawing, in a block of its own, which a narrow window moves sideways. */
MPP_MUST_CHECK mpp_status mpp_html_picture(mpp_html *h, mpp_drawing *d, const char *alt);

#endif
