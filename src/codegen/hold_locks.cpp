// Holding a lock over a run of statements (locks.h). The kernel lets a program hold one lock at a time and call no
// helper meanwhile, so what needs one is done before or afterwards:
//
//     cells = the memory of each register       a look-up; of each meter too
//     random = p4bpf_random64()                 depends on nothing, so nobody sees that it is early
//     take the lock
//       ...
//       is_due = 1, argument = index;           counter.count(index): nobody sees that it is late
//       is_due2 = 1, record = {fields};         digest(receiver, fields)
//     give the lock back
//     if (is_due) p4bpf_counter_add(&counter, argument, 1);
//     if (is_due2) p4bpf_digest_send(ring, lost, &record, size);
#include <functional>

#include "arch/architecture.h"
#include "codegen/lowering.h"
#include "ir/walk.h"

namespace p4bpf::codegen {
namespace {

constexpr const char* kLocks = "p4bpf_locks";

void for_each_call(const ir::Program& program, const ir::Stmt& stmt,
                   const std::function<void(const ir::CallExtern&)>& f) {
  if (const auto* call = std::get_if<ir::CallExtern>(&stmt.node)) f(*call);
  ir::for_each_block(stmt, [&](ir::BlockId inner) {
    for (const ir::Stmt& one : program[inner].statements) for_each_call(program, one, f);
  });
}

}  // namespace

void Lowering::plan_locks() {
  locks_ = find_locks(program_, diagnostics_);
  if (locks_.count == 0) return;
  declarations_.push_back(c::MapDefinition{
      "P4BPF_MAP", {kLocks, "P4BPF_MAP_ARRAY", "u32", "struct p4bpf_lock", std::to_string(locks_.count), "0"}});
}

/// The memory of a register.
c::ExprId Lowering::cells_of(ir::ExternInstanceId instance) {
  if (held_) return name(held_->cells.at(instance));
  const std::string zero = zero_index();
  const std::string cells = names_.make("cells");
  emit(c::Declare{
      "void *",
      cells,
      {},
      tree_.call("p4bpf_map_lookup", {tree_.address(name(instances_.at(instance).map)), tree_.address(name(zero))})});
  return name(cells);
}

/// What the call needs while the lock is held.
void Lowering::prepare(const ir::CallExtern& call, Held& held) {
  const arch::InstanceShape* shape = call.instance ? &instances_.at(call.instance).shape : nullptr;
  const bool is_meter = shape != nullptr && std::holds_alternative<arch::MeterShape>(*shape);
  if (is_meter && held.now.empty()) {
    held.now = names_.make("now");
    emit(c::Declare{"u64", held.now, {}, now()});
  }
  if (is_meter || (shape != nullptr && std::holds_alternative<arch::RegisterShape>(*shape))) {
    std::string& cells = held.cells[call.instance];
    if (cells.empty()) cells = std::get<c::Name>(tree_.exprs[cells_of(call.instance)].node).text;
    return;
  }
  Moved made;
  switch (lock_use(program_, call)) {
    case LockUse::kBefore:
      made.value = names_.make("early");
      emit(c::Declare{"u64",
                      made.value,
                      {},
                      tree_.call(function_of(arch::find_extern(program_, program_[call.function])->lowering), {})});
      break;
    case LockUse::kAfter:
      made.is_due = names_.make("is_due");
      emit(c::Declare{"u32", made.is_due, {}, num(0)});
      if (!call.instance) {  // a digest
        made.arguments.push_back(begin_record(call));
        break;
      }
      for (std::size_t i = 0; i < call.arguments.size(); ++i) {
        made.arguments.push_back(names_.make("late"));
        emit(c::Declare{"u64", made.arguments.back(), {}, num(0)});
      }
      break;
    case LockUse::kNone:
    case LockUse::kBreaks:
      return;
  }
  held.moved.emplace(&call, std::move(made));
}

void Lowering::hold(const LockRun& run, const std::vector<ir::Stmt>& statements) {
  Held held;
  for (std::size_t i = run.first; i <= run.last; ++i)
    for_each_call(program_, statements[i], [&](const ir::CallExtern& call) { prepare(call, held); });
  const std::string number = names_.make("number");
  held.lock = names_.make("lock");
  emit(c::Declare{"u32", number, {}, num(run.lock)});
  emit(c::Declare{"struct p4bpf_lock *",
                  held.lock,
                  {},
                  tree_.call("p4bpf_map_lookup", {tree_.address(name(kLocks)), tree_.address(name(number))})});
  c::ExprId missing = tree_.unary("!", name(held.lock));
  for (const auto& [instance, cells] : held.cells) missing = tree_.binary("||", missing, tree_.unary("!", name(cells)));
  emit(c::If{missing, in_block([&] { emit(c::Return{name(std::string(hook_->aborted))}); }), {}});
  call("p4bpf_hold", {name(held.lock)});
  held_ = std::move(held);
}

/// Gives the lock back and does what is due; the code behind may be reached with the lock held on other ways.
void Lowering::release() {
  call("p4bpf_release", {name(held_->lock)});
  for (const auto& [is_due, what] : held_->due) emit(c::If{name(is_due), in_block([&] { emit(c::Eval{what}); }), {}});
  for (const Told& told : held_->told) tell_late(told);
}

const Lowering::Moved* Lowering::moved(const ir::CallExtern& call) const {
  if (!held_) return nullptr;
  const auto found = held_->moved.find(&call);
  return found == held_->moved.end() ? nullptr : &found->second;
}

/// `arguments`: the instance's map, then those of the call, then what else the callee takes.
void Lowering::call_later(const Moved& call, const std::string& callee, std::vector<c::ExprId> arguments) {
  assign(name(call.is_due), num(1));
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    assign(name(call.arguments[i]), arguments[i + 1]);
    arguments[i + 1] = name(call.arguments[i]);
  }
  held_->due.emplace_back(call.is_due, tree_.call(callee, std::move(arguments)));
}

}  // namespace p4bpf::codegen
