// The little that unit tests need: TEST registers a test, CHECK says what did not hold.
#pragma once

#include <stdint.h>
#include <string.h>

#include <sstream>
#include <string>
#include <vector>

struct UnitTest {
  const char* name;
  void (*run)();
};
std::vector<UnitTest>& unitTests();
void unitTestFailed(const char* file, int line, const std::string& what);

struct UnitTestRegistration {
  UnitTestRegistration(const char* name, void (*run)()) { unitTests().push_back({name, run}); }
};

#define UNIT_JOIN2(a, b) a##b
#define UNIT_JOIN(a, b) UNIT_JOIN2(a, b)
#define TEST(name)                                                                                \
  static void UNIT_JOIN(test, __LINE__)();                                                        \
  static UnitTestRegistration UNIT_JOIN(registration, __LINE__)(name, UNIT_JOIN(test, __LINE__)); \
  static void UNIT_JOIN(test, __LINE__)()

#define CHECK(condition)                                              \
  do {                                                                \
    if (!(condition)) unitTestFailed(__FILE__, __LINE__, #condition); \
  } while (false)

#define CHECK_EQUAL(actual, expected)                                                                \
  do {                                                                                               \
    const auto unitActual = (actual);                                                                \
    const decltype(unitActual) unitExpected = (expected);                                            \
    if (!(unitActual == unitExpected)) {                                                             \
      std::ostringstream unitText;                                                                   \
      unitText << #actual << " is " << unitShown(unitActual) << ", not " << unitShown(unitExpected); \
      unitTestFailed(__FILE__, __LINE__, unitText.str());                                            \
    }                                                                                                \
  } while (false)

inline std::string unitShown(const std::string& bytes) {
  std::ostringstream text;
  for (unsigned char byte : bytes) {
    if (byte >= 0x20 && byte < 0x7f) {
      text << byte;
    } else {
      text << '<' << std::hex << +byte << '>';
    }
  }
  return text.str();
}
template <typename T>
long long unitShown(T value) {
  return static_cast<long long>(value);
}

/// The time that millis() gives, and the value that random() gives.
extern uint32_t fakeMillis;
extern long fakeRandom;

/// Bytes, zeros among them.
template <size_t N>
std::string bytes(const char (&text)[N]) {
  return std::string(text, N - 1);
}
