#pragma once

#include <bits/std_function.h>  // of <functional>, the rest of which takes long to read

/// Called when the clock was set; says whether by SNTP.
void settimeofday_cb(std::function<void(bool fromSntp)> callback);
/// Sets the clock by SNTP, soon and again and again.
void configTime(int timezone, int daylight, const char* server1, const char* server2);
