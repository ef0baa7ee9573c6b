// Calculations in global data (calculation_access.h).
#include "runtime/calculation_access.h"

namespace p4bpf::runtime {
namespace {

/// The bytes of the lowest `width` bits in the opposite order.
std::uint32_t swapped(std::uint32_t value, std::uint32_t width) { return __builtin_bswap32(value) >> (32 - width); }

}  // namespace

Bytes encode_calculation(const CrcParameters& parameters, std::uint32_t width) {
  // The remainder as the program keeps it, whose lowest byte goes out next.
  const auto kept = [&](std::uint32_t remainder) {
    return parameters.reflect_data ? reflected(remainder, width) : swapped(remainder, width);
  };
  const std::uint32_t mask = ~std::uint32_t{0} >> (32 - width);
  Bytes bytes;
  const auto put = [&](std::uint32_t word) {
    const auto* const first = reinterpret_cast<const std::uint8_t*>(&word);
    bytes.insert(bytes.end(), first, first + sizeof word);
  };
  put(kept(parameters.initial & mask));
  put(parameters.final_xor & mask);
  put(!parameters.reflect_remainder);
  put(parameters.reflect_data != parameters.reflect_remainder);
  for (std::uint32_t i = 0; i < 256; ++i) {
    const auto byte = static_cast<std::uint8_t>(parameters.reflect_data ? reflected(i, 8) : i);
    put(kept(crc({&byte, 1}, {parameters.polynomial, 0, 0, false, false}, width)));
  }
  return bytes;
}

Result<void> CalculationAccess::set(std::size_t calculation, const CrcParameters& parameters) {
  const manifest::Calculation& place = manifest_->calculations.at(calculation);
  return kernel_->write_global(place.map, place.offset, encode_calculation(parameters, place.width));
}

}  // namespace p4bpf::runtime
