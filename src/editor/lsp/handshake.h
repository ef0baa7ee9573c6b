// What client and server tell each other before they work: what the server can do, and what the client wants of it.
#pragma once

#include <string>
#include <string_view>

#include "editor/lsp/workspace.h"

namespace p4bpf::editor {

/// The JSON text of the `capabilities` in the answer to `initialize`.
std::string capabilities(Encoding encoding);

/// From the JSON text of the parameters of `initialize`: UTF-8 if the client can, else UTF-16 as the protocol has it.
Encoding encoding_for(std::string_view initialize);
/// From the same: the uri of the folder that the client works in; empty if it says none.
std::string root_uri_in(std::string_view initialize);

/// `{includePaths, defines, undefines, formatWidth}` as JSON text, or that under `p4bpf`; what is missing or has
/// another type is as if it were not said. Relative folders start at `root`, or where the server was started if that is
/// empty.
Configuration configuration_of(std::string_view settings, const std::string& root);

}  // namespace p4bpf::editor
