/* data_request_mask.c - masks that a user names: a variable, a component of it, a condition. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "data_request.h"

/* "phase[1]" into variable and component. */
static mpp_status take_variable(mpp_requested_mask *m, const char *origin, mpp_status code)
{
  mpp_status st = MPP_OK;
  char *bracket = NULL, *end = NULL;
  snprintf(m->variable, sizeof m->variable, "%s", m->when.name);
  bracket = strchr(m->variable, '[');
  m->component = -1;
  if (bracket != NULL) {
    errno = 0;
    m->component = strtol(bracket + 1, &end, 10);
    MPP_REQUIRE(bracket != m->variable && end != bracket + 1 && strcmp(end, "]") == 0 &&
                    m->component >= 0 && errno == 0,
                code, "%s: found '%s', expected VARIABLE[COMPONENT]", origin, m->when.name);
    *bracket = '\0';
  }
done:
  return st;
}

mpp_status mpp_data_request_mask(mpp_data_request *r, const char *text, const char *origin,
                                 mpp_status code)
{
  mpp_status st = MPP_OK;
  mpp_requested_mask m = {.component = -1};
  char *own = NULL;
  MPP_TRY(mpp_format(&own, "%s: mask", origin));
  MPP_REQUIRE(r->nmasks < MPP_MAX_MASKS, code, "%s: more than %d", own, MPP_MAX_MASKS);
  const char *at = strrchr(text, '@');
  const size_t length = at != NULL ? (size_t)(at - text) : strlen(text);
  MPP_TRY(mpp_condition_read(&m.when, text, length, true, own, code));
  MPP_TRY(take_variable(&m, own, code));
  if (at != NULL) {
    MPP_REQUIRE(at[1] != '\0' && strlen(at + 1) < sizeof m.fields, code,
                "%s: found '%.200s', expected names of fields after the @, as @u+v", own, text);
    snprintf(m.fields, sizeof m.fields, "%s", at + 1);
  }
  r->mask[r->nmasks++] = m;
done:
  mpp_free(own);
  return st;
}
