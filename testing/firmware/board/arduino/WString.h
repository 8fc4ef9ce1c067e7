#pragma once

#include <string>

class String {
 public:
  String(const char* text) : text_(text) {}
  const char* c_str() const { return text_.c_str(); }

 private:
  std::string text_;
};
