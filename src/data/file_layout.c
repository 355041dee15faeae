/* file_layout.c - the table of layouts, and what they share. */
#include "file_layout.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "described.h"
#include "file.h"
#include "system.h"

/* In the order of asking: the more particular first. */
static const mpp_file_layout *const layouts[] = {
    &mpp_file_layout_well,     &mpp_file_layout_pyro2, &mpp_file_layout_netcdf,
    &mpp_file_layout_ins,      &mpp_file_layout_array, &mpp_file_layout_groups,
    &mpp_file_layout_pdearena, &mpp_file_layout_hdf5,
};
enum { LAYOUTS = sizeof layouts / sizeof layouts[0] };

const mpp_data_file mpp_data_file_none = {.file = {.h5 = -1, .nc = -1}};

bool mpp_data_file_is_open(const mpp_data_file *f) { return f->file.h5 >= 0 || f->file.nc >= 0; }

/* Files whose axes the user names are taken for what he says; others for what they look like. */
static mpp_status find_layout(mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  const mpp_data_request *r = f->request;
  for (size_t i = 0; i < LAYOUTS && f->layout == NULL; i++) {
    const bool generic =
        layouts[i] == &mpp_file_layout_hdf5 || layouts[i] == &mpp_file_layout_netcdf;
    const bool asked = r->format[0] == '\0' || strcmp(r->format, layouts[i]->name) == 0;
    if (asked && (generic || !r->axes_named) && layouts[i]->matches(f)) {
      f->layout = layouts[i];
    }
    MPP_TRY(mpp_h5_doubts(f->path));
  }
  MPP_REQUIRE(f->layout != NULL || r->format[0] == '\0', MPP_ERR_CONFIG,
              "%s: is not of the format '%s' that %s names", f->path, r->format, r->origin);
  MPP_REQUIRE(f->layout != NULL, MPP_ERR_DATA, "%s: unknown layout", f->path);
done:
  return st;
}

mpp_status mpp_data_file_open(mpp_data_file *f, const char *path, const mpp_data_request *request)
{
  mpp_status st = MPP_OK;
  mpp_data_file opened = mpp_data_file_none;
  opened.path = path;
  opened.request = request;
  MPP_TRY(mpp_h5_init());
  MPP_TRY(mpp_array_file_open(&opened.file, path));
  MPP_TRY(MPP_ALLOC(&opened.about, 1));
  if (opened.file.nc >= 0) {
    MPP_TRY(mpp_array_file_list(&opened.file, MPP_MOST_ARRAYS));
  }
  MPP_TRY(find_layout(&opened));
  MPP_TRY(opened.layout->describe(&opened));
  MPP_TRY(mpp_described_select(&opened));
  MPP_TRY(mpp_described_check(&opened));
  MPP_TRY(mpp_h5_doubts(path));
  *f = opened;
  opened = mpp_data_file_none;
done:
  mpp_data_file_close(&opened);
  return st;
}

void mpp_data_file_close(mpp_data_file *f)
{
  mpp_array_file_close(&f->file);
  mpp_h5_members_free(f->group, f->nmembers);
  mpp_free(f->about);
  *f = mpp_data_file_none;
}

mpp_status mpp_file_layout_label(mpp_name out, const mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  char *text = NULL;
  const char *asked = f->request->system;
  if (asked[0] == '\0') {
    MPP_TRY(mpp_array_text(&text, &f->file, "/", "system"));
    asked = text != NULL ? text : "";
    MPP_REQUIRE(strlen(asked) < MPP_NAME_MAX, MPP_ERR_DATA,
                "%s: attribute system: found %zu characters, expected at most %d", f->path,
                strlen(asked), MPP_NAME_MAX - 1);
  }
  snprintf(out, sizeof(mpp_name), "%s", asked);
done:
  mpp_free(text);
  return st;
}

mpp_status mpp_file_layout_name(mpp_data_file *f, const char *label, const char *content)
{
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  size_t known = 0;
  const size_t n = d->nfields;
  const char *system = label[0] != '\0' ? label : content;
  MPP_REQUIRE(system[0] != '\0', MPP_ERR_DATA,
              "%s: %zu fields of no known system: name one with %s:SYSTEM", f->path, n, f->path);
  MPP_REQUIRE(n > 0 && n <= MPP_MAX_FIELDS, MPP_ERR_DATA, "%s: %zu fields, expected 1 to %d",
              f->path, n, MPP_MAX_FIELDS);
  const mpp_field_info *fields = mpp_system_fields(&known, system);
  MPP_REQUIRE(fields == NULL || known == n, MPP_ERR_DATA,
              "%s: found %zu fields, expected %zu for system '%s'", f->path, n, known, system);
  for (size_t i = 0; i < n; i++) {
    mpp_name qualified;
    if (fields != NULL) {
      snprintf(d->field[i].name, sizeof d->field[i].name, "%s", fields[i].name);
    }
    st = mpp_field_qualify(qualified, system, d->field[i].name); /* a new label may not fit */
    if (st != MPP_OK) {
      st = mpp_fail_prefix(st, "%s", f->path);
      goto done;
    }
  }
  d->npredicted = n;
  snprintf(d->system, sizeof d->system, "%s", system);
done:
  return st;
}

void mpp_file_layout_axes(mpp_description *d, const char *const *name, const size_t *length,
                          size_t count)
{
  assert(count >= 1 && count <= 3);
  for (size_t a = 0; a < 3; a++) {
    const bool has = a + count >= 3;
    d->grid[a] = has ? length[a + count - 3] : 1;
    snprintf(d->space[a].name, sizeof d->space[a].name, "%s", has ? name[a + count - 3] : "");
  }
}

mpp_status mpp_file_layout_shape(size_t shape[MPP_H5_MAX_RANK], const mpp_data_file *f,
                                 const char *name, int rank)
{
  mpp_status st = MPP_OK;
  int found = 0;
  MPP_TRY(mpp_array_shape(shape, &found, &f->file, name));
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

mpp_described_array mpp_file_layout_line(const char *path, mpp_axis_role role, size_t length)
{
  mpp_described_array a = {.rank = 1, .role = {role}, .length = {length}};
  snprintf(a.path, sizeof a.path, "%s", path);
  return a;
}

mpp_status mpp_file_layout_edges(mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  char *text = NULL, *origin = NULL;
  mpp_boundary boundary[3];
  mpp_axis_name axis[3];
  for (int a = 0; a < 3; a++) { memcpy(axis[a], d->space[a].name, sizeof axis[a]); }
  mpp_system_boundary(boundary, axis, d->system, f->path);
  mpp_describe_edges(d, boundary);
  MPP_TRY(mpp_array_text(&text, &f->file, "/", "boundary"));
  if (text != NULL) {
    MPP_TRY(mpp_format(&origin, "%s: attribute boundary", f->path));
    st = mpp_boundary_parse(d->edge, axis, text, origin);
    st = st == MPP_ERR_USAGE ? MPP_ERR_DATA : st; /* here the text is not the user's */
  }
done:
  mpp_free(text);
  mpp_free(origin);
  return st;
}
