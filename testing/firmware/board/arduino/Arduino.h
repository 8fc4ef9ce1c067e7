// The part of Arduino's API that the firmware uses, for this machine.
#pragma once

#include <pgmspace.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// That of C: what C++ has for it takes longer to read than all else here.
#define _GLIBCXX_INCLUDE_NEXT_C_HEADERS
#include <math.h>
#undef _GLIBCXX_INCLUDE_NEXT_C_HEADERS

#include "Client.h"
#include "IPAddress.h"
#include "Print.h"
#include "Printable.h"
#include "Stream.h"
#include "WString.h"

enum : uint8_t { LOW = 0, HIGH = 1 };
enum : uint8_t { INPUT = 0, OUTPUT = 1, INPUT_PULLUP = 2 };
enum : uint8_t { LED_BUILTIN = 2, A0 = 17 };

// 32 bits, as on the chips: `unsigned long` has 64 here and would hide what happens when they overflow.
uint32_t millis();
uint64_t uptimeMs();
void delay(uint32_t ms);
/// PUBLISH_EVERY_MS of the sketches of these tests: BOARD_EVERY, in milliseconds.
uint32_t publishEveryMs();
void yield();
long random(long howBig);

void pinMode(uint8_t pin, uint8_t mode);
void digitalWrite(uint8_t pin, uint8_t value);
int digitalRead(uint8_t pin);
int analogRead(uint8_t pin);
uint32_t analogReadMilliVolts(uint8_t pin);

/// Prints to the standard output; what the test types, it reads.
class HardwareSerial : public Stream {
 public:
  void begin(unsigned long) {}
  size_t write(uint8_t byte) override { return write(&byte, 1); }
  size_t write(const uint8_t* bytes, size_t count) override;
  int available() override;
  int read() override;
  int peek() override { return -1; }
};
extern HardwareSerial Serial;

#if __has_include("Esp.h")
#include "Esp.h"  // ESP, of the chip
#endif

/// What the chip does by itself between two rounds of loop(): SNTP, for one.
void background();

void setup();
void loop();
