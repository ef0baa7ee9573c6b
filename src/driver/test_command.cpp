// p4bpf test: packet tests on one executor or all of them, and random packets on several that must agree.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "arch/compile.h"
#include "base/files.h"
#include "driver/command.h"
#include "driver/diagnostic_printer.h"
#include "driver/pipeline.h"
#include "driver/trace_printer.h"
#include "testing/differential.h"
#include "testing/kernel_dataplane.h"
#include "testing/stf.h"
#include "testing/stf_runner.h"
#include "testing/workshop.h"

namespace p4bpf::driver {
namespace {

namespace stf = testing::stf;
using testing::Target;

struct TestOptions {
  ProgramOptions program;
  std::string target = "interp";
  std::vector<std::string> tests;
  std::size_t random = 0;
  std::uint64_t seed = 1;
  bool stats = false;
  bool json = false;
  bool trace = false;
  bool verbose = false;
  bool sanitize = false;
};

constexpr std::uint32_t kTimedRuns = 100'000;

/// One STF file, read once and run on every target.
struct Test {
  explicit Test(std::string given) : file(std::move(given)) {}
  std::string file;
  std::string text;
};

class TestRun {
 public:
  TestRun(const TestOptions& options, Diagnostics& diagnostics, const ir::Program& program, DiagnosticPrinter& printer)
      : options_(options),
        printer_(printer),
        diagnostics_(diagnostics),
        program_(program),
        workshop_(program, diagnostics,
                  {options.program.extern_files, options.program.clang, options.program.hook, options.sanitize,
                   options.trace ? print_trace(diagnostics.sources()) : testing::TraceSink()}) {}

  int run() {
    const std::vector<Target> targets = wanted_targets();
    for (const std::string& test : options_.tests) {
      for (const Target target : targets) run_test(test, target);
    }
    if (options_.random != 0) run_random(targets);
    if (options_.json) fmt::print("{}\n", results_.dump(2));
    return failed_ != 0 ? kWrong : skipped_ != 0 ? kUnavailable : kFine;
  }

 private:
  std::vector<Target> wanted_targets() const {
    const std::vector<Target> all{Target::kInterp, Target::kNative, Target::kKernel, Target::kVeth};
    if (options_.target == "all") {
      // What arrives on a wire is no better for being random, and is slow.
      return options_.random == 0 ? all : std::vector<Target>(all.begin(), all.end() - 1);
    }
    for (const Target target : all) {
      if (testing::target_name(target) == options_.target) return {target};
    }
    return {};
  }

  void run_test(const std::string& file, Target target) {
    SourceMap sources;
    Diagnostics said(sources, options_.program.diagnostics.warnings);
    const auto text = read_file(file);
    if (!text) return finish(file, target, "FAIL", text.error().message);
    const auto commands = stf::parse(sources.add_file(file, *text), said);
    std::string details;
    if (!said.has_errors()) {
      auto dataplane = workshop_.make(target, wanted_by(commands));
      if (!dataplane) {
        const bool unavailable = dataplane.error().code == testing::kUnavailable;
        return finish(file, target, unavailable ? "SKIP" : "FAIL", with_hint(dataplane.error()));
      }
      if (!*dataplane) return finish(file, target, "FAIL", "the program cannot be built for this executor");
      const auto outcome = stf::run(commands, **dataplane, said);
      if (options_.verbose) {
        for (const std::string& line : outcome.log) fmt::print(stderr, "  {}:{}\n", file, line);
      }
      if (!outcome.unavailable.empty() && !said.has_errors()) return finish(file, target, "SKIP", outcome.unavailable);
      details = fmt::format("{} packets, {} left, {} checks", outcome.packets, outcome.outputs, outcome.checks);
      if (options_.stats && target == Target::kKernel) details += "; " + statistics(commands, **dataplane);
    }
    print_program_diagnostics();
    printer_.print(said);
    if (options_.json) current_["said"] = render_all(said, false);
    finish(file, target, said.has_errors() ? "FAIL" : "PASS", details);
  }

  static testing::Wanted wanted_by(const std::vector<stf::Command>& commands) {
    constexpr std::size_t kEthernet = 14;
    testing::Wanted wanted;
    std::size_t longest = 0;  // of the packets; tests may say before them what they expect
    for (const stf::Command& command : commands) {
      if (const auto* packet = std::get_if<stf::Packet>(&command.node))
        longest = std::max(longest, packet->bytes.size());
    }
    for (const stf::Command& command : commands) {
      if (const auto* packet = std::get_if<stf::Packet>(&command.node)) {
        wanted.ports.insert(packet->port);
        wanted.short_frames = wanted.short_frames || packet->bytes.size() < kEthernet;
        wanted.beyond_tuns = wanted.beyond_tuns || packet->bytes.empty();
      }
      if (const auto* expect = std::get_if<stf::Expect>(&command.node)) {
        wanted.ports.insert(expect->port);
        wanted.short_frames = wanted.short_frames || (expect->exact && expect->nibbles.size() < 2 * kEthernet);
        wanted.beyond_tuns = wanted.beyond_tuns || (expect->exact && expect->nibbles.empty()) ||
                             expect->nibbles.size() > 2 * longest;
      }
    }
    return wanted;
  }

  std::string statistics(const std::vector<stf::Command>& commands, testing::Dataplane& dataplane) {
    auto& kernel = static_cast<testing::KernelDataplane&>(dataplane);
    const runtime::ProgramStats& stats = kernel.stats();
    std::string text = fmt::format("{} instructions, {} verified, {} bytes of stack, {} bytes of machine code",
                                   stats.instructions, stats.processed, stats.stack_bytes, stats.jited_bytes);
    current_["instructions"] = stats.instructions;
    current_["verified"] = stats.processed;
    current_["stack_bytes"] = stats.stack_bytes;
    current_["jited_bytes"] = stats.jited_bytes;
    for (const stf::Command& command : commands) {
      const auto* packet = std::get_if<stf::Packet>(&command.node);
      if (packet == nullptr) continue;
      const auto time = kernel.nanoseconds(packet->port, packet->bytes, kTimedRuns);
      if (!time) continue;
      current_["ns_per_packet"] = *time;
      text += fmt::format(", {} ns for the first packet", *time);
      break;
    }
    return text;
  }

  static std::string with_hint(const Error& error) {
    return error.hint.empty() ? error.message : fmt::format("{} ({})", error.message, error.hint);
  }

  void finish(const std::string& test, Target target, const std::string& verdict, const std::string& details,
              const std::string& said = {}) {
    finish(test, std::string(testing::target_name(target)), verdict, details, said);
  }
  void finish(const std::string& test, const std::string& target, const std::string& verdict,
              const std::string& details, const std::string& said) {
    if (verdict == "FAIL") ++failed_;
    if (verdict == "SKIP") ++skipped_;
    print_program_diagnostics();
    std::fputs(said.c_str(), stderr);
    if (options_.json) {
      current_.update({{"test", test}, {"target", target}, {"verdict", verdict}, {"details", details}});
      if (!current_.contains("said")) current_["said"] = said;
      results_.push_back(current_);
    } else {
      fmt::print("{} {} {}{}\n", verdict, target, test, details.empty() ? "" : ": " + details);
      std::fflush(stdout);
    }
    current_ = nlohmann::json::object();
  }

  /// What generating, compiling and loading had to say since the last time.
  void print_program_diagnostics() {
    printer_.print(diagnostics_, printed_);
    printed_ = diagnostics_.all().size();
  }

  void run_random(const std::vector<Target>& targets) {
    const std::string title = std::filesystem::path(options_.program.file).filename().string();
    std::vector<std::unique_ptr<testing::Dataplane>> made;
    std::vector<testing::Dataplane*> dataplanes;
    std::string names;
    for (const Target target : targets) {
      auto dataplane = workshop_.make(target, {});
      if (!dataplane) {
        const bool unavailable = dataplane.error().code == testing::kUnavailable;
        finish(title, target, unavailable ? "SKIP" : "FAIL", with_hint(dataplane.error()));
        continue;
      }
      if (!*dataplane) {
        finish(title, target, "FAIL", "the program cannot be built for this executor");
        continue;
      }
      dataplanes.push_back(dataplane->get());
      names += (names.empty() ? "" : "=") + std::string(testing::target_name(target));
      made.push_back(std::move(*dataplane));
    }
    if (dataplanes.empty()) return;
    testing::DifferentialOptions options;
    options.seed = options_.seed;
    options.packets = options_.random;
    const auto outcome = testing::run_differential(program_, dataplanes, options);
    if (!outcome.unavailable.empty()) return finish(title, names, "SKIP", outcome.unavailable, "");
    const std::string counts = fmt::format("seed {}: {} random packets, {} left, {} entries", options_.seed,
                                           outcome.packets, outcome.outputs, outcome.entries);
    if (outcome.mismatch.empty()) return finish(title, names, "PASS", counts, "");
    std::string said = outcome.mismatch + "\n";
    if (!outcome.stf.empty()) {
      const std::string file =
          fmt::format("{}-seed{}.stf", std::filesystem::path(title).stem().string(), options_.seed);
      const auto written = write_file(file, outcome.stf);
      said += fmt::format("as a test{}:\n{}", written ? ", written to " + file : "", outcome.stf);
    }
    finish(title, names, "FAIL", counts, said);
  }

  const TestOptions& options_;
  DiagnosticPrinter& printer_;
  Diagnostics& diagnostics_;
  const ir::Program& program_;
  testing::Workshop workshop_;
  nlohmann::json results_ = nlohmann::json::array();
  nlohmann::json current_ = nlohmann::json::object();
  std::size_t printed_ = 0;
  std::size_t failed_ = 0;
  std::size_t skipped_ = 0;
};

int run_tests(const TestOptions& options) {
  DiagnosticPrinter printer(options.program.diagnostics);
  Compilation compilation(options.program);
  const auto parsed = parse(compilation);
  if (!parsed || !*parsed) return finish(compilation, parsed, printer);
  if (!check(compilation)) return finish(compilation, false, printer);
  arch::BuildOptions build;
  build.architecture = options.program.architecture;
  const auto program = arch::build_program(*compilation.typed, options.program.file, build, compilation.diagnostics);
  if (!program) return finish(compilation, false, printer);
  return TestRun(options, compilation.diagnostics, *program, printer).run();
}

}  // namespace

void add_test_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const verb =
      add_verb(app, "test", "run packet tests, or compare the executors on random packets",
               "test --target interp router.p4 router.stf\ntest --target all --stats router.p4 *.stf\n"
               "test --target all --random 10000 --seed 7 router.p4");
  const auto options = std::make_shared<TestOptions>();
  add_source_options(*verb, options->program);
  add_target_options(*verb, options->program);
  verb->add_option("--target", options->target, "who runs the packets")
      ->check(CLI::IsMember({"interp", "native", "kernel", "veth", "all"}))
      ->capture_default_str();
  verb->add_option("TEST", options->tests, "packet tests (STF)");
  verb->add_option("--random", options->random, "send so many random packets through the targets, which must agree");
  verb->add_option("--seed", options->seed, "where random packets start")->capture_default_str();
  verb->add_flag("--stats", options->stats, "say what the kernel makes of the program: instructions, stack, time");
  verb->add_flag("--json", options->json, "results as JSON");
  verb->add_flag("--trace", options->trace, "interp: say what happens to each packet");
  verb->add_flag("--sanitize", options->sanitize, "native: undefined behaviour of the generated C is an error");
  verb->add_flag("-v,--verbose", options->verbose, "say what came of each command");
  on_chosen(*verb, chosen, [options] {
    if (options->tests.empty() && options->random == 0) {
      std::fputs("p4bpf: error: nothing to run: name a packet test, or give --random N\n", stderr);
      return static_cast<int>(kBadUsage);
    }
    return run_tests(*options);
  });
}

}  // namespace p4bpf::driver
