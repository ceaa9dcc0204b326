#include "libcli/term/colour.h"

namespace kt::term {

std::optional<ColourWish> parse_colour_wish(std::string_view text) {
  if (text == "auto") return ColourWish::automatic;
  if (text == "always") return ColourWish::always;
  if (text == "never") return ColourWish::never;
  return std::nullopt;
}

bool use_colour(ColourWish wish, const ColourVariables& variables, bool is_terminal) {
  if (wish != ColourWish::automatic) return wish == ColourWish::always;
  if (!variables.no_color.value_or("").empty()) return false;
  const std::string force = variables.clicolor_force.value_or("");
  if (!force.empty() && force != "0") return true;
  return is_terminal && variables.term != "dumb";
}

std::string Paint::wrap(std::string_view code, std::string_view text) const {
  if (!on_) return std::string(text);
  return std::string("\x1b[").append(code).append("m").append(text).append("\x1b[0m");
}

}  // namespace kt::term
