// Calls the C compiler and reads what it says (c_compiler.h).
#include "object/c_compiler.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "base/embedded.h"
#include "base/files.h"
#include "base/subprocess.h"

namespace p4bpf::object {
namespace {

constexpr std::string_view kRuntimeFolder = "src/codegen/runtime/";
constexpr std::string_view kUndefinedInternal = "has internal linkage but is not defined";
/// "stack frame size (432) exceeds limit (0) in 'router'"
constexpr std::string_view kFrameSize = "stack frame size (";
/// What the kernel gives to a program and the functions that it calls, each of whose frames it rounds up to kFrameUnit.
constexpr std::uint32_t kStack = 512;
constexpr std::uint32_t kFrameUnit = 32;

/// The headers that the generated text includes, as files that a compiler can find.
Result<TempDir> write_runtime_headers() {
  auto folder = TempDir::create();
  if (!folder) return fail(folder.error());
  for (const EmbeddedFile& file : embedded_files()) {
    if (!file.path.starts_with(kRuntimeFolder)) continue;
    const auto written = write_file(folder->file(file.path.substr(kRuntimeFolder.size())), file.text);
    if (!written) return fail(written.error());
  }
  return folder;
}

std::string whole_text(const CSource& source) {
  std::string text = source.text;
  for (const std::string& file : source.extern_files) {
    std::error_code error;
    const std::filesystem::path absolute = std::filesystem::absolute(file, error);
    // A name of its own, so that a mistake in naming the file is not put down to a P4 line.
    text += fmt::format("\n#line 1 \"--extern\"\n#include \"{}\"\n", error ? file : absolute.string());
  }
  return text + source.epilogue;
}

Result<CompileOutcome> run_compiler(const CSource& source, const std::string& output, const CompilerOptions& options,
                                    const std::vector<std::string>& mode) {
  const auto compiler = find_compiler(options);
  if (!compiler) return fail(compiler.error());
  const auto headers = write_runtime_headers();
  if (!headers) return fail(headers.error());
  std::vector<std::string> argv{*compiler};
  argv.insert(argv.end(), mode.begin(), mode.end());
  for (const char* flag :
       {"-g", "-std=gnu11", "-fno-color-diagnostics", "-fno-caret-diagnostics", "-Wno-unused-function",
        "-Werror=undefined-internal", "-Werror=implicit-function-declaration", "-I"}) {
    argv.emplace_back(flag);
  }
  argv.push_back(headers->path());
  for (const std::string& folder : source.include_dirs) argv.insert(argv.end(), {"-I", folder});
  for (const std::string& define : source.defines) argv.push_back("-D" + define);
  argv.insert(argv.end(), options.flags.begin(), options.flags.end());
  argv.insert(argv.end(), {"-x", "c", "-", "-o", output});
  const auto outcome = run_process(argv, whole_text(source));
  if (!outcome) return fail(outcome.error());
  CompileOutcome result{outcome->status == 0, parse_messages(outcome->err)};
  if (!result.ok && result.messages.empty()) {
    // A crash, or a complaint about its own options.
    result.messages.push_back(
        {true, "", 0, 0, fmt::format("{} ended with status {}: {}", *compiler, outcome->status, outcome->err)});
  }
  return result;
}

std::optional<std::uint32_t> read_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// FILE:LINE:COLUMN of the text before ": error: "; a file's name may hold colons.
void read_place(std::string_view place, CompilerMessage& message) {
  const std::size_t second = place.rfind(':');
  if (second == std::string_view::npos || second == 0) return;
  const std::size_t first = place.rfind(':', second - 1);
  if (first == std::string_view::npos) return;
  const auto line = read_number(place.substr(first + 1, second - first - 1));
  const auto column = read_number(place.substr(second + 1));
  if (!line || !column) return;
  message.file = std::string(place.substr(0, first));
  message.line = *line;
  message.column = *column;
}

std::string quoted_name(const std::string& text) {
  const std::size_t begin = text.find('\'');
  const std::size_t end = begin == std::string::npos ? begin : text.find('\'', begin + 1);
  return end == std::string::npos ? "" : text.substr(begin + 1, end - begin - 1);
}

}  // namespace

Result<std::string> find_compiler(const CompilerOptions& options) {
  std::vector<std::string> candidates{options.compiler};
  const char* chosen = std::getenv("P4BPF_CLANG");
  if (options.compiler.empty()) candidates = {chosen != nullptr ? chosen : ""};
  if (candidates[0].empty()) candidates = {"clang-19", "clang-14", "clang"};
  for (const std::string& candidate : candidates) {
    std::string found = find_program(candidate);
    if (!found.empty()) return found;
  }
  if (candidates.size() == 1) return fail("cannot find the C compiler '" + candidates[0] + "'");
  return fail("cannot find a clang to compile the generated C with", "install clang-19, or name one in $P4BPF_CLANG");
}

Result<CompileOutcome> compile_bpf(const CSource& source, const std::string& output, const CompilerOptions& options) {
  // With this limit the compiler says of each function how large its frame is (exceeds_stack).
  std::vector<std::string> mode{
      "-target", "bpf", "-O2", "-mcpu=" + options.cpu, "-ffreestanding", "-c", "-Wframe-larger-than=0"};
  // Where Debian keeps asm/types.h, which <linux/bpf.h> needs; a compiler for BPF does not look there.
  for (const char* folder : {"/usr/include/x86_64-linux-gnu", "/usr/include/aarch64-linux-gnu"}) {
    std::error_code ignored;
    if (std::filesystem::is_directory(folder, ignored)) mode.insert(mode.end(), {"-idirafter", folder});
  }
  return run_compiler(source, output, options, mode);
}

Result<CompileOutcome> compile_native(const CSource& source, const std::string& output,
                                      const CompilerOptions& options) {
  std::vector<std::string> mode{"-O1", "-fPIC", "-shared", "-Wl,-z,defs"};
  if (options.sanitize) mode.insert(mode.end(), {"-fsanitize=undefined", "-fsanitize-trap=all"});
  return run_compiler(source, output, options, mode);
}

std::vector<CompilerMessage> parse_messages(const std::string& printed) {
  std::vector<CompilerMessage> messages;
  std::size_t at = 0;
  while (at < printed.size()) {
    const std::size_t end = std::min(printed.find('\n', at), printed.size());
    const std::string_view line = std::string_view(printed).substr(at, end - at);
    at = end + 1;
    for (const std::string_view marker :
         {std::string_view("fatal error: "), std::string_view("error: "), std::string_view("warning: ")}) {
      const std::size_t where = line.find(marker);
      if (where == std::string_view::npos || (where != 0 && !line.substr(0, where).ends_with(": "))) continue;
      CompilerMessage message;
      message.is_error = marker != "warning: ";
      message.text = std::string(line.substr(where + marker.size()));
      if (where > 2) read_place(line.substr(0, where - 2), message);
      messages.push_back(std::move(message));
      break;
    }
  }
  return messages;
}

/// The compiler refuses a frame that is larger than the stack; that two frames are, it does not see. Functions of the
/// runtime that are not inlined call none that is not, so the two largest are the most that can be in use at once.
bool exceeds_stack(const CompileOutcome& outcome) {
  std::uint32_t largest = 0;
  std::uint32_t second = 0;
  for (const CompilerMessage& message : outcome.messages) {
    if (message.is_error && message.text.find("BPF stack limit") != std::string::npos) return true;
    if (!message.text.starts_with(kFrameSize)) continue;
    const std::string_view rest = std::string_view(message.text).substr(kFrameSize.size());
    const std::uint32_t bytes = read_number(rest.substr(0, rest.find(')'))).value_or(0);
    const std::uint32_t frame = (bytes + kFrameUnit - 1) / kFrameUnit * kFrameUnit;
    second = std::max(second, std::min(largest, frame));
    largest = std::max(largest, frame);
  }
  return outcome.ok && largest + second > kStack;
}

void report_messages(const CompileOutcome& outcome, Diagnostics& diagnostics) {
  for (const CompilerMessage& message : outcome.messages) {
    if (!message.is_error) continue;
    const Span span = diagnostics.sources().line_span(message.file, message.line);
    if (message.text.find(kUndefinedInternal) != std::string::npos) {
      const std::string name = quoted_name(message.text);
      Diagnostic& missing =
          diagnostics.report(DiagnosticKind::kNoExternBody, span, fmt::format("extern '{}' has no body", name));
      missing.notes.push_back({{}, fmt::format("define '{}' in a C file and pass it by --extern FILE.c", name)});
      continue;
    }
    const std::string place =
        span || message.file.empty() ? "" : fmt::format("{}:{}:{}: ", message.file, message.line, message.column);
    diagnostics.report(DiagnosticKind::kRejectedByClang, span, "the C compiler says: " + place + message.text);
  }
}

}  // namespace p4bpf::object
