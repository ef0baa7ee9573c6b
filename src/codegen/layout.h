// Layout of the structs that maps hold: keys and values. C's own rules are obeyed and every gap is spelled out, so that
// the offsets in the manifest are the compiler's, and no byte of a key is garbage.
#pragma once

#include <string>
#include <vector>

#include "codegen/c_tree.h"
#include "codegen/names.h"
#include "manifest/manifest.h"

namespace p4bpf::codegen {

/// A member to be placed.
struct Member {
  std::string name;  // wanted; made unique within the struct
  std::uint32_t bits = 0;
  bool is_net = false;
  // filled by lay_out
  manifest::Slot slot;
  std::string type;       // u8, u16, u32, u64
  bool is_bytes = false;  // an array of slot.size bytes in network order
};

/// C's smallest unsigned type for a scalar of at most 64 bits.
std::string c_type(std::uint32_t bits);
std::uint32_t c_size(std::uint32_t bits);

/// Places the members from `start` on and returns the first free byte. `keep_order`: as given; else the widest first.
std::uint32_t lay_out(std::vector<Member>& members, std::uint32_t start, bool keep_order);
/// The members as fields in the order of their offsets with the gaps from `start` to `end` filled by arrays of bytes.
/// `pads`, if given, takes the gaps' names and sizes.
struct Pad {
  std::string name;
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
};
std::vector<c::Field> fields_of(const std::vector<Member>& members, std::uint32_t start, std::uint32_t end,
                                std::vector<Pad>* pads);

inline std::uint32_t round_up(std::uint32_t value, std::uint32_t to) { return (value + to - 1) / to * to; }

}  // namespace p4bpf::codegen
