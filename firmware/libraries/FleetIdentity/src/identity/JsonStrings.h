#pragma once

#include <stddef.h>
#include <stdint.h>

namespace fleet {

/**
 * Reads an object in JSON (RFC 8259) that comes piece by piece, and gives the strings of its own members away, byte by
 * byte, without their escapes. It keeps nothing but the name of a member. What is nested in the object is read over. By
 * hand: ArduinoJson 7 keeps what it reads on the heap.
 */
class JsonStrings {
 public:
  /// @param name of the member, cut after 31 bytes
  /// @param byte of its string; when `last`, none: the string has ended
  typedef void (*Sink)(const char* name, char byte, bool last, void* argument);

  JsonStrings(Sink sink, void* argument) : sink_(sink), argument_(argument) { begin(); }
  void begin();
  /// False once this is no such object.
  bool take(const char* bytes, size_t count);
  /// Whether the object has ended, and was one.
  bool complete() const { return state_ == State::Done; }

 private:
  enum class State : uint8_t {
    Start,
    NameOrEnd,
    Name,
    Colon,
    Value,
    String,
    Escape,
    Code,
    Scalar,
    Nested,
    NestedString,
    NestedEscape,
    CommaOrEnd,
    NextName,
    Done,
    Bad
  };
  static const size_t kMostName = 31;

  Sink sink_;
  void* argument_;
  State state_;
  bool inName_;
  uint8_t nameLength_;
  uint8_t digits_;
  uint16_t code_;
  uint16_t depth_;
  char name_[kMostName + 1];

  State next(char byte);
  State afterScalar(char byte);
  State afterBackslash(char byte);
  void put(char byte);
  void putCode();
  void endString();
};

}  // namespace fleet
