#pragma once

/*
  TLS of the chip: BearSSL on the ESP8266, mbedTLS on the ESP32. Both are the core's own client, and remember how the
  last attempt to connect went: the cores give the same number for different causes, which the time tells apart.
*/

#if defined(ESP8266)
#include "Esp8266Tls.h"
#elif defined(ESP32)
#include "Esp32Tls.h"
#else
#error "FleetBoard is for ESP8266 and ESP32"
#endif
