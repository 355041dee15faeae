/* test_dataset_made.c - a dataset whose frames are made by its reader. */
#include "dataset_made.h"

#include "test.h"

enum { FRAMES = 5, CELLS = 6 };

/* What the maker was asked for, and how often it was closed. */
typedef struct record {
  mpp_split split;
  size_t index, start, count;
  int closed;
} record;

static mpp_status make_frames(void *context, float *x, mpp_split split, size_t index, size_t start,
                              size_t count)
{
  record *r = context;
  r->split = split;
  r->index = index;
  r->start = start;
  r->count = count;
  for (size_t i = 0; i < count * CELLS; i++) { x[i] = (float)i; }
  return MPP_OK;
}

static void tell_times(void *context, double *t)
{
  (void)context;
  for (int i = 0; i < FRAMES; i++) { t[i] = 0.5 * i; }
}

static void tell_coordinates(void *context, double *x, int axis)
{
  (void)context;
  for (int i = 0; i < (axis == 1 ? 2 : 3); i++) { x[i] = axis + 0.1 * i; }
}

static void count_close(void *context) { ((record *)context)->closed++; }

static const mpp_dataset_maker maker = {make_frames, NULL, tell_times, tell_coordinates,
                                        count_close};
static const mpp_dataset_info info = {
    .path = "made", .nfields = 1, .nframes = FRAMES, .grid = {1, 2, 3}, .axis = {"", "y", "x"}};

static void trajectories_are_numbered_part_after_part(void)
{
  record r = {0};
  const size_t part[3] = {4, 2, 1};
  mpp_dataset *d = NULL;
  float x[2 * CELLS];
  REQUIRE_OK(mpp_dataset_make(&d, &info, part, &maker, &r));
  CU_ASSERT_EQUAL(mpp_dataset_get_info(d)->ntrajectories, 7);
  for (int s = 0; s < 3; s++) {
    size_t first, count;
    mpp_dataset_split(d, (mpp_split)s, &first, &count);
    CU_ASSERT_EQUAL(count, part[s]);
    ASSERT_OK(mpp_dataset_read(d, x, first + count - 1, 3, 2));
    CU_ASSERT(r.split == (mpp_split)s && r.index == count - 1 && r.start == 3 && r.count == 2);
    CU_ASSERT_EQUAL(x[2 * CELLS - 1], 2 * CELLS - 1);
  }
  ASSERT_STATUS(mpp_dataset_read(d, x, 7, 0, 1), MPP_ERR_USAGE);
  ASSERT_MESSAGE("made: trajectory 7, expected 0 to 6");
  ASSERT_STATUS(mpp_dataset_read(d, x, 0, 4, 2), MPP_ERR_USAGE);
  ASSERT_MESSAGE("made: 2 frames from 4 on, expected frames 0 to 4");
  mpp_dataset_close(d);
  CU_ASSERT_EQUAL(r.closed, 1);
}

static void times_and_coordinates_are_the_makers(void)
{
  record r = {0};
  const size_t part[3] = {1, 0, 0};
  mpp_dataset *d = NULL;
  double t[FRAMES], x[3];
  REQUIRE_OK(mpp_dataset_make(&d, &info, part, &maker, &r));
  ASSERT_OK(mpp_dataset_times(d, t, 0));
  CU_ASSERT_EQUAL(t[FRAMES - 1], 2.0);
  ASSERT_OK(mpp_dataset_coordinates(d, x, 2));
  CU_ASSERT_EQUAL(x[2], 2.2);
  mpp_dataset_close(d);
}

static void a_failure_closes_the_maker_too(void)
{
  record r = {0};
  const size_t part[3] = {1, 0, 0};
  mpp_dataset *d = NULL;
  mpp_fault_after(0);
  ASSERT_STATUS(mpp_dataset_make(&d, &info, part, &maker, &r), MPP_ERR_NOMEM);
  mpp_fault_after(-1);
  CU_ASSERT_PTR_NULL(d);
  CU_ASSERT_EQUAL(r.closed, 1);
}

TESTS({"trajectories are numbered part after part", trajectories_are_numbered_part_after_part},
      {"times and coordinates are the maker's", times_and_coordinates_are_the_makers},
      {"a failure closes the maker too", a_failure_closes_the_maker_too})
