// Messages to the control plane: records in a ring buffer that user space reads (manifest::Digest).
#include "codegen/describe.h"
#include "codegen/lowering.h"

namespace p4bpf::codegen {
namespace {

constexpr const char* kRing = "p4bpf_digests";
constexpr const char* kLost = "p4bpf_digests_lost";
/// Some ten thousand records. The kernel wants a power of two and whole pages.
constexpr const char* kRingBytes = "1048576";
constexpr std::uint32_t kHead = 16;  // sizeof(struct p4bpf_digest)

void add_leaves(const ir::Program& program, const ir::ExternArgument& data, std::vector<ir::ExprId>& leaves) {
  if (const auto* scalar = std::get_if<ir::ExprId>(&data.value)) {
    if (program[*scalar].type.width != 0) leaves.push_back(*scalar);
  } else if (const auto* all = std::get_if<ir::ExternStruct>(&data.value)) {
    for (const ir::ExternArgument& field : all->fields) add_leaves(program, field, leaves);
  }
}

}  // namespace

/// The struct of records with these members behind the head.
void Lowering::declare_record(RecordPlan& plan, const std::string& wanted) {
  plan.size = round_up(lay_out(plan.members, kHead, true), 8);
  plan.record = names_.make(wanted);
  c::Struct record{plan.record, {{"struct p4bpf_digest", "head", {}}}, {}, 8};
  for (c::Field& field : fields_of(plan.members, kHead, plan.size, nullptr)) record.fields.push_back(std::move(field));
  declarations_.push_back(std::move(record));
}

void Lowering::plan_digests() {
  for (manifest::Digest& digest : manifest_.digests) {
    RecordPlan plan;
    for (const manifest::ActionParam& field : digest.fields)
      plan.members.push_back({field.name, field.bits, false, {}, {}, false});
    declare_record(plan, digest.name + "_record");
    for (std::size_t i = 0; i < plan.members.size(); ++i) digest.fields[i].slot = plan.members[i].slot;
    digests_.push_back(std::move(plan));
  }
  if (digests_.empty()) return;
  manifest_.digest_map = kRing;
  manifest_.digests_lost_map = kLost;
  declarations_.push_back(c::MapDefinition{"P4BPF_RING", {kRing, kRingBytes}});
  declarations_.push_back(c::MapDefinition{"P4BPF_MAP", {kLost, "P4BPF_MAP_PERCPU_ARRAY", "u32", "u64", "1", "0"}});
}

std::string Lowering::begin_record(const ir::CallExtern& s) {
  const RecordPlan& plan = digests_.at(digest_of(program_, s));
  const std::string record = names_.make("record");
  emit(c::Declare{"struct " + plan.record, record, {}, {}});
  // Every byte, gaps included: the kernel reads them all.
  call("__builtin_memset", {tree_.address(name(record)), num(0), num(plan.size)});
  return record;
}

/// digest(receiver, data)
void Lowering::send_digest(const ir::CallExtern& s) {
  const std::size_t number = digest_of(program_, s);
  const RecordPlan& plan = digests_.at(number);
  std::vector<ir::ExprId> leaves;
  add_leaves(program_, s.arguments[1], leaves);
  const Moved* const later = moved(s);
  const std::string record = later != nullptr ? later->arguments.front() : begin_record(s);
  assign(name(record + ".head.number"), num(number));
  assign(name(record + ".head.receiver"), host(std::get<ir::ExprId>(s.arguments[0].value)));
  for (std::size_t i = 0; i < leaves.size(); ++i)
    store_member(plan.members[i], leaves[i], record + "." + plan.members[i].name, 8);
  const std::vector<c::ExprId> arguments = {tree_.address(name(kRing)), tree_.address(name(kLost)),
                                            tree_.address(name(record)), num(plan.size)};
  if (later == nullptr) return call("p4bpf_digest_send", arguments);
  assign(name(later->is_due), num(1));
  held_->due.emplace_back(later->is_due, tree_.call("p4bpf_digest_send", arguments));
}

}  // namespace p4bpf::codegen
