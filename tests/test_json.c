/* test_json.c - the text itself, and every value back through a parser. */
#include "test.h"

#include "json.h"

static void values_are_separated_and_nested(void)
{
  mpp_json j;
  mpp_json_begin(&j);
  mpp_json_open(&j, NULL, '{');
  mpp_json_int(&j, "step", -12);
  mpp_json_open(&j, "list", '[');
  mpp_json_real(&j, NULL, 0.5);
  mpp_json_open(&j, NULL, '{');
  mpp_json_close(&j, '}');
  mpp_json_bool(&j, NULL, true);
  mpp_json_close(&j, ']');
  mpp_json_bool(&j, "done", false);
  mpp_json_text(&j, "name", "a");
  mpp_json_close(&j, '}');
  CU_ASSERT_FALSE(j.failed);
  CU_ASSERT_STRING_EQUAL(j.text,
                         "{\"step\":-12,\"list\":[0.5,{},true],\"done\":false,\"name\":\"a\"}");
  CU_ASSERT_EQUAL(j.length, strlen(j.text));
  mpp_json_free(&j);
}

static void numbers_are_short_and_exact(void)
{
  static const struct {
    double value;
    const char *text;
  } known[] = {{0.1, "0.1"},        {1.0 / 3.0, "0.3333333333333333"},
               {1e300, "1e+300"},   {-0.0, "-0"},
               {3.0, "3"},          {0.1 + 0.2, "0.30000000000000004"},
               {NAN, "null"},       {INFINITY, "null"},
               {-INFINITY, "null"}, {5e-324, "4.94065645841247e-324"}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    mpp_json j;
    mpp_json_begin(&j);
    mpp_json_real(&j, NULL, known[i].value);
    CU_ASSERT_STRING_EQUAL(j.text, known[i].text);
    mpp_json_free(&j);
  }
  mpp_json j;
  mpp_json_begin(&j);
  mpp_json_int(&j, NULL, INT64_MIN);
  CU_ASSERT_STRING_EQUAL(j.text, "-9223372036854775808");
  mpp_json_free(&j);
}

static void texts_are_escaped_and_always_utf8(void)
{
  static const struct {
    const char *text, *json;
  } known[] = {
      {"a\"b\\c/\n\t\r\b\f", "\"a\\\"b\\\\c/\\n\\t\\r\\b\\f\""},
      {"\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\""},
      {"gr\xc3\xbcn \xe2\x82\xac \xf0\x9f\x8c\x8a",
       "\"gr\xc3\xbcn \xe2\x82\xac \xf0\x9f\x8c\x8a\""},
      {"gr\xfcn", "\"gr\\ufffdn\""},                 /* Latin-1 */
      {"\xc3", "\"\\ufffd\""},                       /* cut off */
      {"\xc0\xaf", "\"\\ufffd\\ufffd\""},            /* overlong */
      {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""}, /* a surrogate */
      {"\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
      {"\xe2\x82", "\"\\ufffd\\ufffd\""},
      {"", "\"\""},
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    mpp_json j;
    mpp_json_begin(&j);
    mpp_json_text(&j, NULL, known[i].text);
    CU_ASSERT_STRING_EQUAL(j.text, known[i].json);
    mpp_json_free(&j);
  }
}

static void keys_are_escaped_too(void)
{
  mpp_json j;
  mpp_json_begin(&j);
  mpp_json_open(&j, NULL, '{');
  mpp_json_int(&j, "a\"b", 1);
  mpp_json_close(&j, '}');
  CU_ASSERT_STRING_EQUAL(j.text, "{\"a\\\"b\":1}");
  mpp_json_free(&j);
}

static void long_texts_grow(void)
{
  mpp_json j;
  mpp_json_begin(&j);
  mpp_json_open(&j, NULL, '[');
  for (int64_t i = 0; i < 20000; i++) { mpp_json_int(&j, NULL, i); }
  mpp_json_close(&j, ']');
  CU_ASSERT_EQUAL(j.length, 108891); /* 10 + 180 + 2700 + 36000 + 50000 digits, commas, brackets */
  CU_ASSERT_STRING_EQUAL(j.text + j.length - 7, ",19999]");
  mpp_json_free(&j);
}

static void lack_of_memory_is_remembered(void)
{
  mpp_json j;
  mpp_json_begin(&j);
  mpp_fault_after(0);
  mpp_json_open(&j, NULL, '{');
  mpp_fault_after(-1);
  mpp_json_int(&j, "a", 1);
  mpp_json_close(&j, '}');
  CU_ASSERT(j.failed);
  mpp_json_free(&j);
  CU_ASSERT_EQUAL(mpp_alloc_live(), 0);
}

TESTS({"values are separated and nested", values_are_separated_and_nested},
      {"numbers are short and exact", numbers_are_short_and_exact},
      {"texts are escaped and always UTF-8", texts_are_escaped_and_always_utf8},
      {"keys are escaped too", keys_are_escaped_too}, {"long texts grow", long_texts_grow},
      {"lack of memory is remembered", lack_of_memory_is_remembered})
