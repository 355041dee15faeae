/* json.h - writing JSON text: numbers always with a decimal point, non-finite ones as null. */
#ifndef MPP_JSON_H
#define MPP_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mpp/status.h"

typedef struct mpp_json {
  char *text; /* owned; NUL-terminated */
  size_t length, capacity;
  bool comma;  /* the next value needs one */
  bool failed; /* memory ran out: text is void */
} mpp_json;

void mpp_json_begin(mpp_json *j); /* empty text */
void mpp_json_free(mpp_json *j);

/* key is NULL inside lists and at the top. */
void mpp_json_open(mpp_json *j, const char *key, char bracket); /* '{' or '[' */
void mpp_json_close(mpp_json *j, char bracket);                 /* '}' or ']' */
void mpp_json_text(mpp_json *j, const char *key, const char *text);
void mpp_json_real(mpp_json *j, const char *key, double value); /* 17 digits at most */
void mpp_json_int(mpp_json *j, const char *key, int64_t value);
void mpp_json_bool(mpp_json *j, const char *key, bool value);

#endif
