#pragma once

struct pollfd {
  int fd;
  short events;
  short revents;
};
enum : short { POLLIN = 1, POLLOUT = 4 };

extern "C" int poll(pollfd* descriptors, unsigned long count, int timeoutMs);
