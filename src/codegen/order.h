// Byte order inference: which variables and header fields are kept in network order, because they are copied, compared
// and used as keys more than they are calculated with.
//
// Only values whose width is 16, 24, ... 64 bits have an order; a value in network order is the little-endian reading
// of its bytes. Places that are copied to each other form a group (union-find) and the group votes: a field of the
// packet, a table key or an equality with such votes for network, arithmetic for host. The choice changes speed only,
// never meaning.
#pragma once

#include <functional>
#include <vector>

#include "codegen/flow.h"

namespace p4bpf::codegen {

inline bool has_order(const ir::Type& type) {
  return type.kind == ir::Type::Kind::kBits && !type.is_signed && type.width % 8 == 0 && type.width > 8 &&
         type.width <= 64;
}

class Orders {
 public:
  Orders(const ir::Program& program, const Flow& flow);
  /// Of one that came to the program later: host order.
  bool is_net(ir::VarId var) const;
  /// Of a local header's field; fields in the packet are in network order anyway.
  bool is_net(ir::HeaderId header, std::size_t field) const;

 private:
  friend class OrderWalk;
  std::size_t place(ir::HeaderId header, std::size_t field) const { return field_base_[header.index()] + field; }
  std::size_t var_count_ = 0;
  std::vector<std::size_t> field_base_;
  std::vector<bool> net_;
};

}  // namespace p4bpf::codegen
