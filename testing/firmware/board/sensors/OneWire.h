// What the example uses of Paul Stoffregen's "OneWire" 2.3.
#pragma once

#include <stdint.h>

class OneWire {
 public:
  OneWire(uint8_t pin) { (void)pin; }
};
