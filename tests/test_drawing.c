/* Drawings, looked at pixel by pixel. */
#include "drawing.h"

#include "picture.h"

static const unsigned char red[3] = {200, 10, 20}, white[3] = {255, 255, 255};

static picture pixels_of(mpp_drawing *d)
{
  int width = 0, height = 0, stride = 0;
  const unsigned char *pixels = mpp_drawing_pixels(d, &width, &height, &stride);
  return picture_of(pixels, width, height, stride);
}

static void rectangles_frames_and_images_cover_their_pixels(void)
{
  static const unsigned char image[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}; /* 2 x 2 */
  mpp_drawing *d = NULL;
  REQUIRE_OK(mpp_drawing_create(&d, MPP_DRAW_PNG, 20.0, 10.0));
  mpp_drawing_fill(d, 3.0, 2.0, 4.0, 5.0, red);
  mpp_drawing_frame(d, 12.0, 3.0, 3.0, 3.0, red);
  mpp_drawing_image(d, 0.0, 8.0, image, 2, 2);
  picture p = pixels_of(d);
  CU_ASSERT(p.width == 20 && p.height == 10);
  CU_ASSERT_EQUAL(picture_count(&p, 3, 2, 4, 5, red), 20);
  CU_ASSERT_EQUAL(picture_count(&p, 0, 0, 11, 8, red), 20);
  CU_ASSERT_EQUAL(picture_count(&p, 11, 2, 5, 5, red), 16); /* around 3 x 3 */
  CU_ASSERT_EQUAL(picture_count(&p, 12, 3, 3, 3, white), 9);
  for (long i = 0; i < 4; i++) { CU_ASSERT(picture_has(&p, i % 2, 8 + i / 2, image + 3 * i)); }
  free(p.rgb);
  mpp_drawing_destroy(d);
}

static void a_line_is_broken_where_a_point_is_missing(void)
{
  const double point[5][2] = {{2.0, 5.5}, {8.0, 5.5}, {11.0, NAN}, {14.0, 5.5}, {18.0, 5.5}};
  mpp_drawing *d = NULL;
  REQUIRE_OK(mpp_drawing_create(&d, MPP_DRAW_PNG, 20.0, 10.0));
  mpp_drawing_line(d, point, 5, 1.0, 0.0, red);
  mpp_drawing_clip(d, 0.0, 0.0, 20.0, 3.0);
  mpp_drawing_fill(d, 0.0, 0.0, 2.0, 10.0, red); /* the clip leaves 2 x 3 */
  picture p = pixels_of(d);
  CU_ASSERT_EQUAL(picture_count(&p, 2, 5, 6, 1, red), 6);
  CU_ASSERT_EQUAL(picture_count(&p, 8, 5, 6, 1, white), 6);
  CU_ASSERT_EQUAL(picture_count(&p, 14, 5, 4, 1, red), 4);
  CU_ASSERT_EQUAL(picture_count(&p, 0, 0, 2, 10, red), 6);
  free(p.rgb);
  mpp_drawing_destroy(d);
}

static void text_stands_where_its_alignment_says(void)
{
  static const unsigned char black[3] = {0, 0, 0};
  const double width = mpp_drawing_text_width("mmm", 12.0);
  CU_ASSERT(width > 18.0 && width < 60.0);
  CU_ASSERT(mpp_drawing_text_width("mmmmmm", 12.0) > 1.5 * width);
  for (int align = MPP_LEFT; align <= MPP_RIGHT; align++) {
    mpp_drawing *d = NULL;
    long left = 0, right = 0;
    REQUIRE_OK(mpp_drawing_create(&d, MPP_DRAW_PNG, 200.0, 40.0));
    mpp_drawing_text(d, 100.0, 20.0, "mmm", 12.0, (mpp_align)align, black);
    picture p = pixels_of(d);
    for (long i = 0; i < 200 * 40; i++) {
      left += i % 200 < 100 && p.rgb[3 * i] < 200;
      right += i % 200 >= 100 && p.rgb[3 * i] < 200;
      CU_ASSERT(p.rgb[3 * i] > 200 || (i / 200 <= 20 && i / 200 > 8)); /* above the base line */
    }
    CU_ASSERT((left > 20) == (align != MPP_LEFT));
    CU_ASSERT((right > 20) == (align != MPP_RIGHT));
    free(p.rgb);
    mpp_drawing_destroy(d);
  }
}

static void text_upwards_is_higher_than_wide(void)
{
  static const unsigned char black[3] = {0, 0, 0};
  mpp_drawing *d = NULL;
  long rows = 0, columns = 0;
  REQUIRE_OK(mpp_drawing_create(&d, MPP_DRAW_PNG, 100.0, 100.0));
  mpp_drawing_text_up(d, 50.0, 50.0, "mmmm", 12.0, black);
  picture p = pixels_of(d);
  for (long i = 0; i < 100; i++) {
    rows += picture_count(&p, 0, i, 100, 1, white) < 100;
    columns += picture_count(&p, i, 0, 1, 100, white) < 100;
  }
  CU_ASSERT(rows > 2 * columns && columns > 3);
  free(p.rgb);
  mpp_drawing_destroy(d);
}

static void each_kind_of_file_begins_as_it_should(void)
{
  static const char *const begins[] = {"\x89PNG", "<?xml", "%PDF-"};
  for (int kind = MPP_DRAW_PNG; kind <= MPP_DRAW_PDF; kind++) {
    mpp_drawing *d = NULL;
    unsigned char *bytes = NULL;
    size_t size = 0;
    REQUIRE_OK(mpp_drawing_create(&d, (mpp_draw_kind)kind, 30.0, 20.0));
    mpp_drawing_fill(d, 1.0, 1.0, 5.0, 5.0, red);
    REQUIRE_OK(mpp_drawing_encode(&bytes, &size, d));
    CU_ASSERT(size > 50 && memcmp(bytes, begins[kind], strlen(begins[kind])) == 0);
    mpp_free(bytes);
    mpp_drawing_destroy(d);
  }
}

static void unfit_sizes_are_refused(void)
{
  mpp_drawing *d = NULL;
  ASSERT_STATUS(mpp_drawing_create(&d, MPP_DRAW_PNG, 0.5, 20.0), MPP_ERR_DATA);
  ASSERT_STATUS(mpp_drawing_create(&d, MPP_DRAW_PNG, 20.0, 40000.0), MPP_ERR_DATA);
  ASSERT_MESSAGE("40000");
  CU_ASSERT_PTR_NULL(d);
}

static void every_allocation_may_fail(void)
{
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    mpp_drawing *d = NULL;
    unsigned char *bytes = NULL;
    size_t size = 0;
    test_fault_begin(&faults);
    mpp_status st = mpp_drawing_create(&d, MPP_DRAW_SVG, 30.0, 20.0);
    if (st == MPP_OK) {
      st = mpp_drawing_encode(&bytes, &size, d);
    }
    test_fault_end(&faults, st);
    CU_ASSERT(st == MPP_OK || st == MPP_ERR_NOMEM);
    mpp_free(bytes);
    mpp_drawing_destroy(d);
  }
  CU_ASSERT_EQUAL(faults.failed, 2); /* the drawing, and the bytes of the file */
}

TESTS({"rectangles, frames and images cover their pixels",
       rectangles_frames_and_images_cover_their_pixels},
      {"a line is broken where a point is missing", a_line_is_broken_where_a_point_is_missing},
      {"text stands where its alignment says", text_stands_where_its_alignment_says},
      {"text upwards is higher than wide", text_upwards_is_higher_than_wide},
      {"each kind of file begins as it should", each_kind_of_file_begins_as_it_should},
      {"unfit sizes are refused", unfit_sizes_are_refused},
      {"every allocation may fail", every_allocation_may_fail})
