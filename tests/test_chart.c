/* Charts: ticks by numbers, lines by their pixels. */
#include "chart.h"

#include "picture.h"

static void check_ticks(double low, double high, size_t most, bool logarithmic,
                        const double *expected, size_t count)
{
  double tick[MPP_CHART_TICKS];
  const size_t n = mpp_chart_ticks(tick, low, high, most, logarithmic);
  CU_ASSERT_EQUAL(n, count);
  for (size_t i = 0; i < n && i < count; i++) {
    CU_ASSERT_DOUBLE_EQUAL(tick[i], expected[i], 1e-12 * fabs(expected[i])); /* rounding of steps */
    CU_ASSERT(!signbit(tick[i]) || tick[i] < 0.0);
  }
}

static void ticks_are_round_numbers(void)
{
  check_ticks(0.0, 10.0, 5, false, (double[]){0, 2, 4, 6, 8, 10}, 6);
  check_ticks(-0.31, 0.27, 6, false, (double[]){-0.3, -0.2, -0.1, 0, 0.1, 0.2}, 6);
  check_ticks(980.0, 1020.0, 5, false, (double[]){980, 990, 1000, 1010, 1020}, 5);
  check_ticks(1e-4, 10.0, 6, true, (double[]){1e-4, 1e-3, 1e-2, 0.1, 1, 10}, 6);
  check_ticks(1e-12, 1.0, 5, true, (double[]){1e-12, 1e-9, 1e-6, 1e-3, 1}, 5);
  check_ticks(0.03, 0.6, 6, true, (double[]){0.05, 0.1, 0.2, 0.5}, 4);
  check_ticks(2.2e-7, 4.1e-7, 5, true, (double[]){2.5e-7, 3e-7, 3.5e-7, 4e-7}, 4);
}

static void labels_of_ticks_are_as_short_as_they_can_be(void)
{
  static const struct {
    double tick;
    const char *label;
  } known[] = {{0.0, "0"},       {5000.0, "5000"},  {10000.0, "10000"}, {0.001, "0.001"},
               {-0.05, "-0.05"}, {2e-4, "0.0002"},  {1e-4, "1e-4"},     {2e-12, "2e-12"},
               {5e6, "5e6"},     {-1.5e7, "-1.5e7"}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    char label[32];
    mpp_chart_label(label, known[i].tick);
    CU_ASSERT_STRING_EQUAL(label, known[i].label);
  }
}

/* Rows in which pixels near x have the colour: first and last. */
static void rows_of(long range[2], const picture *p, long x, const unsigned char rgb[3])
{
  range[0] = range[1] = -1;
  for (long y = 0; y < p->height; y++) {
    if (picture_near(p, x, y, rgb)) {
      range[0] = range[0] < 0 ? y : range[0];
      range[1] = y;
    }
  }
}

static picture draw(const mpp_chart *chart)
{
  mpp_drawing *d = NULL;
  int width = 0, height = 0, stride = 0;
  REQUIRE_OK(mpp_drawing_create(&d, MPP_DRAW_PNG, 400.0, 200.0));
  mpp_chart_draw(d, 0.0, 0.0, 400.0, 200.0, 10.0, chart);
  const unsigned char *pixels = mpp_drawing_pixels(d, &width, &height, &stride);
  picture p = picture_of(pixels, width, height, stride);
  mpp_drawing_destroy(d);
  return p;
}

static void a_rising_line_rises_and_a_falling_one_falls(void)
{
  static const double x[] = {1, 2, 3, 4}, up[] = {1, 2, 3, 4}, down[] = {4, 3, 2, 1};
  const mpp_series lines[] = {{"", x, up, 4, .colour = 0}, {"", x, down, 4, .colour = 1}};
  for (int log = 0; log < 2; log++) {
    const mpp_chart chart = {"title", "x", "y", log == 1, log == 1, lines, 2};
    picture p = draw(&chart);
    long early[2], late[2];
    rows_of(early, &p, 90, mpp_chart_colour(0));
    rows_of(late, &p, 360, mpp_chart_colour(0));
    CU_ASSERT(early[0] > late[1] && late[0] > 0);
    rows_of(early, &p, 90, mpp_chart_colour(1));
    rows_of(late, &p, 360, mpp_chart_colour(1));
    CU_ASSERT(early[1] < late[0] && early[0] > 0);
    free(p.rgb);
  }
}

static void values_that_have_no_place_break_the_line(void)
{
  static const double x[] = {0, 1, 2, 3, 4};
  static const double y[] = {1, 1, -1, 1, 1}; /* none on a logarithmic axis at 2 */
  const mpp_series line = {"", x, y, 5, .colour = 0};
  const mpp_chart chart = {"", "", "", false, true, &line, 1};
  picture p = draw(&chart);
  const long left = 65, right = 390; /* of the axes: 6.5 letters; one on the right */
  long range[2];
  rows_of(range, &p, left + (right - left) / 8, mpp_chart_colour(0));
  CU_ASSERT(range[0] > 0);
  rows_of(range, &p, left + (right - left) / 2, mpp_chart_colour(0));
  CU_ASSERT(range[0] < 0);
  rows_of(range, &p, right - (right - left) / 8, mpp_chart_colour(0));
  CU_ASSERT(range[0] > 0);
  free(p.rgb);
}

/* Pieces of a long line share a point: no column is without it. */
static void long_lines_have_no_gaps(void)
{
  enum { N = 5000 };
  static double x[N], y[N];
  for (int i = 0; i < N; i++) {
    x[i] = i;
    y[i] = 1.0;
  }
  const mpp_series line = {"", x, y, N, .colour = 0};
  const mpp_chart chart = {"", "", "", false, false, &line, 1};
  picture p = draw(&chart);
  for (long column = 70; column < 385; column++) {
    long range[2];
    rows_of(range, &p, column, mpp_chart_colour(0));
    CU_ASSERT(range[0] > 0);
  }
  free(p.rgb);
}

static void the_legend_names_lines_and_takes_room(void)
{
  static const double x[] = {0, 1}, y[] = {0, 1};
  mpp_series line = {"", x, y, 2, .colour = 1};
  const mpp_chart chart = {"", "", "", false, false, &line, 1};
  picture alone = draw(&chart);
  snprintf(line.label, sizeof line.label, "a long label of a line");
  picture named = draw(&chart);
  long range[2];
  rows_of(range, &alone, 385, mpp_chart_colour(1));
  CU_ASSERT(range[0] > 0); /* the line goes that far */
  rows_of(range, &named, 385, mpp_chart_colour(1));
  CU_ASSERT(range[0] < 0);
  free(alone.rgb);
  free(named.rgb);
}

static void a_single_point_can_be_seen(void)
{
  static const double x[] = {3}, y[] = {2};
  const mpp_series line = {"", x, y, 1, .colour = 0};
  const mpp_chart chart = {"", "", "", false, true, &line, 1};
  picture p = draw(&chart);
  CU_ASSERT(picture_count(&p, 0, 0, 400, 200, mpp_chart_colour(0)) >= 16);
  free(p.rgb);
}

static void nothing_and_constants_can_be_drawn(void)
{
  static const double x[] = {1, 1}, y[] = {NAN, NAN}, zero[] = {0, 0};
  const mpp_series empty = {"none", x, y, 2, .colour = 0}, flat = {"flat", x, zero, 2, .colour = 1};
  for (int log = 0; log < 2; log++) {
    const mpp_chart charts[] = {{"", "", "", log == 1, log == 1, NULL, 0},
                                {"", "", "", log == 1, log == 1, &empty, 1},
                                {"", "", "", log == 1, log == 1, &flat, 1}};
    for (int i = 0; i < 3; i++) {
      picture p = draw(&charts[i]);
      CU_ASSERT(p.width == 400);
      free(p.rgb);
    }
  }
}

TESTS({"ticks are round numbers", ticks_are_round_numbers},
      {"labels of ticks are as short as they can be", labels_of_ticks_are_as_short_as_they_can_be},
      {"a rising line rises and a falling one falls", a_rising_line_rises_and_a_falling_one_falls},
      {"values that have no place break the line", values_that_have_no_place_break_the_line},
      {"long lines have no gaps", long_lines_have_no_gaps},
      {"the legend names lines and takes room", the_legend_names_lines_and_takes_room},
      {"a single point can be seen", a_single_point_can_be_seen},
      {"nothing and constants can be drawn", nothing_and_constants_can_be_drawn})
