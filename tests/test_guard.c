/* test_guard.c - what leaves the context's range, drifts or roughens is found, and what does not is
 * not. */
#include "guard.h"

#include "compressible_case.h"

static float context[2 * FLOW_FRAME], y[FLOW_FRAME];

static void open_guard(flow_case *c, mpp_guard *g)
{
  static mpp_rollout_options o;
  REQUIRE_OK(mpp_options_defaults(&o, mpp_rollout_table));
  flow_open(c);
  flow_fill(context, 0.0);
  flow_fill(context + FLOW_FRAME, 0.1);
  *g = (mpp_guard){.cells = 0};
  REQUIRE_OK(mpp_guard_begin(g, &o, mpp_frames_info(c->frames), &c->reference, context, 2));
}

static void close_guard(flow_case *c, mpp_guard *g)
{
  mpp_guard_free(g);
  flow_close(c);
}

static void a_frame_like_the_context_passes(void)
{
  flow_case c;
  mpp_guard g;
  mpp_guard_record r;
  open_guard(&c, &g);
  mpp_guard_look(&g, &r, context + FLOW_FRAME);
  CU_ASSERT(r.bits == 0 && r.text[0] == '\0');
  for (size_t f = 0; f < 4; f++) {
    CU_ASSERT(r.growth[f] > 0.5 && r.growth[f] <= 1.0);
    CU_ASSERT(r.high_share[f] < 1e-10); /* rounding of float32 alone */
  }
  for (size_t i = 0; i < 4; i++) { CU_ASSERT_EQUAL(r.drift[i], 0.0); }
  flow_fill(y, 0.3);
  mpp_guard_look(&g, &r, y);
  CU_ASSERT_EQUAL(r.bits, 0);
  close_guard(&c, &g);
}

static void each_violation_has_its_bit_and_words(void)
{
  flow_case c;
  mpp_guard g;
  mpp_guard_record r;
  open_guard(&c, &g);
  flow_fill(y, 0.1);
  for (size_t i = 0; i < FLOW_CELLS; i++) { /* about the same mean */
    y[FLOW_VX * FLOW_CELLS + i] = 0.1f + 6.0f * (y[FLOW_VX * FLOW_CELLS + i] - 0.1f);
  }
  mpp_guard_look(&g, &r, y);
  CU_ASSERT_EQUAL(r.bits & MPP_GUARD_RANGE, MPP_GUARD_RANGE);
  CU_ASSERT_DOUBLE_EQUAL(r.growth[FLOW_VX], 6.0, 0.2);
  CU_ASSERT_PTR_NOT_NULL(strstr(r.text, "times as far from its mean as the context (limit 5)"));
  flow_fill(y, 0.1);
  for (size_t i = 0; i < FLOW_CELLS; i++) { y[FLOW_DENSITY * FLOW_CELLS + i] *= 1.06f; }
  mpp_guard_look(&g, &r, y);
  CU_ASSERT_EQUAL(r.bits, MPP_GUARD_BALANCE);
  CU_ASSERT_DOUBLE_EQUAL(r.drift[0], 0.06, 1e-6); /* float32 */
  CU_ASSERT_DOUBLE_EQUAL(r.total[0], 1.06 * g.balance.value[0], 1e-6);
  CU_ASSERT_PTR_NOT_NULL(strstr(r.text, "mass drifted by 0.06 (limit 0.05)"));
  flow_fill(y, 0.1);
  for (size_t i = 0; i < FLOW_CELLS; i++) {
    y[FLOW_VY * FLOW_CELLS + i] += (i + i / FLOW_N) % 2 == 0 ? 0.1f : -0.1f;
  }
  mpp_guard_look(&g, &r, y);
  CU_ASSERT_EQUAL(r.bits, MPP_GUARD_SPECTRUM);
  CU_ASSERT_DOUBLE_EQUAL(r.high_share[FLOW_VY], 0.01 / (0.01 + 0.09 / 4.0), 1e-3);
  g.max_high_share = g.max_drift = g.max_growth = 0.0; /* not judged, still watched */
  mpp_guard_look(&g, &r, y);
  CU_ASSERT(r.bits == 0 && r.high_share[FLOW_VY] > 0.1);
  close_guard(&c, &g);
}

/* What stands still in the context has no range to be measured by. */
static void a_uniform_context_is_no_measure(void)
{
  flow_case c;
  mpp_guard g;
  mpp_guard_record r;
  static mpp_rollout_options o;
  REQUIRE_OK(mpp_options_defaults(&o, mpp_rollout_table));
  flow_open(&c);
  for (size_t i = 0; i < 2 * FLOW_FRAME; i++) { context[i] = 1.0f; }
  g = (mpp_guard){.cells = 0};
  REQUIRE_OK(mpp_guard_begin(&g, &o, mpp_frames_info(c.frames), &c.reference, context, 2));
  flow_fill(y, 0.0);
  mpp_guard_look(&g, &r, y);
  CU_ASSERT(isnan(r.growth[0]) && (r.bits & MPP_GUARD_RANGE) == 0);
  close_guard(&c, &g);
}

TESTS({"a frame like the context passes", a_frame_like_the_context_passes},
      {"each violation has its bit and words", each_violation_has_its_bit_and_words},
      {"a uniform context is no measure", a_uniform_context_is_no_measure})
