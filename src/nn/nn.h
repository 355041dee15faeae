/* nn.h - the layers: pure functions on float32 arrays; no allocation, no I/O, cannot fail.
 *
 * Activations are token-major, channels last: [N, S, C] with N = T*B frames and S = D*H*W tokens a
 * frame; a token index is ((t*B + b)*D + d)*H + h)*W + w. Outputs come first. A backward function
 * ADDS into every gradient it is given (dx and parameter gradients); NULL gradients are skipped
 * where the comment says so. Sums run in a fixed order, each with one writer: the same bits for
 * any number of threads.  Where a function takes `work`, its size in floats is <name>_work(...). */
#ifndef MPP_NN_H
#define MPP_NN_H

#include <stdbool.h>
#include <stddef.h>

/* Partial sums of parameter gradients are kept for this many fixed pieces of the work and added in
 * order: parallel up to that many threads, independent of their number. */
enum { MPP_NN_CHUNKS = 32 };

/* ---- linear.c: y [m, out] = x [m, in] w[out, in]^T + b [out]; b, db, dx, and in
 * backward_set dw may be NULL; backward_set overwrites dx. With bf16 the operands of the products
 * are rounded to bfloat16 (mpp_gemm_has_bf16), sums and everything else stay float32. ---- */
void mpp_linear_forward(float *y, const float *x, const float *w, const float *b, size_t m,
                        size_t in, size_t out, bool bf16);
void mpp_linear_backward(float *dx, float *dw, float *db, const float *dy, const float *x,
                         const float *w, size_t m, size_t in, size_t out, bool bf16);
void mpp_linear_backward_set(float *dx, float *dw, float *db, const float *dy, const float *x,
                             const float *w, size_t m, size_t in, size_t out, bool bf16);

/* dx = times (dy w), times [m, in] being the slopes of what made x. */
void mpp_linear_backward_times(float *dx, const float *dy, const float *w, const float *times,
                               size_t m, size_t in, size_t out, bool bf16);

/* A residual branch, y = x + keep[b] gamma[c] f(..): layer scale (Touvron et al., "Going deeper
 * with image transformers") and drop path per sample (Huang et al., "Deep networks with stochastic
 * depth"). Rows are tokens of [T, B, S]; keep [B] holds 0 or 1/(1-p), NULL: 1. */
typedef struct mpp_branch {
  const float *gamma, *keep;
  size_t samples, tokens; /* B, S */
} mpp_branch;
static inline float mpp_branch_keep(const mpp_branch *branch, size_t row)
{
  return branch->keep != NULL ? branch->keep[row / branch->tokens % branch->samples] : 1.0f;
}

/* y [m, out] = x + keep gamma (a [m, in] w^T + b); y may be x. backward sets da, adds into the
 * gradients of the parameters, and scales a by keep. The gradient of x is dy itself. */
void mpp_linear_branch_forward(float *y, const float *x, const float *a, const float *w,
                               const float *b, const mpp_branch *branch, size_t m, size_t in,
                               size_t out, bool bf16);
size_t mpp_linear_branch_work(size_t in, size_t out);
void mpp_linear_branch_backward(float *da, float *dw, float *db, float *dgamma, const float *dy,
                                float *a, const float *w, const float *b, const mpp_branch *branch,
                                size_t m, size_t in, size_t out, float *work, bool bf16);

/* ---- field_norm.c: x [T, B, C, S] physical; mean, sd [B, C] over T and S; sd is the unbiased
 * standard deviation + 1e-7. Statistics take no gradient. ---- */
void mpp_field_norm_stats(float *mean, float *sd, const float *x, size_t T, size_t B, size_t C,
                          size_t s);
/* Over the values where mask [T, B, C, S] is 0 (NULL: all); the others may be anything. Where all
 * are masked the mean is 0. */
void mpp_field_norm_stats_masked(float *mean, float *sd, const float *x, const unsigned char *mask,
                                 size_t T, size_t B, size_t C, size_t s);

/* ---- field_embed.c: the field embedding (1x1, columns of the fields present, scaled by
 * sqrt(n_states / counted), counted being the fields present but for those that are given, so that
 * one of zeros changes nothing) and the first patch convolution fused into one linear map: wf [o,
 * c, tap] = scale sum_i conv[o, i, tap] bag_w[i, column[c]], bf [o] = scale sum_{i, tap} conv[o, i,
 * tap] bag_b[i]. conv [dim, dim, taps] (out, in, taps = f*f), bag_w [dim, n_states], bag_b [dim],
 * wf [dim, nfields * taps], bf [dim]. ---- */
void mpp_field_embed_forward(float *wf, float *bf, const float *conv, const float *bag_w,
                             const float *bag_b, const int *column, size_t nfields, size_t counted,
                             size_t n_states, size_t dim, size_t taps);
void mpp_field_embed_backward(float *dconv, float *dbag_w, float *dbag_b, const float *dwf,
                              const float *dbf, const float *conv, const float *bag_w,
                              const float *bag_b, const int *column, size_t nfields, size_t counted,
                              size_t n_states, size_t dim, size_t taps);

/* Normalised patches of the physical window: p [N, S/taps, C * taps] (c slowest, then the tap's
 * depth, row and column) from x [N, C, D, H, W], N = T*B; mean, sd [B, C]. An axis of length 1 has
 * factor 1: with D = 1 a tap is fh x fw, where fh = (H == 1 ? 1 : f). grid = {D, H, W}. */
void mpp_field_patches(float *p, const float *x, const float *mean, const float *sd, size_t T,
                       size_t B, size_t C, const size_t grid[3], size_t f);

/* ---- patch.c: kernel = stride convolutions as gather + linear, transposed ones as linear +
 * scatter. gather: p [N, D, H/fh, W/fw, fh*fw*C] <- x [N, D, H, W, C] (tap slowest, channels
 * last), a permutation, so scatter (adds) is its transpose and mpp_patch_scatter_set its
 * inverse. */
void mpp_patch_gather(float *p, const float *x, size_t n, const size_t grid[3], size_t f, size_t c);
void mpp_patch_gather_add(float *p, const float *x, size_t n, const size_t grid[3], size_t f,
                          size_t c);
void mpp_patch_scatter(float *x, const float *p, size_t n, const size_t grid[3], size_t f,
                       size_t c);
void mpp_patch_scatter_add(float *x, const float *p, size_t n, const size_t grid[3], size_t f,
                           size_t c);
/* Weights between the published order and the order of the products. conv: w [o, i, taps] <->
 * wp [o, taps, i]; deconv: w [i, o, taps] <-> wp [taps, o, i]; unpack adds into dw. */
void mpp_conv_pack(float *wp, const float *w, size_t out, size_t in, size_t taps);
void mpp_conv_unpack_add(float *dw, const float *dwp, size_t out, size_t in, size_t taps);
void mpp_deconv_pack(float *wp, const float *w, size_t in, size_t out, size_t taps);
void mpp_deconv_unpack_add(float *dw, const float *dwp, size_t in, size_t out, size_t taps);

/* ---- rms_inorm.c: y = g x / (sd + 1e-8), sd [N, C] the unbiased standard deviation over S about
 * the mean, which is not subtracted; s >= 1 (s == 1: sd = 0). ---- */
void mpp_rms_inorm_forward(float *y, float *sd, const float *x, const float *g, size_t n, size_t s,
                           size_t c);
/* The same y from sd as forward left it. */
void mpp_rms_inorm_again(float *y, float *sd, const float *x, const float *g, size_t n, size_t s,
                         size_t c);
void mpp_rms_inorm_backward(float *dx, float *dg, const float *dy, const float *x, const float *g,
                            const float *sd, size_t n, size_t s, size_t c);
/* Sets dx. */
void mpp_rms_inorm_backward_set(float *dx, float *dg, const float *dy, const float *x,
                                const float *g, const float *sd, size_t n, size_t s, size_t c);
/* y = x + keep gamma (g m / (sd + 1e-8)), frames as tokens; y may be x. Channels whose sd is at
 * most `resolution` times the value at the first token count as constant: their part of the sum is
 * 0 and sd infinite. again makes the same y from sd as forward left it. backward sets dm and adds
 * into dg, dgamma; work [2 c]. */
void mpp_rms_branch_forward(float *y, float *sd, const float *x, const float *m, const float *g,
                            float resolution, const mpp_branch *branch, size_t n, size_t c);
void mpp_rms_branch_again(float *y, float *sd, const float *x, const float *m, const float *g,
                          const mpp_branch *branch, size_t n, size_t c);
void mpp_rms_branch_backward(float *dm, float *dg, float *dgamma, const float *dy, const float *m,
                             const float *g, const float *sd, const mpp_branch *branch, size_t n,
                             size_t c, float *work);

/* ---- inorm.c: y = g (x - mean) rstd + b; mean, rstd [N, C] over S; biased variance, eps 1e-5
 * ---- */
void mpp_inorm_forward(float *y, float *mean, float *rstd, const float *x, const float *g,
                       const float *b, size_t n, size_t s, size_t c);
/* The same y from mean and rstd as forward left them. */
void mpp_inorm_again(float *y, float *mean, float *rstd, const float *x, const float *g,
                     const float *b, size_t n, size_t s, size_t c);
void mpp_inorm_backward(float *dx, float *dg, float *db, const float *dy, const float *x,
                        const float *g, const float *mean, const float *rstd, size_t n, size_t s,
                        size_t c);
/* Sets dx. */
void mpp_inorm_backward_set(float *dx, float *dg, float *db, const float *dy, const float *x,
                            const float *g, const float *mean, const float *rstd, size_t n,
                            size_t s, size_t c);

/* ---- gelu.c: exact GELU (erf); y may be x. backward makes the gradient of y that of x, in place;
 * forward_slope makes the slopes too, which may take the place of x ---- */
void mpp_gelu_forward(float *y, const float *x, size_t n);
void mpp_gelu_forward_slope(float *y, float *slope, const float *x, size_t n);
void mpp_gelu_backward(float *dy, const float *x, size_t n);

/* ---- pos_bias.c: bias [heads, 2 n - 1] of the scores along one axis of n tokens: entry
 * query - key + n - 1 of a head is that of all pairs at this distance.
 * rel: T5 buckets, table [32, heads]. continuous: 16 sigmoid of a 1 -> 512 -> heads MLP with ReLU,
 * w0 [512], b0 [512], w2 [heads, 512], over relative positions. ---- */
void mpp_rel_bias_forward(float *bias, const float *table, size_t heads, size_t n, bool periodic);
void mpp_rel_bias_backward(float *dtable, const float *dbias, size_t heads, size_t n,
                           bool periodic);
void mpp_cont_bias_forward(float *bias, const float *w0, const float *b0, const float *w2,
                           size_t heads, size_t n, bool periodic);
void mpp_cont_bias_backward(float *dw0, float *db0, float *dw2, const float *dbias, const float *w0,
                            const float *b0, const float *w2, size_t heads, size_t n,
                            bool periodic);

/* ---- attention.c: softmax(q k^T / sqrt(dh) + bias) v along one axis of the token grid, q and k
 * being the layer norms of those in qkv [outer, n, inner, heads, 3, dh] over the head width (eps
 * 1e-5). The token index along an axis is (outer*n + i)*inner + j. Only the last nq positions of
 * each sequence query: y [outer, nq, inner, heads*dh] = weight * result, or += with `add`.
 * Probabilities are not kept; the backward pass computes them again. bias [heads, 2 n - 1] as in
 * pos_bias.c. ---- */
typedef struct mpp_qk_norm {
  const float *gq, *bq, *gk, *bk; /* [dh] */
} mpp_qk_norm;
typedef struct mpp_qk_norm_grad {
  float *gq, *bq, *gk, *bk; /* [dh] */
} mpp_qk_norm_grad;
typedef struct mpp_axis {
  size_t outer, n, inner, nq;
  size_t heads, dh;
} mpp_axis;
size_t mpp_attention_work(const mpp_axis *a); /* for both passes, for mpp_threads() threads */
/* With rstd [outer, n, inner, heads, 2], first replaces q and k in qkv by their normed values
 * before gain and bias (q only where it queries), and sets rstd; NULL: they are there already, from
 * another axis or an earlier call. */
void mpp_attention_forward(float *y, float *qkv, float *rstd, const mpp_qk_norm *norm,
                           const float *bias, const mpp_axis *a, float weight, bool add,
                           float *work);
/* qkv and rstd as forward left them. Sets dqkv or, with `add`, adds into it: the gradients of gain
 * * normed + bias and of v; with dnorm, to be given for the last axis, then makes them those of q
 * and k and adds the gradients of gains and biases. Adds into dbias, which is like bias. */
void mpp_attention_backward(float *dqkv, const mpp_qk_norm_grad *dnorm, float *dbias,
                            const float *dy, const float *qkv, const float *rstd,
                            const mpp_qk_norm *norm, const float *bias, const mpp_axis *a,
                            float weight, bool add, float *work);

/* ---- loss.c: normalised MSE: mean over B and C of <(y - t)^2> / (1e-7 + <t^2>), means over S;
 * y, t [B, C, S]. `nrmse` gets the mean of the square roots (may be NULL). backward adds
 * weight * d loss / d y. The scaled loss divides by den [B, C] instead. ---- */
double mpp_nmse_forward(double *nrmse, const float *y, const float *t, size_t B, size_t C,
                        size_t s);
void mpp_nmse_backward(float *dy, const float *y, const float *t, float weight, size_t B, size_t C,
                       size_t s);
double mpp_scaled_mse_forward(const float *y, const float *t, const double *den, size_t B, size_t C,
                              size_t s);
void mpp_scaled_mse_backward(float *dy, const float *y, const float *t, const double *den,
                             float weight, size_t B, size_t C, size_t s);
/* The same where mask [B, C, S] is 0: the loss of den, of the target where den is NULL. Means are
 * over these cells, and over the pairs that have any; y and t of the others may be anything. */
double mpp_masked_mse_forward(double *nrmse, const float *y, const float *t,
                              const unsigned char *mask, const double *den, size_t B, size_t C,
                              size_t s);
void mpp_masked_mse_backward(float *dy, const float *y, const float *t, const unsigned char *mask,
                             const double *den, float weight, size_t B, size_t C, size_t s);

#endif
