#pragma once

#include <stdint.h>

class IPAddress {
 public:
  IPAddress() : address_(0) {}
  explicit IPAddress(uint32_t networkOrder) : address_(networkOrder) {}
  uint32_t v4() const { return address_; }

 private:
  uint32_t address_;
};
