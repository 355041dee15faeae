/* test_writer_groups.c - what a file with one group a trajectory says of itself. */
#include "h5.h"
#include "test.h"

static const double centres[2] = {0.5, 1.5}, times[3] = {0.0, 1.0, 2.0};

static mpp_writer_options options_of(const char *path, size_t ntrajectories)
{
  return (mpp_writer_options){.path = path,
                              .layout = "pdebench-groups",
                              .nfields = 1,
                              .field = {"h"},
                              .ntrajectories = ntrajectories,
                              .nframes = 3,
                              .grid = {1, 1, 2},
                              .axis = {"", "", "x"},
                              .coordinate = {NULL, NULL, centres},
                              .time = times};
}

/* The `config` text of the first group, from a file written with these notes. */
static void expect_config(const mpp_note *notes, size_t nnotes, const char *expected)
{
  static const float x[6];
  mpp_writer *w = NULL;
  hid_t file = -1;
  char *text = NULL;
  const mpp_writer_options o = options_of(test_path(0, "config.h5"), 1);
  REQUIRE_OK(mpp_writer_create(&w, &o));
  REQUIRE_OK(mpp_writer_append(w, x, NULL, notes, nnotes));
  REQUIRE_OK(mpp_writer_finish(w));
  REQUIRE_OK(mpp_h5_open(&file, o.path));
  REQUIRE_OK(mpp_h5_attribute_text(&text, file, o.path, "0000", "config"));
  CU_ASSERT_STRING_EQUAL(text, expected);
  if (strcmp(text, expected) != 0) {
    fprintf(stderr, "\nfound:\n%sexpected:\n%s", text, expected);
  }
  mpp_free(text);
  mpp_h5_close(file);
  remove(o.path);
}

static void notes_are_lines_of_yaml(void)
{
  static const mpp_note notes[] = {{"Du", "", 1e-3},
                                   {"eta", "", 1e-8},
                                   {"seed", "", 7},
                                   {"third", "", 1.0 / 3.0},
                                   {"name", "radial dam break", 0}};
  /* 1/3 needs 16 digits to read back to the same double; 1e-8 has a point for YAML 1.1 */
  expect_config(notes, 5,
                "Du: 0.001\neta: 1.0e-08\nseed: 7\nthird: 0.3333333333333333\n"
                "name: radial dam break\n");
}

static void text_that_yaml_would_take_for_something_else_is_quoted(void)
{
  static const mpp_note notes[] = {
      {"a", "no", 0},         {"b", "12", 0},         {"c", "x: y", 0},
      {"d", "\"q\" \\", 0},   {"e", "two\nlines", 0}, {"on", "trailing ", 0},
      {"f: g", "", INFINITY}, {"h", "", -INFINITY},   {"i", "", NAN}};
  expect_config(notes, 9,
                "a: \"no\"\nb: \"12\"\nc: \"x: y\"\nd: \"\\\"q\\\" \\\\\"\n"
                "e: \"two\\x0alines\"\n\"on\": \"trailing \"\n\"f: g\": .inf\nh: -.inf\ni: .nan\n");
}

static void no_notes_are_an_empty_text(void) { expect_config(NULL, 0, ""); }

static void the_longest_note_is_not_cut(void)
{
  mpp_note note = {.key = ""};
  char expected[4 * sizeof note] = "";
  memset(note.key, 1, sizeof note.key - 1);
  memset(note.text, 2, sizeof note.text - 1);
  char *at = expected;
  *at++ = '"';
  for (size_t i = 0; i + 1 < sizeof note.key; i++) { at += sprintf(at, "\\x01"); }
  at += sprintf(at, "\": \"");
  for (size_t i = 0; i + 1 < sizeof note.text; i++) { at += sprintf(at, "\\x02"); }
  sprintf(at, "\"\n");
  expect_config(&note, 1, expected);
}

/* Names of the first and the last of `count` groups, as a reader sorts them. */
static void expect_groups(size_t count, const char *first, const char *last)
{
  static const float x[6] = {1, 2, 3, 4, 5, 6};
  mpp_writer *w = NULL;
  char **names = NULL;
  size_t found = 0;
  hid_t file = -1;
  const mpp_writer_options o = options_of(test_path(0, "names.h5"), count);
  REQUIRE_OK(mpp_writer_create(&w, &o));
  for (size_t i = 0; i < count; i++) { REQUIRE_OK(mpp_writer_append(w, x, NULL, NULL, 0)); }
  REQUIRE_OK(mpp_writer_finish(w));
  REQUIRE_OK(mpp_h5_open(&file, o.path));
  REQUIRE_OK(mpp_h5_members(&names, &found, file, o.path, "/"));
  CU_ASSERT_EQUAL_FATAL(found, count);
  CU_ASSERT_STRING_EQUAL(names[0], first);
  CU_ASSERT_STRING_EQUAL(names[count - 1], last);
  mpp_h5_members_free(names, count);
  mpp_h5_close(file);
  remove(o.path);
}

static void groups_sort_by_name_in_the_order_of_writing(void)
{
  expect_groups(3, "0000", "0002"); /* PDEBench's four digits */
  expect_groups(10001, "00000", "10000");
}

static void notes_of_the_file_are_attributes_of_its_root(void)
{
  static const float x[6];
  static const mpp_note notes[] = {{"solver", "mpp 0.1", 0}, {"drift", "", 1e-16}};
  mpp_writer *w = NULL;
  hid_t file = -1;
  char *text = NULL;
  double drift = 0.0;
  const mpp_writer_options o = options_of(test_path(0, "root.h5"), 1);
  REQUIRE_OK(mpp_writer_create(&w, &o));
  REQUIRE_OK(mpp_writer_append(w, x, NULL, NULL, 0));
  REQUIRE_OK(mpp_writer_notes(w, notes, 2)); /* after the data: drift is known at the end */
  REQUIRE_OK(mpp_writer_finish(w));
  REQUIRE_OK(mpp_h5_open(&file, o.path));
  REQUIRE_OK(mpp_h5_attribute_text(&text, file, o.path, "/", "solver"));
  REQUIRE_OK(mpp_h5_attribute_f64(&drift, file, o.path, "/", "drift"));
  CU_ASSERT_STRING_EQUAL(text, "mpp 0.1");
  CU_ASSERT_EQUAL(drift, 1e-16);
  mpp_free(text);
  mpp_h5_close(file);
}

TESTS({"notes are lines of YAML", notes_are_lines_of_yaml},
      {"text that YAML would take for something else is quoted",
       text_that_yaml_would_take_for_something_else_is_quoted},
      {"no notes are an empty text", no_notes_are_an_empty_text},
      {"the longest note is not cut", the_longest_note_is_not_cut},
      {"groups sort by name in the order of writing", groups_sort_by_name_in_the_order_of_writing},
      {"notes of the file are attributes of its root",
       notes_of_the_file_are_attributes_of_its_root})
