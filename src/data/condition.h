/* condition.h - conditions on numbers as users write them: "eta<0.05", "wet=0", "depth <= 0". */
#ifndef MPP_CONDITION_H
#define MPP_CONDITION_H

#include <stdbool.h>
#include <stddef.h>

#include "mpp/status.h"

typedef enum {
  MPP_SIGN_LESS,
  MPP_SIGN_LESS_EQUAL,
  MPP_SIGN_GREATER,
  MPP_SIGN_GREATER_EQUAL,
  MPP_SIGN_EQUAL,
  MPP_SIGN_NOT_EQUAL
} mpp_sign;

typedef struct mpp_condition {
  char name[256];
  mpp_sign sign;
  double value;
} mpp_condition;

/* Takes `length` characters of `text` apart; the signs are <, <=, >, >=, =, == and !=. A name alone
 * says "not 0" where `bare` is set. `origin` begins messages: "FILE: where". `code` is their
 * status. */
MPP_MUST_CHECK mpp_status mpp_condition_read(mpp_condition *c, const char *text, size_t length,
                                             bool bare, const char *origin, mpp_status code);

/* Is it true of x? Numbers are equal to 1e-6 relative: decimal texts stand beside float32
 * numbers. */
bool mpp_condition_holds(const mpp_condition *c, double x);

/* "<=" */
const char *mpp_sign_text(mpp_sign sign);

#endif
