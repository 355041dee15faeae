/* number.h - numbers as text, whatever locale the calling program has set: the decimal point is '.'
 * always. */
#ifndef MPP_NUMBER_H
#define MPP_NUMBER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

enum { MPP_NUMBER_MAX = 32 };

/* All of `text` as a finite decimal number ("1", "-0.5", "1e-3"); false if it is none. */
bool mpp_number_parse(double *out, const char *text);

/* All of `text` as an integer; "1e6" is one too. */
bool mpp_number_parse_long(long *out, const char *text);

/* As strtod: a number at the beginning of `text`; *end: what follows, `text` if there is none. */
double mpp_number_read(const char *text, char **end);

/* As vsnprintf. */
int mpp_number_print(char *out, size_t size, const char *format, va_list list);

/* The shortest text that reads back to the same finite value. Returns its length. */
size_t mpp_number_format(char out[MPP_NUMBER_MAX], double value);

#endif
