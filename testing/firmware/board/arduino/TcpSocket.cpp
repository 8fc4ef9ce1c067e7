#include "TcpSocket.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

bool TcpSocket::connect(uint32_t address, uint32_t timeoutMs) {
  close();
  descriptor_ = surroundings::connectTcp(address, timeoutMs);
  ended_ = false;
  return descriptor_ >= 0;
}

void TcpSocket::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

bool TcpSocket::isOpen() {
  if (!surroundings::wifiIsOn()) close();
  return descriptor_ >= 0 && !ended_;
}

int TcpSocket::read(uint8_t* bytes, size_t count) {
  if (!isOpen()) return -1;
  const ssize_t got = ::recv(descriptor_, bytes, count, 0);
  if (got > 0) return static_cast<int>(got);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  ended_ = true;
  return -1;
}

int TcpSocket::write(const uint8_t* bytes, size_t count) {
  if (!isOpen()) return -1;
  const ssize_t put = ::send(descriptor_, bytes, count, MSG_NOSIGNAL);
  if (put >= 0) return static_cast<int>(put);
  if (errno == EAGAIN || errno == EINTR) return 0;
  close();
  return -1;
}

void TcpSocket::wait(uint32_t ms) {
  pollfd readable = {descriptor_, POLLIN, 0};
  if (isOpen()) poll(&readable, 1, static_cast<int>(ms));
}
