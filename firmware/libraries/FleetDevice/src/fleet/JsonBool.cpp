#include "JsonBool.h"

#include <string.h>

namespace {

const char* skipSpace(const char* at) {
  while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r') at++;
  return at;
}

/// The end of a string whose first quote is at `at`; null when it has none.
const char* skipString(const char* at) {
  for (at++; *at != '"'; at++) {
    if (*at == '\\') at++;
    if (*at == 0) return nullptr;
  }
  return at + 1;
}

/// The end of any value, nested as it may be: the comma or the bracket behind it.
const char* skipValue(const char* at) {
  unsigned depth = 0;
  while (*at != 0) {
    if (*at == '"') {
      at = skipString(at);
      if (at == nullptr) return nullptr;
      continue;
    }
    if (depth == 0 && (*at == ',' || *at == '}' || *at == ']')) return at;
    if (*at == '{' || *at == '[') depth++;
    if (*at == '}' || *at == ']') depth--;
    at++;
  }
  return nullptr;
}

/// Whether a value is exactly this word.
bool isWord(const char* at, const char* end, const char* word) {
  const size_t length = strlen(word);
  return static_cast<size_t>(end - at) >= length && strncmp(at, word, length) == 0 && skipSpace(at + length) == end;
}

}  // namespace

bool fleetJsonBool(const char* json, const char* name, bool& value) {
  const char* at = skipSpace(json);
  if (*at != '{') return false;
  const size_t nameLength = strlen(name);
  while (*(at = skipSpace(at + 1)) == '"') {
    const char* key = at + 1;
    at = skipString(at);
    if (at == nullptr) return false;
    const bool wanted = static_cast<size_t>(at - 1 - key) == nameLength && strncmp(key, name, nameLength) == 0;
    at = skipSpace(at);
    if (*at != ':') return false;
    at = skipSpace(at + 1);
    const char* end = skipValue(at);
    if (end == nullptr) return false;
    if (wanted) {
      value = isWord(at, end, "true");
      return value || isWord(at, end, "false");
    }
    if (*end != ',') return false;
    at = end;
  }
  return false;
}
