/* num_disc.h - the part of a cell that a disc covers, exactly. */
#ifndef MPP_NUM_DISC_H
#define MPP_NUM_DISC_H

/* Area of the intersection of [x0, x1] x [y0, y1] with the disc of radius r > 0 about the origin.
 * The same bits for a rectangle and its mirror images. */
double mpp_disc_area(double x0, double x1, double y0, double y1, double r);

#endif
