#include "TcpSocket.h"

#include <Arduino.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace {
// Written while there is no Wi-Fi. Not in the socket, whose size the tests of a chip's memory count; outlives all of
// them.
std::string& held = *new std::string;
}  // namespace

bool TcpSocket::connect(uint32_t address, uint32_t timeoutMs) {
  close();
  descriptor_ = surroundings::connectTcp(address, timeoutMs);
  ended_ = false;
  return descriptor_ >= 0;
}

void TcpSocket::close() {
  if (descriptor_ >= 0) surroundings::closeTcp(descriptor_);
  descriptor_ = -1;
  held.clear();
}

bool TcpSocket::isOpen() {
  if (!surroundings::wifiIsOn() && !outlivesWifi_) close();
  if (surroundings::wifiIsOn() && !held.empty()) {
    const std::string bytes = std::move(held);
    held.clear();
    if (::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) close();
  }
  return descriptor_ >= 0 && !ended_;
}

int TcpSocket::read(uint8_t* bytes, size_t count) {
  if (!isOpen()) return -1;
  if (!surroundings::wifiIsOn()) return 0;
  const ssize_t got = ::recv(descriptor_, bytes, count, 0);
  if (got > 0) return static_cast<int>(got);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  ended_ = true;
  return -1;
}

int TcpSocket::write(const uint8_t* bytes, size_t count) {
  if (!isOpen()) return -1;
  if (!surroundings::wifiIsOn()) {
    held.append(reinterpret_cast<const char*>(bytes), count);
    return static_cast<int>(count);
  }
  const ssize_t put = ::send(descriptor_, bytes, count, MSG_NOSIGNAL);
  if (put >= 0) return static_cast<int>(put);
  if (errno == EAGAIN || errno == EINTR) return 0;
  close();
  return -1;
}

void TcpSocket::wait(uint32_t ms) {
  const uint32_t since = millis();
  for (uint32_t left = ms; left > 0 && left <= ms && isOpen(); left = ms - (millis() - since)) {
    const int socket = surroundings::wifiIsOn() ? descriptor_ : -1;
    pollfd inputs[] = {{socket, POLLIN, 0}, {surroundings::input(), POLLIN, 0}};
    const int ready = poll(inputs, 2, surroundings::silent() ? 0 : static_cast<int>(left));
    if (ready == 0) surroundings::pass(left);
    if (ready == 0 || inputs[0].revents != 0) return;
    surroundings::listen();
  }
}
