// The few functions of the C++ library that its headers call, without exceptions: what cannot go on, ends.

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <new>
#include <string>

namespace {

[[noreturn]] void endWith(const char* why) {
  dprintf(STDERR_FILENO, "the chip's program ends: %s\n", why);
  _exit(70);
}

}  // namespace

void* operator new(size_t size) {
  if (void* memory = malloc(size)) return memory;
  endWith("out of memory");
}
void operator delete(void* memory) noexcept {
  free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  free(memory);
}

namespace std {
void __throw_length_error(const char* what) {
  endWith(what);
}
void __throw_logic_error(const char* what) {
  endWith(what);
}
void __throw_out_of_range_fmt(const char* what, ...) {
  endWith(what);
}
void __throw_bad_alloc() {
  endWith("too much memory was asked for");
}
void __throw_bad_array_new_length() {
  endWith("too much memory was asked for");
}
void __throw_bad_function_call() {
  endWith("an empty std::function was called");
}
bool _Sp_make_shared_tag::_S_eq(const type_info&) noexcept {
  return false;  // asked only where there are run-time types
}
}  // namespace std

extern "C" {
void* __dso_handle = nullptr;
int atexit(void (*)()) {
  return 0;  // a board is never switched off in an orderly way
}
int __cxa_atexit(void (*)(void*), void*, void*) {
  return 0;
}
int __cxa_guard_acquire(uint64_t* guard) {
  return *guard == 0;
}
void __cxa_guard_release(uint64_t* guard) {
  *guard = 1;
}
void __cxa_pure_virtual() {
  endWith("a pure virtual function was called");
}
}
