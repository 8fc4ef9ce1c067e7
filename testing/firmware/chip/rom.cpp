// Arithmetic that the compiler calls for and that stands in the chip's ROM, so that Debian's libgcc for it lacks it.
// Slow and plain: who counts instructions should know that the ROM needs fewer for a division.

#include <stdint.h>
#include <string.h>

namespace {

template <typename T>
struct Division {
  T quotient;
  T remainder;
};

template <typename T>
Division<T> divide(T dividend, T divisor) {
  Division<T> result = {0, 0};
  for (int bit = 8 * sizeof(T) - 1; bit >= 0; bit--) {
    result.remainder = result.remainder << 1 | (dividend >> bit & 1);
    if (result.remainder < divisor) continue;
    result.remainder -= divisor;
    result.quotient |= T{1} << bit;
  }
  return result;
}

uint32_t magnitude(int32_t number) {
  return number < 0 ? 0u - static_cast<uint32_t>(number) : static_cast<uint32_t>(number);
}

/// A number of single precision; there are no infinities here, and nothing below 2^-126.
struct Single {
  bool negative;
  int32_t exponent;  ///< of the mantissa's last bit
  uint64_t mantissa;
};

Single unpack(float number) {
  uint32_t bits;
  memcpy(&bits, &number, sizeof(bits));
  const int32_t exponent = bits >> 23 & 0xff;
  return {bits >> 31 != 0, exponent - 150, exponent == 0 ? 0u : ((bits & 0x7fffff) | 0x800000)};
}

/// Rounds to the nearest, to the even one of two.
float pack(Single number) {
  if (number.mantissa == 0) return 0;
  while (number.mantissa < 0x800000) {
    number.mantissa <<= 1;
    number.exponent--;
  }
  int excess = 0;
  while (number.mantissa >> excess > 0xffffff) excess++;
  if (excess > 0) {
    const uint64_t half = uint64_t{1} << (excess - 1);
    const uint64_t lost = number.mantissa & (2 * half - 1);
    number.mantissa >>= excess;
    number.exponent += excess;
    if (lost > half || (lost == half && (number.mantissa & 1))) number.mantissa++;
    if (number.mantissa == 0x1000000) {
      number.mantissa >>= 1;
      number.exponent++;
    }
  }
  const uint32_t bits = static_cast<uint32_t>(number.negative) << 31 |
                        static_cast<uint32_t>(number.exponent + 150) << 23 |
                        (static_cast<uint32_t>(number.mantissa) & 0x7fffff);
  float result;
  memcpy(&result, &bits, sizeof(result));
  return result;
}

float add(Single a, Single b) {
  if (a.mantissa == 0) return pack(b);
  if (b.mantissa == 0) return pack(a);
  if (a.exponent < b.exponent) {
    const Single other = a;
    a = b;
    b = other;
  }
  const int32_t apart = a.exponent - b.exponent;
  if (apart > 36) return pack(a);  // b is less than a thousandth of a's last bit
  a.mantissa <<= apart;
  a.exponent = b.exponent;
  if (a.negative == b.negative) {
    a.mantissa += b.mantissa;
  } else if (a.mantissa >= b.mantissa) {
    a.mantissa -= b.mantissa;
  } else {
    a.mantissa = b.mantissa - a.mantissa;
    a.negative = b.negative;
  }
  return pack(a);
}

}  // namespace

extern "C" {

uint32_t __udivsi3(uint32_t dividend, uint32_t divisor) {
  return divide(dividend, divisor).quotient;
}
uint32_t __umodsi3(uint32_t dividend, uint32_t divisor) {
  return divide(dividend, divisor).remainder;
}
int32_t __divsi3(int32_t dividend, int32_t divisor) {
  const uint32_t quotient = divide(magnitude(dividend), magnitude(divisor)).quotient;
  return static_cast<int32_t>((dividend < 0) != (divisor < 0) ? 0u - quotient : quotient);
}
uint64_t __udivdi3(uint64_t dividend, uint64_t divisor) {
  return divide(dividend, divisor).quotient;
}
uint64_t __umoddi3(uint64_t dividend, uint64_t divisor) {
  return divide(dividend, divisor).remainder;
}
uint64_t __muldi3(uint64_t a, uint64_t b) {
  uint64_t product = 0;
  for (; b != 0; b >>= 1, a <<= 1) {
    if (b & 1) product += a;
  }
  return product;
}

float __floatsisf(int32_t number) {
  return pack({number < 0, 0, magnitude(number)});
}
float __mulsf3(float left, float right) {
  const Single a = unpack(left), b = unpack(right);
  return pack({a.negative != b.negative, a.exponent + b.exponent, __muldi3(a.mantissa, b.mantissa)});
}
float __addsf3(float left, float right) {
  return add(unpack(left), unpack(right));
}
float __subsf3(float left, float right) {
  Single negated = unpack(right);
  negated.negative = !negated.negative;
  return add(unpack(left), negated);
}
double __extendsfdf2(float number) {
  uint32_t bits;
  memcpy(&bits, &number, sizeof(bits));
  const uint64_t sign = static_cast<uint64_t>(bits >> 31) << 63;
  const uint64_t exponent = static_cast<uint64_t>((bits >> 23 & 0xff) + 1023 - 127) << 52;
  const uint64_t wide = (bits << 1) == 0 ? sign : sign | exponent | static_cast<uint64_t>(bits & 0x7fffff) << 29;
  double result;
  memcpy(&result, &wide, sizeof(result));
  return result;
}
}
