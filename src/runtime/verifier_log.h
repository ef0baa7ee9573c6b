// The verifier's log, answered in P4 lines: the reason of a rejection and the last P4 line that the log names before
// it. BTF line info makes the kernel print `; state start { @ router.p4:12` before the instructions of that line
// (kernel 6.10 and newer name file and line, older ones print the text alone).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace p4bpf::runtime {

struct Rejection {
  std::string reason;  // "invalid access to packet, off=14 size=1, R3(id=0,off=14,r=14)"
  std::string file;    // "" where the log names no place
  std::uint32_t line = 0;
  std::string text;  // the source line as BTF has it
};

/// Rejection::reason where the log names none.
inline constexpr const char* kNoReason = "the kernel gives no reason";

/// What the log of a program that was not loaded says.
Rejection read_rejection(std::string_view log);

/// Figures of one loaded program, from the last lines of its log and from bpf_prog_info.
struct ProgramStats {
  std::string function;
  std::uint32_t instructions = 0;  // as loaded, after the verifier's rewriting
  std::uint32_t jited_bytes = 0;
  std::uint32_t processed = 0;    // instructions that the verifier looked at
  std::uint32_t stack_bytes = 0;  // deepest, all subprograms together
  std::uint32_t verification_us = 0;
};

/// Fills `processed`, `stack_bytes`, `verification_us` from a log made with log level 4.
void read_stats(std::string_view log, ProgramStats& stats);

}  // namespace p4bpf::runtime
