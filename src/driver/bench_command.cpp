// p4bpf bench: generated programs beside hand-written ones.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "base/embedded.h"
#include "base/files.h"
#include "bench/bench.h"
#include "bench/report.h"
#include "driver/command.h"
#include "driver/diagnostic_printer.h"
#include "driver/pipeline.h"
#include "testing/dataplane.h"

namespace p4bpf::driver {
namespace {

struct BenchOptions {
  std::vector<std::string> programs;
  bench::Options bench;
  bool json = false;
};

/// Programs of the benchmark in its order: the study's first, by their number.
std::vector<std::string> all_programs() {
  std::vector<std::string> names;
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.path.starts_with(bench::kFolder) && file.path.ends_with(".stf"))
      names.push_back(program_name(std::string(file.path)));
  }
  const auto key = [](const std::string& name) {
    const bool is_of_study = name.starts_with("xdp");
    return std::tuple(!is_of_study, is_of_study ? std::atoi(name.c_str() + 3) : 0, name);
  };
  std::sort(names.begin(), names.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  return names;
}

Result<void> write_programs(const TempDir& folder) {
  for (const EmbeddedFile& file : embedded_files()) {
    if (!file.path.starts_with(bench::kFolder)) continue;
    const Result<void> written = write_file(folder.file(file.path.substr(bench::kFolder.size())), file.text);
    if (!written) return written;
  }
  return {};
}

/// P4 to C: the median of a few.
double generate_ms(const ProgramOptions& program) {
  std::array<double, 5> all{};
  for (double& one : all) {
    const auto start = std::chrono::steady_clock::now();
    Compilation compilation(program);
    if (make_program(compilation)) generate(compilation);
    one = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  }
  std::sort(all.begin(), all.end());
  return all[all.size() / 2];
}

class BenchRun {
 public:
  explicit BenchRun(const BenchOptions& options) : options_(options), printer_(DiagnosticOptions{}) {
    if (!options.json && wants_colours(STDERR_FILENO)) shows_progress_ = true;
  }

  int run() {
    const Result<TempDir> folder = TempDir::create();
    if (!folder) return report(folder.error());
    if (Result<void> written = write_programs(*folder); !written) return report(written.error());
    const std::vector<std::string> all = all_programs();
    for (const std::string& wanted : options_.programs.empty() ? all : options_.programs) {
      const bool is_file = wanted.ends_with(".p4");
      if (!is_file && std::find(all.begin(), all.end(), wanted) == all.end()) {
        const std::string near = nearest_name(wanted, all);
        return report(
            Error{"there is no benchmark program '" + wanted + "'",
                  near.empty() ? fmt::format("there are {}", fmt::join(all, ", ")) : "did you mean " + near + "?", 0});
      }
      const int status = run_program(is_file ? wanted : folder->file(wanted + ".p4"), folder->path());
      if (status == kUnavailable) return status;
      status_ = std::max(status_, status);
    }
    clear_progress();
    if (options_.json) {
      fmt::print("{}", bench::as_json(measured_));
    } else if (!measured_.empty()) {
      fmt::print("{}", bench::as_text(measured_));
    }
    return status_;
  }

 private:
  int run_program(const std::string& file, const std::string& twin_folder) {
    const std::string stem = file.substr(0, file.size() - 3);
    progress(program_name(file), "generate");
    ProgramOptions program;
    program.file = file;
    program.hook = "xdp";
    Compilation compilation(program);
    const Result<bool> made = make_program(compilation);
    if (!made || !*made) return failed(compilation, made);
    const auto generated = generate(compilation);
    if (!generated) return failed(compilation, false);
    const Result<std::string> twin = read_file(stem + ".c"), test = read_file(stem + ".stf");
    if (!twin) return failed(compilation, fail(twin.error()));
    if (!test) return failed(compilation, fail(test.error()));
    bench::Subject subject{program_name(file),  generated->c_text,
                           generated->manifest, *twin,
                           twin_folder,         compilation.sources.add_file(stem + ".stf", *test),
                           generate_ms(program)};
    bench::Options options = options_.bench;
    options.progress = [&](const std::string& step) { progress(subject.name, step); };
    const Result<bench::Measurement> measured = bench::measure(subject, options, compilation.diagnostics);
    if (!measured) {
      Error error = measured.error();
      error.message = subject.name + ": " + error.message;
      return failed(compilation, fail(std::move(error)));
    }
    measured_.push_back(*measured);
    return kFine;
  }

  int failed(const Compilation& compilation, const Result<bool>& why) {
    clear_progress();
    const int status = finish(compilation, why, printer_);
    return !why && why.error().code == testing::kUnavailable ? static_cast<int>(kUnavailable) : status;
  }

  void progress(const std::string& program, const std::string& step) {
    if (shows_progress_) fmt::print(stderr, "\r\033[K{}: {}", program, step);
    std::fflush(stderr);
  }
  void clear_progress() {
    if (shows_progress_) fmt::print(stderr, "\r\033[K");
  }

  const BenchOptions& options_;
  DiagnosticPrinter printer_;
  std::vector<bench::Measurement> measured_;
  bool shows_progress_ = false;
  int status_ = kFine;
};

}  // namespace

void add_bench_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const verb = add_verb(app, "bench", "measure generated programs beside hand-written ones",
                                  "bench\nbench xdp7 router\nbench --pps --json");
  const auto options = std::make_shared<BenchOptions>();
  verb->add_option("PROGRAM", options->programs,
                   "programs of the benchmark, or FILE.p4 with FILE.c by hand and FILE.stf beside it; by default all "
                   "of the benchmark");
  verb->add_option("--loads", options->bench.loads,
                   "how often each is loaded and measured; where the kernel puts it moves a figure by a nanosecond")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  verb->add_flag("--pps", options->bench.live, "measure packets a second as well, with live frames over veth");
  verb->add_flag("--json", options->json, "results as JSON");
  on_chosen(*verb, chosen, [options] { return BenchRun(*options).run(); });
}

}  // namespace p4bpf::driver
