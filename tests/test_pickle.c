/* test_pickle.c - pickles are read as values, and nothing in them happens. */
#include <unistd.h>

#include "pickle.h"
#include "test.h"

#define BYTES(text) (text), sizeof(text) - 1

static mpp_status read_bytes(mpp_pickle **out, const char *bytes, size_t size)
{
  return mpp_pickle_read(out, bytes, size, "test.pkl");
}

static void refused(const char *bytes, size_t size, const char *message)
{
  mpp_pickle *p = NULL;
  ASSERT_STATUS(read_bytes(&p, bytes, size), MPP_ERR_DATA);
  ASSERT_MESSAGE(message);
  CU_ASSERT_PTR_NULL(p);
}

/* What Python's pickle.dumps({"a": [1, -2, 300, 70000], "b": (0.5, None, True), "c": 2**40}, 2)
 * gives. */
static void values_are_what_python_wrote(void)
{
  static const char bytes[] = "\x80\x02}q\x00(X\x01\x00\x00\x00"
                              "aq\x01]q\x02(K\x01J\xfe\xff\xff\xffM,\x01Jp\x11\x01\x00"
                              "eX\x01\x00\x00\x00"
                              "bq\x03G?\xe0\x00\x00\x00\x00\x00\x00N\x88\x87q\x04X\x01\x00\x00\x00"
                              "cq\x05\x8a\x06\x00\x00\x00\x00\x00\x01u.";
  static const int64_t numbers[] = {1, -2, 300, 70000};
  mpp_pickle *p = NULL;
  REQUIRE_OK(read_bytes(&p, bytes, sizeof bytes - 1));
  const mpp_pickle_value *root = mpp_pickle_root(p);
  const mpp_pickle_value *a = mpp_pickle_get(root, "a"), *b = mpp_pickle_get(root, "b");
  CU_ASSERT_PTR_NOT_NULL_FATAL(a);
  CU_ASSERT_PTR_NOT_NULL_FATAL(b);
  CU_ASSERT_EQUAL_FATAL(a->count, 4);
  for (size_t i = 0; i < 4; i++) { CU_ASSERT_EQUAL(a->item[i]->number, numbers[i]); }
  CU_ASSERT(b->kind == MPP_PICKLE_TUPLE && b->count == 3 && b->item[0]->real == 0.5);
  CU_ASSERT(b->item[1]->kind == MPP_PICKLE_NONE && b->item[2]->number == 1);
  CU_ASSERT_EQUAL(mpp_pickle_get(root, "c")->number, (int64_t)1 << 40);
  CU_ASSERT_PTR_NULL(mpp_pickle_get(root, "d"));
  mpp_pickle_free(p);
}

/* A call stays a record: here of os.system. */
static void nothing_is_called(void)
{
  static const char bytes[] = "\x80\x02"
                              "cos\nsystem\nX\x15\x00\x00\x00touch /tmp/mpp-pickle\x85R.";
  mpp_pickle *p = NULL;
  REQUIRE_OK(read_bytes(&p, bytes, sizeof bytes - 1));
  const mpp_pickle_value *root = mpp_pickle_root(p);
  CU_ASSERT_EQUAL(root->kind, MPP_PICKLE_CALL);
  CU_ASSERT_STRING_EQUAL(root->item[0]->text, "os system");
  CU_ASSERT(!mpp_pickle_is_dict(root));
  CU_ASSERT_NOT_EQUAL(access("/tmp/mpp-pickle", F_OK), 0);
  mpp_pickle_free(p);
}

static void an_ordered_dict_is_a_dict(void)
{
  static const char bytes[] = "\x80\x02"
                              "ccollections\nOrderedDict\n)R(X\x01\x00\x00\x00kK\x07u.";
  mpp_pickle *p = NULL;
  REQUIRE_OK(read_bytes(&p, bytes, sizeof bytes - 1));
  CU_ASSERT(mpp_pickle_is_dict(mpp_pickle_root(p)));
  CU_ASSERT_EQUAL(mpp_pickle_get(mpp_pickle_root(p), "k")->number, 7);
  mpp_pickle_free(p);
}

static void opcodes_that_weights_do_not_need_are_refused(void)
{
  refused(BYTES("\x80\x02(ios\nsystem\n."), "opcode 0x69");         /* INST */
  refused(BYTES("\x80\x02(o."), "opcode 0x6f");                     /* OBJ */
  refused(BYTES("\x80\x02))\x81."), "opcode 0x81");                 /* NEWOBJ */
  refused(BYTES("\x80\x02\x82\x01."), "opcode 0x82");               /* EXT1 */
  refused(BYTES("\x80\x02U\x02osU\x06system\x93."), "opcode 0x93"); /* STACK_GLOBAL */
  refused(BYTES("\x80\x02]0."), "opcode 0x30");                     /* POP */
  refused(BYTES("\x80\x02P1\n."), "opcode 0x50");                   /* PERSID */
}

static void what_is_not_there_is_not_taken(void)
{
  refused(BYTES("\x80\x02(."), "takes a value that is not there");
  refused(BYTES(""), "no pickle of protocol 2");
  refused(BYTES("\x80\x04N."), "no pickle of protocol 2");
  refused(BYTES("\x80\x02."), "takes a value");
  refused(BYTES("\x80\x02R."), "takes a value");
  refused(BYTES("\x80\x02NR."), "takes a value");
  refused(BYTES("\x80\x02(NR."), "takes a value"); /* a mark is none */
  refused(BYTES("\x80\x02Nt."), "mark");
  refused(BYTES("\x80\x02N(Ne."), "takes none");
  refused(BYTES("\x80\x02](NNu."), "takes none");
  refused(BYTES("\x80\x02}(Nu."), "takes none"); /* a key without a value */
  refused(BYTES("\x80\x02h\x05."), "recalls");
  refused(BYTES("\x80\x02(q\x01."), "looks at");
  refused(BYTES("\x80\x02Nr\xff\xff\xff\x7f."), "memo");
  refused(BYTES("\x80\x02\x8a\x09\x01\x02\x03\x04\x05\x06\x07\x08\x09."), "8 bytes");
  refused(BYTES("\x80\x02X\x03\x00\x00\x00"
                "a\x00"
                "b."),
          "zero byte");
  refused(BYTES("\x80\x02X\xff\xff\xff\xff."), "ends within");
  refused(BYTES("\x80\x02"
                "cos\nsystem"),
          "ends within");
  refused(BYTES("\x80\x02N"), "no end");
}

/* A list that contains itself, and one that doubles itself at each step: values are shared, so both
 * stay small. */
/* More values, and a higher stack, than any checkpoint has. */
static void values_and_stack_are_counted(void)
{
  enum { MOST_VALUES = 1 << 22, MOST_STACK = 1 << 20, SIZE = 2 * MOST_VALUES + 16 };
  char *bytes = malloc(SIZE);
  CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
  bytes[0] = (char)0x80;
  bytes[1] = 2;
  bytes[2] = ']';
  for (size_t i = 3; i < SIZE; i++) { bytes[i] = i % 2 != 0 ? 'N' : 'a'; }
  refused(bytes, SIZE, "pickle of more than 4194304 values");
  memset(bytes + 2, 'N', MOST_STACK + 10);
  refused(bytes, MOST_STACK + 12, "stack of more than 1048576 values");
  free(bytes);
}

static void shared_values_stay_small(void)
{
  mpp_pickle *p = NULL;
  char bytes[4096];
  size_t n = 0;
  REQUIRE_OK(read_bytes(&p, BYTES("\x80\x02]q\x00h\x00"
                                  "a.")));
  CU_ASSERT_PTR_EQUAL(mpp_pickle_root(p)->item[0], mpp_pickle_root(p));
  mpp_pickle_free(p);
  p = NULL;
  n += (size_t)snprintf(bytes, sizeof bytes, "%s", "\x80\x02");
  bytes[n++] = ']';
  for (int i = 0; i < 200; i++) { /* 2^200 values if they were copied */
    bytes[n++] = 'q';
    bytes[n++] = 1;
    bytes[n++] = 'h';
    bytes[n++] = 1;
    bytes[n++] = (char)0x86;
  }
  bytes[n++] = '.';
  REQUIRE_OK(read_bytes(&p, bytes, n));
  CU_ASSERT_EQUAL(mpp_pickle_root(p)->count, 2);
  mpp_pickle_free(p);
}

static void failures_of_memory_leave_nothing(void)
{
  static const char bytes[] = "\x80\x02}q\x00(X\x01\x00\x00\x00k]q\x01(K\x01K\x02K\x03K\x04K\x05"
                              "eu.";
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    mpp_pickle *p = NULL;
    const mpp_status st = TEST_FAULT(&faults, read_bytes(&p, bytes, sizeof bytes - 1));
    CU_ASSERT(st == MPP_OK || st == MPP_ERR_NOMEM);
    mpp_pickle_free(p);
  }
  CU_ASSERT(faults.failed >= 5);
}

TESTS({"values are what Python wrote", values_are_what_python_wrote},
      {"nothing is called", nothing_is_called},
      {"an ordered dict is a dict", an_ordered_dict_is_a_dict},
      {"opcodes that weights do not need are refused",
       opcodes_that_weights_do_not_need_are_refused},
      {"what is not there is not taken", what_is_not_there_is_not_taken},
      {"values and stack are counted", values_and_stack_are_counted},
      {"shared values stay small", shared_values_stay_small},
      {"failures of memory leave nothing", failures_of_memory_leave_nothing})
