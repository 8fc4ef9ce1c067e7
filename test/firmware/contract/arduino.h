// What the libraries and sketches of this repository expect of any Arduino core. Each line is a call as they make it,
// and what they take its result for: so it fails where a core has other arguments or gives back something else.
#pragma once

#include <Arduino.h>
#include <Client.h>

#include <type_traits>
#include <utility>

/// A call that gives back just this type, or one that goes into it without loss of meaning.
#define CONTRACT_IS(type, call) static_assert(std::is_same<decltype(call), type>::value, #call)
#define CONTRACT_GOES_INTO(type, call) static_assert(std::is_convertible<decltype(call), type>::value, #call)
/// Something of a class, without one of it.
#define CONTRACT_OF(type) std::declval<type&>()
#define CONTRACT_TEXT std::declval<const char*>()
#define CONTRACT_BYTES std::declval<uint8_t*>()

CONTRACT_GOES_INTO(uint32_t, millis());
CONTRACT_IS(void, delay(1));
CONTRACT_GOES_INTO(long, random(0x10000));
CONTRACT_IS(void, pinMode(1, OUTPUT));
CONTRACT_IS(void, pinMode(1, INPUT_PULLUP));
CONTRACT_IS(void, digitalWrite(1, HIGH));
CONTRACT_GOES_INTO(int, digitalRead(1));
CONTRACT_GOES_INTO(int, analogRead(1));
static_assert(LOW == 0 && HIGH == 1, "levels");

// FleetDevice works over any Client.
CONTRACT_IS(int, CONTRACT_OF(Client).connect(CONTRACT_TEXT, uint16_t{8883}));
CONTRACT_IS(size_t, CONTRACT_OF(Client).write(std::declval<const uint8_t*>(), size_t{1}));
CONTRACT_IS(int, CONTRACT_OF(Client).available());
CONTRACT_IS(int, CONTRACT_OF(Client).read(CONTRACT_BYTES, size_t{1}));
CONTRACT_IS(void, CONTRACT_OF(Client).stop());
CONTRACT_IS(uint8_t, CONTRACT_OF(Client).connected());
CONTRACT_IS(void, CONTRACT_OF(Client).flush());

// FleetFailure is a Printable, whose words lie in flash.
CONTRACT_IS(size_t, CONTRACT_OF(Print).print(std::declval<const __FlashStringHelper*>()));
CONTRACT_IS(size_t, CONTRACT_OF(Print).print(1L));
CONTRACT_IS(size_t, CONTRACT_OF(Print).print(std::declval<const Printable&>()));
CONTRACT_IS(size_t, CONTRACT_OF(Print).println(std::declval<const Printable&>()));
CONTRACT_IS(size_t, std::declval<const Printable&>().printTo(CONTRACT_OF(Print)));
CONTRACT_GOES_INTO(uint8_t, pgm_read_byte(CONTRACT_TEXT));
CONTRACT_GOES_INTO(int, strncmp_P(CONTRACT_TEXT, CONTRACT_TEXT, size_t{1}));
CONTRACT_GOES_INTO(size_t, Serial.printf("%d", 1));
/// These are macros, which the cores allow within functions alone.
inline const __FlashStringHelper* contractWords() {
  Serial.printf_P(PSTR("%d"), 1);
  return F("text");
}
CONTRACT_IS(void, Serial.begin(115200));
CONTRACT_GOES_INTO(int, Serial.available());
CONTRACT_GOES_INTO(int, Serial.read());
CONTRACT_GOES_INTO(uint32_t, ESP.getFreeHeap());
