/* test_yaml_tree.c - trees, merge keys, positions in messages, and files that would eat the
 * machine. */
#include "test.h"

#include "yaml_tree.h"

#include "file.h"

static mpp_status parse(mpp_yaml **y, const char *text)
{
  return mpp_yaml_parse(y, text, strlen(text), "c.yaml");
}

/* Text of a scalar under a path of keys and indices: "a.b.0". */
static const char *text_at(const mpp_yaml *y, const char *path)
{
  char part[64];
  const mpp_yaml_node *n = mpp_yaml_root(y);
  while (n != NULL && *path != '\0') {
    const size_t length = strcspn(path, ".");
    snprintf(part, sizeof part, "%.*s", (int)length, path);
    if (n->kind == MPP_YAML_LIST) {
      const size_t i = strtoul(part, NULL, 10);
      n = i < n->count ? n->value[i] : NULL;
    } else {
      n = mpp_yaml_get(n, part);
    }
    path += length + (path[length] == '.');
  }
  return n != NULL && n->kind == MPP_YAML_SCALAR ? n->text : "(none)";
}

static void maps_lists_and_texts_make_a_tree(void)
{
  mpp_yaml *y = NULL;
  REQUIRE_OK(parse(&y, "# a comment\n"
                       "steps: 100\n"
                       "name: 'single: quoted'\n"
                       "data:\n"
                       "  - path: a.h5\n"
                       "    weight: 2\n"
                       "  - [b.h5, \"c \\u00e4\"]\n"
                       "empty:\n"
                       "flow: {x: 1, y: [2, 3]}\n"
                       "flag: !!bool True\n"));
  CU_ASSERT_STRING_EQUAL(text_at(y, "steps"), "100");
  CU_ASSERT_STRING_EQUAL(text_at(y, "name"), "single: quoted");
  CU_ASSERT_STRING_EQUAL(text_at(y, "data.0.weight"), "2");
  CU_ASSERT_STRING_EQUAL(text_at(y, "data.1.1"), "c \xc3\xa4");
  CU_ASSERT_STRING_EQUAL(text_at(y, "empty"), "");
  CU_ASSERT_STRING_EQUAL(text_at(y, "flow.y.1"), "3");
  CU_ASSERT_STRING_EQUAL(text_at(y, "flag"), "True");
  CU_ASSERT_STRING_EQUAL(text_at(y, "missing"), "(none)");
  const mpp_yaml_node *data = mpp_yaml_get(mpp_yaml_root(y), "data");
  CU_ASSERT_PTR_NOT_NULL_FATAL(data);
  CU_ASSERT(data->kind == MPP_YAML_LIST && data->count == 2);
  const mpp_yaml_node *weight = mpp_yaml_get(data->value[0], "weight");
  CU_ASSERT(weight->line == 6 && weight->column == 13);
  CU_ASSERT(data->value[0]->key[1]->line == 6 && data->value[0]->key[1]->column == 5);
  CU_ASSERT_PTR_NULL(mpp_yaml_get(data, "weight")); /* no map */
  mpp_yaml_free(y);
  mpp_yaml_free(NULL);
}

/* The manner of the published configuration files. */
static void merge_keys_lend_what_a_map_lacks(void)
{
  mpp_yaml *y = NULL;
  REQUIRE_OK(parse(&y, "base: &base {a: 1, b: 2, c: 3}\n"
                       "more: &more {c: 30, d: 40}\n"
                       "one:\n  <<: *base\n  b: own\n"
                       "two:\n  d: own\n  <<: [*more, *base]\n"
                       "three: &three {<<: *base, e: 5}\n"
                       "four: {<<: *three}\n"
                       "quoted: {'<<': text}\n"));
  CU_ASSERT_STRING_EQUAL(text_at(y, "one.a"), "1");
  CU_ASSERT_STRING_EQUAL(text_at(y, "one.b"), "own"); /* own keys win wherever they stand */
  CU_ASSERT_STRING_EQUAL(text_at(y, "one.c"), "3");
  CU_ASSERT_EQUAL(mpp_yaml_get(mpp_yaml_root(y), "one")->count, 3);
  CU_ASSERT_STRING_EQUAL(text_at(y, "two.d"), "own");
  CU_ASSERT_STRING_EQUAL(text_at(y, "two.c"), "30"); /* the earlier map wins */
  CU_ASSERT_STRING_EQUAL(text_at(y, "two.a"), "1");
  CU_ASSERT_STRING_EQUAL(text_at(y, "four.e"), "5");
  CU_ASSERT_STRING_EQUAL(text_at(y, "four.a"), "1");
  CU_ASSERT_STRING_EQUAL(text_at(y, "quoted.<<"), "text");
  mpp_yaml_free(y);
}

static void aliases_stand_for_what_they_name(void)
{
  mpp_yaml *y = NULL;
  REQUIRE_OK(parse(&y, "a: &x 1\nb: *x\nc: &x 2\nd: *x\ne: &l [1, 2]\nf: [*l, *l]\n"));
  CU_ASSERT_STRING_EQUAL(text_at(y, "b"), "1");
  CU_ASSERT_STRING_EQUAL(text_at(y, "d"), "2");
  CU_ASSERT_STRING_EQUAL(text_at(y, "f.1.1"), "2");
  mpp_yaml_free(y);
}

static void faults_are_reported_with_line_and_column(void)
{
  static const struct {
    const char *text, *message;
  } bad[] = {
      {"", "c.yaml:1:1: is empty, expected a map of keys"},
      {"# nothing\n", "is empty, expected a map of keys"},
      {"just text\n", "c.yaml:1:1: expected a map of keys"},
      {"- a\n- b\n", "c.yaml:1:1: expected a map of keys"},
      {"a: 1\nb: 2\na: 3\n", "c.yaml:3:1: duplicate key 'a'"},
      {"a: 1\nb: {c: 1, c: 2}\n", "c.yaml:2:11: duplicate key 'c'"},
      {"a: [1, 2\nb: 3\n", "c.yaml:2:2: "},
      {"a: 'open\n", "c.yaml:2:1: found unexpected end of stream"},
      {"a: *none\n", "c.yaml:1:4: unknown anchor 'none'"},
      {"a: &self [*self]\n", "c.yaml:1:11: unknown anchor 'self'"},
      {"a: 1\n---\nb: 2\n", "c.yaml:2:1: a second document, expected one"},
      {"[a]: 1\n", "c.yaml:1:1: a key is no text"},
      {"a: {<<: 3}\n", "c.yaml:1:9: '<<' takes a map or a list of maps"},
      {"b: &b {x: 1}\na:\n  <<: *b\n  <<: *b\n", "c.yaml:4:3: duplicate key '<<'"},
      {"a: !!python/object:os.system x\n", "c.yaml:1:4: unknown tag 'tag:yaml.org,2002:python/"},
      {"a: !mine x\n", "c.yaml:1:4: unknown tag '!mine'"},
      {"a: \"x\\0y\"\n", "c.yaml:1:4: a text holds the character NUL"},
      {"a: \xff\xfe\n", "c.yaml: byte 3: "},
      {"a:\tb: c\n", "c.yaml:1:"},
      {"\x01: 1\n", "c.yaml: byte 0: control characters are not allowed"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    mpp_yaml *y = NULL;
    ASSERT_STATUS(parse(&y, bad[i].text), MPP_ERR_CONFIG);
    ASSERT_MESSAGE(bad[i].message);
    CU_ASSERT_PTR_NULL(y);
  }
}

static void deep_nesting_is_refused_at_once(void)
{
  enum { MANY = 200000 };
  static char text[MANY + 8] = "a: ";
  mpp_yaml *y = NULL;
  memset(text + 3, '[', MANY);
  ASSERT_STATUS(parse(&y, text), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("c.yaml:1:35: nested more than 32 deep");
  memset(text + 3, '{', MANY);
  ASSERT_STATUS(parse(&y, text), MPP_ERR_CONFIG);
  REQUIRE_OK(parse(&y, "a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n"));
  mpp_yaml_free(y); /* 32 with the root */
}

static void aliases_that_multiply_are_refused(void)
{
  mpp_yaml *y = NULL;
  char *text = NULL;
  REQUIRE_OK(mpp_format(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"));
  for (int i = 1; i < 10; i++) {
    char *longer = NULL;
    REQUIRE_OK(mpp_format(&longer, "%sa%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n",
                          text, i, i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1));
    mpp_free(text);
    text = longer;
  }
  ASSERT_STATUS(parse(&y, text), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("more than 100000 values");
  mpp_free(text);
}

static void too_many_keys_are_refused(void)
{
  enum { KEYS = 1025 };
  static char text[KEYS * 12];
  size_t length = 0;
  mpp_yaml *y = NULL;
  for (int i = 0; i < KEYS; i++) {
    length += (size_t)snprintf(text + length, sizeof text - length, "k%d: 1\n", i);
  }
  ASSERT_STATUS(parse(&y, text), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("c.yaml:1025:1: more than 1024 keys in a map");
}

static void files_are_read_and_named(void)
{
  mpp_yaml *y = NULL;
  const char *path = test_path(0, "file.yaml");
  FILE *f = fopen(path, "w");
  CU_ASSERT_FATAL(f != NULL && fputs("a: 1\nb: [\n", f) >= 0 && fclose(f) == 0);
  ASSERT_STATUS(mpp_yaml_read(&y, path), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("file.yaml:3:1: ");
  f = fopen(path, "w");
  CU_ASSERT_FATAL(f != NULL && fputs("a: 1\n", f) >= 0 && fclose(f) == 0);
  REQUIRE_OK(mpp_yaml_read(&y, path));
  CU_ASSERT_STRING_EQUAL(text_at(y, "a"), "1");
  mpp_yaml_free(y);
  y = NULL;
  ASSERT_STATUS(mpp_yaml_read(&y, test_path(1, "none.yaml")), MPP_ERR_NOINPUT);
  CU_ASSERT_PTR_NULL(y);
}

static void a_text_cut_at_any_length_is_read_or_refused(void)
{
  char *text = NULL;
  size_t size = 0, refused = 0;
  REQUIRE_OK(mpp_read_text(&text, &size, MPP_TEST_DATA "/published_config.yaml", 1 << 16));
  for (size_t n = 0; n <= size; n++) {
    mpp_yaml *y = NULL;
    const mpp_status st = mpp_yaml_parse(&y, text, n, "c.yaml");
    CU_ASSERT(st == (y != NULL ? MPP_OK : MPP_ERR_CONFIG));
    refused += st != MPP_OK;
    mpp_yaml_free(y);
  }
  CU_ASSERT(refused > size / 8 && refused < size);
  mpp_free(text);
  CU_ASSERT_EQUAL(mpp_alloc_live(), 0);
}

static void every_fallible_call_may_fail(void)
{
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    mpp_yaml *y = NULL;
    const mpp_status st =
        TEST_FAULT(&faults, parse(&y, "a: &x {b: 1, c: [1, 2]}\nd: {<<: *x, e: f}\n"));
    CU_ASSERT(st == MPP_OK || st == MPP_ERR_NOMEM);
    CU_ASSERT((st == MPP_OK) == (y != NULL));
    mpp_yaml_free(y);
  }
  CU_ASSERT(faults.failed >= 25);
}

TESTS({"maps, lists and texts make a tree", maps_lists_and_texts_make_a_tree},
      {"merge keys lend what a map lacks", merge_keys_lend_what_a_map_lacks},
      {"aliases stand for what they name", aliases_stand_for_what_they_name},
      {"faults are reported with line and column", faults_are_reported_with_line_and_column},
      {"deep nesting is refused at once", deep_nesting_is_refused_at_once},
      {"aliases that multiply are refused", aliases_that_multiply_are_refused},
      {"too many keys are refused", too_many_keys_are_refused},
      {"a text cut at any length is read or refused", a_text_cut_at_any_length_is_read_or_refused},
      {"files are read and named", files_are_read_and_named},
      {"every fallible call may fail", every_fallible_call_may_fail})
