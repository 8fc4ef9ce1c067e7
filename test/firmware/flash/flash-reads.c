// A plugin of QEMU: says which code reads flash otherwise than the chip does, four bytes at a time from an address that
// four divides, or writes to it. The argument flash=START:END has the addresses, in hexadecimal; there may be many.
// Debian has no header for it; the declarations are those of QEMU's documented interface, version 1.

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { kNoRegisters = 0, kReadsAndWrites = 3, kMostRanges = 8 };

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*TranslatedBlock)(qemu_plugin_id_t id, struct qemu_plugin_tb* block);
typedef void (*Access)(unsigned cpu, uint32_t info, uint64_t address, void* instruction);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, TranslatedBlock callback);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn* instruction, Access callback, int flags, int kind,
                                      void* data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb* block);
struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb* block, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn* instruction);
unsigned qemu_plugin_mem_size_shift(uint32_t info);
int qemu_plugin_mem_is_store(uint32_t info);

int qemu_plugin_version = 1;

static struct { uint64_t start, end; } flash[kMostRanges];
static size_t ranges = 0;

static void look(unsigned cpu, uint32_t info, uint64_t address, void* instruction) {
  (void)cpu;
  for (size_t i = 0; i < ranges; i++) {
    if (address < flash[i].start || address >= flash[i].end) continue;
    const unsigned bytes = 1u << qemu_plugin_mem_size_shift(info);
    const int stores = qemu_plugin_mem_is_store(info) & 1;
    if (bytes == 4 && address % 4 == 0 && !stores) return;
    fprintf(stderr, "0x%" PRIx64 " %s %u bytes of flash at 0x%" PRIx64 ": a LoadStoreError on the chip\n",
            (uint64_t)(uintptr_t)instruction, stores ? "writes" : "reads", bytes, address);
    _Exit(71);
  }
}

static void watch(qemu_plugin_id_t id, struct qemu_plugin_tb* block) {
  (void)id;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
    struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, i);
    qemu_plugin_register_vcpu_mem_cb(instruction, look, kNoRegisters, kReadsAndWrites,
                                     (void*)(uintptr_t)qemu_plugin_insn_vaddr(instruction));
  }
}

int qemu_plugin_install(qemu_plugin_id_t id, const void* info, int argc, char** argv) {
  (void)info;
  for (int i = 0; i < argc; i++) {
    if (ranges == kMostRanges ||
        sscanf(argv[i], "flash=%" SCNx64 ":%" SCNx64, &flash[ranges].start, &flash[ranges].end) != 2) {
      fprintf(stderr, "flash-reads: %s is none of up to %d flash=START:END\n", argv[i], kMostRanges);
      return 1;
    }
    ranges++;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, watch);
  return 0;
}
