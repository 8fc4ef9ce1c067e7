// Flash is memory like any other on this machine.
#pragma once

#include <string.h>

#define PROGMEM
#define PGM_P const char*
#define PSTR(text) (text)
class __FlashStringHelper;
#define F(text) (reinterpret_cast<const __FlashStringHelper*>(PSTR(text)))
#define strncmp_P strncmp
#define strlen_P strlen
