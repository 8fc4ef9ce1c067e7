// What the example uses of the "Adafruit BME280 Library" 2.2 and 2.3.
#pragma once

#include <stdint.h>

class Adafruit_BME280 {
 public:
  bool begin(uint8_t address = 0x77) { return address != 0; }
  float readTemperature() { return 21.5f; }
  float readHumidity() { return 40; }
  float readPressure() { return 101325; }
};
