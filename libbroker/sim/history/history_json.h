#pragma once
#include <iosfwd>
#include <string>
#include <string_view>

#include "libbroker/base/result.h"
#include "libbroker/sim/history/history.h"

namespace kt::sim {

/// One line of a history file, without its newline; README.md has the grammar.
std::string to_json(const Op& op);
/// Errors: invalid_request, with what is wrong with the line.
Result<Op> op_from_json(std::string_view line);
/// All the lines there are. Errors: invalid_request, naming the line.
Result<History> read_history(std::istream& in);

}  // namespace kt::sim
