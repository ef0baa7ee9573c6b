// Reads the lines of a verifier log (verifier_log.h).
#include "runtime/verifier_log.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace p4bpf::runtime {
namespace {

std::vector<std::string_view> lines_of(std::string_view log) {
  std::vector<std::string_view> lines;
  while (!log.empty()) {
    const std::size_t end = log.find('\n');
    const std::string_view line = log.substr(0, end);
    if (!line.empty() && line[0] != '\0') lines.push_back(line);
    if (end == std::string_view::npos) break;
    log.remove_prefix(end + 1);
  }
  return lines;
}

std::uint32_t number_after(std::string_view text, std::string_view word) {
  const std::size_t at = text.find(word);
  std::uint32_t number = 0;
  if (at != std::string_view::npos) std::from_chars(text.data() + at + word.size(), text.data() + text.size(), number);
  return number;
}

bool is_instruction(std::string_view line) {  // "12: (71) r1 = ..."
  const std::size_t colon = line.find(": (");
  return colon != std::string_view::npos &&
         line.substr(0, colon).find_first_not_of("0123456789") == std::string_view::npos;
}

/// Lines that tell of the verifier's way and not of a mistake.
bool is_noise(std::string_view line) {
  for (const std::string_view start :
       {"processed ", "verification time", "stack depth", "from ", "mark_precise", "func#", "Validating ", "Func#",
        "last_idx", "regs=", "parent ", "arg#", "reg type unsupported", "libbpf"}) {
    if (line.starts_with(start)) return true;
  }
  // "R0=scalar() R1=..." and "3: R0=..." print states.
  const std::size_t text = line.find_first_not_of("0123456789: ");
  if (text == std::string_view::npos) return true;
  const std::string_view rest = line.substr(text);
  const bool is_state = rest.size() > 2 && rest[0] == 'R' && rest[1] >= '0' && rest[1] <= '9' &&
                        (rest.find('=') == 2 || rest.find('=') == 3 || rest.find("_w=") == 2);
  return is_state || is_instruction(line);
}

/// "; hdr.eth.setValid(); @ router.p4:31"
bool read_place(std::string_view line, Rejection& place) {
  if (!line.starts_with("; ")) return false;
  const std::size_t at = line.rfind(" @ ");
  const std::size_t colon = line.rfind(':');
  if (at == std::string_view::npos || colon == std::string_view::npos || colon < at) {
    if (place.file.empty()) place.text = line.substr(2);
    return true;
  }
  const std::string_view file = line.substr(at + 3, colon - at - 3);
  if (file.find(".p4") == std::string_view::npos) return true;  // our own C, or a user's extern
  place.file = file;
  place.text = line.substr(2, at - 2);
  place.line = number_after(line.substr(colon), ":");
  return true;
}

}  // namespace

Rejection read_rejection(std::string_view log) {
  Rejection found;
  bool in_reason = false;
  for (const std::string_view line : lines_of(log)) {
    if (read_place(line, found) || is_noise(line)) {
      in_reason = false;
      continue;
    }
    // "invalid access to packet, ..." is explained by the line behind it.
    found.reason = in_reason ? found.reason + "; " + std::string(line) : std::string(line);
    in_reason = true;
  }
  if (found.reason.empty()) found.reason = kNoReason;
  return found;
}

void read_stats(std::string_view log, ProgramStats& stats) {
  for (const std::string_view line : lines_of(log)) {
    if (line.starts_with("processed ")) stats.processed = number_after(line, "processed ");
    if (line.starts_with("verification time")) stats.verification_us = number_after(line, "verification time ");
    if (!line.starts_with("stack depth")) continue;
    // "stack depth 16+8": the program and its subprograms.
    std::string_view rest = line;
    rest.remove_prefix(std::min(rest.find_first_of("0123456789"), rest.size()));
    stats.stack_bytes = 0;
    while (!rest.empty()) {
      std::uint32_t part = 0;
      const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), part);
      if (error != std::errc{}) break;
      stats.stack_bytes += part;
      rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
      if (!rest.starts_with('+')) break;
      rest.remove_prefix(1);
    }
  }
}

}  // namespace p4bpf::runtime
