/* animation.c - one step after the other, with the colours of all of them: WebP by libwebp, MP4 by
 * the program ffmpeg, which gets raw frames through a pipe. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include "alloc.h"
#include "check.h"
#include "file.h"
#include "film.h"
#include "pictures.h"

extern char **environ;

typedef struct animation {
  const mpp_plot_options *options;
  char temporary[MPP_PATH_MAX];
  WebPAnimEncoder *webp;
  pid_t ffmpeg; /* 0: not running */
  int pipe;     /* to it; -1 */
  int frames, width, height;
} animation;

/* ---- WebP ---- */

static mpp_status add_webp(animation *a, const unsigned char *pixels, int stride)
{
  mpp_status st = MPP_OK;
  WebPPicture picture;
  WebPConfig config;
  const int duration = (int)(1000 / a->options->rate);
  if (a->webp == NULL) {
    WebPAnimEncoderOptions options;
    MPP_REQUIRE(WebPAnimEncoderOptionsInit(&options), MPP_ERR_INTERNAL, "libwebp: wrong version");
    a->webp = WebPAnimEncoderNew(a->width, a->height, &options);
  }
  MPP_REQUIRE(a->webp != NULL && WebPConfigInit(&config) && WebPPictureInit(&picture),
              MPP_ERR_NOMEM, "%s: an animation of %d x %d pixels cannot be begun",
              a->options->output, a->width, a->height);
  config.lossless = 1; /* few colours, sharp letters */
  config.quality = 20.0f;
  config.method = 2;
  picture.use_argb = 1;
  picture.width = a->width;
  picture.height = a->height;
  const bool good = WebPPictureImportBGRX(&picture, pixels, stride) &&
                    WebPAnimEncoderAdd(a->webp, &picture, a->frames * duration, &config);
  WebPPictureFree(&picture);
  MPP_REQUIRE(good, MPP_ERR_NOMEM, "%s: frame %d: %s", a->options->output, a->frames,
              WebPAnimEncoderGetError(a->webp));
done:
  return st;
}

static mpp_status end_webp(animation *a)
{
  mpp_status st = MPP_OK;
  WebPData data;
  int fd = -1;
  WebPDataInit(&data);
  const int end = a->frames * (int)(1000 / a->options->rate);
  MPP_REQUIRE(WebPAnimEncoderAdd(a->webp, NULL, end, NULL) &&
                  WebPAnimEncoderAssemble(a->webp, &data),
              MPP_ERR_NOMEM, "%s: %s", a->options->output, WebPAnimEncoderGetError(a->webp));
  MPP_TRY(mpp_create_file(&fd, a->temporary));
  MPP_TRY(mpp_write_all(fd, a->temporary, data.bytes, data.size));
done:
  if (fd >= 0) {
    close(fd);
  }
  WebPDataClear(&data);
  return st;
}

/* ---- MP4 ---- */

static mpp_status begin_ffmpeg(animation *a)
{
  mpp_status st = MPP_OK;
  char size[32], rate[16];
  int ends[2] = {-1, -1};
  posix_spawn_file_actions_t actions;
  snprintf(size, sizeof size, "%dx%d", a->width, a->height);
  snprintf(rate, sizeof rate, "%ld", a->options->rate);
  char *const words[] = {"ffmpeg",   "-v",         "error",
                         "-xerror", /* or a file that is cut off counts as success */
                         "-f",       "rawvideo",   "-pix_fmt",
                         "bgr0",     "-s",         size,
                         "-r",       rate,         "-i",
                         "-",        "-vf",        "pad=ceil(iw/2)*2:ceil(ih/2)*2:color=white",
                         "-pix_fmt", "yuv420p",    "-f",
                         "mp4",      a->temporary, NULL};
  MPP_REQUIRE(pipe2(ends, O_CLOEXEC) == 0, MPP_ERR_NOMEM, "ffmpeg: pipe: %s", strerror(errno));
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
  const int error = posix_spawnp(&a->ffmpeg, "ffmpeg", &actions, NULL, words, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[0]);
  a->pipe = ends[1];
  if (error != 0) {
    a->ffmpeg = 0;
  }
  MPP_REQUIRE(error == 0, MPP_ERR_USAGE,
              "%s: MP4 needs the program ffmpeg (%s); .webp needs nothing", a->options->output,
              strerror(error));
done:
  return st;
}

/* What it says stands on stderr; whether the disk is full is found by asking for room. */
static mpp_status fail_ffmpeg(const animation *a)
{
  enum { PIECE = 1 << 16 };
  char other[MPP_PATH_MAX];
  mpp_status st = MPP_OK;
  MPP_TRY(mpp_temporary_name(other, a->options->output));
  MPP_TRY(mpp_check_room(a->options->output, other, PIECE));
  st = mpp_fail(MPP_ERR_IO, "%s: ffmpeg failed", a->options->output);
done:
  return st;
}

static mpp_status add_ffmpeg(animation *a, const unsigned char *pixels, int stride)
{
  mpp_status st = MPP_OK;
  if (a->pipe < 0) {
    MPP_TRY(begin_ffmpeg(a));
  }
  for (int y = 0; y < a->height; y++) {
    if (mpp_write_all(a->pipe, "ffmpeg", pixels + (size_t)y * (size_t)stride,
                      4 * (size_t)a->width) != MPP_OK) {
      MPP_TRY(fail_ffmpeg(a)); /* it has ended */
    }
  }
done:
  return st;
}

static int wait_for(pid_t process)
{
  int status = 1;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {}
  return status;
}

static mpp_status end_ffmpeg(animation *a)
{
  mpp_status st = MPP_OK;
  int status = 0;
  close(a->pipe);
  a->pipe = -1;
  status = wait_for(a->ffmpeg);
  a->ffmpeg = 0;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    MPP_TRY(fail_ffmpeg(a));
  }
done:
  return st;
}

/* ---- both ---- */

static mpp_status add_frame(animation *a, const mpp_plot_source *s, const mpp_color_scale *scale,
                            bool mp4)
{
  mpp_status st = MPP_OK;
  mpp_drawing *d = NULL;
  int width = 0, height = 0, stride = 0;
  MPP_TRY(mpp_picture_panels(&d, MPP_DRAW_PNG, s, a->options->size, true, scale));
  const unsigned char *pixels = mpp_drawing_pixels(d, &width, &height, &stride);
  if (a->frames == 0) { /* later frames have the same size, whatever their title */
    a->width = width;
    a->height = height;
  }
  MPP_REQUIRE(width == a->width && height == a->height, MPP_ERR_INTERNAL,
              "frame %d has another size", a->frames);
  MPP_TRY(mp4 ? add_ffmpeg(a, pixels, stride) : add_webp(a, pixels, stride));
  a->frames++;
done:
  mpp_drawing_destroy(d);
  return st;
}

mpp_status mpp_animation_write(const mpp_plot_options *options)
{
  mpp_status st = MPP_OK;
  animation a = {.options = options, .pipe = -1};
  mpp_film frames;
  mpp_plot_source s;
  const size_t n = strlen(options->output);
  const bool mp4 = n >= 4 && strcmp(options->output + n - 4, ".mp4") == 0;
  memset(&s, 0, sizeof s);
  MPP_REQUIRE(options->rate >= 1 && options->rate <= 100, MPP_ERR_USAGE,
              "plot: %ld frames a second, expected 1 to 100", options->rate);
  MPP_TRY(mpp_film_open(&frames, options, 0));
  MPP_TRY(mpp_temporary_name(a.temporary, options->output));
  for (long i = 0; i < frames.count; i++) {
    mpp_plot_source_free(&s);
    MPP_TRY(mpp_film_read(&s, &frames, i));
    MPP_TRY(add_frame(&a, &s, frames.scale, mp4));
  }
  MPP_TRY(mp4 ? end_ffmpeg(&a) : end_webp(&a));
  MPP_TRY(mpp_commit_file(a.temporary, options->output));
done:
  if (a.pipe >= 0) {
    close(a.pipe);
  }
  if (a.ffmpeg > 0) {
    kill(a.ffmpeg, SIGKILL); /* at SIGTERM it would first end the file, on a full disk too */
    wait_for(a.ffmpeg);
  }
  if (st != MPP_OK && a.temporary[0] != '\0') {
    unlink(a.temporary);
  }
  WebPAnimEncoderDelete(a.webp);
  mpp_plot_source_free(&s);
  return st;
}
