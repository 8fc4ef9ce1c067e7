#include "stack-thunk.h"

#include <stdint.h>
#include <stdlib.h>

namespace {

const size_t kWords = kTlsStackBytes / 4;
const uint32_t kPaint = 0xdeadbeef;

uint32_t* bottom = nullptr;

}  // namespace

extern "C" uint32_t* tlsStackTop;
uint32_t* tlsStackTop = nullptr;

void takeTlsStack() {
  bottom = static_cast<uint32_t*>(malloc(kTlsStackBytes));
  tlsStackTop = reinterpret_cast<uint32_t*>(reinterpret_cast<uintptr_t>(bottom + kWords) & ~uintptr_t{15});
  paintTlsStack();
}

void paintTlsStack() {
  for (size_t i = 0; i < kWords; i++) bottom[i] = kPaint;
}

size_t tlsStackUsed() {
  size_t untouched = 0;
  while (untouched < kWords && bottom[untouched] == kPaint) untouched++;
  return 4 * (kWords - untouched);
}

// The functions that the core calls on the second stack. The linker leads every call from outside BearSSL's own file
// here (--wrap). a12 belongs to the caller of a function, so the old stack's pointer is safe in it meanwhile.
#define ON_TLS_STACK(name)       \
  asm(".section .text." name     \
      "\n"                       \
      ".literal_position\n"      \
      ".align 4\n"               \
      ".global __wrap_" name     \
      "\n"                       \
      "__wrap_" name             \
      ":\n"                      \
      "  addi a1, a1, -16\n"     \
      "  s32i a0, a1, 0\n"       \
      "  s32i a12, a1, 4\n"      \
      "  mov a12, a1\n"          \
      "  movi a8, tlsStackTop\n" \
      "  l32i a1, a8, 0\n"       \
      "  call0 __real_" name     \
      "\n"                       \
      "  mov a1, a12\n"          \
      "  l32i a12, a1, 4\n"      \
      "  l32i a0, a1, 0\n"       \
      "  addi a1, a1, 16\n"      \
      "  ret\n")

ON_TLS_STACK("br_ssl_engine_recvapp_ack");
ON_TLS_STACK("br_ssl_engine_recvapp_buf");
ON_TLS_STACK("br_ssl_engine_recvrec_ack");
ON_TLS_STACK("br_ssl_engine_recvrec_buf");
ON_TLS_STACK("br_ssl_engine_sendapp_ack");
ON_TLS_STACK("br_ssl_engine_sendapp_buf");
ON_TLS_STACK("br_ssl_engine_sendrec_ack");
ON_TLS_STACK("br_ssl_engine_sendrec_buf");
