// The system calls of Linux on Xtensa, which qemu-xtensa answers, and what picolibc builds on them.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

namespace {

// Numbers: linux/arch/xtensa/kernel/syscalls/syscall.tbl.
enum : long {
  kOpen = 8,
  kClose = 9,
  kRead = 12,
  kWrite = 13,
  kLseek = 15,
  kPoll = 16,
  kSocket = 96,
  kSetsockopt = 97,
  kGetsockopt = 98,
  kConnect = 101,
  kSendto = 110,
  kRecvfrom = 111,
  kExitGroup = 119,
  kGetppid = 150,
  kNanosleep = 195,
  kClockGettime = 245,
  kGetrandom = 338,
};

/// The number goes into a2, the arguments into a6, a3, a4, a5, a8 and a9; a2 has the result, negative errors.
long call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  register long a2 asm("a2") = number;
  register long a6 asm("a6") = a;
  register long a3 asm("a3") = b;
  register long a4 asm("a4") = c;
  register long a5 asm("a5") = d;
  register long a8 asm("a8") = e;
  register long a9 asm("a9") = f;
  asm volatile("syscall" : "+r"(a2) : "r"(a6), "r"(a3), "r"(a4), "r"(a5), "r"(a8), "r"(a9) : "memory");
  if (a2 >= 0 || a2 < -4095) return a2;
  errno = static_cast<int>(-a2);  // picolibc has Linux's numbers for those that anybody asks about
  return -1;
}

long address(const void* pointer) {
  return reinterpret_cast<long>(pointer);
}

struct Timespec32 {
  long seconds;
  long nanoseconds;
};

int put(char character, FILE* file);
struct Output {
  FILE file;
  int descriptor;
};
Output output = {FDEV_SETUP_STREAM(put, nullptr, nullptr, _FDEV_SETUP_WRITE), STDOUT_FILENO};
Output errors = {FDEV_SETUP_STREAM(put, nullptr, nullptr, _FDEV_SETUP_WRITE), STDERR_FILENO};

int put(char character, FILE* file) {
  const int descriptor = reinterpret_cast<Output*>(file)->descriptor;
  return write(descriptor, &character, 1) == 1 ? character : EOF;
}

}  // namespace

FILE* const stdin = nullptr;
FILE* const stdout = &output.file;
FILE* const stderr = &errors.file;

extern "C" {

int dprintf(int descriptor, const char* format, ...);

int open(const char* path, int flags, ...) {
  const int kernelFlags = (flags & O_ACCMODE) | (flags & O_CREAT ? 0100 : 0) | (flags & O_TRUNC ? 01000 : 0);
  return static_cast<int>(call(kOpen, address(path), kernelFlags, 0600));
}
int close(int descriptor) {
  return static_cast<int>(call(kClose, descriptor));
}
ssize_t read(int descriptor, void* bytes, size_t count) {
  return call(kRead, descriptor, address(bytes), static_cast<long>(count));
}
ssize_t write(int descriptor, const void* bytes, size_t count) {
  return call(kWrite, descriptor, address(bytes), static_cast<long>(count));
}
off_t lseek(int descriptor, off_t offset, int whence) {
  return call(kLseek, descriptor, static_cast<long>(offset), whence);
}
pid_t getppid() {
  return static_cast<pid_t>(call(kGetppid));
}
void _exit(int code) {
  for (;;) call(kExitGroup, code);
}
int usleep(useconds_t us) {
  const Timespec32 time = {static_cast<long>(us / 1000000), static_cast<long>(us % 1000000) * 1000};
  return static_cast<int>(call(kNanosleep, address(&time)));
}
int clock_gettime(clockid_t clock, timespec* now) {
  Timespec32 time;
  if (call(kClockGettime, static_cast<long>(clock), address(&time)) < 0) return -1;
  now->tv_sec = time.seconds;
  now->tv_nsec = time.nanoseconds;
  return 0;
}
int gettimeofday(timeval* now, void*) {
  timespec time;
  clock_gettime(0, &time);
  now->tv_sec = time.tv_sec;
  now->tv_usec = time.tv_nsec / 1000;
  return 0;
}
int getentropy(void* bytes, size_t count) {
  return call(kGetrandom, address(bytes), static_cast<long>(count)) == static_cast<long>(count) ? 0 : -1;
}

/// Nothing begins anew in the emulator.
int execv(const char* path, char* const*) {
  dprintf(STDERR_FILENO, "%s is not run in the emulator\n", path);
  _exit(70);
}

int poll(pollfd* descriptors, unsigned long count, int timeoutMs) {
  return static_cast<int>(call(kPoll, address(descriptors), static_cast<long>(count), timeoutMs));
}
int socket(int domain, int type, int protocol) {
  return static_cast<int>(call(kSocket, domain, type, protocol));
}
int connect(int descriptor, const sockaddr* to, socklen_t size) {
  return static_cast<int>(call(kConnect, descriptor, address(to), static_cast<long>(size)));
}
int getsockopt(int descriptor, int level, int option, void* value, socklen_t* size) {
  return static_cast<int>(call(kGetsockopt, descriptor, level, option, address(value), address(size)));
}
int setsockopt(int descriptor, int level, int option, const void* value, socklen_t size) {
  return static_cast<int>(call(kSetsockopt, descriptor, level, option, address(value), static_cast<long>(size)));
}
ssize_t recv(int descriptor, void* bytes, size_t count, int flags) {
  return call(kRecvfrom, descriptor, address(bytes), static_cast<long>(count), flags);
}
ssize_t send(int descriptor, const void* bytes, size_t count, int flags) {
  return call(kSendto, descriptor, address(bytes), static_cast<long>(count), flags);
}

int dprintf(int descriptor, const char* format, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  const int size = vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  return static_cast<int>(write(descriptor, text, static_cast<size_t>(size)));
}
}
