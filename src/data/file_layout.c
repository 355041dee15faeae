/* file_layout.c - the table of layouts, and what they share. */
#include "file_layout.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "file.h"
#include "system.h"

/* In the order of asking: the more particular first. */
static const mpp_file_layout *const layouts[] = {&mpp_file_layout_ins, &mpp_file_layout_array,
                                                 &mpp_file_layout_groups};

mpp_status mpp_data_file_open(mpp_data_file *f, const char *path, const char *label)
{
  mpp_status st = MPP_OK;
  mpp_data_file opened = {.id = -1, .path = path};
  MPP_TRY(mpp_h5_init());
  MPP_TRY(mpp_check_input(path));
  MPP_TRY(mpp_h5_open(&opened.id, path));
  for (size_t i = 0; i < sizeof layouts / sizeof layouts[0] && opened.layout == NULL; i++) {
    opened.layout = layouts[i]->matches(opened.id) ? layouts[i] : NULL;
  }
  MPP_REQUIRE(opened.layout != NULL, MPP_ERR_DATA,
              "%s: unknown layout: found neither groups with 'data' nor 'x-coordinate' nor "
              "'velocity' and 'particles', expected a file of PDEBench",
              path);
  MPP_TRY(opened.layout->describe(&opened, label));
  *f = opened;
  opened = (mpp_data_file){.id = -1};
done:
  mpp_data_file_close(&opened);
  return st;
}

void mpp_data_file_close(mpp_data_file *f)
{
  mpp_h5_close(f->id);
  mpp_h5_members_free(f->group, f->nmembers);
  *f = (mpp_data_file){.id = -1};
}

mpp_status mpp_file_layout_label(mpp_name out, const mpp_data_file *f, const char *asked)
{
  mpp_status st = MPP_OK;
  char *text = NULL;
  if (asked[0] == '\0' && mpp_h5_has_attribute(f->id, "/", "system")) {
    MPP_TRY(mpp_h5_attribute_text(&text, f->id, f->path, "/", "system"));
    MPP_REQUIRE(strlen(text) < MPP_NAME_MAX, MPP_ERR_DATA,
                "%s: attribute system: found %zu characters, expected at most %d", f->path,
                strlen(text), MPP_NAME_MAX - 1);
    asked = text;
  }
  snprintf(out, sizeof(mpp_name), "%s", asked);
done:
  mpp_free(text);
  return st;
}

mpp_status mpp_file_layout_name(mpp_data_file *f, const char *label, const char *content,
                                const mpp_name *name, size_t nfields)
{
  mpp_status st = MPP_OK;
  size_t known = 0;
  const char *system = label[0] != '\0' ? label : content;
  MPP_REQUIRE(system[0] != '\0', MPP_ERR_DATA,
              "%s: %zu fields of no known system: name one with %s:SYSTEM", f->path, nfields,
              f->path);
  MPP_REQUIRE(nfields > 0 && nfields <= MPP_MAX_FIELDS, MPP_ERR_DATA,
              "%s: %zu fields, expected 1 to %d", f->path, nfields, MPP_MAX_FIELDS);
  const mpp_field_info *fields = mpp_system_fields(&known, system);
  MPP_REQUIRE(fields == NULL || known == nfields, MPP_ERR_DATA,
              "%s: found %zu fields, expected %zu for system '%s'", f->path, nfields, known,
              system);
  for (size_t i = 0; i < nfields; i++) {
    mpp_name qualified;
    snprintf(f->field[i], sizeof f->field[i], "%s", fields != NULL ? fields[i].name : name[i]);
    st = mpp_field_qualify(qualified, system, f->field[i]); /* a relabelled name may not fit */
    if (st != MPP_OK) {
      st = mpp_fail_prefix(st, "%s", f->path);
      goto done;
    }
  }
  f->nfields = nfields;
  snprintf(f->system, sizeof f->system, "%s", system);
done:
  return st;
}

void mpp_file_layout_axes(mpp_data_file *f, const char *const *name, const size_t *length,
                          size_t count)
{
  assert(count >= 1 && count <= 3);
  for (size_t a = 0; a < 3; a++) {
    const bool has = a + count >= 3;
    f->grid[a] = has ? length[a + count - 3] : 1;
    snprintf(f->axis[a], sizeof f->axis[a], "%s", has ? name[a + count - 3] : "");
  }
}

mpp_status mpp_file_layout_shape(size_t shape[MPP_H5_MAX_RANK], const mpp_data_file *f,
                                 const char *name, int rank)
{
  mpp_status st = MPP_OK;
  int found = 0;
  MPP_TRY(mpp_h5_shape(shape, &found, f->id, f->path, name));
  MPP_REQUIRE(found == rank, MPP_ERR_DATA, "%s: %s: found %d axes, expected %d", f->path, name,
              found, rank);
  for (int i = 0; i < rank; i++) {
    MPP_REQUIRE(shape[i] > 0, MPP_ERR_DATA, "%s: %s: axis %d has no entries", f->path, name, i);
  }
done:
  return st;
}

mpp_status mpp_file_layout_vector(const mpp_data_file *f, const char *name, size_t length,
                                  size_t surplus)
{
  mpp_status st = MPP_OK;
  size_t shape[MPP_H5_MAX_RANK];
  MPP_TRY(mpp_file_layout_shape(shape, f, name, 1));
  MPP_REQUIRE(shape[0] == length || shape[0] == length + surplus, MPP_ERR_DATA,
              "%s: %s: found %zu entries, expected %zu%s", f->path, name, shape[0], length,
              surplus > 0 ? " or one more" : "");
done:
  return st;
}
