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
static mpp_sampling training(uint64_t seed)
{
  return (mpp_sampling){.split = MPP_TRAIN, .frames = FRAMES, .batch = BATCH, .seed = seed};
}

static stream open_stream(double weight, uint64_t seed)
{
  stream s = {0};
  const mpp_sampling sampling = training(seed);
  const mpp_dataset_options options = {.train = 0.6, .valid = 0.2};
  REQUIRE_OK(mpp_dataset_open(&s.source[0].dataset, FIXTURE("groups_swe.h5"), &options));
  REQUIRE_OK(mpp_dataset_open(&s.source[1].dataset, FIXTURE("groups_diffre2d.h5"), &options));
  s.source[0].weight = 1.0;
  s.source[1].weight = weight;
  REQUIRE_OK(mpp_sampler_create(&s.sampler, s.source, 2, &sampling));
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

static void expect_failure(const stream *s, size_t nsources, const mpp_sampling *sampling,
                           mpp_status code, const char *text)
{
  mpp_sampler *none = NULL;
  ASSERT_STATUS(mpp_sampler_create(&none, s->source, nsources, sampling), code);
  ASSERT_MESSAGE(text);
  CU_ASSERT_PTR_NULL(none);
}

static void sources_that_have_no_window_are_refused(void)
{
  stream s = open_stream(1.0, 1);
  mpp_sampling how = training(1);
  how.frames = 5;
  expect_failure(&s, 2, &how, MPP_ERR_DATA, "trajectories of 4 frames, expected at least 5");
  how.frames = 3;
  how.strides = (mpp_int_list){.count = 2, .item = {3, 2}};
  expect_failure(
      &s, 2, &how, MPP_ERR_DATA,
      "trajectories of 4 frames, expected at least 5 (context and targets, each a stride");
  how = training(1);
  how.split = MPP_TEST;
  how.frames = 2;
  expect_failure(&s, 2, &how, MPP_ERR_DATA, "no trajectory of 3 is in the test split");
  expect_failure(&s, 0, &how, MPP_ERR_CONFIG, "no dataset");
  s.source[1].weight = 0.0;
  how.split = MPP_TRAIN;
  expect_failure(&s, 2, &how, MPP_ERR_CONFIG, "weight 0, expected a positive number");
  mpp_sampler_destroy(NULL);
  close_stream(&s);
}

/* ---- strides ---- */

/* How often each (stride, start) comes in N batches; trajectories have four frames. */
enum { N_STRIDES = 3000 };
static void count_strides(double count[4][4], const mpp_int_list *strides, size_t frames)
{
  stream s = open_stream(1.0, 1);
  mpp_sampling how = training(9);
  mpp_sampler *sampler = NULL;
  how.frames = frames;
  how.strides = *strides;
  memset(count, 0, 16 * sizeof count[0][0]);
  REQUIRE_OK(mpp_sampler_create(&sampler, s.source, 2, &how));
  for (uint64_t i = 0; i < N_STRIDES; i++) {
    mpp_draw draws[BATCH];
    mpp_sampler_draw(sampler, draws, i);
    for (int b = 0; b < BATCH; b++) {
      CU_ASSERT_FATAL(draws[b].stride >= 1 && draws[b].stride <= 3);
      CU_ASSERT_FATAL(draws[b].start + (frames - 1) * draws[b].stride < 4);
      count[draws[b].stride][draws[b].start]++;
    }
  }
  mpp_sampler_destroy(sampler);
  close_stream(&s);
}

static void strides_are_as_likely_as_each_other_where_they_fit(void)
{
  const double n = (double)N_STRIDES * BATCH;
  double count[4][4];
  const mpp_int_list two = {.count = 3, .item = {1, 3, 7}}, any = {.count = 1, .item = {0}};
  const mpp_int_list long_one = {.count = 1, .item = {2}};
  count_strides(count, &two, 2); /* 7 has no room in four frames */
  CU_ASSERT_EQUAL(count[2][0], 0.0);
  /* binomial of 1/2: standard deviation sqrt(n)/2 = 55; five of them */
  CU_ASSERT_DOUBLE_EQUAL(count[3][0], n / 2, 5.0 * sqrt(n) / 2);
  for (int i = 0; i < 3; i++) { /* 1/6: sqrt(5 n)/6 = 41 */
    CU_ASSERT_DOUBLE_EQUAL(count[1][i], n / 6, 5.0 * sqrt(5.0 * n) / 6);
  }
  count_strides(count, &any, 2);
  CU_ASSERT_DOUBLE_EQUAL(count[3][0], n / 3, 5.0 * sqrt(2.0 * n) / 3);
  CU_ASSERT_DOUBLE_EQUAL(count[2][0] + count[2][1], n / 3, 5.0 * sqrt(2.0 * n) / 3);
  count_strides(count, &any, 3); /* two increments: only stride 1 has room */
  CU_ASSERT_EQUAL(count[1][0] + count[1][1], n);
  count_strides(count, &long_one, 2);
  CU_ASSERT_EQUAL(count[2][0] + count[2][1], n);
  CU_ASSERT(count[2][0] > 0.0 && count[2][1] > 0.0);
}

/* ---- pools ---- */

static void a_pool_moves_on_with_the_position(void)
{
  enum { N = 4000 };
  stream s = open_stream(1.0, 1);
  mpp_sampling how = training(4);
  mpp_sampler *sampler = NULL, *again = NULL;
  const mpp_dataset_options all = {.train = 1.0};
  mpp_dataset_close(s.source[0].dataset);
  REQUIRE_OK(mpp_dataset_open(&s.source[0].dataset, FIXTURE("groups_swe.h5"), &all));
  s.source[0].pool = 2; /* of three */
  s.source[0].reuse = 50;
  REQUIRE_OK(mpp_sampler_create(&sampler, s.source, 2, &how));
  REQUIRE_OK(mpp_sampler_create(&again, s.source, 2, &how));
  double seen[3] = {0.0, 0.0, 0.0};
  for (uint64_t i = 0; i < N; i++) {
    mpp_draw draws[BATCH], same[BATCH];
    mpp_sampler_draw(sampler, draws, i);
    mpp_sampler_draw(again, same, N - 1 - i);
    mpp_sampler_draw(again, same, i);
    for (int b = 0; b < BATCH && draws[0].source == 0; b++) {
      /* half of the windows: two a position, 50 for each step of the pool */
      const size_t begin = i < 25 ? 0 : (i / 25 - 1) % 3, size = i < 25 ? 1 : 2;
      CU_ASSERT((draws[b].trajectory + 3 - begin) % 3 < size);
      CU_ASSERT(same[b].trajectory == draws[b].trajectory && same[b].start == draws[b].start);
      seen[draws[b].trajectory]++;
    }
  }
  /* A trajectory is in the pool at 2/3 of the positions; there it gets, with a chance of 1/2, half
   * of four windows: mean 1, variance 3/2. Five standard deviations of 63. */
  for (int i = 0; i < 3; i++) { CU_ASSERT_DOUBLE_EQUAL(seen[i], N * 2.0 / 3.0, 315.0); }
  mpp_sampler_destroy(sampler);
  mpp_sampler_destroy(again);
  s.source[0].pool = 3; /* as many as there are: no pool */
  how.seed = 1;
  REQUIRE_OK(mpp_sampler_create(&sampler, s.source, 2, &how));
  s.source[0].pool = 0;
  REQUIRE_OK(mpp_sampler_create(&again, s.source, 2, &how));
  for (uint64_t i = 0; i < 100; i++) {
    mpp_draw draws[BATCH], same[BATCH];
    mpp_sampler_draw(sampler, draws, i);
    mpp_sampler_draw(again, same, i);
    CU_ASSERT_EQUAL(draws[0].trajectory, same[0].trajectory);
  }
  mpp_sampler_destroy(sampler);
  mpp_sampler_destroy(again);
  close_stream(&s);
}

TESTS({"a position has the same windows in any order",
       a_position_has_the_same_windows_in_any_order},
      {"batches are of one source and inside the split",
       batches_are_of_one_source_and_inside_the_split},
      {"every window is as likely as any other", every_window_is_as_likely_as_any_other},
      {"windows of a batch are drawn one by one", windows_of_a_batch_are_drawn_one_by_one},
      {"sources that have no window are refused", sources_that_have_no_window_are_refused},
      {"strides are as likely as each other where they fit",
       strides_are_as_likely_as_each_other_where_they_fit},
      {"a pool moves on with the position", a_pool_moves_on_with_the_position})
