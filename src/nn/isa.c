/* isa.c - the kernels of this folder under their own names, in builds that have each of them for
 * several instruction sets (isa.h). */
#if defined(MPP_ISA_LEVELS)

#include "cpu.h"
#include "nn.h"

/* A function of `type` for each level, and the one that chooses. `done` is return, or nothing in a
 * function without a value, which ends there anyway. */
#define CHOOSE(type, done, name, parameters, arguments) \
  type name##_v2 parameters;                            \
  type name##_v3 parameters;                            \
  type name##_v4 parameters;                            \
  type name parameters                                  \
  {                                                     \
    if (mpp_cpu_level() >= 4) {                         \
      done name##_v4 arguments;                         \
    } else if (mpp_cpu_level() == 3) {                  \
      done name##_v3 arguments;                         \
    } else {                                            \
      done name##_v2 arguments;                         \
    }                                                   \
  }

/* clang-format off */
CHOOSE(void, , mpp_linear_forward,
       (float *y, const float *x, const float *w, const float *b, size_t m, size_t in, size_t
        out, bool bf16),
       (y, x, w, b, m, in, out, bf16))
CHOOSE(void, , mpp_linear_backward,
       (float *dx, float *dw, float *db, const float *dy, const float *x, const float *w, size_t
        m, size_t in, size_t out, bool bf16),
       (dx, dw, db, dy, x, w, m, in, out, bf16))
CHOOSE(void, , mpp_linear_backward_times,
       (float *dx, const float *dy, const float *w, const float *times, size_t m, size_t in,
        size_t out, bool bf16),
       (dx, dy, w, times, m, in, out, bf16))
CHOOSE(void, , mpp_linear_backward_set,
       (float *dx, float *dw, float *db, const float *dy, const float *x, const float *w, size_t
        m, size_t in, size_t out, bool bf16),
       (dx, dw, db, dy, x, w, m, in, out, bf16))
CHOOSE(void, , mpp_linear_branch_forward,
       (float *y, const float *x, const float *a, const float *w, const float *b, const
        mpp_branch *branch, size_t m, size_t in, size_t out, bool bf16),
       (y, x, a, w, b, branch, m, in, out, bf16))
CHOOSE(size_t, return, mpp_linear_branch_work,
       (size_t in, size_t out),
       (in, out))
CHOOSE(void, , mpp_linear_branch_backward,
       (float *da, float *dw, float *db, float *dgamma, const float *dy, float *a, const float
        *w, const float *b, const mpp_branch *branch, size_t m, size_t in, size_t out, float
        *work, bool bf16),
       (da, dw, db, dgamma, dy, a, w, b, branch, m, in, out, work, bf16))
CHOOSE(void, , mpp_rms_inorm_forward,
       (float *y, float *sd, const float *x, const float *g, size_t n, size_t s, size_t c),
       (y, sd, x, g, n, s, c))
CHOOSE(void, , mpp_rms_inorm_again,
       (float *y, float *sd, const float *x, const float *g, size_t n, size_t s, size_t c),
       (y, sd, x, g, n, s, c))
CHOOSE(void, , mpp_rms_inorm_backward,
       (float *dx, float *dg, const float *dy, const float *x, const float *g, const float *sd,
        size_t n, size_t s, size_t c),
       (dx, dg, dy, x, g, sd, n, s, c))
CHOOSE(void, , mpp_rms_inorm_backward_set,
       (float *dx, float *dg, const float *dy, const float *x, const float *g, const float *sd,
        size_t n, size_t s, size_t c),
       (dx, dg, dy, x, g, sd, n, s, c))
CHOOSE(void, , mpp_rms_branch_forward,
       (float *y, float *sd, const float *x, const float *m, const float *g, float resolution,
        const mpp_branch *branch, size_t n, size_t c),
       (y, sd, x, m, g, resolution, branch, n, c))
CHOOSE(void, , mpp_rms_branch_again,
       (float *y, float *sd, const float *x, const float *m, const float *g, const mpp_branch
        *branch, size_t n, size_t c),
       (y, sd, x, m, g, branch, n, c))
CHOOSE(void, , mpp_rms_branch_backward,
       (float *dm, float *dg, float *dgamma, const float *dy, const float *m, const float *g,
        const float *sd, const mpp_branch *branch, size_t n, size_t c, float *work),
       (dm, dg, dgamma, dy, m, g, sd, branch, n, c, work))
CHOOSE(void, , mpp_inorm_forward,
       (float *y, float *mean, float *rstd, const float *x, const float *g, const float *b,
        size_t n, size_t s, size_t c),
       (y, mean, rstd, x, g, b, n, s, c))
CHOOSE(void, , mpp_inorm_again,
       (float *y, float *mean, float *rstd, const float *x, const float *g, const float *b,
        size_t n, size_t s, size_t c),
       (y, mean, rstd, x, g, b, n, s, c))
CHOOSE(void, , mpp_inorm_backward,
       (float *dx, float *dg, float *db, const float *dy, const float *x, const float *g, const
        float *mean, const float *rstd, size_t n, size_t s, size_t c),
       (dx, dg, db, dy, x, g, mean, rstd, n, s, c))
CHOOSE(void, , mpp_inorm_backward_set,
       (float *dx, float *dg, float *db, const float *dy, const float *x, const float *g, const
        float *mean, const float *rstd, size_t n, size_t s, size_t c),
       (dx, dg, db, dy, x, g, mean, rstd, n, s, c))
CHOOSE(void, , mpp_gelu_forward,
       (float *y, const float *x, size_t n),
       (y, x, n))
CHOOSE(void, , mpp_gelu_forward_slope,
       (float *y, float *slope, const float *x, size_t n),
       (y, slope, x, n))
CHOOSE(void, , mpp_gelu_backward,
       (float *dy, const float *x, size_t n),
       (dy, x, n))
CHOOSE(size_t, return, mpp_attention_work,
       (const mpp_axis *a),
       (a))
CHOOSE(void, , mpp_attention_forward,
       (float *y, float *qkv, float *rstd, const mpp_qk_norm *norm, const float *bias, const
        mpp_axis *a, float weight, bool add, float *work),
       (y, qkv, rstd, norm, bias, a, weight, add, work))
CHOOSE(void, , mpp_attention_backward,
       (float *dqkv, const mpp_qk_norm_grad *dnorm, float *dbias, const float *dy, const float
        *qkv, const float *rstd, const mpp_qk_norm *norm, const float *bias, const mpp_axis *a,
        float weight, bool add, float *work),
       (dqkv, dnorm, dbias, dy, qkv, rstd, norm, bias, a, weight, add, work))
/* clang-format on */

#else
typedef int mpp_isa_is_chosen_by_the_build; /* a source file is not empty */
#endif
