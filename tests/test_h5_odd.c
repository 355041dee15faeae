/* test_h5_odd.c - what HDF5 allows and no dataset of ours has: types, shapes, attributes and links
 * that are read as far as they have a meaning, and refused or passed over otherwise. */
#include <hdf5.h>

#include "array_file.h"
#include "h5.h"
#include "test.h"

enum { MANY = 5000 };

static const double numbers[MANY] = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0};
static hid_t file = -1;

static void put_attribute(hid_t object, const char *name, hid_t type, hid_t space,
                          const void *value)
{
  const hid_t id = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  CU_ASSERT(id >= 0 && (value == NULL || H5Awrite(id, type, value) >= 0));
  H5Aclose(id);
  H5Sclose(space);
}

/* A text of `length` bytes: fixed, with spaces after its end, or a pointer for 0. */
static hid_t text_type(size_t length)
{
  const hid_t type = H5Tcopy(H5T_C_S1);
  CU_ASSERT(H5Tset_size(type, length > 0 ? length : H5T_VARIABLE) >= 0);
  if (length > 0) {
    CU_ASSERT(H5Tset_strpad(type, H5T_STR_SPACEPAD) >= 0);
  }
  return type;
}

static hid_t line(hsize_t n) { return H5Screate_simple(1, &n, NULL); }

static hid_t scalar(void) { return H5Screate(H5S_SCALAR); }

/* Takes over `space` and `creation`. */
static hid_t put_dataset(const char *name, hid_t type, hid_t space, hid_t creation,
                         const void *value)
{
  const hid_t id = H5Dcreate2(file, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  CU_ASSERT(id >= 0);
  if (value != NULL) {
    CU_ASSERT(H5Dwrite(id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0);
  }
  H5Sclose(space);
  if (creation != H5P_DEFAULT) {
    H5Pclose(creation);
  }
  return id;
}

static hid_t layout_of(H5D_layout_t layout)
{
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  const hsize_t chunk = 2;
  CU_ASSERT(layout == H5D_CHUNKED ? H5Pset_chunk(creation, 1, &chunk) >= 0
                                  : H5Pset_layout(creation, layout) >= 0);
  return creation;
}

static hid_t wide_enum(void)
{
  const hid_t type = H5Tenum_create(H5T_NATIVE_SHORT);
  const short one = 1;
  CU_ASSERT(H5Tenum_insert(type, "ONE", &one) >= 0);
  return type;
}

/* Never written; netCDF's fill value says what that reads as. */
static void put_unwritten(const char *name, hid_t creation, bool has_fill)
{
  const hid_t id = put_dataset(name, H5T_NATIVE_DOUBLE, line(6), creation, NULL);
  if (has_fill) {
    put_attribute(id, "_FillValue", H5T_NATIVE_DOUBLE, scalar(), numbers);
  }
  H5Dclose(id);
}

/* Attributes that say where axes are, with a content that says nothing. */
static void put_axes(void)
{
  const hid_t text = text_type(0);
  const char *label[2] = {"x", ""};
  const hsize_t shape[2] = {2, 3};
  hid_t id = put_dataset("labelled", H5T_NATIVE_DOUBLE, H5Screate_simple(2, shape, NULL),
                         H5P_DEFAULT, numbers);
  put_attribute(id, "DIMENSION_LIST", H5T_NATIVE_DOUBLE, line(2), numbers);
  put_attribute(id, "DIMENSION_LABELS", text, line(2), label);
  put_attribute(id, "CLASS", text, scalar(), label);
  H5Dclose(id);
  id = put_dataset("one_label", H5T_NATIVE_DOUBLE, H5Screate_simple(2, shape, NULL), H5P_DEFAULT,
                   numbers);
  put_attribute(id, "DIMENSION_LABELS", text, line(1), label);
  H5Dclose(id);
  id = put_dataset("number_label", H5T_NATIVE_DOUBLE, line(2), H5P_DEFAULT, numbers);
  put_attribute(id, "DIMENSION_LABELS", H5T_NATIVE_DOUBLE, line(2), numbers);
  H5Dclose(id);
  H5Tclose(text);
}

static const char *build(void)
{
  const char *path = test_path(0, "odd.h5");
  const hsize_t nine[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
  const hid_t type = wide_enum(), padded = text_type(6), pointer = text_type(0);
  REQUIRE_OK(mpp_h5_init());
  mpp_h5_lock();
  file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  put_attribute(file, "padded", padded, scalar(), "swe   ");
  put_attribute(file, "blank", padded, scalar(), "      ");
  put_attribute(file, "pointer", pointer, scalar(), NULL);
  put_attribute(file, "wide", type, scalar(), &(short){1});
  put_attribute(file, "many", H5T_NATIVE_DOUBLE, line(MANY), numbers);
  put_attribute(file, "none", H5T_NATIVE_DOUBLE, H5Screate(H5S_NULL), NULL);
  put_attribute(file, "six", H5T_NATIVE_DOUBLE, line(6), numbers);
  H5Dclose(put_dataset("wide", type, line(6), H5P_DEFAULT, NULL));
  H5Dclose(put_dataset("nine", H5T_NATIVE_DOUBLE, H5Screate_simple(9, nine, NULL), H5P_DEFAULT,
                       numbers));
  H5Dclose(put_dataset("void", H5T_NATIVE_DOUBLE, H5Screate(H5S_NULL), H5P_DEFAULT, NULL));
  H5Dclose(put_dataset("compact", H5T_NATIVE_DOUBLE, line(6), layout_of(H5D_COMPACT), numbers));
  H5Dclose(put_dataset("empty", H5T_NATIVE_DOUBLE, line(0), H5P_DEFAULT, NULL));
  put_unwritten("declared", H5P_DEFAULT, false);
  put_unwritten("filled", H5P_DEFAULT, true);
  put_unwritten("no_chunks", layout_of(H5D_CHUNKED), false);
  put_unwritten("filled_chunks", layout_of(H5D_CHUNKED), true);
  put_axes();
  CU_ASSERT(H5Tcommit2(file, "type", type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT) >= 0);
  CU_ASSERT(H5Lcreate_soft("/nowhere", file, "lost", H5P_DEFAULT, H5P_DEFAULT) >= 0);
  hid_t group = H5Gcreate2(file, "round", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  CU_ASSERT(H5Lcreate_hard(file, "round", group, "round", H5P_DEFAULT, H5P_DEFAULT) >= 0);
  H5Gclose(group);
  H5Tclose(type);
  H5Tclose(padded);
  H5Tclose(pointer);
  H5Fclose(file);
  mpp_h5_unlock();
  return path;
}

static void arrays_that_are_none_are_refused_by_name(void)
{
  static const struct {
    const char *name, *message; /* NULL: it is read */
  } known[] = {{"wide", "is no array of numbers"},
               {"nine", "has 9 axes"},
               {"void", "has no shape"},
               {"declared", "declared and never written"},
               {"no_chunks", "0 chunks are stored, expected 3"},
               {"compact", NULL},
               {"filled", NULL},
               {"filled_chunks", NULL}};
  const char *path = build();
  hid_t in = -1;
  REQUIRE_OK(mpp_h5_open(&in, path));
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    const size_t start[MPP_H5_MAX_RANK + 1] = {0}, count[MPP_H5_MAX_RANK + 1] = {6};
    size_t shape[MPP_H5_MAX_RANK];
    double x[6] = {0.0};
    int rank = 0;
    mpp_status st = mpp_h5_shape(shape, &rank, in, path, known[i].name);
    st = st == MPP_OK ? mpp_h5_read_f64(x, in, path, known[i].name, start, count) : st;
    CU_ASSERT_EQUAL(st, known[i].message == NULL ? MPP_OK : MPP_ERR_DATA);
    if (known[i].message != NULL) {
      ASSERT_MESSAGE(known[i].message);
      ASSERT_MESSAGE(known[i].name);
    }
    CU_ASSERT(i != 5 || (x[0] == 1.0 && x[5] == 6.0));
  }
  mpp_h5_close(in);
}

static void attributes_are_read_without_their_padding(void)
{
  static const char *const names[][2] = {{"padded", "swe"}, {"blank", ""}, {"pointer", ""}};
  const char *path = build();
  double value = 77.0;
  hid_t in = -1;
  REQUIRE_OK(mpp_h5_open(&in, path));
  for (size_t i = 0; i < 3; i++) {
    char *text = NULL;
    ASSERT_OK(mpp_h5_attribute_text(&text, in, path, "/", names[i][0]));
    CU_ASSERT_STRING_EQUAL(text, names[i][1]);
    mpp_free(text);
  }
  ASSERT_STATUS(mpp_h5_attribute_f64(&value, in, path, "/", "wide"), MPP_ERR_DATA);
  ASSERT_MESSAGE("'wide' is no number");
  ASSERT_STATUS(mpp_h5_attribute_f64(&value, in, path, "/", "none"), MPP_ERR_DATA);
  ASSERT_MESSAGE("'none' has 0 values");
  CU_ASSERT_EQUAL(value, 77.0);
  mpp_h5_close(in);
}

static mpp_status note(void *context, const mpp_array_attribute *a)
{
  char *seen = context;
  strcat(strcat(seen, a->name), a->text != NULL ? "=" : "");
  strcat(strcat(seen, a->text != NULL ? a->text : ""), ";");
  return MPP_OK;
}

static void lists_have_what_can_be_read(void)
{
  static const char *const expected = "compact declared empty filled filled_chunks labelled "
                                      "no_chunks number_label one_label ";
  char names[512] = "", seen[512] = "";
  mpp_array_file f = {.h5 = -1, .nc = -1};
  char **texts = NULL;
  size_t count = 77;
  const char *path = build();
  mpp_h5_lock();
  REQUIRE_OK(mpp_array_file_open(&f, path));
  REQUIRE_OK(mpp_array_file_list(&f, 100));
  for (size_t i = 0; i < f.count; i++) { strcat(strcat(names, f.array[i].name), " "); }
  CU_ASSERT_STRING_EQUAL(names, expected);
  REQUIRE_OK(mpp_array_attributes(&f, "", note, seen));
  static const char *const there[] = {"blank=;", "padded=swe;", "pointer=;", "six;"};
  for (size_t i = 0; i < 4; i++) { CU_ASSERT_PTR_NOT_NULL(strstr(seen, there[i])); }
  CU_ASSERT_EQUAL(strlen(seen), strlen("blank=;padded=swe;pointer=;six;"));
  seen[0] = '\0';
  REQUIRE_OK(mpp_array_attributes(&f, "nowhere", note, seen));
  CU_ASSERT_STRING_EQUAL(seen, "");
  for (size_t i = 0; i < f.count; i++) {
    const mpp_array *a = &f.array[i];
    const bool labelled = strcmp(a->name, "labelled") == 0;
    CU_ASSERT(labelled ? strcmp(a->dimension[0], "x") == 0 : a->dimension[0] == NULL);
    CU_ASSERT_PTR_NULL(a->dimension[1]);
  }
  REQUIRE_OK(mpp_array_texts(&texts, &count, &f, "/", "six"));
  CU_ASSERT(texts == NULL && count == 0);
  mpp_array_file_close(&f);
  ASSERT_STATUS(mpp_array_file_open(&f, path) == MPP_OK ? mpp_array_file_list(&f, 3) : MPP_OK,
                MPP_ERR_DATA);
  ASSERT_MESSAGE("more than 3 arrays");
  mpp_array_file_close(&f);
  mpp_h5_unlock();
}

/* Before anything else has started it. */
static void hdf5_starts_again_after_a_failure(void)
{
  mpp_status st = MPP_ERR_NOMEM;
  long n = 0;
  for (; st != MPP_OK && n < 20; n++) {
    mpp_fault_after(n);
    st = mpp_h5_init();
    mpp_fault_after(-1);
  }
  ASSERT_OK(st);
  CU_ASSERT(n > 5);
}

TESTS({"HDF5 starts again after a failure", hdf5_starts_again_after_a_failure},
      {"arrays that are none are refused by name", arrays_that_are_none_are_refused_by_name},
      {"attributes are read without their padding", attributes_are_read_without_their_padding},
      {"lists have what can be read", lists_have_what_can_be_read})
