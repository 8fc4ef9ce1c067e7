// What the flash's last part is set apart for; see NorFlash.h.
#pragma once

#include "NorFlash.h"

#define FS_PHYS_ADDR NorFlash::kStart
#define FS_PHYS_SIZE NorFlash::size
#define FS_PHYS_BLOCK 0x2000u
