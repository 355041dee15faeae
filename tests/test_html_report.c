/* Reports: what the page holds. tests/cli/test_report.sh opens one in a browser. */
#include <unistd.h>

#include "file.h"
#include "small_forecast.h"
#include "training_log.h"

static mpp_report_options options_for(const char *output)
{
  static mpp_report_options o;
  REQUIRE_OK(mpp_options_defaults(&o, mpp_report_table));
  snprintf(o.output, sizeof o.output, "%s", output);
  o.size = 40;
  o.overwrite = true;
  return o;
}

static void add(mpp_report_options *o, const char *input)
{
  snprintf(o->input.item[o->input.count++], MPP_TEXT_MAX, "%s", input);
}

static size_t count(const char *text, const char *word)
{
  size_t n = 0;
  for (const char *at = text; (at = strstr(at, word)) != NULL; at += strlen(word)) { n++; }
  return n;
}

static void a_page_has_all_inputs(void)
{
  const char *path = test_path(1, "all.html"), *run = test_path(2, "run");
  mpp_report_options o = options_for(path);
  char *page = NULL;
  size_t size = 0;
  training_log(run);
  small_forecast(test_path(3, "out.nc"), 0);
  add(&o, run);
  add(&o, test_path(3, "out.nc"));
  add(&o, test_path(5, "forecast_data.h5"));
  o.frames = 5;
  snprintf(o.title, sizeof o.title, "a & b");
  REQUIRE_OK(mpp_report(&o));
  REQUIRE_OK(mpp_read_text(&page, &size, path, 1 << 26));
  CU_ASSERT_EQUAL(count(page, "<h1>a &amp; b</h1>"), 1);
  CU_ASSERT_EQUAL(count(page, "size: nano # &lt;small&gt;"), 1);
  CU_ASSERT_EQUAL(count(page, "<td>0.12<td>1"), 1); /* the model's last validation, 0.125 and 1 */
  CU_ASSERT_EQUAL(count(page, "<td>persistence<td>2<td>5"), 1);
  /* sliders: two fields of the forecast and of the dataset, five frames each */
  CU_ASSERT_EQUAL(count(page, "type=\"range\" min=\"0\" max=\"4\""), 4);
  CU_ASSERT_EQUAL(count(page, "src=\"data:image/png;base64,"), 20);
  /* curves of the training, errors, a spectrum for each field of the forecast */
  CU_ASSERT_EQUAL(count(page, "src=\"data:image/svg+xml;base64,"), 4);
  CU_ASSERT_EQUAL(count(page, "http"), count(page, "https://") + count(page, "http://"));
  CU_ASSERT_EQUAL(count(page, "src=\"http") + count(page, "href=") + count(page, "@import"), 0);
  mpp_free(page);
}

static void a_forecast_without_truth_says_so(void)
{
  const char *path = test_path(1, "alone.html");
  mpp_report_options o = options_for(path);
  char *page = NULL;
  size_t size = 0;
  small_forecast(test_path(3, "alone.nc"), SMALL_FRAMES - 4);
  add(&o, test_path(3, "alone.nc"));
  REQUIRE_OK(mpp_report(&o));
  REQUIRE_OK(mpp_read_text(&page, &size, path, 1 << 26));
  CU_ASSERT_EQUAL(count(page, "holds no truth"), 1);
  CU_ASSERT_EQUAL(count(page, "src=\"data:image/png;base64,"), 2 * FORECAST_STEPS);
  mpp_free(page);
}

static void what_cannot_be_reported_is_said(void)
{
  const char *path = test_path(1, "none.html");
  mpp_report_options o = options_for(path);
  ASSERT_STATUS(mpp_report(&o), MPP_ERR_USAGE);
  add(&o, "nowhere.nc");
  ASSERT_STATUS(mpp_report(&o), MPP_ERR_NOINPUT);
  CU_ASSERT(access(path, F_OK) != 0);
  o.frames = 0;
  ASSERT_STATUS(mpp_report(&o), MPP_ERR_USAGE);
  o.frames = 3;
  REQUIRE_OK(mpp_write_text(path, "mine"));
  o.overwrite = false;
  ASSERT_STATUS(mpp_report(&o), MPP_ERR_EXISTS);
  o.output[0] = '\0';
  ASSERT_STATUS(mpp_report(&o), MPP_ERR_USAGE);
}

static void every_allocation_may_fail(void)
{
  const char *path = test_path(1, "fault.html"), *run = test_path(2, "run");
  mpp_report_options o = options_for(path);
  training_log(run);
  small_forecast(test_path(3, "out.nc"), 0);
  add(&o, run);
  add(&o, test_path(3, "out.nc"));
  o.frames = 1;
  test_faults faults = {.each = 20, .stride = 53};
  while (test_faults_next(&faults)) {
    const mpp_status st = TEST_FAULT(&faults, mpp_report(&o));
    CU_ASSERT((st == MPP_OK) == (access(path, F_OK) == 0));
    unlink(path);
  }
  CU_ASSERT(faults.failed > 20);
}

TESTS({"a page has all inputs", a_page_has_all_inputs},
      {"a forecast without truth says so", a_forecast_without_truth_says_so},
      {"what cannot be reported is said", what_cannot_be_reported_is_said},
      {"every allocation may fail", every_allocation_may_fail})
