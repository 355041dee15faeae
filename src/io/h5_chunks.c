/* h5_chunks.c - a box of an array read out of its chunks: each one that filters packed is read as
 * it is stored and unpacked once; of others HDF5 reads the rows that the box touches. What the box
 * has of a chunk then goes to its place. */
#include <string.h>

#include "h5_filter.h"
#include "h5_private.h"

/* A box is read chunk by chunk. */
typedef struct reader {
  const mpp_h5_array *a;
  const mpp_h5_box *box;
  hid_t type; /* of `out` */
  size_t stored_size, out_size;
  bool same; /* stored and read values are of one type */
  bool bare_edges;
  size_t chunk[MPP_H5_MAX_RANK];
  size_t in_chunk[MPP_H5_MAX_RANK]; /* from one value of a chunk to the next, in values */
  size_t step[MPP_H5_MAX_RANK];     /* the same of `out` */
  mpp_unpacker unpacker;            /* owned */
  unsigned char *rows, *values;     /* as HDF5 reads them; as they are converted; owned */
  size_t rows_room, values_room;
  unsigned char *out;
} reader;

/* What a box has of one chunk. */
typedef struct piece {
  hsize_t corner[MPP_H5_MAX_RANK]; /* of the chunk in the array */
  size_t first[MPP_H5_MAX_RANK];   /* entry, in the box */
  size_t from[MPP_H5_MAX_RANK];    /* the same, in the chunk */
  size_t count[MPP_H5_MAX_RANK];
  size_t step[MPP_H5_MAX_RANK]; /* from one to the next where they lie without gaps */
  size_t n;                     /* entries in all */
  bool at_edge;                 /* the chunk juts out of the array */
} piece;

/* Where the values of a piece lie, as they are stored. */
typedef struct view {
  const unsigned char *first; /* NULL: they have been read, or are not wanted */
  size_t step[MPP_H5_MAX_RANK];
} view;

/* Steps of an array [extent] without gaps, in values; its size, false on overflow. */
static bool steps_of(size_t *step, size_t *n, const size_t *extent, int rank)
{
  bool fits = true;
  *n = 1;
  for (int i = rank - 1; i >= 0; i--) {
    step[i] = *n;
    fits = fits && mpp_mul(n, *n, extent[i]);
  }
  return fits;
}

static mpp_status reader_open(reader *r, bool *known)
{
  mpp_status st = MPP_OK;
  const mpp_h5_array *a = r->a;
  hsize_t extent[MPP_H5_MAX_RANK];
  unsigned options = 0;
  size_t n = 0, bytes = 0;
  MPP_REQUIRE(a->rank > 0 && H5Pget_chunk(a->creation, a->rank, extent) == a->rank, MPP_ERR_DATA,
              "%s: %s: chunks do not have the rank of the dataset", a->path, a->name);
  for (int i = 0; i < a->rank; i++) {
    r->chunk[i] = (size_t)extent[i];
    MPP_REQUIRE(r->chunk[i] > 0, MPP_ERR_DATA, "%s: %s: empty chunks", a->path, a->name);
  }
  MPP_REQUIRE(H5Pget_chunk_opts(a->creation, &options) >= 0, MPP_ERR_DATA, "%s: %s: chunks: %s",
              a->path, a->name, mpp_h5_reason());
  r->bare_edges = (options & H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS) != 0;
  r->stored_size = H5Tget_size(a->type);
  r->out_size = H5Tget_size(r->type);
  r->same = H5Tequal(a->type, r->type) > 0;
  MPP_REQUIRE(steps_of(r->in_chunk, &n, r->chunk, a->rank) && mpp_mul(&bytes, n, r->stored_size),
              MPP_ERR_DATA, "%s: %s: the size of its chunks overflows", a->path, a->name);
  MPP_REQUIRE(steps_of(r->step, &n, r->box->count, a->rank), MPP_ERR_NOMEM, "%s: %s: too large",
              a->path, a->name);
  MPP_TRY(mpp_unpacker_open(&r->unpacker, known, a->creation, bytes, a->path, a->name));
done:
  return st;
}

/* The piece of a box in the chunk at place `at` among the chunks; false if it has none. */
static bool piece_of(piece *p, const reader *r, const size_t *at)
{
  bool any = true;
  p->at_edge = false;
  for (int i = 0; i < r->a->rank; i++) {
    const size_t start = r->box->start[i], stride = r->box->stride[i], width = r->chunk[i];
    const size_t corner = at[i] * width, end = width - 1; /* of the chunk, from its corner */
    const size_t last = start + (r->box->count[i] - 1) * stride;
    const size_t skipped = corner > start ? (corner - start - 1) / stride + 1 : 0;
    const size_t from = start + skipped * stride; /* may lie past the chunk */
    const size_t until = last < corner || last - corner < end ? last : corner + end;
    p->corner[i] = corner;
    p->first[i] = skipped;
    p->from[i] = from - corner;
    p->count[i] = from <= until ? (until - from) / stride + 1 : 0;
    p->at_edge = p->at_edge || r->a->shape[i] - corner < width;
    any = any && p->count[i] > 0;
  }
  return any && steps_of(p->step, &p->n, p->count, r->a->rank);
}

/* Copies a box [count] of values of `size` bytes from one array to another; steps in values. */
static void copy_box(unsigned char *to, const size_t *to_step, const unsigned char *from,
                     const size_t *from_step, const size_t *count, int rank, size_t size)
{
  if (rank == 1 && to_step[0] == 1 && from_step[0] == 1) {
    memcpy(to, from, count[0] * size);
    return;
  }
  for (size_t i = 0; i < count[0]; i++) {
    unsigned char *row = to + i * to_step[0] * size;
    const unsigned char *source = from + i * from_step[0] * size;
    if (rank > 1) {
      copy_box(row, to_step + 1, source, from_step + 1, count + 1, rank - 1, size);
    } else {
      memcpy(row, source, size);
    }
  }
}

/* ---- chunks that HDF5 reads: bare ones, and those never stored, which hold the fill value ---- */

/* Extent of a chunk along an axis, without what juts out of the array. */
static size_t width_of(const reader *r, const piece *p, int axis)
{
  const size_t left = (size_t)r->a->shape[axis] - (size_t)p->corner[axis];
  return left < r->chunk[axis] ? left : r->chunk[axis];
}

/* The box of a piece in the array. */
static mpp_h5_box box_of(const reader *r, const piece *p)
{
  mpp_h5_box box = {0};
  for (int i = 0; i < r->a->rank; i++) {
    box.start[i] = (size_t)p->corner[i] + p->from[i];
    box.stride[i] = r->box->stride[i];
    box.count[i] = p->count[i];
  }
  return box;
}

/* Do the values of a piece lie in long runs, both in the file and in `out`? HDF5 asks for each run
 * by itself. */
static bool has_long_runs(const reader *r, const piece *p)
{
  enum { LONG = 2048 };
  size_t run = r->stored_size;
  for (int i = r->a->rank - 1; i >= 0 && (r->box->stride[i] == 1 || p->count[i] == 1); i--) {
    run *= p->count[i];
    if (p->count[i] < width_of(r, p, i) || p->count[i] < r->box->count[i]) {
      break;
    }
  }
  return run >= LONG;
}

/* Reads a box of the array as `type` into places first .. first + box->count - 1 of x [extent]. */
static mpp_status read_to(void *x, const size_t *extent, const size_t *first, hid_t type,
                          const mpp_h5_array *a, const mpp_h5_box *box)
{
  mpp_status st = MPP_OK;
  hid_t memory = H5I_INVALID_HID;
  hsize_t all[MPP_H5_MAX_RANK], start[MPP_H5_MAX_RANK], count[MPP_H5_MAX_RANK];
  for (int i = 0; i < a->rank; i++) {
    all[i] = extent[i];
    start[i] = first[i];
    count[i] = box->count[i];
  }
  MPP_TRY(mpp_h5_select(a, box));
  MPP_H5(memory = H5Screate_simple(a->rank, all, NULL), MPP_ERR_NOMEM, "%s: %s: %s", a->path,
         a->name, mpp_h5_reason());
  MPP_H5(H5Sselect_hyperslab(memory, H5S_SELECT_SET, start, NULL, count, NULL), MPP_ERR_NOMEM,
         "%s: %s: %s", a->path, a->name, mpp_h5_reason());
  MPP_H5(H5Dread(a->dataset, type, memory, a->space, H5P_DEFAULT, x), MPP_ERR_DATA,
         "%s: %s: cannot be decoded: %s", a->path, a->name, mpp_h5_reason());
done:
  mpp_h5_release(memory);
  return st;
}

/* Reads whole rows for the values that are wanted of them, unless that is much. */
static mpp_status read_rows(view *v, reader *r, const piece *p)
{
  enum { MUCH = 1 << 16 };
  mpp_status st = MPP_OK;
  const mpp_h5_array *a = r->a;
  const size_t zero[MPP_H5_MAX_RANK] = {0};
  const int last = a->rank - 1;
  const size_t row = width_of(r, p, last), stride = r->box->stride[last];
  const bool whole = row <= MUCH / r->stored_size;
  mpp_h5_box box = box_of(r, p);
  size_t n = 0;
  box.start[last] -= whole ? p->from[last] : 0;
  box.stride[last] = 1;
  box.count[last] = whole ? row : (p->count[last] - 1) * stride + 1;
  MPP_REQUIRE(steps_of(v->step, &n, box.count, a->rank), MPP_ERR_NOMEM, "%s: %s: too large",
              a->path, a->name);
  v->step[last] = stride;
  MPP_TRY(mpp_reserve((void **)&r->rows, &r->rows_room, n, r->stored_size));
  MPP_TRY(read_to(r->rows, box.count, zero, a->type, a, &box));
  v->first = r->rows + (whole ? p->from[last] * r->stored_size : 0);
done:
  return st;
}

/* ---- packed chunks ---- */

static mpp_status unpack(view *v, reader *r, const piece *p, hsize_t bytes)
{
  mpp_status st = MPP_OK;
  const mpp_h5_array *a = r->a;
  const bool bare = r->bare_edges && p->at_edge;
  const unsigned char *chunk = NULL;
  unsigned char *packed = NULL;
  uint32_t mask = 0;
  size_t from = 0;
  if (r->out == NULL && !bare && mpp_unpacks_whole(&r->unpacker, bytes)) {
    goto done;
  }
  MPP_TRY(mpp_unpacker_room(&packed, &r->unpacker, (size_t)bytes));
  MPP_H5(H5Dread_chunk(a->dataset, H5P_DEFAULT, p->corner, &mask, packed), MPP_ERR_DATA,
         "%s: %s: cannot be decoded: %s", a->path, a->name, mpp_h5_reason());
  MPP_TRY(mpp_unpack(&chunk, &r->unpacker, (size_t)bytes, bare ? UINT32_MAX : mask));
  for (int i = 0; i < a->rank; i++) {
    from += p->from[i] * r->in_chunk[i];
    v->step[i] = r->in_chunk[i] * r->box->stride[i];
  }
  v->first = chunk + from * r->stored_size;
done:
  return st;
}

/* ---- the box ---- */

/* Finds the values of a piece, or reads them to their place. */
static mpp_status load(view *v, reader *r, const piece *p)
{
  mpp_status st = MPP_OK;
  hsize_t bytes = 0;
  const bool packed = r->unpacker.count > 0 &&
                      H5Dget_chunk_storage_size(r->a->dataset, p->corner, &bytes) >= 0 && bytes > 0;
  v->first = NULL;
  if (packed) {
    MPP_TRY(unpack(v, r, p, bytes));
  } else if (r->out != NULL && has_long_runs(r, p)) {
    const mpp_h5_box box = box_of(r, p);
    MPP_TRY(read_to(r->out, r->box->count, p->first, r->type, r->a, &box));
  } else if (r->out != NULL) {
    MPP_TRY(read_rows(v, r, p));
  }
done:
  return st;
}

/* Values go to their place at once, or by way of `values`, where they are converted. */
static mpp_status read_piece(reader *r, const piece *p)
{
  mpp_status st = MPP_OK;
  const mpp_h5_array *a = r->a;
  const size_t size = r->out_size > r->stored_size ? r->out_size : r->stored_size;
  size_t to = 0;
  view v;
  MPP_TRY(load(&v, r, p));
  if (v.first == NULL || r->out == NULL) {
    goto done;
  }
  for (int i = 0; i < a->rank; i++) { to += p->first[i] * r->step[i]; }
  unsigned char *out = r->out + to * r->out_size;
  if (r->same) {
    copy_box(out, r->step, v.first, v.step, p->count, a->rank, r->stored_size);
    goto done;
  }
  MPP_TRY(mpp_reserve((void **)&r->values, &r->values_room, p->n, size));
  copy_box(r->values, p->step, v.first, v.step, p->count, a->rank, r->stored_size);
  MPP_H5(H5Tconvert(a->type, r->type, p->n, r->values, NULL, H5P_DEFAULT), MPP_ERR_DATA,
         "%s: %s: cannot be decoded: %s", a->path, a->name, mpp_h5_reason());
  copy_box(out, r->step, r->values, p->step, p->count, a->rank, r->out_size);
done:
  return st;
}

/* Chunks are numbered along each axis; moves on to the next of `last`, false at the end. */
static bool next_chunk(size_t *at, const size_t *first, const size_t *last, int rank)
{
  for (int i = rank - 1; i >= 0; i--) {
    if (at[i] < last[i]) {
      at[i]++;
      return true;
    }
    at[i] = first[i];
  }
  return false;
}

mpp_status mpp_h5_read_chunks(void *out, bool *known, hid_t type, const mpp_h5_array *a,
                              const mpp_h5_box *box)
{
  mpp_status st = MPP_OK;
  reader r = {.a = a, .box = box, .type = type, .out = out};
  size_t first[MPP_H5_MAX_RANK], last[MPP_H5_MAX_RANK], at[MPP_H5_MAX_RANK];
  piece p;
  MPP_TRY(reader_open(&r, known));
  if (!*known || (out == NULL && r.unpacker.count == 0)) {
    goto done;
  }
  for (int i = 0; i < a->rank; i++) {
    first[i] = at[i] = box->start[i] / r.chunk[i];
    last[i] = (box->start[i] + (box->count[i] - 1) * box->stride[i]) / r.chunk[i];
  }
  do {
    if (piece_of(&p, &r, at)) {
      MPP_TRY(read_piece(&r, &p));
    }
  } while (next_chunk(at, first, last, a->rank));
done:
  mpp_unpacker_close(&r.unpacker);
  mpp_free(r.values);
  mpp_free(r.rows);
  return st;
}
