// A board that makes a key and a request for a certificate, and prints what each took: a line of JSON each.

#include <Arduino.h>
#include <heap.h>
#include <identity/Key.h>
#include <stack-thunk.h>
#include <unistd.h>

namespace {

/// A system call that Linux does not have: count-instructions.c prints what it has counted.
void printInstructions() {
  register long number asm("a2") = 4000;
  asm volatile("syscall" : "+r"(number) : : "memory");
}

template <typename Work>
void measure(Work work) {
  heapPeak = heapInUse;
  const size_t before = heapInUse;
  paintTlsStack();
  printInstructions();
  const bool done = work();
  printInstructions();
  Serial.printf("{\"done\":%s,\"heap\":%u,\"stack\":%u}\n", done ? "true" : "false",
                static_cast<unsigned>(heapPeak - before), static_cast<unsigned>(tlsStackUsed()));
}

}  // namespace

void setup() {
  static fleet::PrivateKey key;
  static uint8_t request[fleet::kRequestBytes];
  measure([] { return fleet::makeKey(key); });
  measure([] { return fleet::writeRequestDer(key, "kitchen-sensor", request) != nullptr; });
  _exit(0);
}

void loop() {}
