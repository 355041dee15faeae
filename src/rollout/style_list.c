/* style_list.c - attributes of the input that forecasts take over. */
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "style.h"

void mpp_style_list_free(mpp_style_list *l)
{
  for (size_t i = 0; i < l->count; i++) {
    mpp_free(l->item[i].name);
    mpp_free(l->item[i].text);
    mpp_free(l->item[i].value);
  }
  mpp_free(l->item);
}

/* How values are packed and what is missing no longer holds; what names variables that a forecast
 * does not have would lead nowhere. */
static bool is_dropped(const char *name)
{
  static const char *const all[] = {
      "missing_value",       "scale_factor", "add_offset",    "valid_min",     "valid_max",
      "valid_range",         "actual_range", "unsigned",      "coordinates",   "bounds",
      "ancillary_variables", "grid_mapping", "cell_measures", "formula_terms", "climatology",
      "featureType",         "Conventions"};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    if (strcmp(name, all[i]) == 0) {
      return true;
    }
  }
  return name[0] == '_' || name[0] == '\0' || strncmp(name, "mpp_", 4) == 0;
}

mpp_status mpp_style_list_add(mpp_style_attribute **out, mpp_style_list *l)
{
  mpp_status st = MPP_OK;
  mpp_style_attribute *grown = NULL;
  if (l->count == l->capacity) {
    const size_t capacity = l->capacity > 0 ? 2 * l->capacity : 8;
    MPP_TRY(MPP_ALLOC(&grown, capacity));
    if (l->count > 0) {
      memcpy(grown, l->item, l->count * sizeof *grown);
    }
    mpp_free(l->item);
    l->item = grown;
    l->capacity = capacity;
  }
  *out = &l->item[l->count++];
  **out = (mpp_style_attribute){.name = NULL};
done:
  return st;
}

mpp_status mpp_style_keep(void *context, const mpp_data_attribute *a)
{
  mpp_status st = MPP_OK;
  mpp_style_list *l = context;
  if (is_dropped(a->name)) {
    return MPP_OK;
  }
  mpp_style_attribute *own = NULL;
  MPP_TRY(mpp_style_list_add(&own, l));
  own->count = a->count;
  own->whole = a->whole;
  MPP_TRY(mpp_format(&own->name, "%s", a->name));
  if (a->text != NULL) {
    MPP_TRY(mpp_format(&own->text, "%s", a->text));
  } else if (a->count > 0) {
    MPP_TRY(MPP_ALLOC(&own->value, a->count));
    memcpy(own->value, a->value, a->count * sizeof *a->value);
  }
done:
  return st;
}
