/* The picture of a training, from its folder. */
#include "chart.h"
#include "picture.h"
#include "pictures.h"
#include "training_log.h"

/* One chart below the other: loss, learning rate, the only dataset. */
enum { WIDTH = 760, HEIGHT = 260 };

/* Of the run in `folder`; the caller frees its rgb. */
static picture draw(const char *folder, const char *path)
{
  mpp_plot_options o;
  REQUIRE_OK(mpp_options_defaults(&o, mpp_plot_table));
  snprintf(o.input, sizeof o.input, "%s", folder);
  snprintf(o.output, sizeof o.output, "%s", path);
  REQUIRE_OK(mpp_plot(&o));
  return read_picture(path);
}

static void curves_of_loss_rate_and_validation_are_drawn(void)
{
  const char *folder = test_path(0, "run");
  training_log(folder);
  picture p = draw(folder, test_path(1, "run.png"));
  CU_ASSERT(p.width == WIDTH && p.height == 3 * HEIGHT);
  /* the running mean, the learning rate, the model one step and two horizons on; the last two have
   * their best competitors in the same colours */
  CU_ASSERT(picture_count(&p, 0, 0, WIDTH, HEIGHT, mpp_chart_colour(0)) > 50);
  CU_ASSERT(picture_count(&p, 0, HEIGHT, WIDTH, HEIGHT, mpp_chart_colour(0)) > 50);
  CU_ASSERT(picture_count(&p, 0, 2 * HEIGHT, WIDTH, HEIGHT, mpp_chart_colour(0)) > 50);
  CU_ASSERT(picture_count(&p, 0, 2 * HEIGHT, WIDTH, HEIGHT, mpp_chart_colour(1)) > 50);
  CU_ASSERT_EQUAL(picture_count(&p, 0, 0, WIDTH, 2 * HEIGHT, mpp_chart_colour(1)), 0);
  free(p.rgb);
}

static void datasets_in_training_and_speed_have_charts(void)
{
  const char *folder = test_path(0, "parts");
  training_log_with_parts(folder);
  picture p = draw(folder, test_path(1, "parts.png"));
  CU_ASSERT(p.width == WIDTH && p.height == 5 * HEIGHT); /* no validation */
  /* datasets 0 and 2, in losses and in NRMSE; the running mean of the speed */
  CU_ASSERT(picture_count(&p, 0, HEIGHT, WIDTH, HEIGHT, mpp_chart_colour(0)) > 50);
  CU_ASSERT(picture_count(&p, 0, HEIGHT, WIDTH, HEIGHT, mpp_chart_colour(2)) > 4);
  CU_ASSERT(picture_count(&p, 0, 2 * HEIGHT, WIDTH, HEIGHT, mpp_chart_colour(0)) > 50);
  CU_ASSERT_EQUAL(picture_count(&p, 0, HEIGHT, WIDTH, 2 * HEIGHT, mpp_chart_colour(1)), 0);
  CU_ASSERT(picture_count(&p, 0, 4 * HEIGHT, WIDTH, HEIGHT, mpp_chart_colour(0)) > 50);
  free(p.rgb);
}

static void every_allocation_may_fail(void)
{
  const char *folder = test_path(0, "fault");
  mpp_run_history h;
  training_log_with_parts(folder);
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    mpp_drawing *d = NULL;
    REQUIRE_OK(mpp_run_history_read(&h, folder));
    const mpp_status st = TEST_FAULT(&faults, mpp_picture_history(&d, MPP_DRAW_PNG, &h));
    CU_ASSERT((st == MPP_OK) == (d != NULL));
    mpp_drawing_destroy(d);
    mpp_run_history_free(&h);
  }
}

TESTS({"curves of loss, rate and validation are drawn",
       curves_of_loss_rate_and_validation_are_drawn},
      {"datasets in training and speed have charts", datasets_in_training_and_speed_have_charts},
      {"every allocation may fail", every_allocation_may_fail})
