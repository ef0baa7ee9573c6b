// The flow analysis over parsers, controls, and the order in which `main` runs them: see flow.h.
#include "frontend/warnings/flow.h"

namespace p4bpf::warnings {
namespace {

/// Packages within packages.
constexpr int kMaxPackages = 16;
/// Visits of one state until nothing changes; more than this is given up.
constexpr int kMaxVisits = 64;

}  // namespace

void Flow::enter_param(DeclId id, State& state) {
  const bool is_out = std::get<ast::Param>(f_.ast[id].node).direction == ast::Direction::kOut;
  set_place(places_.declare(id, is_out), is_out, state);
}

/// An `out` parameter has a value when its body ends. In a parser or control, whose parameters are the architecture's,
/// only scalars are looked at; of a struct in an action or function, at least one field must have been set.
void Flow::check_outs(const Params& params, const State& state, bool is_block) {
  if (state.is_dead || quiet_ > 0) return;
  for (const DeclId id : params) {
    const Place& place = places_.of_decl(id);
    if (place.value_count == 0 || place.validity_count != 0) continue;
    if (place.value_count > 1 && is_block) continue;
    Uses::Level level = Uses::level_of(state.values, place.value);
    for (std::uint32_t i = 1; i < place.value_count; ++i) {
      if (Uses::level_of(state.values, place.value + i) != Uses::Level::kSure) level = Uses::Level::kFine;
    }
    uses_.record_out(id, place.value_count > 1 && level != Uses::Level::kSure ? Uses::Level::kFine : level);
  }
}

void Flow::declare_locals(const std::vector<DeclId>& locals, State& state) {
  for (const DeclId local : locals) declare_variable(local, state);
}

State Flow::run_control(const ast::ControlDecl& node, State state) {
  const Places::Mark mark = places_.mark();
  declare_locals(node.locals, state);
  State returned;
  State* const outer = std::exchange(returned_, &returned);
  Loop* const outer_loop = std::exchange(loop_, nullptr);
  exec(node.apply, state);
  join(state, returned);
  returned_ = outer;
  loop_ = outer_loop;
  check_outs(node.params, state, true);
  places_.release(mark);
  state.values.truncate(mark.value);
  state.validity.truncate(mark.validity);
  return state;
}

State Flow::run_parser(const ast::ParserDecl& node, State state) {
  const Places::Mark mark = places_.mark();
  declare_locals(node.locals, state);
  State accepted;
  Loop* const outer_loop = std::exchange(loop_, nullptr);
  run_states(node, state, accepted);
  loop_ = outer_loop;
  check_outs(node.params, accepted, true);
  places_.release(mark);
  accepted.values.truncate(mark.value);
  accepted.validity.truncate(mark.validity);
  return accepted;
}

void Flow::run_states(const ast::ParserDecl& node, const State& entry, State& accepted) {
  std::unordered_map<DeclId, State> entries;
  std::vector<DeclId> open;
  for (const DeclId id : node.states) {
    if (f_.name(id) != "start") continue;
    entries[id] = entry;
    open.push_back(id);
  }
  ++quiet_;
  std::size_t visits = 0;
  State ignored;
  for (std::size_t next = 0; next < open.size() && !has_given_up_; ++next) {
    const DeclId id = open[next];
    run_state(id, entries[id], entries, open, ignored);
    if (++visits > kMaxVisits * node.states.size()) has_given_up_ = true;
  }
  --quiet_;
  for (const DeclId id : node.states) {
    const auto known = entries.find(id);
    if (known == entries.end()) continue;
    std::vector<DeclId> none;
    const State at_entry = known->second;
    run_state(id, at_entry, entries, none, accepted);
  }
}

/// Runs one state and carries what is known to the states behind it; those that learn something new are `open`.
void Flow::run_state(DeclId id, State state, std::unordered_map<DeclId, State>& entries, std::vector<DeclId>& open,
                     State& accepted) {
  const auto& node = std::get<ast::StateDecl>(f_.ast[id].node);
  const Places::Mark mark = places_.mark();
  for (const StmtId statement : node.statements) exec(statement, state);
  if (const auto* select = std::get_if<ast::Select>(&node.transition.target)) {
    for (const ExprId key : select->keys) read(key, state);
    if (select->cases.size() > 1) state.excuse();
  }
  places_.release(mark);
  state.values.truncate(mark.value);
  state.validity.truncate(mark.validity);
  if (state.is_dead) return;
  for (const TypedProgram::StateTarget& target : f_.program.state_targets[id]) {
    if (target.is_reject) continue;
    if (!target.state) {
      join(accepted, state);
    } else if (join(entries[target.state], state)) {
      open.push_back(target.state);
    }
  }
}

/// The parsers and controls that a package is made of, in the order of its arguments.
void Flow::add_blocks(const CallInfo& call, const Arguments& arguments, std::vector<DeclId>& blocks, int depth) const {
  if (depth > kMaxPackages || blocks.size() > 100) return;
  for (const std::optional<std::size_t>& at : call.argument_of_param) {
    if (!at || *at >= arguments.size()) continue;
    const ExprId value = arguments[*at].value;
    const CallInfo* made = &f_.program.call_of[value];
    const Arguments* with = nullptr;
    if (const auto* constructor = f_.expr<ast::Call>(value)) with = &constructor->arguments;
    if (const DeclId named = f_.program.decl_of[value]; named && f_.decl<ast::InstanceDecl>(named) != nullptr) {
      made = &f_.program.call_of_instance[named];
      with = &f_.decl<ast::InstanceDecl>(named)->arguments;
    }
    if (made->kind != CallInfo::Kind::kConstructor || with == nullptr) continue;
    if (f_.decl<ast::PackageDecl>(made->callee) != nullptr) add_blocks(*made, *with, blocks, depth + 1);
    const bool is_block =
        f_.decl<ast::ParserDecl>(made->callee) != nullptr || f_.decl<ast::ControlDecl>(made->callee) != nullptr;
    if (is_block) blocks.push_back(made->callee);
  }
}

std::vector<DeclId> Flow::blocks_of_main() const {
  std::vector<DeclId> blocks;
  const auto* main = f_.decl<ast::InstanceDecl>(f_.program.main);
  if (main != nullptr) add_blocks(f_.program.call_of_instance[f_.program.main], main->arguments, blocks, 0);
  return blocks;
}

/// Runs a parser or control as one of the blocks of `main`: headers come from the block before it.
void Flow::run_block(DeclId id) {
  const auto* parser = f_.decl<ast::ParserDecl>(id);
  const auto* control = f_.decl<ast::ControlDecl>(id);
  const Params& params = parser != nullptr ? parser->params : control->params;
  State state = State::entry();
  exited_ = State{};
  const Places::Mark mark = places_.mark();
  for (const DeclId param : params) {
    enter_param(param, state);
    const Place& place = places_.of_decl(param);
    const auto known = carried_.find(place.type);
    if (known == carried_.end() || std::get<ast::Param>(f_.ast[param].node).direction == ast::Direction::kOut) continue;
    for (std::uint32_t i = 0; i < place.validity_count; ++i) state.validity.copy(place.validity + i, known->second, i);
  }
  state = parser != nullptr ? run_parser(*parser, std::move(state)) : run_control(*control, std::move(state));
  join(state, exited_);
  for (const DeclId param : params) {
    const Place& place = places_.of_decl(param);
    const ast::Direction direction = std::get<ast::Param>(f_.ast[param].node).direction;
    const bool goes_on = direction == ast::Direction::kOut || direction == ast::Direction::kInout;
    if (!goes_on || place.validity_count == 0) continue;
    if (state.is_dead) {
      carried_.erase(place.type);
      continue;
    }
    Facts facts;
    for (std::uint32_t i = 0; i < place.validity_count; ++i) {
      facts.set(i, state.validity.is_bad(place.validity + i), state.validity.is_good(place.validity + i));
    }
    if (parser != nullptr) {
      parsed_[place.type] = facts;
    } else if (const auto parsed = parsed_.find(place.type); parsed != parsed_.end()) {
      // A clone comes with the headers that it had behind the parser.
      const Facts before = facts;
      facts.join(parsed->second);
      facts.excuse_new(before);
    }
    carried_[place.type] = facts;
  }
  places_.release(mark);
}

void Flow::run_function(const ast::FunctionDecl& node) {
  const Places::Mark mark = places_.mark();
  State state = State::entry();
  for (const DeclId param : node.params) enter_param(param, state);
  State returned;
  returned_ = &returned;
  exec(node.body, state);
  join(state, returned);
  returned_ = nullptr;
  check_outs(node.params, state, false);
  places_.release(mark);
}

void Flow::run() {
  std::unordered_map<DeclId, bool> done;
  for (const DeclId block : blocks_of_main()) {
    run_block(block);
    done[block] = true;
  }
  carried_.clear();
  parsed_.clear();
  for (const DeclId id : f_.ast.program) {
    if (const auto* function = f_.decl<ast::FunctionDecl>(id); function != nullptr && function->body) {
      run_function(*function);
    }
    const bool is_block = f_.decl<ast::ParserDecl>(id) != nullptr || f_.decl<ast::ControlDecl>(id) != nullptr;
    if (is_block && !done.contains(id) && !visited_.contains(id)) run_block(id);
  }
  if (!has_given_up_) uses_.report();
}

void find_bad_values(Findings& findings) { Flow(findings).run(); }

}  // namespace p4bpf::warnings
