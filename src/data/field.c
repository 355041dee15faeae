/* field.c - the field table and the published vocabulary. */
#include "mpp/field.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

/* PDEBench's systems are non-dimensional; the units are those of the quantities in SI, so that
 * netCDF tools show something that can be read. Fields of a system stand in channel order. */
static const mpp_field_info table[] = {
    {"swe", "h", "m", "water depth"},
    {"incompNS", "Vx", "m s-1", "velocity along x"},
    {"incompNS", "Vy", "m s-1", "velocity along y"},
    {"incompNS", "particles", "1", "particle concentration"},
    {"diffre2d", "activator", "1", "activator concentration"},
    {"diffre2d", "inhibitor", "1", "inhibitor concentration"},
    {"compNS", "Vx", "m s-1", "velocity along x"},
    {"compNS", "Vy", "m s-1", "velocity along y"},
    {"compNS", "density", "kg m-3", "mass density"},
    {"compNS", "pressure", "Pa", "pressure"},
    {"diffsorb", "u", "1", "dissolved concentration"},
    {"advection", "u", "1", "transported quantity"},
    {"burgers", "Vx", "m s-1", "velocity along x"},
    {"reacdiff", "u", "1", "concentration"},
    {"compNS1d", "Vx", "m s-1", "velocity along x"},
    {"compNS1d", "density", "kg m-3", "mass density"},
    {"compNS1d", "pressure", "Pa", "pressure"},
    {"compNS3d", "Vx", "m s-1", "velocity along x"},
    {"compNS3d", "Vy", "m s-1", "velocity along y"},
    {"compNS3d", "Vz", "m s-1", "velocity along z"},
    {"compNS3d", "density", "kg m-3", "mass density"},
    {"compNS3d", "pressure", "Pa", "pressure"},
    {"darcy", "u", "Pa", "pressure head"},
    {"grayscott", "A", "1", "concentration of the substrate"},
    {"grayscott", "B", "1", "concentration of the activator"},
    {"ks", "u", "1", "height of the front"},
    {"wave", "u", "1", "displacement"},
    {"wave", "v", "s-1", "velocity of the displacement"},
};

/* Columns of the published space_bag weights; the last two were never used. */
const mpp_name mpp_published_vocabulary[12] = {
    "swe:h",
    "incompNS:Vx",
    "incompNS:Vy",
    "incompNS:particles",
    "diffre2d:activator",
    "diffre2d:inhibitor",
    "compNS:Vx",
    "compNS:Vy",
    "compNS:density",
    "compNS:pressure",
    "",
    "",
};

const mpp_field_info *mpp_field_at(size_t index)
{
  return index < sizeof table / sizeof table[0] ? &table[index] : NULL;
}

const mpp_field_info *mpp_field_find(const char *qualified)
{
  const char *colon = strchr(qualified, ':');
  if (colon == NULL) {
    return NULL;
  }
  const size_t length = (size_t)(colon - qualified);
  for (const mpp_field_info *f = table; f < table + sizeof table / sizeof table[0]; f++) {
    if (strlen(f->system) == length && strncmp(f->system, qualified, length) == 0 &&
        strcmp(f->name, colon + 1) == 0) {
      return f;
    }
  }
  return NULL;
}

static bool printable(const char *text)
{
  for (; *text != '\0'; text++) {
    if (!isprint((unsigned char)*text)) {
      return false;
    }
  }
  return true;
}

mpp_status mpp_field_qualify(mpp_name out, const char *system, const char *name)
{
  mpp_status st = MPP_OK;
  const size_t nsystem = strlen(system), nname = strlen(name);
  MPP_REQUIRE(nsystem > 0 && nname > 0, MPP_ERR_DATA,
              "field '%s:%s': the name of the %s is empty, expected SYSTEM:FIELD", system, name,
              nsystem == 0 ? "system" : "field");
  MPP_REQUIRE(printable(system) && printable(name) && strchr(system, ':') == NULL &&
                  strchr(name, ':') == NULL,
              MPP_ERR_DATA, "field '%s:%s': expected printable characters without a colon", system,
              name);
  MPP_REQUIRE(nsystem < MPP_NAME_MAX && nname < MPP_NAME_MAX && nsystem + nname + 2 <= MPP_NAME_MAX,
              MPP_ERR_DATA, "field '%.80s:%.80s': %zu characters, expected at most %d", system,
              name, nsystem + nname + 1, MPP_NAME_MAX - 1);
  snprintf(out, MPP_NAME_MAX, "%s:%s", system, name);
done:
  return st;
}

const char *mpp_field_short(const char *qualified)
{
  const char *colon = strchr(qualified, ':');
  return colon != NULL ? colon + 1 : qualified;
}
