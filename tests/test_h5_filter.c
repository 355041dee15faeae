/* test_h5_filter.c - what HDF5's filters packed is unpacked to the last bit; what does not unpack
 * to a whole chunk is refused. */
#include "h5_filter.h"

#include <libdeflate.h>

#include "h5.h"
#include "test.h"

enum { MOST = 40000 };
static unsigned char values[MOST], packed[2 * MOST];

/* A new file of one dataset of one chunk [n], with filters: 's'huffle, 'd'eflate, 'f'letcher32. */
static hid_t one_chunk(hid_t *file, hid_t *list, hid_t type, hsize_t n, const char *filters)
{
  REQUIRE_OK(mpp_h5_init());
  *file = H5Fcreate(test_path(0, "chunk.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  *list = H5Pcreate(H5P_DATASET_CREATE);
  const hid_t space = H5Screate_simple(1, &n, NULL);
  CU_ASSERT_FATAL(*file >= 0 && H5Pset_chunk(*list, 1, &n) >= 0);
  for (const char *f = filters; *f != '\0'; f++) {
    CU_ASSERT_FATAL((*f == 's'   ? H5Pset_shuffle(*list)
                     : *f == 'd' ? H5Pset_deflate(*list, 4)
                                 : H5Pset_fletcher32(*list)) >= 0);
  }
  const hid_t dataset = H5Dcreate2(*file, "x", type, space, H5P_DEFAULT, *list, H5P_DEFAULT);
  CU_ASSERT_FATAL(dataset >= 0);
  H5Sclose(space);
  H5Pclose(*list);
  *list = H5Dget_create_plist(dataset); /* with what the filters took from the type */
  CU_ASSERT_FATAL(*list >= 0);
  return dataset;
}

static mpp_unpacker opened(hid_t list, size_t bytes)
{
  mpp_unpacker u = {0};
  bool known = false;
  REQUIRE_OK(mpp_unpacker_open(&u, &known, list, bytes, "file", "x"));
  CU_ASSERT_FATAL(known);
  return u;
}

/* Unpacks `bytes` bytes as a chunk of `size` is; *same: the chunk is `values`. */
static mpp_status unpacked(bool *same, hid_t list, size_t size, const void *from, size_t bytes,
                           uint32_t mask)
{
  mpp_unpacker u = opened(list, size);
  unsigned char *to = NULL;
  const unsigned char *x = NULL;
  mpp_status st = mpp_unpacker_room(&to, &u, bytes);
  if (st == MPP_OK) {
    memcpy(to, from, bytes);
    st = mpp_unpack(&x, &u, bytes, mask);
  }
  *same = st == MPP_OK && memcmp(x, values, size) == 0;
  mpp_unpacker_close(&u);
  return st;
}

/* What HDF5 made of `n` values; its bytes come to `packed`. */
static size_t stored_by_hdf5(hid_t dataset, hid_t type, uint32_t *mask)
{
  const hsize_t origin = 0;
  hsize_t size = 0;
  CU_ASSERT_FATAL(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
  CU_ASSERT_FATAL(H5Dflush(dataset) >= 0);
  CU_ASSERT_FATAL(H5Dget_chunk_storage_size(dataset, &origin, &size) >= 0 && size <= sizeof packed);
  CU_ASSERT_FATAL(H5Dread_chunk(dataset, H5P_DEFAULT, &origin, mask, packed) >= 0);
  return (size_t)size;
}

static void fill(size_t n, bool noise)
{
  uint32_t state = 12345;
  for (size_t i = 0; i < n; i++) {
    state = state * 1664525U + 1013904223U;
    values[i] = (unsigned char)(noise ? state >> 24 : i * i / 4096);
  }
}

static void what_hdf5_packs_is_unpacked(void)
{
  static const char *const filters[] = {"",   "s",   "d",  "f",   "sd", "sf",
                                        "df", "sdf", "fd", "fsd", "dd"};
  static const size_t lengths[] = {1, 2, 7, 361, 5000};
  const hid_t types[] = {H5T_NATIVE_UCHAR, H5T_NATIVE_SHORT, H5T_NATIVE_FLOAT, H5T_NATIVE_DOUBLE};
  for (size_t k = 0; k < sizeof filters / sizeof *filters * 5 * 4 * 2; k++) {
    const char *chain = filters[k / 40];
    const hid_t type = types[k / 2 % 4];
    const size_t n = lengths[k / 8 % 5], bytes = n * H5Tget_size(type);
    hid_t file = -1, list = -1;
    uint32_t mask = 0;
    bool same = false;
    fill(bytes, k % 2 == 1);
    const hid_t dataset = one_chunk(&file, &list, type, n, chain);
    const size_t size = stored_by_hdf5(dataset, type, &mask);
    ASSERT_OK(unpacked(&same, list, bytes, packed, size, mask));
    CU_ASSERT(same);
    ASSERT_OK(unpacked(&same, list, bytes, values, bytes, UINT32_MAX)); /* all are left out */
    CU_ASSERT(same);
    H5Dclose(dataset);
    H5Pclose(list);
    H5Fclose(file);
  }
}

/* Holds the checksum that HDF5 stores behind n bytes at ours. */
static void expect_checksum(size_t n)
{
  uint32_t filters = 0, sum = 0;
  hid_t file = -1, list = -1;
  const hid_t dataset = one_chunk(&file, &list, H5T_NATIVE_UCHAR, n, "f");
  CU_ASSERT_EQUAL_FATAL(stored_by_hdf5(dataset, H5T_NATIVE_UCHAR, &filters), n + 4);
  for (unsigned b = 0; b < 4; b++) { sum |= (uint32_t)packed[n + b] << (8 * b); }
  CU_ASSERT_EQUAL(mpp_fletcher32(values, n), sum);
  H5Dclose(dataset);
  H5Pclose(list);
  H5Fclose(file);
}

static void checksums_are_those_of_hdf5(void)
{
  /* around 360 words, after which sums are reduced; odd and even */
  static const size_t lengths[] = {1, 2, 3, 719, 720, 721, 722, 1439, 1440, 1441, 3001};
  CU_ASSERT_EQUAL(mpp_fletcher32(values, 0), 0);
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    const size_t n = lengths[i];
    memset(values, 0, n);
    expect_checksum(n);
    memset(values, 0xff, n); /* the largest sums */
    expect_checksum(n);
    for (size_t k = 0; k < n; k++) { values[k] = (unsigned char)(k * k * 167 + k / 3); }
    expect_checksum(n);
  }
}

/* As writers before HDF5 1.6.3 did. */
static void checksums_of_swapped_bytes_are_taken(void)
{
  enum { N = 100 };
  hid_t file = -1, list = -1;
  bool same = false;
  fill(N, true);
  const hid_t dataset = one_chunk(&file, &list, H5T_NATIVE_UCHAR, N, "f");
  const uint32_t sum = mpp_fletcher32(values, N);
  memcpy(packed, values, N);
  for (unsigned b = 0; b < 4; b++) { packed[N + (b ^ 1)] = (unsigned char)(sum >> (8 * b)); }
  ASSERT_OK(unpacked(&same, list, N, packed, N + 4, 0));
  CU_ASSERT(same);
  packed[N]++;
  ASSERT_STATUS(unpacked(&same, list, N, packed, N + 4, 0), MPP_ERR_DATA);
  ASSERT_MESSAGE("file: x: cannot be decoded: a chunk is damaged (fletcher32)");
  H5Dclose(dataset);
  H5Pclose(list);
  H5Fclose(file);
}

static size_t zlib(size_t n)
{
  struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
  CU_ASSERT_FATAL(c != NULL);
  const size_t size = libdeflate_zlib_compress(c, values, n, packed, sizeof packed);
  libdeflate_free_compressor(c);
  CU_ASSERT_FATAL(size > 0);
  return size;
}

static void chunks_of_another_length_are_refused(void)
{
  enum { N = 4000 };
  static const int lengths[] = {1, N / 2, N - 1, N + 1, N + 5000, 2 * N + 9000};
  hid_t file = -1, list = -1;
  bool same = false;
  fill(MOST, false);
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    const size_t n = (size_t)lengths[i];
    hid_t dataset = one_chunk(&file, &list, H5T_NATIVE_FLOAT, N / 4, "sd");
    ASSERT_STATUS(unpacked(&same, list, N, packed, zlib(n), 0), MPP_ERR_DATA);
    ASSERT_MESSAGE(n < N + 5000 ? "expected 4000" : "a chunk is damaged (deflate)");
    ASSERT_STATUS(unpacked(&same, list, N, values, n, 3), MPP_ERR_DATA); /* both left out */
    H5Dclose(dataset);
    H5Pclose(list);
    H5Fclose(file);
  }
}

/* Ends the stream, the checksum or the chunk early, at every byte. */
static void what_ends_early_is_refused(void)
{
  static const char *const filters[] = {"d", "f", "sdf", "s"};
  enum { N = 600 };
  bool same = false;
  for (size_t k = 0; k < sizeof filters / sizeof *filters; k++) {
    hid_t file = -1, list = -1;
    uint32_t mask = 0;
    fill(N, false);
    const hid_t dataset = one_chunk(&file, &list, H5T_NATIVE_FLOAT, N / 4, filters[k]);
    const size_t size = stored_by_hdf5(dataset, H5T_NATIVE_FLOAT, &mask);
    for (size_t n = 0; n < size; n++) {
      ASSERT_STATUS(unpacked(&same, list, N, packed, n, mask), MPP_ERR_DATA);
    }
    H5Dclose(dataset);
    H5Pclose(list);
    H5Fclose(file);
  }
}

/* A chunk is made room for when what is stored of it may be that long. */
static void sizes_that_no_packing_reaches_are_refused(void)
{
  hid_t file = -1, list = -1;
  unsigned char *room = NULL;
  hid_t dataset = one_chunk(&file, &list, H5T_NATIVE_UCHAR, 100, "sdf");
  mpp_unpacker u = opened(list, (size_t)1 << 50);
  ASSERT_STATUS(mpp_unpacker_room(&room, &u, 1 << 20), MPP_ERR_DATA);
  ASSERT_MESSAGE(
      "file: x: cannot be decoded: a chunk of 1125899906842624 bytes is stored in 1048576");
  mpp_unpacker_close(&u);
  u = opened(list, 100);
  ASSERT_STATUS(mpp_unpacker_room(&room, &u, 1 << 20), MPP_ERR_DATA);
  ASSERT_STATUS(mpp_unpacker_room(&room, &u, 0), MPP_ERR_DATA);
  ASSERT_OK(mpp_unpacker_room(&room, &u, 1));
  mpp_unpacker_close(&u);
  bool known = false;
  ASSERT_STATUS(mpp_unpacker_open(&u, &known, list, SIZE_MAX - 5, "file", "x"), MPP_ERR_DATA);
  H5Dclose(dataset);
  H5Pclose(list);
  H5Fclose(file);
}

static void some_chunks_are_whole_by_their_length(void)
{
  static const struct {
    const char *filters;
    size_t enough; /* 0: never */
  } known[] = {{"", 400}, {"s", 400}, {"f", 404}, {"sf", 404}, {"d", 0}, {"sdf", 0}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    hid_t file = -1, list = -1;
    const hid_t dataset = one_chunk(&file, &list, H5T_NATIVE_FLOAT, 100, known[i].filters);
    mpp_unpacker u = opened(list, 400);
    CU_ASSERT_EQUAL(mpp_unpacks_whole(&u, 1000), known[i].enough > 0);
    CU_ASSERT(known[i].enough == 0 || (mpp_unpacks_whole(&u, known[i].enough) &&
                                       !mpp_unpacks_whole(&u, known[i].enough - 1)));
    mpp_unpacker_close(&u);
    H5Dclose(dataset);
    H5Pclose(list);
    H5Fclose(file);
  }
}

static void other_filters_are_not_known(void)
{
  const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
  mpp_unpacker u = {0};
  bool known = true;
  const hsize_t n = 10;
  CU_ASSERT_FATAL(H5Pset_chunk(list, 1, &n) >= 0 && H5Pset_fletcher32(list) >= 0);
  CU_ASSERT_FATAL(H5Pset_scaleoffset(list, H5Z_SO_INT, 0) >= 0);
  ASSERT_OK(mpp_unpacker_open(&u, &known, list, 40, "file", "x"));
  CU_ASSERT(!known && u.count == 0);
  CU_ASSERT(!mpp_unpacks(H5Z_FILTER_SCALEOFFSET) && mpp_unpacks(32000));
  H5Pclose(list);
}

TESTS({"what HDF5 packs is unpacked", what_hdf5_packs_is_unpacked},
      {"checksums are those of HDF5", checksums_are_those_of_hdf5},
      {"checksums of swapped bytes are taken", checksums_of_swapped_bytes_are_taken},
      {"chunks of another length are refused", chunks_of_another_length_are_refused},
      {"what ends early is refused", what_ends_early_is_refused},
      {"sizes that no packing reaches are refused", sizes_that_no_packing_reaches_are_refused},
      {"some chunks are whole by their length", some_chunks_are_whole_by_their_length},
      {"other filters are not known", other_filters_are_not_known})
