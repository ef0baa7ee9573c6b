// The benchmark: a generated program beside the program that a good C author would write for the same thing (its twin).
//
// Both are loaded with the same entries; every packet of the program's STF test, and copies of it that are cut short or
// have bytes changed, must get the same verdict and bytes from both; then they are measured in turns.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "manifest/manifest.h"

namespace p4bpf::bench {

/// The folder of the benchmark among the embedded files.
inline constexpr std::string_view kFolder = "bench/programs/";

/// One program of the benchmark: NAME.p4 as generated, NAME.c by hand, NAME.stf.
struct Subject {
  std::string name;
  std::string generated_c;
  manifest::Manifest manifest;
  std::string twin_c;
  std::string twin_folder;                     // where the headers of the twins are
  Loc test;                                    // where the text of the STF test begins in the source map
  double generate_ms = 0;                      // P4 to C
  manifest::Hook hook = manifest::Hook::kXdp;  // or TC ingress: where both run
};

/// What the kernel makes of one of the two.
struct Figures {
  double ns = 0;   // for one packet, net of the same run with an empty body
  double pps = 0;  // live frames a second on one CPU; 0: not measured
  std::uint32_t instructions = 0;
  std::uint32_t verified = 0;
  std::uint32_t stack_bytes = 0;
  std::uint32_t jited_bytes = 0;
};

/// What is less cannot be told from nothing: loading the same program again moves a figure by as much.
inline constexpr double kResolution = 0.3;  // nanoseconds

struct Measurement {
  std::string name;
  Figures generated, twin;
  double generate_ms = 0;
  std::size_t packets_compared = 0;
};

struct Options {
  std::string clang;       // "": what is there
  std::size_t loads = 12;  // how often each program is loaded and measured
  bool live = false;       // measure live frames as well, of programs on XDP
  std::function<void(const std::string& step)> progress = [](const std::string&) {};
};

/// Must run where the process may load programs and make network namespaces; else the failure is kUnavailable.
/// What the test has wrong goes to `diagnostics`.
Result<Measurement> measure(const Subject& subject, const Options& options, Diagnostics& diagnostics);

}  // namespace p4bpf::bench
