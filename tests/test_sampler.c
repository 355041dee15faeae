/* test_sampler.c - the mixed stream of windows: a function of seed and position. */
#include "sampler.h"

#include "pdebench.h"

enum { FRAMES = 3, BATCH = 4 };

typedef struct stream {
  mpp_source source[2];
  mpp_sampler *sampler;
} stream;

/* swe and diffre2d, 3 trajectories of 4 frames each: with fractions of 0.6 the training part has
 * two, each with 2 windows of three frames. */
static stream open_stream(double weight, uint64_t seed)
{
  stream s = {0};
  const mpp_dataset_options options = {.train = 0.6, .valid = 0.2};
  REQUIRE_OK(mpp_dataset_open(&s.source[0].dataset, FIXTURE("groups_swe.h5"), &options));
  REQUIRE_OK(mpp_dataset_open(&s.source[1].dataset, FIXTURE("groups_diffre2d.h5"), &options));
  s.source[0].weight = 1.0;
  s.source[1].weight = weight;
  REQUIRE_OK(mpp_sampler_create(&s.sampler, s.source, 2, MPP_TRAIN, FRAMES, BATCH, seed));
  return s;
}

static void close_stream(stream *s)
{
  mpp_sampler_destroy(s->sampler);
  mpp_dataset_close(s->source[0].dataset);
  mpp_dataset_close(s->source[1].dataset);
}

static void a_position_has_the_same_windows_in_any_order(void)
{
  enum { N = 50 };
  mpp_draw forward[N][BATCH], draws[BATCH];
  stream s = open_stream(1.0, 7), again = open_stream(1.0, 7), other = open_stream(1.0, 8);
  size_t different = 0;
  for (uint64_t i = 0; i < N; i++) { mpp_sampler_draw(s.sampler, forward[i], i); }
  for (uint64_t i = N; i-- > 0;) {
    mpp_sampler_draw(again.sampler, draws, i);
    for (int b = 0; b < BATCH; b++) {
      CU_ASSERT(draws[b].source == forward[i][b].source &&
                draws[b].trajectory == forward[i][b].trajectory &&
                draws[b].start == forward[i][b].start);
    }
    mpp_sampler_draw(other.sampler, draws, i);
    different += draws[0].source != forward[i][0].source ||
                 draws[0].trajectory != forward[i][0].trajectory ||
                 draws[0].start != forward[i][0].start;
  }
  CU_ASSERT(different > N / 2); /* another seed is another stream */
  close_stream(&s);
  close_stream(&again);
  close_stream(&other);
}

static void batches_are_of_one_source_and_inside_the_split(void)
{
  stream s = open_stream(1.0, 1);
  for (uint64_t i = 0; i < 2000; i++) {
    mpp_draw draws[BATCH];
    mpp_sampler_draw(s.sampler, draws, i);
    for (int b = 0; b < BATCH; b++) {
      CU_ASSERT(draws[b].source == draws[0].source);
      CU_ASSERT(draws[b].trajectory < 2 && draws[b].start <= 4 - FRAMES);
    }
  }
  close_stream(&s);
}

static void every_window_is_as_likely_as_any_other(void)
{
  enum { N = 20000 };
  stream s = open_stream(3.0, 3);
  double count[2][2][2] = {{{0}}}, batches[2] = {0.0, 0.0}, chi2 = 0.0;
  for (uint64_t i = 0; i < N; i++) {
    mpp_draw draws[BATCH];
    mpp_sampler_draw(s.sampler, draws, i);
    batches[draws[0].source]++;
    for (int b = 0; b < BATCH; b++) {
      count[draws[b].source][draws[b].trajectory][draws[b].start]++;
    }
  }
  /* weights 1 and 3: binomial, standard deviation sqrt(N 3/16) = 61; five of them */
  CU_ASSERT_DOUBLE_EQUAL(batches[1], 0.75 * N, 5.0 * sqrt(N * 3.0 / 16.0));
  for (int source = 0; source < 2; source++) {
    const double expected = batches[source] * BATCH / 4.0;
    for (int i = 0; i < 4; i++) {
      const double difference = count[source][i / 2][i % 2] - expected;
      chi2 += difference * difference / expected;
    }
  }
  CU_ASSERT(chi2 < 22.5); /* chi-square, 6 degrees of freedom: 0.1 % of seeds are above */
  CU_ASSERT(chi2 > 0.3);  /* 0.05 % are below: a stream that counts is not random either */
  close_stream(&s);
}

static void windows_of_a_batch_are_drawn_one_by_one(void)
{
  enum { N = 4000 };
  stream s = open_stream(1.0, 11);
  double same = 0.0;
  for (uint64_t i = 0; i < N; i++) {
    mpp_draw draws[BATCH];
    mpp_sampler_draw(s.sampler, draws, i);
    same += draws[0].trajectory == draws[3].trajectory && draws[0].start == draws[3].start;
  }
  /* of 4 windows: binomial of 1/4, standard deviation sqrt(N 3/16) = 27; five of them */
  CU_ASSERT_DOUBLE_EQUAL(same, 0.25 * N, 5.0 * sqrt(N * 3.0 / 16.0));
  close_stream(&s);
}

static void windows_are_counted_and_listed_in_order(void)
{
  stream s = open_stream(1.0, 1);
  CU_ASSERT_EQUAL(mpp_sampler_windows(s.sampler, 1), 4); /* 2 trajectories, 4 - 3 + 1 starts */
  for (size_t i = 0; i < 4; i++) {
    const mpp_draw w = mpp_sampler_window(s.sampler, 1, i);
    CU_ASSERT(w.source == 1 && w.trajectory == i / 2 && w.start == i % 2);
  }
  mpp_sampler *valid = NULL;
  REQUIRE_OK(mpp_sampler_create(&valid, s.source, 2, MPP_VALID, 4, 1, 1));
  CU_ASSERT_EQUAL(mpp_sampler_windows(valid, 0), 1);
  CU_ASSERT_EQUAL(mpp_sampler_window(valid, 0, 0).trajectory, 2); /* after the two for training */
  mpp_sampler_destroy(valid);
  close_stream(&s);
}

static void sources_that_have_no_window_are_refused(void)
{
  stream s = open_stream(1.0, 1);
  mpp_sampler *none = NULL;
  ASSERT_STATUS(mpp_sampler_create(&none, s.source, 2, MPP_TRAIN, 5, 1, 1), MPP_ERR_DATA);
  ASSERT_MESSAGE("trajectories of 4 frames, expected at least 5");
  ASSERT_STATUS(mpp_sampler_create(&none, s.source, 2, MPP_TEST, 2, 1, 1), MPP_ERR_DATA);
  ASSERT_MESSAGE("no trajectory of 3 is in the test split");
  ASSERT_STATUS(mpp_sampler_create(&none, s.source, 0, MPP_TRAIN, 2, 1, 1), MPP_ERR_CONFIG);
  s.source[1].weight = 0.0;
  ASSERT_STATUS(mpp_sampler_create(&none, s.source, 2, MPP_TRAIN, 2, 1, 1), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("weight 0, expected a positive number");
  CU_ASSERT_PTR_NULL(none);
  mpp_sampler_destroy(NULL);
  close_stream(&s);
}

TESTS({"a position has the same windows in any order",
       a_position_has_the_same_windows_in_any_order},
      {"batches are of one source and inside the split",
       batches_are_of_one_source_and_inside_the_split},
      {"every window is as likely as any other", every_window_is_as_likely_as_any_other},
      {"windows of a batch are drawn one by one", windows_of_a_batch_are_drawn_one_by_one},
      {"windows are counted and listed in order", windows_are_counted_and_listed_in_order},
      {"sources that have no window are refused", sources_that_have_no_window_are_refused})
