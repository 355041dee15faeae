/* info.c - what a file is, and what it says of itself. Nothing is ever written. */
#include "mpp/info.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "confine.h"
#include "file.h"
#include "h5.h"
#include "nc.h"
#include "number.h"
#include "safetensors.h"
#include "text.h"

enum { HEADER_MAX = 100000000 }; /* bytes, the format's own limit */

typedef enum { KIND_HDF5, KIND_CLASSIC, KIND_TENSORS } format;

/* By the first nine bytes. */
static mpp_status recognise(format *out, const char *path)
{
  mpp_status st = MPP_OK;
  unsigned char head[9] = {0};
  struct stat info;
  int fd = -1;
  MPP_TRY(mpp_check_input(path));
  fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  MPP_REQUIRE(!mpp_fault() && fd >= 0 && fstat(fd, &info) == 0, MPP_ERR_NOINPUT,
              "%s: cannot be read: %s", path, strerror(errno));
  const ssize_t n = read(fd, head, sizeof head);
  uint64_t header = 0;
  for (size_t i = 8; i-- > 0;) { header = header << 8 | head[i]; }
  if (n == 9 && memcmp(head, "\211HDF\r\n\032\n", 8) == 0) {
    *out = KIND_HDF5;
  } else if (n >= 4 && memcmp(head, "CDF", 3) == 0) {
    *out = KIND_CLASSIC;
  } else if (n == 9 && head[8] == '{' && header < (uint64_t)info.st_size) {
    *out = KIND_TENSORS;
  } else if (n >= 4 && memcmp(head, "PK\003\004", 4) == 0) {
    st =
        mpp_fail(MPP_ERR_DATA,
                 "%s: is a PyTorch checkpoint or another zip file, expected a safetensors, HDF5 or "
                 "netCDF file ('mpp convert' reads the former)",
                 path);
  } else {
    st = mpp_fail(MPP_ERR_DATA,
                  "%s: is no model (safetensors), dataset (HDF5) or forecast (netCDF)", path);
  }
done:
  if (fd >= 0) {
    close(fd);
  }
  return st;
}

/* netCDF files of others are data; those that mpp wrote say by which command. */
static const char *const own_mark = "mpp_command";

static bool is_forecast(hid_t file)
{
  return mpp_h5_has(file, "sim_time") && mpp_h5_has_attribute(file, "/", own_mark);
}

static mpp_status is_classic_forecast(bool *out, const char *path)
{
  mpp_status st = MPP_OK;
  int nc = -1;
  MPP_TRY(mpp_netcdf_open(&nc, path, false));
  *out = nc_inq_att(nc, NC_GLOBAL, own_mark, NULL, NULL) == NC_NOERR;
done:
  if (nc >= 0) {
    nc_close(nc);
  }
  return st == MPP_ERR_IO ? MPP_ERR_DATA : st; /* reading fails for what is in the file */
}

/* The header of the tensors is JSON text; in a text of its metadata the quotes would be escaped. */
static mpp_status is_adapter(bool *out, const char *path)
{
  static const char mark[] = "\"mpp_kind\":\"adapter\"";
  mpp_status st = MPP_OK;
  unsigned char head[8];
  char *text = NULL;
  uint64_t length = 0;
  FILE *f = mpp_fault() ? NULL : fopen(path, "rbe");
  MPP_REQUIRE(f != NULL && fread(head, 1, sizeof head, f) == sizeof head, MPP_ERR_NOINPUT,
              "%s: cannot be read: %s", path, strerror(errno));
  for (size_t i = 8; i-- > 0;) { length = length << 8 | head[i]; }
  MPP_REQUIRE(length <= HEADER_MAX, MPP_ERR_DATA, "%s: a header of %llu bytes, expected at most %d",
              path, (unsigned long long)length, HEADER_MAX);
  MPP_TRY(MPP_ALLOC(&text, length + 1));
  MPP_REQUIRE(fread(text, 1, length, f) == length, MPP_ERR_DATA, "%s: is cut short", path);
  *out = strstr(text, mark) != NULL;
done:
  mpp_free(text);
  if (f != NULL) {
    fclose(f);
  }
  return st;
}

mpp_status mpp_identify(mpp_file_kind *out, const char *path)
{
  mpp_status st = MPP_OK;
  format kind = KIND_HDF5;
  hid_t file = H5I_INVALID_HID;
  MPP_TRY(recognise(&kind, path));
  if (kind == KIND_TENSORS) {
    bool adapter = false;
    MPP_TRY(is_adapter(&adapter, path));
    *out = adapter ? MPP_FILE_ADAPTER : MPP_FILE_MODEL;
  } else if (kind == KIND_CLASSIC) {
    bool forecast = false;
    MPP_TRY(mpp_look_at(path));
    MPP_TRY(is_classic_forecast(&forecast, path));
    *out = forecast ? MPP_FILE_FORECAST : MPP_FILE_DATASET;
  } else {
    MPP_TRY(mpp_look_at(path));
    MPP_TRY(mpp_h5_open(&file, path));
    *out = is_forecast(file) ? MPP_FILE_FORECAST : MPP_FILE_DATASET;
  }
done:
  mpp_h5_close(file);
  return st;
}

/* ---- attributes ---- */

typedef struct visit {
  mpp_attribute_observer each;
  void *context;
  hid_t file;
  const char *path;
  mpp_status st; /* of memory: that ends the visit */
} visit;

static const char neither[] = "(neither one text nor one number)";

/* Names and texts as a terminal can show them. */
static mpp_status report_text(const visit *v, const char *name, const char *text)
{
  mpp_status st = MPP_OK;
  char *key = NULL, *value = NULL;
  MPP_TRY(mpp_format(&key, "%s", name));
  MPP_TRY(mpp_format(&value, "%s", text));
  mpp_clean_text(key);
  mpp_clean_text(value);
  v->each(v->context, key, value);
done:
  mpp_free(key);
  mpp_free(value);
  return st;
}

static mpp_status report_number(const visit *v, const char *name, double value)
{
  char text[MPP_NUMBER_MAX];
  mpp_number_format(text, value);
  return report_text(v, name, text);
}

static herr_t visit_attribute(hid_t object, const char *name, const H5A_info_t *info, void *data)
{
  visit *v = data;
  char *text = NULL;
  double value = 0.0;
  (void)object;
  (void)info;
  if (strncmp(name, "_NC", 3) == 0 || strncmp(name, "_nc", 3) == 0) {
    return 0; /* netCDF's own marks */
  }
  v->st = mpp_h5_attribute_text(&text, v->file, v->path, "/", name);
  if (v->st == MPP_ERR_NOMEM) {
    return -1;
  }
  if (v->st == MPP_OK) {
    v->st = report_text(v, name, text);
  } else if (mpp_h5_attribute_f64(&value, v->file, v->path, "/", name) == MPP_OK) {
    v->st = report_number(v, name, value);
  } else {
    v->st = report_text(v, name, neither);
  }
  mpp_free(text);
  return v->st == MPP_OK ? 0 : -1;
}

/* Files with a group a trajectory have their attributes there: those of the first stand for all. */
static mpp_status first_config(const visit *v)
{
  mpp_status st = MPP_OK;
  char **names = NULL, *text = NULL;
  size_t count = 0;
  MPP_TRY(mpp_h5_members(&names, &count, v->file, v->path, "/"));
  if (count > 0 && mpp_h5_has_attribute(v->file, names[0], "config")) {
    MPP_TRY(mpp_h5_attribute_text(&text, v->file, v->path, names[0], "config"));
    MPP_TRY(report_text(v, "config", text));
  }
  MPP_TRY(mpp_h5_doubts(v->path));
done:
  mpp_free(text);
  mpp_h5_members_free(names, count);
  return st;
}

static mpp_status visit_hdf5(visit *v)
{
  mpp_status st = MPP_OK;
  v->file = H5I_INVALID_HID;
  mpp_h5_lock();
  MPP_TRY(mpp_h5_open(&v->file, v->path));
  /* netCDF keeps the order of writing; other files may not */
  if (H5Aiterate2(v->file, H5_INDEX_CRT_ORDER, H5_ITER_INC, NULL, visit_attribute, v) < 0) {
    MPP_TRY(v->st);
    MPP_H5(H5Aiterate2(v->file, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, visit_attribute, v),
           MPP_ERR_DATA, "%s: attributes cannot be read", v->path);
  }
  if (!mpp_h5_has_attribute(v->file, "/", "Conventions")) {
    MPP_TRY(first_config(v));
  }
done:
  mpp_h5_close(v->file);
  mpp_h5_unlock();
  return st;
}

static mpp_status visit_classic(const visit *v)
{
  mpp_status st = MPP_OK;
  int nc = -1, count = 0;
  char *text = NULL;
  MPP_TRY(mpp_netcdf_open(&nc, v->path, false));
  MPP_NC(nc_inq_natts(nc, &count), v->path, "attributes");
  for (int i = 0; i < count; i++) {
    char name[NC_MAX_NAME + 1];
    nc_type type = NC_NAT;
    size_t length = 0;
    double value = 0.0;
    MPP_NC(nc_inq_attname(nc, NC_GLOBAL, i, name), v->path, "attributes");
    MPP_NC(nc_inq_att(nc, NC_GLOBAL, name, &type, &length), v->path, name);
    if (type == NC_CHAR) {
      mpp_free(text);
      text = NULL;
      MPP_TRY(MPP_ALLOC(&text, length + 1));
      MPP_NC(nc_get_att_text(nc, NC_GLOBAL, name, text), v->path, name);
      MPP_TRY(report_text(v, name, text));
    } else if (length == 1 && nc_get_att_double(nc, NC_GLOBAL, name, &value) == NC_NOERR) {
      MPP_TRY(report_number(v, name, value));
    } else {
      MPP_TRY(report_text(v, name, neither));
    }
  }
done:
  mpp_free(text);
  if (nc >= 0) {
    nc_close(nc);
  }
  return st == MPP_ERR_IO ? MPP_ERR_DATA : st; /* reading fails for what is in the file */
}

static mpp_status visit_tensors(const visit *v)
{
  mpp_status st = MPP_OK;
  mpp_tensor_file *file = NULL;
  MPP_TRY(mpp_tensors_read(&file, v->path));
  for (size_t i = 0; i < mpp_tensors_meta_count(file); i++) {
    const mpp_pair pair = mpp_tensors_meta_at(file, i);
    MPP_TRY(report_text(v, pair.key, pair.text));
  }
done:
  mpp_tensors_free(file);
  return st;
}

mpp_status mpp_read_attributes(const char *path, mpp_attribute_observer each, void *context)
{
  mpp_status st = MPP_OK;
  format kind = KIND_HDF5;
  visit v = {.each = each, .context = context, .path = path};
  MPP_TRY(recognise(&kind, path));
  MPP_TRY(kind == KIND_TENSORS ? MPP_OK : mpp_look_at(path));
  MPP_TRY(kind == KIND_HDF5      ? visit_hdf5(&v)
          : kind == KIND_CLASSIC ? visit_classic(&v)
                                 : visit_tensors(&v));
done:
  return st;
}
