#pragma once
#include "libbroker/base/net.h"

namespace kt::net {

class AsioLoop;

/// Net::connect on sockets: resolves in `resolvers`, tries the addresses in turn, calls back once on the
/// loop. Called on the loop's thread.
void connect_socket(AsioLoop& loop, Executor& resolvers, const Endpoint& to, int64_t timeout_ms,
                    Net::Connected connected);

}  // namespace kt::net
