#pragma once

/// Of a text that stays where it is.
class String {
 public:
  String(const char* text) : text_(text) {}
  const char* c_str() const { return text_; }

 private:
  const char* text_;
};
