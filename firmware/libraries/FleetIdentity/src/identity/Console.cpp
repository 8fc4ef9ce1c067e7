#include "Console.h"

namespace fleet {

namespace {

/// What follows a word and a blank; null when a line begins otherwise.
char* behind(char* line, PGM_P word) {
  const size_t length = strlen_P(word);
  return strncmp_P(line, word, length) == 0 && line[length] == ' ' ? line + length + 1 : nullptr;
}

bool isName(const char* text) {
  for (const char* at = text; *at != 0; at++) {
    if (!(*at >= 'a' && *at <= 'z') && !(*at >= '0' && *at <= '9') && *at != '-') return false;
  }
  return *text != 0;
}

bool isPlain(const char* text) {
  for (const char* at = text; *at != 0; at++) {
    if (*at <= ' ' || *at > '~' || *at == '"' || *at == '\\') return false;
  }
  return *text != 0;
}

template <size_t Size>
bool copy(char (&to)[Size], const char* from) {
  if (strlen(from) >= Size) return false;
  memset(to, 0, Size);
  strcpy(to, from);
  return true;
}

/// The first word, and what follows it.
char* cut(char*& rest) {
  char* word = rest;
  char* blank = strchr(rest, ' ');
  rest = blank == nullptr ? rest + strlen(rest) : blank + 1;
  if (blank != nullptr) *blank = 0;
  return word;
}

bool enrol(char* rest, StoredSettings& settings) {
  StoredSettings told = settings;
  const char* device = cut(rest);
  const char* code = cut(rest);
  char* host = cut(rest);
  char* colon = strrchr(host, ':');
  if (*rest != 0 || colon == nullptr) return false;
  *colon = 0;
  char* end;
  const unsigned long port = strtoul(colon + 1, &end, 10);
  if (*end != 0 || port == 0 || port > 65535) return false;
  if (!isName(device) || !isPlain(code) || !isPlain(host)) return false;
  if (!copy(told.device, device) || !copy(told.code, code) || !copy(told.host, host)) return false;
  told.port = static_cast<uint16_t>(port);
  told.request = Request::ByCode;
  told.hasKey = false;
  memset(told.key, 0, sizeof(told.key));
  settings = told;
  return true;
}

}  // namespace

Console::Heard Console::listen(StoredSettings& settings) {
  while (Serial.available() > 0) {
    const int byte = Serial.read();
    if (byte < 0) break;
    if (byte != '\n' && byte != '\r') {
      if (length_ + 1 < sizeof(line_)) {
        line_[length_++] = static_cast<char>(byte);
      } else {
        tooLong_ = true;
      }
      continue;
    }
    line_[length_] = 0;
    const bool empty = length_ == 0;
    const bool tooLong = tooLong_;
    length_ = 0;
    tooLong_ = false;
    if (empty) continue;  // of the two that end a line in some terminals
    if (tooLong) Serial.println(F("that line is too long"));
    const Heard heard = tooLong ? Heard::Nothing : obey(settings);
    memset(line_, 0, sizeof(line_));
    if (heard != Heard::Nothing) return heard;
  }
  return Heard::Nothing;
}

Console::Heard Console::obey(StoredSettings& settings) {
  if (char* name = behind(line_, PSTR("wifi"))) {
    if (*name != 0 && copy(settings.ssid, name)) {
      Serial.print(F("wifi: "));
      Serial.println(settings.ssid);
      return Heard::Wifi;
    }
    Serial.println(F("the name of a Wi-Fi has 1 to 32 bytes"));
  } else if (char* password = behind(line_, PSTR("password"))) {
    if (copy(settings.password, password)) {
      Serial.println(F("password: kept"));
      return Heard::Wifi;
    }
    Serial.println(F("the password of a Wi-Fi has at most 64 characters"));
  } else if (char* rest = behind(line_, PSTR("enrol"))) {
    if (enrol(rest, settings)) {
      Serial.printf_P(PSTR("enrol: %s at %s:%u\n"), settings.device, settings.host, settings.port);
      return Heard::Enrol;
    }
    Serial.println(F("that is not the line that bin/fleet enrol prints: enrol DEVICE CODE HOST:PORT"));
  } else {
    Serial.println(F("I know these lines: wifi NAME, password PASSWORD, and the one that bin/fleet enrol prints"));
  }
  return Heard::Nothing;
}

}  // namespace fleet
