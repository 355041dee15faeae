/* convert.c - data of any origin into a published layout, trajectory by trajectory. */
#include "mpp/convert.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "check.h"
#include "convert_impl.h"
#include "file.h"

#define MEMBER(member) offsetof(mpp_convert_options, member)
const mpp_option mpp_convert_table[] = {
    {"to", 0, MPP_OPT_CHOICE, MEMBER(to), "none", 0, 0, MPP_CONVERT_CHOICES, NULL,
     "of 'convert data': the layout to write"},
    {"boundary", 0, MPP_OPT_TEXT, MEMBER(boundary), NULL, 0, 0, NULL, "AXIS=KIND,...",
     "boundaries of the data, as x=periodic,y=wall, instead of the file's"},
    MPP_DATA_FLAG_ROWS(mpp_convert_options, flags),
    {.name = NULL}};
#undef MEMBER

/* ---- a folder of The Well ---- */

static const char *const parts[] = {"train", "valid", "test"}; /* as mpp_split */

static mpp_status join(char out[MPP_PATH_MAX], const char *folder, const char *name)
{
  const int n = snprintf(out, MPP_PATH_MAX, "%s/%s", folder, name);
  return n > 0 && n < MPP_PATH_MAX ? MPP_OK
                                   : mpp_fail(MPP_ERR_USAGE, "%.100s...: too long", folder);
}

/* What an unfinished conversion leaves; nothing else is in there. */
static void remove_folder(const char *folder, const char *file)
{
  char path[MPP_PATH_MAX + 512];
  for (int k = 0; k < 3; k++) {
    snprintf(path, sizeof path, "%s/data/%s/%s", folder, parts[k], file);
    unlink(path);
    snprintf(path, sizeof path, "%s/data/%s", folder, parts[k]);
    rmdir(path);
  }
  snprintf(path, sizeof path, "%s/stats.yaml", folder);
  unlink(path);
  snprintf(path, sizeof path, "%s/data", folder);
  rmdir(path);
  rmdir(folder);
}

static mpp_status fill_folder(mpp_conversion *j, const char *folder, const char *file,
                              mpp_convert_summary *summary)
{
  mpp_status st = MPP_OK;
  char path[MPP_PATH_MAX], data[MPP_PATH_MAX];
  MPP_TRY(mpp_make_folder(folder));
  MPP_TRY(join(data, folder, "data"));
  MPP_TRY(mpp_make_folder(data));
  for (int k = 0; k < 3; k++) {
    size_t first = 0, count = 0;
    mpp_dataset_split(j->data, (mpp_split)k, &first, &count);
    if (count == 0) {
      continue;
    }
    MPP_TRY(join(path, data, parts[k]));
    MPP_TRY(mpp_make_folder(path));
    const size_t used = strlen(path);
    const int n = snprintf(path + used, sizeof path - used, "/%s", file);
    MPP_REQUIRE(n > 0 && (size_t)n < sizeof path - used, MPP_ERR_USAGE, "%.100s...: too long",
                folder);
    MPP_TRY(mpp_convert_file(j, path, first, count, k == MPP_TRAIN));
    summary->files++;
  }
  MPP_TRY(join(path, folder, "stats.yaml"));
  MPP_TRY(
      mpp_statistics_write(path, j->plan.part, j->plan.nparts, j->ndims, j->value, j->increment));
  summary->statistics = true;
  MPP_TRY(mpp_sync_path(folder));
done:
  return st;
}

static mpp_status write_folder(mpp_conversion *j, mpp_convert_summary *summary)
{
  mpp_status st = MPP_OK;
  char temporary[MPP_PATH_MAX] = "", file[MPP_NAME_MAX + 8], final[MPP_PATH_MAX];
  snprintf(file, sizeof file, "%s.hdf5", j->plan.system);
  snprintf(final, sizeof final, "%s", j->options->output);
  for (size_t n = strlen(final); n > 1 && final[n - 1] == '/'; n--) { final[n - 1] = '\0'; }
  MPP_TRY(mpp_check_output(final, false));
  MPP_TRY(mpp_temporary_name(temporary, final));
  st = fill_folder(j, temporary, file, summary);
  if (st == MPP_OK && (mpp_fault() || rename(temporary, final) != 0)) {
    st = mpp_fail_io(final, errno);
  }
  if (st != MPP_OK) {
    remove_folder(temporary, file);
  }
done:
  return st;
}

/* ---- the call ---- */

static bool is_file_name(const char *path)
{
  const char *dot = strrchr(path, '.');
  return dot != NULL && (strcmp(dot, ".h5") == 0 || strcmp(dot, ".hdf5") == 0);
}

/* Where each cell of the output is in the input. */
static void list_cells(mpp_conversion *j)
{
  const size_t *g = j->info->grid, step[3] = {g[1] * g[2], g[2], 1};
  const mpp_convert_plan *p = &j->plan;
  size_t at = 0;
  for (size_t a = 0; a < p->grid[0]; a++) {
    for (size_t b = 0; b < p->grid[1]; b++) {
      for (size_t c = 0; c < p->grid[2]; c++) {
        j->from[at++] = a * step[p->from[0]] + b * step[p->from[1]] + c * step[p->from[2]];
      }
    }
  }
  for (size_t k = 0; k < j->info->ngiven; k++) { j->which[k] = k; }
}

static mpp_status open_job(mpp_conversion *j)
{
  mpp_status st = MPP_OK;
  const mpp_convert_options *o = j->options;
  const mpp_dataset_options options = {.boundary = o->boundary[0] != '\0' ? o->boundary : NULL,
                                       .flags = &o->flags};
  size_t n = 0, y = 0;
  MPP_TRY(mpp_dataset_open(&j->data, o->data, &options));
  const mpp_dataset_info *info = j->info = mpp_dataset_get_info(j->data);
  MPP_TRY(mpp_convert_make_plan(&j->plan, info, (mpp_convert_target)o->to));
  const mpp_convert_plan *p = &j->plan;
  const size_t fields = info->nfields + info->ngiven;
  for (int a = 0; a < 3; a++) {
    j->ndims += p->axis[a][0] != '\0';
    MPP_TRY(MPP_ALLOC(&j->coordinate[a], p->grid[a]));
    MPP_TRY(mpp_dataset_coordinates(j->data, j->coordinate[a], p->from[a]));
  }
  MPP_REQUIRE(mpp_product(&j->cells, info->grid, 3) &&
                  mpp_product(&n, (size_t[]){j->cells, info->nframes, fields}, 3) &&
                  mpp_product(&y, (size_t[]){j->cells, info->nframes, p->nfields}, 3),
              MPP_ERR_NOMEM, "%s: a trajectory does not fit into memory", info->path);
  MPP_TRY(MPP_ALLOC(&j->x, n));
  MPP_TRY(MPP_ALLOC(&j->from, j->cells));
  list_cells(j);
  if (info->masked) {
    MPP_TRY(MPP_ALLOC(&j->missing, n));
    MPP_TRY(MPP_ALLOC(&j->common, n / fields));
    MPP_TRY(MPP_ALLOC(&j->first, j->cells));
  }
  MPP_TRY(MPP_ALLOC(&j->y, y));
  MPP_TRY(MPP_ALLOC(&j->once, p->nonce * j->cells));
  MPP_TRY(MPP_ALLOC(&j->value, MPP_MAX_FIELDS));
  MPP_TRY(MPP_ALLOC(&j->increment, MPP_MAX_FIELDS));
  j->total = info->ntrajectories;
done:
  return st;
}

static void close_job(mpp_conversion *j)
{
  for (int a = 0; a < 3; a++) { mpp_free(j->coordinate[a]); }
  mpp_free(j->x);
  mpp_free(j->from);
  mpp_free(j->missing);
  mpp_free(j->common);
  mpp_free(j->first);
  mpp_free(j->y);
  mpp_free(j->once);
  mpp_free(j->value);
  mpp_free(j->increment);
  mpp_dataset_close(j->data);
}

mpp_status mpp_data_convert(mpp_convert_summary *summary, const mpp_convert_options *options,
                            const char *command, mpp_convert_observer observer, void *context)
{
  mpp_status st = MPP_OK;
  mpp_conversion j = {
      .options = options, .command = command, .observer = observer, .context = context};
  mpp_convert_summary s = {.layout = NULL};
  const bool file = is_file_name(options->output);
  MPP_REQUIRE(options->to == MPP_TO_WELL || options->to == MPP_TO_PDEBENCH, MPP_ERR_USAGE,
              "convert data: --to is missing, expected well or pdebench");
  MPP_REQUIRE(file || options->to == MPP_TO_WELL, MPP_ERR_USAGE,
              "%s: expected a name that ends in .h5 or .hdf5", options->output);
  MPP_TRY(open_job(&j));
  if (file) {
    MPP_TRY(mpp_convert_file(&j, options->output, 0, j.info->ntrajectories, false));
    s.files = 1;
  } else {
    MPP_TRY(write_folder(&j, &s));
  }
  s.layout = j.plan.layout;
  s.trajectories = j.info->ntrajectories;
  s.frames = j.info->nframes;
  s.left_out = j.plan.nleft;
  memcpy(s.left, j.plan.left, sizeof s.left);
  s.masked = j.info->masked;
  *summary = s;
done:
  close_job(&j);
  return st;
}
