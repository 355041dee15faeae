/* Panels: where they lie and what colours they have. */
#include "panels.h"

#include "colormap.h"
#include "picture.h"

enum { NX = 4, NY = 2 };

static mpp_plot_source source_of(float *value, size_t nrows, size_t ncols)
{
  mpp_plot_source s = {.title = "title",
                       .nx = NX,
                       .ny = NY,
                       .x = {0.0, 1.0},
                       .y = {0.0, 0.5},
                       .x_name = "x",
                       .y_name = "y",
                       .nrows = nrows,
                       .ncols = ncols,
                       .value = value};
  static const char *const row[] = {"truth", "prediction", "error"};
  for (size_t r = 0; r < nrows; r++) { s.row[r] = row[r]; }
  return s;
}

static void colours_follow_the_truth_and_errors_are_symmetric(void)
{
  float value[3 * NX * NY];
  mpp_plot_source s = source_of(value, 3, 1);
  for (int i = 0; i < NX * NY; i++) {
    value[i] = 1.0f + (float)i;          /* truth 1 .. 8 */
    value[8 + i] = 10.0f * (float)i;     /* prediction 0 .. 70 */
    value[16 + i] = 0.5f * (float)i - 3; /* error -3 .. 0.5 */
  }
  const mpp_color_scale truth = mpp_panels_scale(&s, 0), prediction = mpp_panels_scale(&s, 1);
  const mpp_color_scale error = mpp_panels_scale(&s, 2);
  CU_ASSERT(truth.low == 1.0 && truth.high == 8.0 && !truth.diverging);
  CU_ASSERT(prediction.low == 1.0 && prediction.high == 8.0);
  CU_ASSERT(error.low == -3.0 && error.high == 3.0 && error.diverging);
  for (int i = 0; i < NX * NY; i++) { value[i] = NAN; } /* no truth: the prediction's range */
  CU_ASSERT(mpp_panels_scale(&s, 0).high == 70.0);
  for (int i = 0; i < NX * NY; i++) { value[i] = (float)(i - 4); } /* both signs */
  CU_ASSERT(mpp_panels_scale(&s, 0).diverging && mpp_panels_scale(&s, 0).high == 4.0);
  for (int i = 0; i < NX * NY; i++) { value[i] = 5.0f; } /* constant: the middle */
  const mpp_color_scale flat = mpp_panels_scale(&s, 0);
  CU_ASSERT(flat.low < 5.0 && flat.high > 5.0 && fabs(flat.low + flat.high - 10.0) < 1e-12);
}

/* One axis: the prediction is seen as far as it goes, at most the truth's range away. */
static void lines_have_room_for_the_prediction(void)
{
  float value[3 * NX] = {1, 2, 3, 2, 0.5f, 2, 90, 2};
  mpp_plot_source s = source_of(value, 3, 1);
  s.ny = 1;
  for (size_t row = 0; row < 2; row++) {
    const mpp_color_scale c = mpp_panels_scale(&s, row);
    CU_ASSERT(c.low == 0.5 && c.high == 5.0);
  }
  CU_ASSERT(mpp_panels_scale(&s, 2).high == 1.0); /* no error at all */
}

static void rows_lie_below_or_beside_each_other(void)
{
  mpp_plot_source s = source_of(NULL, 3, 2);
  long a[2], b[2];
  const mpp_panels below = mpp_panels_arrange(&s, 80, false);
  CU_ASSERT(below.cell == 20 && below.width == 80 && below.height == 40);
  mpp_panels_place(a, &below, 0, 1);
  mpp_panels_place(b, &below, 2, 1);
  CU_ASSERT(a[0] == b[0] && b[1] >= a[1] + 2 * below.height && b[1] + 40 <= below.all_height);
  s.ncols = 1;
  const mpp_panels beside = mpp_panels_arrange(&s, 80, true);
  mpp_panels_place(a, &beside, 0, 0);
  mpp_panels_place(b, &beside, 2, 0);
  CU_ASSERT(a[1] == b[1] && b[0] >= a[0] + 2 * beside.width && b[0] + 80 <= beside.all_width);
  CU_ASSERT(beside.all_width > below.all_width && beside.all_height < below.all_height);
}

static void cells_are_blocks_with_y_upwards(void)
{
  float value[3 * NX * NY];
  mpp_plot_source s = source_of(value, 3, 1);
  mpp_drawing *d = NULL;
  mpp_color_scale scale[3];
  int width = 0, height = 0, stride = 0;
  for (int i = 0; i < 3 * NX * NY; i++) { value[i] = (float)i; }
  value[5] = NAN;
  const mpp_panels p = mpp_panels_arrange(&s, 80, true);
  REQUIRE_OK(mpp_drawing_create(&d, MPP_DRAW_PNG, (double)p.all_width, (double)p.all_height));
  for (size_t r = 0; r < 3; r++) { scale[r] = mpp_panels_scale(&s, r); }
  REQUIRE_OK(mpp_panels_draw(d, &s, &p, scale));
  const unsigned char *pixels = mpp_drawing_pixels(d, &width, &height, &stride);
  picture drawn = picture_of(pixels, width, height, stride);
  for (size_t r = 0; r < 3; r++) {
    long at[2];
    mpp_panels_place(at, &p, r, 0);
    for (long i = 0; i < NX * NY; i++) {
      unsigned char rgb[3];
      mpp_color(rgb, (double)value[(long)r * 8 + i], scale[r].low, scale[r].high,
                scale[r].diverging);
      const long x = at[0] + i % NX * 20, y = at[1] + (NY - 1 - i / NX) * 20;
      CU_ASSERT_EQUAL(picture_count(&drawn, x, y, 20, 20, rgb), 400);
    }
  }
  free(drawn.rgb);
  mpp_drawing_destroy(d);
}

/* The truth is 1 to 8; the bar of a prediction that leaves it on one side has a triangle there. */
static void bars_say_what_lies_beyond(void)
{
  float value[3 * NX * NY] = {0};
  mpp_plot_source s = source_of(value, 3, 1);
  mpp_color_scale scale[3];
  unsigned char low[3], high[3];
  int width = 0, height = 0, stride = 0;
  for (int i = 0; i < NX * NY; i++) {
    value[i] = 1.0f + (float)i;
    value[8 + i] = 4.0f;
  }
  value[8] = 9.0f;
  mpp_drawing *d = NULL;
  const mpp_panels p = mpp_panels_arrange(&s, 80, false);
  REQUIRE_OK(mpp_drawing_create(&d, MPP_DRAW_PNG, (double)p.all_width, (double)p.all_height));
  for (size_t r = 0; r < 3; r++) { scale[r] = mpp_panels_scale(&s, r); }
  REQUIRE_OK(mpp_panels_draw(d, &s, &p, scale));
  const unsigned char *pixels = mpp_drawing_pixels(d, &width, &height, &stride);
  picture drawn = picture_of(pixels, width, height, stride);
  mpp_color(low, 1.0, 1.0, 8.0, false);
  mpp_color(high, 8.0, 1.0, 8.0, false);
  for (size_t r = 0; r < 2; r++) {
    long at[2];
    mpp_panels_place(at, &p, r, 0);
    const long x = at[0] + p.width, across = p.all_width - x;
    CU_ASSERT((picture_count(&drawn, x, at[1] - 8, across, 7, high) > 0) == (r == 1));
    CU_ASSERT_EQUAL(picture_count(&drawn, x, at[1] + p.height + 2, across, 6, low), 0);
  }
  mpp_drawing_destroy(d);
  free(drawn.rgb);
}

TESTS({"colours follow the truth and errors are symmetric",
       colours_follow_the_truth_and_errors_are_symmetric},
      {"lines have room for the prediction", lines_have_room_for_the_prediction},
      {"bars say what lies beyond", bars_say_what_lies_beyond},
      {"rows lie below or beside each other", rows_lie_below_or_beside_each_other},
      {"cells are blocks with y upwards", cells_are_blocks_with_y_upwards})
