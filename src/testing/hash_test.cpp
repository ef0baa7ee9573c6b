// The hashes that programs compute (p4bpf_hash.h) against their meaning (src/arch/hash.cpp), and both against numbers
// from elsewhere.
#include "arch/hash.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "base/crc.h"
#include "runtime/calculation_access.h"

namespace {

// What p4bpf.h gives to p4bpf_hash.h.
using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
#define P4BPF_INLINE [[maybe_unused]] static inline
#define P4BPF_UNROLL
#define P4BPF_ROLLED
#define P4BPF_MOST_UNROLLED 80
#define P4BPF_EACH(i, count) for (u32 i = 0; i < (count); ++i)
#define P4BPF_SWAP16(x) ((u32)__builtin_bswap16((u16)(x)))
#define P4BPF_SWAP32(x) (__builtin_bswap32((u32)(x)))
#define P4BPF_LOAD16(address) load<u16>(address)
#define P4BPF_LOAD32(address) load<u32>(address)
template <class T>
T load(const u8* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#include "codegen/runtime/p4bpf_hash.h"
#pragma GCC diagnostic pop

using p4bpf::arch::find_hash;
using Function = u32 (*)(const u8*, u32);
const std::pair<const char*, Function> kFunctions[] = {{"lookup3", p4bpf_hash_lookup3},
                                                       {"crc32", p4bpf_hash_crc32},
                                                       {"crc16", p4bpf_hash_crc16},
                                                       {"csum16", p4bpf_hash_csum16},
                                                       {"xor16", p4bpf_hash_xor16}};

u32 hash(const char* name, std::string_view text) {
  return find_hash(name)->of({reinterpret_cast<const u8*>(text.data()), text.size()});
}

TEST(Hash, AgreesWithPublishedValues) {
  // The check values of "A painless guide to CRC error detection algorithms" and its successors.
  EXPECT_EQ(hash("crc32", "123456789"), 0xcbf43926u);
  EXPECT_EQ(hash("crc16", "123456789"), 0xbb3du);
  // The driver5 of lookup3.c.
  EXPECT_EQ(hash("lookup3", ""), 0xdeadbeefu);
  EXPECT_EQ(hash("lookup3", "Four score and seven years ago"), 0x17770551u);
  // RFC 1071, section 3: the sum is ddf2.
  EXPECT_EQ(hash("csum16", std::string_view("\x00\x01\xf2\x03\xf4\xf5\xf6\xf7", 8)), 0x220du);
  EXPECT_EQ(hash("xor16", std::string_view("\x12\x34\x56\x78\x9a", 5)), 0xde4cu);
  EXPECT_EQ(find_hash("none"), nullptr);
}

TEST(Hash, ProgramsComputeWhatTheInterpreterDoes) {
  std::mt19937 random(1);
  for (u32 size = 0; size < 70; ++size) {
    std::vector<u8> bytes((size + 3) & ~3u);
    for (u32 i = 0; i < size; ++i) bytes[i] = static_cast<u8>(random());
    for (const auto& [name, function] : kFunctions)
      EXPECT_EQ(function(bytes.data(), size), find_hash(name)->of(std::span(bytes).first(size))) << name << ' ' << size;
  }
}

TEST(Hash, ParametersOfACrcAreThoseOfItsCatalogue) {
  // Check values over "123456789" of the catalogue of G. Cook: CRC-32C, CRC-32/BZIP2, CRC-16/XMODEM, CRC-16/DNP.
  const std::string_view text = "123456789";
  const std::span bytes(reinterpret_cast<const u8*>(text.data()), text.size());
  EXPECT_EQ(p4bpf::crc(bytes, {0x1edc6f41, ~0u, ~0u, true, true}, 32), 0xe3069283u);
  EXPECT_EQ(p4bpf::crc(bytes, {0x04c11db7, ~0u, ~0u, false, false}, 32), 0xfc891918u);
  EXPECT_EQ(p4bpf::crc(bytes, {0x1021, 0, 0, false, false}, 16), 0x31c3u);
  EXPECT_EQ(p4bpf::crc(bytes, {0x3d65, 0, 0xffff, true, true}, 16), 0xea82u);
}

TEST(Hash, ProgramsComputeWithTheParametersThatAreSet) {
  std::mt19937 random(2);
  for (int round = 0; round < 200; ++round) {
    const u32 width = round % 2 == 0 ? 16 : 32;
    const p4bpf::CrcParameters parameters{static_cast<u32>(random()), static_cast<u32>(random()),
                                          static_cast<u32>(random()), (random() & 1) != 0, (random() & 1) != 0};
    std::vector<u8> bytes(random() % 40);
    for (u8& byte : bytes) byte = static_cast<u8>(random());
    const p4bpf::runtime::Bytes encoded = p4bpf::runtime::encode_calculation(parameters, width);
    p4bpf_calculation calculation{};
    static_assert(sizeof calculation == p4bpf::runtime::kCalculationBytes);
    ASSERT_EQ(encoded.size(), sizeof calculation);
    std::memcpy(&calculation, encoded.data(), sizeof calculation);
    EXPECT_EQ(p4bpf_hash_custom(bytes.data(), static_cast<u32>(bytes.size()), &calculation, width),
              p4bpf::crc(bytes, parameters, width))
        << round;
  }
}

TEST(Hash, CalculationsBeginAsThePlainAlgorithms) {
  const p4bpf_calculation wide P4BPF_CALCULATION32;
  const p4bpf_calculation narrow P4BPF_CALCULATION16;
  const auto encoded = [](const p4bpf::CrcParameters& parameters, u32 width) {
    return p4bpf::runtime::encode_calculation(parameters, width);
  };
  EXPECT_EQ(std::memcmp(&wide, encoded(p4bpf::kCrc32, 32).data(), sizeof wide), 0);
  EXPECT_EQ(std::memcmp(&narrow, encoded(p4bpf::kCrc16, 16).data(), sizeof narrow), 0);
}

}  // namespace
