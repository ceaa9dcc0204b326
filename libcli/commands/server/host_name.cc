#include "libcli/commands/server/host_name.h"

#include <netdb.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <optional>

#include "libbroker/base/logger.h"

namespace kt::cli::server {

std::string own_host_name() {
  std::array<char, 256> name = {};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "";
  addrinfo hints = {}, *list = nullptr;
  hints.ai_flags = AI_CANONNAME;
  hints.ai_socktype = SOCK_STREAM;
  if (::getaddrinfo(name.data(), nullptr, &hints, &list) != 0) {
    log_warn(
        "KafkaServer",
        "{}, the name of this machine, has no address: set advertised.listeners, or others will not find it",
        name.data());
    return "";
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, ::freeaddrinfo);
  return list->ai_canonname ? list->ai_canonname : name.data();
}

void name_hosts(metadata::BrokerConfig& config, const std::function<std::string()>& own_name) {
  if (config.is_quorum_of_one()) return;
  std::optional<std::string> name;
  for (auto* endpoints : {&config.advertised_listeners, &config.controller_advertised_listeners})
    for (metadata::Endpoint& at : *endpoints)
      if (at.host.empty()) at.host = name ? *name : name.emplace(own_name());
}

}  // namespace kt::cli::server
