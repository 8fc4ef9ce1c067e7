#include "surroundings.h"

#include <Arduino.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "power.h"

// The linker's marks around what outlives a sleep; there is always something.
extern "C" char __start_rtc_memory[], __stop_rtc_memory[];
SURVIVES_SLEEP static char something[4];

namespace surroundings {
namespace {

bool wifi = true;
bool hangs = false;
std::string ntpServers;
std::string typedText;
int levels[256] = {};
int connections = 0;
bool isSilent = false;
uint64_t silentSince = 0;
bool inputEnded = false;
void (*wifiOff)(uint8_t reason) = nullptr;

void obey(const std::string& line) {
  int reason = 0, pin = 0, level = 0;
  unsigned times = 0;
  if (sscanf(line.c_str(), "wifi off %d", &reason) == 1) {
    wifi = false;
    if (wifiOff != nullptr) wifiOff(static_cast<uint8_t>(reason));
  } else if (sscanf(line.c_str(), "pin %d %d", &pin, &level) == 2) {
    levels[pin & 0xff] = level;
  } else if (sscanf(line.c_str(), "hurry %u", &times) == 1) {
    setHurry(times);
  } else if (line == "silent") {
    if (connections == 0) return;  // it has ended by itself
    isSilent = true;
    setHurry(1);
    silentSince = uptimeMs();
  } else if (line.compare(0, 5, "type ") == 0) {
    typedText += line.substr(5) + "\r\n";
  } else if (line == "flash full") {
    power::full() = true;
  } else if (line == "wifi on") {
    wifi = true;
  } else if (line == "radio hangs") {
    hangs = true;
  } else if (line.compare(0, 4, "ntp ") == 0) {
    ntpServers = line.substr(4);
  } else {
    fprintf(stderr, "the board does not know: %s\n", line.c_str());
    _exit(64);
  }
}

volatile bool toEnd = false;

/// The program anew, in the same process.
[[noreturn]] void begin() {
  if (toEnd) _exit(0);
  char self[] = "/proc/self/exe";
  char* const arguments[] = {self, nullptr};
  execv(self, arguments);
  _exit(70);
}

}  // namespace

const char* setting(const char* name, const char* otherwise) {
  const char* value = getenv((std::string("BOARD_") + name).c_str());
  return value == nullptr ? otherwise : value;
}

void listen() {
  static bool begun = false;
  static std::string line;
  if (!begun) {
    begun = true;
    obey(std::string("ntp ") + setting("NTP", "on"));
    obey(std::string("wifi ") + setting("WIFI", "on"));
  }
  pollfd readable = {input(), POLLIN, 0};
  char character;
  while (!inputEnded && poll(&readable, 1, 0) == 1) {
    if (::read(STDIN_FILENO, &character, 1) != 1) {
      inputEnded = true;
    } else if (character != '\n') {
      line += character;
    } else {
      obey(line);
      line.clear();
    }
  }
}

int input() {
  return inputEnded ? -1 : STDIN_FILENO;
}

bool silent() {
  return isSilent;
}

int typed() {
  return static_cast<int>(typedText.size());
}
int readTyped() {
  if (typedText.empty()) return -1;
  const int byte = static_cast<unsigned char>(typedText[0]);
  typedText.erase(0, 1);
  return byte;
}

bool level(uint8_t pin) {
  return levels[pin] != 0;
}

bool wifiIsOn() {
  return wifi;
}
bool radioHangs() {
  return hangs;
}
void end() {
  toEnd = true;
}
bool ended() {
  return toEnd;
}

void wake() {
  if (*setting("WOKEN", "") == 0) return;
  FILE* file = fopen(setting("RTC", ""), "rb");
  const size_t size = static_cast<size_t>(__stop_rtc_memory - __start_rtc_memory);
  if (file == nullptr || fread(__start_rtc_memory, 1, size, file) != size) _exit(71);
  fclose(file);
}

void deepSleep(uint64_t us) {
  dprintf(3, "sleep %u\n", static_cast<unsigned>(us / 1000));
  FILE* file = fopen(setting("RTC", ""), "wb");
  const size_t size = static_cast<size_t>(__stop_rtc_memory - __start_rtc_memory);
  if (file == nullptr || fwrite(__start_rtc_memory, 1, size, file) != size) _exit(71);
  fclose(file);
  usleep(static_cast<useconds_t>(us));
  setenv("BOARD_WOKEN", "1", 1);
  begin();
}

void restart() {
  dprintf(3, "restart\n");
  unsetenv("BOARD_WOKEN");
  begin();
}

}  // namespace surroundings

namespace power {

static long thousandths(std::string digits) {
  digits.resize(3, '0');
  return atol(digits.c_str());
}

bool isOut(size_t done, size_t of) {
  // BOARD_CUT: how many operations flash carries out before the power is cut; 3.5: half of the fourth.
  // In thousandths: the toolchain of the ESP8266 has no library for fractions.
  static const std::string setting = surroundings::setting("CUT", "-1");
  static const size_t point = setting.find('.');
  static const long part = point == std::string::npos ? 0 : thousandths(setting.substr(point + 1));
  static const long cut = atol(setting.c_str()) * 1000 + part;
  static long operations = 0;
  if (done == 0) {
    operations++;
    dprintf(3, "flash\n");
  }
  return cut >= 0 && (operations - 1) * 1000 + static_cast<long>(done * 1000 / of) >= cut;
}

void cut() {
  dprintf(3, "cut\n");
  _exit(0);
}

}  // namespace power

namespace surroundings {

void onWifiOff(void (*callback)(uint8_t reason)) {
  wifiOff = callback;
}
const char* ntp() {
  return wifi ? ntpServers.c_str() : "off";
}

uint32_t resolve(const char* host) {
  unsigned a, b, c, d;
  char more;
  if (sscanf(host, "%u.%u.%u.%u%c", &a, &b, &c, &d, &more) == 4) return htonl(a << 24 | b << 16 | c << 8 | d);
  return wifi && strcmp(setting("DNS", "on"), "on") == 0 ? htonl(INADDR_LOOPBACK) : 0;
}

int connectTcp(uint32_t address, uint32_t timeoutMs) {
  if (!wifi) return -1;
  if (strcmp(setting("TCP", "on"), "dropped") == 0) {  // a firewall that lets nothing through, and says nothing
    setHurry(1);
    pass(timeoutMs);
    setHurry(0);
    return -1;
  }
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = address;
  to.sin_port = htons(static_cast<uint16_t>(atoi(setting("PORT", "0"))));
  connect(descriptor, reinterpret_cast<sockaddr*>(&to), sizeof(to));
  pollfd writable = {descriptor, POLLOUT, 0};
  int error = 0;
  socklen_t size = sizeof(error);
  const bool done = poll(&writable, 1, static_cast<int>(timeoutMs)) == 1 &&
                    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
  if (!done) {
    close(descriptor);
    return -1;
  }
  const int noDelay = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &noDelay, sizeof(noDelay));
  connections++;
  return descriptor;
}

void closeTcp(int descriptor) {
  close(descriptor);
  connections--;
  if (!isSilent) return;
  isSilent = false;
  dprintf(3, "silence %u\n", static_cast<unsigned>(uptimeMs() - silentSince));
  setHurry(0);
}

}  // namespace surroundings
