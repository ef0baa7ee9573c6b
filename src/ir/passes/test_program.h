// A program to build IR on in the tests of the passes: two headers of one type, a stack, variables of a few types.
#pragma once

#include "base/source_map.h"
#include "ir/builder.h"
#include "ir/passes/pass.h"
#include "ir/printer.h"
#include "ir/validator.h"

namespace p4bpf::ir {

struct TestProgram {
  Program program;
  SourceMap sources;
  Diagnostics diagnostics{sources};
  PassContext context{diagnostics};
  HeaderTypeId type;
  HeaderRef a, b;
  StackId stack;
  VarId x, y, flag;  // bit<8>, bit<8>, bool
  BlockId entry;

  TestProgram() {
    program.errors = {"NoError", "PacketTooShort", "NoMatch"};
    type = program.header_types.add({"H", {{"f", Type::bits(8), 0}, {"g", Type::bits(8), 8}}, 16, {}, {}});
    a.header = program.headers.add({"a", type, {}, 0, {}});
    b.header = program.headers.add({"b", type, {}, 0, {}});
    Builder build = main();
    x = build.var("x", Type::bits(8));
    y = build.var("y", Type::bits(8));
    flag = build.var("flag", Type::boolean());
    const StackId id(program.stacks.size());
    Stack made{"s", type, {}, build.var("s.next", Type::bits(32)), {}};
    for (std::uint32_t i = 0; i < 2; ++i) {
      made.elements.push_back(program.headers.add({"s[" + std::to_string(i) + "]", type, id, i, {}}));
    }
    stack = program.stacks.add(std::move(made));
  }

  /// Builds at the end of the entry.
  Builder main() {
    if (!program.entry) program.entry = program.blocks.add({});
    return Builder(program, program.entry);
  }
  ExprId byte(int value) { return main().constant(Type::bits(8), value); }
  HeaderRef element(ExprId index) const { return {{}, stack, index}; }
  /// redirect(x): something that reads x, and the end of the packet.
  void finish_with(VarId var) {
    main().add(Verdict{VerdictKind::kRedirect, main().cast(Type::bits(32), main().ref(var))});
  }
  /// A parser with one state and no statements in it; `accepted` and `error` are named after it.
  ParserId parser(std::string name) {
    Builder build = main();
    Parser made{name, {}, 0, build.var(name + ".ok", Type::boolean()), build.var(name + ".error", Type::error()), {}};
    made.states.push_back({"start", program.blocks.add({}), direct({StateTarget::Kind::kAccept, 0}), {}});
    return program.parsers.add(std::move(made));
  }
  static Transition direct(StateTarget target) { return {{}, {{{}, target, {}}}, {}}; }
  /// A table with one bit<8> key and two actions: set(bit<8>), nop().
  TableId table(std::string name) {
    Table made;
    made.name = std::move(name);
    made.keys = {{"key", Type::bits(8), MatchKind::kExact, {}}};
    made.actions = {{"set", {{"value", Type::bits(8)}}, false, false}, {"nop", {}, false, false}};
    made.default_action = 1;
    return program.tables.add(std::move(made));
  }

  /// The entry after `pass`, which must leave the program sound.
  std::string after(void (*pass)(Program&, PassContext&)) {
    const std::string before = find_fault(program);
    if (!before.empty()) return "the test's program is unsound: " + before;
    pass(program, context);
    const std::string fault = find_fault(program);
    return fault.empty() ? print(program, program.entry) : "the pass broke it: " + fault;
  }
};

}  // namespace p4bpf::ir
