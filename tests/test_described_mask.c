/* test_described_mask.c - masks that a variable of the file says: which cells they cover, what
 * takes the place of values there, and what is refused elsewhere. */
#include <math.h>
#include <string.h>

#include "flags.h"
#include "mpp/dataset.h"
#include "test.h"

#define FORMAT(name) MPP_TEST_DATA "/formats/" name

enum { T = 5, Y = 4, X = 6, CELLS = Y * X, MOST = 9 * T * CELLS };
static float x[MOST], plain[MOST];
static unsigned char mask[MOST];

/* The flag of plain.h5 is set in cells 11 to 23 of every frame (make_formats.py: values above
 * 10). */
static bool is_set(size_t cell) { return cell > 10; }

static void read_both(const char *flags, size_t nfields)
{
  mpp_dataset *d = NULL;
  REQUIRE_OK(mpp_dataset_open(&d, FORMAT("plain.h5"), NULL));
  ASSERT_OK(mpp_dataset_read(d, plain, 1, 0, 2));
  mpp_dataset_close(d);
  REQUIRE_OK(open_with(&d, FORMAT("plain.h5"), flags, false));
  CU_ASSERT_EQUAL(mpp_dataset_get_info(d)->nfields, nfields);
  CU_ASSERT(mpp_dataset_get_info(d)->masked && mpp_dataset_get_info(d)->nmasks > 0);
  REQUIRE_OK(mpp_dataset_read_seen(d, x, mask, NULL, 0, 1, 0, 2));
  mpp_dataset_close(d);
}

static void masked_cells_take_the_mean_of_the_others(void)
{
  static const char *const flags[] = {"mask=mask", "mask=mask=1", "mask=mask>0.5;fill=mask"};
  for (size_t k = 0; k < 3; k++) {
    read_both(flags[k], 2);
    for (size_t i = 0; i < (size_t)4 * CELLS; i++) { /* two frames of two fields */
      const float *frame = plain + i / CELLS * CELLS;
      double sum = 0.0;
      for (size_t c = 0; c < 11; c++) { sum += (double)frame[c]; }
      CU_ASSERT_EQUAL(mask[i], is_set(i % CELLS) ? 1 : 0);
      CU_ASSERT_EQUAL(x[i], is_set(i % CELLS) ? (float)(sum / 11) : plain[i]);
    }
  }
}

static void conditions_choose_the_cells(void)
{
  read_both("mask=mask=0", 2);
  for (size_t i = 0; i < (size_t)4 * CELLS; i++) {
    CU_ASSERT_EQUAL(mask[i], is_set(i % CELLS) ? 0 : 1);
  }
  read_both("mask=u<=122,mask", 2); /* of a field, which stays one: u is 120 + 24 t + cell */
  for (size_t i = 0; i < (size_t)4 * CELLS; i++) {
    const size_t t = i / (2 * CELLS), cell = i % CELLS;
    CU_ASSERT_EQUAL(mask[i], is_set(cell) || 120 + 24 * t + cell <= 122 ? 1 : 0);
  }
}

static void a_mask_may_cover_some_fields_alone(void)
{
  mpp_dataset *d = NULL;
  read_both("mask=mask@v,u<=122@u", 2);
  for (size_t i = 0; i < (size_t)4 * CELLS; i++) {
    const size_t t = i / (2 * CELLS), cell = i % CELLS;
    const bool v = i / CELLS % 2 == 1;
    CU_ASSERT_EQUAL(mask[i], (v ? is_set(cell) : 120 + 24 * t + cell <= 122) ? 1 : 0);
    CU_ASSERT(mask[i] != 0 || x[i] == plain[i]);
  }
  read_both("mask=mask=0@u+v", 2);
  for (size_t i = 0; i < (size_t)4 * CELLS; i++) {
    CU_ASSERT_EQUAL(mask[i], is_set(i % CELLS) ? 0 : 1);
  }
  REQUIRE_OK(open_with(&d, FORMAT("plain.h5"), "mask=mask=0@data:v", false));
  CU_ASSERT_STRING_EQUAL(mpp_dataset_get_info(d)->mask[0], "mask=0@v");
  mpp_dataset_close(d);
  ASSERT_STATUS(open_with(&d, FORMAT("plain.h5"), "mask=mask@v+w", false), MPP_ERR_USAGE);
  ASSERT_MESSAGE("mask 'mask': there is no field 'w' to cover");
  ASSERT_STATUS(open_with(&d, FORMAT("plain.h5"), "mask=mask@", false), MPP_ERR_USAGE);
  ASSERT_MESSAGE("found 'mask@', expected names of fields");
  REQUIRE_OK(open_with(&d, FORMAT("well.hdf5"), "fields=p,v_x;mask=still>=130@v_x", false));
  REQUIRE_OK(mpp_dataset_read_mask(d, mask, 1, 1, 1));
  for (size_t i = 0; i < CELLS; i++) { /* still is 120 + cell */
    CU_ASSERT(mask[i] == 0 && mask[CELLS + i] == (i >= 10 ? 1 : 0));
  }
  mpp_dataset_close(d);
}

static void what_is_masked_is_no_field(void)
{
  mpp_dataset *d = NULL;
  REQUIRE_OK(open_with(&d, FORMAT("plain.h5"), "mask=mask", false));
  CU_ASSERT_EQUAL(mpp_dataset_get_info(d)->ngiven, 0);
  CU_ASSERT_STRING_EQUAL(mpp_dataset_get_info(d)->mask[0], "mask");
  mpp_dataset_close(d);
  REQUIRE_OK(open_with(&d, FORMAT("plain.h5"), "mask=mask=0;fields=u;given=mask", false));
  CU_ASSERT_EQUAL(mpp_dataset_get_info(d)->ngiven, 1);
  CU_ASSERT_STRING_EQUAL(mpp_dataset_get_info(d)->mask[0], "mask=0");
  const size_t which[1] = {0};
  REQUIRE_OK(mpp_dataset_read_seen(d, x, mask, which, 1, 0, 0, 1));
  for (size_t i = 0; i < CELLS; i++) { /* the geometry is known under its mask, too */
    CU_ASSERT(mask[CELLS + i] == 0 && x[CELLS + i] == (is_set(i) ? 1.0f : 0.0f));
  }
  mpp_dataset_close(d);
}

/* still is p of frame 0: sample * 120 + cell. */
static void known_layouts_have_masks_of_their_fields(void)
{
  mpp_dataset *d = NULL;
  REQUIRE_OK(open_with(&d, FORMAT("well.hdf5"), "fields=p,v_x;mask=still>=130", false));
  CU_ASSERT_EQUAL(mpp_dataset_get_info(d)->nfields, 2);
  for (size_t sample = 0; sample < 3; sample++) {
    REQUIRE_OK(mpp_dataset_read_mask(d, mask, sample, 1, 2));
    for (size_t i = 0; i < (size_t)4 * CELLS; i++) {
      CU_ASSERT_EQUAL(mask[i], sample * 120 + i % CELLS >= 130 ? 1 : 0);
    }
  }
  mpp_dataset_close(d);
}

/* Two cells of frame 2 are missing: the first, and row 1, column 3. */
static void missing_values_elsewhere_keep_their_rule(void)
{
  mpp_dataset *d = NULL;
  REQUIRE_OK(open_with(&d, FORMAT("missing.nc"), "fields=t2m;mask=t2m<20", false));
  ASSERT_OK(mpp_dataset_read(d, x, 0, 2, 1)); /* what is missing in the condition is masked */
  mpp_dataset_close(d);
  REQUIRE_OK(open_with(&d, FORMAT("missing.nc"), "fields=t2m;mask=u10<0", false));
  ASSERT_STATUS(mpp_dataset_read(d, x, 0, 2, 1), MPP_ERR_DATA);
  ASSERT_MESSAGE("cell lat 0, lon 0: found a missing value");
  mpp_dataset_close(d);
  REQUIRE_OK(open_with(&d, FORMAT("missing.nc"), "fields=t2m;mask=u10<0;fill=nearest", false));
  REQUIRE_OK(mpp_dataset_read_seen(d, x, mask, NULL, 0, 0, 2, 1));
  for (size_t i = 0; i < CELLS; i++) { CU_ASSERT(isfinite(x[i]) && mask[i] == 0); }
  mpp_dataset_close(d);
}

/* Cells that count are mixed with none that do not: a constant stays one beside any mask. */
static void smoothing_leaves_out_what_is_masked(void)
{
  mpp_dataset *d = NULL;
  REQUIRE_OK(open_with(&d, FORMAT("plain.h5"), "fields=u;mask=u>=124;stride=x=2", true));
  REQUIRE_OK(mpp_dataset_read_seen(d, x, mask, NULL, 0, 1, 0, 1));
  for (size_t i = 0; i < CELLS / 2; i++) {
    CU_ASSERT_EQUAL(mask[i], i * 2 + 120 >= 124 ? 1 : 0);
    CU_ASSERT(mask[i] == 1 || x[i] < 123.0f); /* the mean of 120 .. 123 at most */
  }
  mpp_dataset_close(d);
}

static mpp_status use(void)
{
  mpp_dataset *d = NULL;
  mpp_status st = open_with(&d, FORMAT("well.hdf5"), "fields=p;mask=still>=130;stride=x=2", true);
  st = st == MPP_OK ? mpp_dataset_read_seen(d, x, mask, NULL, 0, 1, 0, 2) : st;
  mpp_dataset_close(d);
  return st;
}

static void every_fallible_call_may_fail(void)
{
  test_faults faults = {0};
  while (test_faults_next(&faults)) { TEST_FAULT(&faults, use()); }
  CU_ASSERT(faults.failed >= 50);
}

TESTS({"masked cells take the mean of the others", masked_cells_take_the_mean_of_the_others},
      {"conditions choose the cells", conditions_choose_the_cells},
      {"a mask may cover some fields alone", a_mask_may_cover_some_fields_alone},
      {"what is masked is no field", what_is_masked_is_no_field},
      {"known layouts have masks of their fields", known_layouts_have_masks_of_their_fields},
      {"missing values elsewhere keep their rule", missing_values_elsewhere_keep_their_rule},
      {"smoothing leaves out what is masked", smoothing_leaves_out_what_is_masked},
      {"every fallible call may fail", every_fallible_call_may_fail})
