// Takes out what cannot run and what nobody reads.
//
// Before:                              After:
//   tmp = hdr.ip.ttl;                    hdr.ip.ttl = hdr.ip.ttl - 8w1;
//   hdr.ip.ttl = hdr.ip.ttl - 8w1;       (tmp is never read, nor is meta.seen)
//   meta.seen = true;
//   return: {                            if (hdr.ip.ttl == 8w0) {
//     if (hdr.ip.ttl == 8w0) {             drop();
//       drop();                          }
//       leave return;                    pass();
//     }
//     leave return;
//   }
//   pass();
//
// Unreachable: what stands behind a Leave, Reject, Verdict or endless Loop; parser states that nothing leads to.
// Shapes: empty Ifs, Switches and Regions, a Leave that leads where control would go anyway, a Region that nothing
// leaves. Unread: assignments, setValid, setInvalid and header copies whose target is not live. Liveness runs backwards
// over the structured statements and the parser's graph of states, in the strong form: what only a dead assignment
// reads is dead itself. Table applications, extern calls and extractions stay, whatever becomes of their results.
#pragma once

#include "ir/passes/pass.h"

namespace p4bpf::ir {

void remove_dead_code(Program& program, PassContext& context);

}  // namespace p4bpf::ir
