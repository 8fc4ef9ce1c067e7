#include "Text.h"

namespace fleet {

void writeName(char* to, size_t room, const char* root, const char* device, const char* rest) {
  snprintf_P(to, room, PSTR("%s%s%s"), root, device, rest);
}

}  // namespace fleet
