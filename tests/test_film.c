/* Frames of a film: which steps, and colours that serve all. */
#include "film.h"

#include "small_case.h"

static mpp_plot_options options_for(const char *data)
{
  mpp_plot_options o;
  REQUIRE_OK(mpp_options_defaults(&o, mpp_plot_table));
  snprintf(o.input, sizeof o.input, "%s", data);
  return o;
}

static void frames_are_all_steps_or_spread_over_them(void)
{
  const char *data = test_path(0, "data.h5");
  small_data(data, 2);
  const mpp_plot_options o = options_for(data);
  mpp_film f;
  mpp_plot_source s;
  REQUIRE_OK(mpp_film_open(&f, &o, 0));
  CU_ASSERT(f.count == SMALL_FRAMES && f.first == 0 && f.last == SMALL_FRAMES - 1);
  REQUIRE_OK(mpp_film_read(&s, &f, 7));
  CU_ASSERT(s.ncols == 1 && strstr(s.column[0], "frame 7,") != NULL);
  for (size_t i = 0; i < SMALL_CELLS; i++) {
    CU_ASSERT_EQUAL(s.value[i], small_value(0, 7, 0, i / SMALL_W, i % SMALL_W));
  }
  mpp_plot_source_free(&s);
  static const char *const spread[] = {"frame 0,", "frame 5,", "frame 10,", "frame 15,"};
  REQUIRE_OK(mpp_film_open(&f, &o, 4));
  CU_ASSERT_EQUAL(f.count, 4);
  for (long i = 0; i < 4; i++) {
    REQUIRE_OK(mpp_film_read(&s, &f, i));
    CU_ASSERT_PTR_NOT_NULL(strstr(s.column[0], spread[i]));
    mpp_plot_source_free(&s);
  }
}

static void colours_span_the_frames_that_are_shown(void)
{
  const char *data = test_path(0, "data.h5");
  small_data(data, 2);
  mpp_plot_options o = options_for(data);
  o.steps = (mpp_int_list){2, {3, 9}};
  snprintf(o.field, sizeof o.field, "inhibitor");
  mpp_film f;
  double low = HUGE_VAL, high = -HUGE_VAL;
  REQUIRE_OK(mpp_film_open(&f, &o, 0));
  CU_ASSERT_EQUAL(f.count, 2);
  for (size_t i = 0; i < 2 * SMALL_CELLS; i++) {
    const size_t cell = i % SMALL_CELLS, t = i < SMALL_CELLS ? 3 : 9;
    const double v = (double)small_value(0, t, 1, cell / SMALL_W, cell % SMALL_W);
    low = fmin(low, v);
    high = fmax(high, v);
  }
  CU_ASSERT(f.scale[0].low == low && f.scale[0].high == high && !f.scale[0].diverging);
}

static void what_cannot_be_read_is_an_error(void)
{
  const mpp_plot_options o = options_for("nowhere.h5");
  mpp_film f;
  ASSERT_STATUS(mpp_film_open(&f, &o, 0), MPP_ERR_NOINPUT);
  CU_ASSERT_EQUAL(mpp_alloc_live(), 0);
}

TESTS({"frames are all steps or spread over them", frames_are_all_steps_or_spread_over_them},
      {"colours span the frames that are shown", colours_span_the_frames_that_are_shown},
      {"what cannot be read is an error", what_cannot_be_read_is_an_error})
