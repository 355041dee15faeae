/* test_look.c - files that are read through HDF5, cut anywhere: the child that looks at them and
 * the process that reads them live, and no cut file is taken for a whole one. */
#include <stdlib.h>

#include "array_file.h"
#include "confine.h"
#include "file.h"
#include "test.h"

#define FORMAT(name) MPP_TEST_DATA "/formats/" name

/* First values of all arrays, in this process, after the child has looked. */
static mpp_status look_and_read(const char *path, bool by_netcdf)
{
  static const size_t first[MPP_H5_MAX_RANK] = {0};
  mpp_status st = MPP_OK;
  mpp_array_file f = {.h5 = -1, .nc = -1};
  st = by_netcdf ? mpp_look_at_netcdf(path) : mpp_look_at(path);
  mpp_h5_lock();
  MPP_TRY(st);
  MPP_TRY(mpp_array_file_open(&f, path));
  MPP_TRY(mpp_array_file_list(&f, 100));
  for (size_t i = 0; i < f.count; i++) {
    size_t shape[MPP_H5_MAX_RANK], one[MPP_H5_MAX_RANK];
    int rank = 0;
    double value = 0.0;
    MPP_TRY(mpp_array_shape(shape, &rank, &f, f.array[i].name));
    for (int k = 0; k < MPP_H5_MAX_RANK; k++) { one[k] = 1; }
    MPP_TRY(mpp_array_read_f64(&value, &f, f.array[i].name, first, NULL, one));
  }
done:
  mpp_array_file_close(&f);
  mpp_h5_unlock();
  return st;
}

/* HDF5 keeps the length of the file in its first block. MPP_CUTS: how many lengths of each file,
 * evenly spread; 0 is all of them. */
static void files_cut_at_any_length_are_refused(void)
{
  static const char *const paths[] = {FORMAT("bare.h5"), FORMAT("packed.nc")};
  const char *asked = getenv("MPP_CUTS");
  const size_t cuts = asked != NULL ? strtoul(asked, NULL, 10) : 8;
  const char *path = test_path(0, "cut");
  REQUIRE_OK(mpp_h5_init());
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    char *text = NULL;
    size_t size = 0;
    REQUIRE_OK(mpp_read_text(&text, &size, paths[i], 1 << 16));
    REQUIRE_OK(look_and_read(paths[i], i == 1));
    const size_t step = cuts == 0 || cuts > size ? 1 : size / cuts;
    const long live = mpp_alloc_live();
    for (size_t n = step - 1; n < size; n += step) {
      REQUIRE_OK(mpp_write_bytes(path, text, n));
      CU_ASSERT_EQUAL(look_and_read(path, i == 1), MPP_ERR_DATA);
      CU_ASSERT_EQUAL(mpp_alloc_live(), live);
    }
    mpp_free(text);
  }
}

TESTS({"files cut at any length are refused", files_cut_at_any_length_are_refused})
