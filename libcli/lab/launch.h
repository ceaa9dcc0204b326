#pragma once
#include <sys/types.h>

#include "libbroker/base/clock.h"
#include "libbroker/base/result.h"
#include "libbroker/net/owned_descriptor.h"
#include "libcli/lab/places.h"
#include "libcli/lab/ports.h"

namespace kt::lab {

/// A lab's supervisor, in a process and a session of its own.
struct Launched {
  pid_t pid = 0;
  net::OwnedDescriptor leash;  // the lab ends when this closes, unless let_go() came before
};

/// Starts it, which starts the nodes; the files are there. No thread runs besides this one. Errors: one
/// sentence; then there is no process.
Result<Launched> launch(Clock& clock, const Spec& spec, const Place& place, ReservedPorts ports,
                        int64_t ttl_ms);
void let_go(const Launched& lab);

}  // namespace kt::lab
