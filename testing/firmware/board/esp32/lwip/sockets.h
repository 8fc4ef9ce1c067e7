// lwIP has the names of BSD sockets.
#pragma once

#include <sys/socket.h>
