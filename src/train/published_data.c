/* published_data.c - the datasets of a published configuration: lists of ['folder', 'type', 'part
 * of the path'], of which each takes the files named *.h5 or *.hdf5 whose path has that part in
 * it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "published.h"
#include "train_config.h"

static bool in_list(const mpp_yaml_node *list, const char *text)
{
  for (size_t i = 0; list != NULL && list->kind == MPP_YAML_LIST && i < list->count; i++) {
    if (list->value[i]->kind == MPP_YAML_SCALAR && strcmp(list->value[i]->text, text) == 0) {
      return true;
    }
  }
  return false;
}

/* A type is a system that we know, or one that the configuration appends: its fields get names of
 * their own then. */
static mpp_status check_type(const mpp_yaml_node *type, const mpp_yaml_node *map, const char *path)
{
  enum { SYSTEMS = 64 };
  char place[MPP_PLACE_MAX];
  const char *known[SYSTEMS];
  size_t count = 0;
  const mpp_field_info *f;
  for (size_t i = 0; (f = mpp_field_at(i)) != NULL && count < SYSTEMS; i++) {
    if (strcmp(f->system, type->text) == 0) {
      return MPP_OK;
    }
    known[count++] = f->system;
  }
  if (in_list(mpp_yaml_get(map, "append_datasets"), type->text)) {
    return MPP_OK;
  }
  const char *near = mpp_closest(type->text, known, count);
  return mpp_fail(MPP_ERR_CONFIG,
                  "%s: unknown type of data '%s'%s%s%s; types of your own stand in append_datasets",
                  mpp_config_place(place, path, type), type->text,
                  near != NULL ? " (did you mean '" : "", near != NULL ? near : "",
                  near != NULL ? "'?)" : "");
}

mpp_status mpp_published_home(char out[MPP_TEXT_MAX], const char *path)
{
  const char *home = getenv("HOME");
  const bool tilde = path[0] == '~' && (path[1] == '/' || path[1] == '\0') && home != NULL;
  const int n = snprintf(out, MPP_TEXT_MAX, "%s%s", tilde ? home : "", tilde ? path + 1 : path);
  return n >= 0 && n < MPP_TEXT_MAX ? MPP_OK
                                    : mpp_fail(MPP_ERR_CONFIG, "a path of %d characters", n);
}

/* The specification PATH:TYPE of the files of a folder; the part as a glob. */
static mpp_status find_files(char out[MPP_TEXT_MAX], const char *folder, const char *type,
                             const char *part)
{
  mpp_status st = MPP_OK;
  char path[MPP_TEXT_MAX];
  const bool filtered = part[0] != '\0' && strstr(folder, part) == NULL;
  MPP_TRY(mpp_published_home(path, folder));
  MPP_REQUIRE(!filtered || (strpbrk(path, "*?[\\") == NULL && strpbrk(part, "*?[\\/") == NULL),
              MPP_ERR_CONFIG, "'%s', '%s': expected no characters of globs", folder, part);
  const size_t length = strlen(path);
  const char *slash = length > 0 && path[length - 1] == '/' ? "" : "/";
  const int n = filtered /* h*5: h5 and hdf5 */
                    ? snprintf(out, MPP_TEXT_MAX, "%s%s*%s*.h*5:%s", path, slash, part, type)
                    : snprintf(out, MPP_TEXT_MAX, "%s:%s", path, type);
  MPP_REQUIRE(n > 0 && n < MPP_TEXT_MAX, MPP_ERR_CONFIG, "a path of more than %d characters",
              MPP_TEXT_MAX - 1);
done:
  return st;
}

static mpp_status read_triple(mpp_data_entry *out, const mpp_yaml_node *triple,
                              const mpp_yaml_node *map, const char *path)
{
  mpp_status st = MPP_OK;
  char place[MPP_PLACE_MAX];
  bool good = triple->kind == MPP_YAML_LIST && triple->count == 3;
  for (size_t i = 0; i < 3 && good; i++) { good = triple->value[i]->kind == MPP_YAML_SCALAR; }
  MPP_REQUIRE(good && triple->value[0]->text[0] != '\0', MPP_ERR_CONFIG,
              "%s: expected ['folder', 'type', 'part of the path']",
              mpp_config_place(place, path, triple));
  MPP_TRY(check_type(triple->value[1], map, path));
  *out = (mpp_data_entry){.weight = 1.0};
  st =
      find_files(out->path, triple->value[0]->text, triple->value[1]->text, triple->value[2]->text);
  if (st != MPP_OK) {
    st = mpp_fail_prefix(st, "%s", mpp_config_place(place, path, triple));
  }
done:
  return st;
}

static mpp_status read_list(mpp_data_entry out[MPP_LIST_MAX], size_t *count,
                            const mpp_yaml_node *list, const mpp_yaml_node *map, const char *path)
{
  mpp_status st = MPP_OK;
  char place[MPP_PLACE_MAX];
  MPP_REQUIRE(list->kind == MPP_YAML_LIST && list->count >= 1 && list->count <= MPP_LIST_MAX,
              MPP_ERR_CONFIG, "%s: expected a list of 1 to %d datasets",
              mpp_config_place(place, path, list), MPP_LIST_MAX);
  for (size_t i = 0; i < list->count; i++) {
    MPP_TRY(read_triple(&out[i], list->value[i], map, path));
  }
  *count = list->count;
done:
  return st;
}

static bool holds(const mpp_data_entry *entries, size_t count, const char *path)
{
  for (size_t i = 0; i < count; i++) {
    if (strcmp(entries[i].path, path) == 0) {
      return true;
    }
  }
  return false;
}

mpp_status mpp_published_data(mpp_published *p, const mpp_yaml_node *map, const char *path)
{
  mpp_status st = MPP_OK;
  char place[MPP_PLACE_MAX];
  static const mpp_data_entry none;
  mpp_data_entry valid[MPP_LIST_MAX];
  size_t nvalid = 0, same = 0;
  const mpp_yaml_node *train = mpp_yaml_get(map, "train_data_paths");
  const mpp_yaml_node *other = mpp_yaml_get(map, "valid_data_paths");
  MPP_REQUIRE(train != NULL, MPP_ERR_CONFIG, "%s: 'train_data_paths' is missing",
              mpp_config_place(place, path, map));
  valid[0] = none;
  MPP_TRY(read_list(p->data, &p->ndata, train, map, path));
  if (other == NULL) {
    goto done;
  }
  MPP_TRY(read_list(valid, &nvalid, other, map, path));
  for (size_t i = 0; i < nvalid; i++) { same += holds(p->data, p->ndata, valid[i].path) ? 1 : 0; }
  MPP_REQUIRE(same == nvalid && nvalid == p->ndata, MPP_ERR_CONFIG,
              "%s: 'valid_data_paths': found other datasets than in train_data_paths; validation "
              "takes the validation part of each dataset that is trained on",
              mpp_config_place(place, path, other));
done:
  return st;
}
