#pragma once
#include <sys/types.h>

#include <string>

#include "libbroker/base/result.h"

namespace kt::lab {

/// `kt server FILE --ready-fd ...` as a child that is killed when this thread ends. It prints to `log`,
/// writes a line to `ready` when it serves, and takes orders from `control`, a socket whose other end this
/// process made. Nothing else of this process reaches it but descriptors without FD_CLOEXEC. Errors: one
/// sentence.
struct NodeCommand {
  std::string properties_file;
  std::string log;
  int ready = -1, control = -1;
};
Result<pid_t> start_node(const NodeCommand& command);

}  // namespace kt::lab
