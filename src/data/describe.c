/* describe.c - a dataset written down as YAML that opens it again (data_request_yaml.c), with
 * comments that say what is sure and what is a guess. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "dataset_impl.h"
#include "file.h"
#include "text.h"

/* A growing text. */
typedef struct text {
  FILE *f;
  char *memory; /* of open_memstream: freed with free() */
  size_t size;
} text;

/* A YAML scalar: plain where that reads back as the same text, else quoted. */
static void put_scalar(FILE *f, const char *value)
{
  const bool plain = value[0] != '\0' &&
                     strspn(value, "abcdefghijklmnopqrstuvwxyz"
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                   "_/.-+*?") == strlen(value) &&
                     strchr("-*?.", value[0]) == NULL;
  if (plain) {
    fputs(value, f);
    return;
  }
  fputc('"', f);
  for (const char *c = value; *c != '\0'; c++) {
    if (*c == '"' || *c == '\\') {
      fputc('\\', f);
    }
    if (!iscntrl((unsigned char)*c)) {
      fputc(*c, f);
    }
  }
  fputc('"', f);
}

/* "   # sure: ..." at the end of a line */
static void put_note(FILE *f, const mpp_described_note *note)
{
  if (note->text[0] != '\0') {
    fprintf(f, "  # %s: %s", note->unsure ? "UNSURE" : "sure", note->text);
  }
  fputc('\n', f);
}

static void put_pair(FILE *f, const char *key, const char *value)
{
  fprintf(f, "%s: ", key);
  put_scalar(f, value);
}

/* What the files are called, relative to nothing: as the user gave them. */
static void put_files(FILE *f, const mpp_dataset *d, const char *spec_path)
{
  fputs("files: ", f);
  if (mpp_file_set_is_description(&(mpp_file_set){.count = 1, .file = (char *[]){d->files.path}})) {
    fputc('[', f);
    for (size_t i = 0; i < d->files.count; i++) {
      fputs(i > 0 ? ", " : "", f);
      put_scalar(f, d->files.file[i]);
    }
    fputc(']', f);
  } else {
    put_scalar(f, spec_path);
  }
  fprintf(f, "  # %zu file%s%s\n", d->files.count, d->files.count > 1 ? "s" : "",
          d->pieces > 1 ? ", pieces of runs" : "");
}

static void put_field(FILE *f, const mpp_description *a, const mpp_described_field *field)
{
  const mpp_described_array *array = &a->array[field->array];
  fputs("  - {name: ", f);
  put_scalar(f, field->name);
  fputs(", variable: ", f);
  put_scalar(f, array->path);
  if (mpp_described_components(array) > 1) {
    fprintf(f, ", component: %zu", field->component);
  }
  if (field->units[0] != '\0') {
    fputs(", units: ", f);
    put_scalar(f, field->units);
  }
  if (field->long_name[0] != '\0') {
    fputs(", long_name: ", f);
    put_scalar(f, field->long_name);
  }
  fputs("}", f);
  if (array->scale != 0.0 && (array->scale != 1.0 || array->offset != 0.0)) {
    fprintf(f, "  # packed: times %g plus %g", array->scale, array->offset);
  }
  fputc('\n', f);
}

static void put_fields(FILE *f, const mpp_dataset *d)
{
  const mpp_description *a = d->about;
  fputs("fields:", f);
  put_note(f, &a->note[MPP_NOTE_FIELDS]);
  for (size_t i = 0; i < a->npredicted; i++) { put_field(f, a, &a->field[i]); }
  const size_t masks = a->nfields - a->nmasks;
  if (masks > a->npredicted) {
    fputs("given:  # known in advance, not predicted\n", f);
    for (size_t i = a->npredicted; i < masks; i++) { put_field(f, a, &a->field[i]); }
  }
  for (size_t i = 0; i < a->nmasks; i++) {
    fputs(i == 0 ? "mask: [" : ", ", f);
    put_scalar(f, d->info.mask[i]);
  }
  fputs(a->nmasks > 0 ? "]  # cells that count nowhere\n" : "", f);
}

static const char *role_word(const mpp_description *a, const mpp_described_array *array, int axis)
{
  const mpp_axis_role role = array->role[axis];
  return role == MPP_ROLE_SAMPLE      ? "sample"
         : role == MPP_ROLE_TIME      ? "time"
         : role == MPP_ROLE_COMPONENT ? "component"
         : role == MPP_ROLE_FIXED     ? "other"
                                      : a->space[role - MPP_ROLE_SPACE].name;
}

/* "time: t", by the name that the file has for the axis; nothing where there is none. */
static void put_named(FILE *f, const mpp_dataset *d, const char *key, mpp_axis_role role,
                      mpp_note_subject subject)
{
  const mpp_described_array *first = &d->about->array[d->about->field[0].array];
  const mpp_array *a = mpp_array_find(&d->open.file, first->path);
  const int axis = mpp_described_axis(first, role);
  if (a != NULL && axis >= 0 && a->dimension[axis] != NULL) {
    put_pair(f, key, a->dimension[axis]);
    put_note(f, &d->about->note[subject]);
  }
}

/* Axes by name where the file names them, else by their places in the first array. */
static void put_axes(FILE *f, const mpp_dataset *d, bool named)
{
  const mpp_description *a = d->about;
  const mpp_described_array *first = &a->array[a->field[0].array];
  if (!named) {
    fputs("axes: [", f);
    for (int i = 0; i < first->rank; i++) {
      fputs(i > 0 ? ", " : "", f);
      put_scalar(f, role_word(a, first, i));
    }
    fputs("]", f);
    bool unsure = false;
    for (int i = MPP_NOTE_SAMPLE; i <= MPP_NOTE_SPACE; i++) { unsure |= a->note[i].unsure; }
    unsure |= a->note[MPP_NOTE_COMPONENT].unsure;
    fprintf(f, "  # %s: of %s, slowest first\n", unsure ? "UNSURE" : "sure", first->path);
  } else {
    put_named(f, d, "sample", MPP_ROLE_SAMPLE, MPP_NOTE_SAMPLE);
    put_named(f, d, "time", MPP_ROLE_TIME, MPP_NOTE_TIME);
    put_named(f, d, "component", MPP_ROLE_COMPONENT, MPP_NOTE_COMPONENT);
  }
  fputs("space: [", f);
  const char *comma = "";
  for (int k = 0; k < 3; k++) {
    if (a->space[k].name[0] != '\0') {
      fputs(comma, f);
      put_scalar(f, a->space[k].name);
      comma = ", ";
    }
  }
  fputs("]", f);
  put_note(f, &a->note[MPP_NOTE_SPACE]);
}

static const char *edge_word(mpp_side edge)
{
  return edge == MPP_SIDE_PERIODIC ? "periodic" : edge == MPP_SIDE_WALL ? "wall" : "open";
}

static void put_boundary(FILE *f, const mpp_description *a)
{
  const char *comma = "";
  fputs("boundary: {", f);
  for (int k = 0; k < 3; k++) {
    if (a->space[k].name[0] == '\0') {
      continue;
    }
    fputs(comma, f);
    put_scalar(f, a->space[k].name);
    const bool both = a->edge[k][0] == a->edge[k][1];
    fprintf(f, ": %s%s%s%s%s", both ? "" : "\"", edge_word(a->edge[k][0]), both ? "" : ":",
            both ? "" : edge_word(a->edge[k][1]), both ? "" : "\"");
    comma = ", ";
  }
  fputs("}", f);
  put_note(f, &a->note[MPP_NOTE_BOUNDARY]);
}

/* "x=2, t=4" of the axes that have one: their stride, or else what is cropped. */
static void put_ranges(FILE *f, const mpp_data_request *r, bool strides)
{
  const char *before = strides ? "stride: {" : "crop: {";
  bool any = false;
  for (size_t i = 0; i < r->nranges; i++) {
    const mpp_axis_range *range = &r->range[i];
    if (strides ? range->step == 0 : range->from < 0 && range->to < 0) {
      continue;
    }
    fputs(any ? ", " : before, f);
    put_scalar(f, range->axis);
    if (strides) {
      fprintf(f, ": %ld", range->step);
    } else {
      fprintf(f, ": \"%ld:", range->from > 0 ? range->from : 0L);
      if (range->to >= 0) {
        fprintf(f, "%ld", range->to);
      }
      fputc('"', f);
    }
    any = true;
  }
  fputs(any ? "}\n" : "", f);
}

/* What the user chose to read of it. */
static void put_choices(FILE *f, const mpp_data_request *r)
{
  static const char *const fills[] = {
      [MPP_FILL_MEAN] = "mean", [MPP_FILL_NEAREST] = "nearest", [MPP_FILL_MASK] = "mask"};
  for (size_t i = 0; i < r->nat; i++) {
    fputs(i == 0 ? "at: {" : ", ", f);
    put_scalar(f, r->at[i].axis);
    fprintf(f, ": %ld%s", r->at[i].index, i + 1 == r->nat ? "}\n" : "");
  }
  put_ranges(f, r, false);
  put_ranges(f, r, true);
  fputs(r->antialias ? "antialias: true\n" : "", f);
  if (r->fill != MPP_FILL_NONE) {
    fprintf(f, "fill: %s\n", fills[r->fill]);
  }
  if (r->where[0] != '\0') {
    put_pair(f, "where", r->where);
    fputc('\n', f);
  }
  for (size_t i = 0; i < r->nparameters; i++) {
    fputs(i == 0 ? "parameters: {" : ", ", f);
    put_scalar(f, r->parameter[i].name);
    fprintf(f, ": %.9g%s", r->parameter[i].value, i + 1 == r->nparameters ? "}\n" : "");
  }
}

/* What is there: for the eye alone. */
static mpp_status put_summary(FILE *f, mpp_dataset *d)
{
  mpp_status st = MPP_OK;
  const mpp_dataset_info *info = &d->info;
  double *t = NULL, value[MPP_MAX_PARAMETERS];
  MPP_TRY(MPP_ALLOC(&t, info->nframes));
  MPP_TRY(mpp_dataset_times(d, t, 0));
  fprintf(f, "# %zu trajector%s of %zu frame%s, times %g to %g%s%s; grid", info->ntrajectories,
          info->ntrajectories > 1 ? "ies" : "y", info->nframes, info->nframes > 1 ? "s" : "", t[0],
          t[info->nframes - 1], info->time_units[0] != '\0' ? " " : "", info->time_units);
  for (int a = 0; a < 3; a++) {
    if (info->axis[a][0] != '\0') {
      fprintf(f, " %s=%zu", info->axis[a], info->grid[a]);
    }
  }
  fputc('\n', f);
  MPP_TRY(mpp_dataset_parameters(d, value, 0));
  for (size_t i = 0; i < info->nparameters; i++) {
    fprintf(f, "%s %s=%g", i == 0 ? "# parameters (of the first trajectory):" : ",",
            info->parameter[i], value[i]);
  }
  fputs(info->nparameters > 0 ? "\n" : "", f);
done:
  mpp_free(t);
  return st;
}

static mpp_status put_all(FILE *f, mpp_dataset *d, const char *path)
{
  mpp_status st = MPP_OK;
  const mpp_description *a = d->about;
  const bool generic =
      d->open.layout == &mpp_file_layout_hdf5 || d->open.layout == &mpp_file_layout_netcdf;
  const mpp_array *first = NULL;
  fputs("# Description for mpp: edit what is wrong, then give this file wherever data is taken.\n",
        f);
  MPP_TRY(put_summary(f, d));
  put_files(f, d, path);
  fprintf(f, "format: %s  # %s\n", d->info.layout,
          generic ? "of no layout that mpp knows: what follows is read from names and shapes"
                  : "sure: recognised");
  put_pair(f, "system", d->info.system);
  fputs("  # names of fields are SYSTEM:FIELD\n", f);
  put_fields(f, d);
  if (generic) {
    first = mpp_array_find(&d->open.file, a->array[a->field[0].array].path);
    bool named = first != NULL && d->request->naxes == 0;
    for (int i = 0; first != NULL && i < first->rank; i++) {
      named = named && first->dimension[i] != NULL;
    }
    put_axes(f, d, named);
  }
  put_boundary(f, a);
  put_choices(f, d->request);
  if (d->pieces > 1) {
    fprintf(f, "along: time  # %s: %zu files a run, by their times\n",
            d->request->along == MPP_ALONG_GUESS ? "UNSURE" : "sure", d->pieces);
  }
done:
  return st;
}

mpp_status mpp_describe(char **out, const char *spec, const mpp_dataset_options *options)
{
  mpp_status st = MPP_OK;
  mpp_dataset *d = NULL;
  text t = {NULL, NULL, 0};
  MPP_TRY(mpp_dataset_open(&d, spec, options));
  mpp_h5_lock();
  st = mpp_dataset_use_file(d, 0);
  t.f = st == MPP_OK && !mpp_fault() ? open_memstream(&t.memory, &t.size) : NULL;
  if (st == MPP_OK) {
    st = t.f == NULL ? mpp_fail(MPP_ERR_NOMEM, "%s: no memory for its description", spec)
                     : put_all(t.f, d, d->files.path);
  }
  mpp_h5_unlock();
  MPP_TRY(st);
  const bool failed = fclose(t.f) != 0;
  t.f = NULL;
  MPP_REQUIRE(!failed, MPP_ERR_NOMEM, "%s: no memory for its description", spec);
  MPP_TRY(mpp_format(out, "%s", t.memory));
  mpp_clean_text(*out); /* YAML is UTF-8, comments too */
done:
  if (t.f != NULL) {
    fclose(t.f);
  }
  free(t.memory);
  mpp_dataset_close(d);
  return st;
}

void mpp_text_free(char *out) { mpp_free(out); }

mpp_status mpp_text_save(const char *path, const char *content, bool overwrite)
{
  const mpp_status st = mpp_check_output(path, overwrite);
  return st == MPP_OK ? mpp_write_text(path, content) : st;
}
