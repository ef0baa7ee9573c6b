// Byte order inference by votes of groups of places.
#include "codegen/order.h"

#include <numeric>
#include <optional>

#include "arch/architecture.h"
#include "ir/walk.h"

namespace p4bpf::codegen {

class OrderWalk {
 public:
  OrderWalk(const ir::Program& program, const Flow& flow, Orders& orders)
      : program_(program), flow_(flow), orders_(orders) {}

  void run(std::size_t places) {
    group_.resize(places);
    std::iota(group_.begin(), group_.end(), std::size_t{0});
    votes_.assign(places, 0);
    for (std::size_t i = 0; i < program_.headers.size(); ++i) {
      const ir::HeaderId id(i);
      const std::size_t fields = program_[program_[id].type].fields.size();
      // A local header comes from the packet and goes to it; one that stays in the packet is network order and nothing
      // else.
      for (std::size_t f = 0; f < fields; ++f) votes_[orders_.place(id, f)] += flow_.local[i] ? 2 : 1000;
    }
    for (const ir::Block& block : program_.blocks) {
      for (const ir::Stmt& stmt : block.statements) statement(stmt);
    }
    for (const ir::Parser& parser : program_.parsers) {
      for (const ir::State& state : parser.states) {
        for (const ir::ExprId key : state.transition.keys) neutral(key);
      }
    }
    std::vector<int> total(places, 0);
    for (std::size_t i = 0; i < places; ++i) {
      // What stays in the packet pulls its group by one vote for each copy, not by its own weight.
      if (votes_[i] < 500) total[find(i)] += votes_[i];
    }
    orders_.net_.resize(places);
    for (std::size_t i = 0; i < places; ++i) orders_.net_[i] = votes_[i] >= 500 || total[find(i)] > 0;
  }

 private:
  std::size_t find(std::size_t place) {
    while (group_[place] != place) place = group_[place] = group_[group_[place]];
    return place;
  }
  bool is_fixed(std::size_t place) const { return votes_[place] >= 500; }

  std::optional<std::size_t> place_of(ir::ExprId id) const {
    const ir::Expr& expr = program_[id];
    if (!has_order(expr.type)) return std::nullopt;
    if (const auto* var = std::get_if<ir::VarRef>(&expr.node)) return var->var.index();
    const auto* field = std::get_if<ir::FieldRef>(&expr.node);
    if (!field || !field->header.header) return std::nullopt;
    const ir::HeaderField& what = program_[program_[field->header.header].type].fields[field->field];
    if (what.bit_offset % 8 != 0) return std::nullopt;
    return orders_.place(field->header.header, field->field);
  }

  void link(std::size_t a, std::size_t b) {
    if (is_fixed(a) || is_fixed(b)) {
      if (!is_fixed(a)) ++votes_[a];
      if (!is_fixed(b)) ++votes_[b];
      return;
    }
    group_[find(a)] = find(b);
  }
  void vote(std::size_t place, int by) {
    if (!is_fixed(place)) votes_[place] += by;
  }

  /// Used as it is: no vote, but what is calculated inside wants host order.
  void neutral(ir::ExprId id) {
    if (!place_of(id)) host(id);
  }
  /// Part of a key: in the packet's order it can stay as it is.
  void stored(ir::ExprId id) {
    if (const auto place = place_of(id)) {
      vote(*place, 1);
    } else {
      host(id);
    }
  }
  void host(ir::ExprId id) {
    const ir::Expr& expr = program_[id];
    if (const auto place = place_of(id)) {
      vote(*place, -1);
      return;
    }
    if (const auto* binary = std::get_if<ir::Binary>(&expr.node);
        binary && (binary->op == ir::BinaryOp::kEq || binary->op == ir::BinaryOp::kNe)) {
      both(binary->left, binary->right);
      return;
    }
    if (const auto* slice = std::get_if<ir::Slice>(&expr.node); slice && slice->lo % 8 == 0 && has_order(expr.type)) {
      neutral(slice->operand);
      return;
    }
    if (const auto* mux = std::get_if<ir::Mux>(&expr.node)) {
      host(mux->condition), neutral(mux->yes), neutral(mux->no);
      return;
    }
    ir::for_each_operand(expr, [&](ir::ExprId operand) { host(operand); });
  }
  /// Two values that meet as equals: copied or compared.
  void both(ir::ExprId a, ir::ExprId b) {
    const auto left = place_of(a);
    const auto right = place_of(b);
    if (left && right) {
      link(*left, *right);
      return;
    }
    for (const auto& [place, other] : {std::pair(left, b), std::pair(right, a)}) {
      if (place && !std::holds_alternative<ir::Const>(program_[other].node) &&
          !std::holds_alternative<ir::Mux>(program_[other].node)) {
        vote(*place, -1);
      }
    }
    if (!left) host(a);
    if (!right) host(b);
  }

  arch::CLowering::Kind lowering_of(const ir::CallExtern& s) const {
    const ir::ExternFunction& function = program_[s.function];
    const arch::ExternRow* row = function.is_user ? nullptr : arch::find_extern(program_, function);
    return row ? row->lowering.kind : arch::CLowering::Kind::kNone;
  }

  /// What is hashed is hashed in the packet's order.
  void hashed(const ir::ExternArgument& argument) {
    if (const auto* expr = std::get_if<ir::ExprId>(&argument.value)) stored(*expr);
    if (const auto* all = std::get_if<ir::ExternStruct>(&argument.value)) {
      for (const ir::ExternArgument& field : all->fields) hashed(field);
    }
  }
  void argument(const ir::ExternArgument& argument) {
    if (const auto* expr = std::get_if<ir::ExprId>(&argument.value)) host(*expr);
    if (const auto* all = std::get_if<ir::ExternStruct>(&argument.value)) {
      for (const ir::ExternArgument& field : all->fields) this->argument(field);
    }
  }

  void statement(const ir::Stmt& stmt) {
    std::visit(Match{
                   [&](const ir::Assign& s) { both(s.target, s.value); },
                   [&](const ir::CopyHeader& s) {
                     if (!s.target.header || !s.source.header) return;
                     const std::size_t fields = program_[program_[s.target.header].type].fields.size();
                     for (std::size_t f = 0; f < fields; ++f) {
                       link(orders_.place(s.target.header, f), orders_.place(s.source.header, f));
                     }
                   },
                   [&](const ir::If& s) { host(s.condition); },
                   [&](const ir::Switch& s) { neutral(s.subject); },
                   [&](const ir::ApplyTable& s) {
                     for (const ir::ExprId key : s.keys) stored(key);
                   },
                   [&](const ir::AddEntry& s) {
                     for (const ir::ExprId one : s.arguments) neutral(one);
                   },
                   [&](const ir::CallExtern& s) {
                     using Kind = arch::CLowering::Kind;
                     const Kind kind = lowering_of(s);
                     if (kind == Kind::kHash || kind == Kind::kHashWithPayload) {
                       argument(s.arguments[0]);
                       return hashed(s.arguments[2]);
                     }
                     if (kind == Kind::kChecksum || kind == Kind::kNetworkOrder) {  // take any order
                       for (const ir::ExternArgument& one : s.arguments) neutral(std::get<ir::ExprId>(one.value));
                       return;
                     }
                     for (const ir::ExternArgument& one : s.arguments) argument(one);
                     if (s.result) host(s.result);
                   },
                   [&](const ir::Advance& s) { host(s.bits); },
                   [&](const ir::Verdict& s) {
                     if (s.port) host(s.port);
                     if (s.priority) host(s.priority);
                   },
                   [](const auto&) {},
               },
               stmt.node);
  }

  const ir::Program& program_;
  const Flow& flow_;
  Orders& orders_;
  std::vector<std::size_t> group_;
  std::vector<int> votes_;
};

Orders::Orders(const ir::Program& program, const Flow& flow) {
  std::size_t next = var_count_ = program.vars.size();
  for (const ir::Header& header : program.headers) {
    field_base_.push_back(next);
    next += program[header.type].fields.size();
  }
  OrderWalk(program, flow, *this).run(next);
  for (std::size_t i = 0; i < program.vars.size(); ++i) {
    if (!has_order(program.vars[ir::VarId(i)].type)) net_[i] = false;
  }
  for (std::size_t h = 0; h < program.headers.size(); ++h) {
    const ir::HeaderType& type = program[program.headers[ir::HeaderId(h)].type];
    for (std::size_t f = 0; f < type.fields.size(); ++f) {
      if (!has_order(type.fields[f].type) || type.fields[f].bit_offset % 8 != 0) net_[field_base_[h] + f] = false;
    }
  }
}

bool Orders::is_net(ir::VarId var) const { return var.index() < var_count_ && net_[var.index()]; }
bool Orders::is_net(ir::HeaderId header, std::size_t field) const { return net_[place(header, field)]; }

}  // namespace p4bpf::codegen
