/* Animations: WebP decoded again; for MP4 the frames that ffmpeg is given. */
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <webp/demux.h>

#include "colormap.h"
#include "file.h"
#include "film.h"
#include "small_case.h"

enum { RATE = 20 };

static mpp_plot_options options_for(const char *data, const char *output)
{
  mpp_plot_options o;
  small_data(data, 1);
  REQUIRE_OK(mpp_options_defaults(&o, mpp_plot_table));
  snprintf(o.input, sizeof o.input, "%s", data);
  snprintf(o.output, sizeof o.output, "%s", output);
  o.size = 48;
  o.rate = RATE;
  o.overwrite = true;
  return o;
}

static void a_webp_has_every_frame_for_its_time(void)
{
  const char *path = test_path(1, "out.webp");
  const mpp_plot_options o = options_for(test_path(0, "data.h5"), path);
  char *bytes = NULL;
  size_t size = 0;
  WebPAnimDecoderOptions how;
  WebPAnimInfo info = {0};
  mpp_film frames;
  REQUIRE_OK(mpp_plot(&o));
  REQUIRE_OK(mpp_read_text(&bytes, &size, path, 1 << 24));
  CU_ASSERT_FATAL(WebPAnimDecoderOptionsInit(&how) != 0);
  how.color_mode = MODE_RGBA;
  const WebPData data = {(const uint8_t *)bytes, size};
  WebPAnimDecoder *decoder = WebPAnimDecoderNew(&data, &how);
  CU_ASSERT_FATAL(decoder != NULL && WebPAnimDecoderGetInfo(decoder, &info));
  CU_ASSERT_EQUAL(info.frame_count, SMALL_FRAMES);
  REQUIRE_OK(mpp_film_open(&frames, &o, 0));
  for (long k = 0; k < SMALL_FRAMES; k++) {
    mpp_plot_source s;
    uint8_t *rgba = NULL;
    int end = 0;
    long at[2];
    unsigned char rgb[3];
    CU_ASSERT_FATAL(WebPAnimDecoderGetNext(decoder, &rgba, &end) != 0);
    CU_ASSERT_EQUAL(end, (k + 1) * 1000 / RATE);
    REQUIRE_OK(mpp_film_read(&s, &frames, k));
    const mpp_panels p = mpp_panels_arrange(&s, o.size, true);
    mpp_panels_place(at, &p, 0, 0);
    mpp_color(rgb, (double)s.value[0], frames.scale[0].low, frames.scale[0].high, false);
    const long lower_left = (at[1] + p.height - 1) * info.canvas_width + at[0];
    CU_ASSERT_EQUAL(memcmp(rgba + 4 * lower_left, rgb, 3), 0);
    mpp_plot_source_free(&s);
  }
  CU_ASSERT(!WebPAnimDecoderHasMoreFrames(decoder));
  WebPAnimDecoderDelete(decoder);
  mpp_free(bytes);
}

/* A program of this name that keeps what it is given in the file that it is to write. */
static void put_ffmpeg(const char *folder, const char *script)
{
  char path[MPP_PATH_MAX];
  mkdir(folder, 0700);
  snprintf(path, sizeof path, "%s/ffmpeg", folder);
  REQUIRE_OK(mpp_write_text(path, script));
  CU_ASSERT_EQUAL_FATAL(chmod(path, 0700), 0);
  CU_ASSERT_EQUAL_FATAL(setenv("PATH", folder, 1), 0);
}

static bool no_child_is_left(void) { return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD; }

static void an_mp4_is_given_every_frame(void)
{
  const char *path = test_path(1, "out.mp4");
  char *old = strdup(getenv("PATH"));
  const mpp_plot_options o = options_for(test_path(0, "data.h5"), path);
  mpp_plot_source s;
  mpp_film frames;
  struct stat file;
  REQUIRE_OK(mpp_film_open(&frames, &o, 0));
  REQUIRE_OK(mpp_film_read(&s, &frames, 0));
  const mpp_panels p = mpp_panels_arrange(&s, o.size, true);
  mpp_plot_source_free(&s);
  put_ffmpeg(test_path(2, "bin"), "#!/bin/sh\nfor last; do :; done\nexec /bin/cat >\"$last\"\n");
  ASSERT_OK(mpp_plot(&o));
  CU_ASSERT(stat(path, &file) == 0 &&
            file.st_size == SMALL_FRAMES * p.all_width * p.all_height * 4);
  CU_ASSERT_EQUAL(unlink(path), 0);
  put_ffmpeg(test_path(3, "broken"), "#!/bin/sh\n/bin/cat >/dev/null\nexit 1\n");
  ASSERT_STATUS(mpp_plot(&o), MPP_ERR_IO);
  ASSERT_MESSAGE("out.mp4: ffmpeg failed");
  CU_ASSERT(access(path, F_OK) != 0);
  CU_ASSERT(no_child_is_left());
  signal(SIGPIPE, SIG_IGN); /* as the program does */
  put_ffmpeg(test_path(5, "deaf"), "#!/bin/sh\nexit 1\n");
  ASSERT_STATUS(mpp_plot(&o), MPP_ERR_IO);
  ASSERT_MESSAGE("out.mp4: ffmpeg failed");
  CU_ASSERT(access(path, F_OK) != 0);
  CU_ASSERT(no_child_is_left());
  setenv("PATH", test_path(4, "nothing"), 1);
  ASSERT_STATUS(mpp_plot(&o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("needs the program ffmpeg");
  CU_ASSERT(access(path, F_OK) != 0);
  setenv("PATH", old, 1);
  free(old);
}

static void failures_leave_no_file(void)
{
  const char *path = test_path(1, "fault.webp");
  mpp_plot_options o = options_for(test_path(0, "data.h5"), path);
  o.steps = (mpp_int_list){2, {1, 2}};
  test_faults faults = {.stride = 5, .passes = 4};
  while (test_faults_next(&faults)) {
    const mpp_status st = TEST_FAULT(&faults, mpp_plot(&o));
    CU_ASSERT((st == MPP_OK) == (access(path, F_OK) == 0));
    unlink(path);
  }
  CU_ASSERT(faults.failed > 10);
  o.rate = 0;
  ASSERT_STATUS(mpp_plot(&o), MPP_ERR_USAGE);
  o.rate = RATE;
  o.show = MPP_SHOW_ERRORS;
  ASSERT_STATUS(mpp_plot(&o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("animations show fields");
}

TESTS({"a WebP has every frame for its time", a_webp_has_every_frame_for_its_time},
      {"an MP4 is given every frame", an_mp4_is_given_every_frame},
      {"failures leave no file", failures_leave_no_file})
