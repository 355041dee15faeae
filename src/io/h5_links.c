/* h5_links.c - links that lead out of a file, or round in it. */
#include <string.h>

#include "h5.h"
#include "h5_private.h"

enum { DEEPEST = 64 };

typedef struct walk {
  const char *path;
  mpp_status st;
} walk;

/* The object that a link leads to is a group; *links: hard links to it. */
static bool is_group(unsigned *links, hid_t from, const char *name)
{
#if H5_VERSION_GE(1, 12, 0)
  H5O_info2_t info;
  const herr_t rc = H5Oget_info_by_name3(from, name, &info, H5O_INFO_BASIC, mpp_h5_links);
#else
  H5O_info_t info;
  const herr_t rc = H5Oget_info_by_name2(from, name, &info, H5O_INFO_BASIC, mpp_h5_links);
#endif
  *links = rc >= 0 ? info.rc : 0;
  return rc >= 0 && info.type == H5O_TYPE_GROUP;
}

static int depth_of(const char *name)
{
  int depth = 0;
  for (const char *at = name; (at = strchr(at, '/')) != NULL; at++) { depth++; }
  return depth;
}

/* A link that dangles leads nowhere. A damaged group may have more links than it says: a round of
 * them is found by its depth. */
static herr_t judge(hid_t from, const char *name, const H5L_info_t *info, void *context)
{
  walk *w = context;
  unsigned links = 0;
  if (info->type != H5L_TYPE_HARD && info->type != H5L_TYPE_SOFT) {
    w->st = mpp_fail(MPP_ERR_DATA, "%s: %s: is a link to another file, which is not supported",
                     w->path, name);
  } else if (is_group(&links, from, name) && (info->type == H5L_TYPE_SOFT || links > 1)) {
    w->st = mpp_fail(MPP_ERR_DATA, "%s: %s: is a second link to a group, which is not supported",
                     w->path, name);
  } else if (depth_of(name) > DEEPEST) {
    w->st = mpp_fail(MPP_ERR_DATA, "%s: %.80s...: groups are more than %d deep", w->path, name,
                     DEEPEST);
  }
  return w->st == MPP_OK ? 0 : 1;
}

mpp_status mpp_h5_check_links(hid_t file, const char *path)
{
  mpp_status st = MPP_OK;
  walk w = {.path = path, .st = MPP_OK};
  mpp_h5_lock();
  MPP_H5(H5Lvisit(file, H5_INDEX_NAME, H5_ITER_INC, judge, &w), MPP_ERR_DATA, "%s: links: %s", path,
         mpp_h5_reason());
  st = w.st;
done:
  mpp_h5_unlock();
  return st;
}
