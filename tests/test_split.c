/* test_split.c - which trajectories are for training, validation and test. */
#include "split.h"
#include "test.h"

static void one_file_is_split_with_the_published_rounding(void)
{
  static const struct {
    size_t n;
    double train, valid;
    size_t part[3];
  } cases[] = {
      {1000, 0.8, 0.1, {800, 100, 100}}, {10, 0.8, 0.1, {8, 1, 1}}, {3, 0.8, 0.1, {3, 0, 0}},
      {7, 0.8, 0.1, {6, 1, 0}},          {11, 0.8, 0.1, {9, 2, 0}}, {1, 0.5, 0.5, {1, 0, 0}},
      {4, 0.5, 0.25, {2, 1, 1}},         {5, 1.0, 0.0, {5, 0, 0}},  {5, 0.0, 1.0, {0, 5, 0}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    mpp_segment s[3];
    size_t part[3];
    mpp_split_files(s, part, &cases[i].n, 1, cases[i].train, cases[i].valid, MPP_SPLIT_WITHIN);
    for (size_t p = 0, first = 0; p < 3; p++) {
      CU_ASSERT_EQUAL(part[p], cases[i].part[p]);
      CU_ASSERT(s[p].first == first && s[p].local == first && s[p].count == part[p]);
      first += part[p];
    }
  }
}

static void each_file_of_a_set_is_split_and_parts_are_contiguous(void)
{
  static const size_t in_file[] = {10, 3, 20};
  mpp_segment s[9];
  size_t part[3];
  mpp_split_files(s, part, in_file, 3, 0.8, 0.1, MPP_SPLIT_WITHIN);
  CU_ASSERT(part[0] == 8 + 3 + 16 && part[1] == 1 + 0 + 2 && part[2] == 1 + 0 + 2);
  /* the first validation trajectory is number 8 of the first file, the second 16 of the third */
  const mpp_segment *at = mpp_split_locate(s, 9, 27);
  CU_ASSERT(at->file == 0 && at->local + (27 - at->first) == 8);
  at = mpp_split_locate(s, 9, 28);
  CU_ASSERT(at->file == 2 && at->local + (28 - at->first) == 16);
  at = mpp_split_locate(s, 9, 32);
  CU_ASSERT(at->file == 2 && at->local + (32 - at->first) == 19);
}

static void files_that_belong_together_are_split_as_one(void)
{
  static const size_t in_file[] = {4, 4, 4, 4, 4}; /* 20: 16, 2, 2, inside the last file */
  mpp_segment s[15];
  size_t part[3];
  mpp_split_files(s, part, in_file, 5, 0.8, 0.1, MPP_SPLIT_ACROSS_FLOOR);
  CU_ASSERT(part[0] == 16 && part[1] == 2 && part[2] == 2);
  const mpp_segment *at = mpp_split_locate(s, 15, 17);
  CU_ASSERT(at->file == 4 && at->local + (17 - at->first) == 1);
  static const size_t four[] = {4}; /* one file: int(3.2), int(0.4) and the rest */
  mpp_split_files(s, part, four, 1, 0.8, 0.1, MPP_SPLIT_ACROSS_FLOOR);
  CU_ASSERT(part[0] == 3 && part[1] == 0 && part[2] == 1);
  mpp_split_files(s, part, four, 1, 0.8, 0.1, MPP_SPLIT_ACROSS);
  CU_ASSERT(part[0] == 4 && part[1] == 0 && part[2] == 0);
}

static void every_trajectory_is_in_one_part_and_one_place(void)
{
  static const size_t in_file[] = {1, 7, 2, 13};
  for (int rule = MPP_SPLIT_WITHIN; rule <= MPP_SPLIT_ACROSS_FLOOR; rule++) {
    mpp_segment s[12];
    size_t part[3];
    bool seen[4][13] = {{false}};
    mpp_split_files(s, part, in_file, 4, 0.6, 0.3, (mpp_split_rule)rule);
    CU_ASSERT_EQUAL(part[0] + part[1] + part[2], 23);
    for (size_t i = 0; i < 23; i++) {
      const mpp_segment *at = mpp_split_locate(s, 12, i);
      const size_t local = at->local + (i - at->first);
      CU_ASSERT_FATAL(at->file < 4 && local < in_file[at->file]);
      CU_ASSERT(!seen[at->file][local]);
      seen[at->file][local] = true;
    }
  }
}

static void groups_stay_together_and_are_split_with_the_published_rounding(void)
{
  static const size_t group[10] = {0, 1, 0, 2, 1, 3, 3, 0, 2, 4},
                      expected[10] = {0, 1, 2, 4, 7, 3, 8, 5, 6, 9};
  size_t order[10], part[3];
  mpp_split_groups(order, part, group, 10, 5, 0.4, 0.2); /* of five groups: 2, 1, 2 */
  CU_ASSERT(part[0] == 5 && part[1] == 2 && part[2] == 3);
  CU_ASSERT_EQUAL(memcmp(order, expected, sizeof order), 0);
  mpp_split_groups(order, part, group, 10, 5, 0.8, 0.1); /* ceil(4), then ceil(0.5) */
  CU_ASSERT(part[0] == 9 && part[1] == 1 && part[2] == 0);
}

TESTS({"one file is split with the published rounding",
       one_file_is_split_with_the_published_rounding},
      {"each file of a set is split and parts are contiguous",
       each_file_of_a_set_is_split_and_parts_are_contiguous},
      {"files that belong together are split as one", files_that_belong_together_are_split_as_one},
      {"every trajectory is in one part and one place",
       every_trajectory_is_in_one_part_and_one_place},
      {"groups stay together and are split with the published rounding",
       groups_stay_together_and_are_split_with_the_published_rounding})
