/* described_read.c - windows of fields, by a description: each array is read once as the box of the
 * file that the window needs, in the file's order; fields are then gathered from it by strides. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "described.h"

void mpp_read_buffer_free(mpp_read_buffer *b)
{
  mpp_free(b->value);
  mpp_free(b->wide);
  *b = (mpp_read_buffer){0};
}

mpp_status mpp_described_object(mpp_object_name out, const mpp_data_file *f,
                                const mpp_described_array *a, size_t trajectory)
{
  const char *group = f->group != NULL ? f->group[trajectory] : "";
  const int n =
      snprintf(out, sizeof(mpp_object_name), "%s%s%s", group, group[0] != '\0' ? "/" : "", a->path);
  if (n < 0 || (size_t)n >= sizeof(mpp_object_name)) {
    return mpp_fail(MPP_ERR_DATA, "%s: name of group '%.80s' is too long", f->path, group);
  }
  return MPP_OK;
}

/* The box of an array that a window needs, and its strides in memory. */
typedef struct box {
  size_t start[MPP_H5_MAX_RANK], step[MPP_H5_MAX_RANK], count[MPP_H5_MAX_RANK];
  size_t stride[MPP_H5_MAX_RANK];
  size_t n; /* values */
} box;

static mpp_status make_box(box *b, const mpp_described_array *a, const char *path,
                           size_t trajectory, mpp_part time, const mpp_part space[3])
{
  mpp_status st = MPP_OK;
  for (int i = 0; i < a->rank; i++) {
    const mpp_axis_role role = a->role[i];
    mpp_part p = {0, 1, a->length[i]}; /* components: all */
    if (role == MPP_ROLE_SAMPLE) {
      p = (mpp_part){trajectory, 1, 1};
    } else if (role == MPP_ROLE_TIME) {
      p = time;
    } else if (role >= MPP_ROLE_SPACE && role <= MPP_ROLE_LAST_SPACE) {
      p = space[role - MPP_ROLE_SPACE];
    } else if (role == MPP_ROLE_FIXED) {
      p = (mpp_part){a->index[i], 1, 1};
    }
    b->start[i] = p.from;
    b->step[i] = p.step;
    b->count[i] = p.count;
  }
  b->n = 1;
  for (int i = a->rank - 1; i >= 0; i--) {
    b->stride[i] = b->n;
    MPP_REQUIRE(mpp_mul(&b->n, b->n, b->count[i]), MPP_ERR_DATA, "%s: %s: its size overflows", path,
                a->path);
  }
done:
  return st;
}

/* Are the stored numbers not yet the values? */
static bool is_wide(const mpp_described_array *a)
{
  return a->scale != 0.0 || a->nmissing > 0 || a->low != a->high;
}

static void unpack(float *out, const double *stored, size_t n, const mpp_described_array *a)
{
  const double scale = a->scale != 0.0 ? a->scale : 1.0;
  const bool limited = a->low != a->high;
  for (size_t i = 0; i < n; i++) {
    const double s = stored[i];
    bool missing = limited && (s < a->low || s > a->high);
    for (size_t k = 0; k < a->nmissing; k++) { missing |= s == a->missing[k]; }
    out[i] = missing ? NAN : (float)(s * scale + a->offset);
  }
}

static mpp_status read_array(float *out, const mpp_data_file *f, mpp_read_buffer *buffer,
                             const mpp_described_array *a, const box *b, size_t trajectory)
{
  mpp_status st = MPP_OK;
  mpp_object_name object;
  MPP_TRY(mpp_described_object(object, f, a, trajectory));
  if (is_wide(a)) {
    MPP_TRY(MPP_RESERVE(&buffer->wide, &buffer->wide_capacity, b->n));
    MPP_TRY(mpp_array_read_f64(buffer->wide, &f->file, object, b->start, b->step, b->count));
    unpack(out, buffer->wide, b->n, a);
  } else {
    MPP_TRY(mpp_array_read_f32(out, &f->file, object, b->start, b->step, b->count));
  }
done:
  return st;
}

/* Offset of a component among the component axes of the box, last fastest. */
static size_t component_offset(const mpp_described_array *a, const box *b, size_t component)
{
  size_t offset = 0;
  for (int i = a->rank - 1; i >= 0; i--) {
    if (a->role[i] == MPP_ROLE_COMPONENT) {
      offset += component % a->length[i] * b->stride[i];
      component /= a->length[i];
    }
  }
  return offset;
}

/* `n` values that are `stride` apart. */
static void copy_row(float *to, const float *from, size_t n, size_t stride)
{
  if (stride == 1) {
    memcpy(to, from, n * sizeof *to);
    return;
  }
  for (size_t k = 0; k < n; k++) { to[k] = from[k * stride]; }
}

/* One field of a box into x: frames `apart` values from each other; an axis that the array does not
 * have has stride 0 and repeats. */
static void gather(float *x, size_t apart, const float *from, const mpp_described_array *a,
                   const box *b, mpp_part time, const mpp_part space[3])
{
  size_t stride[4] = {0}; /* of time, D, H, W */
  for (int i = 0; i < a->rank; i++) {
    if (a->role[i] >= MPP_ROLE_TIME && a->role[i] <= MPP_ROLE_LAST_SPACE) {
      stride[a->role[i] - MPP_ROLE_TIME] = b->stride[i];
    }
  }
  const size_t nh = space[1].count, nw = space[2].count, rows = space[0].count * nh;
  for (size_t t = 0; t < time.count; t++) {
    for (size_t r = 0; r < rows; r++) {
      const size_t at = t * stride[0] + r / nh * stride[1] + r % nh * stride[2];
      copy_row(x + t * apart + r * nw, from + at, nw, stride[3]);
    }
  }
}

/* What a call reads. */
typedef struct window {
  size_t first, nfields, trajectory;
  mpp_part time;
  const mpp_part *space; /* [3] */
} window;

/* The fields of one array; an array that has none of them is not read. */
static mpp_status read_fields(float *x, const mpp_data_file *f, mpp_read_buffer *buffer,
                              const window *w, size_t array)
{
  mpp_status st = MPP_OK;
  const mpp_described_array *a = &f->about->array[array];
  const mpp_part *space = w->space;
  const size_t cells = space[0].count * space[1].count * space[2].count;
  box b = {.n = 0};
  for (size_t c = 0; c < w->nfields; c++) {
    const mpp_described_field *field = &f->about->field[w->first + c];
    if (field->array != array) {
      continue;
    }
    if (b.n == 0) {
      MPP_TRY(make_box(&b, a, f->path, w->trajectory, w->time, space));
      MPP_TRY(MPP_RESERVE(&buffer->value, &buffer->capacity, b.n));
      MPP_TRY(read_array(buffer->value, f, buffer, a, &b, w->trajectory));
    }
    gather(x + c * cells, w->nfields * cells,
           buffer->value + component_offset(a, &b, field->component), a, &b, w->time, space);
  }
done:
  return st;
}

mpp_status mpp_described_read(const mpp_data_file *f, mpp_read_buffer *buffer, float *x,
                              size_t first, size_t nfields, size_t trajectory, mpp_part time,
                              const mpp_part space[3])
{
  mpp_status st = MPP_OK;
  const window w = {first, nfields, trajectory, time, space};
  assert(first + nfields <= f->about->nfields);
  if (f->group != NULL) {
    MPP_TRY(mpp_described_check_group(f, trajectory)); /* the box is made for its shape */
  }
  for (size_t i = 0; i < f->about->narrays; i++) { MPP_TRY(read_fields(x, f, buffer, &w, i)); }
done:
  return st;
}
