#pragma once

#include <Arduino.h>

#include "TcpSocket.h"

/// Only what it takes to see whether somebody answers.
class WiFiClient {
 public:
  int connect(IPAddress address, uint16_t) { return socket_.connect(address.v4(), 5000); }

 private:
  TcpSocket socket_;
};
