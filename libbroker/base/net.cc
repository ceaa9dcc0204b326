#include "libbroker/base/net.h"

#include <fmt/core.h>

namespace kt {

std::string Endpoint::text() const {
  const bool is_v6 = host.find(':') != host.npos;
  return is_v6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

}  // namespace kt
