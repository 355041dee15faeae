/* Pages: escapes, and pictures as base64. */
#include "html.h"

#include "test.h"

static void text_is_escaped_and_markup_is_not(void)
{
  mpp_html h = {0};
  mpp_html_put(&h, "<p>");
  mpp_html_text(&h, "a<b & \"c\"> d");
  mpp_html_printf(&h, "</%s>", "p");
  CU_ASSERT_STRING_EQUAL(h.text, "<p>a&lt;b &amp; &quot;c&quot;&gt; d</p>");
  CU_ASSERT_EQUAL(h.length, strlen(h.text));
  mpp_html_free(&h);
}

/* The examples of RFC 4648, section 10, and bytes above 127. */
static void bytes_become_base64(void)
{
  static const char *const plain[] = {"",     "f",     "fo",     "foo",
                                      "foob", "fooba", "foobar", "\xff\xfe\xfd"};
  static const char *const coded[] = {"",         "Zg==",     "Zm8=",     "Zm9v",
                                      "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy", "//79"};
  for (int i = 0; i < 8; i++) {
    mpp_html h = {0};
    char expected[64];
    mpp_html_data(&h, "image/png", (const unsigned char *)plain[i], strlen(plain[i]));
    snprintf(expected, sizeof expected, "data:image/png;base64,%s", coded[i]);
    CU_ASSERT_STRING_EQUAL(h.text, expected);
    mpp_html_free(&h);
  }
}

static void long_pages_grow(void)
{
  mpp_html h = {0};
  for (int i = 0; i < 20000; i++) { mpp_html_put(&h, "0123456789"); }
  CU_ASSERT_EQUAL(h.length, 200000);
  CU_ASSERT(!h.failed && strcmp(h.text + 199990, "0123456789") == 0);
  mpp_html_free(&h);
}

static void a_page_without_memory_says_so(void)
{
  mpp_html h = {0};
  mpp_drawing *d = NULL;
  mpp_fault_after(0);
  mpp_html_put(&h, "text");
  mpp_fault_after(-1);
  CU_ASSERT(h.failed);
  mpp_html_put(&h, "more");
  CU_ASSERT_EQUAL(h.length, 0);
  mpp_html_free(&h);
  REQUIRE_OK(mpp_drawing_create(&d, MPP_DRAW_PNG, 10.0, 10.0));
  mpp_fault_after(0);
  ASSERT_STATUS(mpp_html_drawing(&h, d, MPP_DRAW_PNG, "alt"), MPP_ERR_NOMEM);
  mpp_fault_after(-1);
  mpp_html_free(&h);
  CU_ASSERT_EQUAL(mpp_alloc_live(), 0);
}

TESTS({"text is escaped and markup is not", text_is_escaped_and_markup_is_not},
      {"bytes become base64", bytes_become_base64}, {"long pages grow", long_pages_grow},
      {"a page without memory says so", a_page_without_memory_says_so})
