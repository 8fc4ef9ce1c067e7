// On the ESP8266 flash is not memory like any other: strings that are to stay there stand in sections of their own.
#pragma once

#include <string.h>

#define PROGMEM __attribute__((section(".irom.text.progmem")))
#define PGM_P const char*
#define PSTR(text)                                                                         \
  (__extension__({                                                                         \
    static const char flash_[] __attribute__((section(".irom0.pstr"), aligned(4))) = text; \
    &flash_[0];                                                                            \
  }))
class __FlashStringHelper;
#define F(text) (reinterpret_cast<const __FlashStringHelper*>(PSTR(text)))
#define strncmp_P strncmp
#define strlen_P strlen
