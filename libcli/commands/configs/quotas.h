#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libcli/commands/configs/changes.h"
#include "libcli/commands/configs/entity.h"
#include "libcli/commands/framework/session.h"

namespace kt::cli::configs {

/// What limits some entities together: a user and a client, say.
struct Quota {
  std::vector<Entity> entities;  // users, clients, ips; an empty name is the default one
  std::map<std::string, double> values;
};

/// SCRAM credentials that a user has: mechanism and iterations.
struct Credentials {
  std::string user;
  std::vector<std::pair<std::string, int32_t>> mechanisms;
};

/// The quotas that are set for exactly these types of entities (KIP-546).
Result<std::vector<Quota>> describe_quotas(Session& session, const std::vector<Entity>& entities);
Result<void> alter_quotas(Session& session, const std::vector<Entity>& entities, const Changes& changes);
/// Of one user, or of all; those that have none are left out (KIP-554).
Result<std::vector<Credentials>> describe_credentials(Session& session,
                                                      const std::optional<std::string>& user);

}  // namespace kt::cli::configs
