#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace kt::api {

/// What someone wants to do, with Kafka's ACL codes (AclOperation), which also number the bits of authorized
/// operations.
enum class Operation : int8_t {
  read = 3,
  write = 4,
  create = 5,
  remove = 6,  // DELETE
  alter = 7,
  describe = 8,
  cluster_action = 9,
  describe_configs = 10,
  alter_configs = 11,
  idempotent_write = 12,
};

/// To what, with Kafka's codes (ResourceType).
enum class ResourceType : int8_t {
  topic = 2,
  group = 3,
  cluster = 4,
  transactional_id = 5,
  delegation_token = 6,
  user = 7
};

inline constexpr std::string_view cluster_resource = "kafka-cluster";

/// Who may do what. One for the whole broker; called on any loop.
class Authorizer {
 public:
  virtual ~Authorizer() = default;
  /// Whether ACLs exist at all; without them the ACL APIs answer SECURITY_DISABLED.
  virtual bool is_enabled() const = 0;
  virtual bool allows(std::string_view principal, std::string_view host, Operation operation,
                      ResourceType type, std::string_view name) const = 0;
  /// Whether there is any resource of the type on which the operation is allowed (KIP-679).
  virtual bool allows_on_any(std::string_view principal, std::string_view host, Operation operation,
                             ResourceType type) const = 0;
};

/// The broker without an authorizer: everything is allowed.
class AllowAll final : public Authorizer {
 public:
  bool is_enabled() const override { return false; }
  bool allows(std::string_view, std::string_view, Operation, ResourceType, std::string_view) const override {
    return true;
  }
  bool allows_on_any(std::string_view, std::string_view, Operation, ResourceType) const override {
    return true;
  }
};

}  // namespace kt::api
