// Linux's sockets, as far as the board uses them: picolibc has none. The numbers are the kernel's.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { AF_INET = 2, SOCK_STREAM = 1, SOCK_NONBLOCK = 04000, SOCK_CLOEXEC = 02000000 };
enum { SOL_SOCKET = 1, SO_ERROR = 4, MSG_NOSIGNAL = 0x4000, MSG_PEEK = 2, MSG_DONTWAIT = 0x40 };
enum : uint32_t { INADDR_LOOPBACK = 0x7f000001 };

typedef uint32_t socklen_t;
struct sockaddr {
  uint16_t sa_family;
  char sa_data[14];
};
struct in_addr {
  uint32_t s_addr;
};
struct sockaddr_in {
  uint16_t sin_family;
  uint16_t sin_port;
  in_addr sin_addr;
  char unused[8];
};

extern "C" {
int socket(int domain, int type, int protocol);
int connect(int descriptor, const sockaddr* address, socklen_t size);
int getsockopt(int descriptor, int level, int option, void* value, socklen_t* size);
int setsockopt(int descriptor, int level, int option, const void* value, socklen_t size);
ssize_t recv(int descriptor, void* bytes, size_t count, int flags);
ssize_t send(int descriptor, const void* bytes, size_t count, int flags);
}
