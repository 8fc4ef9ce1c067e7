#include "JsonStrings.h"

#include <Arduino.h>

namespace fleet {

namespace {

bool isSpace(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

bool isScalar(char byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '+' || byte == '.' ||
         byte == 'E';
}

}  // namespace

void JsonStrings::begin() {
  state_ = State::Start;
  depth_ = 0;
}

bool JsonStrings::take(const char* bytes, size_t count) {
  for (size_t i = 0; i < count && state_ != State::Bad; i++) state_ = next(bytes[i]);
  return state_ != State::Bad;
}

JsonStrings::State JsonStrings::next(char byte) {
  const bool control = static_cast<uint8_t>(byte) < 0x20;
  switch (state_) {
    case State::Start:
      return isSpace(byte) ? State::Start : byte == '{' ? State::NameOrEnd : State::Bad;
    case State::NameOrEnd:
      if (byte == '}') return State::Done;
      // fall through
    case State::NextName:
      if (isSpace(byte)) return state_;
      if (byte != '"') return State::Bad;
      inName_ = true;
      nameLength_ = 0;
      return State::Name;
    case State::Name:
    case State::String:
      if (byte == '"') return endString(), inName_ ? State::Colon : State::CommaOrEnd;
      if (byte == '\\') return State::Escape;
      if (control) return State::Bad;
      put(byte);
      return state_;
    case State::Escape:
      return afterBackslash(byte);
    case State::Code: {
      const char letter = byte | 0x20;
      const bool digit = byte >= '0' && byte <= '9';
      if (!digit && (letter < 'a' || letter > 'f')) return State::Bad;
      code_ = static_cast<uint16_t>(code_ << 4 | (digit ? byte - '0' : letter - 'a' + 10));
      if (++digits_ < 4) return State::Code;
      putCode();
      return inName_ ? State::Name : State::String;
    }
    case State::Colon:
      return isSpace(byte) ? State::Colon : byte == ':' ? State::Value : State::Bad;
    case State::Value:
      if (isSpace(byte)) return State::Value;
      if (byte == '"') return inName_ = false, State::String;
      if (byte == '{' || byte == '[') return depth_ = 1, State::Nested;
      return isScalar(byte) ? State::Scalar : State::Bad;
    case State::Scalar:
      return isScalar(byte) ? State::Scalar : afterScalar(byte);
    case State::CommaOrEnd:
      return afterScalar(byte);
    case State::Nested:
      if (byte == '"') return State::NestedString;
      if (byte == '{' || byte == '[') return ++depth_ == 0 ? State::Bad : State::Nested;
      if ((byte == '}' || byte == ']') && --depth_ == 0) return State::CommaOrEnd;
      return State::Nested;
    case State::NestedString:
      return byte == '"' ? State::Nested : byte == '\\' ? State::NestedEscape : State::NestedString;
    case State::NestedEscape:
      return State::NestedString;
    case State::Done:
      return isSpace(byte) ? State::Done : State::Bad;
    case State::Bad:
      break;
  }
  return State::Bad;
}

JsonStrings::State JsonStrings::afterScalar(char byte) {
  return isSpace(byte) ? State::CommaOrEnd : byte == ',' ? State::NextName : byte == '}' ? State::Done : State::Bad;
}

/// What a letter behind a backslash stands for.
JsonStrings::State JsonStrings::afterBackslash(char byte) {
  switch (byte) {
    case 'b':
      put('\b');
      break;
    case 'f':
      put('\f');
      break;
    case 'n':
      put('\n');
      break;
    case 'r':
      put('\r');
      break;
    case 't':
      put('\t');
      break;
    case '"':
    case '\\':
    case '/':
      put(byte);
      break;
    case 'u':
      code_ = 0;
      digits_ = 0;
      return State::Code;
    default:
      return State::Bad;
  }
  return inName_ ? State::Name : State::String;
}

void JsonStrings::put(char byte) {
  if (!inName_) return sink_(name_, byte, false, argument_);
  if (nameLength_ < kMostName) name_[nameLength_++] = byte;
}

/// In UTF-8; half of a surrogate pair as if it were a character, since nothing here is outside of ASCII.
void JsonStrings::putCode() {
  if (code_ < 0x80) return put(static_cast<char>(code_));
  if (code_ < 0x800) {
    put(static_cast<char>(0xc0 | code_ >> 6));
  } else {
    put(static_cast<char>(0xe0 | code_ >> 12));
    put(static_cast<char>(0x80 | (code_ >> 6 & 0x3f)));
  }
  put(static_cast<char>(0x80 | (code_ & 0x3f)));
}

void JsonStrings::endString() {
  if (inName_) {
    name_[nameLength_] = 0;
  } else {
    sink_(name_, 0, true, argument_);
  }
}

}  // namespace fleet
