#include <bits/gthr-single.h>
