#pragma once

// Not the GNU C library.
#define __GLIBC_PREREQ(major, minor) 0
