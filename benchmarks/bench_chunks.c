/* bench_chunks.c - frames of chunked HDF5 arrays read by mpp_h5_read_f32 against H5Dread, which has
 * room for 64 MiB of chunks: all channels and one of four, of chunks of several shapes and filters.
 * Usage: bench_chunks FOLDER, where a file of 160 MiB is made and removed. Prints milliseconds of
 * the processor a frame of 512 x 512 cells and their ratio, best of 5; both must read the same. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "h5.h"

enum { FRAMES = 40, SIDE = 512, CHANNELS = 4, CELLS = SIDE * SIDE, TIMED = 8, PASSES = 5 };
static const size_t row = (size_t)SIDE * CHANNELS;

typedef struct layout {
  const char *name;
  hsize_t chunk[4];
  bool deflate, checksum;
} layout;

static const layout layouts[] = {
    {"a frame, bare", {1, SIDE, SIDE, CHANNELS}, false, false},
    {"a frame, shuffle, deflate", {1, SIDE, SIDE, CHANNELS}, true, false},
    {"a frame, shuffle, deflate, fletcher32", {1, SIDE, SIDE, CHANNELS}, true, true},
    {"a frame, fletcher32", {1, SIDE, SIDE, CHANNELS}, false, true},
    {"32 x 32 tiles, bare", {1, 32, 32, CHANNELS}, false, false},
    {"64 x 64 tiles, shuffle, deflate", {1, 64, 64, CHANNELS}, true, false},
    {"128 x 128 tiles of 8 frames, shuffle, deflate", {8, 128, 128, CHANNELS}, true, false}};

static double seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Waves with noise in the low bits: deflate makes some two thirds of them, as of fields. */
static void fill(float *x)
{
  uint32_t state = 1;
  for (size_t i = 0; i < (size_t)FRAMES * CELLS * CHANNELS; i++) {
    const float wave = (float)(i % row) / (float)row - 0.5F;
    state = state * 1664525U + 1013904223U;
    x[i] = wave * wave + 1e-6F * (float)(state >> 22);
  }
}

static bool make_file(const char *path, const layout *l, const float *x)
{
  const hsize_t shape[4] = {FRAMES, SIDE, SIDE, CHANNELS};
  const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t list = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(4, shape, NULL);
  H5Pset_chunk(list, 4, l->chunk);
  if (l->deflate) {
    H5Pset_shuffle(list);
    H5Pset_deflate(list, 4);
  }
  if (l->checksum) {
    H5Pset_fletcher32(list);
  }
  const hid_t set = H5Dcreate2(file, "x", H5T_IEEE_F32LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
  const bool ok =
      set >= 0 && H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) >= 0;
  H5Dclose(set);
  H5Sclose(space);
  H5Pclose(list);
  return H5Fclose(file) >= 0 && ok;
}

static bool by_hdf5(float *out, hid_t file, size_t frame, size_t channels)
{
  const hsize_t start[4] = {frame}, count[4] = {1, SIDE, SIDE, channels};
  const hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
  H5Pset_chunk_cache(access, 12421, (size_t)64 << 20, 1.0);
  const hid_t set = H5Dopen2(file, "x", access), space = H5Dget_space(set);
  const hid_t memory = H5Screate_simple(4, count, NULL);
  H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
  const bool ok = H5Dread(set, H5T_NATIVE_FLOAT, memory, space, H5P_DEFAULT, out) >= 0;
  H5Sclose(memory);
  H5Sclose(space);
  H5Dclose(set);
  H5Pclose(access);
  return ok;
}

static bool by_us(float *out, hid_t file, size_t frame, size_t channels)
{
  const size_t start[4] = {frame}, count[4] = {1, SIDE, SIDE, channels};
  return mpp_h5_read_f32(out, file, "file", "x", start, count) == MPP_OK;
}

static bool compare(const char *path, const layout *l, size_t channels, float *out[2])
{
  bool (*const reader[2])(float *, hid_t, size_t, size_t) = {by_hdf5, by_us};
  double best[2] = {1e9, 1e9};
  hid_t file = -1;
  bool ok = mpp_h5_open(&file, path) == MPP_OK;
  for (int pass = 0; pass < PASSES && ok; pass++) {
    for (int who = 0; who < 2; who++) {
      const double begin = seconds();
      for (size_t t = 0; t < TIMED; t++) { ok = ok && reader[who](out[who], file, t, channels); }
      const double time = (seconds() - begin) / TIMED;
      best[who] = time < best[who] ? time : best[who];
    }
    ok = ok && memcmp(out[0], out[1], CELLS * channels * sizeof(float)) == 0;
  }
  printf("%-46s %zu of 4  H5Dread %6.2f ms  mpp %6.2f ms  ratio %.2f\n", l->name, channels,
         1e3 * best[0], 1e3 * best[1], best[0] / best[1]);
  mpp_h5_close(file);
  return ok;
}

int main(int argc, char **argv)
{
  char path[4096];
  float *x = NULL, *out[2] = {NULL, NULL};
  bool ok = argc == 2 && mpp_h5_init() == MPP_OK &&
            MPP_ALLOC(&x, (size_t)FRAMES * CELLS * CHANNELS) == MPP_OK &&
            MPP_ALLOC(&out[0], SIDE * row) == MPP_OK && MPP_ALLOC(&out[1], SIDE * row) == MPP_OK;
  if (ok) {
    snprintf(path, sizeof path, "%s/bench_chunks.h5", argv[1]);
    fill(x);
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts && ok; i++) {
      ok = make_file(path, &layouts[i], x) && compare(path, &layouts[i], CHANNELS, out) &&
           compare(path, &layouts[i], 1, out);
    }
    unlink(path);
  }
  if (!ok) {
    fprintf(stderr,
            "usage: bench_chunks FOLDER; or a file could not be made, or was read wrongly\n");
  }
  mpp_free(x);
  mpp_free(out[0]);
  mpp_free(out[1]);
  return ok ? 0 : 1;
}
