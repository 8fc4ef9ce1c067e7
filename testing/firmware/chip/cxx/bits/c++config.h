// Debian's gcc for the lx106 comes without the C++ headers; those of this machine's g++ do, once they are told what
// is not there. Only what stands in headers can be used: runtime.cpp has the few functions that they call.
#include_next <bits/c++config.h>
#undef _GLIBCXX_HAS_GTHREADS
#undef _GLIBCXX_EXTERN_TEMPLATE
#define _GLIBCXX_EXTERN_TEMPLATE 0
#undef _GLIBCXX_HAVE_LINUX_FUTEX  // what C++20 would wait with
