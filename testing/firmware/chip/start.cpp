// From the entry of the program to main().

#include <stdlib.h>

#include "stack-thunk.h"

extern char** environ;
int main();

extern "C" {

void _init();  // of gcc's crti.o and its neighbours: calls the constructors

/// @param stack as Linux leaves it: argc, the arguments, 0, the environment, 0
void chipStart(char** stack) {
  environ = stack + reinterpret_cast<long>(stack[0]) + 2;
  takeTlsStack();
  _init();
  exit(main());
}

asm(".section .text.start\n"
    ".global _start\n"
    ".align 4\n"
    "_start:\n"
    "  movi a0, 0\n"
    "  mov a2, a1\n"
    "  call0 chipStart\n");
}
