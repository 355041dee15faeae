/* system.h - what the name of a system says: its fields, and the boundaries its files have. */
#ifndef MPP_SYSTEM_H
#define MPP_SYSTEM_H

#include "mpp/dataset.h"
#include "mpp/field.h"

/* The fields of a known system in channel order, *nfields of them; NULL and 0 if it is unknown. */
const mpp_field_info *mpp_system_fields(size_t *nfields, const char *system);

/* Boundaries of PDEBench's file `path` of a system, for the axes named in `axis`: as published
 * (those of the walls and of open water are open, all others periodic) unless the name of the file
 * says otherwise. */
void mpp_system_boundary(mpp_boundary boundary[3], mpp_axis_name axis[3], const char *system,
                         const char *path);

/* Sets what `text` names at the ends of axes: "x=periodic,y=open", "y=wall:open" (low side, high
 * side), or one word for all axes. Axes that it does not name keep theirs. `origin` begins the
 * message. MPP_ERR_USAGE; nothing is set then. */
MPP_MUST_CHECK mpp_status mpp_boundary_parse(mpp_side edge[3][2], mpp_axis_name axis[3],
                                             const char *text, const char *origin);

#endif
