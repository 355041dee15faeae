/* test_physics.c - integrals that are kept, and fields that are clipped. */
#include "physics.h"

#include "compressible_case.h"

static mpp_rollout_options *defaults(void)
{
  static mpp_rollout_options o;
  REQUIRE_OK(mpp_options_defaults(&o, mpp_rollout_table));
  return &o;
}

static void set_words(mpp_text_list *list, const char *a, const char *b)
{
  *list = (mpp_text_list){.count = b != NULL ? 2 : 1};
  snprintf(list->item[0], sizeof list->item[0], "%s", a);
  snprintf(list->item[1], sizeof list->item[1], "%s", b != NULL ? b : "");
}

static float context[2 * FLOW_FRAME], y[FLOW_FRAME], before[FLOW_FRAME];
static double clipped[MPP_MAX_FIELDS], shift[MPP_MAX_FIELDS];

/* A frame that has lost a tenth of everything. */
static void fill(void)
{
  flow_fill(context, 0.0);
  flow_fill(context + FLOW_FRAME, 0.1);
  flow_fill(y, 0.4);
  for (size_t i = 0; i < FLOW_FRAME; i++) { y[i] *= 0.9f; }
  memcpy(before, y, sizeof y);
}

/* Each of the 256 values is rounded by up to 6e-8 of itself, the mean of that by a sixteenth. */
static void integrals_are_kept_to_the_rounding_of_float32(void)
{
  flow_case c;
  mpp_rollout_options *o = defaults();
  mpp_physics p = {0};
  mpp_pde_balance first, now;
  flow_open(&c);
  fill();
  set_words(&o->conserve, "all", NULL);
  REQUIRE_OK(mpp_physics_begin(&p, o, mpp_frames_info(c.frames), &c.reference, context, 2));
  mpp_pde_stream_balance(c.reference.stream, &first, context + FLOW_FRAME);
  mpp_pde_stream_balance(c.reference.stream, &now, y);
  CU_ASSERT(fabs(now.value[0] / first.value[0] - 1.0) > 0.05);
  mpp_physics_apply(&p, y, clipped, shift);
  mpp_pde_stream_balance(c.reference.stream, &now, y);
  CU_ASSERT_EQUAL(first.count, 4);
  for (size_t i = 0; i < 4; i++) {
    CU_ASSERT(fabs(now.value[i] - first.value[i]) < 3e-8 * first.size[i]);
  }
  for (size_t f = 0; f < 4; f++) { /* one number a field, and it is recorded */
    CU_ASSERT(shift[f] != 0.0 && clipped[f] == 0.0);
    for (size_t i = f * FLOW_CELLS; i < (f + 1) * FLOW_CELLS; i++) {
      CU_ASSERT_DOUBLE_EQUAL((double)y[i] - (double)before[i], shift[f], 5e-7);
    }
  }
  mpp_physics_free(&p);
  flow_close(&c);
}

static void only_what_is_named_is_kept(void)
{
  flow_case c;
  mpp_rollout_options *o = defaults();
  mpp_physics p = {0};
  flow_open(&c);
  fill();
  set_words(&o->conserve, "momentum", "density"); /* both components, and a field's mean */
  REQUIRE_OK(mpp_physics_begin(&p, o, mpp_frames_info(c.frames), &c.reference, context, 2));
  CU_ASSERT_EQUAL(p.nrules, 3);
  mpp_physics_apply(&p, y, clipped, shift);
  CU_ASSERT(shift[FLOW_VX] != 0.0 && shift[FLOW_VY] != 0.0 && shift[FLOW_DENSITY] != 0.0);
  CU_ASSERT_EQUAL(memcmp(y + FLOW_PRESSURE * FLOW_CELLS, before + FLOW_PRESSURE * FLOW_CELLS,
                         FLOW_CELLS * sizeof *y),
                  0);
  mpp_physics_free(&p);
  flow_close(&c);
}

/* A density that is clipped and kept is scaled, so that it stays above its floor or nearly so. */
static void clipped_fields_are_scaled(void)
{
  flow_case c;
  mpp_rollout_options *o = defaults();
  mpp_physics p = {0};
  mpp_pde_balance first, now;
  float least = INFINITY;
  flow_open(&c);
  fill();
  for (size_t i = 0; i < 10; i++) { y[FLOW_DENSITY * FLOW_CELLS + 7 * i] = -0.5f; }
  y[FLOW_PRESSURE * FLOW_CELLS] = -1.0f;
  set_words(&o->conserve, "mass", NULL);
  set_words(&o->positive, "all", NULL);
  o->floor = 0.01;
  REQUIRE_OK(mpp_physics_begin(&p, o, mpp_frames_info(c.frames), &c.reference, context, 2));
  mpp_pde_stream_balance(c.reference.stream, &first, context + FLOW_FRAME);
  mpp_physics_apply(&p, y, clipped, shift);
  mpp_pde_stream_balance(c.reference.stream, &now, y);
  CU_ASSERT(clipped[FLOW_DENSITY] == 10.0 && clipped[FLOW_PRESSURE] == 1.0 &&
            clipped[FLOW_VX] == 0.0);
  CU_ASSERT(fabs(now.value[0] - first.value[0]) < 3e-8 * first.value[0]);
  for (size_t i = 0; i < FLOW_CELLS; i++) {
    least = fminf(least, y[FLOW_DENSITY * FLOW_CELLS + i]);
  }
  CU_ASSERT(least > 0.0f);
  CU_ASSERT_DOUBLE_EQUAL((double)y[FLOW_DENSITY * FLOW_CELLS + 1] /
                             (double)before[FLOW_DENSITY * FLOW_CELLS + 1],
                         1.0 + shift[FLOW_DENSITY], 3e-7);
  mpp_physics_free(&p);
  flow_close(&c);
}

static void unknown_names_are_answered_with_those_there_are(void)
{
  flow_case c;
  mpp_rollout_options *o = defaults();
  mpp_physics p = {0};
  flow_open(&c);
  fill();
  set_words(&o->conserve, "charge", NULL);
  ASSERT_STATUS(mpp_physics_begin(&p, o, mpp_frames_info(c.frames), &c.reference, context, 2),
                MPP_ERR_USAGE);
  ASSERT_MESSAGE(
      "--conserve charge: not known for cns-2d, expected one of mass, energy, momentum_x");
  mpp_physics_free(&p);
  o->conserve.count = 0;
  set_words(&o->positive, "Vx", NULL);
  ASSERT_STATUS(mpp_physics_begin(&p, o, mpp_frames_info(c.frames), &c.reference, context, 2),
                MPP_ERR_USAGE);
  ASSERT_MESSAGE("--positive Vx: the context has -0.2");
  mpp_physics_free(&p);
  flow_close(&c);
}

TESTS({"integrals are kept to the rounding of float32",
       integrals_are_kept_to_the_rounding_of_float32},
      {"only what is named is kept", only_what_is_named_is_kept},
      {"clipped fields are scaled", clipped_fields_are_scaled},
      {"unknown names are answered with those there are",
       unknown_names_are_answered_with_those_there_are})
