/* fuzz_h5.c - HDF5 files whose structure lies: the bytes choose names, shapes, types, storage,
 * chunks and attributes; HDF5 itself writes the file, so that what is tried is our reading of it
 * and not HDF5's own parsing, which a child process is there for (probe.c). */
#include <math.h>
#include <string.h>

#include "alloc.h"
#include "described.h"
#include "file_layout.h"
#include "fuzz.h"
#include "fuzz_chunks.h"
#include "h5.h"

enum { OBJECTS = 12, CELLS = 1 << 12 };

static const char *const names[] = {"data",
                                    "0000",
                                    "0000/data",
                                    "0001/data",
                                    "0000/grid/t",
                                    "0000/grid/x",
                                    "0001/grid/t",
                                    "tensor",
                                    "t-coordinate",
                                    "x-coordinate",
                                    "y-coordinate",
                                    "z-coordinate",
                                    "density",
                                    "Vx",
                                    "Vy",
                                    "pressure",
                                    "velocity",
                                    "force",
                                    "particles",
                                    "t",
                                    "x",
                                    "y",
                                    "u",
                                    "nu",
                                    "t0_fields/u",
                                    "t1_fields/v",
                                    "dimensions/x",
                                    "dimensions/time",
                                    "boundary_conditions/x_periodic/mask",
                                    "train/u",
                                    "grid/x",
                                    "gridinfo/xmax"};
static const char *const marks[] = {"dataset_name", "n_trajectories", "simulation_parameters",
                                    "field_names",  "units",          "_FillValue",
                                    "scale_factor", "add_offset",     "system",
                                    "boundary",     "dim_varying",    "sample_varying",
                                    "time_varying", "missing_value",  "grid_type",
                                    "spatial_dims", "bc_type",        "mpp_system"};
enum { NAMES = sizeof names / sizeof *names, MARKS = sizeof marks / sizeof *marks };

static hid_t type_of(unsigned which)
{
  const hid_t types[] = {H5T_IEEE_F32LE, H5T_IEEE_F64LE, H5T_IEEE_F64BE, H5T_STD_I32LE,
                         H5T_STD_U8LE,   H5T_STD_I64BE,  H5T_IEEE_F32LE, H5T_IEEE_F64LE};
  return types[which % 8];
}

/* Small numbers, and now and then one that is none. */
static void fill(double *value, size_t n, fuzz_bytes *b)
{
  static const double odd[] = {0.0,         -1.0,         1e300, -1e-300, (double)INFINITY,
                               (double)NAN, 2147483648.0, 0.5};
  const unsigned kind = fuzz_take(b);
  for (size_t i = 0; i < n; i++) {
    value[i] = kind < 200 ? (double)i * (kind % 7) * 0.125 : odd[kind % 8];
  }
}

static void put_attribute(hid_t object, fuzz_bytes *b)
{
  const char *name = fuzz_word(b, marks, MARKS);
  const unsigned kind = fuzz_take(b);
  double value[8];
  hsize_t n = fuzz_below(b, 8);
  fill(value, 8, b);
  const hid_t space = kind % 3 == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &n, NULL);
  hid_t type = H5Tcopy(H5T_NATIVE_DOUBLE);
  const char *text[8] = {"u", "swe", "periodic", "", "x", "density", "nu", "cartesian"};
  if (kind % 4 == 1) { /* texts of any length */
    H5Tclose(type);
    type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
  }
  const hid_t at = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  if (at >= 0) {
    H5Awrite(at, type, kind % 4 == 1 ? (const void *)text : (const void *)value);
    H5Aclose(at);
  }
  H5Tclose(type);
  H5Sclose(space);
}

static void put_dataset(hid_t file, fuzz_bytes *b)
{
  static double value[CELLS];
  const char *name = fuzz_word(b, names, NAMES);
  const unsigned how = fuzz_take(b);
  const int rank = (int)fuzz_below(b, 7);
  hsize_t shape[8], chunk[8], cells = 1;
  for (int i = 0; i < rank; i++) {
    shape[i] = fuzz_below(b, 9);
    chunk[i] = shape[i] > 1 ? shape[i] - (how & 1u) : 1;
    cells *= shape[i];
  }
  fill(value, CELLS, b);
  const hid_t space = H5Screate_simple(rank, shape, NULL);
  const hid_t links = H5Pcreate(H5P_LINK_CREATE), creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_create_intermediate_group(links, 1);
  if (rank > 0 && (how & 2u) != 0) {
    H5Pset_chunk(creation, rank, chunk);
    if ((how & 4u) != 0) {
      fuzz_put_filters(creation, b);
    }
  }
  const hid_t set = H5Dcreate2(file, name, type_of(how >> 3), space, links, creation, H5P_DEFAULT);
  if (set >= 0) {
    if (cells <= CELLS && how < 240) { /* others are declared and never written */
      H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value);
    }
    for (unsigned i = fuzz_below(b, 4); i > 0; i--) { put_attribute(set, b); }
    fuzz_put_chunks(set, b);
    H5Dclose(set);
  }
  H5Pclose(creation);
  H5Pclose(links);
  H5Sclose(space);
}

/* A file in memory; its bytes. */
static size_t build(uint8_t *image, size_t room, fuzz_bytes *b)
{
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_fapl_core(access, 1 << 14, false);
  const hid_t file = H5Fcreate("fuzz", H5F_ACC_TRUNC, H5P_DEFAULT, access);
  for (unsigned i = fuzz_below(b, 4); i > 0; i--) { put_attribute(file, b); }
  for (unsigned i = fuzz_below(b, OBJECTS); i > 0; i--) {
    const unsigned kind = fuzz_take(b);
    if (kind == 255) {
      H5Lcreate_soft(fuzz_word(b, names, NAMES), file, fuzz_word(b, names, NAMES), H5P_DEFAULT,
                     H5P_DEFAULT);
    } else if (kind == 254) {
      H5Lcreate_external("/etc/passwd", "/", file, fuzz_word(b, names, NAMES), H5P_DEFAULT,
                         H5P_DEFAULT);
    } else {
      put_dataset(file, b);
    }
  }
  H5Fflush(file, H5F_SCOPE_GLOBAL);
  const ssize_t n = H5Fget_file_image(file, image, room);
  H5Fclose(file);
  H5Pclose(access);
  return n > 0 ? (size_t)n : 0;
}

/* As the child that looks at foreign files does. */
static mpp_status look(const char *path)
{
  static const mpp_data_request none = {.origin = "the command line", .code = MPP_ERR_USAGE};
  mpp_data_file f = mpp_data_file_none;
  mpp_read_buffer buffer = {0};
  float *frame = NULL;
  double *line = NULL, value[MPP_MAX_PARAMETERS];
  size_t n = 0, longest = 0;
  mpp_status st = MPP_OK;
  MPP_TRY(mpp_data_file_open(&f, path, &none));
  MPP_TRY(mpp_described_verify(&f));
  const mpp_description *d = f.about;
  const size_t factors[] = {d->nfields, d->grid[0], d->grid[1], d->grid[2]};
  MPP_REQUIRE(mpp_product(&n, factors, 4) && n < 1 << 24, MPP_ERR_DATA, "large");
  const mpp_part space[3] = {{0, 1, d->grid[0]}, {0, 1, d->grid[1]}, {0, 1, d->grid[2]}};
  MPP_TRY(MPP_ALLOC(&frame, n));
  longest = d->nframes;
  for (int a = 0; a < 3; a++) { longest = d->grid[a] > longest ? d->grid[a] : longest; }
  MPP_REQUIRE(longest < 1 << 20, MPP_ERR_DATA, "long");
  MPP_TRY(MPP_ALLOC(&line, longest));
  for (int last = 0; last < 2; last++) {
    const size_t trajectory = last > 0 ? d->ntrajectories - 1 : 0;
    MPP_TRY(mpp_described_read(&f, &buffer, frame, 0, d->nfields, trajectory, (mpp_part){0, 1, 1},
                               space));
    MPP_TRY(mpp_described_times(&f, line, trajectory));
    MPP_TRY(mpp_described_parameters(&f, value, trajectory));
  }
  for (int a = 0; a < 3; a++) { MPP_TRY(mpp_described_coordinates(&f, line, a)); }
done:
  mpp_free(line);
  mpp_free(frame);
  mpp_read_buffer_free(&buffer);
  mpp_data_file_close(&f);
  return st;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static uint8_t image[1 << 20];
  fuzz_bytes b = {data, size};
  if (mpp_h5_init() != MPP_OK) {
    return 1;
  }
  const size_t bytes = build(image, sizeof image, &b);
  const long live = mpp_alloc_live();
  if (bytes > 0) {
    fuzz_check(look(fuzz_file(image, bytes)), live);
  }
  return 0;
}
