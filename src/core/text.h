/* text.h - texts from files, made fit for terminals and for files that must be UTF-8. */
#ifndef MPP_TEXT_H
#define MPP_TEXT_H

#include <stddef.h>

/* Bytes that are no UTF-8 and control characters, which terminals obey, become '?': in place, of
 * the same length. Line breaks and tabs stay. */
void mpp_clean_text(char *text);

/* The same of a copy, in one line, cut between characters if `size` bytes are too few. */
void mpp_copy_text(char *out, size_t size, const char *text);

#endif
