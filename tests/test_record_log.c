/* test_record_log.c - what a kill at any time leaves is found again, and nothing else. */
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "record_log.h"
#include "test.h"

enum { COUNT = 6, VALUES = 1000 };

typedef struct record {
  double head;
  float body[VALUES];
} record;

static const char identity[] = "solver=swe\nseed=7\n";

static mpp_record_log *open_log(const char *path, mpp_log_mode mode)
{
  mpp_record_log *log = NULL;
  REQUIRE_OK(mpp_record_log_open(&log, path, identity, sizeof(double) + VALUES * sizeof(float),
                                 COUNT, mode));
  return log;
}

static void fill(record *r, size_t i)
{
  r->head = 0.5 + (double)i;
  for (size_t k = 0; k < VALUES; k++) { r->body[k] = (float)(1000 * i + k); }
}

static void put(mpp_record_log *log, size_t i)
{
  record r;
  fill(&r, i);
  const mpp_piece pieces[] = {{&r.head, sizeof r.head}, {r.body, sizeof r.body}};
  REQUIRE_OK(mpp_record_log_put(log, i, pieces, 2));
}

static bool is_right(mpp_record_log *log, size_t i)
{
  record expected, r;
  const mpp_piece pieces[] = {{&r.head, sizeof r.head}, {r.body, sizeof r.body}};
  fill(&expected, i);
  return mpp_record_log_get(log, i, pieces, 2) == MPP_OK && r.head == expected.head &&
         memcmp(r.body, expected.body, sizeof r.body) == 0;
}

static void records_are_found_again_in_any_order(void)
{
  const char *path = test_path(0, "a.partial");
  mpp_record_log *log = open_log(path, MPP_LOG_NEW);
  CU_ASSERT_EQUAL(mpp_record_log_count(log), 0);
  put(log, 4);
  put(log, 1);
  CU_ASSERT_EQUAL(mpp_record_log_count(log), 2);
  mpp_record_log_close(log, false);
  log = open_log(path, MPP_LOG_CONTINUE);
  CU_ASSERT_EQUAL(mpp_record_log_count(log), 2);
  for (size_t i = 0; i < COUNT; i++) {
    CU_ASSERT_EQUAL(mpp_record_log_has(log, i), i == 1 || i == 4);
  }
  CU_ASSERT(is_right(log, 4) && is_right(log, 1));
  CU_ASSERT(!is_right(log, 0));
  put(log, 0);
  CU_ASSERT(is_right(log, 0));
  mpp_record_log_close(log, true);
  CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0);
}

static void damage(const char *path, long from_end)
{
  const int fd = open(path, O_RDWR);
  char c = 0;
  CU_ASSERT_FATAL(fd >= 0);
  CU_ASSERT(lseek(fd, -from_end, SEEK_END) > 0 && read(fd, &c, 1) == 1);
  c = (char)(c ^ 1);
  CU_ASSERT(lseek(fd, -from_end, SEEK_END) > 0 && write(fd, &c, 1) == 1);
  close(fd);
}

static void a_record_cut_short_or_damaged_does_not_count(void)
{
  const char *path = test_path(0, "b.partial");
  mpp_record_log *log = open_log(path, MPP_LOG_NEW);
  for (size_t i = 0; i < 3; i++) { put(log, i); }
  mpp_record_log_close(log, false);
  damage(path, 100);
  log = open_log(path, MPP_LOG_CONTINUE);
  CU_ASSERT(mpp_record_log_has(log, 1) && !mpp_record_log_has(log, 2));
  put(log, 2);
  mpp_record_log_close(log, false);
  CU_ASSERT_EQUAL(truncate(path, 48 + 18 + 2 * (8 + 4008) + 77), 0);
  log = open_log(path, MPP_LOG_CONTINUE);
  CU_ASSERT(mpp_record_log_has(log, 1) && !mpp_record_log_has(log, 2));
  mpp_record_log_close(log, false);
}

static void another_identity_is_refused_and_named(void)
{
  const char *path = test_path(0, "c.partial");
  mpp_record_log *log = open_log(path, MPP_LOG_NEW), *other = NULL;
  put(log, 0);
  mpp_record_log_close(log, false);
  ASSERT_STATUS(
      mpp_record_log_open(&other, path, "solver=swe\nseed=8\n", 4008, COUNT, MPP_LOG_CONTINUE),
      MPP_ERR_USAGE);
  ASSERT_MESSAGE("found 'seed=7', expected 'seed=8'");
  ASSERT_STATUS(mpp_record_log_open(&other, path, identity, 4008, COUNT, MPP_LOG_NEW),
                MPP_ERR_EXISTS);
  ASSERT_MESSAGE("--resume");
  log = open_log(path, MPP_LOG_REPLACE);
  CU_ASSERT_EQUAL(mpp_record_log_count(log), 0);
  ASSERT_STATUS(mpp_record_log_open(&other, path, identity, 4008, COUNT, MPP_LOG_CONTINUE),
                MPP_ERR_EXISTS);
  ASSERT_MESSAGE("another process");
  mpp_record_log_close(log, false);
  CU_ASSERT_PTR_NULL(other);
}

static void other_files_are_left_alone(void)
{
  const char *path = test_path(0, "d.partial");
  mpp_record_log *log = NULL;
  REQUIRE_OK(mpp_write_text(path, "a text that someone wants to keep, longer than a header is"));
  ASSERT_STATUS(mpp_record_log_open(&log, path, identity, 4008, COUNT, MPP_LOG_CONTINUE),
                MPP_ERR_DATA);
  ASSERT_MESSAGE("d.partial: not the records");
  ASSERT_STATUS(mpp_record_log_open(&log, test_path(0, ""), identity, 4008, COUNT, MPP_LOG_NEW),
                MPP_ERR_EXISTS);
}

static void every_failure_leaves_the_earlier_records(void)
{
  const char *path = test_path(0, "e.partial");
  for (long n = 0; n < 8; n++) {
    const long live = mpp_alloc_live();
    mpp_record_log *log = open_log(path, MPP_LOG_REPLACE);
    record r;
    fill(&r, 1);
    const mpp_piece pieces[] = {{&r.head, sizeof r.head}, {r.body, sizeof r.body}};
    put(log, 0);
    mpp_fault_after(n);
    const mpp_status st = mpp_record_log_put(log, 1, pieces, 2);
    mpp_fault_after(-1);
    CU_ASSERT_EQUAL(st, n == 0 ? MPP_ERR_NOMEM : n < 4 ? MPP_ERR_IO : MPP_OK);
    mpp_record_log_close(log, false);
    log = open_log(path, MPP_LOG_CONTINUE);
    CU_ASSERT(is_right(log, 0));
    CU_ASSERT_EQUAL(mpp_record_log_has(log, 1), st == MPP_OK);
    mpp_record_log_close(log, false);
    CU_ASSERT_EQUAL(mpp_alloc_live(), live);
  }
}

static mpp_status open_sized(const char *path, size_t size, size_t count)
{
  mpp_record_log *log = NULL;
  const mpp_status st = mpp_record_log_open(&log, path, identity, size, count, MPP_LOG_CONTINUE);
  CU_ASSERT((log != NULL) == (st == MPP_OK));
  mpp_record_log_close(log, false);
  return st;
}

static void sizes_and_names_that_cannot_be_are_refused(void)
{
  static char longer[1 << 13];
  const char *path = test_path(0, "f.partial");
  memset(longer, 'n', sizeof longer - 1);
  ASSERT_STATUS(open_sized(longer, 8, 1), MPP_ERR_EXISTS);
  ASSERT_MESSAGE("path is too long");
  const size_t sizes[][2] = {
      {0, 1}, {SIZE_MAX / 2, 1}, {1 << 20, SIZE_MAX / 4}, {1 << 30, SIZE_MAX >> 32}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    ASSERT_STATUS(open_sized(path, sizes[i][0], sizes[i][1]), MPP_ERR_USAGE);
    ASSERT_MESSAGE("are too many");
  }
  CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0);
  REQUIRE_OK(open_sized(path, 16, 4));
  ASSERT_STATUS(open_sized(path, 24, 4), MPP_ERR_USAGE); /* the same identity with other records */
  CU_ASSERT_EQUAL(unlink(path), 0);
  CU_ASSERT_EQUAL(mkfifo(path, 0600), 0);
  ASSERT_STATUS(open_sized(path, 16, 4), MPP_ERR_EXISTS);
  ASSERT_MESSAGE("not a regular file");
  CU_ASSERT_EQUAL(unlink(path), 0);
}

static void a_log_cut_at_any_length_is_continued_or_refused(void)
{
  const char *path = test_path(0, "g.partial");
  const off_t header = 32 + (off_t)sizeof identity - 1;
  REQUIRE_OK(open_sized(path, 16, 4));
  for (off_t n = header + 16; n > 0; n--) {
    CU_ASSERT_EQUAL(truncate(path, n), 0);
    const mpp_status st = open_sized(path, 16, 4);
    CU_ASSERT_EQUAL(st, n >= header ? MPP_OK : MPP_ERR_DATA);
  }
}

/* The identity is there, and a hole in the place of the header. */
static void a_kill_before_the_header_leaves_nothing(void)
{
  static const char hole[32] = "";
  for (int mode = 0; mode < 2; mode++) {
    const char *path = test_path(0, "j.partial");
    FILE *f = fopen(path, "wb");
    CU_ASSERT_FATAL(f != NULL && fwrite(hole, 1, sizeof hole, f) == sizeof hole &&
                    fputs(identity, f) >= 0 && fclose(f) == 0);
    mpp_record_log *log = open_log(path, mode == 0 ? MPP_LOG_CONTINUE : MPP_LOG_NEW);
    CU_ASSERT_EQUAL(mpp_record_log_count(log), 0);
    put(log, 1);
    mpp_record_log_close(log, false);
    log = open_log(path, MPP_LOG_CONTINUE);
    CU_ASSERT(mpp_record_log_count(log) == 1 && is_right(log, 1));
    mpp_record_log_close(log, true);
  }
}

static void a_record_that_changes_under_the_reader_is_found(void)
{
  const char *path = test_path(0, "h.partial");
  mpp_record_log *log = open_log(path, MPP_LOG_NEW);
  put(log, COUNT - 1);
  damage(path, 100);
  CU_ASSERT(!is_right(log, COUNT - 1));
  ASSERT_MESSAGE("record 5 is damaged");
  CU_ASSERT_EQUAL(truncate(path, 200), 0);
  CU_ASSERT(!is_right(log, COUNT - 1));
  mpp_record_log_close(log, true);
}

static void opening_may_fail_anywhere(void)
{
  const char *path = test_path(0, "i.partial");
  for (int round = 0; round < 2; round++) { /* a new file, and one that is continued */
    mpp_status st = MPP_ERR_NOMEM;
    long n = 0;
    for (; st != MPP_OK && n < 50; n++) {
      const long live = mpp_alloc_live();
      mpp_fault_after(n);
      st = open_sized(path, 16, 4);
      mpp_fault_after(-1);
      CU_ASSERT_EQUAL(mpp_alloc_live(), live);
    }
    ASSERT_OK(st);
    CU_ASSERT(n > 3);
  }
}

TESTS({"records are found again in any order", records_are_found_again_in_any_order},
      {"a record cut short or damaged does not count",
       a_record_cut_short_or_damaged_does_not_count},
      {"another identity is refused and named", another_identity_is_refused_and_named},
      {"other files are left alone", other_files_are_left_alone},
      {"every failure leaves the earlier records", every_failure_leaves_the_earlier_records},
      {"sizes and names that cannot be are refused", sizes_and_names_that_cannot_be_are_refused},
      {"a log cut at any length is continued or refused",
       a_log_cut_at_any_length_is_continued_or_refused},
      {"a kill before the header leaves nothing", a_kill_before_the_header_leaves_nothing},
      {"a record that changes under the reader is found",
       a_record_that_changes_under_the_reader_is_found},
      {"opening may fail anywhere", opening_may_fail_anywhere})
