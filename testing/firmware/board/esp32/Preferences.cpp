#include "Preferences.h"

#include <stdio.h>
#include <string.h>

#include <map>
#include <string>
#include <vector>

#include "power.h"
#include "surroundings.h"

uint32_t Preferences::written = 0;
uint32_t Preferences::changes = 0;

namespace {

std::map<std::string, std::vector<uint8_t>> entries;

std::string fileName() {
  const std::string flash = surroundings::setting("FLASH", "");
  return flash.empty() ? "" : flash + ".nvs";
}

void save() {
  if (fileName().empty()) return;
  const std::string draft = fileName() + ".tmp";  // who looks at it meanwhile sees the old one or the new one
  FILE* file = fopen(draft.c_str(), "wb");
  if (file == nullptr) return;
  for (const auto& entry : entries) {
    fprintf(file, "%s %zu ", entry.first.c_str(), entry.second.size());
    fwrite(entry.second.data(), 1, entry.second.size(), file);
  }
  fclose(file);
  rename(draft.c_str(), fileName().c_str());
}

void load() {
  FILE* file = fopen(fileName().c_str(), "rb");
  if (file == nullptr) return;
  char key[16];
  size_t size;
  while (fscanf(file, "%15s %zu", key, &size) == 2 && fgetc(file) == ' ') {
    std::vector<uint8_t>& bytes = entries[key];
    bytes.resize(size);
    if (fread(bytes.data(), 1, size, file) != size) entries.erase(key);
  }
  fclose(file);
}

void spend(size_t done, size_t of) {
  if (!power::isOut(done, of)) return;
  save();
  power::cut();
}

}  // namespace

bool Preferences::begin(const char*, bool) {
  static bool loaded = false;
  if (!loaded) load();
  loaded = true;
  return true;
}

bool Preferences::isKey(const char* key) {
  return entries.count(key) > 0;
}

// NVS promises the old entry or the new one after a power cut. This is harder: there may be neither.
size_t Preferences::putBytes(const char* key, const void* bytes, size_t size) {
  if (power::full()) return 0;
  const auto* from = static_cast<const uint8_t*>(bytes);
  const std::vector<uint8_t> value(from, from + size);
  spend(0, 2);
  entries.erase(key);
  spend(1, 2);
  entries[key] = value;
  save();
  written += static_cast<uint32_t>(size);
  changes++;
  return size;
}

size_t Preferences::getBytes(const char* key, void* bytes, size_t size) {
  const auto entry = entries.find(key);
  if (entry == entries.end() || entry->second.size() > size) return 0;
  memcpy(bytes, entry->second.data(), entry->second.size());
  return entry->second.size();
}

bool Preferences::remove(const char* key) {
  spend(0, 1);
  const bool removed = entries.erase(key) > 0;
  save();
  changes++;
  return removed;
}

void Preferences::eraseFlash() {
  entries.clear();
}
