#include "JsonBool.h"

#include <Arduino.h>

namespace {

/// Compares a string with a name, piece by piece.
class Comparison {
 public:
  explicit Comparison(const char* name) : rest_(name) {}

  void take(uint32_t byte) {
    if (rest_ == nullptr) return;
    rest_ = byte != 0 && static_cast<uint8_t>(*rest_) == byte ? rest_ + 1 : nullptr;
  }

  void takeCodePoint(uint32_t code) {  // as UTF-8 (RFC 3629, 3)
    const int more = code >= 0x10000 ? 3 : code >= 0x800 ? 2 : code >= 0x80 ? 1 : 0;
    take((more == 3 ? 0xf0 : more == 2 ? 0xe0 : more == 1 ? 0xc0 : 0x00) | code >> 6 * more);
    for (int i = more - 1; i >= 0; i--) take(0x80 | (code >> 6 * i & 0x3f));
  }

  bool equal() const { return rest_ != nullptr && *rest_ == 0; }

 private:
  const char* rest_;
};

/// Reads JSON once, from its beginning to its end (RFC 8259), without recursion: the stack of an ESP8266 is small.
class Reader {
 public:
  Reader(const char* json, size_t length) : at_(json), end_(json + length) {}

  bool find(const char* name, bool& value) {
    bool found = false;
    skipSpace();
    if (!is('{')) return false;
    // A bit for each level that is open, the innermost last: 1 for an object, 0 for an array.
    uint32_t objects = 0;
    uint8_t depth = 0;
    bool valueNext = true;
    while (valueNext || depth > 0) {
      skipSpace();
      if (!valueNext) {  // behind a value: more of it, or the end of this level
        const bool object = objects & 1;
        if (take(object ? '}' : ']')) {
          objects >>= 1;
          depth--;
        } else {
          if (!take(',')) return false;
          if (object && !member(name, depth, found, value)) return false;
          valueNext = true;
        }
      } else if (is('{') || is('[')) {
        if (depth == kDeepest) return false;
        const bool object = *at_++ == '{';
        objects = objects << 1 | (object ? 1 : 0);
        depth++;
        skipSpace();
        valueNext = !is(object ? '}' : ']');
        if (valueNext && object && !member(name, depth, found, value)) return false;
      } else {
        if (!scalar()) return false;
        valueNext = false;
      }
    }
    skipSpace();
    return at_ == end_ && found;
  }

 private:
  static const uint8_t kDeepest = 32;
  const char* at_;
  const char* end_;

  bool is(char character) const { return at_ < end_ && *at_ == character; }
  bool take(char character) {
    if (!is(character)) return false;
    at_++;
    return true;
  }
  uint8_t byte() { return at_ < end_ ? static_cast<uint8_t>(*at_++) : 0; }

  void skipSpace() {
    while (is(' ') || is('\t') || is('\n') || is('\r')) at_++;
  }

  /// A name and its colon. If it is the wanted one, looks at what follows: true, false, or neither.
  bool member(const char* name, uint8_t depth, bool& found, bool& value) {
    skipSpace();
    Comparison key(name);
    if (!string(key)) return false;
    skipSpace();
    if (!take(':')) return false;
    if (depth != 1 || !key.equal()) return true;
    skipSpace();
    found = is('t') || is('f');
    value = is('t');
    return true;
  }

  bool scalar() {
    if (is('"')) {
      Comparison nothing("");
      return string(nothing);
    }
    return word("true") || word("false") || word("null") || number();
  }

  bool word(const char* text) {
    const size_t length = strlen(text);
    if (static_cast<size_t>(end_ - at_) < length || strncmp(at_, text, length) != 0) return false;
    at_ += length;
    return true;
  }

  bool digits() {
    const char* from = at_;
    while (at_ < end_ && *at_ >= '0' && *at_ <= '9') at_++;
    return at_ > from;
  }

  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (!take('e') && !take('E')) return true;
    if (!take('+')) take('-');
    return digits();
  }

  bool string(Comparison& key) {
    if (!take('"')) return false;
    for (;;) {
      const uint8_t first = byte();
      if (first == '"') return true;
      if (first < 0x20) return false;  // a control character, or the end
      if (first == '\\') {
        if (!escape(key)) return false;
      } else if (first >= 0x80) {
        if (!multibyte(first, key)) return false;
      } else {
        key.take(first);
      }
    }
  }

  bool escape(Comparison& key) {
    static const char kEscapes[] PROGMEM = "\"\"\\\\//b\bf\fn\nr\rt\t";  // each letter, and what it stands for
    const uint8_t letter = byte();
    if (letter == 'u') return codePoint(key);
    for (size_t i = 0; i + 1 < sizeof(kEscapes); i += 2) {
      if (pgm_read_byte(kEscapes + i) != letter) continue;
      key.take(pgm_read_byte(kEscapes + i + 1));
      return true;
    }
    return false;
  }

  /// What follows `\u`; half a surrogate pair is no character.
  bool codePoint(Comparison& key) {
    uint32_t code, low;
    if (!hex(code)) return false;
    if (code >= 0xdc00 && code <= 0xdfff) return false;
    if (code >= 0xd800 && code <= 0xdbff) {
      if (byte() != '\\' || byte() != 'u' || !hex(low) || low < 0xdc00 || low > 0xdfff) return false;
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    key.takeCodePoint(code);
    return true;
  }

  bool hex(uint32_t& code) {
    code = 0;
    for (int i = 0; i < 4; i++) {
      const uint8_t digit = byte();
      const uint8_t letter = digit | 0x20;
      if (digit >= '0' && digit <= '9') {
        code = code << 4 | (digit - '0');
      } else if (letter >= 'a' && letter <= 'f') {
        code = code << 4 | (letter - 'a' + 10);
      } else {
        return false;
      }
    }
    return true;
  }

  /// A character of several bytes, as short as can be and no surrogate (RFC 3629, 4).
  bool multibyte(uint8_t first, Comparison& key) {
    const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first > 0xf4) return false;
    key.take(first);
    for (int i = 0; i < more; i++) {
      const uint8_t next = byte();
      const uint8_t least = i > 0 ? 0x80 : first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
      const uint8_t most = i > 0 ? 0xbf : first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
      if (next < least || next > most) return false;
      key.take(next);
    }
    return true;
  }
};

}  // namespace

bool fleetJsonBool(const char* json, size_t length, const char* name, bool& value) {
  bool last = false;
  if (!Reader(json, length).find(name, last)) return false;
  value = last;
  return true;
}
