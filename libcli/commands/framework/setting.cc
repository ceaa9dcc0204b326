#include "libcli/commands/framework/setting.h"

#include <array>
#include <utility>

#include "libbroker/base/disk.h"
#include "libcli/commands/argv/given.h"
#include "libcli/commands/argv/java_number.h"
#include "libcli/commands/framework/environment.h"
#include "libcli/commands/framework/syntax.h"
#include "libcli/term/colour.h"

namespace kt::cli {
namespace {

using Failure = std::optional<UsageError>;

constexpr std::array<std::pair<std::string_view, Output>, 8> outputs = {{{"table", Output::table},
                                                                         {"wide", Output::wide},
                                                                         {"json", Output::json},
                                                                         {"ndjson", Output::ndjson},
                                                                         {"yaml", Output::yaml},
                                                                         {"csv", Output::csv},
                                                                         {"tsv", Output::tsv},
                                                                         {"name", Output::name}}};

/// The option if the command line has it, else the variable.
std::optional<std::string> chosen(const Given& given, std::string_view option, std::string_view variable,
                                  const Environment& environment) {
  if (given.has_common(option)) return given.text(option);
  return environment.variable(variable);
}

std::optional<Era> parse_era(std::string_view text) {
  if (text == "modern") return Era::modern;
  if (text == "0.10") return Era::kafka_0_10;
  return std::nullopt;
}

/// A word that only an older Kafka knew was used.
bool has_old_option(const Given& given) {
  for (const OptionSpec* option : given.in_order()) {
    if (option->group == Group::legacy && option->name != "era") return true;
    for (const Alias& alias : option->aliases) {
      if (alias.kind == Alias::Kind::old && alias.name == given.spelling(option->name)) return true;
    }
  }
  return false;
}

/// kafka/bin/kafka-topics.sh -> kafka/.kt-era; none when the program was found along PATH.
std::optional<std::string> era_file_path(const std::string& program_path) {
  const size_t slash = program_path.rfind('/');
  if (slash == std::string::npos) return std::nullopt;
  return program_path.substr(0, slash) + "/../.kt-era";
}

class SettingReader {
 public:
  SettingReader(const Given& given, const Syntax& syntax, const Environment& environment, Setting& setting)
      : given_(given), syntax_(syntax), environment_(environment), setting_(setting) {}

  Failure output() {
    const auto text = chosen(given_, "output", "KT_OUTPUT", environment_);
    const bool asked = given_.has_common("output");
    for (const auto& [name, output] : outputs) {
      if (name != text || !contains_word(syntax_.outputs, name)) continue;
      setting_.output = output;
      return std::nullopt;
    }
    if (!asked) return std::nullopt;  // KT_OUTPUT holds for those commands that offer it
    return UsageError{"There is no output " + *text + ", but: " + std::string(syntax_.outputs),
                      Show::message};
  }

  Failure colour() {
    const std::string text = chosen(given_, "color", "KT_COLOR", environment_).value_or("auto");
    const auto wish = term::parse_colour_wish(text);
    if (!wish) return UsageError{"--color is auto, always or never, not " + text, Show::message};
    const term::ColourVariables variables{environment_.variable("NO_COLOR"),
                                          environment_.variable("CLICOLOR_FORCE"),
                                          environment_.variable("TERM")};
    setting_.out_has_colour = term::use_colour(*wish, variables, environment_.out_is_terminal);
    setting_.err_has_colour = term::use_colour(*wish, variables, environment_.err_is_terminal);
    return std::nullopt;
  }

  Failure era(const std::string& program_path) {
    if (const auto path = era_file_path(program_path)) {
      if (auto file = config::load_properties(environment_.disk, *path)) setting_.era_file = std::move(*file);
    }
    std::optional<std::string> text = chosen(given_, "era", "KT_ERA", environment_);
    if (!text) text = config::find(setting_.era_file, "era");
    if (!text) {
      setting_.era = has_old_option(given_) ? Era::kafka_0_10 : Era::modern;
      return std::nullopt;
    }
    const auto era = parse_era(*text);
    if (!era) return UsageError{"The era is modern or 0.10, not " + *text, Show::message};
    setting_.era = *era;
    return std::nullopt;
  }

 private:
  const Given& given_;
  const Syntax& syntax_;
  const Environment& environment_;
  Setting& setting_;
};

}  // namespace

std::optional<uint32_t> era_number(const Setting& setting, std::string_view key) {
  const auto number = java_integer(config::find(setting.era_file, key).value_or(""));
  return number && *number >= 0 ? std::optional(static_cast<uint32_t>(*number)) : std::nullopt;
}

std::expected<Setting, UsageError> setting_of(const Given& given, const Syntax& syntax, Mode mode,
                                              const std::string& program_path,
                                              const Environment& environment) {
  Setting setting{.mode = mode};
  SettingReader reader(given, syntax, environment, setting);
  Failure failure = reader.era(program_path);
  if (!failure) failure = reader.colour();
  if (!failure && mode == Mode::kt) failure = reader.output();
  if (failure) return std::unexpected(*failure);
  if (mode == Mode::kt) {
    setting.hints = !given.has("quiet") && environment.variable("KT_NO_HINTS").value_or("").empty();
    if (given.has_common("client-property")) {
      setting.client_properties = config::parse_key_values(given.all("client-property"));
    }
  } else {
    setting.hints = false;
  }
  return setting;
}

}  // namespace kt::cli
