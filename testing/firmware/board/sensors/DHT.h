// What the example uses of Adafruit's "DHT sensor library" 1.4.
#pragma once

#include <stdint.h>

enum : uint8_t { DHT11 = 11, DHT22 = 22 };

class DHT {
 public:
  DHT(uint8_t pin, uint8_t type, uint8_t count = 6) {
    (void)pin;
    (void)type;
    (void)count;
  }
  void begin(uint8_t usec = 55) { (void)usec; }
  float readTemperature(bool fahrenheit = false, bool force = false) { return fahrenheit || force ? 0 : 21.5f; }
  float readHumidity(bool force = false) { return force ? 0 : 40; }
};
