/* test_solver_source.c - solvers as datasets of a training: their text, and what they are beside
 * the files of mpp generate. */
#include "solver_source.h"

#include "file.h"
#include "test.h"

static mpp_train_options options;

static void reset(void)
{
  options.ndata = 0; /* no row of the table */
  REQUIRE_OK(mpp_options_defaults(&options, mpp_pretrain_table));
  options.data_words.count = 0;
}

static mpp_status read_config(const char *text)
{
  const char *path = test_path(0, "solver.yaml");
  reset();
  REQUIRE_OK(mpp_write_text(path, text));
  return mpp_train_read_config(&options, mpp_pretrain_table, path);
}

/* ---- text ---- */

static void pairs_belong_to_the_solver_before_them(void)
{
  static mpp_text_list words = {.count = 7,
                                .item = {"a=1.h5", "solver:swe", "resolution=64",
                                         "inner_height=2.5", "b.h5:lab", "c=1", "solver:wave"}};
  mpp_solver_join_words(&words);
  CU_ASSERT_EQUAL(words.count, 5);
  CU_ASSERT_STRING_EQUAL(words.item[0], "a=1.h5"); /* a file: nothing is before it */
  CU_ASSERT_STRING_EQUAL(words.item[1], "solver:swe,resolution=64,inner_height=2.5");
  CU_ASSERT_STRING_EQUAL(words.item[2], "b.h5:lab");
  CU_ASSERT_STRING_EQUAL(words.item[3], "c=1");
  CU_ASSERT_STRING_EQUAL(words.item[4], "solver:wave");
}

static void an_entry_of_a_configuration_names_system_and_parameters(void)
{
  REQUIRE_OK(read_config("data:\n"
                         "  - {path: a.h5, weight: 2}\n"
                         "  - solver: swe\n"
                         "    resolution: 64\n"
                         "    weight: 0.5\n"
                         "    boundary: x=wall,y=wall\n"
                         "    inner_height: 2.5\n"
                         "    pdebench_compat: true\n"
                         "    samples: 100\n"
                         "  - solver:wave,frames=21\n"));
  CU_ASSERT_EQUAL(options.ndata, 3);
  CU_ASSERT_STRING_EQUAL(options.data[0].path, "a.h5");
  CU_ASSERT_STRING_EQUAL(
      options.data[1].path,
      "solver:swe,resolution=64,inner_height=2.5,pdebench-compat=true,samples=100");
  CU_ASSERT_EQUAL(options.data[1].weight, 0.5);
  CU_ASSERT_STRING_EQUAL(options.data[1].boundary, "x=wall,y=wall");
  CU_ASSERT_STRING_EQUAL(options.data[2].path, "solver:wave,frames=21");
  CU_ASSERT_EQUAL(options.data[2].weight, 1.0);
  ASSERT_STATUS(read_config("data:\n  - {solver: [swe, wave]}\n"), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("solver.yaml:2:5: 'solver': expected the name of a system");
  ASSERT_STATUS(read_config("data:\n  - {solver: swe, frames: [1, 2]}\n"), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("'frames' of a solver: expected one value");
  ASSERT_STATUS(read_config("data:\n  - {solver: swe, frames: '3,seed=1'}\n"), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("'frames' of a solver: expected one value");
}

static mpp_status open_text(mpp_source *source, char note[256], const char *text)
{
  static mpp_data_entry entry;
  entry = (mpp_data_entry){.weight = 1.0};
  snprintf(entry.path, sizeof entry.path, "%s", text);
  *source = (mpp_source){.weight = 1.0};
  return mpp_solver_open(source, note, 256, &options, &entry);
}

static void a_wrong_word_is_refused_by_name(void)
{
  mpp_source source;
  char note[256];
  reset();
  ASSERT_STATUS(open_text(&source, note, "solver:swee"), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("solver:swee: solver 'swee': no such system (did you mean 'swe'?)");
  ASSERT_STATUS(open_text(&source, note, "solver:swe,inner_hight=2"), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("inner_height");
  ASSERT_STATUS(open_text(&source, note, "solver:swe,pool=-1"), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("pool");
  ASSERT_STATUS(open_text(&source, note, "solver:swe,resolution"), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("expected NAME=VALUE");
  options.data[0] = (mpp_data_entry){.path = "solver:swe", .boundary = "x=periodic"};
  ASSERT_STATUS(mpp_solver_open(&source, note, sizeof note, &options, &options.data[0]),
                MPP_ERR_CONFIG);
  ASSERT_MESSAGE("periodic");
  CU_ASSERT(!mpp_solver_named("solver.h5") && mpp_solver_named("solver:swe"));
}

/* ---- the dataset ---- */

static void expect_same_info(const mpp_dataset_info *a, const mpp_dataset_info *b)
{
  CU_ASSERT_STRING_EQUAL(a->system, b->system);
  CU_ASSERT(a->nfields == b->nfields && a->nframes == b->nframes);
  for (size_t f = 0; f < a->nfields; f++) {
    CU_ASSERT_STRING_EQUAL(a->field[f], b->field[f]);
    CU_ASSERT_STRING_EQUAL(a->units[f], b->units[f]);
  }
  for (int i = 0; i < 3; i++) {
    CU_ASSERT_EQUAL(a->grid[i], b->grid[i]);
    CU_ASSERT_STRING_EQUAL(a->axis[i], b->axis[i]);
    CU_ASSERT_EQUAL(a->boundary[i], b->boundary[i]);
  }
}

/* Training, validation and tests as the file has them: first held out, then the tests', then
 * all. */
static void expect_same_frames(mpp_dataset *made, mpp_dataset *file, size_t held)
{
  static float a[3 * 4 * 64], b[3 * 4 * 64];
  const mpp_dataset_info *info = mpp_dataset_get_info(made);
  const size_t count = 2 * info->nfields * info->grid[1] * info->grid[2];
  for (size_t i = 0; i < mpp_dataset_get_info(file)->ntrajectories; i++) {
    const mpp_split split = i < held ? MPP_VALID : i < 2 * held ? MPP_TEST : MPP_TRAIN;
    size_t first, size;
    mpp_dataset_split(made, split, &first, &size);
    const size_t own = i < held ? i : i < 2 * held ? i - held : i - 2 * held;
    CU_ASSERT(own < size);
    REQUIRE_OK(mpp_dataset_read(made, a, first + own, 1, 2));
    REQUIRE_OK(mpp_dataset_read(file, b, i, 1, 2));
    for (size_t k = 0; k < count; k++) { CU_ASSERT_EQUAL(a[k], b[k]); }
  }
}

static void a_solver_is_the_file_that_it_would_write(void)
{
  static const char *const systems[] = {"swe", "diffusion-reaction", "cns-2d", "ins-periodic"};
  static mpp_generate_options o;
  for (size_t i = 0; i < 4; i++) {
    mpp_source source;
    mpp_dataset *file = NULL;
    const mpp_pde *pde = NULL;
    char text[256], note[256];
    double t[3], u[3], x[8], y[8];
    reset();
    options.seed = 12;
    snprintf(text, sizeof text, "%s,resolution=8,frames=3,horizon=0.02", systems[i]);
    REQUIRE_OK(mpp_pde_parse(&pde, &o, text));
    o.seed = 12;
    o.samples = 4;
    o.overwrite = true;
    snprintf(o.output, sizeof o.output, "%s", test_path(1, "file.h5"));
    REQUIRE_OK(mpp_generate(pde, &o, NULL, NULL));
    REQUIRE_OK(mpp_dataset_open(&file, o.output, NULL));
    snprintf(text, sizeof text, "solver:%s,resolution=8,frames=3,horizon=0.02,held-out=1,pool=2",
             systems[i]);
    ASSERT_OK(open_text(&source, note, text));
    CU_ASSERT_PTR_NOT_NULL(strstr(note, "2 to draw from, 1 held out"));
    CU_ASSERT(source.pool == 2 && source.reuse == 0);
    expect_same_info(mpp_dataset_get_info(source.dataset), mpp_dataset_get_info(file));
    CU_ASSERT_STRING_EQUAL(mpp_dataset_get_info(source.dataset)->path, text);
    expect_same_frames(source.dataset, file, 1);
    ASSERT_OK(mpp_dataset_times(source.dataset, t, 0));
    ASSERT_OK(mpp_dataset_times(file, u, 0));
    CU_ASSERT_DOUBLE_EQUAL(t[2], u[2], 1e-9); /* files keep times of the released precision */
    for (int a = 1; a < 3; a++) {
      ASSERT_OK(mpp_dataset_coordinates(source.dataset, x, a));
      ASSERT_OK(mpp_dataset_coordinates(file, y, a));
      for (int k = 0; k < 8; k++) { CU_ASSERT_DOUBLE_EQUAL(x[k], y[k], 1e-6); } /* float32 */
    }
    mpp_dataset_close(file);
    mpp_dataset_close(source.dataset);
  }
}

static void samples_bound_the_training_and_not_what_is_held_out(void)
{
  mpp_source source;
  char note[256];
  size_t first, count;
  reset();
  ASSERT_OK(open_text(&source, note, "solver:swe,resolution=8,frames=3,samples=5,held-out=3"));
  mpp_dataset_split(source.dataset, MPP_TRAIN, &first, &count);
  CU_ASSERT(first == 0 && count == 5);
  mpp_dataset_split(source.dataset, MPP_VALID, &first, &count);
  CU_ASSERT(first == 5 && count == 3);
  mpp_dataset_close(source.dataset);
  options.samples = 2; /* of every dataset */
  ASSERT_OK(open_text(&source, note, "solver:swe,resolution=8,frames=3,samples=5,held-out=3"));
  mpp_dataset_split(source.dataset, MPP_TRAIN, &first, &count);
  CU_ASSERT_EQUAL(count, 2);
  mpp_dataset_close(source.dataset);
}

/* 512 x 512, 101 frames, two fields: 202 MiB a trajectory. */
static void large_trajectories_are_held_in_small_numbers(void)
{
  mpp_source source;
  char note[256];
  size_t first, count;
  reset();
  ASSERT_OK(open_text(&source, note, "solver:diffusion-reaction,resolution=512"));
  CU_ASSERT_EQUAL(source.pool, 2);
  mpp_dataset_split(source.dataset, MPP_TEST, &first, &count);
  CU_ASSERT_EQUAL(count, 1);
  mpp_dataset_split(source.dataset, MPP_TRAIN, &first, &count);
  CU_ASSERT(count > 1000000000); /* none twice */
  mpp_dataset_close(source.dataset);
}

TESTS({"pairs belong to the solver before them", pairs_belong_to_the_solver_before_them},
      {"an entry of a configuration names system and parameters",
       an_entry_of_a_configuration_names_system_and_parameters},
      {"a wrong word is refused by name", a_wrong_word_is_refused_by_name},
      {"a solver is the file that it would write", a_solver_is_the_file_that_it_would_write},
      {"samples bound the training and not what is held out",
       samples_bound_the_training_and_not_what_is_held_out},
      {"large trajectories are held in small numbers",
       large_trajectories_are_held_in_small_numbers})
