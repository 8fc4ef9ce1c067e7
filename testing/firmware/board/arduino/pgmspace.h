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
#define snprintf_P snprintf
#define memcpy_P memcpy
#define pgm_read_byte(flash) (*reinterpret_cast<const unsigned char*>(flash))
