// C names for P4 things: readable ("hdr.ipv4.ttl" becomes hdr_ipv4_ttl), unique, and never a word of C or of p4bpf.h.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace p4bpf::codegen {

class Names {
 public:
  /// A new name made from `wanted`.
  std::string make(std::string_view wanted);
  /// Takes a name that must stay as it is (a user's extern function).
  void reserve(const std::string& name) { used_.insert(name); }

 private:
  std::set<std::string> used_;
  std::map<std::string, int> last_;  // number behind each name that was wanted more than once
};

/// A C identifier from any text, not yet unique: for members of structs.
std::string c_identifier(std::string_view text);
/// The part of a P4 name behind the last dot that a user would recognise: "hdr.ipv4.dst" gives dst.
std::string last_part(std::string_view text);

}  // namespace p4bpf::codegen
