/* attention_bias.c - the two kinds of relative-position bias behind one pair of functions. */
#include "blocks.h"

void mpp_attention_bias_forward(float *bias, const float *w, const mpp_bias_layout *l,
                                const mpp_dims *d, size_t n, bool periodic)
{
  if (d->bias == MPP_BIAS_REL) {
    mpp_rel_bias_forward(bias, w + l->table, d->heads, n, periodic);
  } else {
    mpp_cont_bias_forward(bias, w + l->w0, w + l->b0, w + l->w2, d->heads, n, periodic);
  }
}

void mpp_attention_bias_backward(float *g, const float *dbias, const float *w,
                                 const mpp_bias_layout *l, const mpp_dims *d, size_t n,
                                 bool periodic)
{
  if (d->bias == MPP_BIAS_REL) {
    mpp_rel_bias_backward(g + l->table, dbias, d->heads, n, periodic);
  } else {
    mpp_cont_bias_backward(g + l->w0, g + l->b0, g + l->w2, dbias, w + l->w0, w + l->b0, w + l->w2,
                           d->heads, n, periodic);
  }
}
