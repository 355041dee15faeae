/* info_parts.h - the pieces of `mpp info`. */
#ifndef MPP_CLI_INFO_PARTS_H
#define MPP_CLI_INFO_PARTS_H

#include "cli.h"

/* One description, as text lines or as members of a JSON object. */
typedef struct info_description {
  json_t *root; /* NULL: text */
} info_description;

void info_say_text(const info_description *d, const char *name, const char *text);
void info_say_count(const info_description *d, const char *name, size_t value);
void info_begin(const info_description *d, const char *spec, const char *kind);

/* What the file says of itself: its attributes, in its order. */
MPP_MUST_CHECK mpp_status info_say_attributes(const info_description *d, const char *path);

/* A dataset; `file` where it is one file, whose attributes are said too, or NULL. */
MPP_MUST_CHECK mpp_status info_dataset(const info_description *d, const char *spec,
                                       const char *file, const cli_check_settings *settings);

#endif
