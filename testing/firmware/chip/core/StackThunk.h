// The core's way to call a function on its second stack: see stack-thunk.cpp. a12 belongs to the caller of a function, so
// the old stack's pointer is safe in it meanwhile.
#pragma once

#define make_stack_thunk(function)     \
  asm(".section .text.thunk_" #function \
      "\n"                             \
      ".literal_position\n"            \
      ".align 4\n"                     \
      ".global thunk_" #function       \
      "\n"                             \
      "thunk_" #function               \
      ":\n"                            \
      "  addi a1, a1, -16\n"           \
      "  s32i a0, a1, 0\n"             \
      "  s32i a12, a1, 4\n"            \
      "  mov a12, a1\n"                \
      "  movi a8, tlsStackTop\n"       \
      "  l32i a1, a8, 0\n"             \
      "  call0 " #function             \
      "\n"                             \
      "  mov a1, a12\n"                \
      "  l32i a12, a1, 4\n"            \
      "  l32i a0, a1, 0\n"             \
      "  addi a1, a1, 16\n"            \
      "  ret\n"                        \
      ".text\n")
