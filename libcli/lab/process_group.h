#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

namespace kt::lab {

/// The command lines of the processes in a group, but for the one that it is named after, in the order of
/// their ids. What ends meanwhile is left out; empty where the system does not tell.
std::vector<std::string> running_in(pid_t group);

}  // namespace kt::lab
