#pragma once

#include <stddef.h>
#include <string.h>

/**
 * Finds a true or false in a command, as in `{"relay": true}`: a member of the outermost object. Of two members with
 * that name the last counts, as in every common parser. The whole text is checked first: RFC 8259, in UTF-8, without a
 * byte order mark, at most 32 levels deep, so that nothing is done on what is cut off or garbled. By hand: ArduinoJson
 * 7 keeps what it reads on the heap.
 *
 * @param length of the text, as a command comes with it; a 0 within is no JSON
 * @return false when the text is not an object in JSON, or has no such member, or it is neither true nor false
 */
bool fleetJsonBool(const char* json, size_t length, const char* name, bool& value);

inline bool fleetJsonBool(const char* json, const char* name, bool& value) {
  return fleetJsonBool(json, strlen(json), name, value);
}
