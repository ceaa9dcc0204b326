#include "libbroker/metadata/describe_clients.h"

#include <algorithm>
#include <map>
#include <set>

#include "libbroker/base/result.h"

namespace kt::metadata {
namespace {

using Component = wire::DescribeClientQuotasRequest::ComponentData;
using Credentials = wire::DescribeUserScramCredentialsResponse::DescribeUserScramCredentialsResult;

enum class Match : int8_t { exact = 0, default_entity = 1, any = 2 };

/// Which entities are meant: those with these names (none: the default), and those with any name of these
/// types.
struct Filter {
  std::map<std::string, std::optional<std::string>> exact;
  std::set<std::string> any;
  bool strict = false;  // nothing else may belong to the entity

  bool has(const std::string& type) const { return exact.contains(type) || any.contains(type); }
  bool matches(const QuotaEntity& entity) const {
    if (strict && entity.size() != exact.size() + any.size()) return false;
    const bool has_names = std::ranges::all_of(exact, [&](const auto& wanted) {
      const auto found = entity.find(wanted.first);
      return found != entity.end() && found->second == wanted.second;
    });
    return has_names && std::ranges::all_of(any, [&](const auto& type) { return entity.contains(type); });
  }
};

std::unexpected<Error> refuse(std::string sentence) {
  return fail(ErrorCode::invalid_request, std::move(sentence));
}

Result<void> add(Filter& filter, const Component& component) {
  const std::string& type = component.entity_type;
  if (type.empty()) return refuse("Invalid empty entity type.");
  if (filter.has(type)) return refuse("Entity type " + type + " cannot appear more than once in the filter.");
  if (type != "user" && type != "client-id" && type != "ip")
    return fail(ErrorCode::unsupported_version, "Unsupported entity type " + type);
  switch (static_cast<Match>(component.match_type)) {
    case Match::exact:
      if (!component.match)
        return refuse("Request specified MATCH_TYPE_EXACT, but set match string to null.");
      filter.exact[type] = component.match;
      return {};
    case Match::default_entity:
      if (component.match)
        return refuse("Request specified MATCH_TYPE_DEFAULT, but also specified a match string.");
      filter.exact[type] = std::nullopt;
      return {};
    case Match::any:
      if (component.match)
        return refuse("Request specified MATCH_TYPE_SPECIFIED, but also specified a match string.");
      filter.any.insert(type);
      return {};
  }
  return refuse("Unknown match type " + std::to_string(component.match_type));
}

Result<Filter> filter_of(const wire::DescribeClientQuotasRequest& request) {
  Filter filter;
  filter.strict = request.strict;
  for (const Component& component : request.components) {
    if (auto added = add(filter, component); !added) return fail(std::move(added.error()));
  }
  if (filter.has("ip") && (filter.has("user") || filter.has("client-id")))
    return refuse(
        "Invalid entity filter component combination. IP filter component should not be used with user or "
        "clientId filter component.");
  return filter;
}

/// How often each user is asked for; once everybody who has credentials, where nobody is named.
std::map<std::string, int> asked_for(const Image& image,
                                     const wire::DescribeUserScramCredentialsRequest& request) {
  std::map<std::string, int> users;
  if (request.users && !request.users->empty()) {
    for (const auto& user : *request.users) ++users[user.name];
    return users;
  }
  for (const auto& [user, credential] : image.scram_credentials) users[user.first] = 1;
  return users;
}

Credentials credentials_of(const std::string& user, const Image& image) {
  Credentials found;
  found.user = user;
  found.error_message.reset();
  for (const auto& [owner, credential] : image.scram_credentials) {
    if (owner.first == user) found.credential_infos.push_back({owner.second, credential->iterations});
  }
  if (!found.credential_infos.empty()) return found;
  found.error_code = ErrorCode::resource_not_found;
  found.error_message = "Attempt to describe a user credential that does not exist: " + user;
  return found;
}

}  // namespace

wire::DescribeClientQuotasResponse describe_client_quotas(const Image& image,
                                                          const wire::DescribeClientQuotasRequest& request) {
  wire::DescribeClientQuotasResponse response;
  const auto filter = filter_of(request);
  if (!filter) {
    response.error_code = filter.error().code;
    response.error_message = filter.error().message;
    response.entries.reset();
    return response;
  }
  for (const auto& [entity, values] : image.quotas) {
    if (!filter->matches(entity)) continue;
    auto& entry = response.entries->emplace_back();
    for (const auto& [type, name] : entity) entry.entity.push_back({type, name});
    for (const auto& [key, value] : *values) entry.values.push_back({key, value});
  }
  return response;
}

wire::DescribeUserScramCredentialsResponse describe_scram_credentials(
    const Image& image, const wire::DescribeUserScramCredentialsRequest& request) {
  wire::DescribeUserScramCredentialsResponse response;
  for (const auto& [user, times] : asked_for(image, request)) {
    if (times == 1) {
      response.results.push_back(credentials_of(user, image));
      continue;
    }
    auto& refused = response.results.emplace_back();
    refused.user = user;
    refused.error_code = ErrorCode::duplicate_resource;
    refused.error_message =
        "Cannot describe SCRAM credentials for the same user twice in a single request: " + user;
  }
  return response;
}

}  // namespace kt::metadata
