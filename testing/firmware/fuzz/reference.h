// What a parser that many trust makes of a text: nlohmann/json.
#pragma once

#include <map>
#include <string>

struct ReferenceJson {
  bool valid = false;
  bool isObject = false;
  /// The text has a number that JSON has, and that parser has not.
  bool tooLarge = false;
  /// How deep objects and arrays are nested.
  int depth = 0;
  /// The members of the outermost object that are true or false; of those with one name the last one counts.
  std::map<std::string, bool> booleans;
  /// Its strings, in their order, each name as often as it is there: the first 31 bytes of the name, \1, the text, \2.
  std::string strings;
};

ReferenceJson referenceJson(const std::string& text);
