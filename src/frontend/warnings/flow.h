// Follows values and headers through the program as its packets go: parser, then controls, in the order in which `main`
// names them, through the graph of states, into tables, actions and applied controls.
//
// Each block is run on what is known (flow_state.h) instead of on values. Loops and state graphs are run until nothing
// changes, in silence, and then once more to look at the uses. What cannot be followed - externs, functions, stacks -
// is taken to be good. A program that would take too long is given up.
#pragma once

#include <map>
#include <unordered_set>

#include "frontend/warnings/uses.h"

namespace p4bpf::warnings {

class Flow {
 public:
  explicit Flow(Findings& findings) : f_(findings), places_(findings), uses_(findings) {}
  void run();

 private:
  using Params = std::vector<DeclId>;
  using Arguments = std::vector<ast::Argument>;
  using ArgumentOf = std::vector<std::optional<std::size_t>>;
  /// The outcome of each action of a table.
  using Outcomes = std::vector<std::pair<DeclId, State>>;
  struct Loop {
    State broken, continued;
  };

  // Blocks (flow_blocks.cpp).
  std::vector<DeclId> blocks_of_main() const;
  void add_blocks(const CallInfo& call, const Arguments& arguments, std::vector<DeclId>& blocks, int depth) const;
  void run_block(DeclId id);
  void run_function(const ast::FunctionDecl& node);
  State run_parser(const ast::ParserDecl& node, State entry);
  State run_control(const ast::ControlDecl& node, State entry);
  void run_states(const ast::ParserDecl& node, const State& entry, State& accepted);
  void run_state(DeclId id, State state, std::unordered_map<DeclId, State>& entries, std::vector<DeclId>& open,
                 State& accepted);
  void declare_locals(const std::vector<DeclId>& locals, State& state);
  void enter_param(DeclId id, State& state);
  void check_outs(const Params& params, const State& state, bool is_block);

  // Statements (flow_statements.cpp).
  void exec(StmtId id, State& state);
  void exec_all(const std::vector<StmtId>& statements, State& state);
  void exec_assign(const ast::Assign& node, State& state);
  void exec_if(const ast::If& node, State& state);
  void exec_switch(const ast::Switch& node, State& state);
  void exec_for(const ast::For& node, State& state);
  void exec_for_in(const ast::ForIn& node, State& state);
  template <class Round>
  void exec_loop(State& state, const Round& round);
  void declare_variable(DeclId id, State& state);
  void assign(const Place& to, ExprId value, State& state);
  void set_place(const Place& place, bool is_bad, State& state);
  void copy_place(const Place& to, const Place& from, State& state);

  // Expressions and calls (flow_calls.cpp).
  void read(ExprId id, State& state);
  void read_place(ExprId id, State& state);
  void read_indices(ExprId id, State& state);
  void check_write(ExprId id, const Place& place, const State& state);
  /// Splits `yes`: what is known where the condition holds, and where not.
  void condition(ExprId id, State& yes, State& no);
  bool condition_of_call(ExprId id, State& yes, State& no);
  void call(ExprId id, State& state);
  void call_unknown(const Params& params, const ArgumentOf& argument_of, const Arguments& arguments, State& state);
  void call_action(DeclId action, const ArgumentOf& argument_of, const Arguments& arguments, State& state);
  void call_block(DeclId block, const ArgumentOf& argument_of, const Arguments& arguments, State& state);
  void bind(const Params& params, const ArgumentOf& argument_of, const Arguments& arguments, State& state,
            std::vector<Place>& targets);
  void unbind(const Params& params, const std::vector<Place>& targets, State& state);
  void apply_table(DeclId table, State& state, Outcomes* outcomes);

  bool may_go_on(const State& state);

  Findings& f_;
  Places places_;
  Uses uses_;
  State* returned_ = nullptr;  // joins the returns of the body that is run
  State exited_;               // joins the exits of the block that is run
  Loop* loop_ = nullptr;
  int quiet_ = 0;  // above 0 uses are not recorded: what is known is not final
  int depth_ = 0;  // calls around us
  std::uint64_t work_ = 0;
  bool has_given_up_ = false;
  std::unordered_set<DeclId> visited_;  // parsers and controls that were run
  /// What is known of headers when the next block of `main` starts, by the type of the parameter that carries them.
  std::map<TypeId, Facts> carried_;
  /// The same right behind the parser: what a cloned packet may still look like.
  std::map<TypeId, Facts> parsed_;
};

}  // namespace p4bpf::warnings
