/* memory.h - what this process has of the machine's memory, and what there is to be had. */
#ifndef MPP_MEMORY_H
#define MPP_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes; SIZE_MAX: no limit, or the system does not say. */
typedef struct mpp_memory {
  size_t resident, peak; /* in memory now, and at most so far; 0: unknown */
  size_t addresses;      /* reserved now, used or not; 0: unknown */
  size_t available;      /* that may be taken beside it: the machine's and the control group's */
  size_t address_limit;  /* RLIMIT_AS, of `addresses` */
} mpp_memory;

mpp_memory mpp_memory_look(void);

/* Bytes that the process can come to hold in all, what it holds now included. */
size_t mpp_memory_room(const mpp_memory *m);

/* Whether an allocation of this thread has failed (errno says so still) and the system has little
 * to give now: a size that only a damaged file asks for is no want of memory. For signal handlers
 * too. */
bool mpp_memory_is_short(void);

/* Value [bytes] of a line "Name:   123 kB" of a file as /proc/meminfo; `otherwise` if it has
 * none. */
size_t mpp_memory_line(const char *path, const char *name, size_t otherwise);

#endif
