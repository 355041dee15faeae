/* test_tfevents.c - event files of TensorBoard, byte by byte. A reader in another language reads
 * them in tests/cli/test_run_folder.sh. */
#include "tfevents.h"

#include <unistd.h>

#include "equal_bytes.h"
#include "file.h"
#include "test.h"

static char *read_file(size_t *size, const char *path)
{
  char *text = NULL;
  REQUIRE_OK(mpp_read_text(&text, size, path, 1 << 20));
  return text;
}

static void the_checksum_is_that_of_castagnoli(void)
{
  /* RFC 3720, B.4, and the check value of the catalogue of CRCs */
  const unsigned char zeros[32] = {0};
  CU_ASSERT_EQUAL(mpp_crc32c("123456789", 9), 0xe3069283u);
  CU_ASSERT_EQUAL(mpp_crc32c(zeros, sizeof zeros), 0x8a9136aau);
  CU_ASSERT_EQUAL(mpp_crc32c("", 0), 0u);
}

/* What TensorFlow's own writer begins a file with: 24 bytes of message, time and version. */
static void a_file_begins_with_its_version(void)
{
  static const unsigned char head[] = {24, 0, 0, 0, 0, 0, 0, 0, 0xa3, 0x7f, 0x4b, 0x22};
  static const unsigned char message[] = {0x09, 0,    0,    0,   0,   0,   0,   0xf8,
                                          0x3f, 0x1a, 0x0d, 'b', 'r', 'a', 'i', 'n',
                                          '.',  'E',  'v',  'e', 'n', 't', ':', '2'};
  const char *path = test_path(0, "events");
  int fd = -1;
  size_t size = 0;
  REQUIRE_OK(mpp_tfevents_create(&fd, path, 1.5));
  close(fd);
  char *text = read_file(&size, path);
  CU_ASSERT_EQUAL_FATAL(size, sizeof head + sizeof message + 4);
  CU_ASSERT(equal_bytes(text, head, sizeof head));
  CU_ASSERT(equal_bytes(text + sizeof head, message, sizeof message));
  mpp_free(text);
}

static void scalars_are_messages_in_a_summary(void)
{
  static const unsigned char message[] = {
      0x09, 0,    0,    0, 0,   0,    0, 0xf8, 0x3f,        /* time 1.5 */
      0x10, 0xac, 0x02,                                     /* step 300 */
      0x2a, 20,                                             /* summary */
      0x0a, 8,    0x0a, 1, 'a', 0x15, 0, 0,    0x80, 0x3e,  /* a: 0.25 */
      0x0a, 8,    0x0a, 1, 'b', 0x15, 0, 0,    0xc0, 0x7f}; /* b: NaN */
  const mpp_scalar scalars[] = {{"a", 0.25}, {"b", NAN}};
  const char *path = test_path(0, "events");
  int fd = -1;
  size_t size = 0;
  REQUIRE_OK(mpp_tfevents_create(&fd, path, 0.0));
  REQUIRE_OK(mpp_tfevents_append(fd, path, 1.5, 300, scalars, 2));
  close(fd);
  char *text = read_file(&size, path);
  CU_ASSERT_EQUAL_FATAL(size, 40 + 12 + sizeof message + 4);
  CU_ASSERT(equal_bytes(text + 52, message, sizeof message));
  mpp_free(text);
}

/* Steps 1 to 4, a validation after 2 and 4. */
static size_t write_run(const char *path, size_t ends[6])
{
  static const uint64_t steps[] = {1, 2, 2, 3, 4, 4};
  int fd = -1;
  REQUIRE_OK(mpp_tfevents_create(&fd, path, 1.0));
  for (size_t i = 0; i < 6; i++) {
    const mpp_scalar s = {.tag = "train/loss", .value = (double)i};
    const mpp_scalar v = {.tag = "validation/score", .value = (double)i};
    REQUIRE_OK(mpp_tfevents_append(fd, path, 1.0, steps[i], i == 2 || i == 5 ? &v : &s, 1));
    ends[i] = (size_t)lseek(fd, 0, SEEK_END);
  }
  close(fd);
  return ends[5];
}

static void resuming_drops_what_was_not_reached(void)
{
  const char *path = test_path(0, "events");
  size_t ends[6], size = 0;
  static const struct {
    uint64_t step, validated;
    size_t kept;
  } cases[] = {{4, 4, 5}, {4, 2, 4}, {3, 2, 3}, {2, 2, 2}, {2, 0, 1}, {1, 0, 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int fd = -1;
    write_run(path, ends);
    REQUIRE_OK(mpp_tfevents_resume(&fd, path, cases[i].step, "validation/", cases[i].validated));
    CU_ASSERT_EQUAL(lseek(fd, 0, SEEK_CUR), (off_t)ends[cases[i].kept]);
    close(fd);
    mpp_free(read_file(&size, path));
    CU_ASSERT_EQUAL(size, ends[cases[i].kept]);
  }
}

static void records_that_are_cut_short_or_damaged_end_the_file(void)
{
  const char *path = test_path(0, "events");
  size_t ends[6], size = 0;
  int fd = -1;
  const size_t all = write_run(path, ends);
  REQUIRE_OK(truncate(path, (off_t)all - 3) == 0 ? MPP_OK : MPP_ERR_IO);
  REQUIRE_OK(mpp_tfevents_resume(&fd, path, 9, "validation/", 9));
  close(fd);
  mpp_free(read_file(&size, path));
  CU_ASSERT_EQUAL(size, ends[4]);
  for (size_t at = ends[1]; at < ends[2]; at++) { /* any byte of the third */
    write_run(path, ends);
    FILE *f = fopen(path, "r+");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    fseek(f, (long)at, SEEK_SET);
    const int byte = fgetc(f);
    fseek(f, (long)at, SEEK_SET);
    fputc(byte ^ 0x40, f);
    fclose(f);
    REQUIRE_OK(mpp_tfevents_resume(&fd, path, 9, "validation/", 9));
    CU_ASSERT_EQUAL(lseek(fd, 0, SEEK_END), (off_t)ends[1]);
    close(fd);
  }
}

static void what_is_no_event_file_is_refused(void)
{
  const char *path = test_path(0, "events");
  int fd = -1;
  REQUIRE_OK(mpp_write_text(path, "no record at all, but long enough for one"));
  ASSERT_STATUS(mpp_tfevents_resume(&fd, path, 9, "validation/", 9), MPP_ERR_DATA);
  ASSERT_STATUS(mpp_tfevents_resume(&fd, test_path(1, "none"), 9, "validation/", 9),
                MPP_ERR_NOINPUT);
  ASSERT_STATUS(mpp_tfevents_create(&fd, test_path(2, "none/events"), 1.0), MPP_ERR_IO);
  CU_ASSERT_EQUAL(fd, -1);
}

TESTS({"the checksum is that of Castagnoli", the_checksum_is_that_of_castagnoli},
      {"a file begins with its version", a_file_begins_with_its_version},
      {"scalars are messages in a summary", scalars_are_messages_in_a_summary},
      {"resuming drops what was not reached", resuming_drops_what_was_not_reached},
      {"records that are cut short or damaged end the file",
       records_that_are_cut_short_or_damaged_end_the_file},
      {"what is no event file is refused", what_is_no_event_file_is_refused})
