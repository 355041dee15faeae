/* description.c - building descriptions. */
#include "description.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

void mpp_describe_note(mpp_description *d, mpp_note_subject subject, bool unsure,
                       const char *format, ...)
{
  mpp_described_note note = {.unsure = unsure};
  va_list args;
  va_start(args, format);
  vsnprintf(note.text, sizeof note.text, format, args);
  va_end(args);
  d->note[subject] = note;
}

void mpp_describe_edges(mpp_description *d, const mpp_boundary boundary[3])
{
  for (int a = 0; a < 3; a++) {
    for (int side = 0; side < 2; side++) {
      d->edge[a][side] = boundary[a] == MPP_PERIODIC ? MPP_SIDE_PERIODIC : MPP_SIDE_OPEN;
    }
  }
}

mpp_status mpp_describe_array(mpp_description *d, size_t *array, const char *path, const char *file,
                              int rank, const size_t *length, const mpp_axis_role *role)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(d->narrays < MPP_MAX_ARRAYS, MPP_ERR_DATA, "%s: more than %d arrays of fields", file,
              MPP_MAX_ARRAYS);
  MPP_REQUIRE(strlen(path) < MPP_OBJECT_MAX, MPP_ERR_DATA, "%s: %.80s...: its name is too long",
              file, path);
  assert(rank >= 0 && rank <= MPP_H5_MAX_RANK);
  mpp_described_array *a = &d->array[d->narrays];
  *a = (mpp_described_array){.rank = rank};
  snprintf(a->path, sizeof a->path, "%s", path);
  for (int i = 0; i < rank; i++) {
    a->length[i] = length[i];
    a->role[i] = role[i];
  }
  *array = d->narrays++;
done:
  return st;
}

mpp_status mpp_describe_field(mpp_description *d, const char *file, const char *name, size_t array,
                              size_t component)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(d->nfields < MPP_MAX_ARRAYS, MPP_ERR_DATA, "%s: more than %d fields", file,
              MPP_MAX_ARRAYS);
  MPP_REQUIRE(strlen(name) < MPP_NAME_MAX, MPP_ERR_DATA,
              "%s: %s: a name of more than %d characters", file, name, MPP_NAME_MAX - 1);
  assert(array < d->narrays);
  mpp_described_field *f = &d->field[d->nfields++];
  *f = (mpp_described_field){.array = array, .component = component};
  snprintf(f->name, sizeof f->name, "%s", name);
done:
  return st;
}

void mpp_describe_parameter(mpp_description *d, const char *name, double value)
{
  mpp_name own;
  for (size_t i = 0; i < d->nparameters; i++) {
    if (strcasecmp(d->parameter[i].name, name) == 0) {
      return;
    }
  }
  mpp_copy_text(own, sizeof own, name); /* one that changes cannot be asked for */
  if (d->nparameters < MPP_MAX_PARAMETERS && strcmp(own, name) == 0) {
    mpp_described_parameter *p = &d->parameter[d->nparameters++];
    *p = (mpp_described_parameter){.value = value};
    snprintf(p->name, sizeof p->name, "%s", name);
  }
}

size_t mpp_described_components(const mpp_described_array *a)
{
  size_t n = 1;
  for (int i = 0; i < a->rank; i++) { n *= a->role[i] == MPP_ROLE_COMPONENT ? a->length[i] : 1; }
  return n;
}

int mpp_described_axis(const mpp_described_array *a, mpp_axis_role role)
{
  for (int i = 0; i < a->rank; i++) {
    if (a->role[i] == role) {
      return i;
    }
  }
  return -1;
}
