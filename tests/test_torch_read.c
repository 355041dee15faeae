/* test_torch_read.c - the published code's checkpoint gives its weights; damage and what weights do
 * not need give messages. */
#include <unistd.h>
#include <zip.h>

#include "mpp/model.h"
#include "test.h"
#include "torch_file.h"

static const char checkpoint[] = MPP_TEST_DATA "/golden/avit/open_1field_48x32/ckpt.tar";
static const char weights[] = MPP_TEST_DATA "/golden/avit/open_1field_48x32/weights.safetensors";

static void weights_are_those_of_the_published_code(void)
{
  mpp_tensor_file *torch = NULL, *expected = NULL;
  size_t different = 0;
  CU_ASSERT(mpp_torch_is(checkpoint) && !mpp_torch_is(weights));
  REQUIRE_OK(mpp_torch_read(&torch, checkpoint));
  REQUIRE_OK(mpp_tensors_read(&expected, weights));
  CU_ASSERT_EQUAL(mpp_tensors_count(torch), mpp_tensors_count(expected));
  for (size_t i = 0; i < mpp_tensors_count(expected); i++) {
    const mpp_tensor *e = mpp_tensors_at(expected, i), *t = mpp_tensors_find(torch, e->name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT(t->rank == e->rank && memcmp(t->shape, e->shape, sizeof t->shape) == 0);
    different += memcmp(t->data, e->data, mpp_tensor_elements(e) * sizeof(float)) != 0;
  }
  CU_ASSERT_EQUAL(different, 0);
  mpp_tensors_free(torch);
  mpp_tensors_free(expected);
}

static void a_model_loads_from_it(void)
{
  mpp_model *m = NULL;
  size_t count = 0;
  REQUIRE_OK(mpp_model_load(&m, checkpoint));
  CU_ASSERT_EQUAL(mpp_model_get_config(m)->embed_dim, 48);
  CU_ASSERT_STRING_EQUAL(mpp_model_vocabulary(m, &count)[0], "swe:h");
  CU_ASSERT_EQUAL(count, 12);
  mpp_model_destroy(m);
}

/* Cut at any length: no crash, one message. */
static void a_checkpoint_cut_short_is_refused(void)
{
  const char *path = test_path(0, "cut.tar");
  FILE *file = fopen(checkpoint, "rb");
  static char bytes[512 << 10];
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  const size_t size = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  CU_ASSERT(size > 300000 && size < sizeof bytes);
  for (size_t length = 0; length < size; length += length < 4096 ? 97 : 9973) {
    mpp_tensor_file *f = NULL;
    file = fopen(path, "wb");
    CU_ASSERT(file != NULL && fwrite(bytes, 1, length, file) == length);
    fclose(file);
    ASSERT_STATUS(mpp_torch_read(&f, path), MPP_ERR_DATA);
    CU_ASSERT_PTR_NULL(f);
  }
}

/* ---- files made here ---- */

typedef struct entry {
  const char *name, *data;
  size_t size;
} entry;

static const char *make(const entry *entries, size_t count, zip_int32_t method)
{
  const char *path = test_path(0, "made.pt");
  int error = 0;
  zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &error);
  CU_ASSERT_PTR_NOT_NULL_FATAL(zip);
  for (size_t i = 0; i < count; i++) {
    zip_source_t *source = zip_source_buffer(zip, entries[i].data, entries[i].size, 0);
    const zip_int64_t index = zip_file_add(zip, entries[i].name, source, ZIP_FL_ENC_UTF_8);
    CU_ASSERT(index >= 0 && zip_set_file_compression(zip, (zip_uint64_t)index, method, 0) == 0);
  }
  CU_ASSERT_EQUAL(zip_close(zip), 0);
  return path;
}

/* {"w": tensor of `storage` with the numbers of entry "0"}, `numbers` of them, from `offset` on, of
 * shape (2, `columns`) and strides (`row`, 1). */
static char tensor_key = '0'; /* name of the entry */
static int tensor_times = 1;  /* so often "w" stands there */

static const char *tensor_file(const char *storage, unsigned char numbers, unsigned char offset,
                               unsigned char columns, unsigned char row, const char *data,
                               size_t size)
{
  char pickle[512];
  int length = snprintf(pickle, sizeof pickle, "XX}");
  for (int i = 0; i < tensor_times; i++) {
    length += snprintf(
        pickle + length, sizeof pickle - (size_t)length,
        "X0001wctorch._utils\n_rebuild_tensor_v2\n((X0007storagectorch\n%s\nX0001%cX0003cpuK%c"
        "tQK%cK2K%c%cK%cK1%c%c)tRs",
        storage, tensor_key, numbers, offset, columns, 0x86, row, 0x86, 0x89);
    CU_ASSERT_FATAL(length > 0 && (size_t)length + 1 < sizeof pickle);
  }
  pickle[length++] = '.';
  pickle[0] = (char)0x80; /* what snprintf cannot print: bytes of 0 and small numbers */
  pickle[1] = 2;
  for (int i = 2; i < length; i++) {
    if (pickle[i] == 'X' && pickle[i + 1] == '0') {
      pickle[i + 1] = (char)(pickle[i + 4] - '0');
      pickle[i + 2] = pickle[i + 3] = pickle[i + 4] = 0;
    }
    if (pickle[i] == 'K' && (pickle[i + 1] == '1' || pickle[i + 1] == '2')) {
      pickle[i + 1] = (char)(pickle[i + 1] - '0');
    }
  }
  const entry entries[] = {{"a/data.pkl", pickle, (size_t)length}, {"a/data/0", data, size}};
  return make(entries, 2, ZIP_CM_STORE);
}

static void refused(const char *path, const char *message)
{
  mpp_tensor_file *f = NULL;
  ASSERT_STATUS(mpp_torch_read(&f, path), MPP_ERR_DATA);
  ASSERT_MESSAGE(message);
  CU_ASSERT_PTR_NULL(f);
}

/* Every second number of rows of four, from the third on; and halves of both kinds. */
static void strides_and_short_floats_are_followed(void)
{
  static const float numbers[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  static const uint16_t half[4] = {0x3c00, 0xc100, 0x0001, 0x7bff};   /* 1, -2.5, 2^-24, 65504 */
  static const uint16_t bfloat[4] = {0x3f80, 0xc020, 0x7f80, 0x0000}; /* 1, -2.5, inf, 0 */
  mpp_tensor_file *f = NULL;
  REQUIRE_OK(mpp_torch_read(
      &f, tensor_file("FloatStorage", 12, 3, 3, 5, (const char *)numbers, sizeof numbers)));
  const mpp_tensor *t = mpp_tensors_find(f, "w");
  CU_ASSERT_PTR_NOT_NULL_FATAL(t);
  const float *w = t->data;
  CU_ASSERT(t->rank == 2 && t->shape[0] == 2 && t->shape[1] == 3);
  CU_ASSERT(w[0] == 3 && w[2] == 5 && w[3] == 8 && w[5] == 10);
  mpp_tensors_free(f);
  REQUIRE_OK(
      mpp_torch_read(&f, tensor_file("HalfStorage", 4, 0, 2, 2, (const char *)half, sizeof half)));
  w = mpp_tensors_at(f, 0)->data;
  CU_ASSERT(w[0] == 1.0F && w[1] == -2.5F && w[2] == 0x1p-24F && w[3] == 65504.0F);
  mpp_tensors_free(f);
  REQUIRE_OK(mpp_torch_read(
      &f, tensor_file("BFloat16Storage", 4, 0, 2, 2, (const char *)bfloat, sizeof bfloat)));
  w = mpp_tensors_at(f, 0)->data;
  CU_ASSERT(w[0] == 1.0F && w[1] == -2.5F && isinf(w[2]) && w[3] == 0.0F);
  mpp_tensors_free(f);
}

static void what_lies_outside_its_storage_is_refused(void)
{
  static const float numbers[12] = {0};
  const char *data = (const char *)numbers;
  refused(tensor_file("FloatStorage", 12, 3, 5, 5, data, 48), "reaches beyond its storage");
  refused(tensor_file("FloatStorage", 12, 3, 3, 9, data, 48), "reaches beyond its storage");
  refused(tensor_file("FloatStorage", 12, 0, 3, 3, data, 40), "found 40 bytes, expected 48");
  refused(tensor_file("FloatStorage", 11, 0, 3, 3, data, 48),
          "found 48 bytes, expected at most 44");
  refused(tensor_file("IntStorage", 12, 0, 3, 3, data, 48), "storage 'torch IntStorage'");
}

static void names_in_archives_are_looked_at(void)
{
  static const float numbers[4] = {0, 1, 2, 3};
  const char *data = (const char *)numbers;
  tensor_key = '/';
  refused(tensor_file("FloatStorage", 4, 0, 2, 2, data, sizeof numbers), "expected a short name");
  tensor_key = '0';
  tensor_times = 2;
  refused(tensor_file("FloatStorage", 4, 0, 2, 2, data, sizeof numbers),
          "tensor 'w' stands there twice");
  tensor_times = 1;
  const entry big[] = {{"a/data.pkl", "\x80\x02}.", 4}, {"a/byteorder", "big...", 6}};
  refused(make(big, 2, ZIP_CM_STORE), "numbers are not little-endian");
}

static void other_archives_are_refused(void)
{
  static const char system[] = "\x80\x02}X\x01\x00\x00\x00wcos\nsystem\nX\x02\x00\x00\x00ls\x85Rs.";
  const entry no_pickle[] = {{"a/data/0", "1234", 4}};
  const entry two[] = {{"a/data.pkl", "N", 1}, {"b/data.pkl", "N", 1}};
  const entry call[] = {{"a/data.pkl", system, sizeof system - 1}};
  const entry list[] = {{"a/data.pkl", "\x80\x02].", 4}};
  const entry big[] = {{"a/data.pkl", "\x80\x02}.", 4}, {"a/byteorder", "big", 3}};
  refused(make(no_pickle, 1, ZIP_CM_STORE), "0 entries 'FOLDER/data.pkl'");
  refused(make(two, 2, ZIP_CM_STORE), "2 entries");
  refused(make(call, 1, ZIP_CM_STORE), "tensor 'w': found something else");
  refused(make(list, 1, ZIP_CM_STORE), "no dict of tensors");
  refused(make(big, 2, ZIP_CM_STORE), "not little-endian");
  const entry packed[] = {{"a/data.pkl", "\x80\x02}........................................", 42}};
  refused(make(packed, 1, ZIP_CM_DEFLATE), "compressed");
}

static void checkpoints_of_old_versions_are_named(void)
{
  const char *path = test_path(0, "old.pt");
  FILE *file = fopen(path, "wb");
  CU_ASSERT(file != NULL &&
            fwrite("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 1, 15, file) == 15);
  fclose(file);
  CU_ASSERT(mpp_torch_is(path));
  refused(path, "before 1.6");
}

static void failures_on_the_way_leave_nothing(void)
{
  static const float numbers[6] = {0};
  const char *path = tensor_file("FloatStorage", 6, 0, 3, 3, (const char *)numbers, 24);
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    mpp_tensor_file *f = NULL;
    TEST_FAULT(&faults, mpp_torch_read(&f, path));
    mpp_tensors_free(f);
  }
  CU_ASSERT(faults.failed >= 10);
}

TESTS({"weights are those of the published code", weights_are_those_of_the_published_code},
      {"a model loads from it", a_model_loads_from_it},
      {"a checkpoint cut short is refused", a_checkpoint_cut_short_is_refused},
      {"strides and short floats are followed", strides_and_short_floats_are_followed},
      {"what lies outside its storage is refused", what_lies_outside_its_storage_is_refused},
      {"names in archives are looked at", names_in_archives_are_looked_at},
      {"other archives are refused", other_archives_are_refused},
      {"checkpoints of old versions are named", checkpoints_of_old_versions_are_named},
      {"failures on the way leave nothing", failures_on_the_way_leave_nothing})
