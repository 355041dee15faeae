/* test_manifest.c - sizes and digests written down, and files that changed afterwards. */
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "mpp/info.h"
#include "test.h"

static char folder[512], manifest[700], one[600], two[600];

static void write_text(const char *path, const char *text)
{
  FILE *f = fopen(path, "wb");
  CU_ASSERT_PTR_NOT_NULL_FATAL(f);
  fputs(text, f);
  fclose(f);
}

static void set_up(void)
{
  snprintf(folder, sizeof folder, "%s", test_path(0, "data"));
  snprintf(manifest, sizeof manifest, "%s/manifest.json", folder);
  snprintf(one, sizeof one, "%s/one.h5", folder);
  snprintf(two, sizeof two, "%s/two.h5", folder);
  mkdir(folder, 0700);
  write_text(one, "abc");
  write_text(two, "two");
  const char *const data[] = {folder};
  REQUIRE_OK(mpp_manifest_write(manifest, data, 1, true, NULL));
}

static mpp_finding_kind last_kind;

static void note(void *context, const mpp_finding *f)
{
  (void)context;
  last_kind = f->kind;
  CU_ASSERT(f->fault && f->whole && f->text[0] != '\0');
}

static size_t differences(void)
{
  const mpp_check_observer observer = {note, NULL, NULL};
  mpp_check_summary s;
  size_t files = 0;
  last_kind = MPP_FINDINGS;
  REQUIRE_OK(mpp_manifest_verify(&s, &files, manifest, &observer));
  CU_ASSERT_EQUAL(files, 2);
  CU_ASSERT_EQUAL(s.faults, s.found[MPP_FOUND_MISSING] + s.found[MPP_FOUND_CHANGED]);
  return s.faults;
}

/* The digest is xxHash's own test vector of "abc" (XXH3, 128 bits, no seed: `xxh128sum`). */
static void a_manifest_has_names_below_its_folder_sizes_and_digests(void)
{
  char *text = NULL;
  size_t size = 0;
  set_up();
  REQUIRE_OK(mpp_read_text(&text, &size, manifest, 4096));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"path\":\"one.h5\",\"bytes\":3,"
                                      "\"digest\":\"xxh3-128:06b05ab6733a618578af5f94892f3950\""));
  mpp_free(text);
}

static void files_that_changed_or_went_are_found(void)
{
  set_up();
  CU_ASSERT_EQUAL(differences(), 0);
  write_text(one, "abd");
  CU_ASSERT(differences() == 1 && last_kind == MPP_FOUND_CHANGED);
  write_text(one, "abcd");
  CU_ASSERT(differences() == 1 && last_kind == MPP_FOUND_CHANGED);
  unlink(one);
  CU_ASSERT(differences() == 1 && last_kind == MPP_FOUND_MISSING);
}

static void a_folder_can_be_moved_with_its_manifest(void)
{
  char moved[600];
  set_up();
  snprintf(moved, sizeof moved, "%s-moved", folder);
  CU_ASSERT_EQUAL_FATAL(rename(folder, moved), 0);
  snprintf(manifest, sizeof manifest, "%s/manifest.json", moved);
  CU_ASSERT_EQUAL(differences(), 0);
  CU_ASSERT_EQUAL(rename(moved, folder), 0);
}

static void what_is_no_manifest_is_refused(void)
{
  mpp_check_summary s = {.faults = 99};
  size_t files = 99;
  set_up();
  const char *const data[] = {one}, *const none[] = {"/no/such.h5"};
  ASSERT_STATUS(mpp_manifest_write(manifest, data, 1, false, NULL), MPP_ERR_EXISTS);
  ASSERT_STATUS(mpp_manifest_write(test_path(1, "m.json"), none, 1, false, NULL), MPP_ERR_NOINPUT);
  CU_ASSERT_EQUAL(access(test_path(1, "m.json"), F_OK), -1);
  ASSERT_STATUS(mpp_manifest_verify(&s, &files, one, NULL), MPP_ERR_DATA);
  ASSERT_STATUS(mpp_manifest_verify(&s, &files, "/no/such.json", NULL), MPP_ERR_NOINPUT);
  write_text(manifest, "{\"format\":\"mpp-manifest\",\"files\":[{\"path\":\"one.h5\"}]}");
  ASSERT_STATUS(mpp_manifest_verify(&s, &files, manifest, NULL), MPP_ERR_DATA);
  ASSERT_MESSAGE("lacks path, bytes or digest");
  write_text(manifest,
             "{\"format\":\"mpp-manifest\",\"files\":[{\"path\":\"one.h5\",\"bytes\":3}]}");
  ASSERT_STATUS(mpp_manifest_verify(&s, &files, manifest, NULL), MPP_ERR_DATA);
  ASSERT_MESSAGE("lacks path, bytes or digest");
  write_text(manifest, "{\"format\":\"other\",\"files\":[]}");
  ASSERT_STATUS(mpp_manifest_verify(&s, &files, manifest, NULL), MPP_ERR_DATA);
  ASSERT_MESSAGE("is no manifest");
  CU_ASSERT(s.faults == 99 && files == 99);
}

static void every_fallible_call_may_fail(void)
{
  const char *const data[] = {folder};
  set_up();
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    TEST_FAULT(&faults, mpp_manifest_write(manifest, data, 1, true, NULL));
  }
  CU_ASSERT(faults.failed >= 10);
}

static void files_that_are_not_as_noted_are_told_in_spite_of_failures(void)
{
  const mpp_check_observer silent = {.progress = NULL};
  const char *const data[] = {folder};
  mpp_check_summary s = {.faults = 0};
  mpp_status st = MPP_ERR_NOMEM;
  size_t files = 0;
  long n = 0;
  set_up();
  REQUIRE_OK(mpp_manifest_write(manifest, data, 1, true, &silent));
  write_text(one, "longer than it was");
  const long live = mpp_alloc_live();
  for (; st != MPP_OK && n < 200; n++) {
    mpp_fault_after(n);
    st = mpp_manifest_verify(&s, &files, manifest, &silent);
    mpp_fault_after(-1);
    CU_ASSERT_EQUAL(mpp_alloc_live(), live);
  }
  ASSERT_OK(st);
  CU_ASSERT_EQUAL(s.faults, 1);
}

TESTS({"a manifest has names below its folder, sizes and digests",
       a_manifest_has_names_below_its_folder_sizes_and_digests},
      {"files that changed or went are found", files_that_changed_or_went_are_found},
      {"a folder can be moved with its manifest", a_folder_can_be_moved_with_its_manifest},
      {"what is no manifest is refused", what_is_no_manifest_is_refused},
      {"every fallible call may fail", every_fallible_call_may_fail},
      {"files that are not as noted are told in spite of failures",
       files_that_are_not_as_noted_are_told_in_spite_of_failures})
