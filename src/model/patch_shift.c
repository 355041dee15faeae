/* patch_shift.c - the shifted window. */
#include "patch_shift.h"

#include "check.h"
#include "threads.h"

mpp_status mpp_patch_shift_set(mpp_dims *d, const size_t shift[3], size_t patch)
{
  mpp_status st = MPP_OK;
  for (int a = 0; a < 3; a++) {
    const size_t most = d->attends[a] ? patch - 1 : 0;
    MPP_REQUIRE(shift[a] <= most, MPP_ERR_DATA,
                "window: shift of %zu cells along axis %d, expected "
                "at most %zu",
                shift[a], a, most);
    d->shift[a] = shift[a];
    const size_t needed = d->field[a] + (d->periodic[a] ? 0 : shift[a]);
    d->grid[0][a] = d->attends[a] ? (needed + patch - 1) / patch * patch : 1;
  }
done:
  return st;
}

/* The cell of the window at place `i` of what the network sees: past an open end its reflection, as
 * far as there are cells. */
static size_t source_of(const mpp_dims *d, int axis, size_t i)
{
  const size_t n = d->field[axis], shift = d->shift[axis];
  if (d->periodic[axis]) {
    return (i + n - shift % n) % n;
  }
  const size_t cell = i >= shift ? i - shift : shift - 1 - i;
  const size_t mirrored = cell < n ? cell : 2 * n > cell ? 2 * n - 1 - cell : 0;
  return mirrored < n ? mirrored : n - 1;
}

const float *mpp_patch_shift_window(mpp_tape *t, const float *x)
{
  const mpp_dims *d = &t->dims;
  if (!mpp_patch_shift_any(d)) {
    return x;
  }
  const size_t *n = d->grid[0], rows = n[0] * n[1], frames = d->T * d->B * d->fields;
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t k = 0; k < frames * rows; k++) {
    const size_t plane = source_of(d, 0, k % rows / n[1]), row = source_of(d, 1, k % n[1]);
    const float *from = x + k / rows * d->field_cells + (plane * d->field[1] + row) * d->field[2];
    float *to = t->shifted + k * n[2];
    for (size_t w = 0; w < n[2]; w++) { to[w] = from[source_of(d, 2, w)]; }
  }
  return t->shifted;
}

void mpp_patch_shift_bytes(unsigned char *to, const unsigned char *from, const mpp_dims *d)
{
  const size_t *n = d->grid[0], rows = n[0] * n[1], frames = d->T * d->B * d->fields;
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t k = 0; k < frames * rows; k++) {
    const size_t plane = source_of(d, 0, k % rows / n[1]), row = source_of(d, 1, k % n[1]);
    const size_t at = k / rows * d->field_cells + (plane * d->field[1] + row) * d->field[2];
    for (size_t w = 0; w < n[2]; w++) { to[k * n[2] + w] = from[at + source_of(d, 2, w)]; }
  }
}
