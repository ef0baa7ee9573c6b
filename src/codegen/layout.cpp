// Layout of keys and values.
#include "codegen/layout.h"

#include <fmt/format.h>

#include <algorithm>

namespace p4bpf::codegen {

std::string c_type(std::uint32_t bits) { return bits <= 8 ? "u8" : bits <= 16 ? "u16" : bits <= 32 ? "u32" : "u64"; }
std::uint32_t c_size(std::uint32_t bits) { return bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : 8; }

namespace {

/// Byte arrays are aligned for the moves that fill them, though C does not ask for it.
std::uint32_t alignment(const Member& member) {
  if (!member.is_bytes) return member.slot.size;
  return member.slot.size >= 8 ? 8 : member.slot.size >= 4 ? 4 : member.slot.size >= 2 ? 2 : 1;
}

}  // namespace

std::uint32_t lay_out(std::vector<Member>& members, std::uint32_t start, bool keep_order) {
  Names names;
  for (Member& member : members) {
    member.name = names.make(member.name);
    const bool odd = member.is_net && member.bits != 8 && member.bits != 16 && member.bits != 32 && member.bits != 64;
    member.is_bytes = member.bits > 64 || odd;
    member.slot.size = member.is_bytes ? (member.bits + 7) / 8 : c_size(member.bits);
    member.slot.order = member.is_net || member.is_bytes ? manifest::ByteOrder::kNetwork : manifest::ByteOrder::kHost;
    member.type = member.is_bytes ? "u8" : c_type(member.bits);
  }
  std::vector<Member*> order;
  for (Member& member : members) order.push_back(&member);
  if (!keep_order) {
    std::stable_sort(order.begin(), order.end(),
                     [](const Member* a, const Member* b) { return alignment(*a) > alignment(*b); });
  }
  std::uint32_t at = start;
  for (Member* member : order) {
    at = round_up(at, alignment(*member));
    member->slot.offset = at;
    at += member->slot.size;
  }
  return at;
}

std::vector<c::Field> fields_of(const std::vector<Member>& members, std::uint32_t start, std::uint32_t end,
                                std::vector<Pad>* pads) {
  std::vector<const Member*> order;
  for (const Member& member : members) order.push_back(&member);
  std::sort(order.begin(), order.end(),
            [](const Member* a, const Member* b) { return a->slot.offset < b->slot.offset; });
  std::vector<c::Field> fields;
  std::uint32_t at = start;
  int gaps = 0;
  const auto fill = [&](std::uint32_t to) {
    if (at == to) return;
    const std::string name = fmt::format("pad{}_", gaps++);
    if (pads) pads->push_back({name, at, to - at});
    fields.push_back({"u8", name, to - at});
  };
  for (const Member* member : order) {
    fill(member->slot.offset);
    fields.push_back({member->type, member->name,
                      member->is_bytes ? std::optional<std::uint64_t>(member->slot.size) : std::nullopt});
    at = member->slot.offset + member->slot.size;
  }
  fill(end);
  return fields;
}

}  // namespace p4bpf::codegen
