#pragma once

#include <stddef.h>
#include <stdint.h>

#include "surroundings.h"

/**
 * One TCP connection that does not block. When the Wi-Fi goes, it is gone; or it outlives it, nothing comes, and what
 * is written waits: an ESP32 keeps its address for two minutes (ESP-IDF, CONFIG_ESP_NETIF_IP_LOST_TIMER_INTERVAL).
 */
class TcpSocket {
 public:
  explicit TcpSocket(bool outlivesWifi = false) : outlivesWifi_(outlivesWifi) {}
  TcpSocket(const TcpSocket&) = delete;
  TcpSocket& operator=(const TcpSocket&) = delete;
  ~TcpSocket() { close(); }

  bool connect(uint32_t address, uint32_t timeoutMs);
  void close();
  bool isOpen();
  int descriptor() const { return descriptor_; }
  /// Bytes read; 0 when there are none now, -1 when there will be none any more.
  int read(uint8_t* bytes, size_t count);
  /// Bytes taken; 0 when there is no room now, -1 when the connection is gone.
  int write(const uint8_t* bytes, size_t count);
  /// Waits until there is something to read, at most so long.
  void wait(uint32_t ms);

 private:
  int descriptor_ = -1;
  bool ended_ = false;  ///< by the other side; the descriptor stays until close()
  bool outlivesWifi_;
};
