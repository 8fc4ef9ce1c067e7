// The little that a fuzzed device sees of its board.
#include <Arduino.h>
#include <stdio.h>
#include <stdlib.h>

#include "unit/unit.h"

uint32_t fakeMillis = 0;
long fakeRandom = 0;

uint32_t millis() {
  return fakeMillis;
}
void delay(uint32_t ms) {
  fakeMillis += ms;
}
long random(long howBig) {
  return fakeRandom % howBig;
}

void unitTestFailed(const char* file, int line, const std::string& what) {
  fprintf(stderr, "%s:%d: %s\n", file, line, what.c_str());
  abort();
}
