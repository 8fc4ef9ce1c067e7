#include <pgmspace.h>
#include <stdarg.h>
#include <stdio.h>

size_t strlen_P(PGM_P flash) {
  size_t length = 0;
  while (pgm_read_byte(flash + length) != 0) length++;
  return length;
}

void* memcpy_P(void* to, const void* flash, size_t count) {
  auto* bytes = static_cast<uint8_t*>(to);
  for (size_t i = 0; i < count; i++) bytes[i] = pgm_read_byte(static_cast<const uint8_t*>(flash) + i);
  return to;
}

int strncmp_P(const char* text, PGM_P flash, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const uint8_t left = static_cast<uint8_t>(text[i]), right = pgm_read_byte(flash + i);
    if (left != right) return left - right;
    if (left == 0) return 0;
  }
  return 0;
}

int snprintf_P(char* to, size_t room, PGM_P format, ...) {
  char copy[128] = "";
  const size_t length = strlen_P(format);
  memcpy_P(copy, format, length < sizeof(copy) ? length : sizeof(copy) - 1);
  va_list arguments;
  va_start(arguments, format);
  const int printed = vsnprintf(to, room, copy, arguments);
  va_end(arguments);
  return printed;
}
