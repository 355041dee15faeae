/* walk_h5.c - opens an HDF5 file without any care and reads all of it: objects, attributes,
 * datasets. What becomes of that: its exit code is 0, or the library crashes or runs on until the
 * processor time is used up. */
#include <hdf5.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { MOST = 1 << 22 };

static herr_t read_attribute(hid_t object, const char *name, const H5A_info_t *info, void *context)
{
  (void)info, (void)context;
  const hid_t id = H5Aopen(object, name, H5P_DEFAULT);
  if (id >= 0) {
    const hid_t type = H5Aget_type(id), space = H5Aget_space(id);
    const hssize_t n = H5Sget_simple_extent_npoints(space);
    const size_t size = H5Tget_size(type);
    if (H5Tget_class(type) != H5T_VLEN && n > 0 && n < MOST && size > 0 && size < 65536) {
      void *value = malloc((size_t)n * size);
      H5Aread(id, type, value);
      free(value);
    }
    H5Tclose(type);
    H5Sclose(space);
    H5Aclose(id);
  }
  return 0;
}

static void read_dataset(hid_t id)
{
  const hid_t type = H5Dget_type(id), space = H5Dget_space(id), how = H5Dget_create_plist(id);
  const hssize_t n = H5Sget_simple_extent_npoints(space);
  const size_t size = H5Tget_size(type);
  const H5T_class_t class = H5Tget_class(type);
  const int number = class == H5T_FLOAT || class == H5T_INTEGER;
  H5Dget_storage_size(id);
  if (n > 0 && n < MOST && size > 0 && size < 4096 && class != H5T_VLEN) {
    void *value = malloc((size_t)n * (number ? sizeof(double) : size));
    H5Dread(id, number ? H5T_NATIVE_DOUBLE : type, H5S_ALL, H5S_ALL, H5P_DEFAULT, value);
    free(value);
  }
  H5Tclose(type);
  H5Sclose(space);
  H5Pclose(how);
}

static herr_t read_object(hid_t root, const char *name, const H5O_info_t *info, void *context)
{
  (void)context;
  const hid_t id = H5Oopen(root, name, H5P_DEFAULT);
  if (id >= 0) {
    H5Aiterate2(id, H5_INDEX_NAME, H5_ITER_INC, NULL, read_attribute, NULL);
    if (info->type == H5O_TYPE_DATASET) {
      read_dataset(id);
    }
    H5Oclose(id);
  }
  return 0;
}

int main(int argc, char **argv)
{
  const struct rlimit none = {0, 0}, seconds = {1, 1}, room = {(rlim_t)3 << 30, (rlim_t)3 << 30};
  setrlimit(RLIMIT_CORE, &none);
  setrlimit(RLIMIT_CPU, &seconds);
  setrlimit(RLIMIT_AS, &room);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  const hid_t file = argc == 2 ? H5Fopen(argv[1], H5F_ACC_RDONLY, H5P_DEFAULT) : H5I_INVALID_HID;
  if (file >= 0) {
    H5Ovisit(file, H5_INDEX_NAME, H5_ITER_INC, read_object, NULL);
    H5Fclose(file);
  }
  return 0;
}
