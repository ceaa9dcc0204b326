#include "libcli/term/report.h"

#include <nlohmann/json.hpp>
#include <ostream>

#include "libcli/term/colour.h"
#include "libcli/term/text.h"

namespace kt::term {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Failure& failure) {
  Json object = {{"message", failure.message}};
  if (failure.code != ErrorCode::none) {
    object["name"] = name_of(failure.code);
    object["code"] = static_cast<int16_t>(failure.code);
    object["retriable"] = is_retriable(failure.code);
  }
  if (!failure.did_you_mean.empty()) object["did_you_mean"] = failure.did_you_mean;
  if (!failure.try_this.empty()) object["try"] = failure.try_this;
  return object;
}

}  // namespace

void print_failure(std::ostream& err, const Failure& failure, const Paint& paint) {
  const bool from_broker = failure.code != ErrorCode::none;
  const std::string number = std::to_string(static_cast<int16_t>(failure.code));
  err << paint.error("error:") << ' ' << failure.message;
  if (from_broker) err << " (" << name_of(failure.code) << ", " << number << ')';
  err << '\n';
  if (!failure.did_you_mean.empty()) err << "  did you mean: " << join(failure.did_you_mean, ", ") << '\n';
  if (!failure.try_this.empty()) err << "  " << paint.hint("try: " + failure.try_this) << '\n';
}

void print_document(std::ostream& out, std::string_view command, const nlohmann::ordered_json& items,
                    const std::vector<Failure>& failures) {
  Json errors = Json::array();
  for (const Failure& failure : failures) errors.push_back(to_json(failure));
  const Json document = {{"kt", {{"command", command}, {"schema", json_schema}}},
                         {"items", items},
                         {"errors", std::move(errors)}};
  out << document.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace kt::term
