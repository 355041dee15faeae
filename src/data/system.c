/* system.c - fields and boundaries that come with the name of a system. */
#include "system.h"

#include <ctype.h>
#include <string.h>

#include "check.h"

const mpp_field_info *mpp_system_fields(size_t *nfields, const char *system)
{
  const mpp_field_info *first = NULL, *f;
  *nfields = 0;
  for (size_t i = 0; (f = mpp_field_at(i)) != NULL; i++) {
    if (strcmp(f->system, system) == 0) {
      first = first != NULL ? first : f;
      (*nfields)++;
    }
  }
  return first;
}

/* PDEBench's compressible files whose names say that they are not periodic: "..._trans_Train",
 * and the test sets of shock and Kelvin-Helmholtz type. */
static const struct {
  const char *in_name;
  mpp_boundary x, y;
} exceptions[] = {
    {"trans", MPP_OPEN, MPP_OPEN},
    {"2D_shock", MPP_OPEN, MPP_OPEN},
    {"KH_M", MPP_PERIODIC, MPP_OPEN},
};

static bool is_periodic(const char *system)
{
  static const char *const systems[] = {"compNS",   "compNS1d",  "compNS3d", "advection", "burgers",
                                        "reacdiff", "grayscott", "ks",       "wave"};
  for (size_t i = 0; i < sizeof systems / sizeof systems[0]; i++) {
    if (strcmp(system, systems[i]) == 0) {
      return true;
    }
  }
  return false;
}

void mpp_system_boundary(mpp_boundary boundary[3], mpp_axis_name axis[3], const char *system,
                         const char *path)
{
  const char *slash = strrchr(path, '/');
  const char *name = slash != NULL ? slash + 1 : path;
  const bool compressible = strncmp(system, "compNS", 6) == 0;
  mpp_boundary x = is_periodic(system) ? MPP_PERIODIC : MPP_OPEN, y = x;
  for (size_t i = 0; compressible && i < sizeof exceptions / sizeof exceptions[0]; i++) {
    if (strstr(name, exceptions[i].in_name) != NULL) {
      x = exceptions[i].x;
      y = exceptions[i].y;
      break;
    }
  }
  for (int a = 0; a < 3; a++) {
    boundary[a] = axis[a][0] == '\0' ? MPP_OPEN : strcmp(axis[a], "x") == 0 ? x : y;
  }
}

/* A word of the text, without the blanks around it. */
typedef struct word {
  const char *text;
  size_t length;
} word;

static word trimmed(const char *text, size_t length)
{
  while (length > 0 && isspace((unsigned char)text[0])) {
    text++;
    length--;
  }
  while (length > 0 && isspace((unsigned char)text[length - 1])) { length--; }
  return (word){text, length};
}

static bool is(word w, const char *text)
{
  return strlen(text) == w.length && strncmp(w.text, text, w.length) == 0;
}

/* "periodic", "open", "wall". */
static bool edge_of(mpp_side *out, word w)
{
  static const struct {
    const char *text;
    mpp_side edge;
  } kinds[] = {{"periodic", MPP_SIDE_PERIODIC}, {"open", MPP_SIDE_OPEN}, {"wall", MPP_SIDE_WALL}};
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    if (is(w, kinds[i].text)) {
      *out = kinds[i].edge;
      return true;
    }
  }
  return false;
}

/* Both sides: "wall", or "wall:open" for the low and the high one. */
static mpp_status read_edges(mpp_side edge[2], word value, const char *origin)
{
  mpp_status st = MPP_OK;
  const char *colon = memchr(value.text, ':', value.length);
  const size_t low = colon != NULL ? (size_t)(colon - value.text) : value.length;
  const word sides[2] = {trimmed(value.text, low), colon != NULL
                                                       ? trimmed(colon + 1, value.length - low - 1)
                                                       : trimmed(value.text, low)};
  MPP_REQUIRE(edge_of(&edge[0], sides[0]) && edge_of(&edge[1], sides[1]), MPP_ERR_USAGE,
              "%s: boundary '%.*s', expected 'periodic', 'open' or 'wall'", origin,
              (int)value.length, value.text);
  MPP_REQUIRE((edge[0] == MPP_SIDE_PERIODIC) == (edge[1] == MPP_SIDE_PERIODIC), MPP_ERR_USAGE,
              "%s: boundary '%.*s': one side is periodic, expected both or none", origin,
              (int)value.length, value.text);
done:
  return st;
}

/* Sets one axis, or all that the grid has where `name` is empty. */
static mpp_status set_axis(mpp_side edge[3][2], mpp_axis_name axis[3], word name, word value,
                           const char *origin)
{
  mpp_status st = MPP_OK;
  bool found = false;
  mpp_side sides[2];
  MPP_TRY(read_edges(sides, value, origin));
  for (int a = 0; a < 3; a++) {
    if (axis[a][0] != '\0' && (name.text == NULL || is(name, axis[a]))) {
      memcpy(edge[a], sides, sizeof sides);
      found = true;
    }
  }
  MPP_REQUIRE(found, MPP_ERR_USAGE, "%s: boundary of axis '%.*s', expected one of:%s%s%s%s%s%s",
              origin, (int)name.length, name.text, axis[0][0] != '\0' ? " " : "", axis[0],
              axis[1][0] != '\0' ? " " : "", axis[1], axis[2][0] != '\0' ? " " : "", axis[2]);
done:
  return st;
}

mpp_status mpp_boundary_parse(mpp_side edge[3][2], mpp_axis_name axis[3], const char *text,
                              const char *origin)
{
  mpp_status st = MPP_OK;
  mpp_side set[3][2];
  memcpy(set, edge, sizeof set);
  for (const char *at = text; at != NULL;) {
    const char *comma = strchr(at, ',');
    const size_t length = comma != NULL ? (size_t)(comma - at) : strlen(at);
    const char *equals = memchr(at, '=', length);
    const size_t split = equals != NULL ? (size_t)(equals - at) : 0;
    const word name = equals != NULL ? trimmed(at, split) : (word){NULL, 0};
    const word value =
        equals != NULL ? trimmed(equals + 1, length - split - 1) : trimmed(at, length);
    MPP_TRY(set_axis(set, axis, name, value, origin));
    at = comma != NULL ? comma + 1 : NULL;
  }
  memcpy(edge, set, sizeof set);
done:
  return st;
}
