#pragma once

#include <pgmspace.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "Printable.h"

class Print {
 public:
  virtual ~Print() {}
  virtual size_t write(uint8_t byte) = 0;
  virtual size_t write(const uint8_t* bytes, size_t count) {
    size_t written = 0;
    while (written < count && write(bytes[written]) == 1) written++;
    return written;
  }

  size_t print(const char* text) { return write(reinterpret_cast<const uint8_t*>(text), strlen(text)); }
  size_t print(const __FlashStringHelper* text) { return print(reinterpret_cast<const char*>(text)); }
  size_t print(long number) { return printf("%ld", number); }
  size_t print(const Printable& printable) { return printable.printTo(*this); }
  size_t println() { return print("\r\n"); }
  template <typename T>
  size_t println(const T& value) {
    const size_t printed = print(value);
    return printed + println();
  }

  size_t printf(const char* format, ...) __attribute__((format(printf, 2, 3))) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    return print(text);
  }
};
#define printf_P printf
