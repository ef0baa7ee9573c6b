// What need not be done before the head moves waits until it has moved: values that are alive across the call cost a
// register that the call leaves alone, of which there are four, or stack.
//
// What is loaded from a table's entry and only ends up in a new header waits together with all that is made of it; what
// comes from the packet does not, since its bytes stand elsewhere afterwards.
#include <algorithm>

#include "base/result.h"
#include "codegen/lowering.h"

namespace p4bpf::codegen {
namespace {

/// What statements name, and what they do besides assigning to variables.
class Uses {
 public:
  explicit Uses(const c::Tree& tree) : tree_(tree) {}

  std::set<std::string> read, written;
  /// It assigns to variables and does nothing else.
  bool is_pure = true;
  /// Control may go elsewhere than to what follows or out of the program.
  bool jumps = false;

  void add(c::ExprId id) {
    if (!id) return;
    std::visit(Match{
                   [&](const c::Name& e) { read.insert(variable(e.text)); },
                   [](const c::Number&) {},
                   [&](const c::Unary& e) {
                     // What has its address taken may be written to.
                     if (e.op == "&") is_pure = false, write_all(e.operand);
                     add(e.operand);
                   },
                   [&](const c::Binary& e) { add(e.left), add(e.right); },
                   [&](const c::Conditional& e) { add(e.condition), add(e.yes), add(e.no); },
                   [&](const c::Cast& e) { add(e.operand); },
                   [&](const c::Call& e) {
                     is_pure = is_pure && has_no_effect(e.callee);
                     for (const c::ExprId one : e.arguments) add(one);
                   },
                   [&](const c::Member& e) { add(e.base); },
                   [&](const c::Index& e) { add(e.base), add(e.index); },
               },
               tree_.exprs[id].node);
  }
  void add(const c::Stmt& stmt) {
    std::visit(Match{
                   [&](const c::Declare& s) {
                     if (!s.init) is_pure = false;
                     written.insert(s.name);
                     add(s.init);
                   },
                   [&](const c::Assign& s) {
                     if (const auto* target = std::get_if<c::Name>(&tree_.exprs[s.target].node)) {
                       if (variable(target->text) != target->text) is_pure = false;
                       written.insert(variable(target->text));
                     } else {
                       is_pure = false;
                       add(s.target);
                     }
                     add(s.value);
                   },
                   [&](const c::Scope& s) { add(s.body); },
                   [&](const c::If& s) { is_pure = false, add(s.condition), add(s.then_block), add(s.else_block); },
                   [&](const c::Switch& s) {
                     is_pure = false;
                     add(s.subject);
                     for (const c::SwitchCase& one : s.cases) add(one.body);
                   },
                   [&](const c::Forever& s) { is_pure = false, add(s.body); },
                   [&](const c::Goto&) { is_pure = false, jumps = true; },
                   [&](const c::Label&) { is_pure = false, jumps = true; },
                   [&](const c::Border&) { is_pure = false, jumps = true; },
                   [&](const c::Eval& s) { is_pure = false, add(s.expr), write_all(s.expr); },
                   [&](const c::Return& s) { is_pure = false, add(s.value); },
               },
               stmt.node);
  }

 private:
  void add(c::BlockId block) {
    if (!block) return;
    for (const c::Stmt& stmt : tree_.blocks[block].statements) add(stmt);
  }
  void write_all(c::ExprId id) {
    Uses inside(tree_);
    inside.add(id);
    written.insert(inside.read.begin(), inside.read.end());
  }
  /// `entry` of "entry->group.member".
  static std::string variable(const std::string& text) { return text.substr(0, text.find_first_of("-.[{")); }
  static bool has_no_effect(const std::string& callee) {
    static const std::set<std::string> names = {"p4bpf_ipv4_checksum", "p4bpf_sign_extend",  "p4bpf_csum_start",
                                                "p4bpf_csum_change2",  "p4bpf_csum_change4", "p4bpf_csum_end"};
    return callee.starts_with("P4BPF_SWAP") || callee.starts_with("P4BPF_LOAD") || names.contains(callee);
  }

  const c::Tree& tree_;
};

bool meet(const std::set<std::string>& a, const std::set<std::string>& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& one) { return b.contains(one); });
}

}  // namespace

/// Takes from the end of the current block what may as well be done behind a call that moves the packet.
void Lowering::take_what_can_wait() {
  std::set<std::string> packet = {"data", "data_end", "cursor"};
  for (const auto& [header, pointer] : pointers_) packet.insert(pointer);
  std::vector<c::Stmt> stays;
  std::vector<c::Stmt>& statements = tree_.blocks.edit(block_).statements;
  Uses staying(tree_), waiting(tree_);
  bool in_order = false;
  while (!statements.empty() && !staying.jumps) {
    Uses uses(tree_);
    uses.add(statements.back());
    const bool can_wait = uses.is_pure && !meet(uses.read, packet) && !meet(uses.read, staying.written) &&
                          !meet(uses.written, staying.written) && !meet(uses.written, staying.read);
    if (can_wait) {
      in_order = in_order || meet(uses.read, waiting.written) || meet(uses.written, waiting.written);
      waiting.add(statements.back());
      late_.push_back(std::move(statements.back()));
    } else {
      staying.add(statements.back());
      stays.push_back(std::move(statements.back()));
    }
    statements.pop_back();
  }
  std::move(stays.rbegin(), stays.rend(), std::back_inserter(statements));
  std::reverse(late_.begin(), late_.end());
  late_in_order_ = in_order;
}

/// Does of what waits what `value` is made of, so that no value is alive before it is wanted.
void Lowering::bring(c::ExprId value) {
  if (late_.empty()) return;
  if (late_in_order_) return bring_all();
  std::set<std::string> wanted;
  {
    Uses uses(tree_);
    uses.add(value);
    wanted = uses.read;
  }
  std::vector<c::Stmt> now, later;
  for (std::size_t i = late_.size(); i-- > 0;) {
    Uses uses(tree_);
    uses.add(late_[i]);
    const bool is_wanted = meet(uses.written, wanted);
    if (is_wanted) wanted.insert(uses.read.begin(), uses.read.end());
    (is_wanted ? now : later).push_back(std::move(late_[i]));
  }
  std::vector<c::Stmt>& statements = tree_.blocks.edit(block_).statements;
  std::move(now.rbegin(), now.rend(), std::back_inserter(statements));
  late_.assign(std::make_move_iterator(later.rbegin()), std::make_move_iterator(later.rend()));
}

void Lowering::bring_all() {
  std::vector<c::Stmt>& statements = tree_.blocks.edit(block_).statements;
  std::move(late_.begin(), late_.end(), std::back_inserter(statements));
  late_.clear();
}

}  // namespace p4bpf::codegen
