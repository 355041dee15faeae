/* test_safetensors.c - reading: what is damaged, cut, or says what cannot be, is refused. */
#include "test.h"

#include <unistd.h>

#include "safetensors.h"

enum { FILE_MAX = 1 << 16 };

static char bytes[FILE_MAX];

static void store(const char *path, const char *data, size_t size)
{
  FILE *f = fopen(path, "wb");
  CU_ASSERT_FATAL(f != NULL && fwrite(data, 1, size, f) == size);
  fclose(f);
}

static size_t load(const char *path)
{
  FILE *f = fopen(path, "rb");
  CU_ASSERT_FATAL(f != NULL);
  const size_t size = fread(bytes, 1, sizeof bytes, f);
  fclose(f);
  CU_ASSERT_FATAL(size < sizeof bytes);
  return size;
}

/* A file of this header and so many bytes of zeros; header lengths can be forged. */
static const char *raw(const char *header, uint64_t length, size_t data)
{
  const char *path = test_path(0, "raw.safetensors");
  memset(bytes, 0, sizeof bytes);
  memcpy(bytes, &length, sizeof length);
  const int text = snprintf(bytes + 8, sizeof bytes - 8, "%s", header);
  store(path, bytes, 8 + (size_t)text + data);
  return path;
}

static void small_foreign_files_are_read(void)
{
  mpp_tensor_file *f = NULL;
  /* In the order of the data, not of the header; the 8-byte type is not at a multiple of 8. */
  const char *header = "{\"b\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[12,20]},"
                       "\"empty\":{\"dtype\":\"F32\",\"shape\":[2,0],\"data_offsets\":[12,12]},"
                       "\"a\":{\"dtype\":\"F32\",\"shape\":[3,1],\"data_offsets\":[0,12]}}   ";
  const char *path = raw(header, strlen(header), 20);
  REQUIRE_OK(mpp_tensors_read(&f, path));
  CU_ASSERT_EQUAL_FATAL(mpp_tensors_count(f), 3);
  CU_ASSERT_STRING_EQUAL(mpp_tensors_at(f, 0)->name, "a");
  CU_ASSERT_STRING_EQUAL(mpp_tensors_at(f, 1)->name, "empty");
  CU_ASSERT_STRING_EQUAL(mpp_tensors_at(f, 2)->name, "b");
  CU_ASSERT_PTR_NULL(mpp_tensors_at(f, 3));
  const mpp_tensor *b = mpp_tensors_find(f, "b");
  CU_ASSERT_PTR_NOT_NULL_FATAL(b);
  CU_ASSERT(b->dtype == MPP_F64 && b->rank == 0 && mpp_tensor_elements(b) == 1);
  CU_ASSERT_EQUAL((uintptr_t)b->data % 64, 0);
  CU_ASSERT_EQUAL(mpp_tensor_elements(mpp_tensors_find(f, "empty")), 0);
  CU_ASSERT_PTR_NULL(mpp_tensors_find(f, "c"));
  CU_ASSERT_PTR_NULL(mpp_tensors_meta(f, "format"));
  CU_ASSERT_EQUAL(mpp_tensors_meta_count(f), 0);
  CU_ASSERT_STRING_EQUAL(mpp_tensors_path(f), path);
  mpp_tensors_free(f);
  mpp_tensors_free(NULL);
  REQUIRE_OK(mpp_tensors_read(&f, raw("{}", 2, 0)));
  CU_ASSERT_EQUAL(mpp_tensors_count(f), 0);
  mpp_tensors_free(f);
}

#define T(name, dtype, shape, offsets) \
  "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static void headers_that_cannot_be_are_refused(void)
{
  static const struct {
    const char *header;
    size_t data;
    const char *message;
  } bad[] = {
      {"[1,2]", 0, "does not begin with '{'"},
      {"{\"a\":", 0, "header, byte"},
      {"{} {}", 0, "header, byte"},
      {"{" T("a", "F32", "[1]", "[0,4]") "," T("a", "F32", "[1]", "[0,4]") "}", 4, "duplicate"},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"shape\":[1],\"data_offsets\":[0,4]}}", 4,
       "duplicate"},
      {"{\"__metadata__\":{\"x\":\"1\",\"x\":\"2\"}}", 0, "duplicate"},
      {"{\"__metadata__\":{\"x\":1}}", 0, "__metadata__: x: is no text"},
      {"{\"__metadata__\":[]}", 0, "__metadata__ is no object"},
      {"{\"a\\u0000b\":{}}", 0, "\\u0000"},
      {"{\"a\":3}", 0, "a: is described by no object"},
      {"{" T("a", "U16", "[2]", "[0,4]") "}", 4,
       "a: dtype U16, expected F32, F64, I64, F16 or BF16"},
      {"{" T("a", "F8_E5M2", "[4]", "[0,4]") "}", 4, "dtype F8_E5M2"},
      {"{" T("a", "I32", "[1]", "[0,4]") "}", 4, "dtype I32"},
      {"{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "dtype missing"},
      {"{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, "shape is no list"},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "data_offsets is no list"},
      {"{" T("a", "F32", "[1.0]", "[0,4]") "}", 4, "shape holds what is no size"},
      {"{" T("a", "F32", "[-1]", "[0,4]") "}", 4, "shape holds what is no size"},
      {"{" T("a", "F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]") "}", 4, "9 items, expected at most 8"},
      {"{" T("a", "F32", "[9223372036854775808]", "[0,4]") "}", 4, "too big integer"},
      {"{" T("a", "F32", "[9223372036854775807]", "[0,4]") "}", 4, "its size overflows"},
      {"{" T("a", "F32", "[4294967296,4294967296]", "[0,4]") "}", 4, "its size overflows"},
      /* 2^62 * 4 is 0 in 64 bits */
      {"{" T("a", "F32", "[4611686018427387904]", "[0,0]") "}", 0, "its size overflows"},
      {"{" T("a", "F32", "[2]", "[0,4]") "}", 4, "4 bytes of data, expected 8"},
      {"{" T("a", "F32", "[1]", "[4,0]") "}", 4, "data_offsets are no range"},
      {"{" T("a", "F32", "[1]", "[0,4,8]") "}", 8, "3 items, expected at most 2"},
      {"{" T("a", "F32", "[1]", "[4]") "}", 4, "data_offsets are no range"},
      {"{" T("a", "F32", "[2]", "[0,8]") "}", 4, "ends at byte 8 of the data, and the file has 4"},
      {"{" T("a", "F32", "[1]", "[0,4]") "," T("b", "F32", "[1]", "[0,4]") "}", 4, "overlaps"},
      {"{" T("a", "F32", "[2]", "[0,8]") "," T("b", "F32", "[2]", "[4,12]") "}", 12, "overlaps"},
      {"{" T("a", "F32", "[1]", "[0,4]") "," T("b", "F32", "[1]", "[8,12]") "}", 12,
       "b: a hole of 4 bytes"},
      {"{" T("a", "F32", "[1]", "[4,8]") "}", 8, "a: a hole of 4 bytes"},
      {"{" T("a", "F32", "[1]", "[0,4]") "}", 5, "1 bytes after the last tensor"},
      {"{}", 1, "1 bytes after the last tensor"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    mpp_tensor_file *f = NULL;
    ASSERT_STATUS(mpp_tensors_read(&f, raw(bad[i].header, strlen(bad[i].header), bad[i].data)),
                  MPP_ERR_DATA);
    ASSERT_MESSAGE("raw.safetensors: ");
    ASSERT_MESSAGE(bad[i].message);
    CU_ASSERT_PTR_NULL(f);
  }
}

static void header_lengths_are_held_against_the_file(void)
{
  mpp_tensor_file *f = NULL;
  static const uint64_t lengths[] = {0, 1, 3, 100, 100000001, UINT64_MAX, UINT64_MAX - 7};
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    ASSERT_STATUS(mpp_tensors_read(&f, raw("{}", lengths[i], 0)), MPP_ERR_DATA);
    ASSERT_MESSAGE("header of ");
    if (lengths[i] < 2 || lengths[i] > 100000000) { /* whatever the file has */
      ASSERT_MESSAGE("expected 2 to 100000000");
    }
  }
  ASSERT_STATUS(mpp_tensors_read(&f, test_path(1, "none")), MPP_ERR_NOINPUT);
  CU_ASSERT_PTR_NULL(f);
}

/* A file of about 2 KB with all types, as mpp writes it. */
static const char *sample(void)
{
  static float a[150];
  static double b[33];
  static int64_t c[2] = {-1, INT64_MAX};
  const mpp_tensor tensors[] = {{"blocks.0.weight", MPP_F32, 2, {10, 15}, a},
                                {"optim/step", MPP_I64, 1, {2}, c},
                                {"scale", MPP_F64, 1, {33}, b}};
  const mpp_pair meta[] = {{"format", "pt"}, {"config", "width: 96\nheads: 3\n"}};
  test_fill(a, 150, 1);
  for (size_t i = 0; i < 33; i++) { b[i] = sqrt((double)i); }
  const char *path = test_path(1, "sample.safetensors");
  REQUIRE_OK(mpp_tensors_write(path, tensors, 3, meta, 2));
  return path;
}

/* Changed in place, since files that are written anew wait for the disk. */
static void every_flipped_bit_is_found(void)
{
  const char *path = sample();
  const size_t size = load(path);
  FILE *file = fopen(path, "r+b");
  size_t missed = 0;
  CU_ASSERT(size > 1000 && size < 2500);
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  for (size_t bit = 0; bit < 8 * size; bit++) {
    mpp_tensor_file *f = NULL;
    const int fd = fileno(file);
    const char flipped = (char)(bytes[bit / 8] ^ (1 << bit % 8));
    CU_ASSERT_EQUAL_FATAL(pwrite(fd, &flipped, 1, (off_t)(bit / 8)), 1);
    if (mpp_tensors_read(&f, path) != MPP_ERR_DATA) {
      fprintf(stderr, "bit %zu of byte %zu\n", bit % 8, bit / 8);
      missed++;
    }
    mpp_tensors_free(f);
    CU_ASSERT_EQUAL_FATAL(pwrite(fd, &bytes[bit / 8], 1, (off_t)(bit / 8)), 1);
  }
  fclose(file);
  CU_ASSERT_EQUAL(missed, 0);
}

static void a_file_cut_at_any_length_is_refused(void)
{
  const char *path = sample();
  for (size_t length = load(path); length-- > 0;) {
    mpp_tensor_file *f = NULL;
    CU_ASSERT_EQUAL_FATAL(truncate(path, (off_t)length), 0);
    const mpp_status st = mpp_tensors_read(&f, path);
    CU_ASSERT_EQUAL(st, MPP_ERR_DATA);
    CU_ASSERT_PTR_NULL(f);
  }
}

static void a_file_that_grew_is_refused(void)
{
  mpp_tensor_file *f = NULL;
  const size_t size = load(sample());
  bytes[size] = 0;
  store(test_path(0, "long.safetensors"), bytes, size + 1);
  ASSERT_STATUS(mpp_tensors_read(&f, test_path(0, "long.safetensors")), MPP_ERR_DATA);
  ASSERT_MESSAGE("1 bytes after the last tensor");
}

static void every_fallible_call_may_fail(void)
{
  const char *path = sample();
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    mpp_tensor_file *f = NULL;
    const mpp_status st = TEST_FAULT(&faults, mpp_tensors_read(&f, path));
    CU_ASSERT((st == MPP_OK) == (f != NULL));
    mpp_tensors_free(f);
  }
  CU_ASSERT(faults.failed >= 15);
}

TESTS({"small foreign files are read", small_foreign_files_are_read},
      {"headers that cannot be are refused", headers_that_cannot_be_are_refused},
      {"header lengths are held against the file", header_lengths_are_held_against_the_file},
      {"every flipped bit is found", every_flipped_bit_is_found},
      {"a file cut at any length is refused", a_file_cut_at_any_length_is_refused},
      {"a file that grew is refused", a_file_that_grew_is_refused},
      {"every fallible call may fail", every_fallible_call_may_fail})
