// Elaboration: from `main(...)`, run the constructors, bind generics, resolve parameters; only what is instantiated
// exists afterwards. It replaces the chain of specialising, inlining and renaming passes that other P4 compilers have.
//
// The Elaborator knows the language and no architecture. An architecture (arch/) asks it for the package that `main`
// instantiates, makes storage for the blocks' parameters, elaborates each block into the program, and writes the glue
// between them itself.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/diagnostics.h"
#include "frontend/typed_program.h"
#include "ir/builder.h"
#include "ir/ir.h"

namespace p4bpf::ir {

struct Storage;
/// A struct, tuple or header union: named members in order. In a union at most one member is valid; elaboration sees to
/// it by explicit SetInvalid statements. A stack of unions is one header stack for each member of the union
/// (`is_union_stack`).
struct StructStorage {
  std::string type_name;
  bool is_union = false;
  bool is_union_stack = false;
  std::vector<std::string> names;
  std::vector<Storage> members;
};
/// The packet_in or packet_out that an architecture hands to a block.
struct PacketStorage {};
/// Where the value of a parameter or variable lives.
struct Storage {
  std::variant<VarId, HeaderRef, StackId, StructStorage, PacketStorage> node;
  /// The member of that name of a StructStorage; broken invariant if there is none.
  const Storage& operator[](std::string_view member) const;
  VarId var() const { return std::get<VarId>(node); }
};

/// A parser or control object as constructed, before it is applied. Opaque outside elaboration.
struct BlockInstance;

/// An argument of the package: a block, a nested package, an extern object or a constant.
struct PackageInstance;
struct PackageArgument {
  std::string parameter;
  std::variant<std::shared_ptr<const BlockInstance>, std::shared_ptr<const PackageInstance>, ExternInstanceId,
               ConstValue>
      value;
};
struct PackageInstance {
  std::string type_name;  // "ebpfFilter", "xdp", "V1Switch"
  std::vector<PackageArgument> arguments;
  Span span;
  /// The block passed for a parameter; nullptr if there is none of that name or it is no block.
  std::shared_ptr<const BlockInstance> block(std::string_view parameter) const;
};

class Elaborator {
 public:
  /// Fills `program` and interns the types that binding generics makes in `typed`; all must outlive the elaborator.
  Elaborator(TypedProgram& typed, Program& program, Diagnostics& diagnostics);
  ~Elaborator();

  /// What `main` instantiates; nothing (and a diagnostic) if there is no main.
  std::optional<PackageInstance> package();

  /// The type of a parameter of a block, generics bound.
  TypeId param_type(const BlockInstance& block, std::size_t param) const;
  std::size_t param_count(const BlockInstance& block) const;

  /// New storage for a value of that type, its leaves named "NAME.field". packet_in and packet_out give PacketStorage.
  Storage storage(TypeId type, const std::string& name);

  /// Elaborates the parser with its parameters bound to `arguments` by reference. Run it with RunParser.
  ParserId parser(const BlockInstance& block, const std::vector<Storage>& arguments);
  /// Inlines the control's apply block at the end of `into`, its parameters bound to `arguments` by reference. `exit`
  /// inside leaves it. For a deparser the architecture hangs `into` into a Deparse.
  void control(const BlockInstance& block, const std::vector<Storage>& arguments, Builder& into);

  /// The architecture's own way with calls of externs: it may write IR in place of the call and return true. Without
  /// it, and where it returns false, a call becomes a CallExtern.
  /// `written` is the call in the program; it names nothing where a table calls its selector.
  using ExternGlue = std::function<bool(const CallExtern&, ast::ExprId written, Span, Builder&)>;
  void set_extern_glue(ExternGlue glue);

  /// What the fields of a struct annotated @field_list(n, ...) store, by list.
  std::map<std::uint32_t, std::vector<Storage>> field_lists(TypeId type, const Storage& storage) const;

  const TypedProgram& typed() const;
  Diagnostics& diagnostics();
  Program& program();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace p4bpf::ir
