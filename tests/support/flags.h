/* flags.h - datasets opened with options as a user gives them. */
#ifndef MPP_TEST_FLAGS_H
#define MPP_TEST_FLAGS_H

#include <string.h>

#include "mpp/dataset.h"
#include "test.h"

static inline void put_flag(char *out, const char *text)
{
  snprintf(out, MPP_TEXT_MAX, "%s", text);
}

/* "key=text;key=text" into flags; "boundary" into the options. */
static inline void set_flags(mpp_data_flags *flags, char boundary[MPP_TEXT_MAX], const char *text)
{
  char copy[512];
  snprintf(copy, sizeof copy, "%s", text);
  for (char *at = copy, *next; at != NULL && *at != '\0'; at = next) {
    next = strchr(at, ';');
    if (next != NULL) {
      *next++ = '\0';
    }
    char *word = strchr(at, '=');
    CU_ASSERT_PTR_NOT_NULL_FATAL(word);
    *word++ = '\0';
    const struct {
      const char *key;
      char *out;
    } all[] = {{"fields", flags->fields}, {"given", flags->given},         {"time", flags->time},
               {"space", flags->space},   {"sample", flags->sample},       {"at", flags->at},
               {"axes", flags->axes},     {"component", flags->component}, {"along", flags->along},
               {"fill", flags->fill},     {"stride", flags->stride},       {"crop", flags->crop},
               {"where", flags->where},   {"boundary", boundary},          {"mask", flags->mask}};
    bool known = false;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
      if (strcmp(all[i].key, at) == 0) {
        put_flag(all[i].out, word);
        known = true;
      }
    }
    CU_ASSERT_TRUE_FATAL(known);
  }
}

static inline mpp_status open_with(mpp_dataset **out, const char *spec, const char *text,
                                   bool antialias)
{
  static mpp_data_flags flags; /* large */
  static char boundary[MPP_TEXT_MAX];
  memset(&flags, 0, sizeof flags);
  boundary[0] = '\0';
  set_flags(&flags, boundary, text);
  flags.antialias = antialias;
  const mpp_dataset_options options = {.boundary = boundary, .flags = &flags};
  return mpp_dataset_open(out, spec, &options);
}

#endif
