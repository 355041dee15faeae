/* Pictures in memory: letters are compared dot by dot with their drawing in characters. */
#include "canvas.h"

#include "test.h"

static const unsigned char black[3] = {0, 0, 0};

static bool is_black(const mpp_canvas *c, long x, long y)
{
  return memcmp(c->rgb + 3 * (y * c->width + x), black, 3) == 0;
}

static void letters_look_like_letters(void)
{
  static const char *const a[7] = {".###.", "#...#", "#...#", "#...#", "#####", "#...#", "#...#"};
  static const char *const b[7] = {"#....", "#....", "#.##.", "##..#", "#...#", "#...#", "####."};
  mpp_canvas c = {0, 0, NULL};
  REQUIRE_OK(mpp_canvas_create(&c, 11, 8));
  mpp_canvas_text(&c, 0, 0, "Ab", 1, MPP_LEFT, black);
  for (long y = 0; y < 7; y++) {
    for (long x = 0; x < 5; x++) {
      CU_ASSERT_EQUAL(is_black(&c, x, y), a[y][x] == '#');
      CU_ASSERT_EQUAL(is_black(&c, 6 + x, y), b[y][x] == '#');
    }
  }
  mpp_canvas_destroy(&c);
}

static void text_can_be_read_from_below(void)
{
  mpp_canvas across = {0, 0, NULL}, up = {0, 0, NULL};
  REQUIRE_OK(mpp_canvas_create(&across, 17, 8));
  REQUIRE_OK(mpp_canvas_create(&up, 8, 17));
  mpp_canvas_text(&across, 0, 0, "mpp", 1, MPP_LEFT, black);
  mpp_canvas_text_up(&up, 0, 8, "mpp", 1, black); /* its middle is row 8 of 17 */
  for (long y = 0; y < 8; y++) {
    for (long x = 0; x < 17; x++) {
      CU_ASSERT_EQUAL(is_black(&across, x, y), is_black(&up, y, 16 - x));
    }
  }
  mpp_canvas_destroy(&across);
  mpp_canvas_destroy(&up);
}

static void text_is_aligned(void)
{
  mpp_canvas left = {0, 0, NULL}, other = {0, 0, NULL};
  CU_ASSERT_EQUAL(mpp_canvas_text_width("one", 2), 34);
  REQUIRE_OK(mpp_canvas_create(&left, 60, 16));
  mpp_canvas_text(&left, 10, 0, "one", 2, MPP_LEFT, black);
  for (int k = 0; k < 2; k++) {
    REQUIRE_OK(mpp_canvas_create(&other, 60, 16));
    mpp_canvas_text(&other, k == 0 ? 10 + 34 : 10 + 17, 0, "one", 2,
                    k == 0 ? MPP_RIGHT : MPP_CENTRE, black);
    CU_ASSERT_EQUAL(memcmp(left.rgb, other.rgb, (size_t)3 * 60 * 16), 0);
    mpp_canvas_destroy(&other);
  }
  mpp_canvas_destroy(&left);
}

static void slanted_strokes_are_filled_at_the_corners(void)
{
  mpp_canvas c = {0, 0, NULL};
  REQUIRE_OK(mpp_canvas_create(&c, 20, 32));
  mpp_canvas_text(&c, 0, 0, "/", 4, MPP_LEFT, black);
  /* dots (1, 4) and (2, 3) are set: dot (1, 3) has the two next to its lower right corner */
  CU_ASSERT(is_black(&c, 7, 15) && !is_black(&c, 4, 12));
  mpp_canvas_destroy(&c);
}

static void what_falls_outside_is_dropped(void)
{
  mpp_canvas c = {0, 0, NULL};
  REQUIRE_OK(mpp_canvas_create(&c, 4, 3));
  mpp_canvas_fill(&c, -5, -5, 7, 7, black);
  mpp_canvas_text(&c, -3, 2, "outside \x01\xff", 2, MPP_CENTRE, black);
  mpp_canvas_frame(&c, 3, 2, 100, 100, black);
  CU_ASSERT(is_black(&c, 0, 0) && is_black(&c, 1, 1));
  mpp_canvas_destroy(&c);
  ASSERT_STATUS(mpp_canvas_create(&c, 0, 3), MPP_ERR_DATA);
  ASSERT_STATUS(mpp_canvas_create(&c, 3, 40000), MPP_ERR_DATA);
  CU_ASSERT_PTR_NULL(c.rgb);
}

TESTS({"letters look like letters", letters_look_like_letters},
      {"text can be read from below", text_can_be_read_from_below},
      {"text is aligned", text_is_aligned},
      {"slanted strokes are filled at the corners", slanted_strokes_are_filled_at_the_corners},
      {"what falls outside is dropped", what_falls_outside_is_dropped})
