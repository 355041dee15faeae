/* font.h - letters of 5 x 7 dots and one row below the line, as dot-matrix displays have them;
 * ASCII 32 to 126. */
#ifndef MPP_FONT_H
#define MPP_FONT_H

enum { MPP_FONT_WIDTH = 5, MPP_FONT_HEIGHT = 8 };

/* Columns from left to right; bit 0 is the top. Other characters look like '?'. */
const unsigned char *mpp_font_glyph(char c);

#endif
