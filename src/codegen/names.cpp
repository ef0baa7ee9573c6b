// C names for P4 things.
#include "codegen/names.h"

#include <cctype>

namespace p4bpf::codegen {
namespace {

const std::set<std::string, std::less<>>& reserved_words() {
  static const std::set<std::string, std::less<>> words = {
      "auto",   "break",    "case",     "char",     "const", "continue", "default", "do",     "double",
      "else",   "enum",     "extern",   "float",    "for",   "goto",     "if",      "inline", "int",
      "long",   "register", "restrict", "return",   "short", "signed",   "sizeof",  "static", "struct",
      "switch", "typedef",  "union",    "unsigned", "void",  "volatile", "while",   "asm",    "typeof",
      "u8",     "u16",      "u32",      "u64",      "s8",    "s16",      "s32",     "s64",    "main",
      "data",   "data_end", "cursor",   "context",  "linux", "unix",     "i386",    "BPF",    "bpf"};
  return words;
}

}  // namespace

std::string c_identifier(std::string_view text) {
  std::string out;
  for (const char ch : text) {
    const bool fits = std::isalnum(static_cast<unsigned char>(ch)) != 0 || ch == '_';
    if (fits) {
      out += ch;
    } else if (!out.empty() && out.back() != '_') {
      out += '_';
    }
  }
  while (!out.empty() && out.back() == '_' && !text.ends_with('_')) out.pop_back();
  if (out.empty() || std::isdigit(static_cast<unsigned char>(out.front())) != 0) out = "_" + out;
  // Names that begin with two underscores or with our own prefix belong to the compiler and the runtime.
  if (out.starts_with("__")) out = "p4" + out;
  if (out.starts_with("p4bpf_") || out.starts_with("P4BPF_") || reserved_words().contains(out)) out += "_";
  return out;
}

std::string last_part(std::string_view text) {
  const std::size_t dot = text.rfind('.');
  return c_identifier(dot == std::string_view::npos ? text : text.substr(dot + 1));
}

std::string Names::make(std::string_view wanted) {
  const std::string base = c_identifier(wanted);
  if (used_.insert(base).second) return base;
  int& number = last_.try_emplace(base, 1).first->second;
  while (true) {
    std::string name = base + "_" + std::to_string(++number);
    if (used_.insert(name).second) return name;
  }
}

}  // namespace p4bpf::codegen
