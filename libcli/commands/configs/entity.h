#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kt::cli {
class Given;
}

namespace kt::cli::configs {

/// The kinds of things that have configs, as Kafka's tool names them, in its order.
inline constexpr std::array<std::string_view, 8> entity_types = {
    "topics", "clients", "users", "brokers", "ips", "client-metrics", "groups", "broker-loggers"};

/// Something that has configs. Of two, one is of users and one of clients.
struct Entity {
  std::string type;
  std::optional<std::string> name;  // none: all of the type; empty: the default one
  bool operator==(const Entity&) const = default;
};

/// What the entity options say, types and names in the order in which Kafka's tool pairs them.
struct EntityOptions {
  std::vector<std::string> types;
  std::vector<std::string> names;  // empty text: the default entity
  bool by_type = false;            // --entity-type, --entity-name or --entity-default was used
  bool by_flag = false;            // --topic, --user-defaults or the like
  bool has_name() const;
  bool has_default() const;
  bool has_type(std::string_view type) const;
};
EntityOptions read_entities(const Given& given);

}  // namespace kt::cli::configs
