/* test_array_file.c - arrays of HDF5 and netCDF files: every call that may fail does, and files
 * that are cut or changed anywhere are read or refused. */
#include "array_file.h"

#include <stdlib.h>

#include "confine.h"
#include "file.h"
#include "test.h"

#define FORMAT(name) MPP_TEST_DATA "/formats/" name

enum { MOST = 1 << 12 };

static mpp_status ignore(void *context, const mpp_array_attribute *a)
{
  (void)context;
  return a->text != NULL || a->count > 0 ? MPP_OK
                                         : mpp_fail(MPP_ERR_INTERNAL, "an empty attribute");
}

/* All that can be asked of a file: lists, shapes, both types of numbers, every second of them,
 * texts and numbers of attributes. */
static mpp_status read_all(const char *path)
{
  static const size_t first[MPP_H5_MAX_RANK] = {0};
  static double wide[MOST];
  static float narrow[MOST];
  mpp_status st = MPP_OK;
  mpp_array_file f = {.h5 = -1, .nc = -1};
  char *text = NULL, **texts = NULL;
  size_t count = 0;
  double number[4];
  mpp_h5_lock();
  MPP_TRY(mpp_array_file_open(&f, path));
  MPP_TRY(mpp_array_file_list(&f, 100));
  MPP_TRY(mpp_array_attributes(&f, "/", ignore, NULL));
  if (f.h5 >= 0) {
    MPP_TRY(mpp_array_texts(&texts, &count, &f, "/", "field_names"));
  }
  for (size_t i = 0; i < f.count; i++) {
    const char *name = f.array[i].name;
    size_t shape[MPP_H5_MAX_RANK], stride[MPP_H5_MAX_RANK], some[MPP_H5_MAX_RANK], n = 1;
    int rank = 0;
    MPP_TRY(mpp_array_shape(shape, &rank, &f, name));
    for (int k = 0; k < rank; k++) {
      stride[k] = 2;
      some[k] = (shape[k] + 1) / 2;
      n = shape[k] < MOST / n ? n * shape[k] : MOST;
    }
    if (n > 0 && n < MOST) {
      MPP_TRY(mpp_array_read_f32(narrow, &f, name, first, NULL, shape));
      MPP_TRY(mpp_array_read_f64(wide, &f, name, first, stride, some));
    }
    mpp_free(text);
    text = NULL;
    MPP_TRY(mpp_array_text(&text, &f, name, "units"));
    MPP_TRY(mpp_array_numbers(number, &count, 4, &f, name, "scale_factor"));
  }
done:
  mpp_free(text);
  mpp_h5_members_free(texts, texts != NULL ? count : 0);
  mpp_array_file_close(&f);
  mpp_h5_unlock();
  return st;
}

static void every_fallible_call_may_fail(void)
{
  static const char *const paths[] = {FORMAT("packed_classic.nc"), FORMAT("packed.nc"),
                                      FORMAT("plain.h5"), FORMAT("text_only.nc")};
  REQUIRE_OK(mpp_h5_init());
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    test_faults faults = {0};
    while (test_faults_next(&faults)) { TEST_FAULT(&faults, read_all(paths[i])); }
    CU_ASSERT(faults.failed >= 5);
  }
}

/* Classic netCDF is read in this process: nothing of it may do harm. */
static void classic_netcdf_cut_at_any_length_is_read_or_refused(void)
{
  char *text = NULL;
  size_t size = 0, refused = 0;
  const char *path = test_path(0, "cut.nc");
  REQUIRE_OK(mpp_read_text(&text, &size, FORMAT("packed_classic.nc"), 1 << 16));
  const long live = mpp_alloc_live();
  for (size_t n = 0; n < size; n++) {
    REQUIRE_OK(mpp_write_bytes(path, text, n));
    const mpp_status st = read_all(path);
    CU_ASSERT(st == MPP_OK || st == MPP_ERR_DATA || st == MPP_ERR_NOMEM);
    CU_ASSERT_EQUAL(mpp_alloc_live(), live);
    refused += st != MPP_OK;
  }
  CU_ASSERT(refused >
            300); /* the header; whether all data are there is asked by those who read them */
  mpp_free(text);
}

/* Bits flipped anywhere: the child that looks at foreign files answers or dies, and this process
 * lives through reading what it let pass. MPP_FLIPS: how many a file. */
static void flipped_bits_are_survived(void)
{
  static const char *const paths[] = {FORMAT("plain.h5"), FORMAT("packed.nc"),
                                      FORMAT("packed_classic.nc")};
  const char *asked = getenv("MPP_FLIPS");
  const size_t flips = asked != NULL ? strtoul(asked, NULL, 10) : 12;
  const char *path = test_path(0, "flipped");
  uint64_t seed = 20261122;
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    char *text = NULL;
    size_t size = 0;
    REQUIRE_OK(mpp_read_text(&text, &size, paths[i], 1 << 16));
    for (size_t k = 0; k < flips; k++) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      const size_t at = (size_t)(seed >> 33) % size;
      text[at] = (char)(text[at] ^ 1 << (seed >> 20 & 7));
      REQUIRE_OK(mpp_write_bytes(path, text, size));
      const mpp_status st = mpp_look_at_netcdf(path);
      CU_ASSERT(st == MPP_OK || st == MPP_ERR_DATA);
      if (st == MPP_OK) {
        const mpp_status read = read_all(path);
        CU_ASSERT(read == MPP_OK || read == MPP_ERR_DATA);
      }
      text[at] = (char)(text[at] ^ 1 << (seed >> 20 & 7));
    }
    mpp_free(text);
  }
}

TESTS({"every fallible call may fail", every_fallible_call_may_fail},
      {"classic netCDF cut at any length is read or refused",
       classic_netcdf_cut_at_any_length_is_read_or_refused},
      {"flipped bits are survived", flipped_bits_are_survived})
