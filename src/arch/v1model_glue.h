// What v1model's glue keeps track of while the blocks are elaborated: the fields of standard_metadata, and what the
// program asks for its packets by calls that take effect later (clone, resubmit, recirculate, truncate).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "arch/calculations.h"
#include "ir/elaborate.h"

namespace p4bpf::arch {

/// The scalars that `storage` holds, in order; headers, stacks and unions are left out.
void add_vars(const ir::Storage& storage, std::vector<ir::VarId>& vars);
/// The headers that `storage` holds, elements of stacks included, in order.
void add_headers(const ir::Program& program, const ir::Storage& storage, std::vector<ir::HeaderId>& headers,
                 std::vector<ir::StackId>& stacks);

/// The members of standard_metadata_t that the glue itself reads or writes.
struct StandardMetadata {
  ir::VarId ingress_port, egress_spec, egress_port, instance_type, packet_length;
  ir::VarId ingress_global_timestamp, egress_global_timestamp, mcast_grp, egress_rid, priority;
  ir::VarId checksum_error, parser_error;

  /// False, and a diagnostic, if `storage` is not the standard_metadata of v1model.p4.
  bool find(ir::Elaborator& elaborator, const ir::PackageInstance& package, const ir::Storage& storage);
};

/// What a program has asked for the packet so far. A request holds 0: nothing; 1: a copy; 2 + n: a copy that keeps the
/// metadata of field list n. The last call wins.
class Requests {
 public:
  explicit Requests(ir::Program& program);

  ir::VarId ingress_clone, ingress_clone_session, egress_clone, egress_clone_session;
  ir::VarId resubmit, recirculate;
  ir::VarId is_truncated, truncated_to;  // bool; bytes
  std::vector<ir::VarId> all() const;

  using FieldLists = std::map<std::uint32_t, std::vector<ir::VarId>>;
  FieldLists field_lists;  // by their number in @field_list; of the old spellings from kUnnumbered on

  /// In `into`, asks for a copy that keeps that list, or none.
  void ask(ir::VarId request, std::optional<std::uint32_t> list, Span span, ir::Builder& into);
  /// The list of a call in the old spelling, whose argument names the fields.
  std::uint32_t list_of(const ir::Program& program, const ir::ExternArgument& data);
  /// The values that `request` may hold but 0, each with the metadata that is kept.
  std::map<BigInt, std::vector<ir::VarId>> choices(ir::VarId request) const;
  /// Where the first call stands that asks for it.
  Span place_of(ir::VarId request) const;
  /// All metadata that some call wants kept.
  std::vector<ir::VarId> kept() const;

 private:
  static constexpr std::uint32_t kUnnumbered = 256;  // the numbers of lists are bit<8>
  std::map<ir::VarId, std::set<std::uint32_t>> asked_;
  std::map<ir::VarId, Span> places_;
};

/// Writes IR for those externs of v1model that are more than an evaluation; false for the others.
class CallGlue {
 public:
  CallGlue(ir::Elaborator& elaborator, const StandardMetadata& fields, Requests& requests)
      : elaborator_(elaborator),
        program_(elaborator.program()),
        fields_(fields),
        requests_(requests),
        calculations_(elaborator) {}
  /// To be called when all blocks have been elaborated.
  void finish() { calculations_.name(); }
  bool operator()(const ir::CallExtern& call, ast::ExprId written, Span span, ir::Builder& into);

 private:
  void mark_to_drop(const ir::CallExtern& call, Span span, ir::Builder& into);
  void clone(const ir::CallExtern& call, const std::string& name, Span span, ir::Builder& into);
  void hash(const ir::CallExtern& call, Span span, ir::Builder& into);
  void select(const ir::CallExtern& call, Span span, ir::Builder& into);
  void random(const ir::CallExtern& call, Span span, ir::Builder& into);
  void checksum(const ir::CallExtern& call, const std::string& name, Span span, ir::Builder& into);
  std::optional<std::uint32_t> list_number(const ir::ExternArgument& argument, Span span);
  std::string algorithm_of(const ir::ExternArgument& argument, Span span);
  ir::ExprId hash_of(const ir::ExternArgument& whole, const std::string& algorithm, bool with_payload, Span span,
                     ir::Builder& into);
  ir::ExprId calculation_of(Calculations::Kind kind, const ir::ExternArgument& data, const std::string& algorithm,
                            bool with_payload, Span span, ir::Builder& into);
  ir::ExprId call_hash(const std::string& function, ir::ExternInstanceId instance, const ir::ExternArgument& data,
                       const std::string& algorithm, Span span, ir::Builder& into);
  ir::ExprId identity_of(const ir::ExternArgument& data, Span span, ir::Builder& into);
  ir::ExprId random_bits(Span span, ir::Builder& into);
  ir::ExternFunctionId internal(const std::string& name, std::vector<ir::ExternFunction::Param> params,
                                std::optional<ir::Type> result);

  ir::Elaborator& elaborator_;
  ir::Program& program_;
  const StandardMetadata& fields_;
  Requests& requests_;
  Calculations calculations_;
  ast::ExprId written_;  // the call that is being turned into IR
  std::map<std::string, ir::ExternFunctionId> internal_;
};

}  // namespace p4bpf::arch
