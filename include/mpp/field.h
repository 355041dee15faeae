/* field.h - what the columns of the shared embedding mean.
 * A field is named "system:name" ("swe:h"). The table below gives units and long names of the
 * fields that mpp knows; a vocabulary (the columns of one model) may hold any other name too. */
#ifndef MPP_FIELD_H
#define MPP_FIELD_H

#include <stddef.h>

#include "mpp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { MPP_NAME_MAX = 64, MPP_MAX_FIELDS = 16 };

typedef char mpp_name[MPP_NAME_MAX];

typedef struct mpp_field_info {
  const char *system;    /* "swe" */
  const char *name;      /* "h" */
  const char *units;     /* UDUNITS text, "1" if dimensionless */
  const char *long_name; /* "water depth" */
} mpp_field_info;

/* The field table, in a fixed order; NULL past its end. */
MPP_API const mpp_field_info *mpp_field_at(size_t index);

/* Entry of "system:name"; NULL if mpp does not know it. */
MPP_API const mpp_field_info *mpp_field_find(const char *qualified);

/* Joins system and name to "system:name". MPP_ERR_DATA if empty, too long or not printable. */
MPP_API MPP_MUST_CHECK mpp_status mpp_field_qualify(mpp_name out, const char *system,
                                                    const char *name);

/* The part after the colon ("h" of "swe:h"); borrowed from its argument. */
MPP_API const char *mpp_field_short(const char *qualified);

/* The published vocabulary: 12 names, "" for the two free columns. */
MPP_API extern const mpp_name mpp_published_vocabulary[12];

#ifdef __cplusplus
}
#endif
#endif
