/* test_probe.c - files that break HDF5 break a child only. */
#include "probe.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

#include "h5.h"
#include "pdebench.h"

static const mpp_data_request none = {.origin = "the command line", .code = MPP_ERR_USAGE};

static void a_good_file_passes(void)
{
  bool probed = false;
  REQUIRE_OK(mpp_data_file_probe(&probed, FIXTURE("groups_swe.h5"), &none));
  CU_ASSERT_TRUE(probed);
}

static void the_childs_refusal_comes_back_with_its_words(void)
{
  bool probed = false;
  ASSERT_STATUS(mpp_data_file_probe(&probed, FIXTURE("bad_rank.h5"), &none), MPP_ERR_DATA);
  ASSERT_MESSAGE("bad_rank.h5: 0000/data: found 2 axes, expected 3 to 5");
  ASSERT_STATUS(mpp_data_file_probe(&probed, "/no/such/file", &none), MPP_ERR_NOINPUT);
  ASSERT_MESSAGE("/no/such/file: no such file");
}

/* HDF5 1.10 divides by the zero in this file; later releases refuse it. */
static void a_file_that_kills_hdf5_is_refused(void)
{
  mpp_dataset *d = NULL;
  ASSERT_STATUS(mpp_dataset_open(&d, FIXTURE("bad_chunk_of_none.h5"), NULL), MPP_ERR_DATA);
  ASSERT_MESSAGE("bad_chunk_of_none.h5: ");
  CU_ASSERT_PTR_NULL(d);
}

static atomic_bool stop;

static void *hold_the_lock_often(void *unused)
{
  while (!atomic_load(&stop)) {
    mpp_h5_lock();
    mpp_h5_unlock();
  }
  return unused;
}

/* A child forked while another thread has the lock can never take it. */
static void a_thread_that_uses_hdf5_does_not_hang_the_child(void)
{
  pthread_t thread;
  CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, hold_the_lock_often, NULL), 0);
  bool probed = false;
  ASSERT_OK(mpp_data_file_probe(&probed, FIXTURE("groups_swe.h5"), &none));
  atomic_store(&stop, true);
  pthread_join(thread, NULL);
}

/* Where SIGCHLD is ignored the system reaps children itself. */
static void children_that_are_not_waited_for_do_no_harm(void)
{
  void (*before)(int) = signal(SIGCHLD, SIG_IGN);
  bool probed = false;
  ASSERT_OK(mpp_data_file_probe(&probed, FIXTURE("groups_swe.h5"), &none));
  ASSERT_STATUS(mpp_data_file_probe(&probed, FIXTURE("bad_rank.h5"), &none), MPP_ERR_DATA);
  signal(SIGCHLD, before);
  CU_ASSERT_TRUE(probed);
}

/* A pipe takes two descriptors, the file one. */
static void without_a_child_the_dataset_is_opened_all_the_same(void)
{
  struct rlimit before, limit;
  mpp_dataset *d = NULL;
  bool probed = true;
  const int next = dup(0);
  close(next);
  getrlimit(RLIMIT_NOFILE, &before);
  limit = (struct rlimit){(rlim_t)next + 1, before.rlim_max};
  CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_NOFILE, &limit), 0);
  const mpp_status st = mpp_data_file_probe(&probed, FIXTURE("groups_swe.h5"), &none);
  const mpp_status opened = mpp_dataset_open(&d, FIXTURE("groups_swe.h5"), NULL);
  const mpp_status differ =
      mpp_dataset_open(&(mpp_dataset *){NULL}, FIXTURE("bad_groups_differ.h5"), NULL);
  setrlimit(RLIMIT_NOFILE, &before);
  CU_ASSERT_EQUAL(st, MPP_OK);
  CU_ASSERT_FALSE(probed);
  CU_ASSERT_EQUAL(opened, MPP_OK);
  CU_ASSERT_EQUAL(differ, MPP_ERR_DATA); /* the parent looks at all groups then */
  mpp_dataset_close(d);
}

TESTS({"a good file passes", a_good_file_passes},
      {"the child's refusal comes back with its words",
       the_childs_refusal_comes_back_with_its_words},
      {"a file that kills HDF5 is refused", a_file_that_kills_hdf5_is_refused},
      {"a thread that uses HDF5 does not hang the child",
       a_thread_that_uses_hdf5_does_not_hang_the_child},
      {"without a child the dataset is opened all the same",
       without_a_child_the_dataset_is_opened_all_the_same},
      {"children that are not waited for do no harm", children_that_are_not_waited_for_do_no_harm})
