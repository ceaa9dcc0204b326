#include "libcli/commands/server/host_name.h"

#include <netdb.h>
#include <unistd.h>

#include <array>
#include <memory>

namespace kt::cli::server {

std::string own_host_name() {
  std::array<char, 256> name = {};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "";
  addrinfo hints = {}, *list = nullptr;
  hints.ai_flags = AI_CANONNAME;
  hints.ai_socktype = SOCK_STREAM;
  if (::getaddrinfo(name.data(), nullptr, &hints, &list) != 0) return "";
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, ::freeaddrinfo);
  return list->ai_canonname ? list->ai_canonname : name.data();
}

void name_hosts(metadata::BrokerConfig& config, const std::string& own_name) {
  if (config.is_quorum_of_one()) return;
  for (auto* endpoints : {&config.advertised_listeners, &config.controller_advertised_listeners})
    for (metadata::Endpoint& at : *endpoints)
      if (at.host.empty()) at.host = own_name;
}

}  // namespace kt::cli::server
