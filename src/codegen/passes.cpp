// Further passes of a packet (runtime/p4bpf_passes.h): what a pass leaves to the next stands in a slot of a map, which
// the packet's mark names; a copy arrives at the program again, and its slot is looked at before anything else.
#include <fmt/format.h>

#include <algorithm>

#include "codegen/lowering.h"
#include "ir/walk.h"
#include "manifest/replication.h"

namespace p4bpf::codegen {
namespace {

// struct p4bpf_pass begins so, whatever the program carries.
const std::vector<c::Field> kFixed = {
    {"u32", "mark", {}},     {"u32", "passes", {}},    {"u32", "truncate_to", {}},      {"u32", "port", {}},
    {"u32", "instance", {}}, {"u32", "traced_as", {}}, {"u32", "class_of_service", {}}, {"u32", "unused", {}}};

std::uint32_t bytes_of(const c::Field& field) {
  return static_cast<std::uint32_t>(field.elements.value_or(1)) * (field.type == "u8"    ? 1u
                                                                   : field.type == "u16" ? 2u
                                                                   : field.type == "u32" ? 4u
                                                                                         : 8u);
}

template <class F>
void for_each_new_pass(const ir::Program& program, ir::BlockId block, F&& f) {
  for (const ir::Stmt& stmt : program[block].statements) {
    if (const auto* pass = std::get_if<ir::NewPass>(&stmt.node)) f(*pass);
    ir::for_each_block(stmt, [&](ir::BlockId nested) { for_each_new_pass(program, nested, f); });
  }
}

}  // namespace

/// Which copies are made, and what they carry.
void Lowering::plan_passes() {
  std::optional<ir::Replication> replicated;
  for_each_new_pass(program_, program_.entry, [&](const ir::NewPass& pass) {
    makes_copies_ = true;
    for (const ir::NewPass::Value& one : pass.values) {
      const ir::Type& type = program_.carried[one.carried];
      c::Field member{c_type(type.width), fmt::format("carried_{}", one.carried), {}};
      if (is_wide(type)) member = {"u64", member.name, limbs(type.width)};
      pass_members_.try_emplace(one.carried, member);
    }
    if (!pass.replication) return;
    P4BPF_CHECK(!replicated ||
                    (replicated->port == pass.replication->port && replicated->instance == pass.replication->instance),
                "copies that are told their ports in different places");
    replicated = pass.replication;
  });
  if (!replicated) return;
  pass_members_[replicated->port] = kFixed[3];
  pass_members_[replicated->instance] = kFixed[4];
}

/// Of Shape::kScratch: a member of the slot, which the state keeps, as no part of the program has the slot.
std::string Lowering::kept_from_pass(const std::string& member, const std::string& type,
                                     std::optional<std::uint64_t> elements) {
  c::Field& kept = kept_from_pass_[member];
  if (kept.name.empty()) kept = {type, function_variable(type, member, elements), elements};
  return kept.name;
}

/// 0 in a packet's first pass.
c::ExprId Lowering::carried(std::size_t index) {
  const auto found = pass_members_.find(index);
  if (found == pass_members_.end()) return num(0);
  const c::Field& member = found->second;
  if (uses_scratch()) return name(kept_from_pass(member.name, member.type, member.elements));
  return tree_.conditional(name("pass"), name("pass->" + member.name), num(0));
}

void Lowering::wide_carried(const std::string& target, std::size_t index) {
  const c::ExprId n = num(limbs(program_.carried[index].width));
  const auto clear = [&] {
    for (std::uint32_t i = 0; i < limbs(program_.carried[index].width); ++i)
      assign(tree_.index(name(target), num(i)), num(0));
  };
  const auto found = pass_members_.find(index);
  if (found == pass_members_.end()) return clear();
  const c::Field& member = found->second;
  if (uses_scratch()) {
    call("p4bpf_wide_copy", {name(target), name(kept_from_pass(member.name, member.type, member.elements)), n});
    return;
  }
  const c::BlockId yes = in_block([&] { call("p4bpf_wide_copy", {name(target), name("pass->" + member.name), n}); });
  emit(c::If{name("pass"), yes, in_block(clear)});
}

// ---- making copies ------------------------------------------------------------------------------------------------

void Lowering::lower(const ir::NewPass& s) {
  if (!hook_->can_copy) {
    // The rest of a packet's way behind an egress clone is no wish of the program's.
    if (rest_at_ != 0 && std::holds_alternative<ir::NewPass>((*rest_)[rest_at_ - 1].node)) return;
    diagnostics_
        .report(DiagnosticKind::kHookUnable, span_,
                fmt::format("a copy of a packet, or another pass of it, is not possible on the {} hook", hook_->name))
        .notes.push_back({{}, "the hook tc can"});
    return;
  }
  const bool is_dropped = is_dropped_behind(*rest_, rest_at_);
  const bool is_last = is_dropped && !s.replication && std::holds_alternative<ir::Verdict>((*rest_)[rest_at_ + 1].node);
  const std::string mark = names_.make("mark"), pass = names_.make("next");
  const auto make = [&](const std::string& replicas) {
    const c::ExprId passes =
        tree_.binary("+",
                     uses_scratch() ? name(kept_from_pass("passes", "u32", {}))
                                    : tree_.conditional(name("pass"), name("pass->passes"), num(0)),
                     num(1));
    emit(c::Declare{"u32", mark, {}, num(0)});
    emit(
        c::Declare{"struct p4bpf_pass *", pass, {}, tree_.call("p4bpf_new_pass", {passes, tree_.address(name(mark))})});
    const c::BlockId then = in_block([&] {
      fill_pass(s, pass);
      if (!replicas.empty()) {
        call("p4bpf_copy_to_all", {name("context"), name(replicas), name(pass)});
      } else if (is_last) {
        emit(c::Return{tree_.call("p4bpf_again", {name("context"), name(pass), name(mark)})});
      } else {
        call("p4bpf_copy", {name("context"), name(pass), name(mark)});
      }
    });
    emit(c::If{name(pass), then, {}});
  };
  emit(c::Scope{in_block([&] {
    if (!s.replication) return make("");
    const std::string replicas = replicas_of(*s.replication);
    const c::BlockId then = in_block([&] { make(replicas); });
    emit(c::If{name(replicas), then, {}});
  })});
  if (!is_dropped) reload_packet();
}

void Lowering::fill_pass(const ir::NewPass& s, const std::string& pass) {
  std::set<std::size_t> given;
  if (!traced_.empty()) assign(name(pass + "->traced_as"), name(traced_));
  for (const ir::NewPass::Value& one : s.values) {
    given.insert(one.carried);
    const std::string member = pass + "->" + pass_members_.at(one.carried).name;
    if (is_wide(program_.carried[one.carried])) {
      wide_into(member, one.value);
    } else {
      assign(name(member), host(one.value));
    }
  }
  // What another kind of pass would carry.
  for (const auto& [index, member] : pass_members_) {
    if (given.contains(index)) continue;
    const std::string target = pass + "->" + member.name;
    if (!member.elements) assign(name(target), num(0));
    for (std::uint64_t i = 0; i < member.elements.value_or(0); ++i) assign(tree_.index(name(target), num(i)), num(0));
  }
}

/// The variable with the ports of a group or session, null where nobody has configured it.
std::string Lowering::replicas_of(const ir::Replication& replication) {
  const bool is_clone = replication.kind == ir::Replication::Kind::kClone;
  std::string& map = is_clone ? manifest_.passes.clone_map : manifest_.passes.multicast_map;
  map = is_clone ? "p4bpf_clone_sessions" : "p4bpf_multicast_groups";
  const std::string id = names_.make("id"), replicas = names_.make("replicas");
  emit(c::Declare{"u32", id, {}, host(replication.id)});
  emit(c::Declare{"const struct p4bpf_replicas *",
                  replicas,
                  {},
                  tree_.call("p4bpf_map_lookup", {tree_.address(name(map)), tree_.address(name(id))})});
  return replicas;
}

void Lowering::lower(const ir::Truncate& s) {
  const c::BlockId failed = in_block([&] { emit(c::Return{name(std::string(hook_->aborted))}); });
  emit(c::If{tree_.call(fmt::format("p4bpf_{}_truncate", hook_->kind), {name("context"), host(s.bytes)}), failed, {}});
  reload_packet();
}

// ---- around the program -------------------------------------------------------------------------------------------

void Lowering::begin_pass() {
  if (!makes_copies_) return;
  emit(c::Declare{"struct p4bpf_pass *", "pass", {}, num(0)});
  const c::BlockId failed = in_block([&] { emit(c::Return{name(std::string(hook_->aborted))}); });
  emit(c::If{tree_.call("p4bpf_begin_pass", {name("context"), tree_.address(name("pass"))}), failed, {}});
}

void Lowering::read_pass_into_state() {
  if (!kept_tags_.empty()) assign(name(kept_tags_), name("tags"));
  if (kept_from_pass_.empty()) return;
  const c::BlockId then = in_block([&] {
    for (const auto& [member, kept] : kept_from_pass_) {
      if (!kept.elements) assign(name(kept.name), name("pass->" + member));
      if (kept.elements) call("p4bpf_wide_copy", {name(kept.name), name("pass->" + member), num(*kept.elements)});
    }
  });
  emit(c::If{name("pass"), then, {}});
}

void Lowering::declare_passes() {
  std::vector<c::Field> carried;
  for (const auto& [index, member] : pass_members_) {
    if (member.name.starts_with("carried_")) carried.push_back(member);
  }
  // The widest first, so that there are no gaps but at the end.
  const auto step = [](const c::Field& field) { return bytes_of({field.type, "", {}}); };
  std::stable_sort(carried.begin(), carried.end(),
                   [&](const c::Field& a, const c::Field& b) { return step(a) > step(b); });
  std::vector<c::Field> all = kFixed;
  all.insert(all.end(), carried.begin(), carried.end());
  std::uint32_t bytes = 0;
  for (const c::Field& field : all) bytes += bytes_of(field);
  manifest_.passes.slot_map = "p4bpf_pass_slots";
  manifest_.passes.slot_size = round_up(bytes, 8);
  if (bytes % 8 != 0) all.push_back({"u8", "pad_", 8 - bytes % 8});

  tree_.items.push_back(c::Struct{"p4bpf_pass", all, {}, 0});
  tree_.items.push_back(c::MapDefinition{
      "P4BPF_MAP",
      {manifest_.passes.slot_map, "P4BPF_MAP_ARRAY", "u32", "struct p4bpf_pass", "P4BPF_PASS_SLOTS", "0"}});
  if (options_.record_port) manifest_.passes.test_copies_map = "p4bpf_test_copies";
  tree_.items.push_back(c::Include{options_.record_port ? "p4bpf_test_copies.h" : "p4bpf_copies.h", false});
  tree_.items.push_back(c::Include{"p4bpf_passes.h", false});
  for (const std::string& map : {manifest_.passes.multicast_map, manifest_.passes.clone_map}) {
    if (map.empty()) continue;
    tree_.items.push_back(c::MapDefinition{
        "P4BPF_MAP",
        {map, "P4BPF_MAP_HASH", "u32", "struct p4bpf_replicas", "P4BPF_MOST_GROUPS", "P4BPF_NO_PREALLOC"}});
  }
}

// ---- VLAN tags ----------------------------------------------------------------------------------------------------

/// Bytes that the link-layer header has more than Ethernet's, since tags have been put back.
c::ExprId Lowering::tag_bytes() {
  if (options_.record_port) return num(0);  // a test's packets have their tags
  sees_tags_ = true;
  if (!uses_scratch()) return name("tags");
  if (kept_tags_.empty()) kept_tags_ = function_variable("u32", "tag_bytes");
  return name(kept_tags_);
}

/// On TC the kernel has taken the outer tag of a frame away. A program that forwards frames sees them whole.
void Lowering::put_tags_back() {
  sees_tags_ = sees_tags_ || (hook_->hook != manifest::Hook::kXdp && !manifest_.ifindex_of_port_map.empty());
  if (!sees_tags_) return;
  emit(c::Declare{"int", "tags", {}, num(0)});
  const c::BlockId then = in_block([&] {
    assign(name("tags"), tree_.call("p4bpf_tc_put_tags_back", {name("context")}));
    const c::BlockId failed = in_block([&] { emit(c::Return{name(std::string(hook_->aborted))}); });
    emit(c::If{tree_.binary("<", name("tags"), num(0)), failed, {}});
  });
  emit(c::If{name("context->vlan_present"), then, {}});
}

}  // namespace p4bpf::codegen
