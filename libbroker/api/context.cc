#include "libbroker/api/context.h"

#include <initializer_list>

#include "libbroker/api/broker.h"
#include "libbroker/api/controller_client.h"

namespace kt::api {
namespace {

std::initializer_list<Operation> operations_on(ResourceType type) {
  using enum Operation;
  static constexpr auto topic = {read,  write,    create,           remove,
                                 alter, describe, describe_configs, alter_configs};
  static constexpr auto group = {read, remove, describe, describe_configs, alter_configs};
  static constexpr auto cluster = {create,           alter,         describe,        cluster_action,
                                   describe_configs, alter_configs, idempotent_write};
  static constexpr auto transactional_id = {write, describe};
  switch (type) {
    case ResourceType::topic:
      return topic;
    case ResourceType::group:
      return group;
    case ResourceType::cluster:
      return cluster;
    case ResourceType::transactional_id:
      return transactional_id;
    case ResourceType::delegation_token:
    case ResourceType::user:
      break;
  }
  return {};
}

}  // namespace

Asker RequestContext::asker() const { return {principal, header.client_id, peer.host}; }

bool RequestContext::allowed(Operation operation, ResourceType type, std::string_view name) const {
  return broker.authorizer().allows(principal, peer.host, operation, type, name);
}

int32_t RequestContext::authorized_operations(ResourceType type, std::string_view name) const {
  int32_t bits = 0;
  for (const Operation operation : operations_on(type)) {
    if (allowed(operation, type, name)) bits |= 1 << static_cast<int>(operation);
  }
  return bits;
}

int32_t RequestContext::authorized_cluster_operations() const {
  return allowed_on_cluster(Operation::describe)
             ? authorized_operations(ResourceType::cluster, cluster_resource)
             : 0;
}

bool RequestContext::allowed_on_any(Operation operation, ResourceType type) const {
  return broker.authorizer().allows_on_any(principal, peer.host, operation, type);
}

int32_t RequestContext::charge(QuotaKind kind, int64_t amount) const {
  return broker.quotas().charge(principal, header.client_id, kind, amount);
}

}  // namespace kt::api
