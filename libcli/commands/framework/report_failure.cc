#include "libcli/commands/framework/report_failure.h"

#include <nlohmann/json.hpp>
#include <ostream>

#include "libbroker/metadata/config_def.h"
#include "libcli/term/colour.h"
#include "libcli/term/report.h"

namespace kt::cli {

namespace {

/// The topic config that may have been meant, when the cluster says that it does not know one.
std::vector<std::string> meant_by(const Error& error) {
  constexpr std::string_view unknown = "Unknown topic config name: ";
  const std::string_view message = error.message;
  if (error.code != ErrorCode::invalid_config || !message.starts_with(unknown)) return {};
  const std::string_view nearest = metadata::topic_configs().nearest(message.substr(unknown.size()));
  return nearest.empty() ? std::vector<std::string>() : std::vector{std::string(nearest)};
}

}  // namespace

Exit exit_for(ErrorCode code) {
  using enum ErrorCode;
  switch (code) {
    case none:
      return Exit::done;
    case network_exception:
    case broker_not_available:
      return Exit::unreachable;
    case unknown_topic_or_partition:
    case unknown_topic_id:
    case group_id_not_found:
    case resource_not_found:
      return Exit::not_found;
    case topic_authorization_failed:
    case group_authorization_failed:
    case cluster_authorization_failed:
    case sasl_authentication_failed:
      return Exit::denied;
    case request_timed_out:
      return Exit::timed_out;
    case invalid_config:
      return Exit::usage;
    default:
      return Exit::failed;
  }
}

Exit report_failure(const Error& error, const FailureStyle& style, Streams& streams) {
  const std::string message = error.message.empty() ? std::string(text_of(error.code)) : error.message;
  if (style.setting.mode == Mode::script) {
    (style.script == FailureStyle::Script::message_on_out ? streams.out : streams.err)
        << style.script_prefix << message << '\n';
    return style.script_exit;
  }
  const term::Failure failure{message, error.code, meant_by(error)};
  if (style.setting.output == Output::json) {
    term::print_document(streams.out, style.command, nlohmann::ordered_json::array(), {failure});
  } else {
    term::print_failure(streams.err, failure, term::Paint(style.setting.err_has_colour));
  }
  return exit_for(error.code);
}

}  // namespace kt::cli
