#pragma once

#include <sys/socket.h>

enum { IPPROTO_TCP = 6, TCP_NODELAY = 1 };
