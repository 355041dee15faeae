/* colormap.h - numbers as colours whose lightness tells the order: viridis, and a diverging map for
 * signed values with white at zero. */
#ifndef MPP_COLORMAP_H
#define MPP_COLORMAP_H

#include <stdbool.h>

/* rgb of `value` between `low` and `high` (values outside get the colours of the ends); grey where
 * it is not finite. */
void mpp_color(unsigned char rgb[3], double value, double low, double high, bool diverging);

#endif
