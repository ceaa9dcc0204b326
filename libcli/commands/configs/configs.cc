#include "libcli/commands/configs/configs.h"

#include <fmt/core.h>
#include <netdb.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "libbroker/api/topic_creation.h"
#include "libcli/commands/argv/java_number.h"
#include "libcli/commands/configs/quotas.h"
#include "libcli/commands/configs/resource_configs.h"
#include "libcli/commands/framework/report_failure.h"
#include "libcli/term/report.h"
#include "libcli/term/text.h"

namespace kt::cli::configs {
namespace {

using nlohmann::ordered_json;

/// "topic", "client-metric": Kafka's tool drops a type's last letter.
std::string_view singular(const std::string& type) {
  return std::string_view(type).substr(0, type.size() - 1);
}

ordered_json entities_json(const std::vector<Entity>& entities) {
  ordered_json array = ordered_json::array();
  for (const Entity& entity : entities) {
    const bool is_default = entity.name.value_or("").empty();
    array.push_back(
        {{"type", entity.type}, {"name", is_default ? ordered_json() : ordered_json(*entity.name)}});
  }
  return array;
}

ordered_json json_of(const std::optional<std::string>& text) {
  return text ? ordered_json(*text) : ordered_json();
}

ordered_json json_of(const ConfigEntry& entry) {
  ordered_json synonyms = ordered_json::array();
  for (const auto& s : entry.synonyms)
    synonyms.push_back({{"source", source_name(s.source)}, {"name", s.name}, {"value", json_of(s.value)}});
  return {{"name", entry.name},
          {"value", json_of(entry.value)},
          {"source", source_name(entry.config_source)},
          {"sensitive", entry.is_sensitive},
          {"read_only", entry.read_only},
          {"synonyms", synonyms}};
}

/// A quota or a credential, in the same fields.
ordered_json plain_config_json(const std::string& name, const std::string& value) {
  return {{"name", name},       {"value", value},     {"source", nullptr},
          {"sensitive", false}, {"read_only", false}, {"synonyms", ordered_json::array()}};
}

/// "name=value sensitive=false synonyms={DEFAULT_CONFIG:name=value}"
std::string text_of(const ConfigEntry& entry) {
  std::vector<std::string> synonyms;
  for (const auto& s : entry.synonyms)
    synonyms.push_back(fmt::format("{}:{}={}", source_name(s.source), s.name, s.value.value_or("null")));
  return fmt::format("{}={} sensitive={} synonyms={{{}}}", entry.name, entry.value.value_or("null"),
                     entry.is_sensitive, term::join(synonyms, ", "));
}

/// "user-principal 'alice', the default client-id"
std::string text_of(const std::vector<Entity>& entities) {
  std::vector<std::string> parts;
  for (const Entity& entity : entities) {
    const std::string kind = entity.type == "users"     ? "user-principal"
                             : entity.type == "clients" ? "client-id"
                                                        : "ip";
    const std::string name = entity.name.value_or("");
    parts.push_back(name.empty() ? "the default " + kind : kind + " '" + name + "'");
  }
  return term::join(parts, ", ");
}

bool is_limited_by_quotas(const std::string& type) {
  return type == "users" || type == "clients" || type == "ips";
}

/// One call of the tool, against one cluster.
class Tool {
 public:
  Tool(const Options& options, Session& session, Streams& streams)
      : options_(options),
        type_(options.entities.front().type),
        session_(session),
        resources_(session, options.connection.through == Connection::Through::controllers),
        streams_(streams) {}

  Result<void> carry_out() {
    const bool by_quotas = is_limited_by_quotas(type_);
    if (options_.action == Action::alter) return by_quotas ? alter_quotas() : alter_resource();
    auto done = by_quotas ? describe_quotas() : describe_resources();
    if (done && as_json()) term::print_document(streams_.out, "configs.describe", items_, {});
    return done;
  }

  /// Whether what failed is the tool's own refusal, of which Kafka's tool says only the sentence.
  bool has_refused() const { return has_refused_; }

 private:
  bool as_json() const { return options_.setting.output == Output::json; }

  std::unexpected<Error> refuse(ErrorCode code, std::string sentence) {
    has_refused_ = true;
    return fail(code, std::move(sentence));
  }

  std::optional<std::string> wrong_topic_name(const std::string& name) const {
    return type_ == "topics" ? api::invalid_topic_name(name) : std::nullopt;
  }

  void completed() {
    if (as_json()) {
      items_.push_back({{"entities", entities_json(options_.entities)}});
      return term::print_document(streams_.out, "configs.alter", items_, {});
    }
    const std::string name = options_.entities.front().name.value_or("");
    if (name.empty())
      streams_.out << "Completed updating default config for " << type_ << " in the cluster.\n";
    else
      streams_.out << "Completed updating config for " << singular(type_) << ' ' << name << ".\n";
  }

  /// Only what is set can be removed.
  template <class IsSet>
  Result<void> check_removals(const std::vector<std::string>& remove, IsSet is_set) {
    std::vector<std::string> invalid;
    std::ranges::copy_if(remove, std::back_inserter(invalid), [&](const auto& key) { return !is_set(key); });
    if (invalid.empty()) return {};
    return refuse(ErrorCode::resource_not_found, "Invalid config(s): " + term::join(invalid, ","));
  }

  Result<void> describe_resources() {
    const auto& wanted = options_.entities.front().name;
    if (wanted) {
      if (const auto wrong = wrong_topic_name(*wanted))
        return refuse(ErrorCode::invalid_topic_exception, *wrong);
      const auto is_known = options_.all ? Result<bool>(true) : resources_.is_known(type_, *wanted);
      if (!is_known) return fail(is_known.error());
      return *is_known ? describe_resource(*wanted) : unknown(*wanted);
    }
    const auto names = resources_.names(type_);
    if (!names) return fail(names.error());
    for (const std::string& name : *names) {
      if (auto done = describe_resource(name); !done) return done;
    }
    return {};
  }

  /// No error for Kafka's tool.
  Result<void> unknown(const std::string& name) {
    std::string sentence =
        fmt::format("The {} '{}' doesn't exist and doesn't have dynamic config.", singular(type_), name);
    if (options_.setting.mode == Mode::kt) return fail(ErrorCode::resource_not_found, std::move(sentence));
    streams_.out << sentence << '\n';
    return {};
  }

  Result<void> describe_resource(const std::string& name) {
    const auto heading = name.empty()
                             ? fmt::format("Default configs for {} in the cluster are:", type_)
                             : fmt::format("{} configs for {} {} are:", options_.all ? "All" : "Dynamic",
                                           singular(type_), name);
    if (!as_json()) streams_.out << heading << '\n';
    const auto entries = resources_.describe(type_, name, options_.all);
    if (!entries) return fail(entries.error());
    ordered_json configs = ordered_json::array();
    for (const ConfigEntry& entry : *entries) {
      if (as_json())
        configs.push_back(json_of(entry));
      else
        streams_.out << "  " << text_of(entry) << '\n';
    }
    items_.push_back({{"entities", entities_json({{type_, name}})}, {"configs", configs}});
    return {};
  }

  Result<void> alter_resource() {
    const std::string name = options_.entities.front().name.value_or("");
    if (const auto wrong = wrong_topic_name(name)) return refuse(ErrorCode::invalid_topic_exception, *wrong);
    const auto set_now = resources_.describe(type_, name, false);
    if (!set_now) return fail(set_now.error());
    const auto is_set = [&](const std::string& key) {
      return std::ranges::find(*set_now, key, &ConfigEntry::name) != set_now->end();
    };
    if (type_ == "broker-loggers") {
      if (auto done = check_loggers(is_set); !done) return done;
    } else if (auto done = check_removals(options_.changes.remove, is_set); !done) {
      return done;
    }
    if (auto done = resources_.alter(type_, name, options_.changes); !done) return done;
    completed();
    return {};
  }

  template <class Exists>
  Result<void> check_loggers(Exists exists) {
    std::vector<std::string> invalid = options_.changes.remove;
    for (const auto& [logger, level] : options_.changes.set) invalid.push_back(logger);
    std::erase_if(invalid, exists);
    if (invalid.empty()) return {};
    return refuse(ErrorCode::resource_not_found, "Invalid broker logger(s): " + term::join(invalid, ","));
  }

  Result<void> describe_quotas() {
    const auto quotas = configs::describe_quotas(session_, options_.entities);
    if (!quotas) return fail(quotas.error());
    for (const Quota& quota : *quotas) {
      std::vector<std::string> texts;
      ordered_json values = ordered_json::array();
      for (const auto& [key, value] : quota.values) {
        texts.push_back(key + "=" + java_double_text(value));
        values.push_back(plain_config_json(key, java_double_text(value)));
      }
      items_.push_back({{"entities", entities_json(quota.entities)}, {"configs", values}});
      if (as_json()) continue;
      streams_.out << "Quota configs for " << text_of(quota.entities) << " are " << term::join(texts, ", ")
                   << '\n';
    }
    return describe_credentials();
  }

  /// Users by themselves may have credentials, clients and the default user have none.
  Result<void> describe_credentials() {
    const Entity& user = options_.entities.front();
    const bool is_default = user.name && user.name->empty();
    if (options_.entities.size() != 1 || user.type != "users" || is_default) return {};
    const auto found = configs::describe_credentials(session_, user.name);
    if (!found) return fail(found.error());
    for (const Credentials& credentials : *found) {
      std::vector<std::string> texts;
      ordered_json values = ordered_json::array();
      for (const auto& [mechanism, iterations] : credentials.mechanisms) {
        const std::string value = fmt::format("iterations={}", iterations);
        texts.push_back(mechanism + "=" + value);
        values.push_back(plain_config_json(mechanism, value));
      }
      items_.push_back({{"entities", entities_json({{"users", credentials.user}})}, {"configs", values}});
      if (as_json()) continue;
      streams_.out << "SCRAM credential configs for user-principal '" << credentials.user << "' are "
                   << term::join(texts, ", ") << '\n';
    }
    return {};
  }

  Result<void> alter_quotas() {
    const auto set_now = configs::describe_quotas(session_, options_.entities);
    if (!set_now) return fail(set_now.error());
    const auto is_set = [&](const std::string& key) {
      return !set_now->empty() && set_now->front().values.contains(key);
    };
    if (auto done = check_removals(options_.changes.remove_quotas, is_set); !done) return done;
    if (auto done = configs::alter_quotas(session_, options_.entities, options_.changes); !done) return done;
    completed();
    return {};
  }

  const Options& options_;
  const std::string& type_;
  Session& session_;
  ResourceConfigs resources_;
  Streams& streams_;
  ordered_json items_ = ordered_json::array();
  bool has_refused_ = false;
};

bool is_resolvable(const std::string& host) {
  addrinfo* found = nullptr;
  const bool is = getaddrinfo(host.c_str(), nullptr, nullptr, &found) == 0;
  if (is) freeaddrinfo(found);
  return is;
}

/// What Kafka's tool finds wrong before it connects, and the parser cannot know.
std::optional<std::string> refusal_of(const Options& options) {
  for (const Entity& entity : options.entities) {
    const std::string name = entity.name.value_or("");
    if (entity.type == "ips" && !name.empty() && !is_resolvable(name))
      return "The entity name for ips must be a valid IP or resolvable host, but it is: " + name;
  }
  const Changes& changes = options.changes;
  if (!changes.set_credentials.empty() || !changes.remove_credentials.empty())
    return "SCRAM credentials cannot be changed by this build of kt";
  return std::nullopt;
}

}  // namespace

constinit const Command command{syntax, parse_and_run<parse, run>};

std::expected<Exit, UsageError> run(const Options& options, Environment& environment, Streams& streams) {
  if (auto refusal = refusal_of(options))
    return std::unexpected(UsageError{std::move(*refusal), Show::message});
  const std::string prefix =
      fmt::format("Error while executing config command with args '{}'\n", options.words);
  FailureStyle style{options.setting, "configs", prefix};
  auto session = Session::open(options.connection, environment, "kt-configs");
  if (!session) return report_failure(session.error(), style, streams);
  Tool tool(options, **session, streams);
  const auto done = tool.carry_out();
  if (done) return Exit::done;
  if (tool.has_refused()) style.script_prefix = {};
  return report_failure(done.error(), style, streams);
}

}  // namespace kt::cli::configs
