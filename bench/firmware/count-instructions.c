// A plugin of QEMU: counts the instructions of the program, and prints the count when asked by a system call of its
// own. Debian has no header for it; the declarations are those of QEMU's documented interface, version 1.

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { kAsk = 4000, kAddU64 = 0 };

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
typedef void (*TranslatedBlock)(qemu_plugin_id_t id, struct qemu_plugin_tb* block);
typedef void (*SystemCall)(qemu_plugin_id_t id, unsigned cpu, int64_t number, uint64_t a1, uint64_t a2, uint64_t a3,
                           uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, TranslatedBlock callback);
void qemu_plugin_register_vcpu_syscall_cb(qemu_plugin_id_t id, SystemCall callback);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb* block, int operation, void* counter, uint64_t add);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb* block);

int qemu_plugin_version = 1;

static uint64_t instructions = 0;

static void count(qemu_plugin_id_t id, struct qemu_plugin_tb* block) {
  (void)id;
  qemu_plugin_register_vcpu_tb_exec_inline(block, kAddU64, &instructions, qemu_plugin_tb_n_insns(block));
}

static void answer(qemu_plugin_id_t id, unsigned cpu, int64_t number, uint64_t a1, uint64_t a2, uint64_t a3,
                   uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8) {
  (void)id, (void)cpu, (void)a1, (void)a2, (void)a3, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
  if (number == kAsk) fprintf(stderr, "%" PRIu64 "\n", instructions);
}

int qemu_plugin_install(qemu_plugin_id_t id, const void* info, int argc, char** argv) {
  (void)info, (void)argc, (void)argv;
  qemu_plugin_register_vcpu_tb_trans_cb(id, count);
  qemu_plugin_register_vcpu_syscall_cb(id, answer);
  return 0;
}
