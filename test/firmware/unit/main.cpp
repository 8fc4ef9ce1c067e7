// Runs all unit tests; prints "ok NAME", or "not ok NAME" and what did not hold.
#include <Arduino.h>

#include <vector>

#include "unit.h"

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

struct UnitTest {
  const char* name;
  void (*run)();
};
static std::vector<UnitTest>& unitTests() {
  static std::vector<UnitTest> tests;
  return tests;
}

UnitTestRegistration::UnitTestRegistration(const char* name, void (*run)()) {
  unitTests().push_back({name, run});
}

static std::string failures;

void unitTestFailed(const char* file, int line, const std::string& what) {
  failures += std::string("  ") + file + ":" + std::to_string(line) + ": " + what + "\n";
}

std::string unitShown(const std::string& bytes) {
  std::string text;
  for (unsigned char byte : bytes) {
    char hex[8];
    snprintf(hex, sizeof(hex), "<%x>", byte);
    text += byte >= 0x20 && byte < 0x7f ? std::string(1, static_cast<char>(byte)) : hex;
  }
  return text;
}

int main() {
  setvbuf(stdout, nullptr, _IOLBF, 0);
  int failed = 0;
  for (const UnitTest& test : unitTests()) {
    failures.clear();
    fakeMillis = 0xfffff000;  // four seconds before it overflows
    fakeRandom = 0;
    test.run();
    printf("%s %s\n%s", failures.empty() ? "ok" : "not ok", test.name, failures.c_str());
    if (!failures.empty()) failed++;
  }
  return failed;
}
