// The core's way to call a function on its second stack. On this machine there is stack enough: a jump.
#pragma once

#define make_stack_thunk(function) \
  asm(".global thunk_" #function "\nthunk_" #function ":\n  jmp " #function "\n.type thunk_" #function ", @function\n")
