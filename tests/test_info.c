/* What files say of themselves. */
#include <fcntl.h>
#include <netcdf.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "small_case.h"

typedef struct found {
  size_t count;
  char second[64], text[4096];
  const char *wanted;
} found;

static void look(void *context, const char *name, const char *text)
{
  found *f = context;
  if (++f->count == 2) {
    snprintf(f->second, sizeof f->second, "%s", name);
  }
  if (f->wanted != NULL && strcmp(name, f->wanted) == 0) {
    snprintf(f->text, sizeof f->text, "%s", text);
  }
}

static const char *attribute(const char *path, const char *name)
{
  static found f;
  f = (found){.wanted = name};
  ASSERT_OK(mpp_read_attributes(path, look, &f));
  return f.text;
}

static void write_all_kinds(void)
{
  mpp_model *m = small_model(MPP_MODE_DELTA, false);
  REQUIRE_OK(mpp_model_save(m, test_path(0, "model.safetensors")));
  mpp_model_destroy(m);
  small_data(test_path(1, "data.h5"), 2);
  mpp_rollout_options o;
  REQUIRE_OK(mpp_options_defaults(&o, mpp_rollout_table));
  snprintf(o.model, sizeof o.model, "%s", test_path(0, "model.safetensors"));
  snprintf(o.data, sizeof o.data, "%s", test_path(1, "data.h5"));
  snprintf(o.output, sizeof o.output, "%s", test_path(2, "out.nc"));
  snprintf(o.steps, sizeof o.steps, "2");
  o.overwrite = true;
  REQUIRE_OK(mpp_rollout(NULL, &o, "the command", NULL, NULL));
}

static void each_kind_is_recognised(void)
{
  mpp_file_kind kind = MPP_FILE_DATASET;
  write_all_kinds();
  ASSERT_OK(mpp_identify(&kind, test_path(0, "model.safetensors")));
  CU_ASSERT_EQUAL(kind, MPP_FILE_MODEL);
  ASSERT_OK(mpp_identify(&kind, test_path(1, "data.h5")));
  CU_ASSERT_EQUAL(kind, MPP_FILE_DATASET);
  ASSERT_OK(mpp_identify(&kind, test_path(2, "out.nc")));
  CU_ASSERT_EQUAL(kind, MPP_FILE_FORECAST);
  ASSERT_OK(mpp_identify(&kind, MPP_TEST_DATA "/pdebench/ins.h5"));
  CU_ASSERT_EQUAL(kind, MPP_FILE_DATASET);
}

static void attributes_come_in_the_order_of_the_file(void)
{
  found f = {.count = 0};
  write_all_kinds();
  CU_ASSERT_STRING_EQUAL(attribute(test_path(2, "out.nc"), "mpp_command"), "the command");
  CU_ASSERT_STRING_EQUAL(attribute(test_path(2, "out.nc"), "_NCProperties"), "");
  ASSERT_OK(mpp_read_attributes(test_path(2, "out.nc"), look, &f));
  CU_ASSERT_STRING_EQUAL(f.second, "title"); /* "coordinates" by name */
  CU_ASSERT(f.count > 15);
  CU_ASSERT(strlen(attribute(test_path(0, "model.safetensors"), "mpp_digest")) >= 32);
}

static void datasets_give_attributes_of_the_root_and_of_the_first_group(void)
{
  const char *path = test_path(3, "noted.h5");
  static const double at[2] = {0.0, 1.0};
  static const float x[4];
  static const mpp_note of_file[] = {{"solver", "mpp 0.1", 0}, {"drift", "", 0.1}},
                        of_group[] = {{"gravity", "", 9.81}};
  const mpp_writer_options o = {.path = path,
                                .layout = "pdebench-groups",
                                .nfields = 1,
                                .field = {"h"},
                                .ntrajectories = 1,
                                .nframes = 2,
                                .grid = {1, 1, 2},
                                .axis = {"", "", "x"},
                                .coordinate = {NULL, NULL, at},
                                .time = at,
                                .overwrite = true};
  mpp_writer *w = NULL;
  REQUIRE_OK(mpp_writer_create(&w, &o));
  REQUIRE_OK(mpp_writer_append(w, x, NULL, of_group, 1));
  REQUIRE_OK(mpp_writer_notes(w, of_file, 2));
  REQUIRE_OK(mpp_writer_finish(w));
  CU_ASSERT_STRING_EQUAL(attribute(path, "solver"), "mpp 0.1");
  CU_ASSERT_STRING_EQUAL(attribute(path, "drift"), "0.1");
  CU_ASSERT_STRING_EQUAL(attribute(path, "config"), "gravity: 9.81\n");
}

static void classic_netcdf_is_read_too(void)
{
  const char *path = test_path(3, "classic.nc");
  const double numbers[2] = {1.0, 2.0};
  mpp_file_kind kind = MPP_FILE_MODEL;
  int nc = -1;
  CU_ASSERT_FATAL(nc_create(path, NC_CLOBBER, &nc) == 0);
  CU_ASSERT(nc_put_att_text(nc, NC_GLOBAL, "title", 5, "by me") == 0);
  CU_ASSERT(nc_put_att_double(nc, NC_GLOBAL, "one", NC_DOUBLE, 1, numbers) == 0);
  CU_ASSERT(nc_put_att_double(nc, NC_GLOBAL, "two", NC_DOUBLE, 2, numbers) == 0);
  CU_ASSERT(nc_close(nc) == 0);
  ASSERT_OK(mpp_identify(&kind, path));
  CU_ASSERT_EQUAL(kind, MPP_FILE_DATASET); /* nothing says that mpp wrote it */
  CU_ASSERT_STRING_EQUAL(attribute(path, "title"), "by me");
  CU_ASSERT_STRING_EQUAL(attribute(path, "one"), "1");
  CU_ASSERT_STRING_EQUAL(attribute(path, "two"), "(neither one text nor one number)");
  CU_ASSERT_FATAL(nc_create(path, NC_CLOBBER, &nc) == 0);
  CU_ASSERT(nc_put_att_text(nc, NC_GLOBAL, "mpp_command", 3, "mpp") == 0);
  CU_ASSERT(nc_close(nc) == 0);
  ASSERT_OK(mpp_identify(&kind, path));
  CU_ASSERT_EQUAL(kind, MPP_FILE_FORECAST);
}

static void other_files_are_refused_by_name(void)
{
  static const struct {
    const char *content;
    size_t size;
  } cases[] = {{"", 0},
               {"text", 4},
               {"PK\003\004 a zip file", 15},
               {"\211HDF\r\n\032\n and no more", 20},
               {"CDF\001 and no more", 16},
               {"\377\377\377\377\377\377\377\377{}", 10},
               {"\002\0\0\0\0\0\0\0{]", 10}};
  const char *path = test_path(3, "other");
  mpp_file_kind kind = MPP_FILE_FORECAST;
  found f = {.count = 0};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    FILE *file = fopen(path, "wb");
    CU_ASSERT_FATAL(file != NULL);
    fwrite(cases[i].content, 1, cases[i].size, file);
    fclose(file);
    ASSERT_STATUS(mpp_read_attributes(path, look, &f), MPP_ERR_DATA);
    ASSERT_MESSAGE(path);
    if (i < 4 || i == 5) {
      ASSERT_STATUS(mpp_identify(&kind, path), MPP_ERR_DATA);
    }
  }
  CU_ASSERT(kind == MPP_FILE_FORECAST && f.count == 0);
  ASSERT_STATUS(mpp_identify(&kind, "no/such/file"), MPP_ERR_NOINPUT);
  CU_ASSERT_FATAL(mkfifo(test_path(4, "pipe"), 0600) == 0);
  ASSERT_STATUS(mpp_identify(&kind, test_path(4, "pipe")), MPP_ERR_NOINPUT);
  ASSERT_STATUS(mpp_read_attributes("/tmp", look, &f), MPP_ERR_NOINPUT);
}

static void looking_changes_nothing(void)
{
  struct stat before = {0}, after = {0};
  mpp_file_kind kind = MPP_FILE_DATASET;
  found f = {.count = 0};
  write_all_kinds();
  for (int slot = 0; slot < 3; slot++) {
    static const char *const names[] = {"model.safetensors", "data.h5", "out.nc"};
    const char *path = test_path(slot, names[slot]);
    CU_ASSERT_FATAL(chmod(path, 0400) == 0 && stat(path, &before) == 0);
    ASSERT_OK(mpp_identify(&kind, path));
    ASSERT_OK(mpp_read_attributes(path, look, &f));
    CU_ASSERT(stat(path, &after) == 0 && after.st_size == before.st_size &&
              after.st_mtim.tv_nsec == before.st_mtim.tv_nsec &&
              after.st_ctim.tv_nsec == before.st_ctim.tv_nsec);
    CU_ASSERT(chmod(path, 0600) == 0);
  }
}

static void every_fallible_call_may_fail(void)
{
  write_all_kinds();
  for (int slot = 0; slot < 3; slot++) {
    static const char *const names[] = {"model.safetensors", "data.h5", "out.nc"};
    test_faults faults = {0};
    while (test_faults_next(&faults)) {
      found f = {.count = 0};
      TEST_FAULT(&faults, mpp_read_attributes(test_path(slot, names[slot]), look, &f));
    }
    CU_ASSERT(faults.failed >= 3);
  }
}

TESTS({"each kind is recognised", each_kind_is_recognised},
      {"attributes come in the order of the file", attributes_come_in_the_order_of_the_file},
      {"datasets give attributes of the root and of the first group",
       datasets_give_attributes_of_the_root_and_of_the_first_group},
      {"classic netCDF is read too", classic_netcdf_is_read_too},
      {"other files are refused by name", other_files_are_refused_by_name},
      {"looking changes nothing", looking_changes_nothing},
      {"every fallible call may fail", every_fallible_call_may_fail})
