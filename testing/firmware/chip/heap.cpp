#include "heap.h"

#include <stdint.h>
#include <string.h>

size_t heapInUse = 0;
size_t heapPeak = 0;

namespace {

/// Room to keep the size in, without spoiling the alignment.
const size_t kHeader = 8;
char memory[512 * 1024];

}  // namespace

size_t heapTaken(size_t size) {
  return (size + 4 + 7) / 8 * 8;  // umm_malloc's blocks have 8 bytes, the first 4 of an allocation are its header
}

extern "C" {

void* __real_malloc(size_t size);
void __real_free(void* pointer);

void* __wrap_malloc(size_t size) {
  char* block = static_cast<char*>(__real_malloc(size + kHeader));
  if (block == nullptr) return nullptr;
  memcpy(block, &size, sizeof(size));
  heapInUse += heapTaken(size);
  if (heapInUse > heapPeak) heapPeak = heapInUse;
  return block + kHeader;
}

void __wrap_free(void* pointer) {
  if (pointer == nullptr) return;
  char* block = static_cast<char*>(pointer) - kHeader;
  size_t size;
  memcpy(&size, block, sizeof(size));
  heapInUse -= heapTaken(size);
  __real_free(block);
}

/// What picolibc's malloc() takes its memory from.
void* sbrk(ptrdiff_t more) {
  static size_t used = 0;
  if (used + static_cast<size_t>(more) > sizeof(memory)) return reinterpret_cast<void*>(-1);
  char* at = memory + used;
  used += static_cast<size_t>(more);
  return at;
}
}
