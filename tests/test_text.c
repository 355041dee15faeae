/* test_text.c - what terminals obey and what is no UTF-8 is not there any more. */
#include "text.h"

#include "test.h"

static void what_is_no_text_becomes_a_question_mark(void)
{
  static const char *const table[][2] = {
      {"", ""},
      {"water depth [m]", "water depth [m]"},
      {"\xC2\xB5m s\xE2\x81\xBB\xC2\xB9 \xF0\x9F\x8C\x8A",
       "\xC2\xB5m s\xE2\x81\xBB\xC2\xB9 \xF0\x9F\x8C\x8A"},
      {"\xB5m", "?m"},
      {"a\x1b[31mb\x7f\a", "a?[31mb??"},
      {"\xC2\x9B"
       "31m",
       "??31m"},
      {"one\ntwo\tthree\r", "one\ntwo\tthree?"},
      {"\xC0\xAF", "??"},           /* overlong */
      {"\xE0\x9F\xBF", "???"},      /* overlong */
      {"\xF0\x8F\xBF\xBF", "????"}, /* overlong */
      {"\xED\xA0\x80", "???"},      /* a surrogate */
      {"\xF4\x90\x80\x80", "????"}, /* beyond Unicode */
      {"\xF5\x80\x80\x80", "????"}, /* no lead byte */
      {"\xE2\x81", "??"},           /* cut */
      {"\xE2\x81x", "??x"},         /* broken off */
      {"\xED\x9F\xBF\xF4\x8F\xBF\xBF\xE0\xA0\x80", "\xED\x9F\xBF\xF4\x8F\xBF\xBF\xE0\xA0\x80"},
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    char text[64];
    snprintf(text, sizeof text, "%s", table[i][0]);
    mpp_clean_text(text);
    CU_ASSERT_STRING_EQUAL(text, table[i][1]);
  }
}

static void copies_are_cut_between_characters(void)
{
  char out[8];
  mpp_copy_text(out, sizeof out, "abcdefg");
  CU_ASSERT_STRING_EQUAL(out, "abcdefg");
  mpp_copy_text(out, sizeof out, "abcdefgh");
  CU_ASSERT_STRING_EQUAL(out, "abcdefg");
  mpp_copy_text(out, sizeof out, "abcdef\xC2\xB5");
  CU_ASSERT_STRING_EQUAL(out, "abcdef");
  mpp_copy_text(out, sizeof out, "abcd\xF0\x9F\x8C\x8A");
  CU_ASSERT_STRING_EQUAL(out, "abcd");
  mpp_copy_text(out, sizeof out, "abc\xF0\x9F\x8C\x8Ax");
  CU_ASSERT_STRING_EQUAL(out, "abc\xF0\x9F\x8C\x8A");
  mpp_copy_text(out, sizeof out, "\x80\x80\x80\x80\x80\x80\x80\x80\x80");
  CU_ASSERT_STRING_EQUAL(out, "");
  mpp_copy_text(out, sizeof out, "a\nb\tc");
  CU_ASSERT_STRING_EQUAL(out, "a?b?c");
  mpp_copy_text(out, 1, "abc");
  CU_ASSERT_STRING_EQUAL(out, "");
}

TESTS({"what is no text becomes a question mark", what_is_no_text_becomes_a_question_mark},
      {"copies are cut between characters", copies_are_cut_between_characters})
