/* The hash slot that a Redis or Valkey cluster keeps a key in. */
#ifndef SLOT_H
#define SLOT_H

#include <stddef.h>
#include <stdint.h>

enum { SLOT_COUNT = 16384 };

/* CRC16/XMODEM of the name, or of what is between its first "{" and the next "}" when that is not empty, modulo
 * SLOT_COUNT (redis 7.2 src/cluster.c, keyHashSlot). */
unsigned slot_of_key(const uint8_t *name, size_t len);

#endif
