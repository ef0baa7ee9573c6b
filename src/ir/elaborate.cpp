// The face of elaboration (elaborate.h): from what the type checker knows to what an architecture asks for.
#include "ir/elaborate.h"

#include <fmt/format.h>

#include "base/result.h"
#include "ir/elaborate_internal.h"

namespace p4bpf::ir {

// ---- basics of the class ------------------------------------------------------------------------------------------

Elaboration::Elaboration(TypedProgram& typed, Program& program, Diagnostics& diagnostics)
    : typed_(typed), program_(program), diagnostics_(diagnostics), out_(program) {
  frame_.env = &globals_;
  // The errors of core.p4 exist in every program, in this order, even where it declares none.
  program_.errors = {"NoError",       "PacketTooShort",       "NoMatch", "StackOutOfBounds", "HeaderTooShort",
                     "ParserTimeout", "ParserInvalidArgument"};
  for (const ast::DeclId error : typed_.errors) {
    const std::string& name = ast()[error].name.text;
    const auto known = std::find(program_.errors.begin(), program_.errors.end(), name);
    error_index_[error] = static_cast<std::size_t>(known - program_.errors.begin());
    if (known == program_.errors.end()) program_.errors.push_back(name);
  }
  for (std::size_t i = 0; i < ast().decls.size(); ++i) {
    const ast::DeclId id(i);
    const auto* declared = std::get_if<ast::EnumDecl>(&ast()[id].node);
    if (declared == nullptr || declared->representation) continue;
    for (std::size_t m = 0; m < declared->members.size(); ++m) enum_members_[declared->members[m]] = {id, m};
  }
}

void Elaboration::abandon(DiagnosticKind kind, Span span, std::string message) {
  diagnostics_.report(kind, span, std::move(message));
  throw Abandoned{};
}

/// Inlining multiplies; a program that grows without bound must end in a message.
void Elaboration::check_size(Span span) {
  constexpr std::size_t kMaxExprs = 2'000'000;
  constexpr std::size_t kMaxInlined = 30'000;
  if (++inlined_ > kMaxInlined || program_.exprs.size() > kMaxExprs) {
    unsupported(span, "the program is too large once everything that it applies is written out");
  }
}

std::string Elaboration::join(const std::string& path, const std::string& name) {
  if (!name.empty() && name.front() == '.') return name.substr(1);
  return path.empty() ? name : path + "." + name;
}

std::string Elaboration::annotation_text(const ast::Annotation& annotation) {
  std::string result;
  for (const ast::Annotation::Piece& piece : annotation.body) result += piece.text;
  return result;
}

std::string Elaboration::name_of(const ast::Decl& decl) const {
  const ast::Annotation* annotation = ast::find_annotation(decl.annotations, "name");
  const std::string given = annotation != nullptr ? annotation_text(*annotation) : std::string();
  return given.empty() ? decl.name.text : given;
}

std::optional<PackageInstance> Elaboration::package() {
  if (!typed_.main) {
    // The end of the program is where it would stand.
    const Span last = ast().program.empty() ? Span{} : ast()[ast().program.back()].span;
    Diagnostic& diagnostic =
        diagnostics_.report(DiagnosticKind::kNoMain, last, "the program does not instantiate 'main'");
    diagnostic.notes.push_back(
        {{}, "instantiate the architecture's package, such as 'ebpfFilter(prs(), pipe()) main;'"});
    return std::nullopt;
  }
  const ast::Decl& decl = ast()[typed_.main];
  const auto* instance = std::get_if<ast::InstanceDecl>(&decl.node);
  const CallInfo& info = typed_.call_of_instance[typed_.main];
  if (instance == nullptr || !info.callee || !std::holds_alternative<ast::PackageDecl>(ast()[info.callee].node)) {
    diagnostics_.report(DiagnosticKind::kNoMain, decl.name.span, "'main' is not an instance of a package");
    return std::nullopt;
  }
  const SourceMap& sources = diagnostics_.sources();
  const std::string declared_in = sources.position(ast()[info.callee].name.span.begin).file;
  if (declared_in != sources.position(decl.name.span.begin).file) architecture_file_ = declared_in;
  program_.annotations = annotation_texts(decl.annotations);
  try {
    add_controller_headers();
    return *construct_package(info, instance->arguments, decl.name.span);
  } catch (const Abandoned&) {
    return std::nullopt;
  }
}

std::shared_ptr<const BlockInstance> PackageInstance::block(std::string_view parameter) const {
  for (const PackageArgument& argument : arguments) {
    if (argument.parameter != parameter) continue;
    const auto* found = std::get_if<std::shared_ptr<const BlockInstance>>(&argument.value);
    return found != nullptr ? *found : nullptr;
  }
  return nullptr;
}

// ---- the public class ---------------------------------------------------------------------------------------------

struct Elaborator::Impl {
  Elaboration elaboration;
};

Elaborator::Elaborator(TypedProgram& typed, Program& program, Diagnostics& diagnostics)
    : impl_(new Impl{{typed, program, diagnostics}}) {}
Elaborator::~Elaborator() = default;

std::optional<PackageInstance> Elaborator::package() { return impl_->elaboration.package(); }
TypeId Elaborator::param_type(const BlockInstance& block, std::size_t param) const {
  return impl_->elaboration.param_type(block, param);
}
std::size_t Elaborator::param_count(const BlockInstance& block) const {
  return impl_->elaboration.params_of(block).size();
}

Storage Elaborator::storage(TypeId type, const std::string& name) {
  try {
    return impl_->elaboration.storage(type, name);
  } catch (const Abandoned&) {
    return {StructStorage{}};  // reported
  }
}

ParserId Elaborator::parser(const BlockInstance& block, const std::vector<Storage>& arguments) {
  return impl_->elaboration.top_parser(block, arguments);
}
void Elaborator::control(const BlockInstance& block, const std::vector<Storage>& arguments, Builder& into) {
  impl_->elaboration.top_control(block, arguments, into);
}

void Elaborator::set_extern_glue(ExternGlue glue) { impl_->elaboration.extern_glue_ = std::move(glue); }
std::map<std::uint32_t, std::vector<Storage>> Elaborator::field_lists(TypeId type, const Storage& storage) const {
  std::map<std::uint32_t, std::vector<Storage>> lists;
  impl_->elaboration.add_field_lists(type, storage, lists);
  return lists;
}

const TypedProgram& Elaborator::typed() const { return impl_->elaboration.typed_; }
Diagnostics& Elaborator::diagnostics() { return impl_->elaboration.diagnostics_; }
Program& Elaborator::program() { return impl_->elaboration.program_; }

}  // namespace p4bpf::ir
