// On the ESP8266 flash is not memory like any other: strings that are to stay there stand in sections of their own, and
// are read four bytes at a time. test/firmware/flash/flash-reads.c watches that.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define PROGMEM __attribute__((section(".irom.text.progmem")))
#define PGM_P const char*
#define PSTR(text)                                                                         \
  (__extension__({                                                                         \
    static const char flash_[] __attribute__((section(".irom0.pstr"), aligned(4))) = text; \
    &flash_[0];                                                                            \
  }))
class __FlashStringHelper;
#define F(text) (reinterpret_cast<const __FlashStringHelper*>(PSTR(text)))

inline uint8_t pgm_read_byte(const void* flash) {
  const uintptr_t address = reinterpret_cast<uintptr_t>(flash);
  return static_cast<uint8_t>(*reinterpret_cast<const volatile uint32_t*>(address & ~uintptr_t{3}) >> address % 4 * 8);
}
size_t strlen_P(PGM_P flash);
void* memcpy_P(void* to, const void* flash, size_t count);
int strncmp_P(const char* text, PGM_P flash, size_t count);
int snprintf_P(char* to, size_t room, PGM_P format, ...) __attribute__((format(printf, 3, 4)));
