/* pde_spec.c - "SYSTEM,NAME=VALUE,..." -> a system and its options. */
#include <string.h>

#include "check.h"
#include "pde_system.h"

/* Options of the table that say what is computed; the others say what is done with it. */
static bool is_setting(const char *name)
{
  static const char *const names[] = {"resolution", "frames",   "horizon",        "seed",
                                      "preset",     "boundary", "pdebench-compat"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (strcmp(name, names[i]) == 0) {
      return true;
    }
  }
  return false;
}

static bool is_axis(const mpp_pde *pde, const char *name)
{
  for (int a = 0; a < 3; a++) {
    if (name[0] != '\0' && strcmp(pde->axis[a], name) == 0) {
      return true;
    }
  }
  return false;
}

/* `item` is "name=value" and may be written to. */
static mpp_status set_item(mpp_generate_options *o, const mpp_pde *pde, char *item)
{
  mpp_status st = MPP_OK;
  char *equals = strchr(item, '=');
  MPP_REQUIRE(equals != NULL && equals != item, MPP_ERR_USAGE,
              "solver %s: found '%s', expected NAME=VALUE", pde->name, item);
  *equals = '\0';
  if (is_setting(item)) {
    st = mpp_options_set(o, mpp_generate_table, item, equals + 1, pde->name);
    st = st == MPP_ERR_CONFIG ? MPP_ERR_USAGE : st;
    goto done;
  }
  *equals = '=';
  const size_t used = strlen(o->boundary), length = strlen(item);
  char axis[8] = "";
  if ((size_t)(equals - item) < sizeof axis) {
    memcpy(axis, item, (size_t)(equals - item));
  }
  if (is_axis(pde, axis)) {
    MPP_REQUIRE(used + 1 + length < sizeof o->boundary, MPP_ERR_USAGE,
                "solver %s: boundaries of more than %zu bytes", pde->name, sizeof o->boundary);
    const size_t comma = used > 0 ? 1 : 0;
    memcpy(o->boundary + used, ",", comma);
    memcpy(o->boundary + used + comma, item, length + 1);
    goto done;
  }
  MPP_REQUIRE(o->set.count < MPP_LIST_MAX, MPP_ERR_USAGE,
              "solver %s: more than %d parameters at '%s'", pde->name, MPP_LIST_MAX, item);
  memcpy(o->set.item[o->set.count++], item, length + 1);
done:
  return st;
}

mpp_status mpp_pde_parse(const mpp_pde **pde, mpp_generate_options *options, const char *spec)
{
  mpp_status st = MPP_OK;
  char text[MPP_TEXT_MAX];
  const size_t length = strlen(spec);
  const char *names[64] = {NULL};
  size_t count = 0;
  MPP_REQUIRE(length < sizeof text, MPP_ERR_USAGE, "solver: text of %zu bytes, expected at most %d",
              length, MPP_TEXT_MAX - 1);
  memcpy(text, spec, length + 1);
  MPP_TRY(mpp_options_defaults(options, mpp_generate_table));
  char *item = strchr(text, ',');
  if (item != NULL) {
    *item++ = '\0';
  }
  const mpp_pde *found = mpp_pde_find(text);
  if (found == NULL) {
    for (; count < 64 && mpp_pde_at(count) != NULL; count++) {
      names[count] = mpp_pde_name(mpp_pde_at(count));
    }
    const char *close = mpp_closest(text, names, count);
    st = mpp_fail(MPP_ERR_USAGE, "solver '%s': no such system%s%s%s", text,
                  close != NULL ? " (did you mean '" : "", close != NULL ? close : "",
                  close != NULL ? "'?)" : ", see mpp generate --help");
    goto done;
  }
  while (item != NULL && *item != '\0') {
    char *next = strchr(item, ',');
    if (next != NULL) {
      *next++ = '\0';
    }
    MPP_TRY(set_item(options, found, item));
    item = next;
  }
  *pde = found;
done:
  return st;
}
