// What both programs of a comparison hold: the ports of the test, and the same entries, which the test gives to the
// generated program and lines in its own text to the twin.
#pragma once

#include <vector>

#include "base/diagnostics.h"
#include "bench/side.h"
#include "testing/stf.h"

namespace p4bpf::bench {

/// A veth pair for each port that the test names: what a redirect needs to find. This thread must be in a namespace of
/// its own.
Result<Ports> make_ports(const std::vector<testing::stf::Command>& commands);
/// Tells the generated program which interface is which port.
Result<void> bind_ports(Side& generated, const Ports& ports);
/// The commands of the test that fill tables. False, and diagnostics, where one is wrong.
Result<bool> fill_generated(Side& generated, const std::vector<testing::stf::Command>& commands,
                            Diagnostics& diagnostics);
/// The lines `// entry MAP KEY = VALUE` of a twin; a value may be short of zeros at its end.
Result<void> fill_twin(Side& twin, const std::string& text, const Ports& ports);

}  // namespace p4bpf::bench
