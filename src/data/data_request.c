/* data_request.c - the texts of options and of description files taken apart. */
#include "data_request.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* What is being set, for messages. */
typedef struct setting {
  mpp_data_request *r;
  const char *key, *origin;
  mpp_status code;
} setting;

static void trim(char *text)
{
  size_t length = strlen(text);
  while (length > 0 && isspace((unsigned char)text[length - 1])) { text[--length] = '\0'; }
  const size_t blanks = strspn(text, " \t");
  memmove(text, text + blanks, length - blanks + 1);
}

/* Calls `each` with every item of a list separated by commas, without the blanks around it. */
static mpp_status each_item(const setting *s, const char *text,
                            mpp_status (*each)(const setting *s, char *item))
{
  mpp_status st = MPP_OK;
  for (const char *at = text; at != NULL;) {
    char item[2 * MPP_OBJECT_MAX];
    const char *comma = strchr(at, ',');
    const size_t length = comma != NULL ? (size_t)(comma - at) : strlen(at);
    MPP_REQUIRE(length < sizeof item, s->code, "%s: %s: an item of %zu characters, expected fewer",
                s->origin, s->key, length);
    memcpy(item, at, length);
    item[length] = '\0';
    trim(item);
    MPP_REQUIRE(item[0] != '\0', s->code, "%s: %s: found '%s', which has an empty item", s->origin,
                s->key, text);
    MPP_TRY(each(s, item));
    at = comma != NULL ? comma + 1 : NULL;
  }
done:
  return st;
}

/* ---- items ---- */

static mpp_status set_name(const setting *s, mpp_axis_name out, const char *text)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(strlen(text) < sizeof(mpp_axis_name), s->code,
              "%s: %s: '%s' has %zu characters, expected at most %zu", s->origin, s->key, text,
              strlen(text), sizeof(mpp_axis_name) - 1);
  snprintf(out, sizeof(mpp_axis_name), "%s", text);
done:
  return st;
}

static mpp_status set_label(const setting *s, mpp_name out, const char *text)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(text[0] != '\0' && strlen(text) < MPP_NAME_MAX && strchr(text, ':') == NULL, s->code,
              "%s: %s: found '%s', expected 1 to %d characters without a colon", s->origin, s->key,
              text, MPP_NAME_MAX - 1);
  snprintf(out, MPP_NAME_MAX, "%s", text);
done:
  return st;
}

/* `axis` is the one that it is of, or "". */
static mpp_status set_integer(const setting *s, long *out, const char *text, long least,
                              const char *axis)
{
  mpp_status st = MPP_OK;
  char *end = NULL;
  errno = 0;
  const long value = strtol(text, &end, 10);
  MPP_REQUIRE(end != text && *end == '\0' && errno == 0 && value >= least, s->code,
              "%s: %s: %s%s%sfound '%s', expected a whole number from %ld on", s->origin, s->key,
              axis[0] != '\0' ? "axis '" : "", axis, axis[0] != '\0' ? "': " : "", text, least);
  *out = value;
done:
  return st;
}

static mpp_status add_space(const setting *s, char *item)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(s->r->nspace < 3, s->code, "%s: space: more than three axes", s->origin);
  MPP_TRY(set_name(s, s->r->space[s->r->nspace], item));
  for (size_t i = 0; i < s->r->nspace; i++) {
    MPP_REQUIRE(strcmp(s->r->space[i], item) != 0, s->code, "%s: space: axis '%s' is there twice",
                s->origin, item);
  }
  s->r->nspace++;
done:
  return st;
}

static mpp_status add_axis(const setting *s, char *item)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(s->r->naxes < MPP_H5_MAX_RANK, s->code, "%s: axes: more than %d", s->origin,
              MPP_H5_MAX_RANK);
  MPP_TRY(set_name(s, s->r->axes[s->r->naxes], item));
  s->r->naxes++;
done:
  return st;
}

/* "u", "u=state/velocity", "u=velocity[0]" */
static mpp_status add_field(const setting *s, char *item)
{
  mpp_status st = MPP_OK;
  mpp_data_request *r = s->r;
  mpp_requested_field *f = &r->field[r->nfields];
  MPP_REQUIRE(r->nfields < MPP_MAX_ARRAYS, s->code, "%s: %s: more than %d fields", s->origin,
              s->key, MPP_MAX_ARRAYS);
  *f = (mpp_requested_field){.component = -1, .given = strcmp(s->key, "given") == 0};
  char *equals = strchr(item, '='), *variable = equals != NULL ? equals + 1 : item;
  if (equals != NULL) {
    *equals = '\0';
    trim(item);
    trim(variable);
  }
  char *bracket = strchr(variable, '[');
  if (bracket != NULL) {
    const size_t length = strlen(bracket);
    MPP_REQUIRE(length > 2 && bracket[length - 1] == ']', s->code,
                "%s: %s: found '%s', expected VARIABLE[COMPONENT]", s->origin, s->key, variable);
    bracket[length - 1] = '\0';
    MPP_TRY(set_integer(s, &f->component, bracket + 1, 0, ""));
    *bracket = '\0';
  }
  const char *name = equals != NULL ? item : strrchr(variable, '/');
  name = name == NULL ? variable : equals == NULL ? name + 1 : name;
  MPP_REQUIRE(variable[0] != '\0', s->code, "%s: %s: field '%s' of no variable", s->origin, s->key,
              item);
  MPP_TRY(set_label(s, f->name, name));
  MPP_REQUIRE(strlen(variable) < MPP_OBJECT_MAX, s->code, "%s: %s: '%s' is too long", s->origin,
              s->key, variable);
  snprintf(f->variable, sizeof f->variable, "%s", variable);
  if (equals == NULL && f->component >= 0) { /* two components of one name are no names */
    snprintf(f->name + strlen(f->name), sizeof f->name - strlen(f->name), "_%ld", f->component);
  }
  for (size_t i = 0; i < r->nfields; i++) {
    MPP_REQUIRE(strcmp(r->field[i].name, f->name) != 0, s->code,
                "%s: %s: field '%s' is there twice", s->origin, s->key, f->name);
  }
  r->nfields++;
done:
  return st;
}

static mpp_status add_mask(const setting *s, char *item)
{
  return mpp_data_request_mask(s->r, item, s->origin, s->code);
}

/* The name before '='; *value is what follows. */
static mpp_status split_pair(const setting *s, mpp_axis_name axis, char **value, char *item)
{
  mpp_status st = MPP_OK;
  char *equals = strchr(item, '=');
  MPP_REQUIRE(equals != NULL && equals != item && equals[1] != '\0', s->code,
              "%s: %s: found '%s', expected AXIS=%s", s->origin, s->key, item,
              strcmp(s->key, "crop") == 0 ? "FROM:TO" : "NUMBER");
  *equals = '\0';
  trim(item);
  *value = equals + 1;
  trim(*value);
  MPP_TRY(set_name(s, axis, item));
done:
  return st;
}

/* The range of an axis, added if there is none yet; NULL: no room. */
static mpp_axis_range *range_of(mpp_data_request *r, const char *axis)
{
  for (size_t i = 0; i < r->nranges; i++) {
    if (strcmp(r->range[i].axis, axis) == 0) {
      return &r->range[i];
    }
  }
  if (r->nranges == MPP_MAX_RANGES) {
    return NULL;
  }
  mpp_axis_range *range = &r->range[r->nranges++];
  *range = (mpp_axis_range){.from = -1, .to = -1};
  snprintf(range->axis, sizeof range->axis, "%s", axis);
  return range;
}

static mpp_status add_stride(const setting *s, char *item)
{
  mpp_status st = MPP_OK;
  mpp_axis_name axis = "";
  char *value = item;
  long step = 0;
  MPP_TRY(split_pair(s, axis, &value, item));
  MPP_TRY(set_integer(s, &step, value, 1, axis));
  mpp_axis_range *range = range_of(s->r, axis);
  MPP_REQUIRE(range != NULL, s->code, "%s: %s: too many axes", s->origin, s->key);
  range->step = step;
done:
  return st;
}

/* "FROM:TO", either of which may be left out */
static mpp_status add_crop(const setting *s, char *item)
{
  mpp_status st = MPP_OK;
  mpp_axis_name axis = "";
  char *value = item;
  long from = 0, to = -1;
  MPP_TRY(split_pair(s, axis, &value, item));
  char *colon = strchr(value, ':');
  MPP_REQUIRE(colon != NULL, s->code, "%s: crop: found '%s=%s', expected AXIS=FROM:TO", s->origin,
              axis, value);
  *colon = '\0';
  if (value[0] != '\0') {
    MPP_TRY(set_integer(s, &from, value, 0, axis));
  }
  if (colon[1] != '\0') {
    MPP_TRY(set_integer(s, &to, colon + 1, from + 1, axis));
  }
  mpp_axis_range *range = range_of(s->r, axis);
  MPP_REQUIRE(range != NULL, s->code, "%s: %s: too many axes", s->origin, s->key);
  range->from = from;
  range->to = to;
done:
  return st;
}

static mpp_status add_at(const setting *s, char *item)
{
  mpp_status st = MPP_OK;
  mpp_axis_entry entry;
  char *value = item;
  MPP_TRY(split_pair(s, entry.axis, &value, item));
  MPP_TRY(set_integer(s, &entry.index, value, 0, entry.axis));
  MPP_REQUIRE(s->r->nat < MPP_MAX_RANGES, s->code, "%s: at: too many axes", s->origin);
  s->r->at[s->r->nat++] = entry;
done:
  return st;
}

/* Number of a word in "a|b|c". */
static mpp_status set_choice(const setting *s, int *out, const char *text, const char *const *words,
                             int count)
{
  for (int i = 0; i < count; i++) {
    if (strcmp(text, words[i]) == 0) {
      *out = i;
      return MPP_OK;
    }
  }
  return mpp_fail(s->code, "%s: %s: found '%s', expected %s%s%s%s%s", s->origin, s->key, text,
                  words[0], count > 2 ? ", " : " or ", words[1], count > 2 ? " or " : "",
                  count > 2 ? words[2] : "");
}

/* ---- keys ---- */

static void forget_fields(mpp_data_request *r, bool given)
{
  size_t kept = 0;
  for (size_t i = 0; i < r->nfields; i++) {
    if (r->field[i].given != given) {
      r->field[kept++] = r->field[i];
    }
  }
  r->nfields = kept;
}

static mpp_status set_words(const setting *s, const char *text, bool *known)
{
  static const char *const along[] = {"time", "sample"}, *const fill[] = {"mean", "nearest",
                                                                          "mask"};
  mpp_status st = MPP_OK;
  mpp_data_request *r = s->r;
  int choice = 0;
  *known = true;
  if (strcmp(s->key, "along") == 0) {
    MPP_TRY(set_choice(s, &choice, text, along, 2));
    r->along = choice == 0 ? MPP_ALONG_TIME : MPP_ALONG_SAMPLE;
  } else if (strcmp(s->key, "fill") == 0) {
    MPP_TRY(set_choice(s, &choice, text, fill, 3));
    r->fill = (mpp_fill)(MPP_FILL_MEAN + choice);
  } else if (strcmp(s->key, "system") == 0) {
    MPP_TRY(set_label(s, r->system, text));
  } else if (strcmp(s->key, "format") == 0) {
    MPP_TRY(set_label(s, r->format, text));
  } else if (strcmp(s->key, "antialias") == 0) {
    static const char *const words[] = {"false", "true"};
    MPP_TRY(set_choice(s, &choice, text, words, 2));
    r->antialias = choice == 1;
  } else if (strcmp(s->key, "boundary") == 0 || strcmp(s->key, "where") == 0) {
    char *out = s->key[0] == 'b' ? r->boundary : r->where;
    MPP_REQUIRE(strlen(text) < MPP_TEXT_MAX, s->code, "%s: %s: too long", s->origin, s->key);
    snprintf(out, MPP_TEXT_MAX, "%s", text);
  } else {
    *known = false;
  }
done:
  return st;
}

static mpp_status set_axes(const setting *s, const char *text, bool *known)
{
  mpp_status st = MPP_OK;
  mpp_data_request *r = s->r;
  *known = true;
  if (strcmp(s->key, "time") == 0) {
    MPP_TRY(set_name(s, r->time, text));
  } else if (strcmp(s->key, "sample") == 0) {
    MPP_TRY(set_name(s, r->sample, text));
  } else if (strcmp(s->key, "component") == 0) {
    MPP_TRY(set_name(s, r->component, text));
  } else if (strcmp(s->key, "space") == 0) {
    r->nspace = 0;
    MPP_TRY(each_item(s, text, add_space));
  } else if (strcmp(s->key, "axes") == 0) {
    r->naxes = 0;
    MPP_TRY(each_item(s, text, add_axis));
  } else if (strcmp(s->key, "at") == 0) {
    r->nat = 0;
    MPP_TRY(each_item(s, text, add_at));
  } else {
    *known = false;
    goto done;
  }
  r->axes_named = true;
done:
  return st;
}

mpp_status mpp_data_request_set(mpp_data_request *r, const char *key, const char *text,
                                const char *origin, mpp_status code)
{
  mpp_status st = MPP_OK;
  const setting s = {.r = r, .key = key, .origin = origin, .code = code};
  bool known = false;
  MPP_REQUIRE(text[0] != '\0', code, "%s: %s: is empty", origin, key);
  MPP_TRY(set_words(&s, text, &known));
  if (!known) {
    MPP_TRY(set_axes(&s, text, &known));
  }
  if (known) {
    goto done;
  }
  if (strcmp(key, "fields") == 0 || strcmp(key, "given") == 0) {
    const bool given = strcmp(key, "given") == 0, none = given && strcmp(text, "none") == 0;
    forget_fields(r, given);
    r->none_given = given ? none : r->none_given;
    MPP_TRY(none ? MPP_OK : each_item(&s, text, add_field));
  } else if (strcmp(key, "mask") == 0) {
    r->nmasks = 0;
    r->none_masked = strcmp(text, "none") == 0;
    MPP_TRY(r->none_masked ? MPP_OK : each_item(&s, text, add_mask));
  } else if (strcmp(key, "stride") == 0) {
    MPP_TRY(each_item(&s, text, add_stride));
  } else if (strcmp(key, "crop") == 0) {
    MPP_TRY(each_item(&s, text, add_crop));
  } else {
    st = mpp_fail(
        code,
        "%s: unknown key '%s', expected one of files, format, system, fields, given, mask, time, "
        "space, sample, component, axes, at, boundary, along, fill, stride, crop, "
        "antialias, where, parameters",
        origin, key);
  }
done:
  return st;
}
