/* test_repeat.c - a forecast made again is the same, and what differs is named. */
#include "rollout_case.h"

static mpp_rollout_difference *differences;
static size_t count;

static mpp_status repeat(const char *path)
{
  mpp_rollout_differences_free(differences);
  differences = NULL;
  return mpp_rollout_repeat(&differences, &count, path, NULL, "", "again", NULL, NULL);
}

static const mpp_rollout_difference *find(const char *name)
{
  for (size_t i = 0; i < count; i++) {
    if (strcmp(differences[i].name, name) == 0) {
      return &differences[i];
    }
  }
  return NULL;
}

static void the_same_inputs_give_the_same_bits(void)
{
  const char *path = test_path(2, "first.nc");
  mpp_model_destroy(write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f));
  mpp_rollout_options o = options_for(path);
  snprintf(o.boundary, sizeof o.boundary, "x=periodic");
  o.members = 2;
  o.member = 1;
  o.keep_digits = 3;
  o.conserve.count = 1;
  snprintf(o.conserve.item[0], sizeof o.conserve.item[0], "activator");
  REQUIRE_OK(run(&o));
  count = 99;
  ASSERT_OK(repeat(path));
  CU_ASSERT_EQUAL(count, 0);
  CU_ASSERT_FALSE(exists(test_path(3, "first.nc.repeat")));
}

static void what_differs_is_named(void)
{
  const char *path = test_path(2, "changed.nc");
  int nc = -1, v = -1;
  const size_t at[3] = {4, 2, 3};
  float value = 0.0f;
  mpp_model_destroy(write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f));
  const mpp_rollout_options o = options_for(path);
  REQUIRE_OK(run(&o));
  CU_ASSERT_FATAL(nc_open(path, NC_WRITE, &nc) == 0 && nc_inq_varid(nc, "inhibitor", &v) == 0 &&
                  nc_get_var1_float(nc, v, at, &value) == 0);
  value += 0.5f;
  CU_ASSERT(nc_put_var1_float(nc, v, at, &value) == 0 && nc_close(nc) == 0);
  ASSERT_OK(repeat(path));
  CU_ASSERT_EQUAL_FATAL(count, 1);
  CU_ASSERT_STRING_EQUAL(differences[0].name, "inhibitor");
  CU_ASSERT(differences[0].record == 4 && fabs(differences[0].largest - 0.5) < 1e-6); /* float32 */
  mpp_model *other = small_model(MPP_MODE_EXTRAPOLATE, false);
  REQUIRE_OK(mpp_model_save(other, o.model));
  mpp_model_destroy(other);
  ASSERT_OK(repeat(path));
  CU_ASSERT(find("mpp_checkpoint_sha256") != NULL && find("activator") != NULL &&
            find("activator_truth") == NULL && find("mpp_dataset") == NULL);
}

static void files_without_settings_are_refused(void)
{
  const char *path = test_path(2, "plain.nc");
  int nc = -1;
  CU_ASSERT_FATAL(nc_create(path, NC_NETCDF4 | NC_CLOBBER, &nc) == 0 && nc_close(nc) == 0);
  ASSERT_STATUS(repeat(path), MPP_ERR_DATA);
  ASSERT_MESSAGE("plain.nc: has no attribute 'mpp_config': it is no forecast of mpp");
  ASSERT_STATUS(repeat(test_path(3, "nothing.nc")), MPP_ERR_NOINPUT);
  CU_ASSERT_FATAL(nc_open(path, NC_WRITE, &nc) == 0);
  CU_ASSERT(nc_redef(nc) == 0 || true);
  CU_ASSERT(nc_put_att_text(nc, NC_GLOBAL, "mpp_config", 12, "colour: red\n") == 0 &&
            nc_close(nc) == 0);
  ASSERT_STATUS(repeat(path), MPP_ERR_DATA);
  ASSERT_MESSAGE("colour");
}

TESTS({"the same inputs give the same bits", the_same_inputs_give_the_same_bits},
      {"what differs is named", what_differs_is_named},
      {"files without settings are refused", files_without_settings_are_refused})
