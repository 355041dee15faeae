/* test_window_model.c - which models are the window, and what is fitted to a dataset's frames. */
#include "window_model.h"

#include "window_case.h"

static void the_word_is_window_and_a_colon(void)
{
  const char *name = "before";
  CU_ASSERT(mpp_window_model(&name, "window") && name == NULL);
  CU_ASSERT(mpp_window_model(&name, "window:linear") && strcmp(name, "linear") == 0);
  CU_ASSERT_FALSE(mpp_window_model(&name, "./window"));
  CU_ASSERT_FALSE(mpp_window_model(&name, "windows/best.safetensors"));
  CU_ASSERT_FALSE(mpp_window_model(&name, ""));
}

static mpp_dataset_info info_of(size_t n)
{
  return (mpp_dataset_info){.nfields = 1,
                            .field = {"lab:v"},
                            .grid = {1, n, n},
                            .boundary = {MPP_PERIODIC, MPP_PERIODIC, MPP_PERIODIC}};
}

/* Across the edges of a periodic domain waves go on only if the edges wrap. */
static void boundaries_of_the_dataset_are_those_of_the_fit(void)
{
  enum { N = 24, T = 12, AHEAD = 10 };
  static float x[(T + AHEAD) * N * N], y[N * N];
  mpp_dataset_info info = info_of(N);
  const float *truth = x + (size_t)(T + AHEAD - 1) * N * N;
  wave_window(x, T + AHEAD, N);
  for (int open = 0; open < 2; open++) {
    mpp_window_forecast *f = NULL;
    if (open) {
      info.boundary[1] = info.boundary[2] = MPP_OPEN;
    }
    REQUIRE_OK(mpp_window_model_fit(&f, "stencil-3x2-linear", x, NULL, T, &info));
    for (size_t k = 0; k < AHEAD; k++) { mpp_window_forecast_step(f, y); }
    const double error = test_relative_error(y, truth, (size_t)N * N);
    CU_ASSERT(open ? error > 1e-2 : error < 1e-4); /* rounding of the data, over ten steps */
    mpp_window_forecast_destroy(f);
  }
}

static void the_choice_is_named_field_by_field(void)
{
  enum { N = 16, T = 12 };
  static float x[T * N * N];
  const mpp_dataset_info info = info_of(N);
  mpp_window_forecast *f = NULL;
  char *text = NULL;
  wave_window(x, T, N);
  REQUIRE_OK(mpp_window_model_fit(&f, "quadratic", x, NULL, T, &info));
  REQUIRE_OK(mpp_window_model_text(&text, mpp_window_forecast_fit(f), true, &info));
  CU_ASSERT_STRING_EQUAL(text, "v: quadratic");
  mpp_free(text);
  mpp_window_forecast_destroy(f);
}

static void unknown_predictors_are_answered_with_the_list(void)
{
  static float x[16];
  const mpp_dataset_info info = info_of(4);
  mpp_window_forecast *f = NULL;
  ASSERT_STATUS(mpp_window_model_fit(&f, "?", x, NULL, 1, &info), MPP_ERR_USAGE);
  for (size_t i = 0; mpp_window_predictor_at(i) != NULL; i++) {
    ASSERT_MESSAGE(mpp_window_predictor_at(i)->name);
  }
}

TESTS({"the word is window and a colon", the_word_is_window_and_a_colon},
      {"boundaries of the dataset are those of the fit",
       boundaries_of_the_dataset_are_those_of_the_fit},
      {"the choice is named field by field", the_choice_is_named_field_by_field},
      {"unknown predictors are answered with the list",
       unknown_predictors_are_answered_with_the_list})
