// How a v1model switch's blocks become one program (v1model.h).
#include "arch/v1model.h"

#include <functional>

#include "arch/glue.h"
#include "arch/v1model_glue.h"

namespace p4bpf::arch {
namespace {

/// The parts of the switch while they are put together.
class Assembly {
 public:
  Assembly(ir::Elaborator& elaborator, const ir::PackageInstance& package, ir::Program& program)
      : elaborator_(elaborator), package_(package), span_(package.span), program_(program), requests_(program) {}
  void run();

 private:
  bool find_blocks();
  bool find_metadata();
  void write_entry(ir::Builder& entry, ir::BlockId ingress, ir::BlockId egress);

  // the way of a packet (each writes its part at the end of `into`)
  void read_back(ir::Builder& into, ir::LabelId to_egress);
  void parse(ir::Builder& into);
  void decide_behind_ingress(ir::Builder& into);
  void decide_behind_egress(ir::Builder& into);
  void depart(ir::Builder& into);

  // further passes
  struct Copy {
    ir::VarId requested;
    V1Pass kind;
    bool is_original;
    std::optional<ir::Replication> to;
  };
  void make_copies(const Copy& copy, const std::function<void(ir::Builder&)>& before,
                   const std::function<void(ir::Builder&)>& after, ir::Builder& into);
  ir::NewPass new_pass(V1Pass kind, bool is_original, ir::Builder& at);
  ir::Replication replicas(ir::Replication::Kind kind, ir::VarId id, ir::Builder& at);
  void carry(ir::VarId var, ir::NewPass& pass, ir::Builder& at);
  void carry_headers(ir::NewPass& pass, ir::Builder& at);
  void carry_metadata(ir::NewPass& pass, ir::Builder& at);
  std::size_t slot_of(ir::VarId var);
  void restore(const std::vector<ir::VarId>& vars, ir::Builder& into);
  void write_all_headers(ir::Builder& into);
  ir::ParserId all_headers_parser();

  // short ways to write
  void verdict(ir::VerdictKind kind, ir::Builder& into, ir::ExprId port = {}) {
    into.add(ir::Verdict{kind, port}, span_);
  }
  ir::ExprId constant(ir::Builder& at, ir::VarId like, BigInt value) {
    return at.constant(program_[like].type, std::move(value), span_);
  }
  void set(ir::Builder& at, ir::VarId target, ir::ExprId value) {
    at.assign(target, at.cast(program_[target].type, value, span_), span_);
  }
  ir::ExprId carried(ir::Builder& at, std::size_t slot) {
    return at.expr(program_.carried[slot], ir::Carried{slot}, span_);
  }
  ir::ExprId is_pass(ir::Builder& at, V1Pass kind) {
    return at.binary(ir::BinaryOp::kEq, carried(at, kKindSlot),
                     at.constant(ir::Type::bits(32), static_cast<std::uint32_t>(kind), span_), span_);
  }
  ir::ExprId either(ir::Builder& at, ir::ExprId left, ir::ExprId right) {
    return at.binary(ir::BinaryOp::kOr, left, right, span_);
  }
  Span place_of_multicast() const;
  void set_timestamp(ir::Builder& at, ir::VarId target);
  void set_copy_metadata(ir::Builder& into);

  static constexpr std::size_t kKindSlot = 0;      // V1Pass
  static constexpr std::size_t kPortSlot = 1;      // of a replica
  static constexpr std::size_t kInstanceSlot = 2;  // of a replica

  ir::Elaborator& elaborator_;
  const ir::PackageInstance& package_;
  Span span_;
  ir::Program& program_;
  std::shared_ptr<const ir::BlockInstance> parser_, verify_, ingress_, egress_, update_, deparser_;
  ir::Storage headers_, metadata_, standard_;
  StandardMetadata fields_;
  Requests requests_;
  std::map<ir::VarId, std::size_t> slots_;
  std::vector<ir::VarId> all_metadata_;  // what a replica keeps
  std::vector<ir::HeaderId> all_headers_;
  std::vector<ir::StackId> all_stacks_;
  std::vector<ir::VarId> valid_;    // by all_headers_: its validity in the pass before
  std::vector<ir::VarId> lengths_;  // likewise: bits of its varbit; names nothing if it has none
  ir::ExternFunctionId timestamp_;
};

bool Assembly::find_blocks() {
  const auto block = [&](std::size_t i, std::size_t params) { return block_at(elaborator_, package_, i, params); };
  parser_ = block(0, 4), verify_ = block(1, 2), ingress_ = block(2, 3);
  egress_ = block(3, 3), update_ = block(4, 2), deparser_ = block(5, 2);
  return parser_ && verify_ && ingress_ && egress_ && update_ && deparser_;
}

bool Assembly::find_metadata() {
  headers_ = elaborator_.storage(elaborator_.param_type(*parser_, 1), "hdr");
  metadata_ = elaborator_.storage(elaborator_.param_type(*parser_, 2), "meta");
  standard_ = elaborator_.storage(elaborator_.param_type(*parser_, 3), "standard_metadata");
  if (elaborator_.diagnostics().has_errors() || !fields_.find(elaborator_, package_, standard_)) return false;
  for (const auto& [param, storage] : {std::pair{2, &metadata_}, {3, &standard_}}) {
    const TypeId type = elaborator_.param_type(*parser_, static_cast<std::size_t>(param));
    for (const auto& [number, members] : elaborator_.field_lists(type, *storage)) {
      for (const ir::Storage& one : members) add_vars(one, requests_.field_lists[number]);
    }
    add_vars(*storage, all_metadata_);
  }
  add_headers(program_, headers_, all_headers_, all_stacks_);
  add_headers(program_, metadata_, all_headers_, all_stacks_);
  ir::Builder build(program_);
  for (const ir::HeaderId header : all_headers_) {
    const std::string& name = program_[header].name;
    valid_.push_back(build.var(name + ".was_valid", ir::Type::boolean()));
    const bool has_varbit = program_[program_[header].type].varbit_field.has_value();
    lengths_.push_back(has_varbit ? build.var(name + ".varbit_length", ir::Type::bits(32)) : ir::VarId());
  }
  return true;
}

// ---- further passes -----------------------------------------------------------------------------------------------

std::size_t Assembly::slot_of(ir::VarId var) {
  const auto [at, is_new] = slots_.try_emplace(var, program_.carried.size());
  if (is_new) program_.carried.push_back(program_[var].type);
  return at->second;
}

void Assembly::carry(ir::VarId var, ir::NewPass& pass, ir::Builder& at) {
  pass.values.push_back({slot_of(var), at.ref(var, span_)});
}

void Assembly::restore(const std::vector<ir::VarId>& vars, ir::Builder& into) {
  for (const ir::VarId var : vars) into.assign(var, carried(into, slot_of(var)), span_);
}

void Assembly::carry_metadata(ir::NewPass& pass, ir::Builder& at) {
  for (const ir::VarId var : all_metadata_) carry(var, pass, at);
  for (const ir::VarId var : requests_.all()) carry(var, pass, at);
}

/// What it takes to read back the headers that write_all_headers wrote.
void Assembly::carry_headers(ir::NewPass& pass, ir::Builder& at) {
  for (const ir::StackId stack : all_stacks_) carry(program_[stack].next_index, pass, at);
  for (std::size_t i = 0; i < all_headers_.size(); ++i) {
    const ir::HeaderRef header{all_headers_[i], {}, {}};
    pass.values.push_back({slot_of(valid_[i]), at.is_valid(header, span_)});
    if (!lengths_[i]) continue;
    pass.values.push_back({slot_of(lengths_[i]), at.expr(ir::Type::bits(32), ir::VarbitLength{header}, span_)});
  }
}

ir::NewPass Assembly::new_pass(V1Pass kind, bool is_original, ir::Builder& at) {
  ir::NewPass pass;
  pass.is_original = is_original;
  pass.values.push_back({kKindSlot, at.constant(ir::Type::bits(32), static_cast<std::uint32_t>(kind), span_)});
  return pass;
}

ir::Replication Assembly::replicas(ir::Replication::Kind kind, ir::VarId id, ir::Builder& at) {
  return {kind, at.cast(ir::Type::bits(32), at.ref(id, span_), span_), kPortSlot, kInstanceSlot};
}

/// Makes the copy that was asked for, if one was, with the metadata that it keeps.
void Assembly::make_copies(const Copy& copy, const std::function<void(ir::Builder&)>& before,
                           const std::function<void(ir::Builder&)>& after, ir::Builder& into) {
  ir::Switch choice{into.ref(copy.requested, span_), {}, {}};
  for (const auto& [value, kept] : requests_.choices(copy.requested)) {
    ir::Builder one = into.nested();
    if (before) before(one);
    ir::NewPass pass = new_pass(copy.kind, copy.is_original, one);
    for (const ir::VarId var : kept) carry(var, pass, one);
    if (copy.kind == V1Pass::kEgressClone) carry_headers(pass, one);
    pass.replication = copy.to;
    one.add(std::move(pass), requests_.place_of(copy.requested));
    if (after) after(one);
    choice.cases.push_back({{value}, one.block()});
  }
  if (!choice.cases.empty()) into.add(std::move(choice), span_);
}

void Assembly::write_all_headers(ir::Builder& into) {
  ir::Builder emits = into.nested();
  for (const ir::HeaderId header : all_headers_) emits.add(ir::Emit{{header, {}, {}}}, span_);
  into.add(ir::Deparse{emits.block(), 0}, span_);
}

/// Extracts each header that the pass before had.
ir::ParserId Assembly::all_headers_parser() {
  using Target = ir::StateTarget;
  ir::Builder build(program_);
  ir::Parser parser;
  parser.name = "headers of the pass before";
  parser.span = span_;
  parser.accepted = build.var("read_back", ir::Type::boolean());
  parser.error = build.var("read_back_error", ir::Type::error());
  const auto add_state = [&](std::string name, ir::BlockId body, std::vector<ir::ExprId> keys,
                             std::vector<ir::SelectCase> cases) {
    parser.states.push_back({std::move(name), body, {std::move(keys), std::move(cases), span_}, span_});
  };
  const auto direct = [&](Target target) { return std::vector<ir::SelectCase>{{{}, target, span_}}; };
  for (std::size_t i = 0; i < all_headers_.size(); ++i) {
    const std::string& name = program_[all_headers_[i]].name;
    const Target extract{Target::Kind::kState, 2 * i + 1}, next{Target::Kind::kState, 2 * i + 2};
    add_state("was " + name + " valid", build.nested().block(), {build.ref(valid_[i], span_)},
              {{{{KeyMatch::Kind::kExact, 1, 0, 0, 0}}, extract, span_}, {{{}}, next, span_}});
    ir::Builder body = build.nested();
    body.add(ir::Extract{{all_headers_[i], {}, {}}, lengths_[i] ? body.ref(lengths_[i], span_) : ir::ExprId()}, span_);
    add_state(name, body.block(), {}, direct(next));
  }
  add_state("all read", build.nested().block(), {}, direct({Target::Kind::kAccept, 0}));
  return program_.parsers.add(std::move(parser));
}

// ---- the way of a packet ------------------------------------------------------------------------------------------

void Assembly::set_timestamp(ir::Builder& at, ir::VarId target) {
  if (!timestamp_) timestamp_ = program_.extern_functions.add({"$timestamp", {}, ir::Type::bits(64), false, span_});
  const ir::ExprId now = at.ref(at.var("now", ir::Type::bits(64), span_), span_);
  at.add(ir::CallExtern{timestamp_, {}, {}, now}, span_);
  set(at, target, now);
}

/// Of a copy: where it goes, and what it is.
void Assembly::set_copy_metadata(ir::Builder& into) {
  set(into, fields_.egress_port, carried(into, kPortSlot));
  set(into, fields_.egress_rid, carried(into, kInstanceSlot));
  set(into, fields_.instance_type, carried(into, kKindSlot));
}

/// A packet that was past ingress already goes on where it was: its headers are read back, and all that a replica keeps.
void Assembly::read_back(ir::Builder& into, ir::LabelId to_egress) {
  const ir::ExprId is_copy = either(into, is_pass(into, V1Pass::kReplica), is_pass(into, V1Pass::kEgressClone));
  ir::Builder back = into.nested();
  restore(valid_, back);
  for (const ir::VarId length : lengths_) {
    if (length) restore({length}, back);
  }
  back.add(ir::RunParser{all_headers_parser()}, span_);
  for (const ir::StackId stack : all_stacks_) restore({program_[stack].next_index}, back);
  ir::Builder metadata = back.nested();
  restore(all_metadata_, metadata);
  restore(requests_.all(), metadata);
  back.add(ir::If{back.negation(is_pass(back, V1Pass::kEgressClone), span_), metadata.block(), {}}, span_);
  ir::Builder copy = back.nested();
  set_copy_metadata(copy);
  back.add(ir::If{back.negation(is_pass(back, V1Pass::kBehindEgressClone), span_), copy.block(), {}}, span_);
  ir::Builder clone = back.nested();
  set(clone, fields_.packet_length,
      clone.expr(ir::Type::bits(32), ir::IntrinsicRef{ir::Intrinsic::kPacketLength}, span_));
  back.add(ir::If{is_pass(back, V1Pass::kEgressClone), clone.block(), {}}, span_);
  back.add(ir::Leave{to_egress}, span_);
  into.add(ir::If{either(into, is_copy, is_pass(into, V1Pass::kBehindEgressClone)), back.block(), {}}, span_);
}

/// What standard_metadata holds at first, and the user's parser. A reject does not drop the packet: it leaves its error.
void Assembly::parse(ir::Builder& into) {
  const auto intrinsic = [&](ir::Builder& at, ir::Intrinsic which) {
    return at.expr(ir::Type::bits(32), ir::IntrinsicRef{which}, span_);
  };
  set(into, fields_.instance_type, carried(into, kKindSlot));
  set(into, fields_.packet_length, intrinsic(into, ir::Intrinsic::kPacketLength));
  ir::Builder arrived = into.nested();
  set(arrived, fields_.ingress_port, intrinsic(arrived, ir::Intrinsic::kIngressPort));
  into.add(ir::If{is_pass(into, V1Pass::kNormal), arrived.block(), {}}, span_);
  set_timestamp(into, fields_.ingress_global_timestamp);
  const ir::ParserId parsed = elaborator_.parser(*parser_, {{ir::PacketStorage{}}, headers_, metadata_, standard_});
  into.add(ir::RunParser{parsed}, span_);
  into.assign(fields_.parser_error, into.ref(program_[parsed].error, span_), span_);
}

void Assembly::decide_behind_ingress(ir::Builder& into) {
  const auto drop = [&](ir::Builder& at) { verdict(ir::VerdictKind::kDrop, at); };
  make_copies({requests_.ingress_clone, V1Pass::kIngressClone, true,
               replicas(ir::Replication::Kind::kClone, requests_.ingress_clone_session, into)},
              {}, {}, into);
  make_copies({requests_.resubmit, V1Pass::kResubmitted, true, {}}, {}, drop, into);

  ir::Builder multicast = into.nested();
  write_all_headers(multicast);
  ir::NewPass pass = new_pass(V1Pass::kReplica, false, multicast);
  carry_metadata(pass, multicast);
  carry_headers(pass, multicast);
  pass.replication = replicas(ir::Replication::Kind::kMulticast, fields_.mcast_grp, multicast);
  multicast.add(std::move(pass), place_of_multicast());
  drop(multicast);
  into.add(ir::If{into.binary(ir::BinaryOp::kNe, into.ref(fields_.mcast_grp, span_),
                              constant(into, fields_.mcast_grp, 0), span_),
                  multicast.block(),
                  {}},
           span_);

  ir::Builder dropped = into.nested();
  drop(dropped);
  into.add(ir::If{into.binary(ir::BinaryOp::kEq, into.ref(fields_.egress_spec, span_),
                              constant(into, fields_.egress_spec, kV1DropPort), span_),
                  dropped.block(),
                  {}},
           span_);
  into.assign(fields_.egress_port, into.ref(fields_.egress_spec, span_), span_);
  into.assign(fields_.instance_type, constant(into, fields_.instance_type, 0), span_);
}

/// Where the program first chooses a group.
Span Assembly::place_of_multicast() const {
  for (const ir::Block& block : program_.blocks) {
    for (const ir::Stmt& stmt : block.statements) {
      const auto* assign = std::get_if<ir::Assign>(&stmt.node);
      if (assign == nullptr) continue;
      const auto* target = std::get_if<ir::VarRef>(&program_[assign->target].node);
      const auto* value = std::get_if<ir::Const>(&program_[assign->value].node);
      const bool is_none = value != nullptr && value->value == 0;
      if (target != nullptr && target->var == fields_.mcast_grp && !is_none) return stmt.span;
    }
  }
  return span_;
}

/// The clone is the packet as egress left it; the packet itself goes on in a pass of its own.
void Assembly::decide_behind_egress(ir::Builder& into) {
  make_copies({requests_.egress_clone, V1Pass::kEgressClone, false,
               replicas(ir::Replication::Kind::kClone, requests_.egress_clone_session, into)},
              [&](ir::Builder& at) { write_all_headers(at); },
              [&](ir::Builder& at) {
                ir::NewPass rest = new_pass(V1Pass::kBehindEgressClone, false, at);
                carry_metadata(rest, at);
                carry_headers(rest, at);
                at.add(std::move(rest), span_);
                verdict(ir::VerdictKind::kDrop, at);
              },
              into);
}

void Assembly::depart(ir::Builder& into) {
  ir::Builder dropped = into.nested();
  verdict(ir::VerdictKind::kDrop, dropped);
  into.add(ir::If{into.binary(ir::BinaryOp::kEq, into.ref(fields_.egress_spec, span_),
                              constant(into, fields_.egress_spec, kV1DropPort), span_),
                  dropped.block(),
                  {}},
           span_);
  elaborator_.control(*update_, {headers_, metadata_}, into);
  ir::Builder emits = into.nested();
  elaborator_.control(*deparser_, {{ir::PacketStorage{}}, headers_}, emits);
  into.add(ir::Deparse{emits.block(), 0}, span_);
  ir::Builder cut = into.nested();
  cut.add(ir::Truncate{cut.ref(requests_.truncated_to, span_)}, span_);
  into.add(ir::If{into.ref(requests_.is_truncated, span_), cut.block(), {}}, span_);
  make_copies({requests_.recirculate, V1Pass::kRecirculated, false, {}}, {},
              [&](ir::Builder& at) { verdict(ir::VerdictKind::kDrop, at); }, into);
  into.add(ir::Verdict{ir::VerdictKind::kRedirect, into.cast(ir::Type::bits(32), into.ref(fields_.egress_port, span_), span_),
                       into.ref(fields_.priority, span_)},
           span_);
}

void Assembly::write_entry(ir::Builder& entry, ir::BlockId ingress, ir::BlockId egress) {
  restore(requests_.kept(), entry);
  const ir::LabelId to_egress = program_.labels.add(ir::Label{"to egress"});
  ir::Builder before = entry.nested();
  read_back(before, to_egress);
  parse(before);
  ir::Builder clone = before.nested();
  set_copy_metadata(clone);
  clone.add(ir::Leave{to_egress}, span_);
  before.add(ir::If{is_pass(before, V1Pass::kIngressClone), clone.block(), {}}, span_);
  const ir::LabelId ingress_done = program_.labels.add(ir::Label{"ingress"});
  before.add(ir::Region{ingress_done, ingress}, span_);
  decide_behind_ingress(before);
  entry.add(ir::Region{to_egress, before.block()}, span_);

  const ir::LabelId to_departure = program_.labels.add(ir::Label{"to departure"});
  ir::Builder after = entry.nested();
  ir::Builder done = after.nested();
  done.add(ir::Leave{to_departure}, span_);
  after.add(ir::If{is_pass(after, V1Pass::kBehindEgressClone), done.block(), {}}, span_);
  after.assign(fields_.egress_spec, constant(after, fields_.egress_spec, 0), span_);
  set_timestamp(after, fields_.egress_global_timestamp);
  const ir::LabelId egress_done = program_.labels.add(ir::Label{"egress"});
  after.add(ir::Region{egress_done, egress}, span_);
  decide_behind_egress(after);
  entry.add(ir::Region{to_departure, after.block()}, span_);
  depart(entry);
}

void Assembly::run() {
  program_.carried = {ir::Type::bits(32), ir::Type::bits(32), ir::Type::bits(32)};
  if (!find_blocks() || !find_metadata()) return;
  CallGlue calls(elaborator_, fields_, requests_);
  elaborator_.set_extern_glue(std::ref(calls));
  ir::Builder entry(program_), ingress(program_), egress(program_);
  elaborator_.control(*verify_, {headers_, metadata_}, ingress);
  elaborator_.control(*ingress_, {headers_, metadata_, standard_}, ingress);
  elaborator_.control(*egress_, {headers_, metadata_, standard_}, egress);
  if (elaborator_.diagnostics().has_errors()) return;
  write_entry(entry, ingress.block(), egress.block());
  elaborator_.set_extern_glue({});
  calls.finish();
  program_.entry = entry.block();
}

void assemble(ir::Elaborator& elaborator, const ir::PackageInstance& package, ir::Program& program) {
  Assembly(elaborator, package, program).run();
}

}  // namespace

Architecture v1model() {
  return {.name = "v1model",
          .packages = {"V1Switch"},
          .blocks = {"parser", "verify checksum", "ingress", "egress", "update checksum", "deparser"},
          .hooks = {Hook::kXdp, Hook::kTcIngress},
          .assemble = assemble,
          .externs = v1model_externs(),
          .extern_types = v1model_extern_types(),
          .replicates = true};
}

}  // namespace p4bpf::arch
