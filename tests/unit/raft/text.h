#pragma once
#include <string>

#include "libbroker/raft/raft.h"

// The core's vocabulary as short lines, for scenarios and traces.
namespace kt::raft {

std::string text_of(const LogEnd& end);  // 3@17: the last record is of epoch 3, the next offset is 17
std::string text_of(const Request& request);
std::string text_of(const Reply& reply);
std::string text_of(const Event& event);
std::string text_of(const Role& role);
std::string text_of(const Ballot& ballot);
std::string text_of(const Append& append);
/// One line for a replica's state.
std::string text_of(const Raft& raft);

}  // namespace kt::raft
