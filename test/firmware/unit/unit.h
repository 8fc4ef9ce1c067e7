// The little that unit tests need: TEST registers a test, CHECK says what did not hold.
#pragma once

#include <stdint.h>
#include <string.h>

#include <string>

void unitTestFailed(const char* file, int line, const std::string& what);

struct UnitTestRegistration {
  UnitTestRegistration(const char* name, void (*run)());
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

#define CHECK_EQUAL(actual, expected) UnitActual(__FILE__, __LINE__, #actual, actual).equals(expected)

std::string unitShown(const std::string& bytes);
template <typename T>
std::string unitShown(T value) {
  return std::to_string(static_cast<long long>(value));
}

template <typename T>
class UnitActual {
 public:
  UnitActual(const char* file, int line, const char* name, T actual)
      : file_(file), line_(line), name_(name), actual_(actual) {}
  // By its value: a constant of a class may have no place in memory.
  void equals(T expected) const {
    if (actual_ == expected) return;
    unitTestFailed(file_, line_, name_ + (" is " + unitShown(actual_)) + ", not " + unitShown(expected));
  }

 private:
  const char* file_;
  int line_;
  const char* name_;
  T actual_;
};

/// Numbers by chance, the same ones each time (xorshift).
class UnitRandom {
 public:
  explicit UnitRandom(uint32_t seed) : state_(seed) {}
  uint32_t operator()() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    return state_ ^= state_ << 5;
  }

 private:
  uint32_t state_;
};

/// The time that millis() gives, and the value that random() gives.
extern uint32_t fakeMillis;
extern long fakeRandom;

/// Bytes, zeros among them.
template <size_t N>
std::string bytes(const char (&text)[N]) {
  return std::string(text, N - 1);
}
