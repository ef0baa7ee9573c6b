// The arithmetic of checksum.h.
#include "arch/checksum.h"

namespace p4bpf::arch {

BigInt ones_complement_sum(const BigInt& data) {
  BigInt rest = data;
  BigInt sum = 0;
  while (rest != 0) {
    sum += rest & 0xffff;
    rest >>= 16;
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

BigInt internet_checksum(const BigInt& data) { return 0xffff - ones_complement_sum(data); }

BigInt replace_in_checksum(const BigInt& checksum, const BigInt& before, const BigInt& after, std::uint32_t width) {
  const BigInt all = power_of_two(width) - 1;
  const BigInt sum = (0xffff - checksum) + ones_complement_sum(all - before) + ones_complement_sum(after);
  return internet_checksum(sum);
}

}  // namespace p4bpf::arch
