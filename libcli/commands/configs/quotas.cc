#include "libcli/commands/configs/quotas.h"

#include <algorithm>

#include "libbroker/wire/48_describe_client_quotas.h"
#include "libbroker/wire/49_alter_client_quotas.h"
#include "libbroker/wire/50_describe_user_scram_credentials.h"

namespace kt::cli::configs {
namespace {

/// How a filter picks entities of a type (KIP-546).
enum class Match : int8_t { exact = 0, default_entity = 1, any = 2 };

struct Kind {
  std::string_view type;   // of the tool
  std::string_view quota;  // of the protocol
};
/// In the order in which the tool names them.
constexpr Kind kinds[] = {{"users", "user"}, {"clients", "client-id"}, {"ips", "ip"}};

std::string quota_type(const std::string& type) {
  return std::string(std::ranges::find(kinds, type, &Kind::type)->quota);
}

Quota quota_of(const wire::DescribeClientQuotasResponse::EntryData& entry) {
  Quota quota;
  for (const Kind& kind : kinds) {
    for (const auto& part : entry.entity) {
      if (part.entity_type == kind.quota)
        quota.entities.push_back({std::string(kind.type), part.entity_name.value_or("")});
    }
  }
  for (const auto& value : entry.values) quota.values[value.key] = value.value;
  return quota;
}

std::string mechanism_name(int8_t mechanism) {
  constexpr int8_t sha_256 = 1, sha_512 = 2;
  return mechanism == sha_256 ? "SCRAM-SHA-256" : mechanism == sha_512 ? "SCRAM-SHA-512" : "UNKNOWN";
}

}  // namespace

Result<std::vector<Quota>> describe_quotas(Session& session, const std::vector<Entity>& entities) {
  wire::DescribeClientQuotasRequest request;
  request.strict = true;
  for (const Entity& entity : entities) {
    auto& component = request.components.emplace_back();
    component.entity_type = quota_type(entity.type);
    const Match match = !entity.name           ? Match::any
                        : entity.name->empty() ? Match::default_entity
                                               : Match::exact;
    component.match_type = static_cast<int8_t>(match);
    component.match = match == Match::exact ? entity.name : std::nullopt;
  }
  auto response = session.ask<wire::DescribeClientQuotasResponse>(client::Target::any(), std::move(request));
  if (!response) return fail(std::move(response.error()));
  if (response->error_code != ErrorCode::none)
    return fail(response->error_code, response->error_message.value_or(""));
  std::vector<Quota> quotas;
  if (response->entries) std::ranges::transform(*response->entries, std::back_inserter(quotas), quota_of);
  return quotas;
}

Result<void> alter_quotas(Session& session, const std::vector<Entity>& entities, const Changes& changes) {
  wire::AlterClientQuotasRequest request;
  auto& entry = request.entries.emplace_back();
  for (const Entity& entity : entities) {
    const bool is_default = entity.name.value_or("").empty();
    entry.entity.push_back({quota_type(entity.type), is_default ? std::nullopt : entity.name});
  }
  for (const auto& [key, value] : changes.set_quotas) entry.ops.push_back({key, value, false});
  for (const std::string& key : changes.remove_quotas) entry.ops.push_back({key, 0, true});
  auto response = session.ask<wire::AlterClientQuotasResponse>(client::Target::any(), std::move(request));
  if (!response) return fail(std::move(response.error()));
  for (const auto& result : response->entries) {
    if (result.error_code != ErrorCode::none)
      return fail(result.error_code, result.error_message.value_or(""));
  }
  return {};
}

Result<std::vector<Credentials>> describe_credentials(Session& session,
                                                      const std::optional<std::string>& user) {
  wire::DescribeUserScramCredentialsRequest request;
  if (user) request.users->push_back({*user});
  auto response =
      session.ask<wire::DescribeUserScramCredentialsResponse>(client::Target::any(), std::move(request));
  if (!response) return fail(std::move(response.error()));
  if (response->error_code != ErrorCode::none)
    return fail(response->error_code, response->error_message.value_or(""));
  std::vector<Credentials> found;
  for (const auto& result : response->results) {
    if (result.error_code == ErrorCode::resource_not_found) continue;
    if (result.error_code != ErrorCode::none)
      return fail(result.error_code, result.error_message.value_or(""));
    auto& credentials = found.emplace_back(Credentials{.user = result.user, .mechanisms = {}});
    for (const auto& info : result.credential_infos)
      credentials.mechanisms.emplace_back(mechanism_name(info.mechanism), info.iterations);
  }
  return found;
}

}  // namespace kt::cli::configs
